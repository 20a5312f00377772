"""What the record hears itself becomes a signal, once; a person looks at it, and no case opens."""

import json

import pytest
import signers
from case_floor import TABLES, bom
from permit_floor import EMS, SITE, PermitFloor
from station_floor import scan
from vulnerable_factory import MBEDTLS, component, secured

from asbuilt.built.programming.actions.stations import enrol_by_hand
from asbuilt.ledger import clock
from asbuilt.station.agent import Station
from asbuilt.station.home import begin_home


@pytest.fixture
def security(actor, load, tmp_path):
    """Boards with mbedtls before 2.28.8, of which a feed says that it is vulnerable."""
    return secured(actor, load, tmp_path / "security")


def arrive(actor) -> list[str]:
    from asbuilt.answers.cases.handling.arriving import arrive

    return arrive(actor.tenant, clock.now())


def told(actor) -> list[tuple[str, str]]:
    from asbuilt.answers.cases.handling.seen import signals_told

    return sorted((one["source"], one["reference"]) for one in signals_told(actor))


def test_an_exploited_vulnerability_of_ours_is_a_signal_once_and_opens_no_case(security, actor):
    from asbuilt.answers.cases.handling.seen import cases_told, signals_told

    assert arrive(actor) == []  # that it is there is for the inbox
    security.exploited(MBEDTLS, "CVE-2020-0001")  # the other one comes into nothing of ours
    assert len(arrive(actor)) == 1 and arrive(actor) == []
    assert told(actor) == [("kev", MBEDTLS)]
    assert "board" in signals_told(actor)[0]["words"] and cases_told(actor) == []


def test_a_signal_that_was_dismissed_does_not_come_again(security, actor):
    from asbuilt.answers.cases.handling.actions.opening import dismiss_signal

    security.exploited(MBEDTLS)
    (code,) = arrive(actor)
    dismiss_signal(actor, signal=code, why="configured out")
    assert arrive(actor) == []


def test_a_flaw_that_was_dismissed_for_one_product_and_turns_up_in_a_new_one_is_a_signal_again(security, actor, load):
    from asbuilt.answers.cases.handling.actions.opening import dismiss_signal
    from asbuilt.answers.cases.handling.seen import signals_told

    security.exploited(MBEDTLS)
    (first,) = arrive(actor)
    dismiss_signal(actor, signal=first, why="configured out of the board")
    load({"parts": TABLES["parts"], "bom": [bom("gateway")]}, "gateway")
    security.sbom(component("mbedtls", "2.28.7"), product="gateway", revision="A")
    (second,) = arrive(actor)
    assert arrive(actor) == []
    waiting = next(one for one in signals_told(actor) if one["signal"] == second)
    assert (waiting["source"], waiting["state"]) == ("kev", "waiting") and waiting["reference"].startswith(
        f"{MBEDTLS} ("
    )
    assert waiting["words"].endswith(f"{first} named other products. It comes into gateway.")


def test_a_suppliers_advisory_about_what_is_in_our_products_is_a_signal(security, actor):
    statement = {
        "vulnerability": {"name": MBEDTLS},
        "products": [{"@id": "pkg:generic/mbedtls@2.28.7"}],
        "status": "affected",
        "action_statement": "Update.",
    }
    document = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://supplier.example/1",
        "author": "Supplier",
        "version": 1,
    }
    security.feed(
        {**document, "timestamp": "2026-03-02T00:00:00Z", "statements": [statement]}, name="supplier", kind="openvex"
    )
    assert len(arrive(actor)) == 1 and arrive(actor) == []
    assert told(actor) == [("supplier", MBEDTLS)]


def test_a_verification_that_found_faults_and_a_later_one_are_two_signals(actor):
    from asbuilt.built.exchange import verify_runs
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    for said in (1, 2):
        ulid = verify_runs.begin_verification(actor)
        with write_tx(actor.tenant):
            sql = "UPDATE exchange_verify_run SET state = %s, finished_at = begun_at + 1, faults = %s WHERE tenant = %s AND ulid = %s"
            bulk.run(sql, (verify_runs.DONE, said, actor.tenant, ulid))
        assert len(arrive(actor)) == 1 and arrive(actor) == []
    assert [source for source, _ in told(actor)] == ["log_tamper", "log_tamper"]


def test_a_station_that_stands_with_an_alarm_is_a_signal_once(actor, tmp_path):
    """Somebody scans a badge that nobody has: the station stands, its stick comes back, a person hears of it."""
    from asbuilt.answers.gate.sticks import export_folder, import_folder
    from asbuilt.built.programming.actions.stations import release_station_alarm
    from asbuilt.built.programming.telling import station_seen
    from asbuilt.station import exchange
    from asbuilt.station.enrolment import accept, public_keys

    floor = PermitFloor(actor, bytes(1024))
    (tmp_path / "anchor").mkdir()
    said = {"station": "ST-01", "site": SITE, "ems": EMS, "server": "", "anchor": str(tmp_path / "anchor"), "sockets": [{"name": "1", "position": 1, "places": []}]}  # fmt: skip
    home = begin_home(tmp_path / "station", said)
    public, transfer = public_keys(home)
    answer = enrol_by_hand(actor, station="ST-01", site=SITE, ems=EMS, public=public, transfer=transfer)
    accept(home, json.dumps({**vars(answer), "server_keys": list(answer.server_keys)}).encode(), signers.store().sha256)
    station = Station(home.folder)
    station.start()
    floor.issue({"ST-01": 2})
    export_folder(actor, tmp_path / "stick")
    exchange.take_folder(station, tmp_path / "stick")
    assert station.program(scan("SN-1", badge="nobody"), "1").result == "refused"
    exchange.put_folder(station, tmp_path / "stick")
    import_folder(actor, tmp_path / "stick")
    (alarm,) = station_seen(actor, "ST-01")["alarms"]
    assert len(arrive(actor)) == 1 and arrive(actor) == []
    assert told(actor) == [("station_alarm", alarm["alarm"])]
    release_station_alarm(actor, station="ST-01", alarm=alarm["alarm"], reason="a badge of last year")
    assert arrive(actor) == [] and told(actor) == [("station_alarm", alarm["alarm"])]


def test_the_worker_notes_what_arrives(security, actor):
    from asbuilt.built.exchange.each_day import EACH_DAY

    security.exploited(MBEDTLS)
    EACH_DAY["cases.arriving"](clock.now())
    assert told(actor) == [("kev", MBEDTLS)]
