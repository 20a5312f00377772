"""A substantial modification moves a unit's law (Article 69(2), 3(30); cra.md sections 0, 5, 9): made on it after 11 December 2027, never by a boundary alone."""

import change_floor
import pytest
from case_floor import TABLES, order
from changes.conftest import people  # noqa: F401
from compliance_floor import shipped
from filing_floor import release

OLD, NEW = "Yageo/RC0402", "Vishay/CRCW0402"
SOLD = "2027-06-01"


def written(serial: str, version: str, day: str) -> dict:
    said = {"serial": serial, "product": "OWN-1", "version": version, "result": "pass", "role": "app"}
    return {**said, "happened_at": f"{day}T08:00:00Z"}


def swapped(serial: str, removed: str, installed: str, day: str) -> dict:
    said = {
        "serial": serial,
        "refdes": "R1",
        "removed_package": removed,
        "installed_package": installed,
        "operator": "045",
    }
    return {**said, "reason": "repair", "happened_at": f"{day}T08:00:00Z"}


def reel(code: str, maker_part: str) -> dict:
    maker, mpn = maker_part.split("/")
    said = {
        "package": code,
        "package_kind": "reel",
        "part": "R-10K",
        "mpn": mpn,
        "manufacturer": maker,
        "lot_code": code,
    }
    return {**said, "quantity": "900", "status": "released"}


def tables() -> dict[str, list[dict]]:
    """OWN-1: seven units of WO-1, built with 1.0 or 2.0; WO-3 is planned."""
    units = [
        {"order": code, "serial": f"{code}-{n}", "panel": "", "position": "", "state": state}
        for code, count, state in (("WO-1", 7, "built"), ("WO-3", 2, "planned"))
        for n in range(1, count + 1)
    ]
    old = {1: "1.0.0", 2: "2.0.0", 3: "1.0.0", 4: "1.0.0", 5: "1.0.0", 6: "1.0.0", 7: "1.0.0"}
    return {
        **TABLES,
        "orders": [{**order("WO-1", "OWN-1", "OW"), "quantity": "7"}, {**order("WO-3", "OWN-1", "OW"), "quantity": "2"}],
        "units": units,
        "lots": [reel("Y1", OLD), reel("V1", NEW), reel("V2", NEW)],
        "firmware": [{**release(version, "true"), "released_at": at} for version, at in (
            ("1.0.0", "2026-01-01T00:00:00Z"), ("2.0.0", "2026-02-01T00:00:00Z"), ("2.1.0", "2026-03-01T00:00:00Z"))],
        "programming": [written(f"WO-1-{n}", version, "2027-05-02") for n, version in old.items()],
        "shipments": [shipped("SH-1", "WO-1-1", "WO-1-5", SOLD), shipped("SH-2", "WO-1-6", "WO-1-6", "2027-12-11")],
    }  # fmt: skip


@pytest.fixture
def floor(load, actor, people, on):  # noqa: F811
    """The house, and bounded(change, kind, value, substantial="yes") -> the code of an ECO that all agreed to, with its boundary."""
    on("2027-06-15")
    load(tables())
    eva, ben = people("eva", "engineer"), people("ben", "quality_lead")
    others = [(people(f"p{at}", role), role) for at, role in enumerate(("release_signer", "psirt", "compliance"))]

    def bounded(change: dict, kind: str, value: str, substantial: str = "yes") -> str:
        from asbuilt.answers.gate.bounding import set_boundary
        from asbuilt.designed.changes.controlling.actions.proposing import add_change, propose_eco

        code = propose_eco(eva, title="T", why="w", products=["OWN-1"])
        add_change(eva, eco=code, product="OWN-1", **change)
        change_floor.assess(eva, code, substantial, changed_purpose=substantial)
        wanted = {"release_signer"} if change["kind"] == "firmware" else set()
        wanted |= {"psirt", "compliance"} if substantial == "yes" else set()
        change_floor.agree(code, (ben, "quality_lead"), *[one for one in others if one[1] in wanted])
        set_boundary(ben, eco=code, kind=kind, value=value, why="from then on")
        return code

    bounded.ben = ben
    return actor, bounded


def laws(actor) -> dict[str, tuple]:
    from asbuilt.answers.compliance.keeping.seen import unit_clocks

    found = {n: unit_clocks(actor, f"WO-1-{n}") for n in range(1, 8)}
    return {n: (one["regime"], one["modified_on"], one["eco"]) for n, one in found.items()}


BEFORE = ("before", "", "")
FIRMWARE = {"kind": "firmware", "subject": ["app"], "old": "1.0.0", "new": "2.0.0"}
PART = {"kind": "part", "subject": ["R-10K"], "old": OLD, "new": NEW}


