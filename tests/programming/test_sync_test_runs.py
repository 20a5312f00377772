"""A test plan travels to a station by its hash in the permit; what the station signs arrives as test runs, with the plan's version."""

import json
from contextlib import contextmanager
from hashlib import sha256
from types import SimpleNamespace

import pytest
from duts import lines, serve
from emulated import free_port
from line_floor import plan, run, step
from permit_floor import BADGES, EMS, SITE
from station_floor import scan as scanned

from asbuilt.access.actor import Actor
from asbuilt.kernel import envelope, test_records
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.station.agent import Station
from asbuilt.station.enrolment import public_keys
from asbuilt.station.exchange import take_folder
from asbuilt.station.home import StationHome, begin_home
from asbuilt.station.sync import sync


def scan(unit: str):
    """Eva's badge as it was printed for her here, and a unit of the order."""
    return scanned(unit, badge=BADGES["OP-7"])


def bist_plan(port: int, **more) -> dict:
    steps = [step("bist.vcc", "numeric", low="3.2", high="3.4", unit="V"), step("bist.ram")]
    runs = [run("bist", "console", port=port, ask="bist", until="END", milliseconds=2000)]
    return plan(steps, runs, name="BIST", **more)


def approved(actor, document: dict):
    """The plan, proposed by one and approved by another."""
    from asbuilt.designed.catalog.test_plan_actions import decide_test_plan, propose_test_plan

    one, other = (Actor(actor.tenant, f"person:{number}", actor.rights, number) for number in (901, 902))
    found = propose_test_plan(one, document=json.dumps(document).encode(), changes="new limits")
    decide_test_plan(other, plan=found.plan, version=found.version, decision="approved")
    return found


@contextmanager
def device(*said: str):
    """A unit that tells its own test; its console's port."""
    port = free_port()
    serve("127.0.0.1", port, lines([*said, "END"]))
    yield port


def bench_station(floor, tmp_path, server, name: str = "ST-01", **more):
    station = floor.station(tmp_path, name, server.url)
    settings = json.loads((station.home.folder / "station.json").read_text())
    settings |= {
        "does": "test",
        "sockets": [{"name": "1", "position": 1, "places": [], "network": "127.0.0.1"}],
        **more,
    }
    station.home.put("station.json", json.dumps(settings).encode())
    again = Station(station.home.folder)
    again.start()
    return again


def runs(actor, plan: str = "BIST") -> list[tuple]:
    from asbuilt.storage import reading

    sql = (
        "SELECT n.value, r.plan_version, r.outcome, r.measurements FROM quality_test_run r JOIN production_floor_name p ON "
        "p.tenant = r.tenant AND p.number = r.plan JOIN production_unit_name n ON n.tenant = r.tenant AND n.unit = r.unit "
        "WHERE r.tenant = %s AND p.name = %s AND r.until_entry IS NULL ORDER BY r.entry, r.row"
    )
    return [(*row[:3], json.loads(row[3])) for row in reading.fetch(sql, (actor.tenant, plan))]


def problems(actor) -> list[tuple[str, str]]:
    from asbuilt.storage import reading

    sql = "SELECT scanned, problem FROM programming_station_record WHERE tenant = %s AND result LIKE 'test-%%' ORDER BY seq"
    return reading.fetch(sql, (actor.tenant,))


