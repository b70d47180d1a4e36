"""The site's own settings, for tests: a private PostgreSQL that may lose its data, mail kept in memory, plain HTTP."""

import os

from commonground.site.config import postgres

TEST_SERVER = postgres.server("test")
os.environ.setdefault("DATABASE_URL", TEST_SERVER.url)
os.environ["COMMONGROUND_PRIVATE"] = "1"
os.environ["COMMONGROUND_HTTPS"] = "0"
os.environ["COMMONGROUND_EMAIL_BACKEND"] = "django.core.mail.backends.locmem.EmailBackend"

from commonground.site.config.settings import *  # noqa: E402, F403 - the environment comes first

MIDDLEWARE = [name for name in MIDDLEWARE if "whitenoise" not in name]  # noqa: F405 - the tests collect no static files
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
