"""Putting entries in order: places, tiles, heads; several writers; killed at any moment."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from asbuilt.kernel.errors import Refused, Tampered

KILL_ROUNDS = 20  # the long form, 100, with ASBUILT_KILL_ROUNDS=100


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, as it stands there: split at the largest power of two below the number of leaves."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


def bodies(tenant):
    from asbuilt.storage import reading

    sql = "SELECT body FROM ledger_entry WHERE tenant = %s ORDER BY number"
    return [body.encode() for (body,) in reading.fetch(sql, (tenant,))]


def root_in(note: str) -> tuple[int, str]:
    lines = note.split("\n")
    return int(lines[1]), lines[2]


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 700])
def test_the_head_is_the_root_over_the_entries(actor, record, count):
    import base64

    from asbuilt.ledger import sequencing

    for n in range(count):
        record(said={"n": n})
    assert sequencing.sequence(actor.tenant) == count
    origin, size, root, note = sequencing.head(actor.tenant)
    assert size == count
    assert root == plain_root(bodies(actor.tenant))
    assert root_in(note) == (count, base64.b64encode(root).decode())


def test_nothing_waits_means_nothing_done(actor):
    from asbuilt.ledger import sequencing

    assert sequencing.sequence(actor.tenant) == 0


def test_more_than_one_round(actor, record, monkeypatch):
    from asbuilt.ledger import sequencing

    monkeypatch.setattr(sequencing, "ROUND_ENTRIES", 256)
    for n in range(600):
        record(said={"n": n})
    assert sequencing.sequence(actor.tenant) == 600
    assert sequencing.head(actor.tenant)[2] == plain_root(bodies(actor.tenant))


def test_whoever_finds_the_place_taken_leaves_at_once(actor, record):
    from asbuilt.ledger import sequencing
    from asbuilt.storage import reading
    from asbuilt.storage.transactions import try_lock

    if reading.vendor() != "sqlite":
        return  # one session's advisory locks do not exclude each other; the writers' test covers PostgreSQL
    record()
    with try_lock(f"sequencer.{actor.tenant}"):
        began = time.monotonic()
        assert sequencing.sequence(actor.tenant) == 0
        assert time.monotonic() - began < 1
    assert sequencing.sequence(actor.tenant) == 1


def test_never_inside_a_transaction(actor, record):
    from asbuilt.ledger import sequencing
    from asbuilt.storage.transactions import write_tx

    with write_tx(actor.tenant), pytest.raises(RuntimeError):
        sequencing.sequence(actor.tenant)


def test_after_commit_never_fails_the_verb(actor, record, home):
    from asbuilt.ledger import sequencing

    record()
    (home.keys / "main" / "log.key").unlink()
    sequencing.after_commit(actor.tenant)


def test_the_signer_refuses_a_smaller_head(actor, record, home):
    from asbuilt.ledger import sequencing

    for _ in range(3):
        record()
    sequencing.sequence(actor.tenant)
    head = (home.keys / "main" / "newest_head").read_text()
    bigger = home.keys / "main" / "log.key"
    from asbuilt.kernel import keys, notes

    origin = head.split("\n")[0]
    note = notes.sign_checkpoint(origin, 900, bytes(32), keys.private_from_pem(bigger.read_text()))
    (home.keys / "main" / "newest_head").write_text(note)
    record()
    with pytest.raises(Refused) as refusal:
        sequencing.sequence(actor.tenant)
    assert refusal.value.code == "ledger.head_smaller"


def test_the_signer_refuses_a_fork(actor, record, home):
    from asbuilt.kernel import keys, notes
    from asbuilt.ledger import sequencing

    for _ in range(3):
        record()
    sequencing.sequence(actor.tenant)
    folder = home.keys / "main"
    origin = (folder / "newest_head").read_text().split("\n")[0]
    private = keys.private_from_pem((folder / "log.key").read_text())
    (folder / "newest_head").write_text(notes.sign_checkpoint(origin, 2, bytes(32), private))
    record()
    with pytest.raises(Tampered) as refusal:
        sequencing.sequence(actor.tenant)
    assert refusal.value.code == "ledger.head_forked"


WRITER_PROCESS = """
import django, os, sys
django.setup()
from asbuilt.access.actor import local_system
from asbuilt.access.queries import tenant_of_slug
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import recording
actor = local_system(tenant_of_slug("main").number)
name, count = sys.argv[1], int(sys.argv[2])
for n in range(count):
    with recording(actor, "test.written", request_key=f"{name}/{n}") as entry:
        entry.notes = {"writer": name, "n": n}
    print(f"{name}/{n}", flush=True)
    if n % 7 == 0:
        sequencing.after_commit(actor.tenant)
"""


def start(place, name, count):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER_PROCESS, name, str(count)],
        env={**place.env(), "DJANGO_SETTINGS_MODULE": "asbuilt.site.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def recorded_keys(tenant) -> list[str]:
    return [json.loads(body)["key"] for body in bodies(tenant)]


def test_several_processes_append_while_the_log_grows(actor, home):
    from asbuilt.ledger import sequencing
    from asbuilt.ledger.verifying import verify

    writers = [start(home, f"w{n}", 60) for n in range(3)]
    notes = []
    while any(writer.poll() is None for writer in writers):
        sequencing.after_commit(actor.tenant)
        notes.append(sequencing.head(actor.tenant)[3])
        time.sleep(0.02)
    for writer in writers:
        out, err = writer.communicate()
        assert writer.returncode == 0, err
    sequencing.sequence(actor.tenant)
    assert sorted(recorded_keys(actor.tenant)) == sorted(f"w{n}/{i}" for n in range(3) for i in range(60))
    assert sequencing.head(actor.tenant)[2] == plain_root(bodies(actor.tenant))
    report = verify(actor.tenant, [note for note in notes if root_in(note)[0]])
    assert report.findings == []


def test_killed_at_any_moment(actor, home):
    """What was acknowledged is there, what was not is there whole or not at all, and every head seen is a prefix."""
    from asbuilt.ledger import sequencing
    from asbuilt.ledger.verifying import verify

    acknowledged, heads = [], []
    for number in range(int(os.environ.get("ASBUILT_KILL_ROUNDS", KILL_ROUNDS))):
        writer = start(home, f"r{number}", 100_000)
        lines = [writer.stdout.readline() for _ in range(3 + number * 5 % 29)]
        time.sleep(0.001 * (number % 7))
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.readlines()
        writer.wait()
        writer.stderr.close()
        acknowledged += [line.strip() for line in lines if line.endswith("\n")]
        heads.append(sequencing.head(actor.tenant)[3])
    sequencing.sequence(actor.tenant)
    there = recorded_keys(actor.tenant)
    assert len(acknowledged) > 0
    assert set(acknowledged) <= set(there)
    assert len(there) == len(set(there))
    assert sequencing.head(actor.tenant)[2] == plain_root(bodies(actor.tenant))
    report = verify(actor.tenant, [head for head in heads if root_in(head)[0]])
    assert report.findings == []
