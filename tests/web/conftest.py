"""The web in the test's process: the settings of pages on top of those of the command line, and a browser-less client."""

import importlib

import pytest

PASSWORD = "nine reels of solder"
TAKEN = {
    "MIDDLEWARE",
    "STATIC_URL",
    "STATICFILES_DIRS",
    "SESSION_ENGINE",
    "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_AGE",
    "SESSION_COOKIE_HTTPONLY",
    "SESSION_COOKIE_SAMESITE",
    "CSRF_COOKIE_NAME",
    "CSRF_COOKIE_HTTPONLY",
    "CSRF_FAILURE_VIEW",
    "LANGUAGE_COOKIE_NAME",
    "LANGUAGE_COOKIE_AGE",
    "SECURE_REFERRER_POLICY",
    "CONTENT_SECURITY_POLICY",
    "BEHIND_PROXY",
    "FILE_UPLOAD_HANDLERS",
    "UPLOAD_FILE_BYTES_MAX",
    "UPLOAD_REQUEST_BYTES_MAX",
    "UPLOAD_PAPER_BYTES_MAX",
    "UPLOAD_PAPERS_BYTES_MAX",
    "DATA_UPLOAD_MAX_MEMORY_SIZE",
    "DATA_UPLOAD_MAX_NUMBER_FIELDS",
    "DATA_UPLOAD_MAX_NUMBER_FILES",
    "WHITENOISE_USE_FINDERS",
    "ALLOWED_HOSTS",
}


@pytest.fixture
def web(home):
    """The settings of pages for the time of a test."""
    from django.test import override_settings

    said = importlib.import_module("asbuilt.site.web_settings")
    taken = {name: getattr(said, name) for name in TAKEN}
    with override_settings(**{**taken, "ALLOWED_HOSTS": ["testserver"]}):
        yield


@pytest.fixture
def browser(web):
    """browser() -> a client that checks forgery tokens like a real server."""
    from django.test import Client

    class Browser(Client):
        def send(self, address: str, said: dict | None = None, **extra):
            """POST a form with its secret, as a page would."""
            secret = self.cookies.get("asbuilt_csrf")
            if secret is None:
                self.get("/sign-in/" if not self.cookies.get("asbuilt_session") else "/you/")
                secret = self.cookies["asbuilt_csrf"]
            return self.post(address, {**(said or {}), "csrfmiddlewaretoken": secret.value}, **extra)

    return lambda: Browser(enforce_csrf_checks=True, raise_request_exception=False)


@pytest.fixture
def password() -> str:
    """A password that the rules take."""
    return PASSWORD


@pytest.fixture
def signed_in(browser):
    """signed_in("engineer") -> a client of a person with these roles; the first call makes the administrator."""
    from asbuilt.access.actions import accept_link, first_link, invite

    first = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)

    def client(*roles: str, party: int | None = None):
        one = browser()
        login = "ada"
        if roles:
            number, secret = invite(first, name=f"P. {roles[0]}", roles=list(roles), party=party)
            login = f"person{number}"
            accept_link(secret, name=f"P. {roles[0]}", login=login, password=PASSWORD)
        answer = one.send("/sign-in/", {"login": login, "password": PASSWORD, "company": "main"})
        assert answer.status_code == 302, answer.content
        return one

    client.first = first
    return client


@pytest.fixture
def place_of_another_process(home):
    """place_of_another_process("name") -> another process holds the lock of that name during the block."""
    import subprocess
    import sys
    from contextlib import contextmanager

    holder = (
        "import sys, django; django.setup()\n"
        "from asbuilt.storage.transactions import try_lock\n"
        "with try_lock(sys.argv[1]) as ours:\n"
        "    print(ours, flush=True); sys.stdin.read()\n"
    )

    @contextmanager
    def held(name: str):
        command = [sys.executable, "-c", holder, name]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=home.env()
        ) as other:
            assert other.stdout.readline() == "True\n"
            yield
            other.stdin.close()
            other.wait(10)

    return held
