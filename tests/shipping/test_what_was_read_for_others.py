"""The gate reads what is on a unit once where questions are held or parts are spoken of, and judges its packages from that: it says the same as where
nothing of the kind is there and it looks packages up by themselves."""

import pytest
from shipping_floor import at, finished, lot, material, names

RES2 = {"part": "RES2", "description": "", "mpn": "R-2", "manufacturer": "Acme", "lifecycle": "", "msl": ""}
CAP = {"part": "CAP", "description": "", "mpn": "", "manufacturer": "", "lifecycle": "", "msl": ""}
# what lies at R1, and why the unit may not leave for it
ON = {
    "fine": ({}, []),
    "came blocked": ({"status": "quarantine"}, ["quarantine"]),
    "blocked later": ({}, ["quarantine"]),
    "released since": ({"status": "quarantine"}, []),
    "of another maker": ({"mpn": "X-9", "manufacturer": "Other"}, ["part_unapproved"]),
    "no number": ({"mpn": "", "manufacturer": ""}, ["maker_unknown"]),
    "another part": ({"part": "RES2", "mpn": "R-2"}, ["other_part"]),
    "spelled otherwise": ({"mpn": "m-res", "manufacturer": "ACME"}, []),
    "free part": ({"part": "CAP", "mpn": "C-1"}, ["other_part"]),
}


def said(package: str, status: str) -> dict:
    return {"package": package, "status": status, "reason": "r", "operator": "046", "happened_at": at(5)}


@pytest.fixture
def stops(actor, load):
    """stops() -> name of what lies there: why its unit may not leave, of what is against packages."""
    from asbuilt.answers.gate.leaving import may_leave, order_may_leave

    units = names(len(ON) + 1)
    rows = finished(len(units))
    rows["parts"] += [RES2, CAP]
    rows["lots"] += [{**lot(f"PK-{n}"), **more} for n, (more, _) in enumerate(ON.values())]
    rows["materials"] = [material(units[n], units[n], f"PK-{n}") for n in range(len(ON))]
    rows["materials"].append(material(units[-1], units[-1], "OK"))
    load(rows)
    load({"statuses": [said("PK-2", "quarantine"), said("PK-3", "released")]}, "later")
    swap = {"serial": units[-1], "refdes": "R1", "removed_package": "OK", "installed_package": "PK-1", "operator": "045", "reason": "r", "happened_at": at(5)}  # fmt: skip
    load({"replacements": [swap]}, "swapped")
    mine = ("quarantine", "part_unapproved", "maker_unknown", "other_part")

    def of_package(codes) -> list[str]:
        return [name for code in codes if (name := code.removeprefix("gate.")) in mine]

    def found() -> tuple[dict, list]:
        one_by_one = {name: of_package(stop.code for stop in may_leave(actor, unit)[0].stops) for name, unit in zip((*ON, "swapped"), units, strict=True)}  # fmt: skip
        together = sorted(
            (one.code, one.count) for one in order_may_leave(actor, "WO").missing if of_package([one.code])
        )
        return one_by_one, together

    return found


def test_a_hold_by_question_and_a_part_that_is_spoken_of_change_nothing_that_is_said_of_packages(actor, stops):
    from asbuilt.answers.register.holds import hold
    from asbuilt.designed.vulnerability.feeds.noting import note
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    expected = {name: codes for name, (_, codes) in ON.items()} | {"swapped": ["quarantine"]}
    together = [
        ("gate.maker_unknown", 1),
        ("gate.other_part", 1),
        ("gate.other_part", 1),
        ("gate.part_unapproved", 1),
        ("gate.quarantine", 1),
        ("gate.quarantine", 2),
    ]
    assert stops() == (expected, together)
    note(actor, record={"vulnerability": "BRAND-2026-1", "title": "t", "affected": [{"maker": "None", "mpn": "N-1"}]})
    catch_up(actor)
    assert stops() == (expected, together)
    hold(actor, question="lot:LPK-0 scrapped", reason="none is")
    assert stops() == (expected, together)
