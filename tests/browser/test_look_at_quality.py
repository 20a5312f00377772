"""Yield, defects, nonconformities, what else is touched and process control in a real browser: axe finds nothing at 390 and 1280 pixels, light and
dark, nothing overflows, no rule of the security policy is broken; a signal is held, and a nonconformity decided, by keyboard alone."""

import json

import pytest
from line_and_box import AT, factory
from test_look_at_the_pages import PASSWORD, chromium, faults, served, signed_in  # noqa: F401

DAY = "2026-03-02T{:02}:{:02}:00Z"


@pytest.fixture
def lead(served, chromium, home):  # noqa: F811
    """A page of a quality lead with a badge."""
    from asbuilt.access.actions import accept_link, first_link, invite

    first = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    _, link = invite(first, name="Ben Lead", roles=["quality_lead"], code="046")
    accept_link(link, name="Ben Lead", login="ben", password=PASSWORD)
    context, page = signed_in(chromium, served, "ben")
    yield page
    context.close()


def filled(load, actor) -> None:
    """Runs with one value far off, tests with defects, and a nonconformity with everything in it."""
    from asbuilt.answers.register.nonconformities import measure_effect, open_nonconformity, propose
    from asbuilt.built.quality.actions import nonconformities as verbs

    tables = factory()
    tables["placements"] = [
        {"product": "board", "revision": "A", "placement": "b.pos", "refdes": r, "x_mm": str(x), "y_mm": "5", "rotation": "0", "side": "top",
         "footprint": "R_0402_1005Metric"} for r, x in (("R1", 5), ("U1", 20))
    ]  # fmt: skip
    tables["areas"] = [{"machine": "FCT-STATION-WITH-A-LONG-NAME-01", "area": "line 1", "operator": "", "from_at": AT}]
    load(tables)
    values = [0.2, 0.21, 0.19, 0.2, 0.22, 0.18] * 5 + [0.28]
    runs = [
        {"order": "WO", "step": "PRINT", "machine": "PR1", "program": "P7", "first_serial": f"B{n % 7 + 1}", "last_serial": f"B{n % 7 + 1}",
         "started_at": DAY.format(8, n), "finished_at": DAY.format(8, n), "operator": "045", "result": "completed",
         "readings": json.dumps({"pressure": value}), "side": "top"}
        for n, value in enumerate(values)
    ]  # fmt: skip
    tests = [
        {"serial": f"B{n}", "plan": plan, "plan_version": "1", "station": "FCT-STATION-WITH-A-LONG-NAME-01", "operator": "", "outcome": outcome,
         "started_at": DAY.format(9, n), "finished_at": DAY.format(9, n), "measurements": json.dumps(said) if said else ""}
        for plan, n, outcome, said in (
            ("AOI", 1, "fail", {"defects": [{"code": "insufficient solder, heel", "at": "U1"}, {"code": "void", "at": "R1"}]}),
            ("AOI", 2, "pass", {"defects": [{"code": "skew", "at": "R1", "verification": "DefectRejected"}]}),
            *(("FCT", n, "fail" if n == 1 else "pass", None) for n in range(1, 7)),
        )
    ]  # fmt: skip
    load({"processes": runs, "tests": tests}, "floor")
    code = open_nonconformity(
        actor, source="test", severity="critical", description="Insufficient solder at the heel of U1, seen by AOI and by eye", units=["B1..B2"],
        question="test:FCT=fail", product="board", defect="insufficient solder, heel", held=True,
    )  # fmt: skip
    verbs.state_cause(actor, nonconformity=code, method="five_why", place="1", cause="The paste was too old", root=True)
    verbs.state_cause(actor, nonconformity=code, method="ishikawa", place="material", cause="Jar open for 30 h")
    verbs.state_action(
        actor, nonconformity=code, kind="corrective", description="Scan jars", owner="046", due_on="2026-04-01"
    )
    verbs.plan_check(
        actor,
        nonconformity=code,
        question="test:failed",
        among="test:FCT=pass",
        units_min=3,
        failed_ppm_max=0,
        due_on="2026-05-01",
    )
    verbs.state_action(actor, nonconformity=code, action="A-1", state="done")
    measure_effect(actor, nonconformity=code)
    propose(actor, nonconformity=code, decision="rework", reason="touch up", units=["B1"])


PAGES = ("/yield/?day=2026-03-02", "/defects/", "/nonconformities/", "/factors/", "/control/")


def test_axe_finds_nothing_on_empty_and_on_full_pages(lead, load, actor):
    said, found = [], []
    lead.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    for page in PAGES:
        lead.goto(page)
        found += faults(lead)
    filled(load, actor)
    for page in (
        *PAGES,
        "/nonconformities/NCR-1/",
        "/factors/?failed=test:FCT%3Dfail",
        "/control/?step=PRINT&name=pressure",
        "/control/?step=FCT&kind=p",
        "/unit/B1/",
    ):
        lead.goto(page)
        found += faults(lead)
    assert (found, said) == ([], [])


def test_a_signal_is_held_by_keyboard(lead, load, actor):
    filled(load, actor)
    lead.goto("/control/?step=PRINT&name=pressure")
    field = lead.get_by_label("Hold its 1 unit and raise a nonconformity, because").first
    assert field.input_value() == "PRINT pressure: rule nelson_1 broken at 0.28"
    field.focus()
    lead.keyboard.press("Enter")
    lead.wait_for_url("**/nonconformities/NCR-2/")
    assert "contained" in lead.inner_text("main")


def test_a_nonconformity_is_decided_by_keyboard(lead, load, actor):
    filled(load, actor)
    lead.goto("/nonconformities/")
    lead.get_by_label("What is wrong").focus()
    lead.keyboard.type("Label smudged")
    lead.get_by_label("Units: SN, or SN1..SN2, with blanks between").focus()
    lead.keyboard.type("B6")
    lead.keyboard.press("Enter")
    lead.wait_for_url("**/nonconformities/NCR-2/")
    lead.get_by_text("Propose a disposition").focus()
    lead.keyboard.press("Enter")
    lead.get_by_label("Why").first.focus()
    lead.keyboard.type("only the label")
    lead.keyboard.press("Enter")
    lead.get_by_text("D-1: use as is").wait_for()
