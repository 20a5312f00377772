"""Settings: one file, read from the environment; what every process needs, the command line above all.

What only pages and the API need (middleware, templates, sessions' cookies, upload limits, addresses) stands in
`asbuilt.site.web_settings`, which takes these over and adds to them, so that a command starts without loading it.
`asbuilt.site.wsgi` and the tests of the web use that module; both open the same database.
"""

import os
from pathlib import Path

from asbuilt.storage.databases import database_settings, keys

SECRET_FILE = keys() / "django.secret"
# the file is made by `asbuilt init`; commands that need no home get a key that dies with the process
SECRET_KEY = SECRET_FILE.read_text().strip() if SECRET_FILE.exists() else os.urandom(32).hex()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("ASBUILT_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
DATABASES = database_settings()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.sessions",
    "asbuilt.storage",
    "asbuilt.ledger",
    "asbuilt.access",
    "asbuilt.designed.parties",
    "asbuilt.designed.catalog",
    "asbuilt.designed.firmware",
    "asbuilt.designed.components",
    "asbuilt.designed.vulnerability",
    "asbuilt.designed.changes",
    "asbuilt.built.supply",
    "asbuilt.built.production",
    "asbuilt.built.programming",
    "asbuilt.built.quality",
    "asbuilt.built.shipping",
    "asbuilt.built.exchange",
    "asbuilt.built.messages",
    "asbuilt.questions.exposure",
    "asbuilt.answers.register",
    "asbuilt.answers.cases",
    "asbuilt.answers.compliance",
    "asbuilt.answers.portal",
]
AUTH_USER_MODEL = "access.Login"
# PBKDF2 at the work factor of the Django in use; hashes of an older factor are renewed when their owner signs in
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
# English and German whole; Polish and French for what a scanner screen says, other pages fall back to English
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("pl", "Polski"), ("fr", "Français")]
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redacting": {"()": "asbuilt.access.credentials.Redacting"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["redacting"], "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("ASBUILT_LOG_LEVEL", "WARNING")},
}
