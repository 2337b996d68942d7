"""A developer's or a trial machine: `bin/dev` writes the secrets once into its state directory and passes them here."""

import warnings

from .base import *  # noqa: F403

DEBUG = env.bool("DEBUG", default=True)  # noqa: F405
CLOCK_FILE = env.str("CLOCK_FILE", default=str(BASE_DIR / ".lily" / "clock"))  # noqa: F405
CLOCK_FILE = Path(CLOCK_FILE) if CLOCK_FILE else None  # noqa: F405  (empty: as in production, nobody moves it)
CONTENT_SECURITY_POLICY = {**CONTENT_SECURITY_POLICY, "form-action": ["'self'", "https:", "http:"]}  # noqa: F405
SANDBOX = env.bool("SANDBOX", default=True)  # noqa: F405
MAILBOX_DIR = Path(env("MAILBOX_DIR", default=str(BASE_DIR / ".lily" / "mailbox")))  # noqa: F405
if "EMAIL_URL" not in env:  # noqa: F405
    EMAIL_BACKEND = "apps.core.mail.MailboxBackend"
LOGGING = logs.configuration(json=env.bool("LOG_JSON", default=False), level=env("LOG_LEVEL", default="INFO"))  # noqa: F405

if DEBUG:
    # A changed template shows on the next load: Django forgets cached ones only under runserver.
    TEMPLATES[0].pop("APP_DIRS", None)  # noqa: F405
    TEMPLATES[0]["OPTIONS"]["loaders"] = [  # noqa: F405
        (
            "template_partials.loader.Loader",
            ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
        )
    ]
    # So does a changed style or script: served from where it lies, without collectstatic.
    WHITENOISE_USE_FINDERS = True
    WHITENOISE_AUTOREFRESH = True

# Trying Lily as root on a machine of one's own is fine; only celery thinks that this is news.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")
DEMO_LOGIN = env("DEMO_LOGIN", default="demo@lily.example")  # noqa: F405
DEMO_PASSWORD = env("DEMO_PASSWORD", default="")  # noqa: F405
