"""What a web process does not carry, and what production does not open: asked of a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.conf import settings

HEAVY = ("openai", "numpy", "PIL", "torch", "open_clip", "pillow_heif", "drf_spectacular", "jsonschema")
LOOK = f"""
import json, sys
import config.wsgi
from django.conf import settings
from django.urls import get_resolver
get_resolver().url_patterns
print(json.dumps({{
    "heavy": [name for name in {HEAVY!r} if name in sys.modules],
    "development": [settings.MAILBOX_DIR, settings.CLOCK_FILE, settings.DEBUG, settings.OUTBOUND_ALLOW],
    "sandbox": getattr(settings, "SANDBOX", False),
}}, default=str))
"""
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "s" * 60,
    "FIELD_KEYS": "k1:" + Fernet.generate_key().decode(),
    "BASE_URL": "https://lily.example.com",
    "ALLOWED_HOSTS": "lily.example.com",
    "DATABASE_URL": "postgresql://lily:x@db.example.com/lily",
    "REDIS_URL": "redis://cache.example.com/0",
    "EMAIL_URL": "smtp+tls://lily:x@mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "Lily <hello@lily.example.com>",
    "MEDIA_ROOT": "/var/lib/lily/media",
}


@pytest.fixture(scope="module")
def production() -> dict:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | PRODUCTION
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOOK],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def test_web_process_carries_no_heavy_package(production):
    assert production["heavy"] == []


def test_production_opens_nothing_of_development(production):
    assert production["development"] == [None, None, False, []]
    assert production["sandbox"] is False
