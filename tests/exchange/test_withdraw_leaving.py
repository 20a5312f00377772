"""What leaves is withdrawn and corrected as other facts are: where it is and what stands on it follow."""

import pytest

from asbuilt.kernel.errors import Refused


@pytest.fixture
def correct(actor):
    """correct(fact, column="cell") puts the row anew."""
    from asbuilt.built.exchange.correcting import correct_fact

    said = {"reason": "entered wrongly", "person": "045", "decided_at": 1_800_000_000_000_000}
    return lambda fact, **cells: correct_fact(actor, fact, cells, **said)


def test_a_unit_that_was_never_put_in_and_a_box_that_carries_something(built, fact, withdraw, correct, actor):
    from pyroaring import BitMap

    from asbuilt.built.shipping.packing import container_of, units_in
    from asbuilt.storage import reading

    unit = reading.fetch_one(
        "SELECT unit FROM shipping_packed WHERE tenant = 1 AND container = 'BOX-1' AND action = 'in' ORDER BY happened_at",
        (),
    )[0]
    assert units_in(actor.tenant, "SH-9") == BitMap([unit])
    with pytest.raises(Refused) as rests:
        withdraw(fact("containers", 0))
    assert rests.value.code == "exchange.fact_rested_on" and "BOX-1" in rests.value.message
    withdraw(fact("packed", 0))
    assert units_in(actor.tenant, "SH-9") == BitMap()
    correct(fact("containers", 1), note="the heavy one")
    assert container_of(actor.tenant, "PAL-1").note == "the heavy one"


def test_a_return_a_placing_and_a_concession(built, fact, withdraw, correct, ask):
    assert ask("in:returned") == (1, 0, 0)
    correct(fact("returns", 1), said="R2 open")
    withdraw(fact("returns", 2))
    withdraw(fact("returns", 0))
    assert ask("in:returned") == (0, 0, 0)
    before = ask("placed:2027-03-12T08:00:00Z..")
    withdraw(fact("placings", 1))
    assert ask("placed:2027-03-13..") == (0, 0, 0) and before[0] >= 1
    with pytest.raises(Refused):
        withdraw(fact("concessions", 0), fact("concessions", 1))
    withdraw(fact("concessions", 0), fact("concessions", 1), *(fact("concession_decisions", n) for n in range(3)))


def test_a_party_that_has_a_role_is_not_withdrawn(built, fact, withdraw):
    with pytest.raises(Refused) as rests:
        withdraw(fact("parties", 1))
    assert rests.value.code == "exchange.fact_rested_on"
    withdraw(fact("product_roles", 1), fact("product_roles", 0))
