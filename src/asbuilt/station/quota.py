"""Quota: what of a permit is spent at this station, counted by the device's identity, and what may not begin.

Everything here reads, and is asked inside the write transaction that reserves: with a check outside of it two sockets take the
last unit together. A retry on the same device costs no second unit, a void attempt gives its unit back where no other attempt
at the device stands; rework is counted apart, each pass of a device anew.
"""

import json
import sqlite3

from asbuilt.kernel.errors import Refused
from asbuilt.kernel.permits import Permit


def counts(db: sqlite3.Connection, permit_id: str) -> tuple[int, int]:
    """(units spent, units reworked): each RESERVE and VOID says how many there are with it, so that a share of a
    hundred thousand is not counted anew for each unit."""
    sql = "SELECT seq, facts FROM entry WHERE permit = ? AND kind = ? ORDER BY seq DESC LIMIT 1"
    found = [db.execute(sql, (permit_id, kind)).fetchone() for kind in ("RESERVE", "VOID")]
    last = max((row for row in found if row), default=(0, '{"spent":0,"reworked":0}'))
    facts = json.loads(last[1])
    return facts["spent"], facts["reworked"]


def counts_without(db: sqlite3.Connection, permit_id: str, uid: str, attempt: int) -> dict:
    """The counts once this attempt is void."""
    units, reworked = counts(db, permit_id)
    sql = "SELECT facts FROM entry WHERE permit = ? AND uid = ? AND attempt = ? AND kind = 'RESERVE'"
    rework = json.loads(db.execute(sql, (permit_id, uid, attempt)).fetchone()[0])["rework"]
    before = len(spent(db, permit_id, rework, uid))
    given_back = before - len(spent(db, permit_id, rework, uid, without=attempt))
    return {"spent": units - (0 if rework else given_back), "reworked": reworked - (given_back if rework else 0)}


def spent(db: sqlite3.Connection, permit_id: str, rework: bool, uid: str | None = None, without: int = 0) -> set[str]:
    """Devices that count, all or one; each rework that passed makes the next one at the device a further one (`uid#passes`).

    A void attempt gives its unit back only where no other attempt at the device stands.
    """
    sql = "SELECT uid, attempt, kind, facts FROM entry WHERE permit = ? AND kind IN ('RESERVE', 'VOID', 'COMMIT')"
    values: tuple = (permit_id,)
    if uid is not None:
        sql, values = f"{sql} AND uid = ?", (permit_id, uid)
    taken: dict[str, set[int]] = {}
    passes: dict[str, int] = {}
    for device, attempt, kind, facts in db.execute(f"{sql} ORDER BY seq", values):
        counted = f"{device}#{passes.get(device, 0)}" if rework else device
        if kind == "VOID" or (attempt == without and kind == "RESERVE"):
            taken.get(counted, set()).discard(attempt)
        elif kind == "COMMIT":
            passes[device] = passes.get(device, 0) + 1
        elif json.loads(facts)["rework"] == rework:
            taken.setdefault(counted, set()).add(attempt)
    return {counted for counted, attempts in taken.items() if attempts}


def attempts(db: sqlite3.Connection, permit_id: str, uid: str) -> tuple[int, int, int]:
    """(number of the last attempt at a device, attempts since it last passed, how often it passed)."""
    sql = "SELECT attempt, kind FROM entry WHERE permit = ? AND uid = ? AND kind IN ('RESERVE', 'COMMIT') ORDER BY seq"
    last = tried = passes = 0
    for attempt, kind in db.execute(sql, (permit_id, uid)):
        last = max(last, attempt)
        tried, passes = (0, passes + 1) if kind == "COMMIT" else (tried + 1, passes)
    return last, tried, passes


def refuse_closed(db: sqlite3.Connection, permit: Permit) -> None:
    """Refused where the permit was closed here."""
    found = db.execute("SELECT 1 FROM entry WHERE permit = ? AND kind = 'CLOSE'", (permit.permit_id,)).fetchone()
    if found:
        raise Refused(
            "station.permit_is_closed", "The permit is closed at this station.", {"permit_id": permit.permit_id},
            "Ask for a new permit.",
        )  # fmt: skip


def refuse_known(db: sqlite3.Connection, permit: Permit, uid: str, rework: bool) -> None:
    """Refused for a device that passed here before, or for rework of one that did not."""
    done = db.execute("SELECT seq, permit FROM entry WHERE uid = ? AND kind = 'COMMIT' LIMIT 1", (uid,)).fetchone()
    if done and not rework:
        raise Refused(
            "station.duplicate_uid",
            f"A device with the identity {uid} was programmed here already, entry {done[0]}.",
            {"uid": uid, "entry": done[0], "permit_id": done[1]},
            "It is a clone or passes a second time: set both aside; a second pass needs a permit for rework.",
        )
    if rework and not done:
        raise Refused(
            "station.rework_unknown", "This device was not programmed here, so it is no rework.", {"uid": uid},
            "Program it under the permit's units.",
        )  # fmt: skip


def refuse_open(db: sqlite3.Connection, uid: str) -> None:
    """Refused while an attempt at a device of this identity is not ended."""
    sql = """SELECT seq FROM entry r WHERE uid = ? AND kind = 'RESERVE' AND NOT EXISTS (SELECT 1 FROM entry e
             WHERE e.uid = r.uid AND e.permit = r.permit AND e.attempt = r.attempt
             AND e.kind IN ('COMMIT', 'FAIL', 'VOID'))"""
    found = db.execute(sql, (uid,)).fetchone()
    if found:
        raise Refused(
            "station.unit_in_work",
            f"A device with the identity {uid} is being programmed, since entry {found[0]}.",
            {"uid": uid, "entry": found[0]},
            "Look for a second device with this identity: one of the two is a clone.",
        )
