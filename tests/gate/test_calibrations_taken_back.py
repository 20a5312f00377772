"""A calibration that was taken back tells nothing; what it told against a unit stays until another one says otherwise. Expected by hand."""

import pytest
from shipping_floor import at, finished, run

from asbuilt.kernel.errors import NotAllowed

WARNED = ("gate.calibration_unknown",)


@pytest.fixture
def seen(actor):
    """seen("S0000") -> (codes of what stops it, codes of what is said of calibration, the words of the first)."""
    from asbuilt.answers.gate.leaving import may_leave

    def of(name):
        (one,) = may_leave(actor, name)
        said = [*one.stops, *(stop for stop in one.warnings if stop.code in WARNED)]
        return {stop.code.removeprefix("gate.") for stop in said}, one.go, said[0].message if said else ""

    return of


@pytest.fixture
def floor(load):
    """S0000 at GOOD, S0001 at STALE (calibrated until 2 March, tested on the 5th), S0002 at BAD (left out of tolerance on the 2nd), S0003 at LATE,
    whose first calibration is of 20 March. TWO stood at STALE too, and is good."""
    rows = finished(4)
    good = rows["calibrations"][0]
    bad = {"as_found": "out_of_tolerance", "as_left": "out_of_tolerance", "calibrated_at": at(2)}
    rows["calibrations"] += [
        {**good, "instrument": "BAD", "station": "BAD", **bad},
        {**good, "instrument": "LATE", "station": "LATE", "calibrated_at": at(20)},
        {**good, "instrument": "TWO", "station": "STALE"},
    ]
    rows["tests"] = [run(f"S000{n}", station=station) for n, station in enumerate(("GOOD", "STALE", "BAD", "LATE"))]
    load(rows)


def test_taking_back_the_only_calibration_of_a_bad_instrument_opens_no_gate(floor, seen, withdraw, load):
    """It turned the stop into a warning, and the units shipped."""
    assert [seen(f"S000{n}")[:2] for n in range(4)] == [(set(), True), *[({"calibration"}, False)] * 3]
    for name in ("STALE", "BAD", "LATE", "GOOD"):
        withdraw("calibrations", instrument=name)
    assert [seen(f"S000{n}")[:2] for n in range(4)] == [
        ({"calibration_unknown"}, True),
        *[({"calibration"}, False)] * 3,
    ]
    for name, told in (
        ("S0001", "STALE was calibrated until 2026-03-02"),
        ("S0002", "BAD was out of tolerance"),
        ("S0003", "LATE was not calibrated yet"),
    ):
        assert f"{told}, by a calibration that was taken back since" in seen(name)[2]
    # a calibration of the instrument says anew how it was, and another one at the station how that one is
    again = {**finished(1)["calibrations"][0], "certificate": "C2"}
    load(
        {"calibrations": [{**again, "instrument": name, "station": name} for name in ("STALE", "BAD", "LATE")]}, "again"
    )
    assert [seen(f"S000{n}")[:2] for n in range(4)] == [({"calibration_unknown"}, True), *[(set(), True)] * 3]


def test_a_calibration_that_was_corrected_is_read_as_corrected(floor, seen, correct):
    """A certificate typed wrong: until 2027, left in tolerance; and an instrument that stood elsewhere all the time."""
    correct("calibrations", {"instrument": "STALE"}, valid_until="2027-03-02")
    correct("calibrations", {"instrument": "BAD"}, as_left="in_tolerance")
    correct("calibrations", {"instrument": "LATE"}, station="ELSEWHERE")
    assert [seen(f"S000{n}")[:2] for n in range(4)] == [*[(set(), True)] * 3, ({"calibration_unknown"}, True)]


def test_a_calibration_is_taken_back_by_who_agrees_for_the_house(floor, seen, actor):
    """With an older good one beside it, the bad one was withdrawn, or corrected, by whoever calibrates, and the units went without a word."""
    from asbuilt.access.actor import person_actor
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.built.exchange.exporting import rows_of
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.formats.tables import TABLES, fact_id

    table = TABLES["calibrations"]
    facts = {row[0]: fact_id(table, row) for row in rows_of(actor.tenant, "calibrations")}
    engineer, lead = (
        person_actor(actor.tenant, 500 + n, frozenset({role}), None)
        for n, role in enumerate(("engineer", "quality_lead"))
    )
    for name in ("STALE", "BAD"):
        for undo in (
            lambda who, fact: withdraw_facts(who, [Withdraw(fact, "typed wrong", "045", 1)]),
            lambda who, fact: correct_fact(who, fact, {"station": "X"}, reason="typo", person="045", decided_at=1),
        ):
            with pytest.raises(NotAllowed) as refusal:
                undo(engineer, facts[name])
            assert refusal.value.code == "exchange.row_needs_right"
            assert refusal.value.facts["right"] == "concession.approve"
    assert seen("S0002")[0] == {"calibration"}
    correct_fact(lead, facts["BAD"], {"as_left": "in_tolerance"}, reason="typo", person="045", decided_at=1)
    assert seen("S0002")[:2] == (set(), True)
