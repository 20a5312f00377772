"""Paste goes onto a stencil as a package goes to a feeder: what may not be used is refused, with what to do, and nothing is recorded.

Clocks: the jar thaws 4 h, is used 24 h after opening and 8 h on the stencil, counted by hand from AT.
"""

import pytest
from gate.test_place_by_hand import refusal  # noqa: F401
from supply.conftest import catalogue, receive  # noqa: F401

HOUR = 3_600_000_000
AT = 1_803_859_200_000_000  # 2027-03-01T00:00:00Z


@pytest.fixture
def jar(receive, actor):  # noqa: F811
    """A jar of paste of lot P1."""
    from asbuilt.built.supply.actions.handling import say_lives

    code = (
        receive(part="PASTE", lot_code="P1", date_code="2708", quantity="50", package_kind="other").packages[0].package
    )
    hours = {"thaw_hours_min": "4", "open_hours_max": "24", "stencil_hours_max": "8", "thaws_max": "2"}
    say_lives(actor, package=code, happened_at=AT, **hours)
    return code


@pytest.fixture
def happen(actor):
    """happen(jar, "thawing", 0) says it at AT + hours."""
    from asbuilt.answers.gate.handling import handle_packages

    def it(code, event, hours, key=None, by=None):
        return handle_packages(
            by or actor, packages=[code], event=event, happened_at=AT + round(hours * HOUR), request_key=key
        )

    return it


def events(package: str) -> list[str]:
    from asbuilt.storage import reading

    sql = "SELECT event FROM supply_package_handling WHERE package = %s ORDER BY happened_at"
    return [event for (event,) in reading.fetch(sql, (package,))]


def test_cold_and_thawing_paste_waits(jar, happen, refusal):  # noqa: F811
    assert refusal(happen, jar, "applied", 0) == ("Refused", "gate.package_not_alive")
    happen(jar, "thawing", 0)
    assert refusal(happen, jar, "applied", 3.9) == ("Refused", "gate.package_not_alive")
    assert events(jar) == ["thawing"]
    happen(jar, "applied", 4)
    assert events(jar) == ["thawing", "applied"]


def test_paste_that_was_open_or_on_the_stencil_too_long_is_thrown_away(jar, happen, refusal):  # noqa: F811
    happen(jar, "thawing", 0)
    happen(jar, "opened", 5)
    happen(jar, "applied", 10)
    happen(jar, "removed", 18)  # 8 h on the stencil are used
    assert refusal(happen, jar, "applied", 19) == ("Refused", "gate.package_not_alive")
    assert happen(jar, "discarded", 20).entry  # what is true of a dead jar is recorded


def test_quarantine_and_holds_stop_it(jar, happen, refusal, actor):  # noqa: F811
    from asbuilt.answers.register.holds import hold, lift
    from asbuilt.built.supply.actions.statuses import quarantine_packages, release_packages

    happen(jar, "thawing", 0)
    quarantine_packages(actor, packages=[jar], reason="seal broken")
    assert refusal(happen, jar, "applied", 5) == ("Refused", "gate.package_not_released")
    happen(jar, "opened", 5)
    release_packages(actor, packages=[jar], reason="seal was fine")
    code = hold(actor, lot="P1", reason="viscosity")
    assert refusal(happen, jar, "applied", 5) == ("Refused", "gate.package_held")
    lift(actor, code=code, reason="measured again")
    asked = hold(actor, question="lot:P1", reason="slump")
    assert refusal(happen, jar, "applied", 5) == ("Refused", "gate.package_in_question")
    lift(actor, code=asked, reason="no slump")
    assert happen(jar, "applied", 5).entry


def test_the_same_request_is_answered_as_before_whatever_stops_it_since(jar, happen, actor):
    from asbuilt.built.supply.actions.statuses import quarantine_packages

    happen(jar, "thawing", 0)
    first = happen(jar, "applied", 5, key="k-1")
    quarantine_packages(actor, packages=[jar], reason="seal broken")
    assert happen(jar, "applied", 5, key="k-1").entry == first.entry
    assert events(jar) == ["thawing", "applied"]


def test_nobody_else_puts_it_on(jar, happen, refusal, person, stranger):  # noqa: F811
    assert refusal(happen, jar, "applied", 5, by=person("auditor"))[0] == "NotAllowed"
    assert refusal(happen, jar, "applied", 5, by=stranger) == ("NotFound", "supply.package_unknown")
    assert refusal(happen, "PK-9", "applied", 5) == ("NotFound", "supply.package_unknown")
