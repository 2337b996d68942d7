"""docs/quickstart.md, as somebody follows it: its own commands against a live server and the sandbox."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from apps.social.providers.sandbox import SandboxPost
from config.celery import app
from tests.factories import make_channel, make_key, make_organization, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = Path(settings.BASE_DIR, "docs/quickstart.md")


@pytest.fixture
def worker():
    """What a worker does is done at once."""
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def test_commands_of_the_page_publish_a_post(live_server, worker):
    organization = make_organization()
    make_channel(workspace=make_workspace(organization=organization))
    _key, token = make_key(membership=organization.memberships.get())
    own = {"LILY": f"{live_server.url}/api/v1", "KEY": token, "ORGANIZATION": organization.slug}
    given, *commands = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert (re.findall(r"^(\w+)=", given, re.MULTILINE), len(commands)) == ([*own], 3)
    script = "\n".join(["set -eu", *commands])
    run = subprocess.run(
        ["bash", "-c", script], env={**os.environ, **own}, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    assert SandboxPost.objects.get().text == "Fresh bread from seven"
