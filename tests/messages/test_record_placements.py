"""MaterialsInstalled becomes material runs: expectations are counted by hand on machine_floor's line."""

import json

import pytest
from machine_floor import AOI, PLACER, at, completed, installed, material, panel_run, started

T1, T2 = "11111111-0000-0000-0000-000000000001", "22222222-0000-0000-0000-000000000002"


def test_two_panels_are_runs_of_eight_units(say, ask, sql, verified):
    report = say(*panel_run(1, "PNL-1"), *panel_run(2, "PNL-2"))
    assert dict(report.uses) == {"used": 6}
    assert ask("lot:LR1") == (8, 0, 0)
    assert ask("order:WO-1 -lot:LR1") == (0, 0, 0)
    assert ask("panel:PNL-2 lot:LI1") == (4, 0, 0)
    assert ask("(lot:LC1 at:C2)") == (8, 0, 0)
    assert ask("(lot:LC1 at:R1)") == (0, 0, 0)
    assert ask(f"passed:{PLACER}") == (8, 0, 0)
    assert sql("SELECT count(*) FROM production_material_run") == [(3,)]
    assert sql("SELECT sum(count) FROM ledger_entry_facts WHERE shape = 'production.material/1'") == [(3,)]
    assert verified() == []


def test_a_run_grows_from_group_to_group(say, ask, sql, verified):
    for n in range(1, 4):
        say(*panel_run(n, f"PNL-{n}"))
    assert ask("lot:LR1") == (12, 0, 0)
    assert sql("SELECT first_unit, until_unit FROM production_material_run") == [(1, 13)] * 3
    assert verified() == []


def test_messages_of_one_head_each_make_one_run(say, ask, sql):
    """A machine that tells of each head apart gives the same runs."""
    say(started(T1, "PNL-1"))
    for refdes in ("R2", "R1", "R3"):
        say(*(installed(T1, material("RES-1", refdes, unit="PNL-1", position=n)) for n in range(1, 5)))
    assert ask("(lot:LR1 at:R3)") == (4, 0, 0)
    assert ask("lot:LR1") == (4, 0, 0)


def test_heads_within_one_group_are_put_together(say, sql):
    say(
        started(T1, "PNL-1"),
        *(installed(T1, material("RES-1", one, unit="PNL-1", position=n)) for n in (1, 2) for one in ("R1", "R2")),
    )
    assert sql(
        'SELECT g.label FROM production_material_run r JOIN catalog_position_group g ON g.number = r."group"'
    ) == [("R1 R2",)]


def test_an_identifier_that_names_a_unit_wins(say, ask):
    say(started(T1, "PNL-1", 1, "WO-2"), installed(T1, material("RES-1", "R1", unit="SN3", position=1)))
    assert ask("unit:SN3 lot:LR1") == (1, 0, 0)
    assert ask("lot:LR1") == (1, 0, 0)


def test_units_named_without_any_pass(say, ask):
    assert say(installed(T1, material("RES-1", "R1", unit="SN2"))).uses["used"] == 1
    assert ask("unit:SN2 lot:LR1") == (1, 0, 0)


def test_a_transaction_in_the_other_case(say, ask):
    say(started("abcdef00-0000-0000-0000-000000000001", "PNL-1"))
    say(installed("ABCDEF00-0000-0000-0000-000000000001", material("RES-1", "R1", position=2)))
    assert ask("lot:LR1") == (1, 0, 0)


def test_skipped_places_are_units_not_built(say, ask, sql, verified):
    say(
        started(T1, "PNL-1", skip=(3,)),
        installed(T1, *(material("RES-1", "R1", position=n) for n in (1, 2, 3, 4))),
        completed(T1),
    )
    assert ask("lot:LR1") == (3, 0, 0)
    assert ask("panel:PNL-1 passed:PLACE") == (3, 0, 0)
    assert sql("SELECT first_unit FROM production_unit_state WHERE state = 4") == [(3,)]
    assert verified() == []


def test_a_splice_makes_both_packages_possible(say, ask, verified):
    grey = material("RES-2", "R1", position=1, GreyZone=5.0, LeadingMaterialPackage={"UniqueIdentifier": "RES-1"})
    sure = material("RES-2", "R1", position=2, GreyZone=0.0, LeadingMaterialPackage={"UniqueIdentifier": "RES-1"})
    other = material("RES-2", "R2", position=1, GreyZone=1, SplicedMaterialPackage="RES-1")
    alone = material("RES-2", "R3", position=1, GreyZone=1)
    say(started(T1, "PNL-1"), installed(T1, grey, sure, other, alone))
    assert ask("(lot:LR1 at:R1)") == (0, 1, 0)
    assert ask("(lot:LR2 at:R1)") == (1, 1, 0)
    assert ask("(lot:LR2 at:R2)")[:2] == (0, 1)
    assert ask("(lot:LR2 at:R3)")[:2] == (0, 1)
    assert verified() == []


