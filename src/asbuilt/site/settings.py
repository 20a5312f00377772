"""Settings: one file, read from the environment. Every limit stands in `asbuilt.site.limits` with its default."""

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
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "asbuilt.ledger",
    "asbuilt.access",
    "asbuilt.designed.parties",
    "asbuilt.designed.catalog",
    "asbuilt.designed.firmware",
    "asbuilt.built.supply",
    "asbuilt.built.production",
    "asbuilt.built.programming",
    "asbuilt.built.quality",
    "asbuilt.built.shipping",
    "asbuilt.answers.register",
]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("pl", "Polski"), ("fr", "Français")]
LOCALE_PATHS = [Path(__file__).resolve().parent.parent / "locale"]
