"""Alternates: compared by what they can do for security, mounted only in their qualification order, qualified by what the record shows."""

import pytest
from sourcing_floor import CRITERIA, at, lot, material, ran, test_run

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused

W1 = {"secure_boot": "yes", "uid": "yes", "tls": "1.2, 1.3", "wpa3": "no"}
W2 = {"secure_boot": "no", "uid": "Yes", "tls": "1.3", "wpa3": "yes"}


@pytest.fixture
def sheet(house):
    """A sheet of WIFI with W-1 in use and W-2 as the alternate."""
    from asbuilt.designed.changes.qualifying.actions.alternates import open_sheet, state_candidate

    code = open_sheet(house["eva"], part="WIFI", title="Wi-Fi module", request_key="s")
    assert code == open_sheet(house["eva"], part="WIFI", title="Wi-Fi module", request_key="s") == "ALT-1"
    state_candidate(house["eva"], sheet=code, mpn="W-1", maker="Radio", role="current", properties=W1)
    state_candidate(
        house["eva"],
        sheet=code,
        mpn="W-2",
        maker="Radio",
        properties=W2,
        content=b"%PDF-1.4",
        name="w2.pdf",
        words="datasheet 3",
    )
    return code


def start(actor, **more) -> str:
    from asbuilt.answers.gate.qualifying import start_run

    said = {"sheet": "ALT-1", "mpn": "W-2", "order": "WO-Q", "criteria": CRITERIA, "why": "W-1 ends"}
    return start_run(actor, **said | more)


def test_candidates_are_compared_property_by_property(sheet, actor, house):
    from asbuilt.questions.genealogy.seen.qualifying import sheet_seen, sheets_seen

    seen = sheet_seen(actor, sheet)
    compares = {row["key"]: row["alternates"][0]["compares"] for row in seen["compared"]}
    assert (compares["secure_boot"], compares["uid"], compares["tls"], compares["wpa3"], compares["crypto_hardware"]) == (
        "lower", "same", "different", "higher", "unknown")  # fmt: skip
    second = seen["candidates"][1]
    assert second["lower"] == ["secure_boot"] and "crypto_hardware" in second["unknown"] and second["file"] == "w2.pdf"
    assert all(row["words"]["de"] and row["words"]["en"] for row in seen["compared"])
    assert [one["sheet"] for one in sheets_seen(actor)] == ["ALT-1"]
    for read in (
        lambda: sheet_seen(house["brand"], sheet),
        lambda: sheets_seen(house["brand"]),
        lambda: sheet_seen(actor, "ALT-2"),
    ):
        with pytest.raises(NotFound):
            read()


def test_what_is_no_candidate_is_refused(sheet, house):
    from asbuilt.designed.changes.qualifying.actions.alternates import open_sheet, state_candidate

    eva = house["eva"]
    for call, refusal, code in (
        (lambda: open_sheet(eva, part="WIFI", title="t"), Conflict, "sheet_known"), (lambda: open_sheet(eva, part="NO", title="t"), NotFound, "part_unknown"),
        (lambda: open_sheet(eva, part="RES", title="t", notice="CN-1"), NotFound, "unknown"),
        (lambda: state_candidate(eva, sheet="ALT-9", mpn="m", maker="M", properties={}), NotFound, "unknown"),
        (lambda: state_candidate(eva, sheet=sheet, mpn="m", maker="M", properties={"magic": "yes"}), Invalid, "word_unknown"),
        (lambda: state_candidate(eva, sheet=sheet, mpn="m", maker="M", properties={"uid": "maybe"}), Invalid, "word_unknown"),
        (lambda: state_candidate(eva, sheet=sheet, mpn="m", maker="M", role="current", properties={}), Refused, "current_known"),
    ):  # fmt: skip
        with pytest.raises(refusal) as refused:
            call()
        assert refused.value.code == f"changes.{code}"
    with pytest.raises(NotAllowed):
        open_sheet(house["opal"], part="RES", title="t")


