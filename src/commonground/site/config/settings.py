"""All settings, from the environment; what is missing or wrong stops the start with a sentence that names it.

The variables, their meaning and their defaults are listed for operators in docs/reference/settings.md.
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from commonground.site.config import postgres

SITE = Path(__file__).resolve().parents[1]
VAR = postgres.data_folder()


def env_flag(name: str, default: bool) -> bool:
    value = os.environ.get(name, "1" if default else "0").lower()
    if value not in {"0", "1", "true", "false"}:
        raise ImproperlyConfigured(f"{name} is {value!r}; it must be 1 or 0.")
    return value in {"1", "true"}


def env_list(name: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def env_secret(name: str) -> str:
    """The secret from the environment; without one, a private one kept beside the data of this checkout."""
    value = os.environ.get(name)
    if value:
        if len(value) < 50:
            raise ImproperlyConfigured(f"{name} has {len(value)} characters; it needs at least 50.")
        return value
    if not PRIVATE:
        raise ImproperlyConfigured(f"Set {name}: with DATABASE_URL set, this site does not invent its own secret.")
    kept = VAR / "secret-key"
    if not kept.exists():
        VAR.mkdir(parents=True, exist_ok=True)
        fresh = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fresh, "w") as file:
            file.write(secrets.token_urlsafe(60))
    return kept.read_text()


def database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            "DATABASE_URL must start with postgresql://: Common Ground needs PostgreSQL 16 or newer."
        )
    options = {key: values[0] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        "ATOMIC_REQUESTS": False,  # an action opens its own transaction, so that mail is sent after it and not before
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def oidc_app() -> dict[str, Any] | None:
    """The organization's own sign-in service (OpenID Connect), when the environment describes one."""
    names = ("URL", "NAME", "CLIENT_ID", "CLIENT_SECRET")
    values = {name: os.environ.get(f"COMMONGROUND_OIDC_{name}", "") for name in names}
    if not any(values.values()):
        return None
    missing = [f"COMMONGROUND_OIDC_{name}" for name, value in values.items() if not value]
    if missing:
        raise ImproperlyConfigured(f"Set {', '.join(missing)} too: sign-in with OpenID Connect needs all four.")
    if urlsplit(values["URL"]).scheme != "https":
        raise ImproperlyConfigured(
            "COMMONGROUND_OIDC_URL must start with https://: people sign in with what comes from there."
        )
    return {
        "provider_id": "organization",
        "name": values["NAME"],
        "client_id": values["CLIENT_ID"],
        "secret": values["CLIENT_SECRET"],
        "settings": {"server_url": values["URL"]},
    }


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


PRIVATE = "DATABASE_URL" not in os.environ or env_flag("COMMONGROUND_PRIVATE", False)
DATABASES = {"default": database(os.environ.get("DATABASE_URL") or postgres.server().url)}
SECRET_KEY = env_secret("COMMONGROUND_SECRET_KEY")
DEBUG = env_flag("COMMONGROUND_DEBUG", False)
HTTPS = env_flag("COMMONGROUND_HTTPS", True)
SITE_URL = os.environ.get("COMMONGROUND_URL", "https://localhost" if HTTPS else "http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env_list("COMMONGROUND_HOSTS") or [urlsplit(SITE_URL).hostname or "localhost"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
DEMO = env_flag("COMMONGROUND_DEMO", False)
BEHIND_PROXY = env_flag("COMMONGROUND_BEHIND_PROXY", False)

INSTALLED_APPS = [
    # features, from the ground up
    "commonground.site.ui",
    "commonground.site.audit",
    "commonground.site.directory",
    "commonground.site.partnership",
    "commonground.site.formation",
    "commonground.site.sample",
    # foundations
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "rules",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "commonground.site.ui.middleware.OwnLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "commonground.site.config.urls"
WSGI_APPLICATION = "commonground.site.config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SITE / "config" / "templates"],  # pages that belong to no feature
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "commonground.site.ui.context.site",
            ],
        },
    }
]

# Attempts to sign in are counted here, over all processes together. At Django's limit of 300 entries, whoever tries from
# many addresses would push the counts of others, and their own, out of the table.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "ui_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# People and permissions
AUTH_USER_MODEL = "directory.Person"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_REDIRECT_URL = "home"
LOGIN_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]  # the password is optional: a mailed code signs in
ACCOUNT_SIGNUP_FORM_CLASS = "commonground.site.ui.accounts.NameForm"
ACCOUNT_ADAPTER = "commonground.site.ui.accounts.Accounts"
ACCOUNT_EMAIL_NOTIFICATIONS = True  # whoever changes a password or an address, its owner hears of it
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PREVENT_ENUMERATION = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Common Ground"
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0  # limits on sign-in count the visitor's address, not the proxy's
OIDC_APP = oidc_app()
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [OIDC_APP] if OIDC_APP else []}}
SOCIALACCOUNT_ADAPTER = "commonground.site.ui.accounts.OrganizationAccounts"
# The operator chose this one service and it vouches for the address, so it opens the account of that address.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = bool(OIDC_APP)
SOCIALACCOUNT_ONLY = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Languages and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [SITE / "locale"]  # texts that belong to no feature; each feature has its own catalog
USE_TZ = True
TIME_ZONE = os.environ.get("COMMONGROUND_TIME_ZONE", "America/New_York")

# Static files
STATIC_URL = "static/"
STATIC_ROOT = Path(os.environ.get("COMMONGROUND_STATIC") or VAR / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Mail
EMAIL_BACKEND = os.environ.get("COMMONGROUND_EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_FILE_PATH = VAR / "mail"
EMAIL_HOST = os.environ.get("COMMONGROUND_SMTP_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("COMMONGROUND_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("COMMONGROUND_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("COMMONGROUND_SMTP_PASSWORD", "")
EMAIL_USE_TLS = env_flag("COMMONGROUND_SMTP_TLS", False)
EMAIL_TIMEOUT = 10  # seconds: somebody waits in front of a page for the sign-in code
DEFAULT_FROM_EMAIL = os.environ.get("COMMONGROUND_MAIL_FROM", "Common Ground <no-reply@localhost>")

# What anybody may send: a form has a few kilobytes, and files have limits of their own
DATA_UPLOAD_MAX_MEMORY_SIZE = 300_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 10

# What the browser is told
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        # Browsers hold the redirect after a form to this rule too, so the sign-in service is named where there is one.
        "form-action": [SELF, *([origin(OIDC_APP["settings"]["server_url"])] if OIDC_APP else [])],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # asked by the machine itself, beside the proxy that adds TLS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "commonground.site.ui.logs.WithoutAddresses",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # Lines at every start of every command say nothing.
    "loggers": {name: {"level": "WARNING"} for name in ("procrastinate.blueprints", "procrastinate.periodic")},
}
