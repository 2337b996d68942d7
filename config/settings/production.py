"""Production: refuses to start without its secrets, all named at once, and has nothing that is for development."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403

REQUIRED = {
    "SECRET_KEY": "`openssl rand -base64 48`",
    "FIELD_KEYS": "`k1:` and `openssl rand -base64 32 | tr '+/' '-_'`; keep a copy outside this machine",
    "BASE_URL": "the address customers type, such as https://lily.example.com",
    "DATABASE_URL": "postgresql://name:password@host:5432/lily",
    "REDIS_URL": "redis://:password@host:6379/0",
    "MEDIA_ROOT": "the folder of pictures, on a disk that is backed up",
    "EMAIL_URL": "smtp+tls://name:password@mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "Lily <hello@example.com>",
}
PROBLEMS = [f"{name} is not set: {example}" for name, example in REQUIRED.items() if not env(name, default="")]  # noqa: F405
if env("SECRET_KEY", default="") and len(SECRET_KEY) < 40:  # noqa: F405
    PROBLEMS.append("SECRET_KEY is too short: `openssl rand -base64 48`")
if env("BASE_URL", default="") and urlsplit(BASE_URL).scheme != "https":  # noqa: F405
    PROBLEMS.append("BASE_URL must begin with https://")
PROBLEMS += [
    f"{name} is for development: remove it"
    for name in ("OUTBOUND_ALLOW", "SANDBOX", "DEBUG", "CLOCK_FILE", "MAILBOX_DIR", "DEMO_LOGIN")
    if env(name, default="")  # noqa: F405
]
if PROBLEMS:
    raise ImproperlyConfigured("Lily does not start in production like this.\n- " + "\n- ".join(PROBLEMS))

PRODUCTION = True
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[urlsplit(BASE_URL).hostname])  # noqa: F405
CSRF_TRUSTED_ORIGINS = [BASE_URL]  # noqa: F405

# -- https, everywhere and for good
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000)  # noqa: F405
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
if TRUSTED_PROXIES:  # noqa: F405  # the nearest proxy of ours ends TLS, and sets this header whatever a client sent
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains and
    "security.W021",  # preload are for the owner of the whole domain to decide, and cannot be taken back
]
