"""Another part of ours than the BOM asks for at a position, told by a table or a machine as mounted: it is recorded, and the unit does not go on."""

import pytest
from sourcing_floor import CRITERIA, deviate, lot, material, ran
from sourcing_floor import test_run as tested

OTHER, FREE = (["gate.other_part"],) * 3, ([],) * 3
RES2 = {"part": "RES2", "description": "", "mpn": "R-2", "manufacturer": "Acme", "lifecycle": "active", "msl": ""}


@pytest.fixture
def against(actor, house, load):
    """against("H1") -> what of these reasons stops it (at a step, at packing, when it leaves)."""
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.answers.gate.verdicts import verdicts

    load({"parts": [RES2], "lots": [lot("R-2", "RES2", "R-2", "LR2", "2601", "Acme")]}, "another resistor")

    def stopped(name: str) -> tuple[list[str], list[str], list[str]]:
        at_step, packing = ([stop.code for stop in verdicts(actor, name, step)[0].stops] for step in ("SMT", "PACK"))
        leaving = [stop.code for stop in may_leave(actor, name)[0].stops]
        mine = ("gate.other_part", "gate.part_unapproved", "gate.maker_unknown")
        return tuple([code for code in codes if code in mine] for codes in (at_step, packing, leaving))

    return stopped


def on(unit: str, package: str, refdes: str = "R1", order: str = "WO-2", **more) -> dict:
    return material(order, unit, unit, refdes, package, 4) | more


def swapped(unit: str, removed: str, installed: str, day: int, refdes: str = "R1") -> dict:
    return {"serial": unit, "refdes": refdes, "removed_package": removed, "installed_package": installed, "operator": "045", "reason": "dead",
            "happened_at": f"2026-03-{day:02}T08:00:00Z"}  # fmt: skip


@pytest.fixture
def verified(actor):
    from asbuilt.ledger.verifying import verify

    return lambda: [(one.code, one.what) for one in verify(actor.tenant).findings]


def test_a_part_that_the_bom_does_not_ask_for_there_stops_the_unit(actor, load, against):
    """The story: a machine's table says that the reel of RES2 fed R1 of H1. The BOM asks for RES. The import warned; the unit was packed."""
    from asbuilt.answers.gate.leaving import may_leave, order_may_leave
    from asbuilt.doors.web.leaving_words import stop_says

    maybe = [on("H3", package, certainty="possible") for package in ("R-2", "R-1")]
    (report,) = load({"materials": [on("H1", "R-2"), on("H2", "R-1"), *maybe]}, "told")
    assert report.warnings == ["materials.csv line 2: package R-2 is of another part than the BOM asks for at R1."]
    assert [against(name) for name in ("H1", "H2", "H3", "H4")] == [OTHER, FREE, OTHER, FREE]
    stops = {
        name: next(one for one in may_leave(actor, name)[0].stops if one.code == "gate.other_part")
        for name in ("H1", "H3")
    }
    assert stops["H1"].message == "H1 carries package R-2 of RES2 at R1, where its BOM version takes RES."
    assert stops["H3"].message == "H3 possibly carries package R-2 of RES2 at R1, where its BOM version takes RES."
    assert stop_says(stops["H1"]) == "It carries RES2 at R1, where RES belongs."
    assert stop_says(stops["H3"]).startswith("It may carry RES2 at R1")
    found = [(one.subject, one.count, one.first) for one in order_may_leave(actor, "WO-2").missing if one.code == "gate.other_part"]  # fmt: skip
    assert found == [("RES2 at R1", 1, ("H1",)), ("RES2 at R1", 1, ("H3",))]


def test_two_parts_of_the_bom_that_changed_places_stop_the_unit(actor, load, against):
    """Both are in the BOM, and both of approved makers: each at the other's place."""
    load(
        {"materials": [on("H1", "W-NEW", "R1"), on("H1", "R-1", "U1"), on("H2", "R-1", "R1"), on("H2", "W-NEW", "U1")]},
        "told",
    )
    twice = (["gate.other_part", "gate.other_part"],) * 3
    assert (against("H1"), against("H2")) == (twice, FREE)


