"""Tests: `bin/test` starts the services and passes their addresses."""

from .base import *  # noqa: F403

SECRET_KEY = "test-only"  # noqa: S105
FIELD_KEYS = ["t1:" + "A" * 43 + "="]
CLOCK_FILE = Path(env("CLOCK_FILE", default=str(BASE_DIR / ".lily" / "clock")))  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CONTENT_SECURITY_POLICY = {**CONTENT_SECURITY_POLICY, "form-action": ["'self'", "https:", "http:"]}  # noqa: F405
