"""Production starts only whole; `.env.example` names every setting that is read."""

import ast
import os
import re
import secrets
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet

from .conftest import CHECKOUT

LOAD = "import config.settings.production"
SECRETS = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "FIELD_KEYS": f"k1:{Fernet.generate_key().decode()}",
    "BASE_URL": "https://lily.example.com",
    "DATABASE_URL": "postgresql://lily:password@127.0.0.1:1/lily",
    "REDIS_URL": "redis://:password@127.0.0.1:1/0",
    "MEDIA_ROOT": "/nonexistent/media",
    "EMAIL_URL": "smtp+tls://name:password@mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "Lily <hello@example.com>",
}
READS = re.compile(r"env(\.\w+)?|os\.environ\.(get|setdefault)")
FOR_TESTS = {"EMAIL_BACKEND", "PYTEST_XDIST_WORKER", "TEST_STATE"}


def _production(*words: str, **environment: str) -> subprocess.CompletedProcess:
    """A Python of its own with this environment and nothing else of ours."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *words],
        cwd=CHECKOUT,
        env=clean | {"DJANGO_SETTINGS_MODULE": "config.settings.production"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_names_every_missing_secret_at_once():
    done = _production("-c", LOAD)
    assert done.returncode == 1
    assert re.findall(r"^- (\w+) is not set", done.stderr, re.MULTILINE) == list(SECRETS)


def test_production_starts_whole_and_passes_the_deployment_check():
    done = _production("manage.py", "check", "--deploy", "--fail-level", "WARNING", **SECRETS, TRUSTED_PROXIES="1")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY is too short"),
        ("BASE_URL", "http://lily.example.com", "BASE_URL must begin with https://"),
        ("OUTBOUND_ALLOW", "127.0.0.1:80", "OUTBOUND_ALLOW is for development: remove it"),
        ("SANDBOX", "true", "SANDBOX is for development: remove it"),
        ("DEBUG", "false", "DEBUG is for development: remove it"),
        ("CLOCK_FILE", "/tmp/clock", "CLOCK_FILE is for development: remove it"),
        ("MAILBOX_DIR", "/tmp/mailbox", "MAILBOX_DIR is for development: remove it"),
        ("DEMO_LOGIN", "demo@lily.example", "DEMO_LOGIN is for development: remove it"),
    ],
)
def test_production_refuses_what_is_wrong(name, value, sentence):
    done = _production("-c", LOAD, **SECRETS | {name: value})
    assert done.returncode == 1
    assert done.stderr.rstrip().splitlines()[-1].startswith(f"- {sentence}")


@pytest.mark.parametrize(
    ("address", "sources"),
    [
        ("/events", None),
        ("http://127.0.0.1:8002/events", ["'self'", "http://127.0.0.1:8002"]),
    ],
)
def test_policy_opens_the_events_process_and_nothing_else(address, sources):
    look = "from config.settings import production; print(production.CONTENT_SECURITY_POLICY.get('connect-src'))"
    assert _production("-c", look, **SECRETS, EVENTS_URL=address).stdout == f"{sources}\n"


def test_env_example_names_every_setting_and_no_other():
    files = [*CHECKOUT.glob("config/settings/*.py"), *CHECKOUT.glob("config/gunicorn*.py"), CHECKOUT / "manage.py"]
    read = set().union(*(_names_read(ast.parse(path.read_text())) for path in files))
    read |= set(re.findall(r"\$\{(\w+)", (CHECKOUT / "Procfile").read_text()))
    stated = set(re.findall(r"^#?([A-Z_]+)=", (CHECKOUT / ".env.example").read_text(), re.MULTILINE))
    assert stated == read - FOR_TESTS


def _names_read(tree: ast.AST) -> set[str]:
    """The first argument of every env(...), env.list(...), os.environ.get(...) and os.environ.setdefault(...)."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args)
    reads = (call.args[0] for call in calls if READS.fullmatch(ast.unparse(call.func)))
    return {name.value for name in reads if isinstance(name, ast.Constant)}