def test_a_machine_that_tells_of_it_stops_the_unit_too(actor, load, against, verified):
    from asbuilt.answers.gate.verdicts import verdicts

    load({"materials": [on("H1", "R-2")]}, "told")
    (stop,) = [one for one in verdicts(actor, "H1", "SMT")[0].stops if one.code == "gate.other_part"]
    assert stop.facts | {"unit": ""} == {
        "unit": "", "refdes": "R1", "positions": ["R1"], "part": "RES2", "wanted": "RES", "package": "R-2", "packages": ["R-2"], "mpn": "R-2",
        "maker": "Acme", "certainty": "certain",
    }  # fmt: skip
    assert verified() == []


def test_what_was_put_right_or_was_wrongly_told_stops_nothing_any_more(actor, load, against, verified):
    """R1 of H1 is replaced by the right part; the row of H2 was typed wrong and is withdrawn; the reel of H3 is of RES, its label was read wrong."""
    from asbuilt.formats.tables import TABLES, fact_id

    row = on("H2", "R-2", happened_at="2026-03-04T08:00:00.000000Z")
    reel = lot("R-3", "RES2", "R-2", "LR3", "2601", "Acme") | {"received_at": "2026-03-01T08:00:00.000000Z"}
    load({"lots": [reel], "materials": [on("H1", "R-2"), row, on("H3", "R-3")]}, "told")
    assert [against(name)[2] for name in ("H1", "H2", "H3")] == [["gate.other_part"]] * 3
    load({"replacements": [swapped("H1", "R-2", "R-1", 5)]}, "put right")
    cells = [row.get(name, "") for name in TABLES["materials"].columns]
    told = {"reason": "typed wrong", "person": "045", "decided_at": "2026-04-01T00:00:00Z"}
    load({"corrections": [{"fact": fact_id(TABLES["materials"], cells), "action": "withdraw", **told}]}, "withdrawn")
    assert [against(name) for name in ("H1", "H2")] == [FREE, FREE] and verified() == []
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.ledger import clock

    fact = fact_id(TABLES["lots"], [reel.get(name, "") for name in TABLES["lots"].columns])
    correct_fact(
        actor, fact, {"part": "RES", "mpn": "R-1"}, reason="label read wrong", person="045", decided_at=clock.now()
    )
    assert against("H3") == FREE and verified() == []
    fact = fact_id(
        TABLES["lots"], [{**reel, "part": "RES", "mpn": "R-1"}.get(name, "") for name in TABLES["lots"].columns]
    )
    correct_fact(
        actor,
        fact,
        {"part": "WIFI", "mpn": "W-1", "manufacturer": "Radio"},
        reason="no, the modules",
        person="045",
        decided_at=clock.now(),
    )
    assert against("H3") == OTHER and verified() == []


def test_what_was_put_in_at_a_bench_that_only_a_table_tells_of_stops_the_unit_and_what_it_is_inside_of(
    actor, load, against, verified
):
    load({"materials": [on("H1", "R-1")]}, "built")
    (report,) = load({"replacements": [swapped("H1", "R-1", "R-2", 5)]}, "mended")
    assert report.warnings == ["replacements.csv line 2: package R-2 is of another part than the BOM asks for at R1."]
    load({"assemblies": [{"parent_serial": "H2", "child_serial": "H1", "position": "", "happened_at": "2026-03-06T08:00:00Z"}]}, "inside")  # fmt: skip
    assert (against("H1"), against("H2")) == (OTHER, OTHER) and verified() == []
    load({"replacements": [swapped("H1", "R-2", "R-1", 7)]}, "put right")
    assert (against("H1"), against("H2")) == (FREE, FREE) and verified() == []


def test_the_bom_that_is_corrected_decides_anew(actor, load, against, verified):
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.formats.tables import TABLES, fact_id
    from asbuilt.ledger import clock

    load({"materials": [on("H1", "R-2"), on("H2", "R-1")]}, "told")
    line = {
        "product": "gateway",
        "revision": "A",
        "bom_version": "1",
        "line": "1",
        "part": "RES",
        "quantity": "1",
        "refdes": "R1",
    }
    fact = fact_id(TABLES["bom"], [line[name] for name in TABLES["bom"].columns])
    correct_fact(actor, fact, {"part": "RES2"}, reason="typed wrong", person="045", decided_at=clock.now())
    assert (against("H1"), against("H2")) == (FREE, OTHER) and verified() == []


