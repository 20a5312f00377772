"""A product goes to another manufacturer: what the former one agreed to holds for the units behind its boundary, and the new one may stop it."""

import change_floor
import pytest
from sourcing_floor import material

from asbuilt.kernel.errors import Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock

DAY = 86_400_000_000


def makes(party: str, at: str) -> dict:
    return {"product": "gateway", "party": party, "role": "manufacturer", "operator": "", "happened_at": at}


@pytest.fixture
def sold(load):
    """sold() lets OTHER be the manufacturer from tomorrow on, and it is the day after."""

    def verb() -> None:
        now = clock.now()
        clock.set_clock(lambda: now + 2 * DAY)
        load({"product_roles": [makes("OTHER", format_instant(now + DAY))]}, "sold")

    return verb


@pytest.fixture
def waiting(house, load):
    """ECO-1 brings Radio/W-2, which parts.csv approves; everybody agreed."""
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, propose_eco

    part = {"part": "WIFI", "description": "", "mpn": "W-2", "manufacturer": "Radio", "lifecycle": "active", "msl": ""}
    load({"parts": [part]}, "part")
    code = propose_eco(house["eva"], title="T", why="w", products=["gateway"])
    said = {"product": "gateway", "kind": "part", "subject": ["WIFI"], "old": "Radio/W-1", "new": "Radio/W-2"}
    add_change(house["eva"], eco=code, **said)
    change_floor.assess(house["eva"], code)
    change_floor.agree(code, (house["ada"], ""), (house["brand"], ""))
    return code


@pytest.fixture
def bounded(waiting, house, load):
    """It holds from H6 on, and H6 was built so."""
    bound(house)
    load({"materials": [material("WO-2", "H6", "H7", "U1", "W-ALT", 4)]}, "built")
    return waiting


def bound(house) -> None:
    from asbuilt.answers.gate.bounding import set_boundary

    set_boundary(house["ben"], eco="ECO-1", kind="unit", value="H6", why="w")


def stands(actor) -> tuple[list[str], str]:
    """What stops H6 at SMT, and how the ECO stands."""
    from asbuilt.answers.gate.verdicts import verdicts
    from asbuilt.questions.genealogy.answering.changes_built import change_seen

    return [stop.code for stop in verdicts(actor, "H6", "SMT")[0].stops], change_seen(actor, "ECO-1")["state"]


def test_what_was_agreed_to_holds_and_the_new_one_may_stop_it(bounded, house, actor, sold):
    """Every unit behind every boundary stood still, as *not approved any more*, though nobody had taken anything back."""
    from asbuilt.designed.changes.controlling.actions.deciding import decide

    assert stands(actor) == ([], "in_force")
    sold()
    assert stands(actor) == ([], "in_force")
    decide(house["other"], eco="ECO-1", decision="refused", why="W-2 has no secure boot")
    assert stands(actor) == (["gate.change_suspended"], "suspended")
    decide(house["other"], eco="ECO-1", decision="approved")
    assert stands(actor) == ([], "in_force")


def test_a_boundary_that_is_set_or_moved_since_asks_the_new_one(waiting, house, actor, sold):
    from asbuilt.designed.changes.controlling.actions.deciding import decide

    sold()
    with pytest.raises(Refused) as refused:
        bound(house)
    assert "Other Brand" in refused.value.message
    decide(house["other"], eco="ECO-1", decision="approved")
    bound(house)
    assert stands(actor) == ([], "in_force")


def test_who_turns_out_to_have_been_the_manufacturer_all_along_has_to_agree(bounded, actor, load):
    """The word of BRAND was another one's: that is known since, and was so when the boundary was set."""
    load({"product_roles": [makes("OTHER", "2026-03-02T08:00:00Z")]}, "it was OTHER")
    assert stands(actor) == (["gate.change_suspended"], "suspended")
