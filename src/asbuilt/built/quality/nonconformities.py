"""Reads of nonconformities: each with its units, holds, causes, dispositions, actions and effectiveness checks, as they stand.

Of what was raised here only what verbs recorded is read of dispositions, their units, states and results: a table settles nothing.
How far one is: `raised`, `contained` once a hold stands for it, `decided` once no unit waits for its disposition any more, `closed`. What
is due next is the earliest day of its open actions and of checks that were not measured as effective.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pyroaring import BitMap

from asbuilt.built.quality.open_nonconformities import BY_VERB, CLOSED, UNITS_COUNT, clears
from asbuilt.storage import reading

RAISED, CONTAINED, DECIDED, REOPENED = "raised", "contained", "decided", "reopened"
PROPOSED, AGREED, APPROVED, REFUSED = "proposed", "agreed", "approved", "refused"
OPEN, DONE, CANCELLED = "open", "done", "cancelled"
EFFECTIVE = "effective"
USE_AS_IS, REPAIR = "use_as_is", "repair"
LEFT_AS_IT_WAS = (USE_AS_IS, REPAIR)
"""Decisions that let a unit leave otherwise than drawn: its manufacturer agrees, and its certificate says so."""
_ORDER = ' ORDER BY {}, entry, "row"'


@dataclass(frozen=True)
class Cause:
    """A why (place 1, 2, …) or a branch of the diagram (place `machine` …); `root` where it has to be mended."""

    method: str
    place: str
    cause: str
    root: bool
    operator: int | None
    stated_at: int
    entry: int
    row: int


@dataclass(frozen=True)
class Step:
    """A step of a disposition: who decided, for which party, on which document."""

    step: str
    decision: str
    reason: str
    party: str
    file: str
    sha256: str
    operator: int | None
    decided_at: int
    entry: int
    row: int


@dataclass(frozen=True)
class Disposition:
    """What becomes of some units, step by step."""

    code: str
    steps: tuple[Step, ...]
    units: BitMap

    def by(self, entry: int | None) -> "Disposition":
        """The same with the steps that were recorded by this entry; all without."""
        return self if entry is None else replace(self, steps=tuple(one for one in self.steps if one.entry <= entry))

    @property
    def decision(self) -> str:
        """use_as_is, rework, repair, return or scrap."""
        return self.steps[-1].decision

    @property
    def state(self) -> str:
        """proposed, approved, refused or carried_out; that the manufacturer agreed is a step beside them."""
        return next(one.step for one in reversed(self.steps) if one.step != AGREED)

    @property
    def clears(self) -> bool:
        """Whether its units may go on."""
        return clears(self.state, self.decision)


@dataclass(frozen=True)
class Action:
    """A corrective or preventive action as stated last; `person` owns it."""

    code: str
    kind: str
    state: str
    due_on: str
    description: str
    person: int | None
    operator: int | None
    stated_at: int
    entry: int
    row: int

    def overdue(self, today: str) -> bool:
        """Whether it is open after its day (ISO dates compare as text)."""
        return self.state == OPEN and self.due_on < today


@dataclass(frozen=True)
class Stated:
    """That it was contained by a hold, closed or opened again."""

    state: str
    hold: str
    reason: str
    operator: int | None
    decided_at: int
    entry: int
    row: int


@dataclass(frozen=True)
class Check:
    """How it will be seen whether the actions helped."""

    question: str
    among: str
    units_min: int
    failed_ppm_max: int
    due_on: str
    operator: int | None
    stated_at: int
    entry: int
    row: int


@dataclass(frozen=True)
class Result:
    """What a check counted, and the frozen answer it rests on."""

    question: str
    among: str
    units: int
    failed: int
    verdict: str
    answer: str
    operator: int | None
    measured_at: int
    entry: int
    row: int


@dataclass
class NonconformityRow:
    """A nonconformity with all that stands of it; `units` those it is about."""

    code: str
    source: str
    severity: str
    product: str
    defect: str
    party: str
    question: str
    description: str
    operator: int | None
    raised_at: int
    entry: int
    row: int
    units: BitMap = field(default_factory=BitMap)
    causes: list[Cause] = field(default_factory=list)
    dispositions: list[Disposition] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    states: list[Stated] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    done_at: list[int] = field(default_factory=list)

    def done_before(self, at: int) -> int | None:
        """When the last of its actions was done that was done by then; None where none was."""
        return max((one for one in self.done_at if one <= at), default=None)

    @property
    def closed(self) -> bool:
        """Whether it is closed, and was not opened again since."""
        return next((one.state == CLOSED for one in reversed(self.states) if one.state != CONTAINED), False)

    @property
    def holds(self) -> list[str]:
        """The codes of the holds that contain it."""
        return list(dict.fromkeys(one.hold for one in self.states if one.hold))

    @property
    def undecided(self) -> BitMap:
        """Units that are in no disposition, or in one that was refused."""
        decided = (one.units for one in self.dispositions if one.state != REFUSED)
        return self.units - BitMap.union(BitMap(), *decided)

    @property
    def waiting(self) -> BitMap:
        """Units that may not go on yet."""
        if self.closed:
            return BitMap()
        return self.units - BitMap.union(BitMap(), *(one.units for one in self.dispositions if one.clears))

    @property
    def state(self) -> str:
        """raised, contained, decided or closed."""
        if self.closed:
            return CLOSED
        if self.units and not self.waiting:
            return DECIDED
        return CONTAINED if self.holds else RAISED

    @property
    def check(self) -> Check | None:
        """The check that counts: the one planned last."""
        return self.checks[-1] if self.checks else None

    @property
    def result(self) -> Result | None:
        """What the check that counts measured last; None where it was not measured yet."""
        check = self.check
        of_it = [
            one
            for one in self.results
            if check
            and (one.question, one.among) == (check.question, check.among)
            and one.measured_at >= check.stated_at
        ]
        return of_it[-1] if of_it else None

    @property
    def next_due(self) -> str:
        """The earliest day something is due, or empty."""
        days = [one.due_on for one in self.actions if one.state == OPEN]
        if self.check and (self.result is None or self.result.verdict != EFFECTIVE):
            days.append(self.check.due_on)
        return min(days, default="") if not self.closed else ""


def nonconformities(tenant: int, codes: Iterable[str] | None = None) -> list[NonconformityRow]:
    """These (None: all that stand), the newest first. Eight statements."""
    where, params = " AND until_entry IS NULL", (tenant,)
    if codes is not None:
        where += " AND " + reading.any_of("nonconformity", "text")
        params = (tenant, reading.list_param(sorted(set(codes))))
    columns = 'nonconformity, source, severity, product, defect, party, question, description, operator, raised_at, entry, "row"'
    sql = f"SELECT {columns} FROM quality_nonconformity WHERE tenant = %s{where}"
    found = {row[0]: NonconformityRow(*row) for row in reading.fetch(sql + _ORDER.format("raised_at"), params)}
    if found:
        _add_units(found, where, params)
        _add_said(found, where, params)
    return sorted(found.values(), key=lambda one: (one.raised_at, one.entry, one.row), reverse=True)


def codes_about(tenant: int, unit: int) -> list[str]:
    """The codes of those about a unit, open and closed. One statement."""
    sql = (
        "SELECT DISTINCT nonconformity FROM quality_nonconformity_unit WHERE tenant = %s AND first_unit <= %s AND until_unit > %s "
        "AND disposition = '' AND until_entry IS NULL"
    )
    return [code for (code,) in reading.fetch(sql, (tenant, unit, unit))]


@dataclass(frozen=True)
class LeftAsItWas:
    """Units that left as they were, or repaired otherwise than drawn: by which disposition, on whose decision, since when; whether a party agreed by a document,
    whose signature nobody here checked."""

    nonconformity: str
    disposition: str
    decision: str
    reason: str
    party: str
    decided_at: int
    units: BitMap
    by_document: bool


def left_as_they_were(tenant: int, units: BitMap, as_of: int | None = None) -> list[LeftAsItWas]:
    """Dispositions in force that let some of these units go on as they are, or repaired; each with those units, the oldest first.

    `as_of` is an entry's number: what had been decided by it. One statement where there is none, nine else."""
    if not units:
        return []
    sql = (
        "SELECT DISTINCT u.nonconformity FROM quality_nonconformity_unit u JOIN quality_disposition d ON d.tenant = u.tenant "
        "AND d.nonconformity = u.nonconformity AND d.disposition = u.disposition AND d.until_entry IS NULL "
        f"AND d.decision IN ('{USE_AS_IS}', '{REPAIR}') "
        "WHERE u.tenant = %s AND u.first_unit <= %s AND u.until_unit > %s AND u.disposition <> '' AND u.until_entry IS NULL"
    )
    codes = [code for (code,) in reading.fetch(sql, (tenant, units.max(), units.min()))]
    found = [
        LeftAsItWas(
            one.code, said.code, said.decision, said.steps[0].reason, next((step.party for step in said.steps if step.party), ""),
            said.steps[-1].decided_at, said.units & units, any(step.step == AGREED and step.sha256 for step in said.steps),
        )
        for one in (nonconformities(tenant, codes) if codes else ())
        for said in (each.by(as_of) for each in one.dispositions)
        if said.steps and said.decision in LEFT_AS_IT_WAS and said.clears and said.units & units
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.decided_at, one.nonconformity, one.disposition))


