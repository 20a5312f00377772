"""What the record itself hears becomes a signal: somebody looks at it, and no case opens by itself.

- a feed says that a vulnerability which comes into a product of ours is exploited (`kev`, or `feed` where another kind of feed says it),
- a supplier's advisory speaks of one, or a maker's change or end of life notice names a part that a BOM of ours takes (`supplier`),
- a station stands with an alarm (`station_alarm`),
- a verification found places of the log that do not fit (`log_tamper`).

Each becomes one signal for ever, however often it is looked at: the reference names what was heard, and what has a signal gets none again.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.access.actor import Actor, local_system
from asbuilt.answers.cases.handling import statements as kinds
from asbuilt.answers.cases.handling.actions.opening import note_signal
from asbuilt.answers.cases.handling.actions.stating import NAME_CHARACTERS_MAX
from asbuilt.built.exchange import verify_runs
from asbuilt.built.programming.stations import alarms
from asbuilt.designed.changes.sourcing.queries import standing_notices
from asbuilt.designed.vulnerability.deciding.premise import Known, known_now
from asbuilt.designed.vulnerability.feeds.queries import feeds
from asbuilt.formats.advisory.records import CSAF, CYCLONEDX, KEV, OPENVEX
from asbuilt.questions.exposure.ways import every_way
from asbuilt.questions.genealogy.view import View
from asbuilt.questions.genealogy.where_used import parts_used, products_using
from asbuilt.storage import reading

SIGNALS_AT_ONCE_MAX = 200
FEED, SUPPLIER, STATION, LOG = "feed", "supplier", "station_alarm", "log_tamper"
SUPPLIERS_SAY = (CSAF, OPENVEX, CYCLONEDX)
"""Kinds of feeds in which suppliers speak of their own products."""


@dataclass(frozen=True)
class Heard:
    """Something that was heard: from which kind of source, what names it, when (UTC µs), in words."""

    source: str
    reference: str
    at: int
    words: str


def arrive(tenant: int, now: int) -> list[str]:
    """Note what was heard and has no signal, at most 200 at once; returns the signals' codes."""
    actor = local_system(tenant)
    with reading.snapshot():
        known = _known(tenant)
        new = [one for one in _heard(actor, now) if (one.source, one.reference) not in known][:SIGNALS_AT_ONCE_MAX]
    return [
        note_signal(
            actor, source=one.source, words=one.words, received_at=min(one.at, now), reference=one.reference,
            request_key=f"signal/{one.source}/{one.reference}",
        )
        for one in new
    ]  # fmt: skip


def arrive_everywhere(now: int) -> int:
    """The same for every tenant; returns how many signals."""
    return sum(
        len(arrive(tenant, now)) for (tenant,) in reading.fetch("SELECT number FROM access_tenant ORDER BY number")
    )


def _known(tenant: int) -> set[tuple[str, str]]:
    sql = "SELECT name, said FROM cases_statement WHERE tenant = %s AND kind = %s"
    return {(name, json.loads(said).get("reference", "")) for name, said in reading.fetch(sql, (tenant, kinds.SIGNAL))}


def _heard(actor: Actor, now: int) -> Iterator[Heard]:
    yield from _from_feeds(actor, now)
    for one in alarms(actor.tenant):
        yield Heard(STATION, one.alarm[:NAME_CHARACTERS_MAX], one.at, f"{one.station} stands: {one.said}")
    yield from _from_notices(actor.tenant)
    checked = verify_runs.newest(actor.tenant, finished=True)
    if checked is not None and checked.faults:
        said = f"{checked.faults:,} places of the record are not as they were recorded."
        yield Heard(LOG, f"verification of {checked.begun_at}", checked.finished_at or now, said)


def _from_notices(tenant: int) -> Iterator[Heard]:
    for notice in standing_notices(tenant):
        used = {part for one in parts_used(tenant, notice) for part in one.parts}
        products = sorted({row["product"] for row in products_using(tenant, used)}) if used else []
        if products:
            said = f"{notice.code} {notice.kind.upper()} {notice.number} of {notice.maker}: {notice.title}"
            words = f"{said}. It comes into {', '.join(products[:10])}."
            yield Heard(SUPPLIER, notice.code, notice.taken_at, words)


def _from_feeds(actor: Actor, now: int) -> Iterator[Heard]:
    products: dict[str, set[str]] = {}
    for way in every_way(View(actor)):
        mine = (way.binding.product,) if way.binding is not None and way.binding.product else way.products
        products.setdefault(way.vulnerability, set()).update(mine)
    kind_of = {one.name: one.kind for one in feeds(actor.tenant)} if products else {}
    for name, said in sorted(known_now(actor.tenant, products).items()):
        found = _worst([one for one in said if not one.withdrawn], kind_of)
        if found is not None:
            source, feed, words = found
            listed = ", ".join(sorted(products[name])[:10])
            yield Heard(source, name[:NAME_CHARACTERS_MAX], now, f"{name}: {feed} {words}. It comes into {listed}.")


def _worst(said: list[Known], kind_of: dict[str, str]) -> tuple[str, str, str] | None:
    """(source, feed, words) of what is said worst; None where nobody says more than that it is there."""
    for one in said:
        if one.exploited:
            return KEV if kind_of.get(one.feed) == KEV else FEED, one.feed, "says that it is exploited"
    for one in said:
        if kind_of.get(one.feed) in SUPPLIERS_SAY:
            return SUPPLIER, one.feed, "has an advisory of its supplier"
    return None
