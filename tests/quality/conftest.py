"""What the tests of this room share."""

import pytest
from elsewhere import another_home  # noqa: F401
from line_and_box import AT, factory
from production.conftest import correct, findings, moved, refusal, withdraw  # noqa: F401
from supply.conftest import person, stranger  # noqa: F401


@pytest.fixture
def line(load):
    """The line and box, of our own making: boards B1 to B8 of order WO, boxes X1 and X2 of WX."""
    tables = factory()
    tables["parties"] = [
        {"party": "US", "name": "Our Works", "roles": "ems", "country": "DE"},
        {"party": "BRAND", "name": "Brand One", "roles": "manufacturer", "country": "AT"},
    ]
    tables["product_roles"] = [
        {"product": "", "party": "US", "role": "own", "operator": "", "happened_at": AT},
        {"product": "board", "party": "US", "role": "manufacturer", "operator": "", "happened_at": AT},
        {"product": "box", "party": "BRAND", "role": "manufacturer", "operator": "", "happened_at": AT},
    ]
    tables["orders"][1]["customer"] = "BRAND"
    load(tables)


@pytest.fixture
def raised(actor, line):
    """raised("B1..B4", …) -> the code of a nonconformity about these units."""
    from asbuilt.answers.register.nonconformities import open_nonconformity

    def one(*units: str, by=None, **said):
        said = {"source": "test", "severity": "major", "description": "Void under U1", **said}
        return open_nonconformity(by or actor, units=units, **said)

    return one


@pytest.fixture
def seen(actor):
    """seen(code) -> the nonconformity."""
    from asbuilt.built.quality.nonconformities import nonconformity

    return lambda code: nonconformity(actor.tenant, code)


@pytest.fixture
def blocked(actor):
    """blocked() -> {code: serial numbers on which it is open}, as the gate asks. Units B1 to B8 are 1 to 8, X1 and X2 are 9 and 10."""
    from asbuilt.built.quality.open_nonconformities import open_nonconformities

    def of(first: int = 1, until: int = 11):
        found = open_nonconformities(actor.tenant, first, until)
        return {one.code: [f"B{unit}" if unit < 9 else f"X{unit - 8}" for unit in one.units] for one in found}

    return of