def test_a_plan_travels_is_run_and_its_run_arrives_once_with_version_values_and_files(floor, server, tmp_path, actor):
    with device("vcc=3.31 V", "ram=PASS") as port:
        known = approved(actor, bist_plan(port))
        station = bench_station(floor, tmp_path, server)
        permit = floor.issue({"ST-01": 5}, tests=[{"plan": "BIST", "version": "1"}]).permit
        assert [(test.plan, test.sha256) for test in permit.tests] == [("BIST", known.sha256)]
        sync(station)
        assert (station.home.folder / f"tests/{known.sha256}.json").read_bytes() == canonical_bytes(bist_plan(port))
        outcome = station.take(scan("SN-1"), "1")
        assert (outcome.result, outcome.plans) == ("pass", ("BIST",)), outcome
        assert sync(station).sent == 1 and station.outbox.counts() == (0, 1)
    ((unit, version, result, said),) = runs(actor)
    assert (unit, version, result) == ("SN-1", "1", 0)
    assert said["bist.vcc"] == {
        "value": 3.31,
        "units": "V",
        "min": 3.2,
        "max": 3.4,
        "limit_units": "V",
        "comparison": "GELE",
        "result": "pass",
    }
    assert said["bist.ram"]["result"] == "pass" and said["$run"]["files"][0].startswith("bist-1.log ")
    assert problems(actor) == [("SN-1", "")]
    from asbuilt.questions.genealogy.seen.attached import attached

    name, digest = said["$run"]["files"][0].split(" ")
    log = attached(actor, "SN-1", digest)
    assert (log.name, sha256(log.content).hexdigest()) == (name, digest) and b"vcc=3.31 V" in log.content
    station.ledger.database().execute("UPDATE outgoing SET receipt = NULL, receipt_at = NULL")
    sync(station)  # the answer was lost: sent again, recorded once
    assert len(runs(actor)) == 1


def test_a_failed_test_and_its_retest_are_two_runs_and_the_question_knows_the_last(floor, server, tmp_path, actor):
    from asbuilt.questions.genealogy.answering.answers import ask

    told = ["vcc=2.9 V", "ram=PASS", "END"]
    port = free_port()
    serve("127.0.0.1", port, lines(told))
    approved(actor, bist_plan(port))
    station = bench_station(floor, tmp_path, server)
    floor.issue({"ST-01": 5}, tests=[{"plan": "BIST", "version": "1"}])
    sync(station)
    assert station.take(scan("SN-1"), "1").said == "bist.vcc is 2.9 V, not 3.2 to 3.4 V."
    sync(station)
    assert len(ask(actor, "test:BIST=fail").affected.certain) == 1
    told[0] = "vcc=3.3 V"
    assert station.take(scan("SN-1"), "1").passed
    sync(station)
    assert [row[2] for row in runs(actor)] == [1, 0]
    assert (
        len(ask(actor, "test:BIST=pass").affected.certain) == 1
        and len(ask(actor, "test:BIST=fail").affected.certain) == 0
    )


def forged(station, change) -> bytes:
    """An upload with the station's own signature over a record that its agent would not have made."""
    (waiting,) = station.outbox.waiting()
    said = json.loads(envelope.parse(waiting.document).payload)
    files = dict(waiting.files)
    change(said, files)
    from base64 import b64encode

    document = envelope.sign(test_records.TEST_RECORD_TYPE, canonical_bytes(said), station.home.private_key())
    told = {digest: b64encode(content).decode() for digest, content in files.items()}
    return json.dumps({"records": [json.loads(document)], "files": told}).encode()


def as_it_is(said, files):
    pass


def without_log(said, files):
    files.clear()


def without_step(said, files):
    said["measures"] = said["measures"][1:]


def outside_of_limits(said, files):
    said["measures"][0]["value"] = "2.9"


def calibration_ended(said, files):
    said["fixture"], said["calibrated_until"] = "FX-1", "2020-06-30T00:00:00.000000Z"


def other_plan(said, files):
    said["plan_sha256"] = "ab" * 32


def other_unit(said, files):
    said["unit"] = "SN-404"


