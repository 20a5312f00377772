"""`asbuilt case`: from a signal to a submitted early warning; exit codes; one JSON document."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from case_floor import TABLES

pytestmark = pytest.mark.once


def test_from_a_signal_to_an_early_warning(load, asbuilt, tmp_path):
    load(TABLES)
    said = ("--source", "mail", "--received", "2026-11-20T07:00:00Z", "--format", "json")
    assert asbuilt("case", "signal", "exploit for OWN-1 is sold", *said).document == {"signal": "S-1"}
    assert asbuilt("case", "open", "Overflow", "--kind", "aev", "--signal", "S-1").code == 0
    assert asbuilt("case", "product", "C-1", "OWN-1").code == 0
    assert (
        asbuilt("case", "moment", "C-1", "aware_at", "--at", "2026-11-20T09:00:00+01:00", "--why", "our logs").code == 0
    )
    frozen = asbuilt("case", "freeze", "C-1", "product:OWN-1", "--why", "early warning", "--format", "json").document
    assert [one["question"] for one in frozen["answers"]] == ["product:OWN-1"]
    asbuilt("case", "decide", "C-1", "reportable", "--ground", "exploited_in_product", "--why", "our logs")
    (tmp_path / "sent.json").write_text('{"title": "Overflow"}')
    sent = ("--at", "2026-11-20T20:00:00Z", "--reference", "SRP-DE-V-2026-18", "--file", tmp_path / "sent.json")
    assert asbuilt("case", "submit", "C-1", "cra.aev", "early_warning", *sent).code == 0
    found = asbuilt("case", "show", "C-1", "--format", "json").document
    clocks = found["duties"][0]["clocks"]
    assert [(one["due_at"], one["submitted_at"]) for one in clocks] == [
        ("2026-11-21T08:00:00Z", "2026-11-20T20:00:00Z"), ("2026-11-23T08:00:00Z", None), (None, None),
    ]  # fmt: skip
    assert clocks[1]["platform"] == {
        "shown_at": "2026-11-22T20:00:00Z", "differs": True,
        "source": "ENISA, questions and answers of 17 September 2026: the platform counts 48 hours from the early warning",
    }  # fmt: skip
    shown, counts = (
        asbuilt("case", "show", "C-1"),
        asbuilt("ask", "product:OWN-1", "--format", "json").document["affected"],
    )
    numbers = "{certain:,} certain, {possible:,} possible, {unrecorded:,} unrecorded; ".format(**counts)
    assert "Submit: notification," in shown.err and f"Affected now: {numbers}" in shown.err
    assert "submitted 2026-11-20T20:00:00Z SRP-DE-V-2026-18" in shown.out and shown.out.count("submitted 2026") == 1
    assert asbuilt("case", "list", "--format", "json").document["cases"][0]["next_due_at"] == "2026-11-23T08:00:00Z"
    assert asbuilt("case", "signals", "--format", "json").document["signals"][0]["case"] == "C-1"
    silent = asbuilt("case", "close", "C-1", "--why", "x")
    assert (
        silent.code == 4
        and "cra.aev/OW (notification due 23 Nov 2026, 09:00 +01:00 (Europe/Berlin), final report)" in silent.err
    )
    said = ("--at", "2026-11-21T09:00:00+01:00", "--why", "the build server too", "--format", "json")
    turned = asbuilt("case", "kind", "C-1", "incident", *said).document
    assert turned["kinds"] == ["aev", "incident"] and [one["name"] for one in turned["open_ends"]] == [
        "cra.aev/OW", "cra.incident/OW",
    ]  # fmt: skip
    reasons = ("--left-open", "cra.aev/OW=taken over by the parent", "--left-open", "cra.incident/OW=the same")
    assert (
        asbuilt("case", "close", "C-1", "--why", "x", *reasons).code == 0
        and "C-1" in asbuilt("case", "list", "--closed").out
    )
    assert asbuilt("case", "reopen", "C-1", "--why", "y").code == 0


def test_clocks_are_the_same_after_a_restart_in_another_time_zone(load, asbuilt, home):
    """Each command is a process of its own; summer time ends between awareness and the 72 hours in one of the zones."""
    load(TABLES)
    asbuilt("case", "open", "Overflow", "--kind", "aev")
    asbuilt("case", "product", "C-1", "OWN-1")
    asbuilt("case", "moment", "C-1", "aware_at", "--at", "2026-10-31T22:00:00+01:00", "--why", "our logs")
    asbuilt("case", "measure", "C-1", "mitigating", "--at", "2026-11-01T08:00:00Z", "--why", "switch it off")
    program = str(Path(sys.executable).with_name("asbuilt"))
    found = []
    for zone in ("UTC", "America/New_York", "Pacific/Kiritimati"):
        command = [program, "case", "show", "C-1", "--format", "json"]
        done = subprocess.run(command, env={**home.env(), "TZ": zone}, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        clocks = json.loads(done.stdout)["duties"][0]["clocks"]
        found.append([(one["stage"], one["started_at"], one["due_at"]) for one in clocks])
    assert found[0] == found[1] == found[2]
    assert [due for _, _, due in found[0]] == ["2026-11-01T21:00:00Z", "2026-11-03T21:00:00Z", "2026-11-15T08:00:00Z"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("show", "C-9"), 3), (("open", "t", "--kind", "nonsense"), 2), (("product", "C-1", "NONE"), 3), (("product", "C-1", "LOOSE"), 4),
        (("moment", "C-1", "aware_at", "--at", "today", "--why", "w"), 2), (("moment", "C-1", "aware_at", "--at", "2026-11-20T08:00Z", "--why", "w"), 4),
        (("decide", "C-1", "perhaps", "--ground", "g", "--why", "w"), 2), (("dismiss", "S-9", "--why", "w"), 3),
    ],
)  # fmt: skip
def test_refusals_by_exit_code(load, asbuilt, arguments, code):
    load(TABLES)
    assert asbuilt("case", "open", "t", "--kind", "aev").code == 0
    assert asbuilt("case", *arguments).code == code


def test_a_rest_that_two_people_justify_is_closed_by_command(load, asbuilt, tmp_path):
    """Psi says why three units stay open, with a token of her own; neither she nor the system account closes, Ben does."""
    from asbuilt.access.actions import accept_link, first_link, invite, issue_token

    load(TABLES)
    ann = accept_link(first_link(), name="Ann", login="ann", password="nine long words on paper")
    people = {"ann": ann}
    for name, roles in (("ben", ["psirt"]), ("eve", ["engineer"]), ("psi", ["psirt"])):
        number, link = invite(ann, name=name, roles=roles)
        people[name] = accept_link(link, name=name, login=name, password="nine long words on paper")
        assert people[name].person == number
    tokens = {name: tmp_path / f"{name}.token" for name in people}
    for name, file in tokens.items():
        file.write_text(issue_token(people[name], name="cli", person=people[name].person)[1] + "\n")
    asbuilt("case", "open", "Overflow", "--kind", "vulnerability")
    begun = asbuilt("case", "action", "start", "C-1", "update", "Anew", "product:OWN-1", "--remedy", "reworked", "--why", "fire", "--no-hold")  # fmt: skip
    assert begun.code == 0
    action, why = ("case", "action"), ("F-1", "--why", "lost at sea")
    assert asbuilt(*action, "justify", *why, "--token", tokens["eve"]).code == 5  # an engineer decides no case
    assert asbuilt(*action, "justify", *why, "--token", tokens["psi"]).code == 0
    for denied in ((), ("--token", tokens["psi"])):
        said = asbuilt(*action, "close", *why, *denied)
        assert said.code == 4 and "another person" in said.err
    (tmp_path / "none.token").write_text("nonsense")
    assert asbuilt(*action, "close", *why, "--token", tmp_path / "none.token").code == 5
    assert asbuilt(*action, "close", *why, "--token", tmp_path / "missing").code == 3
    for words in (
        ("case", "notices", "approve", "N-9", "--version", "1"),
        ("advisory", "approve", "A-9"),
        ("advisory", "publish", "A-9", "--summary", "s"),
    ):
        assert asbuilt(*words, "--token", tokens["eve"]).code in (3, 5)  # as Eve, who may not
        assert asbuilt(*words, "--token", tmp_path / "none.token").code == 5
    closed = asbuilt(*action, "close", *why, "--token", tokens["ben"], "--format", "json").document
    assert closed["state"] == "closed" and closed["justified"] == 3