def test_an_alternate_is_mounted_in_its_qualification_order_alone_until_it_is_qualified(house, actor, load, stops):
    from asbuilt.answers.gate.qualifying import judge_run, run_seen, runs_seen
    from asbuilt.designed.changes.qualifying.actions.alternates import open_sheet, state_candidate, take_result

    assert stops("WO-2", "W-ALT") == ["production.not_approved"] and stops("WO-2", "W-NEW") == []
    open_sheet(house["eva"], part="WIFI", title="Wi-Fi module")
    for mpn in ("W-1", "W-2"):  # W-1 was approved before any sheet named it: it stays so
        state_candidate(house["eva"], sheet="ALT-1", mpn=mpn, maker="Radio", properties={})
    assert stops("WO-2", "W-ALT") == ["production.alternate_not_qualified"] and stops("WO-2", "W-NEW") == []
    run = start(house["eva"], request_key="r")
    assert run == start(house["eva"], request_key="r") == "QR-1"
    assert stops("WO-2", "W-ALT") == ["production.alternate_in_qualification"] and stops("WO-Q", "W-ALT") == []
    with pytest.raises(Refused) as empty:
        judge_run(house["ada"], run=run, verdict="qualified", why="w")
    assert empty.value.facts["lacking"] == ["function", "security", "cycling"]
    # sixty units carry it and pass; one failed FCT first, which one criterion lets pass and the other would not
    names = [f"Q{n}" for n in range(1, 61)]
    load({
        "materials": [material("WO-Q", "Q1", "Q60", "U1", "W-ALT", 4), material("WO-Q", "Q1", "Q60", "R1", "R-1", 4)],
        "processes": [ran("WO-Q", "Q1", "Q60", 5)],
        "tests": [test_run("Q7", "FCT", "fail", 5), *(test_run(name, plan) for name in names for plan in ("FCT", "SEC"))],
    }, "qualified")  # fmt: skip
    take_result(
        house["eva"],
        run=run,
        criterion="cycling",
        verdict="fail",
        words="2 of 12 lost contact",
        content=b"%PDF-1.4 1",
        name="c.pdf",
    )
    with pytest.raises(Refused) as failed:
        judge_run(house["ada"], run=run, verdict="qualified", why="w")
    assert failed.value.facts["lacking"] == ["cycling"]
    take_result(
        house["eva"],
        run=run,
        criterion="cycling",
        verdict="pass",
        words="new solder profile",
        content=b"%PDF-1.4 2",
        name="c2.pdf",
    )
    for who, code in (("eva", None), ("brand", None), (None, "changes.no_person")):
        with pytest.raises((NotAllowed, NotFound, Refused)) as refused:
            judge_run(house[who] if who else actor, run=run, verdict="qualified", why="w")
        assert code in (None, refused.value.code)
    judge_run(house["ada"], run=run, verdict="qualified", why="as shown")
    seen = run_seen(actor, run)
    shown = {one["key"]: one for one in seen["criteria"]}
    assert (shown["function"]["carry"], shown["function"]["passed"], shown["function"]["failed"]) == (60, 60, 1)
    assert (
        shown["security"]["questions"][1] == "order:WO-Q part:W-2 test:SEC=pass"
        and shown["cycling"]["result"]["file"] == "c2.pdf"
    )
    assert (seen["state"], seen["met"], seen["judged"]["verdict"]) == ("qualified", True, "qualified")
    assert stops("WO-2", "W-ALT") == [] and stops("WO-Q", "W-ALT") == []
    with pytest.raises(Refused) as judged:
        take_result(house["eva"], run=run, criterion="cycling", verdict="fail", words="w", content=b"x", name="x")
    assert judged.value.code == "changes.run_judged"
    judge_run(house["ben"], run=run, verdict="revoked", why="field failures")
    assert (
        stops("WO-2", "W-ALT") == ["production.alternate_not_qualified"] and runs_seen(actor)[0]["state"] == "revoked"
    )


