"""Machines that do not say what they place: passes take the parts from what is mounted, with the grey zone of a splice.

WO-1: three resistors a unit from feeder 1 with a grey zone of 7 pieces, two capacitors from feeder 2; U1 is of another machine. Twelve
units in three panels of four. Panel 1 with RES-1; then RES-2 is spliced: of the next 7 pieces nobody knows, and they end within panel 2.
So RES-1 is certain on 4 units, both are possible on 4, RES-2 is certain on 4.
"""

import pytest
from machine_floor import OVEN, PLACER, at, completed, envelope, installed, material, started

T = [f"{n}{n}{n}{n}{n}{n}{n}{n}-0000-0000-0000-000000000000" for n in range(1, 5)]


@pytest.fixture
def mounted(line, load):
    """mounted((1, "mounted", "1", "RES-1"), …): what happened at feeders, at these minutes of the shift."""
    program = {"product": "BRD", "revision": "A", "side": "top", "machine": PLACER, "program": "BRD-TOP"}
    feeders = [
        {"feeder": "1", "refdes": "R1 R2 R3", "grey_pieces": "7"},
        {"feeder": "2", "refdes": "C1 C2", "grey_pieces": ""},
    ]
    load({"programs": [program | one for one in feeders]}, "programs")

    def happened(*told: tuple) -> None:
        rows = [
            {"machine": PLACER, "feeder": feeder, "package": package, "what": what, "order": "WO-1", "station": "", "operator": "045",
             "grey_pieces": "7" if what == "spliced" else "", "happened_at": f"2027-03-01T08:{minute:02}:00+01:00"}
            for minute, what, feeder, package in told
        ]  # fmt: skip
        load({"mounts": rows}, "mounts")

    return happened


@pytest.fixture
def shift(mounted):
    """The mounts of the shift."""
    mounted((1, "mounted", "1", "RES-1"), (1, "mounted", "2", "CAP-1"), (15, "spliced", "1", "RES-2"))


def panel(n: int, minute: int) -> list[dict]:
    return [started(T[n], f"PNL-{n}", time=at(minute)), completed(T[n], time=at(minute, 40))]


@pytest.mark.parametrize("together", [True, False])
def test_a_splice_between_panels(shift, say, ask, verified, together):
    passes = [panel(n, 10 * n) for n in (1, 2, 3)]
    if together:
        say(*[message for one in passes for message in one])
    else:
        for one in passes:
            say(*one)
    assert ask("lot:LR1") == (4, 4, 0)
    assert ask("lot:LR2") == (4, 4, 0)
    assert ask("lot:LC1") == (12, 0, 0)
    assert ask("panel:PNL-2 lot:LR1") == (0, 4, 0)
    assert ask("passed:PLACE(program=BRD-TOP)") == (12, 0, 0)
    assert verified() == []


def joined(leading: str, trailing: str, minute: int, **more) -> dict:
    """MaterialsJoined, its fields as in the sample of the standard's SDK."""
    packages = [
        {"UniqueIdentifier": code, "InternalPartNumber": "P-RES", "Quantity": 151.0} for code in (leading, trailing)
    ]
    body = {"LeadingMaterialPackage": packages[0], "TrailingMaterialPackage": packages[1], **more}
    return envelope("Materials.Management.MaterialsJoined", body, time=at(minute))


def test_a_splice_that_the_machine_tells_is_a_splice(mounted, say, ask, sql, verified):
    mounted((1, "mounted", "1", "RES-1"), (1, "mounted", "2", "CAP-1"))
    splice = joined("RES-1", "RES-2", 15)
    report = say(*panel(1, 10), splice, *panel(2, 20), *panel(3, 30))
    assert report.causes == {}
    # the grey zone of the program's feeder, 7 pieces: as where a person scans the splice
    assert (ask("lot:LR1"), ask("lot:LR2")) == ((4, 4, 0), (4, 4, 0))
    # again, in another message, and the other way round: nothing is spliced twice
    assert say(splice).known == 1
    assert say(joined("RES-1", "RES-2", 16)).uses["kept"] == 1
    told = sql("SELECT machine, feeder, what, \"order\", grey_pieces FROM production_mount WHERE package = 'RES-2'")
    assert told == [(PLACER, "1", "spliced", "WO-1", 7)]
    assert verified() == []


def test_a_splice_with_a_grey_zone_of_its_own(mounted, say, ask):
    mounted((1, "mounted", "1", "RES-1"), (1, "mounted", "2", "CAP-1"))
    say(*panel(1, 10), joined("RES-1", "RES-2", 15, GreyZone=0), *panel(2, 20))
    assert (ask("lot:LR1"), ask("lot:LR2")) == ((4, 0, 0), (4, 0, 0))


def test_a_splice_behind_what_is_mounted_nowhere_is_kept_and_named(mounted, say, sql):
    report = say(joined("RES-1", "RES-2", 15))
    assert report.uses == {"kept": 1}
    assert any("mounted nowhere" in said for said in report.warnings)
    assert sql("SELECT count(*) FROM production_mount") == [(0,)]
    assert dict(say(joined("RES-1", "X-9", 16)).causes) == {"supply.package_unknown": 1}
    assert dict(say(joined("RES-1", "RES-1", 16)).causes) == {"cfx.field": 1}
    assert dict(say(joined("RES-1", "RES-2", 16, GreyZone=-1)).causes) == {"cfx.field": 1}


def test_what_the_machine_says_goes_before(shift, say, ask):
    start, end = panel(1, 10)
    placed = installed(T[1], material("RES-2", "R1", "R2", "R3", unit="PNL-1", position=1), time=at(10, 20))
    say(start, placed, end)
    # it spoke of position 1 only: of what it did not say nothing is made up
    assert ask("lot:LR2") == (1, 0, 3)
    assert ask("lot:LR1") == (0, 0, 3)


def test_an_empty_feeder_places_nothing_and_says_so(mounted, say, ask):
    mounted((1, "mounted", "1", "RES-1"))
    say(*panel(1, 10))
    assert ask("lot:LR1") == (4, 0, 0)
    assert ask("lot:LC1") == (0, 0, 4)


def test_failed_work_and_other_machines_place_nothing(shift, say, ask):
    start, end = started(T[1], "PNL-1", time=at(10)), completed(T[1], time=at(10, 40), result="Failed")
    say(start, end, started(T[2], "PNL-2", source=OVEN, time=at(11)), completed(T[2], source=OVEN, time=at(11, 30)))
    assert ask("lot:LR1")[:2] == (0, 0)


def test_a_recipe_that_is_no_program_is_a_warning(shift, say, ask):
    begun = started(T[1], "PNL-1", time=at(10))
    begun["MessageBody"]["RecipeName"] = "OTHER"
    report = say(begun, completed(T[1], time=at(10, 40)))
    assert ask("lot:LR1")[:2] == (0, 0)
    assert any("OTHER" in warning and PLACER in warning for warning in report.warnings)
