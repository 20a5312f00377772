"""The example factory, loaded once a worker; journeys that write get a copy of their own."""

import os
import shutil
import uuid
from pathlib import Path

import databases
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def example_loaded(opened, pytestconfig):
    """A home with examples/factory in it, as `asbuilt import examples/factory` leaves it."""
    from asbuilt.built.exchange.actions import import_folder

    with _place(opened, pytestconfig.asbuilt_folder / "example") as place:
        place.enter()
        place.reports = import_folder(_local_system(), EXAMPLES / "factory")
        _leave()
        yield place


@pytest.fixture
def example(example_loaded):
    """The loaded example itself: for tests that only ask."""
    example_loaded.enter()
    yield example_loaded
    _leave()


@pytest.fixture
def example_copy(example_loaded, tmp_path):
    """A copy of the loaded example: for tests that write."""
    from asbuilt.ledger import clock

    with _place(example_loaded, tmp_path / "example") as place:
        place.enter()
        yield place
        clock.set_clock(None)
        _leave()


@pytest.fixture(scope="session")
def copy_of():
    """copy_of(place, folder): a context that gives a copy of a home, for files whose tests begin with more than the example."""
    return _place


@pytest.fixture
def no_home(opened, tmp_path):
    """A home that nobody opened yet, beside any other."""
    with _database("") as (name, url):
        place = type(opened)(tmp_path / "other", url)
        place.name = name
        yield place
        _leave()


@pytest.fixture
def ask(example):
    """ask(question) gives the JSON of design section 6, with the serial numbers, from the loaded example."""
    from asbuilt.questions.genealogy.answering import answers

    def asked(question: str, **options) -> dict:
        return answers.ask(_local_system(), question, serials=True, **options).as_dict()

    return asked


def _local_system():
    from asbuilt.access.actor import local_system
    from asbuilt.access.queries import tenant_of_slug

    return local_system(tenant_of_slug("main").number)


def _leave():
    from django.db import connections

    connections.close_all()


class _place:
    """A copy of a home: folder, keys, and on PostgreSQL a database of its own."""

    def __init__(self, source, folder: Path):
        self.source, self.folder = source, folder

    def __enter__(self):
        shutil.copytree(self.source.folder, self.folder / "home")
        shutil.copytree(self.source.keys, self.folder / "keys")
        self.database = _database(self.source.name)
        name, url = self.database.__enter__()
        place = type(self.source)(self.folder, url)
        place.name = name
        return place

    def __exit__(self, *error):
        self.database.__exit__(*error)
        shutil.rmtree(self.folder, ignore_errors=True)


class _database:
    """A PostgreSQL database for a while, from a template where one is named; nothing on SQLite."""

    def __init__(self, template: str):
        self.template, self.name = template, f"asbuilt_t_{uuid.uuid4().hex[:12]}"
        self.server = os.environ.get("ASBUILT_TEST_POSTGRESQL", "")

    def __enter__(self):
        if not self.server:
            return self.name, ""
        if self.template:
            databases.copy(self.server, self.template, self.name)
        else:
            databases.run(self.server, f'CREATE DATABASE "{self.name}"')
        from urllib.parse import urlsplit, urlunsplit

        return self.name, urlunsplit(urlsplit(self.server)._replace(path=f"/{self.name}"))

    def __exit__(self, *error):
        if self.server:
            databases.run(self.server, f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')