def test_what_a_run_found_against_becomes_the_one_in_use_in_no_way(house, stops):
    from asbuilt.answers.gate.qualifying import judge_run
    from asbuilt.designed.changes.qualifying.actions.alternates import open_sheet, state_candidate
    from asbuilt.designed.changes.qualifying.sheets import sheets_of_parts

    eva = house["eva"]
    open_sheet(eva, part="WIFI", title="Wi-Fi module")
    state_candidate(
        eva, sheet="ALT-1", mpn="W-1", maker="Radio", properties={}
    )  # approved by parts.csv, and tried anew
    run = start(eva, mpn="W-1")
    judge_run(house["ada"], run=run, verdict="not_qualified", why="new flash fails")
    assert stops("WO-2", "W-NEW") == ["production.alternate_not_qualified"]
    for mpn, maker in (("W-1", "Radio"), ("w-1", "RADIO")):
        with pytest.raises(Refused) as refused:
            state_candidate(eva, sheet="ALT-1", mpn=mpn, maker=maker, role="current", properties={})
        assert refused.value.code == "changes.candidate_fixed"
        state_candidate(
            eva, sheet="ALT-1", mpn=mpn, maker=maker, properties={"uid": "no"}
        )  # what it can do may be said anew
    assert stops("WO-2", "W-NEW") == ["production.alternate_not_qualified"]
    # two makers may give a part the same number
    state_candidate(eva, sheet="ALT-1", mpn="X-1", maker="Radio", role="current", properties={})
    with pytest.raises(Refused) as refused:
        state_candidate(eva, sheet="ALT-1", mpn="X-1", maker="Acme", role="current", properties={})
    assert refused.value.code == "changes.current_known" and "Radio X-1" in refused.value.message
    (sheet,) = sheets_of_parts(eva.tenant, ["WIFI"])
    assert sorted(sheet.candidates) == [("W-1", "Radio"), ("X-1", "Radio")]


def test_an_eco_that_writes_an_alternate_otherwise_waits_for_its_qualification(sheet, house):
    from asbuilt.answers.gate.unqualified import refuse_unqualified
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, propose_eco
    from asbuilt.designed.changes.controlling.queries import standing_eco
    from asbuilt.questions.genealogy.evaluating.trial_units import tried

    code = propose_eco(house["eva"], title="T", why="w", products=["gateway"])
    change = {"kind": "part", "product": "gateway", "subject": ["WIFI"], "old": "Radio/W-1", "new": "radio/w-2"}
    add_change(house["eva"], eco=code, **change)
    tenant = house["eva"].tenant
    with pytest.raises(Refused) as refused:
        refuse_unqualified(tenant, standing_eco(tenant, code))
    assert refused.value.code == "gate.boundary_unqualified"
    start(house["eva"])
    assert tried(tenant, "radio/w-2") == tried(tenant, "Radio/W-2") == {"WO-Q"}


def test_an_eco_shows_its_alternate_however_it_is_written(sheet, house):
    """W-2 has no secure boot, and the ECO writes it small. The brand that agrees has to read that."""
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, propose_eco
    from asbuilt.questions.genealogy.answering.changes_built import change_seen

    code = propose_eco(house["eva"], title="T", why="w", products=["gateway"])
    change = {"kind": "part", "product": "gateway", "subject": ["WIFI"], "old": "Radio/W-1", "new": "radio/w-2"}
    add_change(house["eva"], eco=code, **change)
    for reader in ("eva", "brand"):
        (one,) = change_seen(house[reader], code)["alternates"]
        assert (one["mpn"], one["state"], len(one["lower"])) == ("W-2", "stated", 1), reader


def test_a_reel_that_names_no_maker_carries_the_alternate_of_its_mpn(sheet, actor, load):
    """A machine tells of two reels without a maker: one says W-2, the alternate, and one W-1, which is approved."""
    reels = [lot("W-BARE", "WIFI", "W-2", "LB", "2646", ""), lot("W-OURS", "WIFI", "W-1", "LC", "2646", "")]
    told = [material("WO-2", "H1", "H1", "U1", "W-BARE", 4), material("WO-2", "H2", "H2", "U1", "W-OURS", 4)]
    load({"lots": reels, "materials": told}, "bare")
    assert carries_untried(actor, "H1") and not carries_untried(actor, "H2")