def offline_station(floor, tmp_path, actor, document: dict):
    """A station of this server that was enrolled by hand and got its folder by a stick."""
    from asbuilt.answers.gate.sticks import export_folder
    from asbuilt.built.programming.actions.stations import enrol_by_hand

    folder, second, stick = tmp_path / "ST-01", tmp_path / "second", tmp_path / "stick"
    second.mkdir()
    sockets = [{"name": "1", "position": 1, "places": [], "network": "127.0.0.1"}]
    settings = {
        "station": "ST-01",
        "site": SITE,
        "ems": EMS,
        "server": "",
        "anchor": str(second),
        "does": "test",
        "sockets": sockets,
    }
    begin_home(folder, settings)
    public, transfer = public_keys(StationHome(folder))
    found = enrol_by_hand(actor, station="ST-01", site=SITE, ems=EMS, public=public, transfer=transfer)
    home = StationHome(folder)
    home.put("trust/pinned", found.pinned.encode())
    for number, pem in enumerate(found.server_keys):
        home.put(f"server/{number}.pem", pem.encode())
    approved(actor, document)
    floor.issue({"ST-01": 5}, tests=[{"plan": document["plan"], "version": document["version"]}])
    export_folder(actor, stick)
    station = Station(folder)
    station.start()
    take_folder(station, stick)
    return station


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (without_log, "It says PASS without its evidence: no log of bist."),
        (without_step, "It says PASS without its evidence: no result of bist.vcc."),
        (outside_of_limits, "It says PASS without its evidence: bist.vcc 2.9 V is outside of 3.2 to 3.4 V."),
        (calibration_ended, "the calibration of fixture FX-1 ended 2020-06-30"),
        (other_plan, "Test plan BIST version 1 with this hash is not in the record."),
        (other_unit, "SN-404"),
    ],
)
def test_the_server_takes_no_pass_without_what_the_plan_demands(floor, tmp_path, actor, change, why):
    from asbuilt.built.quality.station_runs import take_station_records

    with device("vcc=3.31 V", "ram=PASS") as port:
        station = offline_station(floor, tmp_path, actor, bist_plan(port))
        assert station.take(scan("SN-1"), "1").passed
    upload = forged(station, change)
    take_station_records(actor, station="ST-01", document=upload)
    ((_, problem),) = problems(actor)
    assert why in problem and runs(actor) == []
    take_station_records(actor, station="ST-01", document=upload)
    assert len(problems(actor)) == 1


def test_an_upload_whose_file_is_another_is_refused_whole(floor, tmp_path, actor):
    from asbuilt.built.quality.station_runs import take_station_records

    with device("vcc=3.31 V", "ram=PASS") as port:
        station = offline_station(floor, tmp_path, actor, bist_plan(port))
        assert station.take(scan("SN-1"), "1").passed
    batch = json.loads(forged(station, as_it_is))
    batch["files"] = {sha256(b"x").hexdigest(): "eA==", "ab" * 32: "eA=="}
    with pytest.raises(AsbuiltError) as refusal:
        take_station_records(actor, station="ST-01", document=json.dumps(batch).encode())
    assert refusal.value.code == "programming.file_other" and problems(actor) == []


@pytest.mark.parametrize(
    ("change", "asked", "code"),
    [
        ({}, {"plan": "BIST", "version": "9"}, "programming.test_plan_unknown"),
        ({}, {"plan": "NONE", "version": "1"}, "programming.test_plan_unknown"),
        ({"proposed_only": True}, {"plan": "BIST", "version": "1"}, "programming.test_plan_not_usable"),
        ({"revisions": ["C"]}, {"plan": "BIST", "version": "1"}, "programming.test_plan_not_usable"),
        ({"station": None}, {"plan": "BIST", "version": "1"}, "programming.test_plan_not_usable"),
    ],
)
def test_no_permit_names_a_test_plan_that_is_not_in_force_for_its_units(floor, tmp_path, actor, change, asked, code):
    from asbuilt.designed.catalog.test_plan_actions import propose_test_plan

    offline_station(floor, tmp_path, actor, bist_plan(1, version="0") | {"plan": "OTHER"})
    said = bist_plan(1) | {key: value for key, value in change.items() if key in ("revisions", "station")}
    if said["station"] is None:
        del said["station"]
    if change.get("proposed_only"):
        one = Actor(actor.tenant, "person:901", actor.rights, 901)
        propose_test_plan(one, document=json.dumps(said).encode())
    else:
        approved(actor, said)
    with pytest.raises(AsbuiltError) as refusal:
        floor.issue({"ST-01": 5}, tests=[asked])
    assert refusal.value.code == code
    assert [test["plan"] for one in told_permits(actor) for test in one["tests"]] == ["OTHER"]


