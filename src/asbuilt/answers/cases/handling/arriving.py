"""What the record itself hears becomes a signal: somebody looks at it, and no case opens by itself.

- a feed says that a vulnerability which comes into a product of ours is exploited (`kev`, or `feed` where another kind of feed says it),
- a supplier's advisory speaks of one, or a maker's change or end of life notice names a part that a BOM of ours takes (`supplier`),
- a station stands with an alarm (`station_alarm`),
- a verification found places of the log that do not fit (`log_tamper`).

Each becomes one signal, however often it is looked at: the reference names what was heard, and what has a signal gets none again. Where it comes
into a product that no signal about it named, another one says so: what was dismissed for one product was not dismissed for the next.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import islice

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
from asbuilt.questions.genealogy.answering.where_used import parts_used, products_using
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

SIGNALS_AT_ONCE_MAX, PRODUCTS_SAID_MAX = 200, 10
INTO = "It comes into "
REFERENCE_MAX = NAME_CHARACTERS_MAX - 20  # room for what tells a later signal about the same from the first
FEED, SUPPLIER, STATION, LOG = "feed", "supplier", "station_alarm", "log_tamper"
SUPPLIERS_SAY = (CSAF, OPENVEX, CYCLONEDX)
"""Kinds of feeds in which suppliers speak of their own products."""


@dataclass(frozen=True)
class Heard:
    """Something that was heard: from which kind of source, what names it, when (UTC µs), in words; into which products it comes."""

    source: str
    reference: str
    at: int
    said: str
    products: tuple[str, ...] = ()
    follows: str = ""

    @property
    def words(self) -> str:
        """For the person who looks at it."""
        return f"{self.said} {INTO}{', '.join(self.products[:PRODUCTS_SAID_MAX])}." if self.products else self.said


@dataclass
class Told:
    """What signals said of one thing: their codes, and the products that they named; `every`: nobody can say which."""

    codes: list[str] = field(default_factory=list)
    products: set[str] = field(default_factory=set)
    every: bool = False


def arrive(tenant: int, now: int) -> list[str]:
    """Note what was heard and has no signal, at most 200 at once; returns the signals' codes."""
    actor = local_system(tenant)
    with reading.snapshot():
        new = list(islice(_new(_known(tenant), _heard(actor, now)), SIGNALS_AT_ONCE_MAX))
    return [
        note_signal(
            actor, source=one.source, words=one.words, received_at=min(one.at, now), reference=one.reference,
            products=one.products, follows=one.follows, request_key=f"signal/{one.source}/{one.reference}",
        )
        for one in new
    ]  # fmt: skip


def arrive_everywhere(now: int) -> int:
    """The same for every tenant; returns how many signals."""
    return sum(
        len(arrive(tenant, now)) for (tenant,) in reading.fetch("SELECT number FROM access_tenant ORDER BY number")
    )


def _known(tenant: int) -> dict[tuple[str, str], Told]:
    """(source, reference) -> what signals told of it. One statement."""
    sql = "SELECT about, name, said FROM cases_statement WHERE tenant = %s AND kind = %s ORDER BY entry"
    found: dict[tuple[str, str], Told] = {}
    for code, source, cell in reading.fetch(sql, (tenant, kinds.SIGNAL)):
        said = json.loads(cell)
        told = found.setdefault((source, said.get("follows") or said.get("reference", "")), Told())
        told.codes.append(code)
        named = said.get("products")
        if named is None:  # noted by a person, or before products were kept: they stand in its words, the first ten
            _, _, behind = said["words"].rpartition(INTO)
            named = behind.removesuffix(".").split(", ") if INTO in said["words"] else []
            told.every |= not 0 < len(named) < PRODUCTS_SAID_MAX
        told.products.update(named)
    return found


def _new(known: dict[tuple[str, str], Told], heard: Iterable[Heard]) -> Iterator[Heard]:
    for one in heard:
        told = known.get((one.source, one.reference))
        if told is None:
            yield one
        elif not told.every and (more := tuple(sorted(set(one.products) - told.products))):
            short = sha256(", ".join(more).encode()).hexdigest()[:12]
            said = f"{one.said} {', '.join(told.codes[:5])} named other products."
            yield replace(one, reference=f"{one.reference} ({short})", said=said, products=more, follows=one.reference)


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
            yield Heard(SUPPLIER, notice.code, notice.taken_at, f"{said}.", tuple(products))


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
            yield Heard(source, name[:REFERENCE_MAX], now, f"{name}: {feed} {words}.", tuple(sorted(products[name])))


def _worst(said: list[Known], kind_of: dict[str, str]) -> tuple[str, str, str] | None:
    """(source, feed, words) of what is said worst; None where nobody says more than that it is there."""
    for one in said:
        if one.exploited:
            return KEV if kind_of.get(one.feed) == KEV else FEED, one.feed, "says that it is exploited"
    for one in said:
        if kind_of.get(one.feed) in SUPPLIERS_SAY:
            return SUPPLIER, one.feed, "has an advisory of its supplier"
    return None