def test_what_was_rejected_is_not_counted(say, ask):
    one = material("RES-1", "R1", position=1)
    one["NonInstalledComponents"] = [{"ReferenceDesignator": "R2", "RejectionReason": "BadElectricalTest"}]
    nothing = material("RES-2", position=2)
    nothing["NonInstalledComponents"] = [{"ReferenceDesignator": "R1", "RejectionReason": "VisionError"}]
    say(started(T1, "PNL-1"), installed(T1, one, nothing))
    assert ask("(lot:LR1 at:R2)") == (0, 0, 1)
    assert ask("package:RES-2")[:2] == (0, 0)


@pytest.mark.parametrize("apart", [False, True])
def test_two_packages_in_one_pass_are_both_possible(say, ask, verified, apart):
    first = [started(T1, "PNL-1"), installed(T1, material("IC-1", "U1", position=1), time=at(0, 5))]
    second = installed(T1, material("IC-2", "U1", position=1), time=at(0, 9))
    if apart:
        say(*first)
        say(second)
    else:
        say(*first, second)
    assert ask("lot:LI1") == (0, 1, 0)
    assert ask("lot:LI2") == (0, 1, 0)
    assert ask("reworked") == (0, 0, 0)
    assert verified() == []


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_another_package_in_a_later_pass_is_a_replacement(say, ask, verified, groups):
    messages = [
        started(T1, "PNL-1"), installed(T1, material("IC-1", "U1", position=1), time=at(0, 5)), completed(T1, time=at(0, 6)),
        started(T2, "PNL-1", time=at(5)), installed(T2, material("IC-2", "U1", position=1), time=at(5, 5)),
    ]  # fmt: skip
    cuts = {1: [5], 2: [4, 5], 3: [1, 3, 5]}[groups]
    for low, high in zip([0, *cuts], cuts, strict=False):
        say(*messages[low:high])
    # the three other units of the panel have no record at U1: silence, in every answer
    assert ask("lot:LI1") == (0, 0, 3)
    assert ask("ever:(lot:LI1)") == (1, 0, 3)
    assert ask("lot:LI2") == (1, 0, 3)
    assert ask("reworked") == (1, 0, 0)
    assert verified() == []


def test_the_same_package_in_a_later_pass_is_nothing_new(say, ask):
    say(started(T1, "PNL-1"), installed(T1, material("IC-1", "U1", position=1)), completed(T1))
    say(started(T2, "PNL-1", time=at(5)), installed(T2, material("IC-1", "U1", position=1), time=at(5)))
    assert ask("lot:LI1") == (1, 0, 3)
    assert ask("reworked") == (0, 0, 0)


def test_what_was_taken_off_and_placed_again(say, ask, verified):
    say(started(T1, "PNL-1"), installed(T1, material("IC-1", "U1", position=1)), completed(T1))
    from machine_floor import envelope

    off = {"TransactionId": T2, "UninstalledMaterials": [{
        "UnitIdentifier": "PNL-1", "UnitPositionNumber": 1, "Reason": "DefectiveMaterial", "Material": {"UniqueIdentifier": "IC-1"},
        "UninstalledComponents": [{"ReferenceDesignator": "U1"}]}]}  # fmt: skip
    say(envelope("Production.Assembly.MaterialsUninstalled", off, source="Bench.1", time=at(9)))
    assert ask("lot:LI1") == (0, 0, 4)
    assert ask("ever:(lot:LI1)") == (1, 0, 3)
    say(installed(T2, material("IC-2", "U1", unit="PNL-1", position=1), source="Bench.1", time=at(9, 30)))
    assert ask("lot:LI2") == (1, 0, 3)
    assert verified() == []


def test_facts_of_machines_are_withdrawn_like_any(say, ask, actor, sql, verified):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.ledger.facts import all_facts, fact_id

    say(*panel_run(1, "PNL-1"))
    facts = {one.shape: one for shape in ("production.material/1", "production.process/1", "production.panel/1")
             for one in all_facts(actor.tenant, shape) if "IC-1" in one.values or shape != "production.material/1"}  # fmt: skip
    ids = {shape: fact_id(actor.tenant, one.entry, shape, one.row) for shape, one in facts.items()}
    withdraw_facts(actor, [Withdraw(ids["production.material/1"], "wrong reel", "045", 1, 2, 4)])
    assert ask("lot:LI1") == (2, 0, 2)
    withdraw_facts(actor, [Withdraw(ids["production.process/1"], "not run", "045", 1)])
    assert ask(f"passed:{PLACER}") == (0, 0, 0)
    withdraw_facts(actor, [Withdraw(ids["production.panel/1"], "wrong panel", "045", 1)])
    assert sql("SELECT count(*) FROM production_panel WHERE until_entry IS NULL") == [(0,)]
    assert verified() == []


