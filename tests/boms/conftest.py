"""A home of the module's own with the order of `bom_floor` in it: nothing here writes to it."""

import pytest
from bom_floor import tables
from supply.conftest import person, stranger  # noqa: F401


@pytest.fixture
def floor(load):
    """The order is recorded."""
    load(tables())


@pytest.fixture
def reader(actor):
    """reader("SHOP") -> somebody of this party."""
    from asbuilt.access.actor import person_actor
    from asbuilt.designed.parties.queries import numbers_by_name

    def somebody(code: str):
        party = numbers_by_name(actor.tenant)[code]
        return person_actor(actor.tenant, 9, frozenset({"party_reader"}), party)

    return somebody
