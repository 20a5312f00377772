"""Nonconformities, what else is touched, charts, yields and defects by command. On this machine the system account acts: it is no person, so
it raises and proposes, and cannot approve."""

import json

import pytest

pytestmark = pytest.mark.once

DAY = "2026-03-02T{:02}:{:02}:00Z"


@pytest.fixture
def line(asbuilt, load):
    from line_and_box import factory

    load(factory())
    values = [0.2, 0.21, 0.19, 0.2, 0.22, 0.18] * 4 + [0.28]
    runs = [
        {"order": "WO", "step": "PRINT", "machine": "PR1", "program": "", "first_serial": f"B{n % 7 + 1}", "last_serial": f"B{n % 7 + 1}",
         "started_at": DAY.format(8, n), "finished_at": DAY.format(8, n), "operator": "", "result": "completed",
         "readings": json.dumps({"pressure": value}), "side": "top"}
        for n, value in enumerate(values)
    ]  # fmt: skip
    tests = [
        {"serial": f"B{n}", "plan": "FCT", "plan_version": "1", "station": "T1", "operator": "", "outcome": "fail" if n < 3 else "pass",
         "started_at": DAY.format(9, n), "finished_at": DAY.format(9, n),
         "measurements": json.dumps({"defects": [{"code": "void", "at": "U1"}]}) if n < 3 else ""}
        for n in range(1, 6)
    ]  # fmt: skip
    load({"processes": runs, "tests": tests}, "floor")


def said(asbuilt, *words):
    done = asbuilt(*words, "--format", "json")
    assert done.code == 0, done.err
    return done.document


def test_ncr(asbuilt, line):
    one = said(asbuilt, "ncr", "raise", "Void under U1", "--unit", "B1..B2", "--hold")
    assert (one["code"], one["state"], one["units"], one["holds"]) == ("NCR-1", "contained", 2, ["H-1"])
    assert said(asbuilt, "ncr", "cause", "NCR-1", "1", "paste too old", "--root")["causes"][0]["root"] is True
    action = said(asbuilt, "ncr", "action", "NCR-1", "Scan jars", "--owner", "046", "--due", "2026-04-01")
    assert action["actions"][0]["action"] == "A-1" and action["late"] is True
    assert (
        said(asbuilt, "ncr", "action", "NCR-1", "--action", "A-1", "--state", "done")["actions"][0]["state"] == "done"
    )
    assert (
        said(asbuilt, "ncr", "propose", "NCR-1", "rework", "--reason", "touch up")["dispositions"][0]["state"]
        == "proposed"
    )
    alone = asbuilt("ncr", "approve", "NCR-1", "D-1")
    assert alone.code == 4 and "no person" in alone.err
    said(asbuilt, "ncr", "check", "NCR-1", "--among", "test:FCT=pass or test:FCT=fail", "--question", "test:failed", "--units", "2", "--ppm", "0", "--due", "2026-05-01")  # fmt: skip
    assert (
        said(asbuilt, "ncr", "measure", "NCR-1")["results"][0]["verdict"] == "too_few"
    )  # none was begun since the action
    assert asbuilt("ncr", "close", "NCR-1", "--reason", "r").code == 4
    table = asbuilt("ncr", "list")
    assert table.code == 0 and "NCR-1" in table.out and "contained" in table.out
    shown = asbuilt("ncr", "show", "NCR-1")
    assert (
        "Void under U1" in shown.out
        and "paste too old" in shown.out
        and "too_few" in shown.out.replace("too few", "too_few")
    )
    assert ["D-1", "rework", "proposed", "2"] in [line.split() for line in shown.out.splitlines()]
    assert asbuilt("ncr", "show", "NCR-9").code == 3


def test_two_people_decide_by_command_each_with_a_token_of_ones_own(asbuilt, line, tmp_path):
    """Only the system account could act at the terminal, and it is no person: what it proposed nobody could ever approve."""
    from asbuilt.access.actions import accept_link, first_link, invite, issue_token

    ann = accept_link(first_link(), name="Ann", login="ann", password="nine long words on paper")
    tokens = {}
    for name, role in (("eva", "engineer"), ("ben", "quality_lead"), ("cy", "quality_lead")):
        link = invite(ann, name=name, roles=[role])[1]
        who = accept_link(link, name=name, login=name, password="nine long words on paper")
        tokens[name] = tmp_path / f"{name}.token"
        tokens[name].write_text(issue_token(who, name="cli", person=who.person)[1] + "\n")
    as_ = {name: ("--token", file) for name, file in tokens.items()}
    said(asbuilt, "ncr", "raise", "Void under U1", "--unit", "B1")
    steps = said(asbuilt, "ncr", "propose", "NCR-1", "rework", "--reason", "touch up", *as_["eva"])["dispositions"]
    assert [(one["disposition"], one["state"]) for one in steps] == [("D-1", "proposed")]
    for again in (as_["eva"], ()):  # whoever proposed it, and the system account, are no second person
        assert asbuilt("ncr", "approve", "NCR-1", "D-1", *again).code == 4
    said(asbuilt, "ncr", "approve", "NCR-1", "D-1", *as_["ben"])
    done = said(asbuilt, "ncr", "carry-out", "NCR-1", "D-1", "--reason", "X-rayed", *as_["eva"])
    assert (done["dispositions"][0]["state"], done["waiting"]) == ("carried_out", 0)
    # nor does whoever proposed it approve it by another door
    said(asbuilt, "ncr", "raise", "Scratch", "--unit", "B2")
    said(asbuilt, "ncr", "propose", "NCR-2", "scrap", "--reason", "deep", *as_["ben"])
    alone = asbuilt("ncr", "approve", "NCR-2", "D-1", *as_["ben"])
    assert alone.code == 4 and "Nobody but the one who proposed it" in alone.err
    said(asbuilt, "ncr", "refuse", "NCR-2", "D-1", "--reason", "shallow", *as_["cy"])
    given = ("B1", "--allows", "test_missing", "--reason", "rig", "--until", "2099-01-01T00:00:00Z")
    assert asbuilt("concession", "propose", *given, *as_["eva"]).code == 0
    assert asbuilt("concession", "approve", "CON-1", *as_["eva"]).code == 5
    assert asbuilt("concession", "approve", "CON-1", *as_["ben"]).code == 0
    assert asbuilt("concession", "approve", "CON-1", *as_["ben"]).code == 4
    assert asbuilt("concession", "end", "CON-1", "--reason", "rig is up", *as_["cy"]).code == 0


