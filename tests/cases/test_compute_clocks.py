"""`asbuilt case clock`: every test vector of the reference (cra.md, section 4.6), and what the arithmetic must not do.

Expected times stand in the reference or were counted on a calendar; Central European Time changes on the last Sunday of March and October.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from asbuilt.answers.cases.handling.computing import computed
from asbuilt.kernel.errors import Invalid

OLD = "2027-01-05T08:00:00Z"  # an awareness that has nothing to do with what is asked


def due(stage: str, **said) -> str | None:
    return clock(stage, **said)["due_at"]


def clock(stage: str, **said) -> dict:
    return next(one for one in computed(**said)["clocks"] if one["stage"] == stage)


@pytest.mark.parametrize("kind", ["aev", "incident"])
@pytest.mark.parametrize(
    ("aware", "warning", "notification"),
    [
        ("2026-12-24T17:30+01:00", "2026-12-25T16:30:00Z", "2026-12-27T16:30:00Z"),  # holiday and Sunday move nothing
        ("2026-10-24T14:30+02:00", "2026-10-25T12:30:00Z", "2026-10-27T12:30:00Z"),  # clocks go back in between
        ("2027-03-27T14:30+01:00", "2027-03-28T13:30:00Z", "2027-03-30T13:30:00Z"),  # clocks go forward in between
        ("2028-02-28T10:00Z", "2028-02-29T10:00:00Z", "2028-03-02T10:00:00Z"),  # a leap year has 29 February
        ("2027-02-28T10:00Z", "2027-03-01T10:00:00Z", "2027-03-03T10:00:00Z"),  # another one has not
        ("2026-12-31T23:30:59Z", "2027-01-01T23:30:00Z", "2027-01-03T23:30:00Z"),  # the platform takes no seconds
    ],
)
def test_hours_are_elapsed_time(kind, aware, warning, notification):
    said = {"kind": kind, "aware": aware}
    assert (due("early_warning", **said), due("notification", **said)) == (warning, notification)


@pytest.mark.parametrize(
    ("aware", "local"),
    [("2026-10-24T14:30+02:00", "2026-10-25T13:30:00+01:00"), ("2027-03-27T14:30+01:00", "2027-03-28T15:30:00+02:00")],
)
def test_local_time_shows_that_the_same_time_tomorrow_would_be_wrong(aware, local):
    assert clock("early_warning", kind="aev", aware=aware)["local"] == local


@pytest.mark.parametrize(
    ("notified", "final"),
    [
        ("2027-01-31T10:00Z", "2027-02-28T10:00:00Z"),
        ("2028-01-31T10:00Z", "2028-02-29T10:00:00Z"),
        # 31 March 01:30 in Berlin: a month later is 30 April there, and UTC alone would have said 1 May
        ("2027-03-30T23:30Z", "2027-04-29T23:30:00Z"),
        ("2027-03-31T01:30+02:00", "2027-04-29T23:30:00Z"),
        ("2027-12-31T12:00Z", "2028-01-31T12:00:00Z"),  # over the end of a year
        ("2027-02-28T12:00Z", "2027-03-28T11:00:00Z"),  # 13:00 in Berlin is an hour earlier in summer time
        ("2027-10-28T12:00Z", "2027-11-28T12:00:00Z"),  # and an hour later in winter: UTC is the earlier
        ("2027-02-28T02:30+01:00", "2027-03-28T00:30:00Z"),  # 02:30 is left out on that night: the earlier reading
        ("2027-09-30T23:59:59.5+02:00", "2027-10-30T21:59:00Z"),
    ],
)
def test_a_month_ends_on_its_date_in_utc_and_in_the_makers_zone(notified, final):
    aware = "2027-01-05T08:00Z" if notified > "2027-01-06" else OLD
    assert due("final_report", kind="incident", aware=aware, notified=notified) == final


def test_another_zone_may_bring_the_month_forward():
    said = {"kind": "incident", "aware": OLD, "notified": "2027-03-30T21:30Z"}
    assert due("final_report", **said, zone="Europe/Berlin") == "2027-04-30T21:30:00Z"
    assert due("final_report", **said, zone="Europe/Helsinki") == "2027-04-29T21:30:00Z"  # 31 March, 00:30 there


def test_fourteen_days_from_a_measure_also_onto_a_saturday_and_over_the_change_of_clocks():
    said = computed(kind="aev", aware="2027-03-19T08:00Z", measures=["2027-03-20T12:00+01:00"])["clocks"][2]
    assert (said["due_at"], said["local"]) == ("2027-04-03T11:00:00Z", "2027-04-03T13:00:00+02:00")


def test_the_earliest_measure_counts_be_it_a_workaround_or_a_fix():
    said = {"kind": "aev", "aware": "2027-03-01T08:00Z", "measures": ["2027-03-20T12:00Z", "2027-03-04T12:00Z"]}
    assert due("final_report", **said) == "2027-03-18T12:00:00Z"


def test_a_measure_older_than_awareness_counts_from_awareness_and_says_so():
    said = clock("final_report", kind="aev", aware="2027-03-10T08:00Z", measures=["2027-01-01T08:00Z"])
    assert (said["due_at"], said["started_at"]) == ("2027-03-24T08:00:00Z", "2027-03-10T08:00:00Z")
    assert "before awareness" in said["note"]


def test_what_cannot_be_computed_yet_says_so_and_estimates_where_the_rule_allows():
    waits = clock("final_report", kind="aev", aware="2027-03-10T08:00Z")
    assert (waits["state"], waits["due_at"], waits["estimate_at"]) == ("not_started", None, None)
    assert "no corrective or mitigating measure" in waits["note"]
    guessed = clock("final_report", kind="incident", aware="2027-01-28T10:00Z")  # notification due on 31 January
    assert (guessed["state"], guessed["due_at"]) == ("not_started", None)
    assert guessed["estimate_at"] == "2027-02-28T10:00:00Z" and "earlier" in guessed["note"]


def test_a_notification_submitted_early_brings_the_final_report_forward():
    said = {"kind": "incident", "aware": "2027-03-10T08:00Z", "notified": "2027-03-11T08:00Z"}
    assert due("final_report", **said) == "2027-04-11T07:00:00Z"  # 09:00 in Berlin on both days, summer time by then


def test_the_platforms_counter_stands_beside_the_law_where_they_differ():
    aware, warned = "2027-01-10T00:00Z", "2027-01-10T20:00Z"  # 20 hours after awareness
    said = clock("notification", kind="aev", aware=aware, warned=warned)
    assert said["due_at"] == "2027-01-13T00:00:00Z"  # 72 hours after it
    assert said["platform"]["shown_at"] == "2027-01-12T20:00:00Z" and said["platform"]["differs"]  # 68 hours after it
    same = clock("notification", kind="aev", aware=aware, warned="2027-01-11T00:00Z")
    assert not same["platform"]["differs"]
    assert clock("notification", kind="aev", aware=aware)["platform"]["shown_at"] is None
    none = clock("final_report", kind="aev", aware=aware, measures=["2027-01-11T00:00Z"])["platform"]
    assert none["shown_at"] is None and "no counter" in none["source"]
    month = clock("final_report", kind="incident", aware=aware, notified="2027-03-30T23:30Z")
    assert (month["due_at"], month["platform"]["shown_at"]) == ("2027-04-29T23:30:00Z", "2027-04-30T23:30:00Z")


def test_a_duty_runs_no_clock_before_the_day_it_applies_from():
    before = clock("early_warning", kind="aev", aware="2026-09-10T21:59:00Z")  # 23:59 in Berlin on the day before
    assert (before["state"], before["due_at"]) == ("not_applicable", None) and "2026-09-11" in before["note"]
    assert due("early_warning", kind="aev", aware="2026-09-10T22:00:00Z") == "2026-09-11T22:00:00Z"


def test_every_clock_names_its_rule_and_the_set_it_is_of():
    said = computed(kind="aev", aware=OLD)
    assert said["rule_set"] == "asbuilt.duties/2026-11-29" and "2024/2847" in said["source"]
    assert [one["source"][:13] for one in said["clocks"]] == ["Article 14(2)"] * 3


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"aware": "2027-01-05T08:00"}, "cases.time_wrong"),
        ({"aware": "2027-01-05"}, "cases.time_wrong"),
        ({"aware": ""}, "cases.time_wrong"),
        ({"kind": "quality"}, "cases.kind_without_clock"),
        ({"kind": "nonsense"}, "cases.kind_without_clock"),
        ({"zone": "Europe/Atlantis"}, "cases.zone_unknown"),
        ({"zone": "../../etc/passwd"}, "cases.zone_unknown"),
        ({"zone": "\x00"}, "cases.zone_unknown"),
        ({"notified": "2027-01-04T08:00Z"}, "cases.before_aware"),
        ({"warned": "2027-01-04T08:00Z"}, "cases.before_aware"),
        ({"measures": ["2027-01-06T08:00Z"] * 101}, "cases.measures_many"),
        ({"aware": "9999-12-31T23:00Z"}, "cases.too_late"),
        ({"kind": "incident", "aware": "9998-01-01T23:00Z", "notified": "9998-12-31T12:00Z"}, "cases.too_late"),
    ],
)
def test_what_is_wrong_is_refused_by_name(said, code):
    with pytest.raises(Invalid) as refused:
        computed(**{"kind": "aev", "aware": OLD, **said})
    assert refused.value.code == code


def command(tmp_path, *arguments: str, zone: str = "UTC"):
    asbuilt = Path(sys.executable).with_name("asbuilt")
    environment = {**os.environ, "ASBUILT_HOME": str(tmp_path / "nothing"), "TZ": zone}
    environment.pop("ASBUILT_DATABASE_URL", None)
    return subprocess.run([asbuilt, "case", "clock", *arguments], env=environment, capture_output=True, text=True)


def test_the_command_needs_no_record_and_no_particular_time_zone_of_the_server(tmp_path):
    asked = (
        "--kind",
        "incident",
        "--aware",
        "2027-01-05T08:00Z",
        "--notified",
        "2027-03-30T23:30Z",
        "--format",
        "json",
    )
    here, there = (command(tmp_path, *asked, zone=zone) for zone in ("UTC", "America/New_York"))
    assert here.returncode == there.returncode == 0, here.stderr
    assert json.loads(here.stdout) == json.loads(there.stdout)
    assert json.loads(here.stdout)["clocks"][2]["due_at"] == "2027-04-29T23:30:00Z"
    assert not (tmp_path / "nothing").exists()


def test_the_command_leaves_with_2_where_a_time_is_none(tmp_path):
    done = command(tmp_path, "--kind", "aev", "--aware", "tomorrow", "--format", "json")
    assert done.returncode == 2 and json.loads(done.stdout)["code"] == "cases.time_wrong"
