"""Two stations, one server: units that never met at a bench and have one password. Passwords are told by the units and opened for real."""

import base64
import json
import stat
import threading
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from duts import lines, serve
from emulated import free_port
from line_floor import plan, run, step
from programming.test_sync_test_runs import approved, bench_station, scan

from asbuilt.station.agent import Station
from asbuilt.station.sync import sync

PASSWORD, OWN = "Kx9-4711-zz", "Qe2-8812-ab"


class Unit:
    """A unit on this machine: a web server that takes one password, a console that tells it. It is exchanged by giving it another."""

    def __init__(self):
        self.password, self.web, self.console = "", free_port(), free_port()
        self.said = ["", "END"]
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                wanted = "Basic " + base64.b64encode(f"admin:{outer.password}".encode()).decode()
                self.send_response(200 if self.headers.get("Authorization") == wanted else 401)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", self.web), Handler)
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        serve("127.0.0.1", self.console, lines(self.said))

    def has(self, password: str) -> None:
        self.password = password
        self.said[0] = f"password is {password}"

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def plan(self) -> dict:
        told = run("own", "own_password", over="http", port=self.web, console=self.console, ask="bist", until="END",
                   pattern="^password is (.+)$", **{"from": "console"})  # fmt: skip
        return plan([step("own.works"), step("own.unique")], [told], name="OWN")


@pytest.fixture
def unit():
    found = Unit()
    yield found
    found.close()


def runs(actor) -> list[tuple]:
    """(unit, outcome, measurements) of every run, in order."""
    from asbuilt.storage import reading

    sql = (
        "SELECT n.value, r.outcome, r.measurements FROM quality_test_run r JOIN production_unit_name n ON n.tenant = r.tenant "
        "AND n.unit = r.unit WHERE r.tenant = %s AND r.until_entry IS NULL ORDER BY r.entry, r.row"
    )
    return [(name, outcome, json.loads(said)) for name, outcome, said in reading.fetch(sql, (actor.tenant,))]


@pytest.fixture
def stations(floor, server, tmp_path, actor, unit):
    """ST-01 and ST-02, with the permit, the plan and the key of the server."""
    approved(actor, unit.plan())
    found = [bench_station(floor, tmp_path, server)]
    second = floor.station(tmp_path, "ST-02", server.url)
    second.home.put("station.json", json.dumps({
        **json.loads((second.home.folder / "station.json").read_text()), "does": "test",
        "sockets": [{"name": "1", "position": 1, "places": [], "network": "127.0.0.1"}],
    }).encode())  # fmt: skip
    found.append(Station(second.home.folder))
    found[1].start()
    floor.issue({"ST-01": 5, "ST-02": 5}, tests=[{"plan": "OWN", "version": "1"}])
    for one in found:
        sync(one)
    return found


def test_the_second_unit_with_a_password_fails_whichever_station_saw_the_first(stations, unit, actor, home):
    from asbuilt.ledger.verifying import verify
    from asbuilt.questions.genealogy.seen.tests import test_history

    for station, name, password in ((0, "SN-1", PASSWORD), (1, "SN-2", PASSWORD), (1, "SN-3", OWN)):
        unit.has(password)
        assert stations[station].take(scan(name), "1").passed, name  # no station alone can know
        sync(stations[station])
    assert [(name, outcome) for name, outcome, _ in runs(actor)] == [("SN-1", 0), ("SN-2", 1), ("SN-3", 0)]
    said = runs(actor)[1][2]
    assert said["own.unique"] == {"comparison": "LOG", "result": "fail", "said": "It is also on another unit."}
    assert (said["$run"]["reason"], said["$run"]["said"]) == ("password_shared", "It is also on another unit.")
    # who may see both units reads which they are, at the first one too; no fact names another unit
    assert "SN-1" not in json.dumps(said)
    doubts = {
        name: [(one.code, one.about) for one in test_history(actor, name).runs[0].doubts]
        for name in ("SN-1", "SN-2", "SN-3")
    }
    assert doubts == {"SN-1": [("shared", "SN-2")], "SN-2": [("shared", "SN-1")], "SN-3": []}
    # tested again with a password of its own it passes
    unit.has("Ab7-1234-cd")
    assert stations[0].take(scan("SN-2"), "1").passed
    sync(stations[0])
    assert runs(actor)[-1][:2] == ("SN-2", 0)
    assert verify(actor.tenant).findings == []