def nonconformity(tenant: int, code: str) -> NonconformityRow | None:
    """The one with this code, or None."""
    return next(iter(nonconformities(tenant, [code])), None)


def _add_units(found: Mapping[str, NonconformityRow], where: str, params: tuple) -> None:
    sql = (
        "SELECT u.nonconformity, u.disposition, u.first_unit, u.until_unit FROM quality_nonconformity_unit u "
        f"WHERE u.tenant = %s{where} AND {UNITS_COUNT}"
    )
    of_dispositions: dict[tuple[str, str], BitMap] = defaultdict(BitMap)
    for code, disposition, first, until in reading.fetch(sql, params):
        if disposition:
            of_dispositions[code, disposition].add_range(first, until)
        elif code in found:
            found[code].units.add_range(first, until)
    columns = 'step, decision, reason, party, file, sha256, operator, decided_at, entry, "row"'
    sql = f"SELECT nonconformity, disposition, {columns} FROM quality_disposition d WHERE tenant = %s{where} AND {BY_VERB.format('d')}"
    steps: dict[tuple[str, str], list[Step]] = defaultdict(list)
    for code, disposition, *said in reading.fetch(sql + _ORDER.format("decided_at"), params):
        steps[code, disposition].append(Step(*said))
    for (code, disposition), taken in steps.items():
        if code in found:
            units = of_dispositions[code, disposition]
            found[code].dispositions.append(Disposition(disposition, tuple(taken), units))


