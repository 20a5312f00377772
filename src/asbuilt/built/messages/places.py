"""Places -> units: which unit of the axis a message speaks of.

An identifier that names a unit wins: a serial number, any other name of it, ORDER#17, PANEL/3. Else the pass of the
message's transaction says, by position, where the identifier is none or that of its panel; else a panel with that code, by
position. Position 0 is the whole panel.

Work on a panel that nobody knows yet takes the next planned units of its order that are on no panel.

It refuses with `messages.unit_unknown` and `messages.unit_ambiguous`; whoever calls makes a dead letter of it.
"""

from collections.abc import Iterable

from pyroaring import BitMap

from asbuilt.built.messages.passes import Pass
from asbuilt.built.production.orders import OrderRow, Orders, UnitFinder
from asbuilt.built.production.states import units_with_state
from asbuilt.formats.cfx.bodies import Place
from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.storage import reading

LOOKED_UP = 1_000


class Places:
    """What identifiers mean, looked up together for a group; knows the panels that the group itself makes."""

    def __init__(self, tenant: int, orders: Orders):
        self.tenant, self.orders = tenant, orders
        self._finder = UnitFinder(tenant, orders)
        self._units: dict[str, tuple[int, ...]] = {}
        self._panels: dict[str, dict[str, list[int]]] = {}  # code -> place -> units
        self._free: dict[int, BitMap] = {}

    def load(self, identifiers: Iterable[str]) -> None:
        """Look these up. Three statements per 1,000, and one for each that has the form of ORDER#17 or PANEL/3."""
        wanted = [text for text in dict.fromkeys(identifiers) if text and text not in self._units]
        for start in range(0, len(wanted), LOOKED_UP):
            part = wanted[start : start + LOOKED_UP]
            self._units.update(self._finder.find(part))
            self._load_names([text for text in part if not self._units[text]])
            self._load_panels(part)

    def _load_names(self, texts: list[str]) -> None:
        """Names of other kinds: a PCB mark, a customer's number."""
        sql = (
            "SELECT value, unit FROM production_unit_name WHERE tenant = %s AND kind > 0 AND until_entry IS NULL AND "
            + reading.any_of("value", "text")
        )
        if texts:
            for value, unit in reading.fetch(sql, (self.tenant, reading.list_param(texts))):
                if unit not in self._units[value]:
                    self._units[value] = (*self._units[value], unit)

    def _load_panels(self, codes: list[str]) -> None:
        for code in codes:
            self._panels.setdefault(code, {})
        sql = (
            "SELECT code, first_unit, until_unit, positions FROM production_panel WHERE tenant = %s AND until_entry IS NULL "
            "AND " + reading.any_of("code", "text") + " ORDER BY first_unit"
        )
        for code, first, until, positions in reading.fetch(sql, (self.tenant, reading.list_param(codes))):
            names = positions.split("\n") if positions is not None else [str(n + 1) for n in range(until - first)]
            for n, name in enumerate(names):
                self._panels[code].setdefault(name, []).append(first + n)

    def named(self, identifier: str) -> tuple[int, ...]:
        """The units that the identifier names: none, one, or several of several products."""
        if not identifier:
            return ()
        self.load([identifier])
        return self._units[identifier]

    def on_panel(self, code: str, order: OrderRow | None = None) -> dict[str, int]:
        """Place -> unit of a panel; of this order only, if one is given. A place of several units is left out."""
        if not code:
            return {}
        self.load([code])
        found = {}
        for name, units in self._panels[code].items():
            mine = [unit for unit in units if order is None or order.place_of(unit)]
            if len(mine) == 1:
                found[name] = mine[0]
        return found

    def put_on_panel(self, code: str, places: dict[str, int]) -> None:
        """The group makes this panel."""
        self.load([code])
        for name, unit in places.items():
            self._panels[code].setdefault(name, []).append(unit)

    def units_of(self, place: Place, one: Pass | None) -> tuple[int, ...]:
        """The units of a place that a message of a pass (or of none) speaks of, skipped ones left out."""
        named = self.named(place.identifier)
        if one is not None:
            inside = [unit for unit in named if unit in one.units.values()]
            if len(inside) == 1:
                return (inside[0],)
            if place.identifier in one.names:
                return (one.names[place.identifier],)
        if len(named) == 1:
            return named
        if len(named) > 1:
            raise Refused(
                "messages.unit_ambiguous",
                f"{place.identifier} names {len(named)} units.",
                {"identifier": place.identifier},
                "Begin the work with WorkStarted and its work order, so that the order says which.",
            )
        if one is not None and (not one.panel or place.identifier in ("", one.panel)):
            return self._of_pass(place, one)
        panel = self.on_panel(place.identifier)
        if place.position:
            panel = {name: unit for name, unit in panel.items() if name == str(place.position)}
        if not panel:
            raise self._unknown(place)
        return tuple(sorted(panel.values()))

    def _of_pass(self, place: Place, one: Pass) -> tuple[int, ...]:
        if place.position:
            unit = one.units.get(place.position)
            if unit is None:
                raise self._unknown(place)
            return () if unit in one.skipped else (unit,)
        return tuple(one.built)

    @staticmethod
    def _unknown(place: Place) -> NotFound:
        said = place.identifier or "no identifier"
        if place.position:
            said += f", position {place.position}"
        return NotFound(
            "messages.unit_unknown",
            f"No unit is known under {said}.",
            {"identifier": place.identifier, "position": place.position},
            "Name the unit or its panel, or record the WorkStarted of its transaction, then retry.",
        )

    def next_planned(self, order: OrderRow, count: int) -> list[int]:
        """The next planned units of an order that are on no panel; fewer where it has fewer."""
        if order.number not in self._free:
            self._free[order.number] = self._planned(order)
        free = self._free[order.number]
        taken = [unit for unit, _ in zip(free, range(count), strict=False)]
        self._free[order.number] = free - BitMap(taken)
        return taken

    def _planned(self, order: OrderRow) -> BitMap:
        """Planned units behind the last one of the order that is on a panel. Two statements a block."""
        free = BitMap()
        for first, until in reversed(order.blocks):
            sql = (
                "SELECT until_unit FROM production_panel WHERE tenant = %s AND first_unit >= %s AND first_unit < %s "
                "AND until_entry IS NULL ORDER BY first_unit DESC LIMIT 1"
            )
            last = reading.fetch_one(sql, (self.tenant, first, until))
            start = last[0] if last else first
            if start < until:
                free |= BitMap(range(start, until)) - units_with_state(self.tenant, start, until)
            if last:
                break
        return free
