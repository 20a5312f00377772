"""Holds: units and lots that may not go on until somebody who may says so. The rows, and what of a hold stands.

A hold has a code and one row for each thing it holds: a lot (its packages, and the units that carry it), a span of units, or
the answer of a question. The units that the question gave when the hold was placed are rows of their own, so that they stay
held; what matches later is held too, until the hold is lifted. Lifting is a row as well: of the whole hold, or of units.

A hold may let the work through that ends it: rows of their own name releases that may be programmed onto its units, steps that these may
pass, and a question whose units it holds no more. They say nothing to any other hold.

A hold is open while a row that places it stands and none that lifts it as a whole. Each row says too whether such a lift stands (`lifted`,
written by `mark_lifted` whenever rows come or go): whoever asks what is held now never reads the thousands that were lifted over the years.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from asbuilt.kernel.spans import Span
from asbuilt.storage import bulk, reading

PLACE, LIFT, ALLOW = 1, 2, 3
WHOLE, LOT, UNITS, QUESTION, RELEASE, STEP, DONE = range(7)
ACTIONS = {"place": PLACE, "lift": LIFT, "allow": ALLOW}
KINDS = {"": WHOLE, "lot": LOT, "units": UNITS, "question": QUESTION, "release": RELEASE, "step": STEP, "done": DONE}
ALLOWED = (RELEASE, STEP, DONE)
LIFTER = "quality_lead"
HOLDS_BY_QUESTION_MAX = 200
_PARTS = ("lots", "spans", "questions", "released", "releases", "steps", "done", "lifted")
NOW = " AND h.until_entry IS NULL"
STANDS, OVER = range(2)  # what a row says of its hold: `lifted`
_COLUMNS = (
    "h.code, h.action, h.kind, h.lot, h.first_unit, h.until_unit, h.question, h.silent, h.lifted_by, h.reason, h.person, "
    "h.decided_at, h.entry"
)


@dataclass(frozen=True, order=True)
class ReleaseAllowed:
    """A release that may be programmed through a hold: no other version, and no other bytes under its name."""

    product: str
    role: str
    version: str
    sha256: str

    @property
    def cell(self) -> str:
        """As a row of holds.csv has it."""
        return json.dumps([self.product, self.role, self.version, self.sha256], ensure_ascii=False)


def release_of(cell: str) -> ReleaseAllowed:
    """The release of such a cell; ValueError where it is none."""
    said = json.loads(cell)
    if type(said) is not list or len(said) != 4 or not all(type(one) is str and one.strip() for one in said):
        raise ValueError("a release is a JSON list of product, role, version and SHA-256")
    if len(said[3]) != 64 or set(said[3]) - set("0123456789abcdef"):
        raise ValueError("the SHA-256 is 64 hex digits")
    return ReleaseAllowed(*said)


@dataclass
class HoldRow:
    """A hold: why, who placed it and when, which role may lift it, what it holds and what of it was lifted.

    `questions` are (text, whether units of which the record is silent are held too); so are `lots`, by number. What it lets through: `releases`
    onto its units, its units past `steps`; units that a question of `done` certainly gives are held no more.
    """

    code: str
    reason: str
    person: int | None
    decided_at: int
    lifted_by: str
    entry: int
    lots: list[tuple[int, bool]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    questions: list[tuple[str, bool]] = field(default_factory=list)
    released: list[Span] = field(default_factory=list)
    releases: list[ReleaseAllowed] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    lifted: "Lifted | None" = None


@dataclass(frozen=True)
class Lifted:
    """That a hold was lifted as a whole: why, by whom, when."""

    reason: str
    person: int | None
    decided_at: int
    entry: int


def open_holds(tenant: int, seen: str, within: Sequence[Span] | None = None) -> list[HoldRow]:
    """The open holds in the order in which they were placed. `seen` says which rows of `h` count. One statement.

    With `within` only the spans that meet these units are read: whoever asks of one unit does not read a recall's thousands. Who placed a hold
    and why stands in its first row, which may be one of those left out: see `first_said`.
    """
    still, of_lifts = _still(seen), () if seen == NOW else (tenant,)
    sql = f"SELECT {_COLUMNS}, h.number FROM production_hold h WHERE h.tenant = %s{seen} AND {still}"
    if within is None:
        return _holds(row[:-1] for row in reading.fetch(sql + " ORDER BY h.number", (tenant, *of_lifts)))
    sql, params = sql + " AND h.first_unit IS NULL", (tenant, *of_lifts)
    if within:
        # a span lies within a block of its order as that was then, whatever became of the block since
        begins = "SELECT min(b.first_unit) FROM production_block b WHERE b.tenant = %s AND b.first_unit < s.until_unit AND b.until_unit > s.first_unit"
        there = f"h.tenant = %s AND h.first_unit >= ({begins}) AND h.first_unit < s.until_unit AND h.until_unit > s.first_unit{seen} AND {still}"
        spans = f"{reading.spans_table('s')} {reading.each('h', 'production_hold', there)}"
        sql += f" UNION ALL SELECT {_COLUMNS}, h.number FROM {spans}"
        params = (*params, *reading.integer_rows(within), tenant, tenant, *of_lifts)
    found = {row[-1]: row[:-1] for row in reading.fetch(sql, params)}
    return _holds(row for _, row in sorted(found.items()))


def _still(seen: str) -> str:
    """The condition that no row lifts the hold of row `h` as a whole; it takes the tenant where it looks at another moment than now."""
    if seen == NOW:
        return f"h.lifted = {STANDS}"
    # read once, never once a row: a hold by question may have ten thousand rows
    return (
        "h.code NOT IN (SELECT w.code FROM production_hold w WHERE w.tenant = %s AND w.first_unit IS NULL "
        f"AND w.action = {LIFT} AND w.kind = {WHOLE}{seen.replace('h.', 'w.')})"
    )


def mark_lifted(tenant: int, codes: Iterable[str]) -> None:
    """Say it on the rows of these holds where rows came or went: whether one lifts them as a whole. One statement."""
    lifts = f"SELECT 1 FROM production_hold w WHERE w.tenant = h.tenant AND w.code = h.code AND w.action = {LIFT} AND w.kind = {WHOLE}"
    now = f"CASE WHEN EXISTS ({lifts} AND w.until_entry IS NULL) THEN {OVER} ELSE {STANDS} END"
    sql = (
        f"UPDATE production_hold AS h SET lifted = {now} WHERE h.tenant = %s AND h.until_entry IS NULL AND h.lifted <> {now} AND "
        + reading.any_of("h.code", "text")
    )
    bulk.run(sql, (tenant, reading.list_param(sorted(set(codes)))))


def first_said(tenant: int, seen: str, holds: Sequence[HoldRow]) -> list[HoldRow]:
    """Holds that were read in part, with what the first row of each says, in the order in which they were placed. One statement."""
    first = (
        f"SELECT min(p.number) FROM production_hold p WHERE p.tenant = %s AND p.action = {PLACE}{seen.replace('h.', 'p.')} AND "
        + reading.any_of("p.code", "text")
        + " GROUP BY p.code"
    )
    known = {hold.code: hold for hold in holds}
    condition = f"h.number IN ({first})"
    found = []
    for said in _of_codes(tenant, condition, (tenant, reading.list_param(sorted(known)))) if known else ():
        parts = {name: getattr(known[said.code], name) for name in _PARTS}
        found.append(replace(said, **parts))
    return found


def whole_holds(tenant: int, seen: str, codes: Iterable[str]) -> dict[str, HoldRow]:
    """Code -> the hold with all its rows. One statement."""
    wanted = sorted(set(codes))
    condition = reading.any_of("h.code", "text") + seen
    found = _of_codes(tenant, condition, (reading.list_param(wanted),)) if wanted else []
    return {hold.code: hold for hold in found}


def _of_codes(tenant: int, condition: str, params: tuple) -> list[HoldRow]:
    sql = f"SELECT {_COLUMNS} FROM production_hold h WHERE h.tenant = %s AND {condition} ORDER BY h.number"
    return _holds(reading.fetch(sql, (tenant, *params)))


def hold_of(tenant: int, code: str) -> HoldRow | None:
    """The hold with this code, open or lifted, or None. One statement."""
    sql = f"SELECT {_COLUMNS} FROM production_hold h WHERE h.tenant = %s AND h.code = %s AND h.until_entry IS NULL"
    found = _holds(reading.fetch(sql + " ORDER BY h.number", (tenant, code)))
    return found[0] if found else None


def lifted_holds(tenant: int, limit: int) -> list[HoldRow]:
    """The holds that were lifted last, newest first. One statement."""
    newest = (
        "SELECT w.code FROM production_hold w WHERE w.tenant = %s AND w.action = "
        f"{LIFT} AND w.kind = {WHOLE} AND w.until_entry IS NULL ORDER BY w.number DESC LIMIT {int(limit)}"
    )
    sql = (
        f"SELECT {_COLUMNS} FROM production_hold h WHERE h.tenant = %s AND h.until_entry IS NULL AND h.code IN "
        f"(SELECT code FROM ({newest}) AS newest) ORDER BY h.number"
    )
    found = _holds(reading.fetch(sql, (tenant, tenant)))
    return sorted(found, key=lambda hold: hold.lifted.entry, reverse=True)


def _holds(rows: Iterable[tuple]) -> list[HoldRow]:
    found: dict[str, HoldRow] = {}
    for code, action, kind, lot, first, until, question, silent, lifted_by, reason, person, at, entry in rows:
        hold = found.get(code)
        if hold is None:
            if action != PLACE:
                continue  # what it speaks of was withdrawn
            hold = found[code] = HoldRow(code, reason, person, at, lifted_by, entry)
        if action == LIFT and kind == WHOLE:
            hold.lifted = Lifted(reason, person, at, entry)
        elif action == LIFT:
            hold.released.append((first, until))
        elif kind == RELEASE:
            hold.releases.append(release_of(question))
        elif kind == STEP:
            hold.steps.append(question)
        elif kind == DONE:
            hold.done.append(question)
        elif kind == LOT:
            hold.lots.append((lot, bool(silent)))
        elif kind == UNITS:
            hold.spans.append((first, until))
        else:
            hold.questions.append((question, bool(silent)))
    return list(found.values())


def questions_open(tenant: int) -> int:
    """How many open holds rest on a question. One statement."""
    return sum(bool(hold.questions) for hold in open_holds(tenant, NOW, ()))


def holds_of_lots(tenant: int, lots: Iterable[int]) -> dict[int, list[HoldRow]]:
    """Lot -> the open holds on it: nothing of such a lot may be mounted. One statement, two where there is one."""
    wanted = set(lots)
    found: dict[int, list[HoldRow]] = {}
    held = [hold for hold in open_holds(tenant, NOW, ()) if any(lot in wanted for lot, _ in hold.lots)]
    for hold in first_said(tenant, NOW, held):
        for lot, _ in hold.lots:
            if lot in wanted:
                found.setdefault(lot, []).append(hold)
    return found