def test_a_run_is_refused_without_what_makes_it_one(sheet, house):
    from asbuilt.designed.changes.qualifying.actions.alternates import take_result

    eva = house["eva"]
    security = CRITERIA[1]
    for more, refusal, code in (
        ({"criteria": [CRITERIA[0]]}, Invalid, "changes.criteria_lacking"), ({"criteria": []}, Invalid, "changes.criteria_count"),
        ({"criteria": [*CRITERIA, security]}, Invalid, "changes.criterion_twice"), ({"mpn": "W-1"}, NotFound, "changes.candidate_unknown"),
        ({"criteria": [CRITERIA[0], {**security, "units_min": True}]}, Invalid, "changes.criterion_count"),
        ({"criteria": [CRITERIA[0], {**security, "units_min": 0}]}, Invalid, "changes.criterion_count"),
        ({"criteria": [CRITERIA[0], {**security, "plan": "NONE"}]}, Refused, "gate.run_plan"),
        ({"order": "WO-1"}, Refused, "gate.run_units"), ({"order": "NONE"}, NotFound, "production.order_unknown"), ({"sheet": "ALT-9"}, NotFound, "changes.unknown"),
    ):  # fmt: skip
        with pytest.raises(refusal) as refused:
            start(eva, **more)
        assert refused.value.code == code, more
    for who in ("opal", "olga"):
        with pytest.raises(NotAllowed):
            start(house[who])
    start(eva)
    with pytest.raises(Conflict) as again:
        start(eva)
    assert again.value.code == "changes.run_open"
    for more, code in (
        ({"content": None}, "result_file"),
        ({"criterion": "function"}, "word_unknown"),
        ({"verdict": "good"}, "word_unknown"),
    ):
        with pytest.raises(Invalid) as refused:
            take_result(
                eva,
                **{"run": "QR-1", "criterion": "cycling", "verdict": "pass", "words": "w", "content": b"x", "name": "x"}
                | more,
            )
        assert refused.value.code == f"changes.{code}"


def test_criteria_come_before_the_first_unit_and_an_order_with_the_part(sheet, house, load):
    from asbuilt.designed.changes.qualifying.actions.alternates import open_sheet, state_candidate

    board = {
        "product": "house",
        "revision": "A",
        "bom_version": "1",
        "quantity": "60",
        "customer": "",
        "opened_at": "2026-03-01T08:00:00Z",
    }
    load({"orders": [{"order": "WO-H", **board}], "units": [{"order": "WO-H", "serial": f"X{n}", "panel": "", "position": "", "state": "planned"} for n in range(60)]}, "more")  # fmt: skip
    with pytest.raises(Refused) as other:
        start(house["eva"], order="WO-H")
    assert other.value.code == "gate.run_part"
    load({"processes": [ran("WO-Q", "Q1", "Q1")]}, "begun")
    with pytest.raises(Refused) as begun:
        start(house["eva"])
    assert begun.value.code == "gate.run_begun"
    open_sheet(house["eva"], part="RES", title="Resistor")
    state_candidate(house["eva"], sheet="ALT-2", mpn="R-2", maker="Acme", properties={})


@pytest.fixture
def running(house, load):
    """QR-1 of W-2 on WO-Q, whose units were mounted with the reel named and went through SMT: running("W-ALT")."""
    from asbuilt.designed.changes.qualifying.actions.alternates import open_sheet, state_candidate

    def make(package: str) -> str:
        open_sheet(house["eva"], part="WIFI", title="Wi-Fi module")
        state_candidate(house["eva"], sheet="ALT-1", mpn="W-2", maker="Radio", properties={})
        run = start(house["eva"])
        load({
            "materials": [material("WO-Q", "Q1", "Q60", "U1", package, 4), material("WO-Q", "Q1", "Q60", "R1", "R-1", 4)],
            "processes": [ran("WO-Q", "Q1", "Q60", 5)],
        }, "mounted")  # fmt: skip
        return run

    return make


def criteria(actor, run: str) -> dict[str, dict]:
    from asbuilt.answers.gate.qualifying import run_seen

    return {one["key"]: one for one in run_seen(actor, run)["criteria"]}