def test_neither_record_nor_server_holds_a_password_or_its_hash(stations, unit, actor, home):
    from asbuilt.storage import databases

    unit.has(PASSWORD)
    assert stations[0].take(scan("SN-1"), "1").passed
    sync(stations[0])
    ((_, _, said),) = runs(actor)
    (shown,) = said["$run"]["identities"]
    needles = [PASSWORD.encode(), sha256(PASSWORD.encode()).hexdigest().encode(), base64.b64encode(PASSWORD.encode())]
    assert shown["kind"] == "password" and not any(needle in json.dumps(said).encode() for needle in needles)
    (key,) = databases.keys().rglob("compare.key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    needles.append(bytes.fromhex(key.read_text().strip()))
    for path in databases.home().rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(needle in content for needle in needles), path


def test_two_units_in_one_upload_and_a_unit_that_comes_again(stations, unit, actor):
    """The one that was tested first keeps its pass; the same unit with the same password is no other unit."""
    unit.has(PASSWORD)
    assert stations[0].take(scan("SN-1"), "1").passed and stations[0].take(scan("SN-1"), "1").passed
    # its own station refuses the second
    assert stations[0].take(scan("SN-2"), "1").said == "The password is also on unit SN-1."
    sync(stations[0])
    assert [(name, outcome) for name, outcome, _ in runs(actor)] == [("SN-1", 0), ("SN-1", 0), ("SN-2", 1)]
    # the station's sentence names SN-1: it stays in the signed record, and out of what a customer's certificate shows
    assert "SN-1" not in json.dumps(runs(actor)[2][2])


def test_a_run_that_was_withdrawn_shares_nothing(stations, unit, actor):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.ledger import clock
    from asbuilt.ledger.verifying import verify
    from asbuilt.questions.genealogy.seen.life import unit_life

    unit.has(PASSWORD)
    assert stations[0].take(scan("SN-1"), "1").passed
    sync(stations[0])
    fact = unit_life(actor, "SN-1").tests[0].source.fact
    withdraw_facts(actor, [Withdraw(fact, "another unit lay there", "046", clock.now())])
    assert stations[1].take(scan("SN-2"), "1").passed
    sync(stations[1])
    assert [(name, outcome) for name, outcome, _ in runs(actor)] == [("SN-2", 0)]
    assert verify(actor.tenant).findings == []


def test_who_may_not_see_the_other_unit_is_told_no_name(stations, unit, actor, load):
    """A shop that got the second unit alone sees that something is shared, and not with whom; one that got both sees it."""
    from asbuilt.access.actor import person_actor
    from asbuilt.designed.parties.queries import numbers_by_name
    from asbuilt.questions.genealogy.seen.tests import test_history

    for station, name in ((0, "SN-1"), (1, "SN-2")):
        unit.has(PASSWORD)
        assert stations[station].take(scan(name), "1").passed
        sync(stations[station])
    shop = {"party": "SHOP", "name": "Shop", "roles": "customer", "country": "DE"}
    sent = {"customer": "SHOP", "country": "DE", "shipped_at": "2026-11-01T08:00:00Z"}
    load(
        {"parties": [shop], "shipments": [{**sent, "shipment": "S2", "first_serial": "SN-2", "last_serial": "SN-2"}]},
        "one",
    )
    reader = person_actor(actor.tenant, 99, frozenset({"party_reader"}), numbers_by_name(actor.tenant)["SHOP"])
    (run,) = test_history(reader, "SN-2").runs
    assert (run.outcome, run.notes["reason"], run.doubts) == ("fail", "password_shared", ())
    assert "SN-1" not in repr(run)
    load({"shipments": [{**sent, "shipment": "S1", "first_serial": "SN-1", "last_serial": "SN-1"}]}, "two")
    assert [one.about for one in test_history(reader, "SN-2").runs[0].doubts] == ["SN-1"]
