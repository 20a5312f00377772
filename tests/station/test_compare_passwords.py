"""Passwords of units are compared without being kept: real HTTPS servers whose units tell their own password at their console."""

import subprocess
from base64 import b64encode
from hashlib import sha256

import duts
import pytest
from emulated import free_port
from line_floor import Bench, LineFloor, Papers, plan, records_of, run, step
from station_floor import scan

from asbuilt.kernel import sealing
from asbuilt.station.agent import Station

KEY = bytes(range(32))
PASSWORD, OWN = "Kx9-4711-zz", "Qe2-8812-ab"
# unit -> (what its console says, what its web server takes)
UNITS = {"FIRST": (PASSWORD, PASSWORD), "SECOND": (PASSWORD, PASSWORD), "OTHER": (OWN, OWN), "WRONG": ("Zz1-0000-yy", "Zz1-1111-yy"),
         "SILENT": (None, OWN), "ANY": ("Ab4-1234-cd", "*")}  # fmt: skip
OWN_PASSWORD = plan(
    [step("own.works"), step("own.needed"), step("own.characters", "numeric", low="8"), step("own.unique")],
    [run("own", "own_password", over="https", port=duts.WEB, console=duts.CONSOLE, ask="bist", until="BIST END",
         pattern="^password is (.+)$", **{"from": "console"})],
)  # fmt: skip


