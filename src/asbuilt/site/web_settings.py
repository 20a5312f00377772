"""Settings of pages and API: everything of `asbuilt.site.settings`, and what only the web needs.

A command line does not load this: no middleware, no templates, no django-htmx, no django-ninja. `asbuilt.site.wsgi` and
the tests of the web do. Limits on what a request may bring stand here with their defaults.
"""

import os
from pathlib import Path

from asbuilt.site.settings import *  # noqa: F403
from asbuilt.site.settings import ALLOWED_HOSTS, INSTALLED_APPS

WEB = Path(__file__).resolve().parent.parent / "doors" / "web"
LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "testserver"}
BEYOND_THIS_MACHINE = not set(ALLOWED_HOSTS) <= LOOPBACK
# set where a proxy ends TLS and overwrites these two headers; otherwise nobody's word about them is taken
BEHIND_PROXY = os.environ.get("ASBUILT_BEHIND_PROXY") == "1"

INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.staticfiles", "django_htmx"]
ROOT_URLCONF = "asbuilt.site.urls"
WSGI_APPLICATION = "asbuilt.site.wsgi.application"
MIDDLEWARE = [
    "asbuilt.doors.web.headers.RequestHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "asbuilt.doors.web.identity.Identity",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "asbuilt.doors.web.problems.Problems",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB / "templates"],
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request", "asbuilt.doors.web.frame.frame"],
            "libraries": {"words": "asbuilt.doors.web.words"},
            "builtins": ["asbuilt.doors.web.words", "django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

STATIC_URL = "/static/"
STATICFILES_DIRS = [WEB / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

SESSION_ENGINE = "asbuilt.access.sessions"
SESSION_COOKIE_NAME = "asbuilt_session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = BEYOND_THIS_MACHINE
CSRF_COOKIE_NAME = "asbuilt_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = BEYOND_THIS_MACHINE
CSRF_FAILURE_VIEW = "asbuilt.doors.web.problems.forgery"
LANGUAGE_COOKIE_NAME = "asbuilt_language"
LANGUAGE_COOKIE_AGE = 365 * 86_400  # a tablet on the floor keeps what was chosen
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = BEYOND_THIS_MACHINE

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if BEYOND_THIS_MACHINE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

FILE_UPLOAD_HANDLERS = ["asbuilt.doors.web.uploads.LimitedUpload"]
UPLOAD_FILE_BYTES_MAX = 2 * 1024**3
UPLOAD_REQUEST_BYTES_MAX = 8 * 1024**3
UPLOAD_PAPER_BYTES_MAX = 32 * 1024**2
UPLOAD_PAPERS_BYTES_MAX = 64 * 1024**2
UPLOAD_TIP_BYTES_MAX = 10 * 1024**2
UPLOAD_TIPS_BYTES_MAX = 21 * 1024**2
PUBLIC_REQUESTS_PER_MINUTE = 300
PUBLIC_TIPS_PER_MINUTE = 3
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024**2
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 100