def test_a_makers_part_that_is_approved_for_the_position_is_that_part_under_another_number(actor, load, against):
    """Two numbers of ours for one maker's part: R-2 is approved for RES too. Withdrawn, the unit stands again."""
    from asbuilt.formats.tables import TABLES, fact_id

    load({"materials": [on("H1", "R-2")]}, "told")
    assert against("H1") == OTHER
    load({"parts": [{**RES2, "part": "RES"}]}, "approved")
    assert against("H1") == FREE
    wrong = {"fact": fact_id(TABLES["parts"], ["RES", "", "R-2", "Acme", "active", ""]), "action": "withdraw", "reason": "no", "person": "045",
             "decided_at": "2026-04-01T00:00:00Z"}  # fmt: skip
    load({"corrections": [wrong]}, "withdrawn")
    assert against("H1") == OTHER


def test_it_goes_under_a_concession_or_a_deviation_that_is_named(house, actor, load, against):
    from asbuilt.answers.gate.conceding import propose_concession
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.answers.gate.verdicts import verdicts
    from asbuilt.built.quality.actions.concessions import approve_concession
    from asbuilt.kernel.instants import format_instant
    from asbuilt.ledger import clock

    module = lot("W-2B", "RES2", "W-2", "LW2B", "2646")
    load({"lots": [module], "materials": [on("H1", "R-2"), on("H3", "R-2")]}, "told")
    asked = {"codes": ["H1"], "allows": "other_part", "reason": "measured: works", "until_at": clock.now() + 10**12}
    name, _ = propose_concession(house["eva"], **asked)
    approve_concession(house["ada"], concession=name)
    assert against("H1") == OTHER
    approve_concession(house["brand"], concession=name)
    assert (against("H1"), against("H3")) == (FREE, OTHER)
    assert [one["concession"] for one in may_leave(actor, "H1")[0].conceded] == [name]
    load({"replacements": [swapped("H1", "", "W-NEW", 20)]}, "after they had agreed")
    assert against("H1") == OTHER  # nobody agreed to a module at R1
    assert deviate(house) == "DEV-1"  # W-2 for WIFI in WO-2
    now = format_instant(clock.now())
    load({"parts": [{**RES2, "mpn": "W-2", "manufacturer": "Radio"}],
          "materials": [on("H5", "W-2B", "U1", happened_at=now)],
          "processes": [{**ran("WO-2", "H5", "H5"), "started_at": now, "finished_at": now}]}, "later")  # fmt: skip
    assert against("H5") == FREE
    for conceded in (verdicts(actor, "H5", "SMT")[0].conceded, may_leave(actor, "H5")[0].conceded):
        assert [one["concession"] for one in conceded if "of RES2 at U1" in one["message"]] == ["DEV-1"]


GAP, NOT_APPROVED = "another part than the BOM asks for", "a part neither approved nor qualified"


def certificate(actor, shipment: str) -> list[str]:
    from asbuilt.questions.genealogy.seen.conformity import conformity, conformity_text

    return conformity_text(conformity(actor, shipment)).splitlines()


def test_what_left_with_it_in_a_table_says_so_on_its_certificate(house, actor, load):
    """Nobody asked the gate: the certificate said that no gap of that kind is known. H1 carries RES2 at R1, H3 may; of H4 it was put right; H5 was built
    so under a deviation; H2 is right. So two of five."""
    from asbuilt.kernel.instants import format_instant
    from asbuilt.ledger import clock

    load(
        {
            "lots": [lot("R-2", "RES2", "R-2", "LR2", "2601", "Acme"), lot("W-2B", "RES2", "W-2", "LW2B", "2646")],
            "parts": [RES2],
        },
        "another resistor",
    )
    deviate(house)  # W-2 for WIFI in WO-2
    now = format_instant(clock.now())
    maybe = [on("H3", package, certainty="possible") for package in ("R-2", "R-1")]
    right = [on("H2", "R-1"), on("H4", "R-2"), on("H5", "W-2B", "U1", happened_at=now)]
    processes = [{**ran("WO-2", "H5", "H5"), "started_at": now, "finished_at": now}]
    left = {"customer": "SHOP", "country": "DE", "shipped_at": now, "placed_on_market_at": ""}
    shipments = [{**left, "shipment": "S-3", "first_serial": "H1", "last_serial": "H5"}, {**left, "shipment": "S-4", "first_serial": "H6", "last_serial": "H6"}]  # fmt: skip
    load(
        {
            "materials": [on("H1", "R-2"), *maybe, *right],
            "replacements": [swapped("H4", "R-2", "R-1", 20)],
            "processes": processes,
        },
        "told",
    )
    load({"shipments": shipments}, "left")
    assert f"  {GAP}: 2 of 5" in certificate(actor, "S-3")
    assert not any(GAP in line for line in certificate(actor, "S-4"))
    load({"parts": [{**RES2, "part": "RES"}]}, "approved for RES as well")
    assert not any(GAP in line for line in certificate(actor, "S-3"))