def test_deviations_and_waivers_are_agreed_to_by_command_each_with_a_token_of_ones_own(asbuilt, line, load, tmp_path):
    """Of two people none could be named at the terminal: the system account agrees to nothing, and whose document it kept nobody could tell."""
    from asbuilt.access.actions import accept_link, first_link, invite, issue_token

    ann = accept_link(first_link(), name="Ann", login="ann", password="nine long words on paper")
    as_ = {}
    for name in ("eva", "ben", "cy"):
        link = invite(ann, name=name, roles=["quality_lead", "engineer"])[1]
        who = accept_link(link, name=name, login=name, password="nine long words on paper")
        file = tmp_path / f"{name}.token"
        file.write_text(issue_token(who, name="cli", person=who.person)[1] + "\n")
        as_[name] = ("--token", file)
    load(
        {
            "parties": [{"party": "BRAND", "name": "Brand AG", "roles": "customer", "country": "DE"}],
            "product_roles": [{"product": "board", "party": "BRAND", "role": "manufacturer", "operator": "", "happened_at": DAY.format(7, 0)}],
        },
        "brand",
    )  # fmt: skip
    until = ("--until", "2027-06-01T00:00:00Z")
    signed = tmp_path / "agreed.pdf"
    signed.write_bytes(b"%PDF-1.4 agreed")
    party = ("--party", "BRAND", "--file", signed)
    given = ("board", "document", "label", "--why", "old stock", *until)
    assert said(asbuilt, "deviation", "propose", *given, *as_["eva"])["state"] == "open"
    assert asbuilt("deviation", "agree", "DEV-1").code != 0  # nobody is signed in
    assert asbuilt("deviation", "agree", "DEV-1", *as_["eva"]).code != 0  # who proposed it is no second person
    said(asbuilt, "deviation", "agree", "DEV-1", *as_["ben"])
    done = said(asbuilt, "deviation", "agree", "DEV-1", *party, *as_["cy"])
    assert (done["missing"], done["by_document"]) == ([], True)
    said(asbuilt, "deviation", "end", "DEV-1", "--why", "used up", *as_["ben"])
    assert asbuilt("waiver", "propose", "unrecorded", "board", "--reason", "no way in", *until, *as_["eva"]).code == 0
    assert asbuilt("waiver", "approve", "WVR-1", *as_["eva"]).code != 0
    assert asbuilt("waiver", "approve", "WVR-1", *as_["ben"]).code == 0
    assert asbuilt("waiver", "approve", "WVR-1", *party, *as_["cy"]).code == 0
    assert asbuilt("waiver", "end", "WVR-1", "--reason", "mended", *as_["ben"]).code == 0


def test_what_was_refused_is_raised_by_one_command(asbuilt, line):
    one = said(asbuilt, "ncr", "from", "test", "B1", "--hold")
    assert (one["source"], one["defect"], one["names"], one["state"]) == ("test", "void", ["B1"], "contained")
    assert one["description"] == "FCT 1 ended as fail: void U1"
    nothing = asbuilt("ncr", "from", "test", "B5")
    assert nothing.code == 4 and "Raise it by hand" in nothing.err
    assert asbuilt("ncr", "from", "gate", "B99").code == 3


def test_factors_charts_yields_and_defects(asbuilt, line):
    found = said(asbuilt, "factors", "test:FCT=fail")
    assert (found["failed"], found["method"][:6]) == (2, "Fisher")
    assert "None of it is a cause" in asbuilt("factors", "test:FCT=fail").err
    assert asbuilt("factors", "test:FCT=error").code == 4
    chart = said(asbuilt, "spc", "PRINT", "pressure")
    assert chart["panels"][0]["points"][-1] == 0.28 and chart["capability"]["cpk"]["value"] > 0
    table = asbuilt("spc", "PRINT", "pressure")
    assert ["nelson_1", "25", "0.28", "2026-03-02T08:24Z", "PR1"] in [line.split() for line in table.out.splitlines()]
    assert "Cpk" in table.out
    held = said(asbuilt, "spc", "PRINT", "pressure", "--hold", "nelson_1")
    assert held == {"nonconformity": "NCR-1", "hold": "H-1"}
    assert asbuilt("spc", "PRINT", "pressure", "--hold", "nelson_4").code == 3
    yields = said(asbuilt, "yield", "2026-03-02")
    assert yields["rows"][0]["fpy"] == 0.6 and "60.00%" in asbuilt("yield", "2026-03-02").out
    assert said(asbuilt, "defects")["codes"][0]["units"] == 2 and "void" in asbuilt("defects").out
    assert asbuilt("yield", "moon").code == 2
