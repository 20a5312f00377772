"""Serial numbers for units that have none: from the product's rule, or from the customer's list.

- The units of an order are named along it, first those that come first; skipped positions get no number.
- A rule's counter goes on from the last one ever given, whoever asks and whatever was withdrawn since; what a unit was ever called is passed
  over. Counter and names are one transaction under the tenant's one writer, so that four processes and a kill leave no number twice.
- A customer's list is taken whole or not at all, and every wrong line is named.

Each number becomes a row of names.csv; each stretch of a counter one of numberings.csv; the list itself is kept as evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from asbuilt.access.actor import Actor
from asbuilt.access.rights import ORDER_PLAN
from asbuilt.built.production import events
from asbuilt.built.production.errors import order_unknown
from asbuilt.built.production.intake.names import NamesIntake
from asbuilt.built.production.intake.numberings import NumberingsIntake, last_given
from asbuilt.built.production.naming import serials_ever, serials_held, unnamed_units
from asbuilt.built.production.orders import OrderRow, Orders
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.designed.catalog.rules import SerialRule, serial_rule
from asbuilt.formats.columns import SERIAL_LIST
from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.tables import read_table
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, evidence, sequencing
from asbuilt.ledger.facts import fact_row
from asbuilt.ledger.one_row import checked_rows, refuse, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording
from asbuilt.storage import reading

UNITS_NAMED_MAX = 100_000
SERIAL_CHARACTERS_MAX = 200
LIST_BYTES_MAX = 16 * 1024**2
TAKEN_AT_ONCE = 5_000


@dataclass(frozen=True)
class Named:
    """How many units were named by this entry, and the first and last of their serial numbers."""

    order: str
    count: int
    first: str
    last: str
    entry: int


def name_units(actor: Actor, *, order: str, count: int | None = None, request_key: str | None = None) -> Named:
    """The next `count` units of the order without a serial number (None: all) get one by the product's rule.

    Refused where the product has no rule, its counter ends before, or no unit waits for a number.
    """
    actor.require(ORDER_PLAN)
    content = digest(b"name", order.encode(), repr(count).encode())
    try:
        with recording(actor, events.UNITS_NAMED, request_key=request_key, content=content) as entry:
            row = _order(entry.tenant, order)
            units = _waiting(entry.tenant, row, count)
            rule = serial_rule(entry.tenant, row.product)
            if rule is None:
                raise _no_rule(entry.tenant, row)
            counters = _next_counters(entry.tenant, rule, len(units))
            _note_counters(entry, row, rule, counters)
            serials = [rule.serial(counter) for counter in counters]
            _record(entry, row, units, serials, range(1, len(units) + 1), "request")
            named = Named(order, len(serials), serials[0], serials[-1], entry.number)
            entry.notes = {"order": order, "named": len(serials)}
    except AlreadyRecorded as known:
        return _named_before(actor.tenant, order, known.number)
    sequencing.after_commit(actor.tenant)
    return named


def name_units_from_list(
    actor: Actor, *, order: str, content: bytes, file: str = "serials.csv", request_key: str | None = None
) -> Named:
    """The next units of the order without a serial number get those of the customer's list, line by line.

    The list is a CSV with one column `serial`. Invalid names every wrong line; nothing of the list is taken then.
    """
    actor.require(ORDER_PLAN)
    if len(content) > LIST_BYTES_MAX:
        facts = {"bytes": len(content), "field": "file"}
        raise Invalid("production.list_too_large", f"{file} is larger than 16 MiB.", facts, "Give it in parts.")
    said = digest(b"list", order.encode(), content)
    try:
        with recording(actor, events.UNITS_NAMED, request_key=request_key, content=said) as entry:
            row = _order(entry.tenant, order)
            lines, serials = _read_list(entry.tenant, row, content, file)
            units = _waiting(entry.tenant, row, len(serials))
            evidence.keep(entry.tenant, BytesIO(content), file, "import").record(entry)
            _record(entry, row, units, serials, lines, file)
            named = Named(order, len(serials), serials[0], serials[-1], entry.number)
            entry.notes = {"file": file[:200], "named": len(serials), "order": order}
    except AlreadyRecorded as known:
        return _named_before(actor.tenant, order, known.number)
    sequencing.after_commit(actor.tenant)
    return named


def _order(tenant: int, code: str) -> OrderRow:
    order = Orders(tenant).by_code(code)
    if order is None:
        raise order_unknown(code)
    return order


def _waiting(tenant: int, order: OrderRow, count: int | None) -> list[int]:
    units = unnamed_units(tenant, order)
    wanted = len(units) if count is None else count
    if not 1 <= wanted <= UNITS_NAMED_MAX and units:
        facts = {"field": "count", "value": wanted}
        remedy = f"Name 1 to {UNITS_NAMED_MAX:,} units at once."
        raise Invalid("production.named_at_once", f"{wanted:,} units cannot be named at once.", facts, remedy)
    if not units or wanted > len(units):
        raise Refused(
            "production.no_unit_waits",
            f"{len(units):,} units of {order.code} have no serial number; {wanted:,} were to get one.",
            {"order": order.code, "unnamed": len(units), "field": "count"},
            "Name fewer, or grow the order." if units else "Each has one.",
        )
    return list(units[:wanted])


def _no_rule(tenant: int, order: OrderRow) -> Refused:
    product = product_codes(tenant)[order.product]
    return Refused(
        "production.serial_rule_missing",
        f"{product} has no serial rule.",
        {"product": product},
        "Set one on the product's page, or give the customer's list.",
    )


def _next_counters(tenant: int, rule: SerialRule, count: int) -> list[int]:
    """The next counters whose serial numbers no unit was ever called."""
    last = last_given(tenant, rule.prefix, rule.width, rule.check)
    at, found = max(rule.first, (last + 1) if last is not None else rule.first), []
    while len(found) < count:
        wanted = range(at, at + count - len(found))
        if wanted[-1] > rule.last:
            raise Refused(
                "production.serials_exhausted",
                f"The counter of {rule.prefix or 'this rule'} ends at {rule.last}; {count:,} numbers more do not fit.",
                {"next": at, "last": rule.last},
                "Set a serial rule with a wider counter or another prefix.",
            )
        taken = serials_ever(tenant, map(rule.serial, wanted))
        found += [counter for counter in wanted if rule.serial(counter) not in taken]
        at = wanted[-1] + 1
    return found


def _note_counters(entry: Entry, order: OrderRow, rule: SerialRule, counters: list[int]) -> None:
    product = product_codes(entry.tenant)[order.product]
    said = {
        "order": order.code,
        "product": product,
        "prefix": rule.prefix,
        "width": str(rule.width),
        "check": rule.check,
    }
    stretch = {"first_counter": str(counters[0]), "last_counter": str(counters[-1]), "given_at": _now()}
    state_rows(entry, NumberingsIntake, checked_rows("numberings", [{**said, **stretch}]))


def _read_list(tenant: int, order: OrderRow, content: bytes, file: str) -> tuple[list[int], list[str]]:
    """Lines and serial numbers of a list; Invalid with every wrong line."""
    errors, lines, serials = ErrorList(), [], []
    for chunk in read_table(SERIAL_LIST, BytesIO(content), file=file, errors=errors):
        lines += chunk.lines
        serials += [row[0] for row in chunk.rows]
    held = serials_held(tenant, order.product, serials)
    seen: dict[str, int] = {}
    for line, serial in zip(lines, serials, strict=True):
        if seen.setdefault(serial, line) != line:
            reason = f"Serial number {serial[:40]} stands on line {seen[serial]} too."
            errors.add(
                "production.serial_doubled", file, line, "serial", serial, reason, "Give each unit its own number."
            )
        elif serial in held:
            reason = f"Serial number {serial[:40]} belongs to another unit of this product."
            remedy = "Ask the customer for another number."
            errors.add("production.serial_taken", file, line, "serial", serial, reason, remedy)
        elif len(serial) > SERIAL_CHARACTERS_MAX or serial == "-":
            reason = f"A serial number has 1 to {SERIAL_CHARACTERS_MAX} characters and is not -."
            errors.add("production.serial_unusable", file, line, "serial", serial, reason, "Give another number.")
    errors.raise_if_any(file)
    if not serials:
        raise Invalid("production.list_empty", f"{file} names no serial number.", {"field": "file"}, "Give one a line.")
    return lines, serials


def _record(
    entry: Entry, order: OrderRow, units: Sequence[int], serials: Sequence[str], lines: Sequence[int], file: str
) -> None:
    """Each unit has this serial number: rows of names.csv."""
    now = _now()
    rows = [
        (f"{order.code}#{order.place_of(unit)}", "serial", serial, now, "", "", "")
        for unit, serial in zip(units, serials, strict=True)
    ]
    errors, contradictions = ErrorList(), ErrorList()
    intake = NamesIntake(entry, file, errors, contradictions, lambda text: None)
    for start in range(0, len(rows), TAKEN_AT_ONCE):
        part = slice(start, start + TAKEN_AT_ONCE)
        intake.take(lines[part], rows[part])
    intake.finish()
    refuse(errors, contradictions)


def _now() -> str:
    return format_instant(clock.now())


def _named_before(tenant: int, order: str, number: int) -> Named:
    sql = "SELECT count FROM ledger_entry_facts WHERE tenant = %s AND entry = %s AND shape = %s"
    count = reading.fetch_one(sql, (tenant, number, events.NAME.name))[0]
    first, last = (fact_row(tenant, number, events.NAME.name, row).values[2] for row in (0, count - 1))
    return Named(order, count, first, last, number)
