"""The order of `bom_floor`, loaded once; each test works in a copy of that home."""

import uuid

import cast
import pytest
from bom_floor import tables
from csv_tables import write_tables
from supply.conftest import person, stranger  # noqa: F401


@pytest.fixture(scope="session")
def floor_home(opened, tmp_path_factory):
    """A home with the order in it."""
    folder = tmp_path_factory.mktemp("bom_floor")
    copied = cast._copy(opened, folder, f"asbuilt_t_{uuid.uuid4().hex[:12]}")
    copied.enter()
    try:
        from asbuilt.access.actor import local_system
        from asbuilt.access.queries import tenant_of_slug
        from asbuilt.built.exchange.actions import import_folder

        place = folder / "tables"
        write_tables(place, tables())
        import_folder(local_system(tenant_of_slug("main").number), place)
    finally:
        cast._leave()
    yield copied
    cast._drop(copied)


@pytest.fixture
def home(floor_home, tmp_path):
    """A home of the test's own with the order recorded."""
    with cast.entered(floor_home, tmp_path / "floor") as place:
        yield place


@pytest.fixture
def floor(home):
    """The order is recorded."""


@pytest.fixture
def reader(actor):
    """reader("SHOP") -> somebody of this party."""
    from asbuilt.access.actor import person_actor
    from asbuilt.designed.parties.queries import numbers_by_name

    def somebody(code: str):
        party = numbers_by_name(actor.tenant)[code]
        return person_actor(actor.tenant, 9, frozenset({"party_reader"}), party)

    return somebody