def test_another_makers_part_of_the_same_number_is_no_evidence(running, actor, load):
    load({"lots": [lot("W-SAME", "WIFI", "W-2", "LS", "2646", maker="Copycat")]}, "copy")
    run = running("W-SAME")
    load({"tests": [test_run(f"Q{n}", plan) for n in range(1, 61) for plan in ("FCT", "SEC")]}, "tested")
    shown = criteria(actor, run)["function"]
    assert (shown["carry"], shown["passed"], shown["met"]) == (0, 0, False)


def test_a_reel_that_names_no_maker_is_evidence_by_its_number(running, actor, load):
    """Labels seldom say the maker: sixty units with W-2 of a reel without one carry the candidate, until a reel of another maker has that number."""
    load({"lots": [lot("W-BARE", "WIFI", "W-2", "LB", "2646", maker="")]}, "bare")
    run = running("W-BARE")
    load({"tests": [test_run(f"Q{n}", plan) for n in range(1, 61) for plan in ("FCT", "SEC")]}, "tested")
    shown = criteria(actor, run)["function"]
    assert (shown["carry"], shown["passed"], shown["met"]) == (60, 60, True)
    load({"lots": [lot("W-SAME", "WIFI", "W-2", "LS", "2646", maker="Copycat")]}, "copy")
    shown = criteria(actor, run)["function"]
    assert (shown["carry"], shown["met"]) == (0, False)


def test_a_pass_by_a_version_of_the_plan_that_nobody_approved_is_no_evidence(running, actor, house, load):
    from asbuilt.answers.gate.qualifying import judge_run

    run = running("W-ALT")
    names = [f"Q{n}" for n in range(1, 61)]
    load({"tests": [test_run(name, "FCT") for name in names] + [{**test_run(name, "SEC"), "plan_version": "9"} for name in names]}, "tested")  # fmt: skip
    shown = criteria(actor, run)
    assert (shown["function"]["passed"], shown["function"]["by_other_version"]) == (60, 0)
    assert (shown["security"]["passed"], shown["security"]["by_other_version"], shown["security"]["met"]) == (
        0,
        60,
        False,
    )
    with pytest.raises(Refused) as refused:
        judge_run(house["ada"], run=run, verdict="qualified", why="w")
    assert "security" in refused.value.facts["lacking"]
    load({"tests": [test_run(name, "SEC", day=7) for name in names]}, "again")  # by the version in force
    assert criteria(actor, run)["security"]["met"]


def test_the_order_of_a_run_is_not_grown(running, house, actor, stops):
    """Sixty units are tried, not six thousand: what grew on would carry the alternate whatever is found, and on either side of a boundary."""
    from asbuilt.answers.gate.qualifying import judge_run
    from asbuilt.built.production.actions.orders import grow_order

    grow_order(actor, order="WO-Q", quantity=1)  # nobody tries anything on it yet
    run = running("W-ALT")
    for judged in (False, True):
        if judged:
            judge_run(house["ada"], run=run, verdict="not_qualified", why="w")
        with pytest.raises(Refused) as refused:
            grow_order(actor, order="WO-Q", quantity=5_000)
        assert (refused.value.code, refused.value.facts["run"]) == ("production.order_of_run", run)
    grow_order(actor, order="WO-2", quantity=5)