def test_what_machines_said_goes_out_and_in_as_tables(say, ask, actor, tmp_path, fresh_home):
    from asbuilt.access.actor import local_system
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.built.exchange.exporting import export_folder

    say(*panel_run(1, "PNL-1"), started(T1, "PNL-2", skip=(2,)), installed(T1, material("RES-2", "R1", position=3)))
    questions = ("lot:LR1", "lot:LR2", "panel:PNL-2", "package:IC-1", "passed:PLACE", "in:production", "unit:PNL-2/3")
    before = [ask(question) for question in questions]
    export_folder(actor, tmp_path / "out")
    with fresh_home():
        import_folder(local_system(actor.tenant), tmp_path / "out")
        assert [ask(question) for question in questions] == before
        export_folder(local_system(actor.tenant), tmp_path / "again")
    for file in sorted((tmp_path / "out").iterdir()):
        assert (tmp_path / "again" / file.name).read_bytes() == file.read_bytes(), file.name


def test_what_a_machine_placed_that_nobody_approved_is_recorded_and_the_unit_goes_nowhere(say, ask, actor, load, line):
    """The story: the placer told that RES-X was on a board. It is of Copy M-9, which nobody approved for P-RES; no screen and no gate said so."""
    from asbuilt.answers.gate.leaving import may_leave, order_may_leave
    from asbuilt.answers.gate.verdicts import verdicts

    reel = {"package": "RES-X", "package_kind": "reel", "part": "P-RES", "mpn": "M-9", "manufacturer": "Copy", "supplier": "SUPP", "lot_code": "LX",
            "date_code": "2701", "quantity": "1000", "received_at": "2027-02-01T08:00:00Z", "delivery": "D1", "coc": "", "status": "released"}  # fmt: skip
    load({"lots": [reel]}, "reel")
    say(*panel_run(1, "PNL-1"), *panel_run(2, "PNL-2", packages=("RES-X", "CAP-1", "IC-1")))
    assert ask("lot:LX") == (4, 0, 0)
    code = "gate.part_unapproved"
    for name, stopped in (("WO-1#1", False), ("WO-1#5", True)):
        assert (code in [stop.code for stop in verdicts(actor, name, "AOI")[0].stops]) == stopped
        assert (code in [stop.code for stop in may_leave(actor, name)[0].stops]) == stopped
    (found,) = [one for one in order_may_leave(actor, "WO-1").missing if one.code == code]
    assert (found.subject, found.count) == ("Copy/M-9", 4) and "approved are M-P-RES" in found.message


def test_what_a_machine_placed_where_the_bom_takes_another_part_goes_nowhere(say, actor, line, verified):
    """The story: the reel of capacitors fed R1 to R3 of the second panel, as its placer told. All of it is in the BOM and of approved makers: no screen and
    no gate said so. Once the resistors are on, as a later pass tells, the panel goes on."""
    from asbuilt.access.actor import machine_door
    from asbuilt.answers.gate.leaving import may_leave, order_may_leave
    from asbuilt.answers.gate.validating import validate_units
    from asbuilt.answers.gate.verdicts import verdicts
    from asbuilt.formats.cfx.envelope import read_envelope

    say(*panel_run(1, "PNL-1"), *panel_run(2, "PNL-2", packages=("CAP-1", "CAP-1", "IC-1")))
    code = "gate.other_part"

    def stopped(name: str) -> tuple[bool, bool]:
        told = (verdicts(actor, name, "AOI")[0].stops, may_leave(actor, name)[0].stops)
        return tuple(code in [stop.code for stop in stops] for stops in told)

    assert [stopped(name) for name in ("WO-1#1", "WO-1#5")] == [(False, False), (True, True)]
    (found,) = [one for one in order_may_leave(actor, "WO-1").missing if one.code == code]
    assert (found.subject, found.count) == ("P-CAP at R1 R2 R3", 4)
    assert found.message == "WO-1#5 carries package CAP-1 of P-CAP at R1 R2 R3, where its BOM version takes P-RES."
    request = {"MessageName": "CFX.InformationSystem.UnitValidation.ValidateUnitsRequest", "Version": "2.1", "TimeStamp": at(3), "UniqueID": "u",
               "Source": AOI, "MessageBody": {"PrimaryIdentifier": "PNL-2", "Units": None}}  # fmt: skip
    answer = validate_units(machine_door(actor.tenant), read_envelope(json.dumps(request).encode()))["PrimaryResult"]
    assert answer["FailureCode"] == 15 and "at R1 R2 R3, where its BOM version takes P-RES." in answer["Message"]
    assert verified() == []
    say(*panel_run(9, "PNL-2"))
    assert stopped("WO-1#5") == (False, False) and verified() == []
