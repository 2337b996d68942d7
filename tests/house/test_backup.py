"""The pages on backup, restore and lost keys, followed as they stand: what they promise is there afterwards."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path
from textwrap import dedent

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections
from django.urls import reverse
from pytest_django.asserts import assertContains

from apps.accounts.services.organizations import pause_organization, resume_organization
from apps.content import publishing, services, tasks
from apps.content.catalog import Hold, Status
from apps.content.models import Publication
from apps.core import doctor
from apps.media.models import Asset
from apps.social.models import Channel, ConnectState
from tests import factories
from tests.content.networks import OnRecorder
from tests.social.test_connecting import connect_pages

from .conftest import CHECKOUT

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = (CHECKOUT / "docs/operations/backup.md").read_text()
FILL = re.search(r"^ *(pg_restore .*)$", PAGE, re.MULTILINE)[1]
BACKUP, *RESTORE = [dedent(block) for block in re.findall(r"^ *```sh\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)]
MANAGE = f'manage.py() {{ (cd {CHECKOUT} && "{sys.executable}" manage.py "$@") }}\n'


@pytest.fixture
def operator(own_postgres, settings, tmp_path):
    """`operator(commands)` runs them in the folder of the backups, as a shell reads them."""
    settings.MEDIA_ROOT = tmp_path / "media"
    folder = tmp_path / "backups"
    folder.mkdir()
    environment = os.environ | {
        "DATABASE_URL": own_postgres.url,
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "PATH": os.pathsep.join([str(own_postgres.programs.postgres), os.environ["PATH"]]),
    }

    def run(commands: str) -> None:
        connections.close_all()
        words = ["bash", "-euo", "pipefail", "-c", MANAGE + commands]
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    return run


def destroy(media: Path) -> None:
    """The pictures are gone; the database is wrecked, and a later version has been at it."""
    shutil.rmtree(media)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE later_thing (post_id uuid REFERENCES content_post)")
        cursor.execute("TRUNCATE accounts_user, accounts_organization CASCADE")
        cursor.execute("DROP TABLE content_attempt CASCADE")


def everything() -> dict[str, object]:
    """Rows of every table, bytes of every picture, what opens under the keys, and what the doctor says of them."""
    found: dict[str, object] = {model._meta.label: model.objects.count() for model in apps.get_models()}
    found["pictures"] = {asset.pk: Path(asset.file.path).read_bytes() for asset in Asset.objects.all()}
    found["credentials"] = {channel.pk: channel.credentials for channel in Channel.objects.all()}
    found["secrets"] = secrets()
    return found


def secrets() -> list[str]:
    return [finding.problem for report in doctor.examine() if report.name == "secrets" for finding in report.findings]


def test_the_page_brings_everything_back(operator, settings, tmp_path):
    owner = factories.make_user(email="owner@example.com")
    factories.make_organization(owner=owner, plan="pro")
    call_command("demo", email=owner.email, seconds=0, picture=tmp_path / "demo.png", stdout=StringIO())
    operator(BACKUP)
    before = everything()
    assert (len(before["pictures"]), len(before["credentials"]), before["secrets"]) == (1, 1, [])

    destroy(Path(settings.MEDIA_ROOT))
    for commands in RESTORE:
        operator(commands)
    assert everything() == before
    assert "later_thing" not in connection.introspection.table_names()


def test_the_dump_fills_a_new_database_too(operator, settings):
    """PostgreSQL itself compares: what it dumps of the one is what it dumps of the other."""
    factories.make_due(text="Soup of the day")
    Path(settings.MEDIA_ROOT).mkdir()
    operator(BACKUP)
    operator(f"""
        old=$DATABASE_URL DATABASE_URL=${{DATABASE_URL%/*}}/new
        psql "$old" --command='CREATE DATABASE new'
        {FILL}
        manage.py prepare
        for database in "$old" "$DATABASE_URL"; do
            pg_dump --no-owner --restrict-key=same "$database" >"${{database##*/}}.sql"
        done
        grep --quiet 'Soup of the day' new.sql
        diff "${{old##*/}}.sql" new.sql
    """)


def test_what_went_out_after_the_dump_waits_for_people_under_the_brake(operator, recorder, settings):
    channel = OnRecorder(recorder, key_seconds=None).make_channel()
    publication = factories.make_due(channels=[channel], text="Soup of the day")
    Path(settings.MEDIA_ROOT).mkdir()
    operator(BACKUP)
    publishing.publish(publication.pk)
    for commands in RESTORE:
        operator(commands)
    assert Publication.objects.get().status == Status.QUEUED

    organization, owner = channel.workspace.organization, factories.make_user()
    pause_organization(actor=owner, organization=organization)
    tasks.publish_due()
    publishing.publish(publication.pk)
    restored = Publication.objects.select_related("post").get()
    assert (restored.status, restored.hold_reason) == (Status.QUEUED, Hold.ORGANIZATION_PAUSED)

    services.unschedule_post(post=restored.post)
    resume_organization(actor=owner, organization=organization)
    publishing.publish(publication.pk)
    assert [post["text"] for post in recorder.posts(channel.account_id.partition("@")[0])] == ["Soup of the day"]


def test_a_lost_key_costs_the_connections_and_nothing_else(settings, client):
    owner = factories.make_user()
    workspace = factories.make_workspace(organization=factories.make_organization(owner=owner))
    publication = factories.make_due(channels=connect_pages(workspace, owner, "feed"))
    ConnectState.objects.all().delete()  # a sign-in, kept ten minutes
    settings.FIELD_KEYS = [f"new:{Fernet.generate_key().decode()}"]
    assert secrets() == ["1 stored secrets need the key t1, which FIELD_KEYS lacks."]

    publishing.publish(publication.pk)
    waiting = Publication.objects.select_related("channel").get()
    assert (waiting.status, waiting.hold_reason, waiting.channel.status) == ("queued", Hold.RECONNECT, "reconnect")
    client.force_login(owner)
    assertContains(client.get(reverse("channel_list", args=[workspace.slug])), waiting.channel.problem)

    (again,) = connect_pages(workspace, owner, "feed")
    tasks.review_holds()  # every minute
    publishing.publish(publication.pk)
    assert again.pk == waiting.channel_id
    assert Publication.objects.get().status == Status.PUBLISHED