def told_permits(actor) -> list[dict]:
    from asbuilt.built.programming.telling import permits_told

    return permits_told(actor)


def test_a_golden_units_run_is_kept_and_is_no_units_test(floor, tmp_path, actor):
    from asbuilt.built.quality.station_runs import take_station_records

    with device("vcc=3.31 V", "ram=PASS") as port:
        golden = [{"unit": "GOLD-1", "outcome": "pass"}]
        station = offline_station(floor, tmp_path, actor, bist_plan(port, golden=golden))
        assert station.take(scan("GOLD-1"), "1").passed
    take_station_records(actor, station="ST-01", document=forged(station, as_it_is))
    assert runs(actor) == [] and problems(actor) == [("GOLD-1", "")]


def test_runs_and_records_are_what_the_log_gives_again(floor, tmp_path, actor):
    """The projection of what a station sent is rebuilt from the log and compared."""
    from asbuilt.built.quality.station_runs import take_station_records
    from asbuilt.ledger.verifying import verify

    with device("vcc=3.31 V", "ram=PASS") as port:
        station = offline_station(floor, tmp_path, actor, bist_plan(port))
        assert station.take(scan("SN-1"), "1").passed
    take_station_records(actor, station="ST-01", document=forged(station, as_it_is))
    assert len(runs(actor)) == 1
    assert verify(actor.tenant).findings == []


def test_a_fixture_that_is_carried_to_another_station_takes_its_cycles_along(floor, server, tmp_path, actor):
    """Two stations, one fixture of four cycles: two here, two there, and no fifth anywhere. A station that has not heard counts from what
    it knows, and its records say as of when that is."""
    until = format_instant(clock.now() + 3_600_000_000)
    bed = [{"fixture": "FX-9", "kind": "BED", "calibrated_until": until, "cycles_max": 4}]
    at = [{"name": "1", "position": 1, "places": [], "network": "127.0.0.1", "fixture": "FX-9"}]
    with device("vcc=3.31 V", "ram=PASS") as port:
        approved(actor, bist_plan(port, fixture="BED"))
        here, there = (
            bench_station(floor, tmp_path, server, name, fixtures=bed, sockets=at) for name in ("ST-01", "ST-02")
        )
        floor.issue({"ST-01": 5, "ST-02": 5}, tests=[{"plan": "BIST", "version": "1"}])
        sync(here), sync(there)
        assert here.home.bulletin().fixtures is None  # no station told of any
        assert [here.take(scan(unit), "1").result for unit in ("SN-1", "SN-2")] == ["pass", "pass"]
        sync(here)
        assert there.fixtures() == [{"fixture": "FX-9", "cycles": 0, "cycles_max": 4, "elsewhere": 0, "known_at": ""}]
        sync(there)
        known_at = format_instant(there.home.bulletin().issued_at)
        assert there.fixtures() == [
            {"fixture": "FX-9", "cycles": 2, "cycles_max": 4, "elsewhere": 2, "known_at": known_at}
        ]
        # the network is gone: it goes on from the last known number
        assert [there.take(scan(unit), "1").result for unit in ("SN-3", "SN-4", "SN-5")] == ["pass", "pass", "refused"]
        worn = there.take(scan("SN-5"), "1")
        assert (worn.reason, worn.said) == (
            "station.fixture_worn",
            f"Fixture FX-9 made 4 cycles, as many as it may: 2 of them at other stations, as known on {known_at}.",
        )
        told = [test_records.parse_test_record(envelope.parse(one.document).payload) for one in there.outbox.waiting()]
        assert [(one.fixture_cycles, one.fixture_elsewhere, one.fixture_known_at) for one in told] == [
            (3, 2, known_at),
            (4, 2, known_at),
        ]
        assert here.fixtures()[0]["cycles"] == 2  # it has not heard of the two, and says how old its number is
        sync(there), sync(here)
        assert (here.fixtures()[0]["cycles"], here.fixtures()[0]["elsewhere"]) == (4, 2)
        assert here.take(scan("SN-5"), "1").reason == "station.fixture_worn"
        # a server that lost its counts takes none back of what a station has tested with
        from asbuilt.built.programming.models import FixtureCount

        FixtureCount.objects.of(actor.tenant).delete()
        sync(there)
        assert there.home.bulletin().fixtures is None
        assert there.take(scan("SN-5"), "1").reason == "station.fixture_worn"
    assert [row[3]["$run"].get("fixture_elsewhere", 0) for row in runs(actor)] == [0, 0, 2, 2]


