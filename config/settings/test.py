"""Tests: `bin/test` starts the services and passes their addresses. Each pytest process has its own of everything."""

import os

from .base import *  # noqa: F403

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
TEST_STATE = Path(env("TEST_STATE", default=str(BASE_DIR / ".lily" / "test"))) / f"gw{WORKER}"  # noqa: F405
TEST_STATE.mkdir(parents=True, exist_ok=True)

SECRET_KEY = "test-only"  # noqa: S105
FIELD_KEYS = ["t1:" + "A" * 43 + "="]
CLOCK_FILE = TEST_STATE / "clock"
MEDIA_ROOT = TEST_STATE / "media"
EXPORT_ROOT = TEST_STATE / "exports"
BUILT_ROOT = TEST_STATE / "built"
LOCALE_PATHS = [BASE_DIR / "locale", BUILT_ROOT / "locale"]  # noqa: F405
STATIC_ROOT = TEST_STATE / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns of a folder that is not there
DATABASE_URL = env("DATABASE_URL", default="postgresql://app@127.0.0.1:5432/lily")  # noqa: F405
TEST_DATABASE_SERVER = DATABASE_URL.rpartition("/")[0]
REDIS_URL = f"{REDIS_URL.rpartition('/')[0]}/{WORKER}"  # noqa: F405
CACHES = {**CACHES, "fleeting": {**CACHES["fleeting"], "LOCATION": REDIS_URL}}  # noqa: F405
CELERY_BROKER_URL = REDIS_URL
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
EMAIL_BACKEND = env("EMAIL_BACKEND", default="django.core.mail.backends.locmem.EmailBackend")  # noqa: F405
CONTENT_SECURITY_POLICY = {**CONTENT_SECURITY_POLICY, "form-action": ["'self'", "https:", "http:"]}  # noqa: F405
SANDBOX = True
MAILBOX_DIR = Path(env("MAILBOX_DIR", default=str(TEST_STATE / "mailbox")))  # noqa: F405
WHITENOISE_AUTOREFRESH = True  # nothing is collected
