"""Which software a machine ran, in each of its process runs: from what it says of itself, of its process, or in its files."""

import json

import pytest
from foreign_machines import OVEN_COLUMNS, OVEN_MAPPING, oven
from machine_floor import OVEN, PLACER, at, envelope
from messages.test_record_passes import T1, T2, through_the_oven

from asbuilt.built.messages.machine_files import record_file
from asbuilt.built.messages.mapping import say_mapping


def says(name: str, body: dict, minute: int, source: str = OVEN) -> dict:
    """A machine speaks of itself."""
    return envelope(name, {"CFXHandle": source, **body}, source=source, time=at(minute))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("EndpointConnected", {"SoftwareVersion": "7.2.1"}),
        ("Heartbeat", {"HeartbeatFrequency": "00:01:00", "Metadata": {"ExtendedMetadata": {"Machine Software Version": "7.2.1"}}}),
        ("GetEndpointInformationResponse", {"EndpointInformation": {"Vendor": "Acme", "softwareRevision": "7.2.1"}}),
    ],
)  # fmt: skip
def test_it_stands_in_the_runs_from_then_on(say, ask, actor, verified, name, body):
    told = says(name, body, 15)
    report = say(*through_the_oven(T1, "PNL-1", 250, 10), told, *through_the_oven(T2, "PNL-2", 250, 20))
    assert report.causes == {}
    assert ask("passed:REFLOW(software=7.2.1)") == (4, 0, 0)
    assert ask("passed:REFLOW(software=7.2.1) panel:PNL-2") == (4, 0, 0)
    assert say(told).known == 1
    # the same again, and heartbeats that are silent about it, change nothing
    assert say(says(name, body, 30), says("Heartbeat", {"HeartbeatFrequency": "00:01:00"}, 31)).uses == {"kept": 2}
    assert verified() == []


def test_an_update_is_seen_and_another_machine_is_another(say, ask):
    first, second = (
        says("EndpointConnected", {"SoftwareVersion": "7.2"}, 5),
        says("Heartbeat", {"SoftwareVersion": "7.3"}, 15),
    )
    other = says("EndpointConnected", {"SoftwareVersion": "9.9"}, 6, PLACER)
    say(first, other, *through_the_oven(T1, "PNL-1", 250, 10), second)
    say(*through_the_oven(T2, "PNL-2", 250, 20))
    said = [ask(f"passed:REFLOW(software={version})") for version in ("7.2", "7.3", "9.9")]
    assert said == [(4, 0, 0), (4, 0, 0), (0, 0, 0)]


def test_what_the_process_itself_says_goes_before(say, ask):
    start, run, end = through_the_oven(T1, "PNL-1", 250, 10)
    run["MessageBody"]["CommonProcessData"]["SoftwareVersion"] = "8.0"
    say(says("EndpointConnected", {"SoftwareVersion": "7.2"}, 5), start, run, end)
    assert ask("passed:REFLOW(software=8.0)") == (4, 0, 0)


@pytest.mark.parametrize(
    "body",
    [{"SoftwareVersion": "x" * 201}, {"SoftwareVersion": None}, {"SoftwareVersion": {"a": 1}}, {"Version": "2.1"}],
)
def test_what_is_no_version_is_kept(say, sql, body):
    assert say(says("EndpointConnected", body, 5)).uses == {"kept": 1}
    assert sql("SELECT count(*) FROM messages_machine WHERE software <> ''") == [(0,)]


def test_a_file_says_it_by_its_mapping(line, actor, ask):
    columns = {**OVEN_COLUMNS, "readings.software": {"from": "Gerät", "as": "text"}}
    say_mapping(actor, {**OVEN_MAPPING, "columns": json.dumps(columns, ensure_ascii=False)})
    record_file(actor, "OFEN_17.csv", oven())
    assert ask('passed:REFLOW(software="Löt-1")') == (3, 0, 0)


def test_the_unit_shows_it(say, actor):
    from asbuilt.questions.genealogy.seen.life import unit_life

    say(says("EndpointConnected", {"SoftwareVersion": "7.2"}, 5), *through_the_oven(T1, "PNL-1", 250, 10))
    told = [one.cells["values"][0] for one in unit_life(actor, "WO-1#1").events if one.kind == "processed"]
    assert told == [("software", "7.2")]
