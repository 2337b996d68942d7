"""The audit log only grows: the database refuses to change or delete its rows, whoever asks.

Two things may become empty: links to rows that were deleted, and what says who a forgotten person was.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION core_auditentry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    emptied core_auditentry%ROWTYPE := OLD;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.organization_id IS NULL THEN emptied.organization_id := NULL; END IF;
        IF NEW.workspace_id IS NULL THEN emptied.workspace_id := NULL; END IF;
        IF NEW.actor_id IS NULL THEN emptied.actor_id := NULL; END IF;
        IF NEW.actor_label = '' THEN emptied.actor_label := ''; END IF;
        IF NEW.target_label = '' THEN emptied.target_label := ''; END IF;
        IF NEW.client_address IS NULL THEN emptied.client_address := NULL; END IF;
        IF NEW IS NOT DISTINCT FROM emptied THEN RETURN NEW; END IF;
    END IF;
    RAISE EXCEPTION 'The audit log only grows.' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER core_auditentry_only_grows BEFORE UPDATE OR DELETE ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION core_auditentry_refuse();
"""
ALLOW = """
DROP TRIGGER core_auditentry_only_grows ON core_auditentry;
DROP FUNCTION core_auditentry_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
