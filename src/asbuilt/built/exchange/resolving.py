"""Which facts a correction means: by id, and by a span where one id names several.

An id is made of what a row said, so equal rows share it: units without a serial number, and one serial number of two
products. Then the span says which is meant.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from asbuilt.built.production.events import BLOCK, ORDER
from asbuilt.built.production.orders import Orders
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import Span, bitmap_of, spans_of
from asbuilt.ledger import facts as recorded
from asbuilt.ledger.facts import FACT_BYTES, FactRow, pieces_of_ids, rows_with_id, standing
from asbuilt.ledger.intake import fact_bytes
from asbuilt.ledger.shapes import REGISTRY, shape_of_code
from asbuilt.ledger.withdrawals import WITHDRAWAL
from asbuilt.storage import reading

SEVERAL_MAX = 100_000
WHOLE = (0, 0)
_WHOLE_ONLY = frozenset({ORDER.name, BLOCK.name})


@dataclass(frozen=True)
class Withdraw:
    """A request: which fact (16 hex digits), why, who decided (badge or login code) and when (UTC microseconds).

    With units [first_unit, until_unit) only that part of the fact goes.
    """

    fact: str
    reason: str
    person: str
    decided_at: int
    first_unit: int | None = None
    until_unit: int | None = None

    @property
    def span(self) -> Span | None:
        """The part that goes, or None for all of it."""
        return None if self.first_unit is None or self.until_unit is None else (self.first_unit, self.until_unit)


@dataclass(frozen=True)
class Chosen:
    """A fact that goes: with the span that is recorded (0 to 0: all of it) and the units that leave."""

    asked: Withdraw
    fact: FactRow
    recorded_span: Span
    gone: list[Span] = field(hash=False)
    own_id: bytes


def own_id(asked: Withdraw, first: str, last: str) -> bytes:
    """The id of the correction itself: that of its row in corrections.csv, with these words for its span."""
    when = format_instant(asked.decided_at)
    return fact_bytes("corrections", [asked.fact, "withdraw", asked.reason, asked.person, when, first, last])


def span_words(orders: Orders, span: Span | None) -> tuple[str, str]:
    """`ORDER#3`, `ORDER#9` for a span; two empty texts for none."""
    return ("", "") if span is None else (_place(orders, span[0]), _place(orders, span[1] - 1))


def _place(orders: Orders, unit: int) -> str:
    order = orders.of_unit(unit)
    return f"{order.code}#{order.place_of(unit)}" if order else str(unit)


class FactFinder:
    """Facts by their ids, many at once: the ids of each entry are read one time."""

    def __init__(self, tenant: int, ids: Iterable[str]):
        self.tenant = tenant
        self._found: dict[bytes, list[FactRow]] = {}
        wanted = {bytes.fromhex(fact) for fact in ids}
        for fact, place in sorted(self._places(wanted), key=lambda found: found[1]):
            found = self._found.setdefault(fact, [])
            if len(found) < SEVERAL_MAX:
                found.append(recorded.fact_row(tenant, *place))

    def _places(self, wanted: set[bytes]) -> Iterable[tuple[bytes, tuple[int, str, int]]]:
        sql = 'SELECT entry, shape, "row" FROM ledger_fact_index WHERE tenant = %s AND fact = %s'
        for fact in wanted:
            for entry, code, row in reading.fetch(sql, (self.tenant, fact)):
                yield fact, (entry, shape_of_code(code).name, row)
        sql = "SELECT entry, shape FROM ledger_entry_facts WHERE tenant = %s"
        for entry, shape in reading.fetch(sql, (self.tenant,)):
            if shape in REGISTRY and not REGISTRY[shape].few:
                for fact, row in self._among(entry, shape, wanted):
                    yield fact, (entry, shape, row)

    def _among(self, entry: int, shape: str, wanted: set[bytes]) -> Iterable[tuple[bytes, int]]:
        for first, ids in pieces_of_ids(self.tenant, entry, shape):
            if len(wanted) > 20:
                for row, start in enumerate(range(0, len(ids), FACT_BYTES), first):
                    fact = ids[start : start + FACT_BYTES]
                    if fact in wanted:
                        yield fact, row
                continue
            for fact in wanted:
                yield from ((fact, first + row) for row in rows_with_id(ids, fact))

    def standing(self) -> set[str]:
        """Those of the ids that a fact has which stands, in whole or part."""
        found = {fact.hex(): facts for fact, facts in self._found.items()}
        return {fact for fact, facts in found.items() if any(True for _ in standing(self.tenant, facts))}

    def choose(self, asked: Withdraw, own: bytes) -> list[Chosen]:
        """The facts that this request takes; NotFound, Refused or Invalid where it names none or too many."""
        found = [fact for fact in self._found.get(bytes.fromhex(asked.fact), ()) if fact.shape != WITHDRAWAL.name]
        if not found:
            remedy = "`asbuilt unit SERIAL --format json` shows the ids of its facts."
            raise NotFound("ledger.fact_unknown", f"No fact has the id {asked.fact}.", {"fact": asked.fact}, remedy)
        stand = list(standing(self.tenant, found))
        if asked.span is None:
            return [self._whole(asked, own, stand, found)]
        return self._part(asked, own, stand, found)

    def _whole(self, asked: Withdraw, own: bytes, stand: Sequence, found: Sequence[FactRow]) -> Chosen:
        if not stand:
            raise withdrawn_before(asked.fact)
        if len(stand) > 1:
            raise Refused(
                "exchange.fact_ambiguous",
                f"{len(stand)} equal rows have the id {asked.fact}.",
                {"fact": asked.fact, "facts": len(stand)},
                "Say which unit is meant: give first_serial and last_serial, such as ORDER#17.",
            )
        fact, spans = stand[0]
        if len(found) > 1 and spans and len(spans) == 1 == len(fact.units):
            return Chosen(asked, fact, spans[0], spans, own)  # its id alone would not say which of the equal rows
        return Chosen(asked, fact, WHOLE, spans, own)

    def _part(self, asked: Withdraw, own: bytes, stand: Sequence, found: Sequence[FactRow]) -> list[Chosen]:
        wanted = bitmap_of([asked.span])
        inside = bitmap_of(span for fact in found for span in fact.units)
        if not wanted or wanted - inside:
            raise Invalid(
                "exchange.span_outside_fact",
                f"The fact {asked.fact} does not speak of all these units.",
                {"fact": asked.fact, "units": [list(span) for span in spans_of(inside)][:5]},
                "Give a first and a last unit that it speaks of, or leave both empty to withdraw all of it.",
            )
        chosen = []
        for fact, spans in stand:
            gone = spans_of(bitmap_of(spans) & wanted)
            if len(fact.units) > 1 and gone:
                raise _not_in_parts(asked.fact)
            if fact.shape in _WHOLE_ONLY and gone != spans:
                raise _order_not_in_parts(asked.fact)
            if gone:
                low, high = max(asked.span[0], fact.units[0][0]), min(asked.span[1], fact.units[0][1])
                chosen.append(Chosen(asked, fact, (low, high), gone, own))
        if not chosen:
            raise withdrawn_before(asked.fact)
        return chosen


def _order_not_in_parts(fact: str) -> AsbuiltError:
    return Invalid(
        "exchange.order_without_span",
        f"The fact {fact} gives an order its units; it goes whole.",
        {"fact": fact},
        "Correct its quantity, or hand units over to another order by splitting it.",
    )


def _not_in_parts(fact: str) -> AsbuiltError:
    return Invalid(
        "exchange.fact_without_span",
        f"The fact {fact} is about two units together; it goes whole.",
        {"fact": fact},
        "Leave first_serial and last_serial empty.",
    )


def withdrawn_before(fact: str) -> AsbuiltError:
    """The refusal of a second withdrawal with other words."""
    return Refused(
        "exchange.withdrawn_before",
        f"The fact {fact} was withdrawn before.",
        {"fact": fact},
        "Look at its reason on the Log page. Nothing is left to withdraw.",
    )