def test_a_station_that_is_set_up_anew_under_its_name_does_not_forget_its_fixture(floor, server, tmp_path, actor):
    from asbuilt.built.programming import fixtures

    key = floor.station(tmp_path, "ST-01", server.url).own_key.key_id
    record = SimpleNamespace(fixture="FX-9", fixture_cycles=7, fixture_elsewhere=2, finished_at=10)
    late = SimpleNamespace(fixture="FX-9", fixture_cycles=4, fixture_elsewhere=0, finished_at=5)
    fixtures.counted(actor.tenant, "ST-01", [(record, "old-key"), (late, "old-key"), (late, key)])
    fixtures.counted(actor.tenant, "ST-01", [(late, "old-key")])  # twice, and out of order
    assert fixtures.elsewhere(actor.tenant, "ST-01", key) == [{"fixture": "FX-9", "cycles": 5, "at": 10}]
    assert fixtures.elsewhere(actor.tenant, "ST-02", "any") == [{"fixture": "FX-9", "cycles": 9, "at": 10}]
    assert fixtures.elsewhere(actor.tenant + 1, "ST-02", "any") is None


def test_a_station_draws_relabelled_units_and_panels_as_the_gate_does(floor, server, tmp_path, actor):
    """The story: a plan drew a unit by what was on its label, at the station by the new one, at the gate by another: the unit was passed over
    here and held there. Both ask by the serial number that it was given first, whatever a scanner reads."""
    from drawn import drawn

    from asbuilt.built.production.intake.names import NamesIntake
    from asbuilt.ledger.one_row import checked_rows, state_rows
    from asbuilt.ledger.recording import recording

    def asked(name: str) -> bool:
        return drawn(found.sha256, name, 3)

    def label(unit: str, value: str) -> dict:
        return {
            "unit": unit,
            "kind": "serial",
            "value": value,
            "from_at": "2026-01-05T08:00:00Z",
            "replaces": "",
            "reason": "",
        }

    with device("vcc=3.31 V", "ram=PASS") as port:
        found = approved(actor, bist_plan(port, every=3))
        station = bench_station(floor, tmp_path, server)
        floor.issue({"ST-01": 40}, tests=[{"plan": "BIST", "version": "1"}])
        sync(station)
        assert station.home.bulletin().drawn_otherwise[0].plan_sha256 == found.sha256  # as WO-7#n units read otherwise
        first = {name: asked(name) for name in (f"SN-{n}" for n in range(1, 61))}
        one, other = (next(name for name, yes in first.items() if yes == wanted) for wanted in (True, False))
        to_no, to_yes = (next(f"R{n}" for n in range(99) if asked(f"R{n}") == wanted) for wanted in (False, True))
        with recording(actor, "test.made") as entry:
            state_rows(entry, NamesIntake, checked_rows("names", [label(one, to_no), label(other, to_yes)]))
        sync(station)
        assert (station.take(scan(to_no), "1").plans, station.take(scan(to_yes), "1").plans) == (("BIST",), ())
        # the plan names the device's port, so each run draws others: two of each kind, wherever they come
        otherwise = [n for n, yes in enumerate(first.values(), 1) if asked(f"WO-7#{n}") != yes]
        places = [n for wanted in (True, False) for n in [m for m in otherwise if first[f"SN-{m}"] == wanted][:2]]
        assert len({first[f"SN-{n}"] for n in places}) == 2
        for n in places:
            assert station.take(scan(f"WO-7#{n}"), "1").plans == (("BIST",) if first[f"SN-{n}"] else ()), n
        sync(station)
    assert {row[0] for row in runs(actor)} >= {one, to_no}
    assert {why for _, why in problems(actor)} == {""}
