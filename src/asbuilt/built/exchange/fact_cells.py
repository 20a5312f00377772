"""Facts turned back into the rows of the tables that they came from.

A fact's text holds unit numbers and numbers of people; a table takes serial numbers and badge codes. Where a cell may be
written in several ways, the way is taken that gives the fact's own id, so that what came in comes back unchanged.
The column `product` is filled only where a bare serial number names several units.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice, product

from asbuilt.access.people import People
from asbuilt.built.exchange.intakes import INTAKES
from asbuilt.built.exchange.unit_texts import UnitTexts
from asbuilt.designed.parties import queries as parties
from asbuilt.formats.tables import TABLES, Table
from asbuilt.kernel.spans import Span
from asbuilt.ledger.facts import FACT_BYTES, FactRow, fact_ids
from asbuilt.ledger.intake import fact_bytes

IDS_AHEAD = 1024

TABLE_OF_SHAPE = {shape.name: name for name, intake in INTAKES.items() for shape in (intake.shape, *intake.older)}
WAYS_MAX = 64
_UNIT_COLUMNS = {"serial": "unit", "unit": "unit", "parent_serial": "parent", "child_serial": "child",
                 "replacement_serial": "replacement"}  # fmt: skip
_PARTY_COLUMNS = {
    ("orders", "customer"),
    ("lots", "supplier"),
    ("lots", "owner"),
    ("shipments", "customer"),
    ("declarations", "supplier"),
    ("inspection_plans", "supplier"),
    ("routings", "subcontractor"),
    ("sent_out", "party"),
    ("programming_orders", "supplier"),
    ("product_roles", "party"),
    ("concession_decisions", "party"),
    ("waiver_decisions", "party"),
    ("containers", "customer"),
    ("placings", "party"),
    ("returns", "party"),
}
_IN_ORDER = frozenset({"materials", "panels", "processes", "sent_out", "taken_back", "nonconformity_units"})


@lru_cache(64)
def _sources(shape: str) -> tuple[tuple[str, int], ...]:
    """For each column of the table: how its cell comes about, and from which value of the fact."""
    table = TABLES[TABLE_OF_SHAPE[shape]]
    columns = INTAKES[table.name].shape.columns  # an older shape has the first of them
    sources = []
    for name in table.columns:
        if name in ("operator", "person"):
            sources.append(("person", columns.index(name)))
        elif (table.name, name) in _PARTY_COLUMNS:
            sources.append(("party", columns.index(name)))
        elif name in columns and not (name == "unit" and table.name == "names"):
            sources.append(("text", columns.index(name)))
        elif name in _UNIT_COLUMNS:
            sources.append(("unit", columns.index(_UNIT_COLUMNS[name])))
        elif name == "first_serial":
            sources.append(("first", columns.index("first_unit")))
        elif name == "last_serial":
            sources.append(("last", columns.index("until_unit")))
        elif name in ("product", "parent_product", "child_product"):
            sources.append(("product", 1 if name == "child_product" else 0))
        else:
            raise ValueError(f"{table.name}.{name} comes from no value of {shape}")
    return tuple(sources)


class FactCells:
    """Writes facts as rows, of every shape that its table ever had; use one for one export or correction, inside one snapshot."""

    def __init__(self, tenant: int):
        self.tenant = tenant
        self._texts: dict[bool, UnitTexts] = {}
        self._people = People(tenant, 0)
        self._codes: dict[int, str] = {}
        self._ids: tuple[tuple[int, str, int], bytes] = ((0, "", 0), b"")
        self._parties: tuple[dict[str, int], parties.Called] | None = None

    def texts(self, table: str) -> UnitTexts:
        """The texts of units as this table may write them."""
        names = table == "names"
        if names not in self._texts:
            self._texts[names] = UnitTexts(self.tenant, without_relabelled=names)
        return self._texts[names]

    def rows(self, standing: Sequence[tuple[FactRow, list[Span]]]) -> Iterable[tuple[str, ...]]:
        """Rows of one table in canonical order for its facts with the spans that stand; a row a span."""
        if not standing:
            return
        table = TABLES[TABLE_OF_SHAPE[standing[0][0].shape]]
        sources = _sources(standing[0][0].shape)
        texts = self.texts(table.name)
        self._load(texts, sources, standing)
        for fact, spans in standing:
            spanning = any(kind == "first" for kind, _ in sources)
            for span in (spans or [None]) if spanning else [None]:  # a hold by question speaks of no units
                yield self._row(table, sources, texts, fact, span)

    def _load(self, texts: UnitTexts, sources, standing) -> None:
        places = [place for kind, place in sources if kind == "unit"]
        units = {fact.values[place] for fact, _ in standing for place in places}
        if any(kind == "first" for kind, _ in sources):
            units |= {end for _, spans in standing for first, until in spans for end in (first, until - 1)}
        texts.load(unit for unit in units if unit is not None)
        people = {fact.values[place] for fact, _ in standing for kind, place in sources if kind == "person"}
        self._codes = self._people.codes(people)

    def _row(self, table: Table, sources, texts: UnitTexts, fact: FactRow, span: Span | None) -> tuple[str, ...]:
        said = len(fact.values)  # a fact is as long as its shape was when it was recorded
        cells = [
            self._plain(table, kind, fact.values[place], fact) if kind in _PLAIN and place < said else ""
            for kind, place in sources
        ]
        at = [place for place, (kind, _) in enumerate(sources) if kind in ("unit", "first", "last")]
        units = [_unit(*sources[place], fact, span) for place in at]
        if not any(unit is not None for unit in units):
            return tuple(cells)
        # a unit whose order was withdrawn has no name any more; only a fact that was withdrawn can speak of it
        ways = [self._ways(table, texts, unit) or [(f"unit {unit}", True)] for unit in units]
        chosen = self._as_stated(table, cells, at, ways, fact) or [way[0] for way in ways]
        for place, (text, _) in zip(at, chosen, strict=True):
            cells[place] = text
        for place, (kind, which) in enumerate(sources):
            if kind == "product" and not chosen[which][1]:
                cells[place] = texts.product(units[which])
        if table.name in ("shipments", "holds") and len(units) == 2 and not all(sure for _, sure in chosen):
            cells[-1] = texts.product(units[0])
        return tuple(cells)

    def _ways(self, table: Table, texts: UnitTexts, unit: int | None) -> list[tuple[str, bool]]:
        if unit is None:
            return [("", True)]
        if table.name in _IN_ORDER:
            return [(text, True) for text in texts.inside_order(unit)]
        ways = texts.of(unit)
        if table.name in ("programming", "station_records"):  # a product in it is that of the release, not of the unit
            ways = [way for way in ways if way[1]] or ways
        return ways

    def _as_stated(self, table: Table, cells: list[str], at: list[int], ways, fact: FactRow):
        stated = self._id(fact)
        for chosen in islice(product(*ways), WAYS_MAX):
            for place, (text, _) in zip(at, chosen, strict=True):
                cells[place] = text
            if fact_bytes(table.name, cells[: table.fact_width]) == stated:
                return list(chosen)
        return None

    def _plain(self, table: Table, kind: str, value, fact: FactRow) -> str:
        if value is None:
            return ""
        if kind == "person":
            return self._codes.get(value, "")
        if kind == "party":
            return self._party(value, fact.entry)
        return str(value)

    def _party(self, text: str, entry: int) -> str:
        """The party as stated, or by its code where it was renamed since or another one is called so by now."""
        if self._parties is None:
            self._parties = parties.numbers_by_name(self.tenant), parties.Called(self.tenant)
        now, called = self._parties
        meant = called.at(text, entry) if text else None
        if meant is None or now.get(text) == meant:
            return text
        return called.codes.get(meant, text)

    def _id(self, fact: FactRow) -> bytes:
        """The fact's id; those of a thousand neighbours are read with it, for exports walk facts in order."""
        first = fact.row // IDS_AHEAD * IDS_AHEAD
        key = (fact.entry, fact.shape, first)
        if self._ids[0] != key:
            self._ids = (key, fact_ids(self.tenant, *key, IDS_AHEAD))
        return self._ids[1][(fact.row - first) * FACT_BYTES :][:FACT_BYTES]


_PLAIN = frozenset({"text", "person", "party"})


def _unit(kind: str, place: int, fact: FactRow, span: Span | None) -> int | None:
    if kind == "unit" or span is None:
        return fact.values[place]
    return span[0] if kind == "first" else span[1] - 1