def test_what_left_with_it_under_a_concession_says_so_on_its_certificate_also_once_it_is_approved(house, actor, load):
    """It tells of the moment at which it left: the concession by name, and that H1 carried another part. What was approved afterwards is of later."""
    from asbuilt.answers.gate.conceding import propose_concession
    from asbuilt.built.quality.actions.concessions import approve_concession
    from asbuilt.ledger import clock

    passed = [{**tested("H1", plan), "measurements": '{"v":{"result":"pass"}}'} for plan in ("FCT", "SEC")]
    load({"lots": [lot("R-2", "RES2", "R-2", "LR2", "2601", "Acme")], "parts": [RES2], "materials": [on("H1", "R-2"), on("H1", "W-NEW", "U1")],
          "processes": [ran("WO-2", "H1", "H1")], "tests": passed}, "told")  # fmt: skip
    name, _ = propose_concession(
        house["eva"], codes=["H1"], allows="other_part", reason="measured: works", until_at=clock.now() + 10**12
    )
    for person in ("ada", "brand"):
        approve_concession(house[person], concession=name)
    shipment = shipped(actor, "H1")
    load({"parts": [{**RES2, "part": "RES"}]}, "approved later")
    said = certificate(actor, shipment)
    assert f"  concession {name} for 1 units: measured: works" in said and f"  {GAP}: 1 of 1" in said


def shipped(actor, unit: str) -> str:
    from asbuilt.answers.gate.packing import put_in, ship
    from asbuilt.built.shipping.actions.packing import open_container

    code = open_container(actor, kind="shipment", customer="SHOP", country="DE").container.code
    put_in(actor, container=code, codes=[unit])
    ship(actor, shipment=code)
    return code


