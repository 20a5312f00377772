"""Which recorded run is which result of a message: the messages of a segment read by the reader of today, beside the runs that its
entries recorded of them.

A run does not say which message it is of, and the pass that told its unit and its plan may be forgotten since. So a result is found again by its unit and its
times; where its message names no unit any more, by its times and its place among those of the same times. What cannot be told apart is
told as lost, never guessed.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from asbuilt.built.messages.arriving import Arrived, message
from asbuilt.built.messages.handlers import HANDLERS, QUALITY
from asbuilt.built.messages.judging import laid
from asbuilt.built.messages.passes import Passes
from asbuilt.built.messages.places import Places
from asbuilt.built.messages.segments import all_in
from asbuilt.built.messages.starting import json_text
from asbuilt.built.production.orders import Orders
from asbuilt.built.quality.events import TEST
from asbuilt.formats.cfx.testing import Tested, UnitsTested
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.facts import FACT_BYTES, FactRow, fact_ids, rows_between, standing
from asbuilt.storage import reading

TESTED = frozenset(name for name, handler in HANDLERS.items() if handler.room == QUALITY)
_UNIT, _OUTCOME, _STARTED, _FINISHED, _MEASURED = (
    TEST.columns.index(name) for name in ("unit", "outcome", "started_at", "finished_at", "measurements")
)


@dataclass(frozen=True)
class Run:
    """A run as it is recorded: its fact, and whether it stands; one that does not is as people left it."""

    fact: FactRow
    ident: str
    stands: bool

    @property
    def times(self) -> tuple[int, int]:
        """Begun and ended, UTC microseconds."""
        return parse_instant(self.fact.values[_STARTED]), parse_instant(self.fact.values[_FINISHED])

    @property
    def said(self) -> tuple[str, str]:
        """Outcome and measurements."""
        return self.fact.values[_OUTCOME], self.fact.values[_MEASURED]


@dataclass(frozen=True)
class Reading:
    """What a message says of one unit by the reader of today. `unit` is None where nobody knows any more which; `begun` where the message
    does not say when it began and its pass is forgotten."""

    message: str
    unit: int | None
    begun: int | None
    ended: int
    outcome: str
    measurements: str

    def is_of(self, run: Run) -> bool:
        """Whether a run of its unit has its times."""
        begun, ended = run.times
        return ended == self.ended and self.begun in (None, begun)


class Segment:
    """The messages of a segment that tell of tests, and the runs of its entries. `mine` says of which machines; `claimed` are runs that
    another segment has taken already."""

    def __init__(self, tenant: int, sha256: str, mine: Callable[[str], bool], reread: str, claimed: set[str]):
        self.tenant, self.sha256, self._claimed = tenant, sha256, claimed
        self._orders = Orders(tenant)
        self._places, self._passes = Places(tenant, self._orders), Passes(tenant, 0)
        self.messages = 0
        self.refused: list[tuple[str, AsbuiltError]] = []
        self.readings: list[Reading] = []
        for one in self._arrived(mine):
            try:
                self.readings += list(self._readings(one))
            except AsbuiltError as refusal:
                self.refused.append((one.identity.hex(), refusal))
        self.runs = list(self._recorded(reread)) if self.readings else []

    def _arrived(self, mine: Callable[[str], bool]) -> Iterator[Arrived]:
        dead = {message for (message,) in reading.fetch(_DEAD, (self.tenant, self.sha256))}
        for kept in all_in(self.tenant, self.sha256):
            one = message(kept.raw, parse_instant(kept.received_at), kept.origin, live=False)
            if one.name not in TESTED or not mine(one.handle) or one.identity.hex() in dead:
                continue
            self.messages += 1
            if one.refused:
                self.refused.append((one.identity.hex(), one.refused))
            else:
                yield one

    def _readings(self, one: Arrived) -> Iterator[Reading]:
        said: UnitsTested = one.body
        turn = self._passes.find(one.handle, said.transaction)
        for told in said.units:
            ended = told.ended_at.at if told.ended_at else one.happened_at
            begun = told.begun_at.at if told.begun_at else turn.started_at if turn else None
            # where its pass told nothing when it was recorded either, it began when the message was sent
            at = ended if begun is None else min(begun, ended)
            at, ended, measured = laid(at, ended, one.received_at, told.measurements)
            begun, text = None if begun is None else at, json_text(measured)
            for unit in self._units(told, turn):
                yield Reading(one.identity.hex(), unit, begun, ended, told.outcome, text)

    def _units(self, told: Tested, turn) -> Sequence[int | None]:
        try:
            return self._places.units_of(told.place, turn)
        except AsbuiltError:
            return (None,)

    def _recorded(self, reread: str) -> Iterator[Run]:
        for entry, shape in reading.fetch(_ENTRIES, (self.tenant, self.sha256, TEST.name)):
            texts = rows_between(self.tenant, entry, shape, 0, 1 << 31)
            ids = fact_ids(self.tenant, entry, shape, 0, len(texts))
            facts = [FactRow(entry, shape, row, text, tuple(json.loads(text))) for row, text in enumerate(texts)]
            there = {fact.row for fact, _ in standing(self.tenant, facts)}
            superseded = {row for (row,) in reading.fetch(_SUPERSEDED, (self.tenant, entry, shape, reread))}
            for fact in facts:
                ident = ids[fact.row * FACT_BYTES : (fact.row + 1) * FACT_BYTES].hex()
                key = f"{entry}/{fact.row}"
                if fact.row not in superseded and key not in self._claimed:
                    yield Run(fact, ident, fact.row in there)

    def matched(self) -> tuple[list[tuple[Reading, Run]], list[Reading]]:
        """The readings with their runs, and those that a run should be of and none is found for."""
        pairs: list[tuple[Reading, Run]] = []
        free = dict(enumerate(self.runs))
        of_unit: dict[int, list[int]] = defaultdict(list)
        for n, run in free.items():
            of_unit[run.fact.values[_UNIT]].append(n)
        left = list(self.readings)
        for fits in (_same, _same_times):
            left = self._pair(left, free, of_unit, fits, pairs)
        left = self._by_place(left, free, pairs)
        for unit in {one.unit for one in left if one.unit is not None}:  # a reader that reads the times otherwise
            told, runs = [one for one in left if one.unit == unit], [n for n in of_unit[unit] if n in free]
            if len(told) == len(runs) == 1:
                pairs.append((told[0], free.pop(runs[0])))
                left.remove(told[0])
        self._claimed |= {f"{run.fact.entry}/{run.fact.row}" for _, run in pairs}
        return pairs, [one for one in left if one.outcome]

    @staticmethod
    def _pair(left, free: dict[int, Run], of_unit, fits, pairs) -> list[Reading]:
        still = []
        for one in left:
            n = next((n for n in of_unit.get(one.unit, ()) if n in free and fits(one, free[n])), None)
            if n is None:
                still.append(one)
            else:
                pairs.append((one, free.pop(n)))
        return still

    @staticmethod
    def _by_place(left: list[Reading], free: dict[int, Run], pairs) -> list[Reading]:
        """Those of no unit: as many runs of their times as there are readings stand in their order."""
        groups: dict[tuple[int | None, int], list[Reading]] = defaultdict(list)
        for one in left:
            if one.unit is None:
                groups[one.begun, one.ended].append(one)
        for told in groups.values():
            runs = [n for n, run in free.items() if told[0].is_of(run)]
            if len(runs) == len(told):
                pairs += [(one, free.pop(n)) for one, n in zip(told, runs, strict=True)]
                left = [one for one in left if one not in told]
        return left


def _same(one: Reading, run: Run) -> bool:
    return one.is_of(run) and run.said == (one.outcome, one.measurements)


def _same_times(one: Reading, run: Run) -> bool:
    return one.is_of(run)


_DEAD = "SELECT message FROM messages_dead_letter WHERE tenant = %s AND evidence = %s AND until_entry IS NULL"
_ENTRIES = (
    "SELECT DISTINCT f.entry, f.shape FROM ledger_entry_evidence e JOIN ledger_entry_facts f ON f.tenant = e.tenant AND f.entry = e.entry "
    "WHERE e.tenant = %s AND e.sha256 = %s AND f.shape = %s ORDER BY f.entry"
)
_SUPERSEDED = (
    "SELECT w.fact_row FROM ledger_withdrawal w JOIN ledger_entry e ON e.tenant = w.tenant AND e.number = w.entry "
    "WHERE w.tenant = %s AND w.fact_entry = %s AND w.shape = %s AND e.type = %s"
)
