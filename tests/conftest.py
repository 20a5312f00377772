"""What every test stands on: a home of its own, on the engine that is being tested.

`ASBUILT_TEST_POSTGRESQL` names a throw-away PostgreSQL server (script/test starts it); without it the tests run on SQLite.
Each test that asks for `home` gets a fresh copy of an opened home: real files, real commits, nothing rolled back.
"""

import gc
import os
import shutil
import uuid
from pathlib import Path

import csaf  # noqa: F401  before a bench of that name can stand on the path
import databases
import pytest
from csv_tables import write_tables
from hardware_token import token  # noqa: F401
from hypothesis import HealthCheck, settings

SHARED = Path(os.environ.get("ASBUILT_SHARED_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
SERVER = os.environ.get("ASBUILT_TEST_POSTGRESQL", "")

OF_PAGES = ("INSTALLED_APPS", "ROOT_URLCONF", "TEMPLATES")

settings.register_profile("asbuilt", print_blob=True, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("asbuilt")


def pytest_configure(config):
    """Point the whole process at a home that holds nothing until a test asks for one."""
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="asbuilt-tests-"))
    config.asbuilt_folder = folder
    os.environ["ASBUILT_HOME"] = str(folder / "none")
    os.environ["ASBUILT_KEYS"] = str(folder / "none-keys")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "asbuilt.site.settings")
    os.environ.pop("ASBUILT_DATABASE_URL", None)
    import django
    from django.conf import settings as of_django
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    from asbuilt.site import web_settings

    # addresses and templates are the same for all tests: read once a process, and not by each test that opens a page
    for name in OF_PAGES:
        setattr(of_django, name, getattr(web_settings, name))
    django.setup()
    # half a second a password is for attackers; a suite that signs in a thousand times needs none of it
    PBKDF2PasswordHasher.iterations = 1_000


@pytest.fixture(autouse=True)
def language_of_pages_ends():
    """A page asked for in German leaves its language to the thread; no test hears it from the one before."""
    yield
    from django.utils import translation

    translation.deactivate()


def pytest_collection_finish(session):
    """What was loaded by now stays: the collector of cycles need not look through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config):
    shutil.rmtree(config.asbuilt_folder, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real boards, labels, vectors and feeds beside the checkout."""
    if not SHARED.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"the shared data is not at {SHARED}")
        pytest.skip(f"no shared data at {SHARED}")
    return SHARED


class Place:
    """A home: its folder, its keys, its database URL (empty on SQLite), and the environment a child process needs."""

    def __init__(self, folder: Path, url: str):
        self.folder, self.keys, self.url = folder / "home", folder / "keys", url

    def enter(self) -> None:
        """Make this process use it."""
        from django.db import connections

        from asbuilt.storage.databases import database_settings

        os.environ["ASBUILT_HOME"], os.environ["ASBUILT_KEYS"] = str(self.folder), str(self.keys)
        if self.url:
            os.environ["ASBUILT_DATABASE_URL"] = self.url
        else:
            os.environ.pop("ASBUILT_DATABASE_URL", None)
        leave()
        for alias, said in database_settings().items():
            connections.settings[alias].update(said)

    def env(self) -> dict:
        """The environment for a command that shall work on this home."""
        env = {**os.environ, "ASBUILT_HOME": str(self.folder), "ASBUILT_KEYS": str(self.keys)}
        env.pop("ASBUILT_DATABASE_URL", None)
        if self.url:
            env["ASBUILT_DATABASE_URL"] = self.url
        return env


def leave() -> None:
    """Close and forget the connections of this thread."""
    from django.db import connections

    for alias in list(connections):
        connections[alias].close()
        delattr(connections._connections, alias)


def nowhere(opened: Place) -> None:
    """Leave a home for none: a test that asked for no home shall not find the one of the test before it."""
    Place(opened.folder.parent / "none", "").enter()


def _database_url(name: str) -> str:
    from urllib.parse import urlsplit, urlunsplit

    parts = urlsplit(SERVER)
    return urlunsplit(parts._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def opened(pytestconfig) -> Place:
    """One opened home a worker: migrated, keys made, tenant `main`."""
    from asbuilt.access.opening import open_home

    name = f"asbuilt_t_{uuid.uuid4().hex[:12]}"
    folder = pytestconfig.asbuilt_folder / "opened"
    if SERVER:
        databases.run(SERVER, f'CREATE DATABASE "{name}"')
    place = Place(folder, _database_url(name) if SERVER else "")
    place.name = name
    place.enter()
    open_home()
    leave()
    gc.collect()
    gc.freeze()
    yield place
    if SERVER:
        databases.run(SERVER, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def home(opened, tmp_path) -> Place:
    """A fresh home of the test's own."""
    name = f"asbuilt_t_{uuid.uuid4().hex[:12]}"
    shutil.copytree(opened.folder, tmp_path / "home")
    shutil.copytree(opened.keys, tmp_path / "keys")
    if SERVER:
        databases.copy(SERVER, opened.name, name)
    place = Place(tmp_path, _database_url(name) if SERVER else "")
    place.enter()
    yield place
    from asbuilt.ledger import clock

    clock.set_clock(None)
    nowhere(opened)
    if SERVER:
        databases.run(SERVER, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def fresh_home(opened, tmp_path):
    """A context that gives a fresh home and a folder, again and again within one test: for random factories."""
    from contextlib import contextmanager

    @contextmanager
    def enter():
        name = f"asbuilt_t_{uuid.uuid4().hex[:12]}"
        root = tmp_path / name
        shutil.copytree(opened.folder, root / "home")
        shutil.copytree(opened.keys, root / "keys")
        if SERVER:
            databases.copy(SERVER, opened.name, name)
        Place(root, _database_url(name) if SERVER else "").enter()
        (root / "tables").mkdir()
        try:
            yield root / "tables"
        finally:
            nowhere(opened)
            shutil.rmtree(root)
            if SERVER:
                databases.run(SERVER, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    return enter


@pytest.fixture
def empty_home(opened, tmp_path) -> Place:
    """A home that nobody opened yet."""
    name = f"asbuilt_t_{uuid.uuid4().hex[:12]}"
    if SERVER:
        databases.run(SERVER, f'CREATE DATABASE "{name}"')
    place = Place(tmp_path, _database_url(name) if SERVER else "")
    place.enter()
    yield place
    nowhere(opened)
    if SERVER:
        databases.run(SERVER, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def actor(home):
    """The local system account of tenant `main`."""
    from asbuilt.access.actor import local_system
    from asbuilt.access.queries import tenant_of_slug

    return local_system(tenant_of_slug("main").number)


@pytest.fixture
def load(actor, tmp_path):
    """load({"units": [{"order": …}, …], …}) imports these tables as files of one folder."""

    def load_tables(tables: dict[str, list[dict]], folder: str = "tables", line_end: str = "\n"):
        from asbuilt.built.exchange.actions import import_folder

        place = tmp_path / folder
        write_tables(place, tables, line_end)
        return import_folder(actor, place)

    return load_tables