def test_whether_an_alternate_was_meant_is_judged_by_the_moment_a_unit_left(house, actor, load):
    """H1, H2 and H3 have W-2 from a reel of MOD2, H4 and H5 from one of WIFI. H3 and H5 left under concessions before a run qualified it, H1 and H4 by the
    run; then that was revoked. Papers judged by today: H1 turned into a gap of the technical file, and H3 and H5 lost theirs when the run had qualified it."""
    from asbuilt.answers.compliance.filing.technical_file import technical_file
    from asbuilt.answers.gate.conceding import propose_concession
    from asbuilt.answers.gate.qualifying import judge_run, start_run
    from asbuilt.built.quality.actions.concessions import approve_concession
    from asbuilt.designed.changes.qualifying.actions.alternates import open_sheet, state_candidate, take_result
    from asbuilt.ledger import clock

    def filed() -> list[str]:
        (point,) = (one for one in technical_file(actor, "gateway").filed if one.asked.key == "AVII.2.c")
        return [gap for part in point.parts for gap in part.gaps if "another part than their BOM" in gap]

    names = ("H1", "H2", "H3", "H4", "H5")
    module = {**RES2, "part": "MOD2", "mpn": "W-2", "manufacturer": "Radio"}
    passed = [{**tested(name, plan), "measurements": '{"v":{"result":"pass"}}'} for name in names for plan in ("FCT", "SEC")]  # fmt: skip
    mounted = [on(name, "W-2B" if name < "H4" else "W-ALT", "U1") for name in names]
    load({"parts": [module], "lots": [lot("W-2B", "MOD2", "W-2", "LB", "2646")], "processes": [ran("WO-2", "H1", "H5")], "tests": passed,
          "materials": [*mounted, *(on(name, "R-1") for name in names)]}, "told")  # fmt: skip
    open_sheet(house["eva"], part="WIFI", title="Wi-Fi module")
    state_candidate(house["eva"], sheet="ALT-1", mpn="W-2", maker="Radio", properties={})
    for unit, allows in (("H3", "other_part"), ("H5", "alternate_unqualified")):
        far = clock.now() + 10**12
        name, _ = propose_concession(house["eva"], codes=[unit], allows=allows, reason="works", until_at=far)
        for person in ("ada", "brand"):
            approve_concession(house[person], concession=name)
    before = {unit: shipped(actor, unit) for unit in ("H3", "H5")}
    run = start_run(house["eva"], sheet="ALT-1", mpn="W-2", order="WO-Q", criteria=CRITERIA, why="W-1 ends")
    load({"materials": [material("WO-Q", "Q1", "Q60", "U1", "W-ALT", 4)], "processes": [ran("WO-Q", "Q1", "Q60", 5)],
          "tests": [tested(f"Q{n}", plan) for n in range(1, 61) for plan in ("FCT", "SEC")]}, "tried")  # fmt: skip
    paper = {"words": "ok", "content": b"%PDF-1.4", "name": "c.pdf"}
    take_result(house["eva"], run=run, criterion="cycling", verdict="pass", **paper)
    judge_run(house["ada"], run=run, verdict="qualified", why="as shown")
    after = {unit: shipped(actor, unit) for unit in ("H1", "H4")}
    carries = "{} of {} units carry another part than their BOM version takes there, or may: MOD2 at U1 ({})."
    (gap,) = filed()  # H3, whatever was qualified since
    assert gap == carries.format(1, gap.split()[2], 1)
    qualified = f"  alternate Radio W-2, qualified in {run}"
    assert f"{qualified}, on 1 units" in certificate(actor, after["H4"])
    judge_run(house["ben"], run=run, verdict="revoked", why="field failures")
    (gap,) = filed()  # and H2, which is in the house and goes by today
    assert gap == carries.format(2, gap.split()[2], 2)
    papers = {unit: certificate(actor, code) for unit, code in (before | after).items()}
    assert f"{qualified}, revoked since, on 1 units" in papers["H4"]
    gaps = {unit: [gap for gap in (GAP, NOT_APPROVED) if f"  {gap}: 1 of 1" in said] for unit, said in papers.items()}
    assert gaps == {"H1": [], "H4": [], "H3": [GAP], "H5": [NOT_APPROVED]}
    assert [unit for unit, said in papers.items() if any(qualified in line for line in said)] == ["H4"]


def test_an_alternate_goes_on_by_its_run_whatever_number_of_ours_its_reel_has(house, actor, load, against):
    """W-2 is tried for WIFI on WO-Q; the works has reels of it as MOD2. At a step Q60 of that order goes on; once W-2 is qualified all of them leave."""
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.answers.gate.qualifying import judge_run, start_run
    from asbuilt.designed.changes.qualifying.actions.alternates import open_sheet, state_candidate, take_result

    open_sheet(house["eva"], part="WIFI", title="Wi-Fi module")
    state_candidate(house["eva"], sheet="ALT-1", mpn="W-2", maker="Radio", properties={})
    said = {"sheet": "ALT-1", "mpn": "W-2", "order": "WO-Q", "criteria": CRITERIA, "why": "W-1 ends"}
    module = {
        "part": "MOD2",
        "description": "",
        "mpn": "W-2",
        "manufacturer": "Radio",
        "lifecycle": "active",
        "msl": "",
    }
    load(
        {"parts": [module], "lots": [lot("W-2B", "MOD2", "W-2", "LB", "2646")], "materials": [on("H1", "W-2B", "U1")]},
        "told",
    )
    assert against("H1") == OTHER
    run = start_run(house["eva"], **said)
    load({"materials": [material("WO-Q", "Q1", "Q60", "U1", "W-ALT", 4)], "processes": [ran("WO-Q", "Q1", "Q60", 5)],
          "replacements": [swapped("Q60", "W-ALT", "W-2B", 6, "U1")]}, "tried")  # fmt: skip
    assert (against("H1"), against("Q60")) == (OTHER, ([], *OTHER[1:]))
    load({"tests": [tested(f"Q{n}", plan) for n in range(1, 61) for plan in ("FCT", "SEC")]}, "tested")
    paper = {"words": "ok", "content": b"%PDF-1.4", "name": "c.pdf"}
    take_result(house["eva"], run=run, criterion="cycling", verdict="pass", **paper)
    judge_run(house["ada"], run=run, verdict="qualified", why="as shown")
    assert (against("H1"), against("Q60")) == (FREE, FREE)
    named = [one["message"] for one in may_leave(actor, "H1")[0].conceded if one["concession"] == run]
    assert "H1 carries package W-2B of MOD2 at U1, where its BOM version takes WIFI." in named


