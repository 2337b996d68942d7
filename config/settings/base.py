"""What every installation shares. Secrets and addresses come from the environment only; `.env.example` lists them."""

from pathlib import Path

import environ
from celery.schedules import crontab, schedule

from apps.core import logs

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()

# -- identity and addresses
SECRET_KEY = env("SECRET_KEY", default="")
FIELD_KEYS = env.list("FIELD_KEYS", default=[])  # "id:fernet-key", newest first; see apps.core.crypto
BASE_URL = env("BASE_URL", default="http://127.0.0.1:8000")  # the address customers type, without a slash at the end
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)  # how many proxies of ours append to X-Forwarded-For
DEBUG = False
PRODUCTION = False  # set by settings.production alone: closes what exists for development

# -- rooms
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "django_htmx",
    "template_partials",
    "apps.core",
    "apps.plans",
    "apps.accounts",
    "apps.media",
    "apps.brand",
    "apps.imaging",
    "apps.social",
    "apps.content",
]
MIDDLEWARE = [
    "apps.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "apps.core.middleware.SafetyHeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "apps.accounts.middleware.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "apps.core.middleware.ErrorMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.accounts.context.frame",
            ],
        },
    }
]

# -- stores
DATABASES = {"default": env.db("DATABASE_URL", default="postgresql://app@127.0.0.1:5432/lily")}
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["ENGINE"] = "apps.core.postgresql"
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)  # a server that hangs is a server gone
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {  # allauth counts log-ins here: they are counted, and people get in, when Valkey is down
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    "fleeting": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL},
}
SESSION_ENGINE = "apps.accounts.sessions"
FILE_UPLOAD_HANDLERS = [
    "apps.media.uploads.SizeGuard",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(BASE_DIR / ".lily" / "media")))
EXPORT_ROOT = Path(env("EXPORT_ROOT", default=str(MEDIA_ROOT / "exports")))  # zips of a person's or organization's data