def give_key(station: Station) -> None:
    """What the server does: the product's key, sealed for the station."""
    own = sealing.SealingKey.from_pem((station.home.folder / "transfer.pem").read_text()).public
    place = f"comparing/{sha256(b'WIDGET').hexdigest()}"
    station.home.put(place, sealing.seal(KEY, own, sealing.COMPARISON_KEY))


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Every unit scanned once: name -> (outcome, record), and the station."""
    folder = tmp_path_factory.mktemp("line")
    papers, line = Papers(folder), LineFloor(folder)
    made = []
    for number, (name, (told, taken)) in enumerate(UNITS.items(), 1):
        lines = [f"password is {told}"] if told else ["nothing to say"]
        web = papers.web(name) | {"password": f"admin:{taken}"}
        made.append({"host": f"127.0.9.{number}", "web": web, "console": [*lines, "BIST END"]})
    station = line.station([OWN_PASSWORD], [{"network": unit["host"]} for unit in made], start=False)
    give_key(station)
    bench = Bench(folder, folder / "ST-01", made)
    try:
        outcomes = {}
        for number, name in enumerate(UNITS, 1):
            bench.scan(unit=name, socket=str(number))
            outcomes[name] = bench.outcome()
        words = subprocess.run(["ps", "-ww", "-e", "-o", "args"], capture_output=True, text=True).stdout
        assert PASSWORD not in words
    finally:
        bench.close()
    station = Station(folder / "ST-01")
    found = {record.unit: record for record in records_of(station)}
    return {name: (outcome, found.get(name)) for name, outcome in outcomes.items()}, station


def test_the_second_unit_with_a_password_fails_by_name_with_what_to_do(shown):
    said, _ = shown
    assert [said[name][0]["result"] for name in ("FIRST", "SECOND", "OTHER")] == ["pass", "fail", "pass"], said
    outcome, record = said["SECOND"]
    assert (outcome["reason"], outcome["said"]) == ("password_shared", "The password is also on unit FIRST.")
    assert outcome["remedy"].startswith("Not to be shipped. Hold both units")
    assert {one.step: one.result for one in record.measures} == {
        "own.works": "pass", "own.needed": "pass", "own.characters": "pass", "own.unique": "fail",
    }  # fmt: skip


def test_a_password_that_does_not_open_its_unit_or_that_nobody_tells_proves_nothing(shown):
    said, _ = shown
    assert (said["WRONG"][0]["result"], said["WRONG"][0]["reason"]) == ("fail", "password_other")
    assert (said["ANY"][0]["result"], said["ANY"][0]["reason"]) == ("fail", "password_not_asked")
    assert (said["SILENT"][0]["result"], said["SILENT"][0]["reason"]) == ("error", "no_password")


def test_the_record_carries_a_keyed_commitment_by_rfc_2104(shown):
    """Worked out here by openssl, from the words of the documentation."""
    said, _ = shown
    text = b"asbuilt/secret\npassword\n" + PASSWORD.encode()
    words = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{KEY.hex()}", "-r"]
    expected = subprocess.run(words, input=text, capture_output=True, check=True).stdout.decode()[:64]
    identities = {
        name: [(one.step, one.kind, one.sha256) for one in record.identities] for name, (_, record) in said.items()
    }
    assert identities["FIRST"] == identities["SECOND"] == [("own.unique", "password", expected)]
    assert identities["OTHER"][0][2] != expected


def test_nothing_of_the_station_holds_a_password_or_what_it_could_be_guessed_from(shown):
    """Every byte that the station keeps: ledger, second place, outbox with records and logs."""
    _, station = shown
    needles = []
    for secret in (PASSWORD, OWN):
        digest = sha256(secret.encode())
        pair = b64encode(f"admin:{secret}".encode())
        needles += [secret.encode(), b64encode(secret.encode()), pair, digest.hexdigest().encode(), digest.digest()]
    kept = [
        path
        for path in (*station.home.folder.rglob("*"), *(station.home.folder.parent / "anchor").rglob("*"))
        if path.is_file()
    ]
    assert any(path.name == "ledger.sqlite3" for path in kept)
    for waiting in station.outbox.waiting(1000):
        for content in (waiting.document, *(content for _, content in waiting.files)):
            assert not any(needle in content for needle in needles)
    for path in kept:
        content = path.read_bytes()
        assert not any(needle in content for needle in needles), path


def test_without_the_key_no_such_test_is_begun(tmp_path):
    line = LineFloor(tmp_path)
    station = line.station([OWN_PASSWORD], [{"network": "127.0.0.1"}])
    outcome = station.take(scan("SN-1"), "1")
    assert (outcome.result, outcome.reason) == ("refused", "station.no_file") and records_of(station) == []
    give_key(station)
    assert station.take(scan("SN-1"), "1").reason == "no_answer"


def test_a_key_that_is_sealed_for_another_station_is_not_taken(tmp_path):
    from asbuilt.kernel.errors import AsbuiltError
    from asbuilt.station.exchange import take

    line = LineFloor(tmp_path)
    station = line.station([OWN_PASSWORD], [{"network": "127.0.0.1"}])
    place, own = (
        f"comparing/{sha256(b'WIDGET').hexdigest()}",
        sealing.SealingKey.from_pem((station.home.folder / "transfer.pem").read_text()).public,
    )
    for key, purpose in ((sealing.SealingKey.new().public, sealing.COMPARISON_KEY), (own, sealing.IMAGE)):
        with pytest.raises(AsbuiltError):
            take(station, place, sealing.seal(KEY, key, purpose))
    take(station, place, sealing.seal(KEY, own, sealing.COMPARISON_KEY))
    assert station.home.comparison_key("WIDGET") == KEY


def test_a_password_comes_from_whoever_made_it_too_and_no_hash_of_the_file_is_kept(tmp_path):
    """A short one of telnet: it works, another one does not, and it is too short."""
    port, incoming = free_port(), tmp_path / "incoming"
    incoming.mkdir()
    duts.serve("127.0.0.1", port, duts.telnet)
    told = run(
        "own",
        "own_password",
        over="telnet",
        port=port,
        user="root",
        name="{unit}.label",
        pattern="pw=(?P<password>[^;]+);",
        **{"from": "file"},
    )
    station = LineFloor(tmp_path).station(
        [plan(OWN_PASSWORD["steps"], [told])], [{"network": "127.0.0.1", "incoming": str(incoming)}]
    )
    give_key(station)
    content = b"sn=SN-1;pw=root;"
    (incoming / "SN-1.label").write_bytes(content)
    outcome = station.take(scan("SN-1"), "1")
    assert (outcome.result, outcome.reason) == ("fail", "password_short"), outcome
    (record,) = records_of(station)
    assert {one.step: one.result for one in record.measures if one.result != "pass"} == {"own.characters": "fail"}
    (waiting,) = station.outbox.waiting(10)
    whole = waiting.document + b"".join(content for _, content in waiting.files)
    assert sha256(content).hexdigest().encode() not in whole and sha256(b"root").hexdigest().encode() not in whole
