"""Work of one entry: what the messages of a group share while they are recorded together.

Rows that the rooms' intakes take are collected and handed over at the end, each with the place of its message in the
group, so that an intake that refuses a row says which message that was: the group is then recorded anew without it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.people import People
from asbuilt.built.messages.clocks import Heard, Measure, measured
from asbuilt.built.messages.passes import Pass, Passes
from asbuilt.built.messages.places import Places
from asbuilt.built.production.feeding import FedPass
from asbuilt.built.production.orders import OrderRow, Orders
from asbuilt.designed.catalog.panel_maps import PanelMap, panel_map
from asbuilt.designed.catalog.programs import Program
from asbuilt.formats.cfx.bodies import Place
from asbuilt.formats.cfx.envelope import Envelope
from asbuilt.formats.refusals import ErrorList
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import spans_of
from asbuilt.ledger.intake import Intake, TableIntake
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

FILE = "messages"
ERRORS_MAX = 100_000
SIDES = {"PrimarySurface": "top", "SecondarySurface": "bottom"}


class Again(Exception):
    """Rows were refused: the group is recorded anew, with these messages (by place) as dead letters."""

    def __init__(self, refused: dict[int, AsbuiltError]):
        super().__init__(len(refused))
        self.refused = refused


@dataclass
class MachineSeen:
    """What is known of a machine: the floor's name for it, its step, the number of who works at it, its clock, its software."""

    handle: str
    machine: str
    step: str = ""
    operator: int | None = None
    clock: Measure = Measure()
    software: str = ""
    stored: bool = False
    changed: bool = False

    @property
    def clock_off(self) -> int:
        """By how much its clock is ahead."""
        return self.clock.off