# -- people
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["apps.accounts.sessions.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
DEMO_LOGIN = ""  # the address of the demo person one click logs in as; development only, empty answers 404
DEMO_PASSWORD = ""

ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
ACCOUNT_ADAPTER = "apps.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"signup": "apps.accounts.forms.SignupForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # only in the browser that signed up; elsewhere the log-in page follows
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
MFA_ADAPTER = "apps.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Lily"
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = BASE_URL.startswith("http://")

# -- languages and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
CLOCK_FILE: Path | None = None  # where a moved clock is kept (apps.core.clock); tests and demonstrations only

# -- static files
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "apps.core.finders.BuiltFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
BUILT_ROOT = Path(env("BUILT_ROOT", default=str(BASE_DIR / ".lily" / "built")))  # apps.core.finders writes here
LOCALE_PATHS = [BASE_DIR / "locale", BUILT_ROOT / "locale"]  # what people write; apps.core.languages compiles it
FORM_RENDERER = "apps.core.renderers.FormRenderer"
STORAGES = {
    "default": {  # customers' files: private, served by signed addresses only (apps.media)
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# -- work
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # the sweep is the recovery, see docs/decisions
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 110
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "apps.imaging.*": {"queue": "imaging"},
    "apps.media.*": {"queue": "imaging"},
    "apps.content.tasks.tell_authors": {"queue": "default"},
    "apps.content.tasks.write_words": {"queue": "default"},  # a slow writer keeps no post waiting
    "apps.content.tasks.write_forgotten": {"queue": "default"},
    "apps.content.*": {"queue": "publish"},
}
QUEUES = ("default", "publish", "imaging")  # each needs a worker; doctor and /readyz look for them
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_connect_timeout": 2}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULER = "apps.core.heartbeat:BeatScheduler"
CELERY_BEAT_SCHEDULE = {
    # name: {"task": dotted path, "schedule": schedule(seconds)}; each app adds its lines here, in one greppable table
    "check_profiles": {"task": "apps.social.tasks.sweep_health", "schedule": schedule(300)},
    "tell_of_lost_profiles": {"task": "apps.social.tasks.tell_people", "schedule": schedule(60)},
    "drop_lapsed_sign_ins": {"task": "apps.social.tasks.drop_lapsed_states", "schedule": schedule(3600)},
    "send_waiting_mails": {
        "task": "apps.accounts.tasks.send_waiting_mails",
        "schedule": schedule(30),
        "options": {"expires": 30},
    },
    "delete_due": {"task": "apps.accounts.tasks.delete_due", "schedule": schedule(300)},
    "apply_retention": {"task": "apps.core.tasks.apply_retention", "schedule": crontab(hour=3, minute=40)},
    "clear_expired": {"task": "apps.accounts.tasks.clear_expired", "schedule": schedule(3600)},
    "draw_forgotten": {"task": "apps.imaging.tasks.draw_forgotten", "schedule": schedule(60)},
    "clean_drawings": {"task": "apps.imaging.tasks.clean", "schedule": schedule(6 * 3600)},
    "lapse_reservations": {"task": "apps.plans.tasks.lapse_reservations", "schedule": schedule(900)},
    "check_pending": {"task": "apps.media.tasks.check_pending", "schedule": schedule(120)},
    "clean_media": {"task": "apps.media.tasks.clean", "schedule": crontab(hour=3, minute=20)},
    "publish_due": {"task": "apps.content.tasks.publish_due", "schedule": schedule(2), "options": {"expires": 10}},
    "sweep_leases": {"task": "apps.content.tasks.sweep_leases", "schedule": schedule(10), "options": {"expires": 30}},
    "review_holds": {"task": "apps.content.tasks.review_holds", "schedule": schedule(60), "options": {"expires": 60}},
    "prepare_pictures": {
        "task": "apps.content.tasks.prepare_pictures",
        "schedule": schedule(60),
        "options": {"expires": 60},
    },
    "tell_authors": {"task": "apps.content.tasks.tell_authors", "schedule": schedule(30), "options": {"expires": 30}},
    "write_forgotten": {
        "task": "apps.content.tasks.write_forgotten",
        "schedule": schedule(30),
        "options": {"expires": 30},
    },
}

# -- publishing: one organization sends at most so many posts to one network in so many seconds, and may do so at once
PUBLISH_PACE_CALLS = env.int("PUBLISH_PACE_CALLS", default=60)
PUBLISH_PACE_SECONDS = env.int("PUBLISH_PACE_SECONDS", default=60)

# -- mail
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Lily <lily@localhost>")

# -- safety
# Nothing inline: every style and script is a file of ours. Pictures also come as blobs (an upload's preview).
CSRF_FAILURE_VIEW = "apps.core.views.csrf_failure"
CSRF_COOKIE_HTTPONLY = True  # pages carry the token, and no script reads the cookie
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "default-src": ["'self'"],
    "img-src": ["'self'", "data:", "blob:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "form-action": ["'self'", "https:"],  # connecting a profile posts a form that is sent on to the network
}

# -- events
EVENTS_URL = env("EVENTS_URL", default="")  # where browsers reach the events process; empty: pages ask by themselves
if EVENTS_URL.startswith("http"):  # another origin than the pages': development, where no proxy joins the two
    CONTENT_SECURITY_POLICY["connect-src"] = ["'self'", EVENTS_URL.removesuffix("/events")]

MAILBOX_DIR: Path | None = None  # where apps.core.mail keeps mails for the mailbox page; development and tests only

# -- who runs this installation: what the law asks every site to say (the imprint), and whom privacy and terms name
OPERATOR_NAME = env("OPERATOR_NAME", default="")
OPERATOR_ADDRESS = env("OPERATOR_ADDRESS", default="")  # lines with semicolons between
OPERATOR_EMAIL = env("OPERATOR_EMAIL", default="")
OPERATOR_FACTS = env("OPERATOR_FACTS", default="")  # what else the law asks for there, such as register and tax number

# -- watching
LOGGING = logs.configuration(json=env.bool("LOG_JSON", default=True), level=env("LOG_LEVEL", default="INFO"))
SENTRY_DSN = env("SENTRY_DSN", default="")  # where to report what breaks; empty: nowhere, see apps.core.reporting
SENTRY_RELEASE = env("SENTRY_RELEASE", default="")
OTEL_EXPORTER_OTLP_ENDPOINT = env("OTEL_EXPORTER_OTLP_ENDPOINT", default="")  # a collector of traces; empty: none
HEALTH_HOST = env("HEALTH_HOST", default="127.0.0.1")
HEALTH_PORT = env.int("HEALTH_PORT", default=8001)  # /healthz, /readyz and /metrics, apart from the pages
METRICS_DIR = env("METRICS_DIR", default="")  # where processes count for /metrics; empty: it is not offered

# -- API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.authentication.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",  # for the pages that show the API to people
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "apps.core.api.handle_exception",
    "DEFAULT_SCHEMA_CLASS": "apps.core.schema.Description",
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS is answered 405: the OpenAPI document says what an address takes
}
SPECTACULAR_SETTINGS = {  # of drf-spectacular; apps.core.schema makes the description
    "TITLE": "Lily",
    "DESCRIPTION": "Write, schedule and read posts. Times are ISO 8601 in UTC, errors are problem details (RFC 9457).",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "COMPONENT_SPLIT_PATCH": False,
    "SERVERS": [{"url": BASE_URL}],
    "APPEND_COMPONENTS": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    "ENUM_NAME_OVERRIDES": {
        "PostStatus": "apps.content.catalog.PostStatus",
        "PublicationStatus": "apps.content.catalog.Status",
        "ChannelStatus": "apps.social.models.Status",
        "AssetState": "apps.media.models.Asset.State",
        "AssetKind": "apps.media.models.Asset.Kind",
        "CandidateState": "apps.imaging.models.Candidate.State",
        "AttemptKind": "apps.content.catalog.AttemptKind",
    },
}

# -- the outside
OUTBOUND_ALLOW = env.list("OUTBOUND_ALLOW", default=[])  # exact host:port pairs the address guard lets through

# -- networks
SANDBOX = env.bool("SANDBOX", default=False)  # the network inside Lily, with its feed page and movable clock

# -- money
VENDOR_SPEND_DAY_USD = env.int("VENDOR_SPEND_DAY_USD", default=50)  # the brake on all outside models, per UTC day
BLUESKY_PLC = env("BLUESKY_PLC", default="https://plc.directory")  # the directory of did:plc
BLUESKY_NAMESERVERS = env.list("BLUESKY_NAMESERVERS", default=[])  # host:port asked for handles; empty: the system's
BLUESKY_CLIENT_KEY = env("BLUESKY_CLIENT_KEY", default="")  # a private ES256 JWK; needed once BASE_URL is https

# -- words
OPENAI_API_KEY = env("OPENAI_API_KEY", default="")  # absent: Lily writes by herself, from the brand and its facts
OPENAI_BASE_URL = env("OPENAI_BASE_URL", default="")  # another vendor who speaks the same protocol
WRITER_MODEL = env("WRITER_MODEL", default="gpt-5-mini")
