"""What the tests of the log share: two shapes of their own, and a way to record entries with facts of them."""

import os
import uuid

import pytest
from rows_by_hand import id_of, text_of


@pytest.fixture(scope="session")
def shapes():
    """A shape of many rows, one a unit, and one of few rows, each over a span."""
    from asbuilt.ledger.shapes import REGISTRY, Shape

    if "test.unit/1" not in REGISTRY:
        Shape("test.unit/1", 901, ("unit", "serial"), few=False)
        Shape("test.run/1", 902, ("first_unit", "until_unit", "package"))
    return REGISTRY["test.unit/1"], REGISTRY["test.run/1"]


@pytest.fixture
def record(actor, shapes):
    """record(units=range, runs=[(first, until, package)], hide={}, key=…) appends one entry and returns it."""
    from asbuilt.ledger.recording import recording

    unit_shape, run_shape = shapes

    def append(units=(), runs=(), hide=None, key=None, said=None, rest_on=None):
        with recording(actor, "test.recorded", request_key=key) as entry:
            entry.notes = said or {}
            if units:
                rows = [(unit, f"SN{unit:06}") for unit in units]
                ids = [id_of("units", serial) for _, serial in rows]
                entry.facts(unit_shape).add([text_of(row) for row in rows], ids, units[0], units[-1] + 1)
            for run in runs:
                entry.facts(run_shape).add([text_of(run)], [id_of("runs", *map(str, run))], run[0], run[1])
            for path, value in (hide or {}).items():
                entry.hide(path, value)
            if rest_on is not None:
                rest_on.record(entry)
        return entry

    return append


@pytest.fixture
def empty_home_apart(home, tmp_path_factory):
    """A home that nobody opened yet, beside that of `home`; `enter` it when it is its turn."""
    place = type(home)(tmp_path_factory.mktemp("apart"), "")
    if not home.url:
        yield place
        return
    import psycopg
    from django.db import connections

    name = f"asbuilt_t_{uuid.uuid4().hex[:12]}"
    place.url = home.url.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(os.environ["ASBUILT_TEST_POSTGRESQL"], autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield place
        connections.close_all()
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
