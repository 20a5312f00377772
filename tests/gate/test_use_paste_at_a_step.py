"""A step whose readings name paste: what may not be used is refused, with what to do, and nothing is recorded.

Clocks: the jar thaws 4 h and lasts 8 h on the stencil, counted by hand from AT.
"""

import pytest
from gate.test_place_by_hand import refusal  # noqa: F401
from line_and_box import lot

HOUR = 3_600_000_000
AT = 1_803_859_200_000_000  # 2027-03-01T00:00:00Z


@pytest.fixture
def jar(floor, load, actor):
    """A jar of paste of lot P1, thawing from AT on."""
    from asbuilt.answers.gate.handling import handle_packages
    from asbuilt.built.supply.actions.handling import say_lives

    code = "JAR-1"
    load({"lots": [lot(code, "RES", "P1")]}, "jar")
    say_lives(actor, package=code, happened_at=AT, thaw_hours_min="4", stencil_hours_max="8")
    handle_packages(actor, packages=[code], event="thawing", happened_at=AT)
    return code


@pytest.fixture
def printed(go):
    """printed("B1", hours, paste=…) prints at AT + hours with these readings."""

    def at(unit, hours, key=None, result="completed", **readings):
        when = AT + round(hours * HOUR)
        return go(unit, "PRINT", "top", key, readings=readings, finished_at=when, started_at=when, result=result)

    return at


def test_cold_paste_waits_and_thawed_paste_is_used(jar, printed, refusal, ask):  # noqa: F811
    assert refusal(printed, "B1", 3.9, paste=jar) == ("Refused", "gate.package_not_alive")
    assert ask("passed:PRINT") == []
    assert printed("B1", 4, paste=jar).units == 1
    assert ask(f"paste:{jar}") == ["B1"]


def test_the_refusal_says_what_to_do(jar, printed):
    from asbuilt.kernel.errors import Refused

    with pytest.raises(Refused) as caught:
        printed("B1", 1, paste=jar)
    assert jar in caught.value.message and caught.value.remedy
    assert caught.value.facts["step"] == "PRINT"


def test_spent_paste_is_refused(jar, printed, refusal, actor):  # noqa: F811
    from asbuilt.answers.gate.handling import handle_packages

    handle_packages(actor, packages=[jar], event="applied", happened_at=AT + 5 * HOUR)
    assert printed("B1", 12.9, paste=jar).units == 1
    assert refusal(printed, "B2", 13, paste=jar) == ("Refused", "gate.package_not_alive")


def test_expired_paste_is_refused(jar, printed, refusal, actor):  # noqa: F811
    from asbuilt.built.supply.actions.handling import say_lives

    say_lives(actor, package=jar, expires_on="2027-02-28", happened_at=AT + 1)
    assert refusal(printed, "B1", 5, paste=jar) == ("Refused", "gate.package_not_alive")


def test_quarantine_and_holds_stop_it_by_lot_code_too(jar, printed, refusal, actor):  # noqa: F811
    from asbuilt.answers.register.holds import hold, lift
    from asbuilt.built.supply.actions.statuses import quarantine_packages, release_packages

    quarantine_packages(actor, packages=[jar], reason="seal broken", happened_at=AT)
    assert refusal(printed, "B1", 5, paste=jar) == ("Refused", "gate.package_not_released")
    release_packages(actor, packages=[jar], reason="fine", happened_at=AT + 1)
    code = hold(actor, lot="P1", reason="viscosity")
    assert refusal(printed, "B1", 5, paste=jar) == ("Refused", "gate.package_held")
    assert refusal(printed, "B1", 5, paste_lot="P1") == ("Refused", "gate.package_held")
    lift(actor, code=code, reason="measured again")
    assert printed("B1", 5, paste=jar, paste_lot="P1").units == 1


def test_what_is_no_package_is_a_word_and_what_failed_is_recorded(jar, printed):
    assert printed("B1", 1, paste="the green jar").units == 1
    assert printed("B2", 1, paste=jar, result="failed").units == 1


def test_the_same_request_is_answered_as_before(jar, printed, actor):
    from asbuilt.built.supply.actions.statuses import quarantine_packages

    first = printed("B1", 5, key="k-1", paste=jar)
    quarantine_packages(actor, packages=[jar], reason="seal broken", happened_at=AT)
    assert printed("B1", 5, key="k-1", paste=jar).entry == first.entry
