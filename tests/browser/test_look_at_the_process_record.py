"""Out of limits, Instruments, Qualifications and Environment in a real browser: axe finds nothing, nothing overflows; a run out of
limits is held by keyboard alone."""

import json

import pytest
from line_and_box import factory
from test_look_at_the_pages import PASSWORD, chromium, faults, served, signed_in  # noqa: F401


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


def filled(load) -> None:
    tables = factory()
    for row in tables["routings"]:
        row["qualifications"] = "IPC-A-610" if row["step"] == "PRINT" else ""
    load(tables)
    run = {"order": "WO", "step": "PRINT", "machine": "PRINTER-1", "program": "BOARD-A-TOP-7", "operator": "045", "side": "top",
           "result": "completed"}  # fmt: skip
    hours = ("09:00:00Z", "09:30:00Z", "10:00:00Z", "10:30:00Z")
    begun = [f"2026-03-02T{hour}" for hour in hours]
    load(
        {
            "calibrations": [
                {"instrument": "PRINTER-1", "kind": "stencil printer", "as_found": found, "as_left": "in_tolerance",
                 "certificate": "DKD-2026-0417", "laboratory": "DAkkS D-K-15019-01-00", "valid_until": until,
                 "calibrated_at": at}
                for found, until, at in (("in_tolerance", "2026-03-02", "2026-03-01T08:00:00Z"), ("out_of_tolerance", "2026-09-03", "2026-03-03T08:00:00Z"))
            ] + [{"instrument": "A-very-long-name-of-a-torque-screwdriver-0001", "as_found": "out_of_tolerance", "as_left": "out_of_tolerance",
                  "calibrated_at": "2026-03-01T08:00:00Z"}],
            "qualifications": [
                {"person": "045", "qualification": "IPC-A-610", "level": "CIS", "issuer": "IPC", "certificate": "C-991",
                 "valid_until": "2026-02-28", "granted_at": "2024-02-28T00:00:00Z", "operator": "046"},
                {"person": "045", "qualification": "ESD", "granted_at": "2024-02-28T00:00:00Z"},
            ],
            "areas": [{"machine": "PRINTER-1", "area": "hall 2", "from_at": "2026-03-01T00:00:00Z"}],
            "environment": [
                {"area": "hall 2", "temperature_c": "22.5", "humidity_percent": "41", "cleanroom_class": "ISO 8", "sensor": "S-2", "measured_at": begun[0]},
                {"area": "hall 2", "temperature_c": "24", "measured_at": begun[1]},
            ],
            "processes": [
                run | {"first_serial": "B1", "last_serial": "B4", "started_at": begun[0], "finished_at": begun[1],
                       "readings": json.dumps({"pressure": 0.31, "speed": 18, "stencil": "ST-19", "stencil_cycles": 4711})},
                run | {"first_serial": "B5", "last_serial": "B7", "started_at": begun[2], "finished_at": begun[3],
                       "readings": json.dumps({"pressure": 0.09})},
            ],
        },
        "record",
    )  # fmt: skip


def test_axe_finds_nothing_on_empty_and_on_full_pages(lead, load, actor):
    said, found = [], []
    lead.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    pages = ["/alarms/", "/instruments/", "/qualifications/", "/environment/"]
    for page in pages:
        lead.goto(page)
        found += faults(lead)
    filled(load)
    for page in (
        *pages,
        "/instruments/PRINTER-1/",
        "/order/WO/",
        "/unit/B2/",
        "/station/?step=PRINT&side=top&operator=045&unit=B2",
    ):
        lead.goto(page)
        found += faults(lead)
    assert (found, said) == ([], [])


def test_a_run_is_held_by_keyboard(lead, load, actor):
    filled(load)
    lead.goto("/alarms/")
    assert lead.locator("article").count() == 2
    field = lead.get_by_label("Hold WO#1..WO#4, because")
    assert field.input_value() == "PRINT top at PRINTER-1 out of limits: pressure 0.31 (0.1 to 0.3); speed 18 (from 20)"
    field.focus()
    lead.keyboard.press("Enter")
    lead.wait_for_url("**/holds/H-1/")
    lead.goto("/alarms/")
    lead.get_by_label("No hold is needed, because").focus()
    lead.keyboard.type("pressure gauge was loose")
    lead.keyboard.press("Enter")
    lead.get_by_text("No run waits for a decision.").wait_for()
    assert "pressure gauge was loose" in lead.inner_text("main") and "H-1" in lead.inner_text("main")


def test_a_bad_instrument_leads_to_the_answer(lead, load, actor):
    filled(load)
    lead.goto("/instruments/")
    lead.get_by_role("link", name="PRINTER-1").click()
    lead.get_by_role("link", name="Ask it: which units, which customers").click()
    lead.wait_for_selector(".big-certain")
    assert lead.locator(".big-certain .n").inner_text() == "7"
