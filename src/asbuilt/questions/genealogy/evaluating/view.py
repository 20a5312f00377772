"""The view of one question: whose record, as known when, and what of it the reader may see.

Everything a question reads goes through here, so that `--as-of` and a party reader's narrow view cannot be forgotten: `seen`
writes the condition on entries into a statement, `visible` holds the units of a party reader (None: all).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from pyroaring import BitMap, FrozenBitMap

from asbuilt.access.actor import Actor
from asbuilt.built.production.carried import packages_on
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.kernel.spans import Span, bitmap_of, spans_of, united
from asbuilt.questions.genealogy.words.language import same
from asbuilt.storage import reading

GAP_JOINED = 10_000  # spans closer than this are read as one
BEGUN, BUILT, SCRAPPED, SKIPPED = 1, 2, 3, 4


class BlockRow(NamedTuple):
    """A span of the axis given to an order."""

    first: int
    until: int
    order: int
    product: int
    revision: int
    bom: int


# How far some units reach in a block: the block, the first of them in it, and behind the last
Reach = tuple[BlockRow, int, int]


class Gap(NamedTuple):
    """What the record does not know: a marked text with {order}, {at} and {units}, the order, its positions."""

    text: str
    order: int
    at: tuple[str, ...]


class Recorded(NamedTuple):
    """Whether there ever was such a fact at all (most factories lack some kinds), the tenant's time zone, the head of the log."""

    assembly: bool
    sent_out: bool
    returned: bool
    package_programmed: bool
    module_firmware: bool
    tool_only: bool
    last_in_doubt: bool
    changes: bool
    alternates: bool
    time_zone: str
    size: int | None
    root: bytes | None


_RECORDED = (
    "SELECT EXISTS (SELECT 1 FROM production_assembly WHERE tenant = p.number), "
    "EXISTS (SELECT 1 FROM production_sent_out WHERE tenant = p.number), "
    "EXISTS (SELECT 1 FROM shipping_return WHERE tenant = p.number), "
    "EXISTS (SELECT 1 FROM programming_package WHERE tenant = p.number), "
    "EXISTS (SELECT 1 FROM programming_module_firmware WHERE tenant = p.number), "
    "EXISTS (SELECT 1 FROM programming_station_record WHERE tenant = p.number AND tool_only > ''), "
    "EXISTS (SELECT 1 FROM programming_firmware_run WHERE tenant = p.number AND standing = 2), "
    "EXISTS (SELECT 1 FROM changes_line WHERE tenant = p.number AND kind IN ('boundary_of', 'controlled')), "
    "EXISTS (SELECT 1 FROM changes_line WHERE tenant = p.number AND kind = 'candidate'), p.time_zone, h.size, h.root "
    "FROM access_tenant p LEFT JOIN ledger_head h ON h.tenant = p.number WHERE p.number = %s ORDER BY h.since DESC, h.origin DESC LIMIT 1"
)


class FewMaterial(Protocol):
    """What lies on a few units (room `few_material`)."""

    units: BitMap
    whole: bool
    touching: frozenset[int]
    packages: dict
    runs: list[tuple]
    meetings: list[tuple]
    replacements: list[tuple]
    replaced: BitMap
    orders: list[int]
    holes: list[tuple]
    parts: frozenset[int]

    def packages_by(self, attribute: str) -> dict[object, list[int]]:
        """The packages by part, lot or what else is known of them."""

    def packages_of_lots_without(self, attribute: str) -> frozenset[int]:
        """Those of a lot of which this text is not known."""


class Few(Protocol):
    """What is known of a few units, read once for all questions that are asked of them alone (room `few_units`)."""

    units: BitMap
    material: FewMaterial
    passes: list[tuple]
    tests: list[tuple]
    programmed: list[tuple]
    replacers: list[tuple]
    defects: list[tuple]
    releases: list[tuple]
    loaded: set[tuple] | None
    tops: dict[int, int]
    outer: BitMap
    lines: list[tuple]

    def beside(self, units: BitMap) -> "Few":
        """Other few units of the same view."""


