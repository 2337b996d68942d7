"""The table of the default cache: how often somebody tried to log in, counted where it also counts without Valkey.

What `createcachetable` would make. Unlogged: these counts last minutes, and need not outlive a crash of the database.
"""

from django.db import migrations

MAKE = """
CREATE UNLOGGED TABLE core_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX core_cache_expires ON core_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_audit_append_only")]
    operations = [migrations.RunSQL(MAKE, "DROP TABLE core_cache")]
