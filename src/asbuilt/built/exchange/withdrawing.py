"""Withdraw facts of any table: from one entry on questions leave them out; nothing is deleted.

    withdraw_facts(actor, [Withdraw("00a1…", "reel mixed up", "045", decided_at)])

A whole fact goes, or the part of it over a span of units. What others rest on is refused, unless they go in the same call.
The same request, word for word, changes nothing the second time. Reason and person are personal: the person stands as a
number, the reason as a salted hash, and both can be erased.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import FACT_WITHDRAW
from asbuilt.built.exchange import events
from asbuilt.built.exchange.after_withdrawal import AFTER_WITHDRAWAL
from asbuilt.built.exchange.fact_cells import TABLE_OF_SHAPE, FactCells
from asbuilt.built.exchange.kept_decided import DECIDED
from asbuilt.built.exchange.kept_shipped import SHIPPED
from asbuilt.built.exchange.kept_test_plans import TEST_PLANS
from asbuilt.built.exchange.matching_after import match_imported
from asbuilt.built.exchange.resolving import Chosen, FactFinder, Withdraw, own_id, span_words, withdrawn_before
from asbuilt.built.exchange.resting import Taken, refuse_hanging
from asbuilt.built.exchange.rows_that_decide import RIGHTS, UNDONE, refuse_undoing
from asbuilt.built.exchange.silence import orders_of_boms, recount
from asbuilt.built.production import withdraw as production
from asbuilt.built.production import withdraw_runs, withdraw_units
from asbuilt.built.production.blocks import withdraw_blocks
from asbuilt.built.production.judged_anew import judge_anew
from asbuilt.built.production.kept import KEPT as PROCESS_RECORD
from asbuilt.built.production.mappings import withdraw_mappings
from asbuilt.built.production.mounts import MOUNTS
from asbuilt.built.production.orders import Orders
from asbuilt.built.production.withdraw_holds import withdraw_holds
from asbuilt.built.production.withdraw_outside import withdraw_back, withdraw_sent
from asbuilt.built.programming.kept import KEPT as PERMITS
from asbuilt.built.programming.preprogrammed import KEPT as PROGRAMMED
from asbuilt.built.programming.withdraw import withdraw_records
from asbuilt.built.quality.kept_nonconformities import KEPT as NONCONFORMING
from asbuilt.built.quality.withdraw import withdraw_test_runs
from asbuilt.built.quality.withdraw_nonconformities import withdraw_units as withdraw_nonconforming_units
from asbuilt.built.shipping.withdraw import withdraw_lines
from asbuilt.built.supply.kept import KEPT, withdraw_kept
from asbuilt.built.supply.withdraw import withdraw_package_names, withdraw_packages
from asbuilt.designed.catalog.withdraw import (
    withdraw_bom_lines,
    withdraw_panel_places,
    withdraw_parts,
    withdraw_program_feeders,
    withdraw_rules,
)
from asbuilt.designed.catalog.withdraw_routings import withdraw_documents, withdraw_routing_steps
from asbuilt.designed.components.withdraw import withdraw_sboms
from asbuilt.designed.firmware.withdraw import REGISTER, withdraw_register, withdraw_releases
from asbuilt.designed.parties.withdraw import withdraw_parties
from asbuilt.designed.vulnerability.feeds.intake import withdraw_own_entries
from asbuilt.designed.vulnerability.matching.withdraw import withdraw_identities
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.spans import Span, bitmap_of
from asbuilt.ledger import sequencing
from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording
from asbuilt.ledger.withdrawals import WITHDRAWAL, Withdrawn
from asbuilt.ledger.withdrawals import withdraw_facts as record_withdrawals
from asbuilt.storage import reading

ROWS_MAX = 100_000
REASONS_MAX = 400  # each stands in the entry by its hash, and an entry has 64 kB
REASON_CHARACTERS_MAX = 2_000
Gone = list[tuple[FactRow, list[Span]]]

"""Called inside the transaction with the facts that went; rooms above register what they mark as overtaken."""


@dataclass(frozen=True)
class WithdrawReport:
    """The entry (None where nothing was new), how many facts went in whole or part, how many requests were known."""

    entry: int | None
    withdrawn: int
    known: int


class _Nothing(Exception):
    """Every request was known: the transaction is left without a trace."""


def withdraw_facts(actor: Actor, rows: Sequence[Withdraw], request_key: str | None = None) -> WithdrawReport:
    """Withdraw these facts in one entry.

    NotFound: no such fact. Refused: something rests on it, or it was withdrawn before. Invalid: a span outside the fact. NotAllowed: it
    decides what the actor may not decide.
    """
    actor.require(FACT_WITHDRAW)
    refuse_many(rows)
    content = digest(*(repr(row).encode() for row in rows))
    known = 0
    try:
        with recording(actor, events.WITHDRAWN, request_key=request_key, content=content) as entry:
            chosen, known = choose(entry.tenant, rows)
            if not chosen:
                raise _Nothing
            refuse_undoing(actor, deciding_rows(entry.tenant, chosen))
            finish(entry, chosen, take_away(entry, chosen))
            entry.notes = {"withdrawn": len(chosen)}
    except _Nothing:
        return WithdrawReport(None, 0, known)
    except AlreadyRecorded as before:
        return WithdrawReport(before.number, 0, len(rows))
    sequencing.after_commit(actor.tenant)
    match_imported(actor, {TABLE_OF_SHAPE[one.fact.shape] for one in chosen})
    return WithdrawReport(entry.number, len(chosen), known)


def refuse_many(rows: Sequence[Withdraw]) -> None:
    """Refuse requests without id, reason or person, and too many of them."""
    if len(rows) > ROWS_MAX:
        raise Invalid(
            "exchange.too_many_withdrawals",
            f"More than {ROWS_MAX:,} withdrawals in one call.",
            remedy="Send them in parts.",
        )
    for row in rows:
        if len(row.fact) != 16 or set(row.fact) - set("0123456789abcdef"):
            remedy = "A fact's id has 16 hex digits; `asbuilt unit SERIAL --format json` shows them."
            raise Invalid(
                "ledger.fact_id", f"{row.fact[:40]} is not the id of a fact.", {"fact": row.fact[:40]}, remedy
            )
        if not row.reason.strip() or len(row.reason) > REASON_CHARACTERS_MAX:
            remedy = f"Say in up to {REASON_CHARACTERS_MAX:,} characters why the fact is wrong."
            raise Invalid("exchange.reason_missing", "A withdrawal needs a reason.", {"fact": row.fact}, remedy)
        if not row.person or len(row.person) > 120:
            raise Invalid(
                "exchange.person_missing",
                "A withdrawal needs the person who decided it.",
                {"fact": row.fact},
                "Give the badge or login code.",
            )


def choose(tenant: int, rows: Sequence[Withdraw]) -> tuple[list[Chosen], int]:
    """The facts that these requests take, and how many requests were recorded before, word for word."""
    orders, finder = Orders(tenant), FactFinder(tenant, {row.fact for row in rows})
    chosen: list[Chosen] = []
    known = 0
    for row in rows:
        own = own_id(row, *span_words(orders, row.span))
        if recorded_before(tenant, own):
            known += 1
        else:
            chosen += finder.choose(row, own)
    refuse_doubled(chosen)
    return chosen, known


def recorded_before(tenant: int, own: bytes) -> bool:
    """Whether a correction with this id, so the very same words, is recorded."""
    sql = "SELECT 1 FROM ledger_fact_index WHERE tenant = %s AND fact = %s AND shape = %s LIMIT 1"
    return reading.fetch_one(sql, (tenant, own, WITHDRAWAL.code)) is not None


def refuse_doubled(chosen: Sequence[Chosen]) -> None:
    """One call takes each unit of a fact once."""
    taken: dict[tuple, BitMap] = {}
    for one in chosen:
        place = (one.fact.entry, one.fact.shape, one.fact.row)
        units = bitmap_of(one.gone)
        if place in taken and (not units or taken[place] & units):
            raise withdrawn_before(one.asked.fact)
        taken[place] = taken.get(place, BitMap()) | units


def deciding_rows(tenant: int, chosen: Sequence[Chosen]) -> list[tuple[str, tuple[str, ...]]]:
    """(table, row) of those of these facts that decide something."""
    told = FactCells(tenant)
    tables = [(TABLE_OF_SHAPE[one.fact.shape], one) for one in chosen]
    return [
        (name, row)
        for name, one in tables
        if name in RIGHTS or name in UNDONE
        for row in told.rows([(one.fact, one.gone)])
    ]


def take_away(entry: Entry, chosen: Sequence[Chosen]) -> Taken:
    """Record the withdrawals and close what they take in every room; what rests on them is looked at by `finish`.

    A second call in one entry takes what goes along with the first, or what the next row of a file corrects.
    """
    record_withdrawals(entry, list(_recorded(entry, chosen)))
    by_table: dict[str, Gone] = defaultdict(list)
    for one in chosen:
        by_table[TABLE_OF_SHAPE[one.fact.shape]].append((one.fact, one.gone))
    taken = Taken()
    touched = _take_events(entry, by_table, taken)
    _take_units(entry, by_table, taken, touched)
    _take_plans(entry, by_table, taken)
    return taken


def _recorded(entry: Entry, chosen: Sequence[Chosen]):
    people = People(entry.tenant, entry.number)
    for one in chosen:
        reason = entry.hide_once("reason", one.asked.reason, REASONS_MAX)
        if reason is None:
            raise Invalid(
                "exchange.too_many_reasons",
                f"More than {REASONS_MAX} different reasons in one call.",
                remedy="Send them in parts, or use the same words for the same reason.",
            )
        person = people.number(one.asked.person)
        yield Withdrawn(one.fact, one.asked.fact, *one.recorded_span, reason, person, one.asked.decided_at, one.own_id)


def _facts(gone: Gone) -> list[FactRow]:
    return [fact for fact, _ in gone]


def _take_events(entry: Entry, by_table: dict[str, Gone], taken: Taken) -> BitMap:
    """What happened to units; returns the units."""
    touched = BitMap()
    taken.holds.update(withdraw_holds(entry, by_table["holds"]))
    touched |= withdraw_lines(entry, by_table["shipments"])
    touched |= withdraw_test_runs(entry, _facts(by_table["tests"]))
    touched |= withdraw_records(entry, _facts(by_table["programming"]))
    production.withdraw_mark_readings(entry, _facts(by_table["mark_readings"]))
    touched |= production.withdraw_assemblies(entry, _facts(by_table["assemblies"]))
    taken.carried |= production.withdraw_replacements(entry, _facts(by_table["replacements"]))
    touched |= production.withdraw_process_runs(entry, by_table["processes"])
    withdraw_back(entry, by_table["taken_back"])
    withdraw_nonconforming_units(entry, by_table["nonconformity_units"])
    units, notes = withdraw_sent(entry, by_table["sent_out"])
    touched |= units
    taken.notes |= notes
    taken.holes.update(order.code for order in withdraw_runs.withdraw_materials(entry, by_table["materials"]))
    taken.carried |= bitmap_of(span for _, spans in by_table["materials"] for span in spans)
    return touched | taken.carried


def _take_units(entry: Entry, by_table: dict[str, Gone], taken: Taken, touched: BitMap) -> None:
    """What units are called and what state they are in."""
    rows = _facts(by_table["units"])
    taken.named |= withdraw_units.withdraw_names(entry, [*rows, *_facts(by_table["names"])])
    stated = BitMap([fact.values[0] for fact in rows])
    on_panels = bitmap_of(span for _, spans in by_table["panels"] for span in spans)
    withdraw_units.withdraw_panels(entry, on_panels | BitMap([fact.values[0] for fact in rows if fact.values[3]]))
    stated |= on_panels
    touched = touched | stated
    happened = BitMap()
    for low, high in withdraw_units.near_spans(touched):
        happened |= _happened(entry.tenant, low, high)
    withdraw_units.restate_states(entry, touched, happened)
    taken.holes.update(_orders_over(entry.tenant, touched))


def _happened(tenant: int, low: int, high: int) -> BitMap:
    units = production.happened(tenant, low, high)
    for table in ("programming_record", "quality_test_run"):
        sql = (
            f"SELECT DISTINCT unit FROM {table} WHERE tenant = %s AND unit >= %s AND unit < %s AND until_entry IS NULL"
        )
        units.update(unit for (unit,) in reading.fetch(sql, (tenant, low, high)))
    sql = (
        "SELECT first_unit, until_unit FROM shipping_line WHERE tenant = %s AND first_unit < %s AND until_unit > %s "
        "AND until_entry IS NULL"
    )
    return units | bitmap_of(reading.fetch(sql, (tenant, high, low)))


def _orders_over(tenant: int, units: BitMap) -> set[str]:
    sql = (
        "SELECT DISTINCT o.code FROM production_block b JOIN production_order o ON o.tenant = b.tenant AND o.number = "
        "b.work_order WHERE b.tenant = %s AND b.first_unit < %s AND b.until_unit > %s AND b.until_entry IS NULL "
        "AND o.until_entry IS NULL"
    )
    spans = withdraw_units.near_spans(units)
    return {code for low, high in spans for (code,) in reading.fetch(sql, (tenant, high, low))}


def _take_plans(entry: Entry, by_table: dict[str, Gone], taken: Taken) -> None:
    """What was meant to be built, and of what."""
    taken.releases.update(withdraw_releases(entry, _facts(by_table["firmware"])))
    for table in REGISTER:
        withdraw_register(entry, table, _facts(by_table[table]))
        taken.register = taken.register or bool(by_table[table])
    withdraw_mappings(entry, _facts(by_table["mappings"]))
    production.withdraw_closings(entry, _facts(by_table["closings"]))
    taken.orders.update(production.withdraw_orders(entry, _facts(by_table["orders"])))
    kept = (KEPT, PROCESS_RECORD, PERMITS, PROGRAMMED, TEST_PLANS, NONCONFORMING, SHIPPED, DECIDED)
    for table in (*(table for tables in kept for table in tables.values()), MOUNTS):
        withdraw_kept(entry, table, _facts(by_table[table.name]))
    taken.permits = any(by_table[table] for table in ("grants", "station_plans", "permits"))
    taken.nonconformities.update(fact.values[0] for fact in _facts(by_table["nonconformities"]))
    taken.dispositions.update(fact.values[0] for fact in _facts(by_table["dispositions"]))
    taken.shipped = taken.shipped or any(by_table[name] for name in (*SHIPPED, "shipments"))
    taken.plans.update(tuple(fact.values[:2]) for fact in _facts(by_table["test_plans"]))
    taken.programmed = taken.programmed or any(by_table[name] for name in PROGRAMMED)
    taken.inspections.update(fact.values[0] for fact in _facts(by_table["inspections"]))
    taken.blocks += _facts(by_table["blocks"])
    taken.holes.update(_orders_over(entry.tenant, withdraw_blocks(entry, taken.blocks)))
    withdraw_package_names(entry, _facts(by_table["package_names"]))
    taken.packages.update(withdraw_packages(entry, _facts(by_table["lots"])))
    production.withdraw_numberings(entry, _facts(by_table["numberings"]))
    for table in ("serial_rules", "mark_rules", "record_demands", "placements"):
        withdraw_rules(entry, f"catalog_{table[:-1]}", _facts(by_table[table]))
    withdraw_panel_places(entry, _facts(by_table["panel_places"]))
    taken.panels.update(tuple(fact.values[:3]) for fact in _facts(by_table["panel_places"]))
    withdraw_routing_steps(entry, _facts(by_table["routings"]))
    withdraw_program_feeders(entry, _facts(by_table["programs"]))
    withdraw_sboms(entry, _facts(by_table["sboms"]))
    withdraw_own_entries(entry, _facts(by_table["own_entries"]))
    withdraw_identities(entry, _facts(by_table["component_identities"]))
    taken.documents.update(withdraw_documents(entry, _facts(by_table["documents"])))
    taken.boms.update(withdraw_bom_lines(entry, _facts(by_table["bom"])))
    taken.parts.update(withdraw_parts(entry, _facts(by_table["parts"])))
    taken.parties.update(withdraw_parties(entry, _facts(by_table["parties"])))


def finish(entry: Entry, chosen: Sequence[Chosen], taken: Taken) -> None:
    """Refuse what would be left hanging, count holes anew, tell the rooms above."""
    refuse_hanging(entry.tenant, taken)
    recount(entry.tenant, taken.holes | orders_of_boms(entry.tenant, taken.boms))
    judge_anew(entry)
    gone = [one.fact for one in chosen]
    for tell in AFTER_WITHDRAWAL.values():
        tell(entry, gone)