def test_firmware_of_a_substantial_eco_moves_the_units_it_is_written_on_and_no_other(floor, load, on):
    from asbuilt.answers.compliance.keeping.report import retention_report
    from asbuilt.answers.compliance.keeping.seen import support_told

    actor, bounded = floor
    code = bounded(FIRMWARE, "date", "2027-07-01")
    # a boundary that lies behind units which are out, with the new firmware on one of them: nobody's law moves
    assert laws(actor) == {
        1: BEFORE,
        2: BEFORE,
        3: BEFORE,
        4: BEFORE,
        5: BEFORE,
        6: ("after", "", ""),
        7: (None, "", ""),
    }
    from asbuilt.answers.compliance.keeping.actions import set_support

    on("2028-02-15")
    set_support(
        actor,
        product="OWN-1",
        start_on="2027-01-01",
        end_on="2032-06-01",
        expected_years=5,
        why="looked at before the update",
    )
    on("2028-06-01")
    load({"programming": [
        written("WO-1-1", "2.0.0", "2028-03-05"), written("WO-1-2", "2.0.0", "2028-03-05"),  # the second one had it when it was sold
        written("WO-1-3", "2.1.0", "2028-05-07"),  # a later version carries the change on
        written("WO-1-4", "2.0.0", "2027-12-10"), written("WO-1-4", "2.0.0", "2028-02-02"),  # modified a day before the law, written again later
        written("WO-1-5", "1.0.0", "2028-03-05"), written("WO-1-6", "2.0.0", "2028-03-05"),
    ]}, "field")  # fmt: skip
    moved = {1: ("after", "2028-03-05", code), 3: ("after", "2028-05-07", code)}
    assert laws(actor) == {
        1: moved[1],
        2: BEFORE,
        3: moved[3],
        4: BEFORE,
        5: BEFORE,
        6: ("after", "", ""),
        7: (None, "", ""),
    }
    told = support_told(actor, "OWN-1")
    assert [(one["regime"], one["units"], one["modified"]) for one in told["regimes"]] == [
        ("before", 3, 0),
        ("after", 3, 2),
    ]
    # papers: ten years from the last modification, which is a new placing; ends of support are not moved by it
    assert (told["documents"]["last_placed_on"], told["documents"]["until"]) == ("2028-05-07", "2038-05-07")
    assert {one["support_end_on"] for one in told["by_day"]} == {"2032-06-01"}
    assert [gap for gap in told["gaps"] if "substantially" in gap] == [
        f"{code} modified units placed on {SOLD} substantially on {day} (1): the support period was not looked at again since."
        for day in ("2028-03-05", "2028-05-07")
    ]
    row = next(one for one in retention_report(actor, 2028)["products"] if one["product"] == "OWN-1")
    assert (row["regimes"], row["documents_until"]) == ({"before": 3, "after": 3}, "2038-05-07")
    set_support(
        actor, product="OWN-1", start_on="2028-06-01", end_on="2033-06-30", expected_years=5, why="looked at again"
    )
    assert not [gap for gap in support_told(actor, "OWN-1")["gaps"] if "substantially" in gap]
    # an approval is taken back: what was done to the units stands
    from asbuilt.designed.changes.controlling.actions.deciding import decide

    decide(bounded.ben, eco=code, decision="revoked", role="quality_lead", why="looked at again")
    assert laws(actor)[1] == moved[1]


def test_an_eco_that_is_not_substantial_moves_nothing(floor, load, on):
    actor, bounded = floor
    bounded(FIRMWARE, "date", "2027-07-01", substantial="no")
    on("2028-06-01")
    load({"programming": [written("WO-1-1", "2.0.0", "2028-03-05")]}, "field")
    assert laws(actor)[1] == BEFORE


def test_a_part_put_in_moves_a_unit_before_the_boundary_and_none_that_was_built_so(floor, load, on):
    from asbuilt.answers.compliance.keeping.seen import unit_clocks

    actor, bounded = floor
    code = bounded(PART, "unit", "WO-3-1")
    load({"shipments": [shipped("SH-3", "WO-3-1", "WO-3-2", "2027-07-01")]}, "built so, sold")
    on("2028-06-01")
    load({"replacements": [
        swapped("WO-1-1", "Y1", "V1", "2028-03-05"), swapped("WO-1-2", "V1", "V2", "2028-03-06"),  # the second one had the new part
        swapped("WO-1-3", "Y1", "Y1", "2028-03-07"), swapped("WO-1-5", "", "V1", "2028-03-08"),  # nobody said what came out
        swapped("WO-3-1", "", "V2", "2028-03-09"),  # behind the boundary: built with it
    ]}, "repairs")  # fmt: skip
    assert laws(actor) == {
        1: ("after", "2028-03-05", code), 2: BEFORE, 3: BEFORE, 4: BEFORE, 5: ("after", "2028-03-08", code), 6: ("after", "", ""), 7: (None, "", ""),
    }  # fmt: skip
    assert unit_clocks(actor, "WO-3-1")["regime"] == "before"
