"""The log as people read it: entries newest first, with the names of who acted where they are not erased."""

import json
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.queries import names_of
from asbuilt.access.rights import LOG_READ
from asbuilt.kernel.errors import NotFound
from asbuilt.storage import reading

PAGE = 100


@dataclass(frozen=True)
class ReadEntry:
    """One entry: its number, when, what kind, who (label and name), what it says, how many facts of which shape."""

    number: int
    recorded_at: int
    type: str
    label: str
    who: str
    said: dict
    facts: dict[str, int]
    body: str


def entries(actor: Actor, *, before: int | None = None, limit: int = PAGE) -> list[ReadEntry]:
    """Up to `limit` entries older than number `before`, newest first. Two statements."""
    actor.require(LOG_READ)
    sql = (
        "SELECT number, recorded_at, type, body FROM ledger_entry WHERE tenant = %s AND number < %s "
        "ORDER BY number DESC LIMIT %s"
    )
    return _read(actor.tenant, reading.fetch(sql, (actor.tenant, before or 2**31 - 1, limit)))


def entry(actor: Actor, number: int) -> ReadEntry:
    """One entry; NotFound where the tenant's log has none with this number. Two statements."""
    actor.require(LOG_READ)
    sql = "SELECT number, recorded_at, type, body FROM ledger_entry WHERE tenant = %s AND number = %s"
    rows = reading.fetch(sql, (actor.tenant, number))
    if not rows:
        raise NotFound(
            "access.entry_unknown", f"The log has no entry {number}.", {"entry": number}, "Look at the page Log."
        )
    return _read(actor.tenant, rows)[0]


def checkpoints(actor: Actor, limit: int = 20) -> list[tuple[int, str, int]]:
    """(size, origin, time) of the heads that were handed out, newest first. One statement."""
    actor.require(LOG_READ)
    sql = "SELECT size, origin, signed_at FROM ledger_checkpoint WHERE tenant = %s ORDER BY size DESC, origin DESC LIMIT %s"
    return reading.fetch(sql, (actor.tenant, limit))


def _read(tenant: int, rows: list[tuple]) -> list[ReadEntry]:
    bodies = [json.loads(body) for *_, body in rows]
    people = {_person(body["actor"]) for body in bodies} - {None}
    names = names_of(tenant, people)
    found = []
    for (number, recorded_at, type, text), body in zip(rows, bodies, strict=True):
        person = _person(body["actor"])
        who = names.get(person, "") if person is not None else ""
        facts = {shape: said["count"] for shape, said in body["rows"].items()}
        found.append(ReadEntry(number, recorded_at, type, body["actor"], who, body["facts"], facts, text))
    return found


def _person(label: str) -> int | None:
    kind, _, number = label.partition(":")
    return int(number) if kind == "person" and number.isdecimal() else None
