"""A concession for a part that nobody approved, or that is in quarantine, is of what was on the unit when they agreed: what comes onto it later is another."""

import pytest
from sourcing_floor import lot, material

from asbuilt.ledger import clock


@pytest.fixture
def stops(actor, house):
    """stops("part_unapproved") -> whether that stops G8 at a step, and when it leaves."""
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.answers.gate.verdicts import verdicts

    def found(reason: str) -> tuple[bool, bool]:
        at_step, leaving = (verdicts(actor, "G8", "PACK")[0].stops, may_leave(actor, "G8")[0].stops)
        return tuple(f"gate.{reason}" in [stop.code for stop in one] for one in (at_step, leaving))

    return found


def agree(house: dict, reason: str) -> None:
    from asbuilt.answers.gate.conceding import propose_concession
    from asbuilt.built.quality.actions.concessions import approve_concession

    asked = {"codes": ["G8"], "allows": reason, "reason": "looked at it", "until_at": clock.now() + 10**12}
    name, _ = propose_concession(house["eva"], **asked)
    for who in ("ada", "brand"):
        approve_concession(house[who], concession=name)


def put_in(removed: str, installed: str, day: int) -> dict:
    return {"serial": "G8", "refdes": "U1", "removed_package": removed, "installed_package": installed, "operator": "045", "reason": "dead",
            "happened_at": f"2026-03-{day:02}T08:00:00Z"}  # fmt: skip


@pytest.mark.parametrize("reason", ["part_unapproved", "alternate_unqualified", "quarantine"])
def test_another_package_that_is_put_in_after_they_agreed_stops_the_unit_again(reason, house, actor, load, stops):
    from asbuilt.built.supply.actions.statuses import quarantine_packages
    from asbuilt.designed.changes.qualifying.actions.alternates import open_sheet, state_candidate

    load(
        {
            "lots": [lot("W-ALT2", "WIFI", "W-2", "LA", "2646"), lot("W-BAD", "WIFI", "W-1", "LB", "2646")],
            "materials": [material("WO-1", "G8", "G8", "U1", "W-ALT" if reason != "quarantine" else "W-BAD", 4)],
        },
        "built",
    )
    if reason == "alternate_unqualified":
        open_sheet(house["eva"], part="WIFI", title="Wi-Fi module")
        state_candidate(house["eva"], sheet="ALT-1", mpn="W-2", maker="Radio", properties={})
    if reason == "quarantine":
        quarantine_packages(actor, packages=["W-BAD"], reason="cracked")
    assert stops(reason) == (True, True)
    agree(house, reason)
    assert stops(reason) == (False, False)
    if reason == "quarantine":  # the same reel, put in again in place of a good one
        load({"replacements": [put_in("W-BAD", "W-NEW", 8)]}, "mended")
        assert stops(reason) == (False, False)
        load({"replacements": [put_in("W-NEW", "W-BAD", 9)]}, "again")
    else:
        load({"replacements": [put_in("W-ALT", "W-ALT2", 8)]}, "again")
    assert stops(reason) == (True, True)
    agree(house, reason)
    assert stops(reason) == (False, False)