def test_units_that_carry_what_no_run_qualified_do_not_go_on_however_it_came_there(running, house, actor, load):
    """A machine tells that H1 of WO-2 got the alternate; on WO-Q it is tried, and stays in house until somebody judged."""
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.answers.gate.qualifying import judge_run
    from asbuilt.answers.gate.verdicts import verdicts

    run = running("W-ALT")
    load(
        {"materials": [material("WO-2", "H1", "H1", "U1", "W-ALT", 4), material("WO-2", "H2", "H2", "U1", "W-NEW", 4)]},
        "told",
    )

    def against(name: str) -> tuple[bool, bool]:
        at_step = [stop.code for one in verdicts(actor, name, "SMT") for stop in one.stops]
        leaving = [stop.code for one in may_leave(actor, name) for stop in one.stops]
        return "gate.alternate_unqualified" in at_step, "gate.alternate_unqualified" in leaving

    assert [against(name) for name in ("H1", "H2", "Q1")] == [(True, True), (False, False), (False, True)]
    # around a splice either may have it: possible is not passed
    spliced = [
        material("WO-2", "H3", "H3", "U1", package, 4) | {"certainty": "possible"} for package in ("W-ALT", "W-NEW")
    ]
    load({"materials": spliced}, "spliced")
    assert against("H3") == (True, True)
    (stop,) = [one for one in may_leave(actor, "H3")[0].stops if one.code == "gate.alternate_unqualified"]
    assert stop.facts["certainty"] == "possible" and "H3 possibly carries" in stop.message
    load({"tests": [test_run(f"Q{n}", plan) for n in range(1, 61) for plan in ("FCT", "SEC")]}, "tested")
    from asbuilt.designed.changes.qualifying.actions.alternates import take_result

    take_result(
        house["eva"], run=run, criterion="cycling", verdict="pass", words="ok", content=b"%PDF-1.4", name="c.pdf"
    )
    judge_run(house["ada"], run=run, verdict="qualified", why="as shown")
    assert [against(name) for name in ("H1", "H2", "Q1")] == [(False, False)] * 3
    judge_run(house["ben"], run=run, verdict="revoked", why="field failures")
    assert [against(name) for name in ("H1", "Q1")] == [(True, True), (True, True)]


def test_what_a_unit_goes_by_as_an_alternate_is_named_at_steps_when_it_leaves_and_on_its_papers(
    running, house, actor, load
):
    """Verdicts and papers named deviations, and never the run without which the part might not be there. H1 and H2 have W-2, H2 perhaps; H3 has W-1."""
    import csv
    import io
    import zipfile

    from asbuilt.answers.gate.leaving import may_leave, order_may_leave
    from asbuilt.answers.gate.qualifying import judge_run
    from asbuilt.answers.gate.verdicts import verdicts
    from asbuilt.designed.changes.qualifying.actions.alternates import take_result
    from asbuilt.questions.genealogy.seen.conformity import conformity, conformity_text
    from asbuilt.questions.genealogy.seen.shipment_package import shipment_package

    run = running("W-ALT")
    spliced = [material("WO-2", "H2", "H2", "U1", one, 4) | {"certainty": "possible"} for one in ("W-ALT", "W-NEW")]
    mounted = [material("WO-2", "H1", "H1", "U1", "W-ALT", 4), material("WO-2", "H3", "H3", "U1", "W-NEW", 4)]
    load({"materials": [*mounted, *spliced]}, "told")

    def said(name: str) -> tuple[list, list]:
        told = (verdicts(actor, name, "SMT")[0].conceded, may_leave(actor, name)[0].conceded)
        return tuple([(one["concession"], one["message"]) for one in each] for each in told)

    tried = (run, f"Q1 carries Radio/W-2, an alternate for WIFI, tried in {run}.")
    assert said("Q1") == ([tried], []) and said("H1") == (
        [],
        [],
    )  # at a step of its own order it goes on, and does not leave
    load({"tests": [test_run(f"Q{n}", plan) for n in range(1, 61) for plan in ("FCT", "SEC")]}, "tested")
    take_result(
        house["eva"], run=run, criterion="cycling", verdict="pass", words="ok", content=b"%PDF-1.4", name="c.pdf"
    )
    judge_run(house["ada"], run=run, verdict="qualified", why="as shown")
    for name, carries in (("H1", "carries"), ("H2", "possibly carries"), ("Q1", "carries")):
        rests = [(run, f"{name} {carries} Radio/W-2, an alternate for WIFI, qualified in {run}.")]
        assert said(name) == (rests, rests)
    assert said("H3") == ([], [])
    whole = order_may_leave(actor, "WO-2").conceded
    assert [(one["concession"], one["code"], one["count"]) for one in whole] == [
        (run, "gate.alternate_qualified", 1)
    ] * 2
    left = {
        "shipment": "S-3",
        "customer": "SHOP",
        "country": "DE",
        "first_serial": "H1",
        "last_serial": "H3",
        "shipped_at": at(22),
    }
    load({"shipments": [{**left, "placed_on_market_at": ""}]}, "left")
    paper = conformity(actor, "S-3")
    assert paper.alternates == ((run, "Radio W-2", False, 1, 1),)
    assert (
        f"  alternate Radio W-2, qualified in {run}, on 1 units, possibly 1 more" in conformity_text(paper).splitlines()
    )
    with zipfile.ZipFile(io.BytesIO(shipment_package(actor, "S-3"))) as box:
        rows = list(csv.DictReader(io.StringIO(box.read("alternates.csv").decode())))
    assert [tuple(row.values()) for row in rows] == [
        ("H1", run, "qualified", "Radio", "W-2", "certain"), ("H2", run, "qualified", "Radio", "W-2", "possible"),
    ]  # fmt: skip
    assert conformity(actor, "S-1").alternates == ()
    judge_run(house["ben"], run=run, verdict="revoked", why="field failures")
    assert said("H1") == ([], []) and conformity(actor, "S-3").alternates == ((run, "Radio W-2", True, 1, 1),)


