"""Django settings. Everything that differs between installations comes from the environment or the key file."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from dayclear.foundation.postgres import resolve_database

PACKAGE = Path(__file__).resolve().parent.parent
_database = resolve_database()
HOME = _database.home

SECRET_KEY = _database.keys.secret_key
DAYCLEAR_ENCRYPTION_KEY = _database.keys.encryption_key
DAYCLEAR_LOOKUP_KEY = _database.keys.lookup_key
DAYCLEAR_SEAL_KEY = _database.keys.seal_key

DEBUG = False
ALLOWED_HOSTS = os.environ.get("DAYCLEAR_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("DAYCLEAR_ORIGINS", "").split(",") if o]
# How many proxies of ours stand before us and add to X-Forwarded-For; only what they added is believed.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("DAYCLEAR_PROXIES", "0"))
BEHIND_TLS = os.environ.get("DAYCLEAR_TLS", "") == "1"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "ninja",
    "dayclear.foundation",
    "dayclear.policy",
    "dayclear.places",
    "dayclear.people",
    "dayclear.sampling",
    "dayclear.lab",
    "dayclear.cases",
    "dayclear.tracing",
    "dayclear.areas",
    "dayclear.isolation",
    "dayclear.supervision",
    "dayclear.reporting",
    "dayclear.interop",
    "dayclear.config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "dayclear.config.middleware.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dayclear.config.middleware.ActingUser",
]

ROOT_URLCONF = "dayclear.config.urls"
WSGI_APPLICATION = "dayclear.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dayclear.config.frame.frame",
            ],
            "builtins": ["django.templatetags.i18n", "dayclear.config.templatetags.parts"],
        },
    }
]

_app, _owner = _database.app.django(), _database.owner.django()
DATABASES = {
    # The application: owns nothing, cannot bypass row-level security.
    "default": {
        **_app,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_app["OPTIONS"],
            # An attempt to reconnect lasts no longer than whoever waits for it, and the next to ask begins a new one:
            # left to itself it is repeated ever more rarely, and a database that was away stays unused as long again.
            "pool": {"min_size": 1, "max_size": 8, "timeout": 5, "reconnect_timeout": 5},
            # Django's cursors prepare nothing; this permits what asks for it (foundation.database.run_prepared).
            "prepare_threshold": 5,
        },
    },
    # The owner: migrates, and nothing else.
    "owner": _owner,
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "foundation.User"
AUTHENTICATION_BACKENDS = ["dayclear.config.accounts.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_FORMS = {
    "login": "dayclear.config.forms.LoginForm",
    "change_password": "dayclear.config.forms.ChangePasswordForm",
}
ACCOUNT_ADAPTER = "dayclear.config.accounts.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# Per user name, `foundation.lockout` counts.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip"}
ACCOUNT_CHANGE_EMAIL = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Dayclear"
MFA_ADAPTER = "dayclear.config.accounts.MfaAdapter"
SOCIALACCOUNT_ADAPTER = "dayclear.config.accounts.SocialAccountAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "centre",
                "name": os.environ.get("DAYCLEAR_OIDC_NAME", "OpenID Connect"),
                "client_id": os.environ["DAYCLEAR_OIDC_CLIENT"],
                "secret": os.environ.get("DAYCLEAR_OIDC_SECRET", ""),
                "settings": {"server_url": os.environ["DAYCLEAR_OIDC_SERVER"]},
            }
        ]
    }
    if "DAYCLEAR_OIDC_SERVER" in os.environ
    else {}
}

SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
SESSION_SAVE_EVERY_REQUEST = False
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "dayclear_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Holds the rates that allauth counts by network address, over every process; user names and links have their own
# table (`foundation.attempts`). Django's 300 entries would forget an address as soon as some hundreds of others come.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "config_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("DAYCLEAR_TIME_ZONE", "Asia/Shanghai")

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [PACKAGE / "config" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# A line list of a million rows is some 200 MB; the page streams it to the database, never to memory.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

PROCRASTINATE_ON_APP_READY = None
PROCRASTINATE_IMPORT_PATHS = [
    "dayclear.foundation.worker",
    "dayclear.interop.jobs",
    "dayclear.sampling.jobs",
    "dayclear.tracing.jobs",
    "dayclear.isolation.jobs",
    "dayclear.areas.jobs",
    "dayclear.supervision.jobs",
    "dayclear.lab.jobs",
]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"dayclear": {"level": "INFO"}},
}

# Days; see foundation/retention.py.
DAYCLEAR_RETENTION_DAYS = {
    "case": int(os.environ.get("DAYCLEAR_RETAIN_CASES", "365")),
    "contact": int(os.environ.get("DAYCLEAR_RETAIN_CONTACTS", "60")),
    "place_visited": int(os.environ.get("DAYCLEAR_RETAIN_VISITS", "60")),
    "upload": int(os.environ.get("DAYCLEAR_RETAIN_UPLOADS", "30")),
    "complaint": int(os.environ.get("DAYCLEAR_RETAIN_COMPLAINTS", "365")),
    "result": int(os.environ.get("DAYCLEAR_RETAIN_RESULTS", "60")),
    "swab": int(os.environ.get("DAYCLEAR_RETAIN_SWABS", "30")),
}

# What no text gives a number for and every installation must settle; see docs/algorithms/orders.md.
# Who may sign an order: county, prefecture or province.
DAYCLEAR_ORDER_AUTHORITY = os.environ.get("DAYCLEAR_ORDER_AUTHORITY", "county")
DAYCLEAR_ISOLATION = {
    # The most people on a list without an exposure of their own before it is held for review.
    "bulk_most": int(os.environ.get("DAYCLEAR_BULK_MOST", "20")),
    # Hours.
    "result_due": int(os.environ.get("DAYCLEAR_RESULT_DUE_HOURS", "12")),
    "appeal_due": int(os.environ.get("DAYCLEAR_APPEAL_DUE_HOURS", "24")),
    "support_due": int(os.environ.get("DAYCLEAR_SUPPORT_DUE_HOURS", "12")),
    "emergency_record_due": int(os.environ.get("DAYCLEAR_EMERGENCY_RECORD_HOURS", "24")),
    "order_due": int(os.environ.get("DAYCLEAR_ORDER_DUE_HOURS", "8")),
    "check_due": int(os.environ.get("DAYCLEAR_CHECK_DUE_HOURS", "24")),
}

# Hours; see docs/algorithms/over-reach-guard.md.
DAYCLEAR_SUPERVISION = {
    "answer_due": int(os.environ.get("DAYCLEAR_FINDING_ANSWER_HOURS", "24")),
    "recheck_due": int(os.environ.get("DAYCLEAR_FINDING_RECHECK_HOURS", "48")),
}

# See docs/algorithms/uploads.md and boxes.md. What no text gives a number for is this installation's choice.
DAYCLEAR_SAMPLING = {
    # Tube numbers given to a device at a time: more than a shift needs (60 persons an hour, 12 hours, one a tube).
    "block_size": int(os.environ.get("DAYCLEAR_TUBE_BLOCK", "1000")),
    # Hours a code for enrolling a device can be used.
    "enrolment_lasts": int(os.environ.get("DAYCLEAR_ENROLMENT_HOURS", "24")),
    # Days a resident's code is good for: offline use needs long ones (testing reference, 5.1).
    "resident_code_lasts": int(os.environ.get("DAYCLEAR_RESIDENT_CODE_DAYS", "7")),
    # Hours a box may stay at room temperature (testing reference, 1.2, which restates the national sampling guide).
    "room_temperature": int(os.environ.get("DAYCLEAR_ROOM_TEMPERATURE_HOURS", "4")),
    # Hours after which a device forgets the people of what the server has acknowledged.
    "desk_wipe": int(os.environ.get("DAYCLEAR_DESK_WIPE_HOURS", "24")),
    # Hours after which a device that was not heard of is listed.
    "device_silent": int(os.environ.get("DAYCLEAR_DEVICE_SILENT_HOURS", "4")),
    # Hours within which goods or a surface on which something was found are dealt with. No text gives it.
    "item_alarm": int(os.environ.get("DAYCLEAR_ITEM_ALARM_HOURS", "8")),
    # Minutes after which the planner of points answers with the best it has found.
    "plan_limit": int(os.environ.get("DAYCLEAR_PLAN_MINUTES", "3")),
}

DAYCLEAR_LAB = {
    # Hours between returns; "every two hours" was found in no source (testing reference, 1.3).
    "return_every": int(os.environ.get("DAYCLEAR_LAB_RETURN_HOURS", "2")),
    # Minutes after the end of a period within which its return is due. No text gives it.
    "return_due": int(os.environ.get("DAYCLEAR_LAB_RETURN_DUE_MINUTES", "30")),
    # Hours after the swabs within which a result is out: the class of those who want a test (testing reference, 1.2).
    "report_within": int(os.environ.get("DAYCLEAR_LAB_REPORT_HOURS", "24")),
    # Minutes that the shortest run takes; a shorter one raises an alarm. No text gives it.
    "shortest_run": int(os.environ.get("DAYCLEAR_LAB_SHORTEST_RUN_MINUTES", "40")),
    # Kilometres an hour of a van with boxes, by the straight way. No text gives it.
    "van_kmh": int(os.environ.get("DAYCLEAR_LAB_VAN_KMH", "40")),
    # Hours ahead for which free wells are counted. No text gives it.
    "window": int(os.environ.get("DAYCLEAR_LAB_WINDOW_HOURS", "12")),
}

# The chain of a positive tube; see docs/algorithms/positive-tubes.md. Eight hours are the target of Hainan (policy
# reference, A.3.4); a pack that has them goes before `total`. The shares of the legs, in minutes, stand in no source
# (testing reference, 1.3 and 7), but for the last: two hours from the result to the hospital (A.3.4, a local rule).
DAYCLEAR_CHAIN = {
    "total": int(os.environ.get("DAYCLEAR_CHAIN_MINUTES", "480")),
    "collect": int(os.environ.get("DAYCLEAR_CHAIN_COLLECT", "120")),
    "deliver": int(os.environ.get("DAYCLEAR_CHAIN_DELIVER", "60")),
    "assay": int(os.environ.get("DAYCLEAR_CHAIN_ASSAY", "150")),
    "report": int(os.environ.get("DAYCLEAR_CHAIN_REPORT", "30")),
    "transfer": int(os.environ.get("DAYCLEAR_CHAIN_TRANSFER", "120")),
    # Minutes from a negative single test until its person has been told; "at once" in the texts, a number in none.
    "tell": int(os.environ.get("DAYCLEAR_CHAIN_TELL", "30")),
    # Hours after which a recall ends by itself: nobody is held apart or left out of rounds for longer on one tube.
    "recall_lasts": int(os.environ.get("DAYCLEAR_RECALL_HOURS", "48")),
}

# The number that notices and people's own pages give for questions and objections.
DAYCLEAR_HOTLINE = os.environ.get("DAYCLEAR_HOTLINE", "12345")

# Bytes.
DAYCLEAR_LARGEST_UPLOAD = int(os.environ.get("DAYCLEAR_LARGEST_UPLOAD", "300000000"))