class Work:
    """One entry's work. `message` is set while a message is handled: its place in the group, its envelope, its time."""

    def __init__(self, entry: Entry, warn: Callable[[str], None]):
        self.entry, self.tenant, self.warn = entry, entry.tenant, warn
        self.orders = Orders(self.tenant)
        self.places = Places(self.tenant, self.orders)
        self.passes = Passes(self.tenant, entry.number)
        self.people = People(self.tenant, entry.number)
        self.errors, self.contradictions = ErrorList(ERRORS_MAX), ErrorList(ERRORS_MAX)
        self.at = 0  # place of the message in the group
        self.envelope: Envelope | None = None
        self.when = 0  # the machine's time of the message, UTC microseconds
        self.received_at = 0  # when it came, by our clock
        self.programs: dict[tuple[int, str], list[Program]] = {}  # of a revision at a machine
        self.fed: list[FedPass] = []  # what this entry placed from setups so far
        self._panel_maps: dict[tuple[int, int], PanelMap | None] = {}
        self._machines: dict[str, MachineSeen] = {}
        self._intakes: dict[type, Intake] = {}
        self._rows: dict[type, list[tuple[int, tuple]]] = defaultdict(list)

    # ---- the message at hand

    def begin(self, at: int, envelope: Envelope, when: int, received_at: int) -> None:
        """Handle this message now."""
        self.at, self.envelope, self.when, self.received_at = at, envelope, when, received_at

    @property
    def machine(self) -> MachineSeen:
        """The machine that sent it."""
        return self._machine(self.envelope.source)

    def _machine(self, handle: str) -> MachineSeen:
        if handle not in self._machines:
            sql = "SELECT machine, step, operator, software, clock_off, lag, lag_since FROM messages_machine WHERE tenant = %s AND handle = %s"
            row = reading.fetch_one(sql, (self.tenant, handle))
            machine, step, operator, software, *clock = row or (handle, "", None, "")
            seen = MachineSeen(handle, machine, step, operator, Measure(*clock), software, stored=row is not None)
            self._machines[handle] = seen
        return self._machines[handle]

    def measure_clocks(self, heard: Iterable[tuple[str, Heard]]) -> None:
        """Measure the clocks of the machines (by handle) that sent these messages, which are recorded together."""
        sent: dict[str, list[Heard]] = defaultdict(list)
        for handle, one in heard:
            sent[handle].append(one)
        for handle, mine in sent.items():
            seen = self._machine(handle)
            clock, kept = measured(self.tenant, handle, seen.clock, mine)
            seen.changed |= kept and clock != seen.clock
            seen.clock = clock

    def behind(self, handle: str) -> bool:
        """Whether the clock of a machine is known to be behind."""
        return self._machine(handle).clock_off < 0

    def pass_of(self, transaction: str) -> Pass | None:
        """The pass of a transaction at this machine, or None."""
        return self.passes.find(self.envelope.source, transaction)

    def units_of(self, place: Place, one: Pass | None) -> tuple[int, ...]:
        """The units of a place."""
        return self.places.units_of(place, one)

    def order_of(self, unit: int) -> OrderRow:
        """The order of a unit."""
        order = self.orders.of_unit(unit)
        if order is None:
            raise NotFound(
                "messages.order_gone", f"The order of unit {unit} was withdrawn.", {"unit": unit}, "Record it anew."
            )
        return order

    def panel_map(self, order: OrderRow) -> PanelMap | None:
        """The panel map of what an order builds, read once an entry."""
        key = (order.product, order.revision)
        if key not in self._panel_maps:
            self._panel_maps[key] = panel_map(self.tenant, *key)
        return self._panel_maps[key]

    def by_order(self, units: BitMap) -> Iterator[tuple[OrderRow, int, int]]:
        """(order, first, until) of these units, none of which leaves its block."""
        for first, until in spans_of(units):
            while first < until:
                order = self.order_of(first)
                end = min(until, next(end for low, end in order.blocks if low <= first < end))
                yield order, first, end
                first = end

    def text_of(self, unit: int) -> str:
        """A unit as tables write it: ORDER#17."""
        order = self.order_of(unit)
        return f"{order.code}#{order.place_of(unit)}"

    def badge(self, person: int | None) -> str:
        """The badge of a person, "" for none and for one who was erased."""
        return self.people.codes([person]).get(person, "") if person is not None else ""

    # ---- rows for the rooms

    def intake(self, kind: type[Intake]) -> Intake:
        """The intake of a room, one for the entry."""
        if kind not in self._intakes:
            self._intakes[kind] = kind(self.entry, FILE, self.errors, self.contradictions, self.warn)
        return self._intakes[kind]

    def row(self, kind: type[TableIntake], *cells: str) -> None:
        """A row for a room's intake, taken at the end."""
        self._rows[kind].append((self.at, cells))

    def now(self, kind: type[TableIntake], rows: Iterable[tuple[str, ...]]) -> int:
        """Rows that later messages rest on: taken at once. Returns how many were new; raises what refuses them."""
        rows = list(rows)
        intake = self.intake(kind)
        before, stored = (self.errors.total, self.contradictions.total), intake.stored
        intake.take([self.at] * len(rows), rows)
        if (self.errors.total, self.contradictions.total) != before:
            raise Again(self._refused())
        return intake.stored - stored

    def _refused(self) -> dict[int, AsbuiltError]:
        found: dict[int, AsbuiltError] = {}
        for row in (*self.errors.rows, *self.contradictions.rows):
            said = f"{row.reason.removesuffix('.')} ({row.value})." if row.value else row.reason
            found.setdefault(row.line, Invalid(row.code, said, {"column": row.column}, row.remedy))
        return found

    def finish(self, order: Iterable[type[Intake]]) -> None:
        """Hand over the rows, kind by kind in this order, and write what is kept of passes and machines."""
        for kind in order:
            rows = self._rows.get(kind)
            if rows:
                self.intake(kind).take([at for at, _ in rows], [cells for _, cells in rows])
            if kind in self._intakes:
                self._intakes[kind].finish()
            if self.errors.total or self.contradictions.total:
                raise Again(self._refused())
        self.passes.store()
        self._store_machines()

    def _store_machines(self) -> None:
        for seen in self._machines.values():
            if not seen.changed:
                continue
            row = (seen.machine, seen.step, seen.operator, seen.software, *seen.clock, self.tenant, seen.handle)
            names = ("machine", "step", "operator", "software", *("clock_off", "lag", "lag_since"))
            if seen.stored:
                said = ", ".join(f"{name} = %s" for name in names)
                bulk.run(f"UPDATE messages_machine SET {said} WHERE tenant = %s AND handle = %s", row)
            else:
                bulk.insert_rows("messages_machine", (*names, "tenant", "handle"), [row])


def instant_text(at: int) -> str:
    """An instant as rows hold it."""
    return format_instant(at)