def test_a_record_from_before_is_read_through_when_it_is_migrated(actor, load, against, verified):
    """What was recorded before this table was there stops its units too: runs of a line, of a part of a line and over two lines, and replacements."""
    from importlib import import_module

    from django.db import connection, transaction

    from asbuilt.storage import reading

    load({"materials": [on("H1", "R-2"), on("H2", "R-1"), on("H3", "R-1", "R1 U1"), on("H4", "W-NEW", "U1")],
          "replacements": [swapped("H2", "R-1", "R-2", 5), swapped("H4", "W-NEW", "R-2", 5, "U1"), swapped("H5", "", "R-1", 5)]}, "told")  # fmt: skip
    rows = "SELECT p.code, o.refdes FROM production_other_part o JOIN supply_package p ON p.tenant = o.tenant AND p.number = o.package ORDER BY 1, 2"
    kept = reading.fetch(rows)
    assert kept == [("R-1", "U1"), ("R-2", "R1"), ("R-2", "U1")] and verified() == []
    step = import_module("asbuilt.built.production.migrations.0012_other_parts")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM production_other_part")
        cursor.execute(step.RUNS)
        cursor.execute(step.REPLACED)
    assert reading.fetch(rows) == kept and verified() == []


def test_an_order_of_sixty_is_asked_at_once_and_says_the_same_as_each_of_its_units(actor, load, against, verified):
    """The wrong reel fed R1 of Q1 to Q20, and perhaps of Q21, where the splice was; Q3 was put right, Q40 got it in a repair. Q50 has both parts swapped."""
    from asbuilt.answers.gate.leaving import may_leave, order_may_leave

    run = material("WO-Q", "Q1", "Q20", "R1", "R-2", 4)
    splice = [on("Q21", package, order="WO-Q", certainty="possible") for package in ("R-1", "R-2")]
    rest = [material("WO-Q", "Q22", "Q49", "R1", "R-1", 4), on("Q50", "W-NEW", order="WO-Q"), on("Q50", "R-1", "U1", order="WO-Q"), material("WO-Q", "Q51", "Q60", "R1", "R-1", 4)]  # fmt: skip
    load(
        {
            "materials": [run, *splice, *rest],
            "replacements": [swapped("Q3", "R-2", "R-1", 5), swapped("Q40", "R-1", "R-2", 5)],
        },
        "told",
    )
    stops = {
        f"Q{n}": [one for one in may_leave(actor, f"Q{n}")[0].stops if one.code == "gate.other_part"]
        for n in range(1, 61)
    }
    wrong = {
        name: sorted((one.facts["part"], one.facts["refdes"], one.facts["certainty"]) for one in told)
        for name, told in stops.items()
        if told
    }
    sure = [("RES2", "R1", "certain")]
    assert wrong == {f"Q{n}": sure for n in [*range(1, 21), 40] if n != 3} | {
        "Q21": [("RES2", "R1", "possible")], "Q50": [("RES", "U1", "certain"), ("WIFI", "R1", "certain")],
    }  # fmt: skip
    missing = [one for one in order_may_leave(actor, "WO-Q").missing if one.code == "gate.other_part"]
    assert sorted((one.subject, one.count, "possibly" in one.message) for one in missing) == [
        ("RES at U1", 1, False), ("RES2 at R1", 1, True), ("RES2 at R1", 20, False), ("WIFI at R1", 1, False),
    ]  # fmt: skip
    assert verified() == []
