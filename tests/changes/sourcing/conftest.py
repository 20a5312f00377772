"""The factory of sourcing_floor, and who acts in it."""

import pytest
import sourcing_floor
from supply.conftest import person, stranger  # noqa: F401


@pytest.fixture
def house(load, actor):
    """The factory, and its people by name."""
    load(sourcing_floor.tables())
    return sourcing_floor.people(actor.tenant)


@pytest.fixture
def stops(house, actor):
    """stops("WO-2", "W-ALT") -> what stops this reel at U1 of that order."""
    from asbuilt.built.production.mounting_checks import Use, stops_of
    from asbuilt.built.production.orders import Orders
    from asbuilt.built.supply.queries import PackageFinder
    from asbuilt.designed.catalog.queries import part_numbers
    from asbuilt.ledger import clock

    def codes(order: str, package: str) -> list[str]:
        part = part_numbers(actor.tenant, ["WIFI"])["WIFI"]
        use = Use(PackageFinder(actor.tenant).find([package])[package], "U1", frozenset([part]))
        return [
            stop.code for stop in stops_of(actor.tenant, Orders(actor.tenant).by_code(order), [use], clock.now())[0]
        ]

    return codes