_SAID = (
    ("causes", Cause, "quality_nonconformity_cause", "method, place, cause, root", "stated_at"),
    (
        "actions",
        Action,
        "quality_nonconformity_action",
        "action, kind, state, due_on, description, person",
        "stated_at",
    ),
    ("states", Stated, "quality_nonconformity_state", "state, hold, reason", "decided_at"),
    ("checks", Check, "quality_effectiveness_check", "question, among, units_min, failed_ppm_max, due_on", "stated_at"),
    (
        "results",
        Result,
        "quality_effectiveness_result",
        "question, among, units, failed, verdict, answer",
        "measured_at",
    ),
)


def _counted(kind: type) -> str:
    """What a table says of something raised here settles nothing; that a hold contains it is no settling."""
    if kind is Stated:
        return f" AND (s.state = '{CONTAINED}' OR {BY_VERB.format('s')})"
    return f" AND {BY_VERB.format('s')}" if kind is Result else ""


def _add_said(found: Mapping[str, NonconformityRow], where: str, params: tuple) -> None:
    for name, kind, table, columns, at in _SAID:
        sql = f'SELECT nonconformity, {columns}, operator, {at}, entry, "row" FROM {table} s WHERE tenant = %s{where}{_counted(kind)}'
        for code, *said in reading.fetch(sql + _ORDER.format(at), params):
            if kind is Cause:
                said[3] = said[3] == "true"
            if code in found:
                getattr(found[code], name).append(kind(*said))
    for one in found.values():
        one.done_at = [action.stated_at for action in one.actions if action.state == DONE]
        one.actions = list({action.code: action for action in one.actions}.values())


def next_code(tenant: int) -> str:
    """NCR-1, NCR-2 …: the number after the greatest that was ever given."""
    sql = "SELECT DISTINCT nonconformity FROM quality_nonconformity WHERE tenant = %s AND substr(nonconformity, 1, 4) = 'NCR-'"
    return f"NCR-{_greatest(reading.fetch(sql, (tenant,)), 4) + 1}"


def next_number(tenant: int, table: str, column: str, code: str, prefix: str) -> str:
    """The next disposition (D-1 …) or action (A-1 …) of a nonconformity."""
    sql = f"SELECT DISTINCT {column} FROM {table} WHERE tenant = %s AND nonconformity = %s"
    return f"{prefix}{_greatest(reading.fetch(sql, (tenant, code)), len(prefix)) + 1}"


def _greatest(rows: Iterable[tuple[str]], skip: int) -> int:
    return max((int(code[skip:]) for (code,) in rows if code[skip:].isascii() and code[skip:].isdigit()), default=0)
