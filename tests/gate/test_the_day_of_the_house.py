"""The day by which the gate judges is the one that it is in the zone of the house, and its times are said in it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from vulnerable_factory import MBEDTLS, secured

VIENNA, HONOLULU = "Europe/Vienna", "Pacific/Honolulu"
HOUR = 3_600_000_000


def instant(text: str, zone: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).timestamp()) * 1_000_000


@pytest.fixture
def house(actor):
    """house("Europe/Vienna") moves the house there."""
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    def moved(zone: str) -> None:
        with write_tx(actor.tenant):
            bulk.run("UPDATE access_tenant SET time_zone = %s WHERE number = %s", (zone, actor.tenant))

    return moved


@pytest.fixture
def on(home):
    from asbuilt.ledger import clock

    yield lambda instant: clock.set_clock(lambda: instant)
    clock.set_clock(None)


@pytest.mark.parametrize("zone", [VIENNA, HONOLULU])
def test_the_law_begins_at_midnight_of_the_house(actor, load, tmp_path, house, on, zone):
    """2027-12-11 begins in Vienna at 23:00 UTC of the day before, in Honolulu at 10:00 UTC."""
    from asbuilt.answers.gate.leaving import may_leave

    secured(actor, load, tmp_path / "s")
    house(zone)
    begins = instant("2027-12-11T00:00", zone)
    on(begins - 1)
    (before,) = may_leave(actor, "S0002")
    on(begins)
    (after,) = may_leave(actor, "S0002")
    assert before.go and [one.code for one in before.warnings if "vulnerability" in one.code] == ["gate.vulnerability"]
    assert [one.code for one in after.stops] == ["gate.vulnerability"]


def test_a_release_is_judged_by_the_day_of_the_house(house):
    from asbuilt.answers.gate.known_rules import rules_on

    at = instant("2027-12-11T00:30", VIENNA)
    assert (rules_on(at, ZoneInfo(VIENNA)).placing.verdict, rules_on(at, UTC).placing.verdict) == ("stop", "warn")


def test_when_feeds_were_taken_is_said_in_the_zone_of_the_house(actor, load, tmp_path, house, on):
    from asbuilt.answers.gate.leaving import may_leave
    from asbuilt.questions.exposure.exposure import exposure

    on(instant("2027-03-01T00:30", VIENNA))
    secured(actor, load, tmp_path / "s")
    house(VIENNA)
    on(instant("2027-03-09T12:00", VIENNA))
    (found,) = may_leave(actor, "S0005")
    assert "Feed osv was taken 2027-03-01 00:30 Europe/Vienna; 7 days are the most." in found.warnings[0].message
    assert "Feed osv was taken 2027-03-01 00:30 Europe/Vienna; 7 days are the most." in found.coverage.words
    assert any("taken 2027-03-01 00:30 Europe/Vienna" in one for one in exposure(actor, MBEDTLS).notes)
    on(instant("2027-03-01T09:00", VIENNA))
    assert "Oldest feed: osv, taken 2027-03-01 00:30 Europe/Vienna." in may_leave(actor, "S0005")[0].coverage.words


def test_a_decision_is_to_be_reviewed_when_its_day_is_over_where_the_house_is(actor, load, tmp_path, house, on):
    from asbuilt.designed.vulnerability.deciding.decisions import Scope
    from asbuilt.designed.vulnerability.deciding.findings_in import open_in_release
    from asbuilt.designed.vulnerability.deciding.stating import decide
    from asbuilt.questions.exposure.exposure import exposure

    on(instant("2027-03-01T09:00", VIENNA))
    secured(actor, load, tmp_path / "s")
    house(VIENNA)
    said = {
        "status": "not_affected",
        "justification": "vulnerable_code_not_in_execute_path",
        "impact": "never called",
        "review_on": "2027-03-05",
    }
    decide(actor, vulnerability=MBEDTLS, scope=Scope(product="board", version="1.0.0"), **said)
    over = instant("2027-03-06T00:00", VIENNA)
    for at, expected in ((over - 1, True), (over, False)):
        on(at)
        assert (open_in_release(actor.tenant, "board", "", "1.0.0") == []) == expected
        assert [bool(one.lapsed) for one in exposure(actor, MBEDTLS).decisions] == [not expected]