def carries_untried(actor, name: str) -> bool:
    from asbuilt.answers.gate.verdicts import verdicts

    return "gate.alternate_unqualified" in [stop.code for one in verdicts(actor, name, "SMT") for stop in one.stops]


def test_units_of_what_was_approved_before_a_sheet_named_it_go_on_until_a_run_finds_against_it(house, actor, load):
    """H1 carries W-1, which parts.csv approves; then somebody compares it on a sheet, and a run finds against it."""
    from asbuilt.answers.gate.qualifying import judge_run
    from asbuilt.designed.changes.qualifying.actions.alternates import open_sheet, state_candidate

    load({"materials": [material("WO-2", "H1", "H1", "U1", "W-NEW", 4)]}, "told")
    open_sheet(house["eva"], part="WIFI", title="Wi-Fi module")
    state_candidate(house["eva"], sheet="ALT-1", mpn="W-1", maker="Radio", properties={})
    assert not carries_untried(actor, "H1")
    run = start(house["eva"], mpn="W-1")
    assert not carries_untried(actor, "H1")
    judge_run(house["ada"], run=run, verdict="not_qualified", why="cracks")
    assert carries_untried(actor, "H1")


def test_units_that_were_built_under_a_deviation_carry_its_alternate_on(house, actor, load):
    """A deviation for WO-2 lets W-2 be mounted; G8 of WO-1, which it does not speak of, got one too."""
    from asbuilt.answers.gate.deviating import agree_deviation, propose_deviation
    from asbuilt.designed.changes.qualifying.actions.alternates import open_sheet, state_candidate
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.ledger import clock

    open_sheet(house["eva"], part="WIFI", title="Wi-Fi module")
    state_candidate(house["eva"], sheet="ALT-1", mpn="W-2", maker="Radio", properties={})
    clock.set_clock(lambda: parse_instant("2036-12-01T00:00:00Z"))
    asked = {"product": "gateway", "kind": "part", "part": "WIFI", "subject": "W-2", "maker": "Radio", "order": "WO-2"}
    propose_deviation(house["eva"], **asked, why="late", until_at=parse_instant("2036-12-20T00:00:00Z"))
    worked = {**ran("WO-2", "H1", "H1"), "started_at": "2036-12-02T08:00:00Z", "finished_at": "2036-12-02T09:00:00Z"}
    mounted = {**material("WO-2", "H1", "H1", "U1", "W-ALT"), "happened_at": "2036-12-02T08:30:00Z"}
    agree_deviation(house["ada"], deviation="DEV-1")
    agree_deviation(house["brand"], deviation="DEV-1")
    clock.set_clock(lambda: parse_instant("2036-12-03T00:00:00Z"))
    load({"materials": [mounted, material("WO-1", "G8", "G8", "U1", "W-ALT")], "processes": [worked]}, "told")
    assert not carries_untried(actor, "H1") and carries_untried(actor, "G8")