class AtOnce(Protocol):
    """What was read of one lot in one statement (room `lot_at_once`)."""

    code: str
    lots: list[tuple]
    near: object
    labels: dict[int, str]
    reaches: list[Reach]
    skipped: BitMap
    replaced: list[tuple]
    sent: list[tuple]
    recorded: Recorded

    def is_beside(self, packages: frozenset[int], parts: frozenset[int] | None, ever: bool) -> bool:
        """Whether `near` is what lies beside runs of these packages, with the silence of these parts."""

    def reach(self, reaches: list[Reach]) -> bool:
        """Whether all was read over these reaches."""


@dataclass
class View:
    """What a question may see. `entry` is the last entry it knows of (None: now).

    Gaps and notes are said with `say` (gettext of the page that asks) and `number`; without them in English.
    """

    actor: Actor
    entry: int | None = None
    notes: list[str] = field(default_factory=list)
    gaps: list[tuple[Gap, BitMap]] = field(default_factory=list)
    narrower: list[str] = field(default_factory=list)
    say: Callable[[str], str] = same
    number: Callable[[int], str] = "{:,}".format
    states: bool = True  # whether the states of the units are asked for beside those that were skipped

    def __post_init__(self):
        self.tenant = self.actor.tenant
        self.groups = PositionGroups(self.tenant)
        self._blocks_read: tuple[int, int, list[BlockRow], list[int]] = (0, 0, [], [])
        self._reached: tuple[FrozenBitMap, list[Reach]] = (FrozenBitMap(), [])
        self.names: dict[tuple, list[int]] = {}  # what `naming.numbers` found: a question names some things twice
        self.positions: set[str] = set()  # positions looked up together, as BOMs write them
        self.floor: dict[str, list[tuple[str, int]]] = {}  # floor names looked up together: (kind, number)
        self.floor_found: dict[tuple, dict[str, list[int]]] = {}  # what `history.floor_numbers` found
        self._packages_read: dict[int, frozenset[int]] = {}
        self._states_read: tuple[list[Reach], dict[int, BitMap]] = ([], defaultdict(BitMap))
        self.loaded_read: tuple[list[Reach], set[tuple]] = ([], set())  # what `firmware.runs_over` read
        self.few: Few | None = None
        self.material_read: list[
            FewMaterial
        ] = []  # on few units of this record and moment, for whoever asks of the same ones
        self._skipped_read: tuple[list[Reach], BitMap] = ([], BitMap())
        self.at_once: AtOnce | None = None

    def told(self, at_once: "AtOnce") -> None:
        """Take what was read of one lot in one statement."""
        self.at_once = at_once
        self._skipped_read = (at_once.reaches, at_once.skipped)
        self.groups.told(at_once.labels)
        self.__dict__["recorded"] = at_once.recorded

    def beside(self, actor: Actor) -> "View":
        """Another reader's view of the same record and moment, with what this one has read of the axis, which is the same for all."""
        found = View(actor, self.entry)
        found._blocks_read, found._states_read = self._blocks_read, self._states_read
        found.material_read, found.groups = self.material_read, self.groups
        if "recorded" in self.__dict__:
            found.__dict__["recorded"] = self.recorded
        return found

    @cached_property
    def recorded(self) -> Recorded:
        """What kinds of facts there are: a question leaves out the rest. One statement."""
        return Recorded._make(reading.fetch_one(_RECORDED, (self.tenant,)))

    @cached_property
    def zone(self) -> ZoneInfo:
        """The tenant's time zone."""
        return ZoneInfo(self.recorded.time_zone)

    def seen(self, alias: str) -> str:
        """` AND …`: the row of this table stands in the view."""
        if self.entry is None:
            return f" AND {alias}.until_entry IS NULL"
        entry = int(self.entry)
        return f" AND {alias}.entry <= {entry} AND ({alias}.until_entry IS NULL OR {alias}.until_entry > {entry})"

    @cached_property
    def shipments(self) -> str:
        """The table of shipments; a table expression where some went elsewhere at the moment of the question. One statement, none of now."""
        if self.entry is None:
            return "shipping_shipment"
        later = f"l.tenant = h.tenant AND l.shipment = h.number AND l.until_entry > {int(self.entry)}"
        sql = "SELECT 1 FROM shipping_former_address WHERE tenant = %s AND until_entry > %s LIMIT 1"
        if reading.fetch_one(sql, (self.tenant, self.entry)) is None:
            return "shipping_shipment"
        return (
            "(SELECT h.tenant, h.number, h.ulid, h.code, coalesce(f.customer, h.customer) AS customer, coalesce(f.country, h.country) AS country "
            "FROM shipping_shipment h LEFT JOIN shipping_former_address f ON f.tenant = h.tenant AND f.shipment = h.number "
            f"AND f.until_entry = (SELECT min(l.until_entry) FROM shipping_former_address l WHERE {later}))"
        )

    @cached_property
    def visible(self) -> BitMap | None:
        """The units that a party reader may see: ordered by his party, or shipped to it. None where all may be seen.

        As of a moment those that were his then and are still: what was recorded for the wrong party by mistake is shown to it no more.
        """
        party = self.actor.party
        if party is None:
            return None
        sql = (
            "SELECT b.first_unit, b.until_unit FROM production_block b JOIN production_order o ON o.tenant = b.tenant "
            "AND o.number = b.work_order WHERE b.tenant = %s AND o.owner = %s"
        )
        units = bitmap_of(reading.fetch(sql + self.seen("b") + self.seen("o"), (self.tenant, party)))
        sql = (
            f"SELECT l.first_unit, l.until_unit FROM {self.shipments} s JOIN shipping_line l ON l.tenant = s.tenant "
            "AND l.shipment = s.number WHERE s.tenant = %s AND s.customer = %s"
        )
        received = bitmap_of(reading.fetch(sql + self.seen("l"), (self.tenant, party)))
        units = units | received | self.descendants(received)
        return units if self.entry is None else units & View(self.actor).visible

    def sees(self, unit: int) -> bool:
        """Whether the reader may see this unit."""
        return self.visible is None or unit in self.visible

    def limit(self, units: BitMap) -> BitMap:
        """What of these units the reader may see."""
        return units if self.visible is None else units & self.visible

    # ---- the axis

    def blocks_over(self, units: BitMap) -> list[BlockRow]:
        """The blocks that hold some of these units, ascending. One statement."""
        return [block for block, _, _ in self.reaches(units)]

    def spans_over(self, units: BitMap) -> list[Span]:
        """From the first to behind the last of these units in each block: where to look for rows of single units. One statement."""
        return [(low, until) for _, low, until in self.reaches(units)]

    def reaches(self, units: BitMap | FrozenBitMap) -> list[Reach]:
        """The blocks that hold some of these units, ascending, and how far the units reach in each. One statement."""
        known = self._reached[0]
        if units is known or (known and units == known):  # mostly a question narrows little from term to term
            return self._reached[1]
        found = self._reaches(units) if units else []
        if isinstance(units, FrozenBitMap):  # others may change
            self._reached = (units, found)
        return found

    def _reaches(self, units: BitMap | FrozenBitMap) -> list[Reach]:
        if self.at_once is not None and (found := _reaches_among(self.at_once.reaches, units)) is not None:
            return found
        low, high = units.min(), units.max() + 1
        # one question asks this of much the same units again and again: what was read covers the narrower asks
        read_low, read_high, rows, firsts = self._blocks_read
        if not read_low <= low < high <= read_high:
            # blocks that stand do not overlap: the one that holds the first unit is the last that begins at or before it
            sql = (
                "SELECT b.first_unit, b.until_unit, b.work_order, b.product, b.revision, b.bom FROM production_block b WHERE b.tenant = %s "
                "AND b.first_unit < %s AND b.first_unit >= coalesce((SELECT p.first_unit FROM production_block p WHERE p.tenant = %s "
                f"AND p.first_unit <= %s{self.seen('p')} ORDER BY p.first_unit DESC LIMIT 1), 0) AND b.until_unit > %s{self.seen('b')} "
                "ORDER BY b.first_unit"
            )
            found = reading.fetch(sql, (self.tenant, high, self.tenant, low, low))
            rows = [tuple.__new__(BlockRow, row) for row in found]  # each is asked for again and again
            firsts = [row[0] for row in rows]
            self._blocks_read = (low, high, rows, firsts)
        # from block to block that holds a unit: an answer touches few of the blocks between its first unit and its last
        found, unit, rank = [], low, units.rank
        while True:
            place = bisect_right(firsts, unit)
            row = rows[place - 1] if place else None
            if row is not None and unit < row[1]:
                if row[1] >= high:
                    found.append((row, unit, high))
                    return found
                before = rank(row[1] - 1)
                found.append((row, unit, units[before - 1] + 1))
            elif place < len(rows) and firsts[place] < high:
                before = rank(firsts[place] - 1)
            else:
                return found
            unit = units[before]

    def rows_by_block(
        self,
        columns: str,
        table: str,
        blocks: Iterable[BlockRow | Span],
        more: str = "",
        params: Sequence = (),
        unit: str = "first_unit",
    ) -> list[tuple]:
        """Rows whose spans begin inside these blocks (no stored span leaves its block); `more` narrows them. One statement."""
        blocks = list(blocks)
        if not blocks:
            return []
        joined = reading.each(
            "t",
            table,
            f"t.tenant = %s AND t.{unit} >= s.first_unit AND t.{unit} < s.until_unit{self.seen('t')}{more}",
        )
        sql = f"SELECT {columns} FROM {reading.spans_table('s')} {joined}"
        spans = reading.integer_rows([(block[0], block[1]) for block in blocks])
        return reading.fetch(sql, (*spans, self.tenant, *params))

    def rows_reached(
        self, columns: str, table: str, reaches: list[Reach], more: str = "", params: Sequence = (), around: str = "{}"
    ) -> list[tuple]:
        """Rows whose spans meet these reaches (no stored span leaves its block); `more` narrows them, `around` is a statement around
        theirs. One statement."""
        if not reaches:
            return []
        over = (
            f"t.tenant = %s AND t.first_unit >= s.first_unit AND t.first_unit < s.until_unit AND t.until_unit > s.low"
            f"{self.seen('t')}{more}"
        )
        named = reading.integers_table("s", "first_unit", "until_unit", "low")
        rows = reading.integer_rows([(block[0], until, low) for block, low, until in reaches])
        sql = around.format(f"SELECT {columns} FROM {named} {reading.each('t', table, over)}")
        return reading.fetch(sql, (*rows, self.tenant, *params))

    def state_units(self, *states: int, over: BitMap | None = None) -> BitMap:
        """Units in one of the states; only those of `over` where given."""
        if over is None:
            wanted = f" AND t.state IN ({', '.join(str(int(state)) for state in states)})"
            sql = (
                "SELECT t.first_unit, t.until_unit FROM production_unit_state t WHERE t.tenant = %s"
                + self.seen("t")
                + wanted
            )
            return bitmap_of(reading.fetch(sql, (self.tenant,)))
        of_state = self.states_over(over)
        return united(of_state[state] for state in states if state in of_state) & over

    def states_over(self, units: BitMap) -> dict[int, BitMap]:
        """State -> units that have it, whole for these units, empty for a state that none of them has. One statement."""
        reaches = self.reaches(units)
        # one question asks it of much the same units again and again
        if not covers(self._states_read[0], reaches):
            found: dict[int, BitMap] = defaultdict(BitMap)
            columns = "t.state, t.first_unit, t.until_unit"
            for state, first, until in self.rows_reached(columns, "production_unit_state", reaches):
                found[state].add_range(first, until)
            self._states_read = (reaches, found)
        return self._states_read[1]

    def built(self, over: BitMap | None = None) -> BitMap:
        """Units begun, built or scrapped, and not skipped: what `not` ranges over."""
        begun = self.state_units(BEGUN, BUILT, SCRAPPED, over=over)
        return self.limit(begun - self.state_units(SKIPPED, over=over) if over is None else self.without_skipped(begun))

    def without_skipped(self, units: BitMap) -> BitMap:
        """All but the skipped positions, which are in no answer."""
        skipped = self._skipped_over(units) if units else None
        return units - skipped if skipped else units

    def _skipped_over(self, units: BitMap) -> BitMap | None:
        reaches = self.reaches(units)
        if self.states or covers(self._states_read[0], reaches):
            return self.states_over(units).get(SKIPPED)
        if covers(self._skipped_read[0], reaches):
            return self._skipped_read[1]
        more = f" AND t.state = {SKIPPED}"
        return bitmap_of(self.rows_reached("t.first_unit, t.until_unit", "production_unit_state", reaches, more))

    def packages_on(self, unit: int) -> frozenset[int]:
        """The packages that a unit carries now, certainly or possibly; read once a view."""
        if unit not in self._packages_read:
            self._packages_read[unit] = packages_on(self.tenant, unit)
        return self._packages_read[unit]

    # ---- units inside units

    @property
    def has_assemblies(self) -> bool:
        """Whether any unit was ever put into another."""
        return bool(self.recorded.assembly)

    def parents(self, units: BitMap) -> dict[int, int]:
        """Child -> parent now, for those of the units that are inside another. A statement for each joined span."""
        if not self.has_assemblies:
            return {}
        sql = (
            "SELECT a.child, a.parent FROM production_assembly a WHERE a.tenant = %s AND a.child >= %s AND a.child < %s "
            "AND a.removed_at IS NULL" + self.seen("a")
        )
        found: dict[int, int] = {}
        for low, high in joined(units):
            found.update(row for row in reading.fetch(sql, (self.tenant, low, high)) if row[0] in units)
        return found

    def children(self, units: BitMap) -> list[tuple[int, int]]:
        """(child, parent) now of units inside these. One statement for each 5,000 units."""
        if not self.has_assemblies or not units:
            return []
        sql = (
            "SELECT a.child, a.parent FROM production_assembly a WHERE a.tenant = %s AND a.removed_at IS NULL AND "
            + reading.any_of("a.parent")
            + self.seen("a")
        )
        listed, found = list(units), []
        for start in range(0, len(listed), 5000):
            found += reading.fetch(sql, (self.tenant, reading.list_param(listed[start : start + 5000])))
        return found

    def descendants(self, units: BitMap) -> BitMap:
        """Every unit inside these, at any depth."""
        found, level = BitMap(), units
        while level:
            level = BitMap(child for child, _ in self.children(level)) - found
            found |= level
        return found

    def outermost(self, units: BitMap) -> dict[int, int]:
        """Unit -> the outermost unit that contains it, for those that are inside one."""
        top: dict[int, int] = self.parents(units)
        while top:
            above = self.parents(BitMap(top.values()))
            if not above:
                break
            top = {child: above.get(parent, parent) for child, parent in top.items()}
        return top


def _reaches_among(wide: list[Reach], units: BitMap | FrozenBitMap) -> list[Reach] | None:
    """How far the units reach in these blocks; None where some lie in none of them."""
    found, before = [], 0
    for block, _, _ in wide:
        first, until, *_ = block
        if there := units.range_cardinality(first, until):
            place = units.rank(first - 1)
            found.append((block, units[place], units[place + there - 1] + 1))
            before += there
    return found if before == len(units) else None


def covers(wide: list[Reach], narrow: list[Reach]) -> bool:
    """Whether each of the narrow reaches lies within that of the same block."""
    of_block = {block.first: (low, until) for block, low, until in wide}
    for block, low, until in narrow:
        there = of_block.get(block.first)
        if there is None or low < there[0] or until > there[1]:
            return False
    return True


def joined(units: BitMap) -> list[Span]:
    """The spans of the units, near ones joined: few ranges to read."""
    out: list[list[int]] = []
    for first, until in spans_of(units):
        if out and first - out[-1][1] < GAP_JOINED:
            out[-1][1] = until
        else:
            out.append([first, until])
    return [tuple(span) for span in out]
