"""What units have in common, as sets: which were made of this lot, at that machine, by this program, in that hour.

    sets(view, units, may_ask_operators)   -> {Key("lot", "2EKQ7", …): BitMap, …}

Each source is read once for all units: spans go into one bitmap a value; no row is made for a unit. Only what is certain counts as
carried. What units are made of is what was placed, not what a later rework put in its place.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pyroaring import BitMap

from asbuilt.access.people import People
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.designed.parties.queries import names_of as parties_named
from asbuilt.kernel.spans import opened
from asbuilt.questions.genealogy.evaluating.came_with import certainly_by_package, packages_on, releases_named
from asbuilt.questions.genealogy.evaluating.firmware import runs_over
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.saying import quoted
from asbuilt.storage import reading

WINDOWS = tuple(timedelta(hours=hours) for hours in (1, 4, 8, 24, 168, 672))
WINDOWS_MAX = 60
KINDS = (
    "lot", "package", "supplier", "datecode", "feeder", "machine", "program", "operator", "time", "firmware", "position",
    "station",
)  # fmt: skip


@dataclass(frozen=True)
class Key:
    """A value that units may have in common: of which kind, in words, in which context (part, step), and the term that asks for it."""

    kind: str
    value: str
    context: str = ""
    term: str = ""


Sets = dict[Key, BitMap]


def sets(view: View, units: BitMap, kinds: frozenset[str]) -> Sets:
    """Value -> those of these units that have it, for these kinds. Up to ten statements."""
    found: Sets = {}
    for source, gives in _SOURCES.items():
        if kinds & gives:
            for key, some in source(view, units):
                if key.kind in kinds:
                    found.setdefault(key, BitMap()).update(some)
    return {key: some & units for key, some in found.items() if some.intersect(units)}


def _material(view: View, units: BitMap) -> Iterator[tuple[Key, BitMap]]:
    columns = "t.package, t.machine, t.feeder, t.first_unit, t.until_unit, t.units"
    rows = view.rows_by_block(columns, "production_material_run", view.blocks_over(units), " AND t.certain = 1")
    by_package: dict[int, BitMap] = defaultdict(BitMap)
    by_feeder: dict[tuple, BitMap] = defaultdict(BitMap)
    for package, machine, feeder, first, until, packed in rows:
        if units.range_cardinality(first, until):
            run = opened(first, until, packed)
            by_package[package] |= run
            if feeder is not None:
                by_feeder[machine, feeder] |= run
    names = FloorNames(view.tenant).names(number for pair in by_feeder for number in pair)
    for (machine, feeder), some in by_feeder.items():
        of = names.get(machine, "")  # without it the term would ask of every machine
        yield Key("feeder", names[feeder], of, f"feeder:{quoted(f'{of}/{names[feeder]}')}" if of else ""), some
    yield from _packages(view, by_package)


def _packages(view: View, by_package: dict[int, BitMap]) -> Iterator[tuple[Key, BitMap]]:
    sql = (
        "SELECT p.number, p.code, p.supplier, l.lot_code, l.date_code, l.maker, l.mpn, c.code FROM supply_package p JOIN supply_lot l "
        "ON l.tenant = p.tenant AND l.number = p.lot LEFT JOIN catalog_part c ON c.tenant = p.tenant AND c.number = l.part "
        "WHERE p.tenant = %s AND p.until_entry IS NULL AND " + reading.any_of("p.number")
    )
    rows = reading.fetch(sql, (view.tenant, reading.list_param(sorted(by_package)))) if by_package else []
    suppliers = parties_named(view.tenant, sorted({row[2] for row in rows if row[2] is not None}))
    for number, code, supplier, lot, date, maker, mpn, part in rows:
        some, words = by_package[number], " ".join(filter(None, (maker, mpn))) or part or ""
        yield Key("package", code, words, f"package:{quoted(code)}"), some
        if lot:
            yield Key("lot", lot, words, f"lot:{quoted(lot)}"), some
        if date:
            yield Key("datecode", date, words), some  # no term asks for the date code of one part
        if supplier is not None:
            name = suppliers.get(supplier, "")
            yield Key("supplier", name, part or ""), some


def _passes(view: View, units: BitMap) -> Iterator[tuple[Key, BitMap]]:
    columns = "t.step, t.side, t.machine, t.program, t.operator, t.started_at, t.first_unit, t.until_unit"
    rows = view.rows_by_block(columns, "production_process_run", view.blocks_over(units))
    rows = [row for row in rows if units.range_cardinality(row[6], row[7])]
    names = FloorNames(view.tenant).names({number for row in rows for number in (row[0], row[2], row[3])})
    people = People(view.tenant, 0).codes({row[4] for row in rows})
    found: dict[tuple, BitMap] = defaultdict(BitMap)
    began: dict[tuple, list[tuple]] = defaultdict(list)
    for step, side, machine, program, operator, at, first, until in rows:
        for kind, number in (("machine", machine), ("program", program), ("operator", operator)):
            if number is not None:
                found[kind, step, side, number].add_range(first, until)
        began[step, side].append((at, first, until))
    for (kind, step, side, number), some in found.items():
        value = people.get(number, "") if kind == "operator" else names[number]
        if value:
            yield Key(kind, value, f"{names[step]} {side}".strip(), _pass_term(kind, names[step], value)), some
    for (step, side), runs in began.items():
        yield from _windows(view, f"{names[step]} {side}".strip(), names[step], runs)


def _pass_term(kind: str, step: str, value: str) -> str:
    if kind == "operator":
        return f"operator:{quoted(value)}"
    return f"passed:{quoted(step)}({kind}={quoted(value)})"


def _windows(view: View, context: str, step: str, runs: list[tuple]) -> Iterator[tuple[Key, BitMap]]:
    """Units by the stretch of time in which their run began: the shortest stretches that give no more than sixty."""
    low, high = min(runs)[0], max(runs)[0]
    width = next((w for w in WINDOWS if (high - low) <= w / timedelta(microseconds=1) * WINDOWS_MAX), WINDOWS[-1])
    size = width // timedelta(microseconds=1)
    found: dict[int, BitMap] = defaultdict(BitMap)
    for at, first, until in runs:
        found[at // size].add_range(first, until)
    if len(found) > 1:
        for place, some in found.items():
            begin = datetime.fromtimestamp(place * size // 1_000_000, UTC).astimezone(view.zone)
            yield Key("time", f"{begin:%Y-%m-%d %H:%M} + {size // 3_600_000_000} h", context), some


def _firmware(view: View, units: BitMap) -> Iterator[tuple[Key, BitMap]]:
    """By the units' own records, and by the packages on them."""
    found: dict[int, BitMap] = defaultdict(BitMap)
    for release, first, until, packed in runs_over(view, units):
        found[release] |= opened(first, until, packed)
    for release, some in certainly_by_package(view, units, packages_on(view, units)).items():
        found[release] |= some
    named = releases_named(view, set(found))
    for release, some in found.items():
        _, role, version, product, *_ = named[release]
        term = f"firmware:{quoted(version if role in ('', 'app') else f'{role}/{version}')}"
        yield Key("firmware", version, f"{product} {role or 'app'}", term), some


def _positions(view: View, units: BitMap) -> Iterator[tuple[Key, BitMap]]:
    columns = "t.first_unit, t.until_unit, t.positions"
    found: dict[str, list[int]] = defaultdict(list)
    for first, until, positions in view.rows_by_block(columns, "production_panel", view.blocks_over(units)):
        places = positions.split("\n") if positions is not None else range(1, until - first + 1)
        for unit, place in zip(range(first, until), places, strict=False):
            found[str(place)].append(unit)
    for place, some in found.items():
        yield Key("position", place), BitMap(some)


def _stations(view: View, units: BitMap) -> Iterator[tuple[Key, BitMap]]:
    columns = "t.plan, t.station, t.operator, t.unit"
    found: dict[tuple, list[int]] = defaultdict(list)
    for plan, station, operator, unit in view.rows_by_block(
        columns, "quality_test_run", view.blocks_over(units), unit="unit"
    ):
        if station is not None:
            found["station", plan, station].append(unit)
        if operator is not None:
            found["operator", plan, operator].append(unit)
    names = FloorNames(view.tenant).names({n for kind, *pair in found for n in pair[: 1 + (kind == "station")]})
    people = People(view.tenant, 0).codes({number for kind, _, number in found if kind == "operator"})
    for (kind, plan, number), some in found.items():
        value = names[number] if kind == "station" else people.get(number, "")
        if value:
            term = f"tested:{quoted(names[plan])}(station={quoted(value)})" if kind == "station" else ""
            yield Key(kind, value, names[plan], term), BitMap(some)


_SOURCES: dict[Callable[[View, BitMap], Iterator[tuple[Key, BitMap]]], frozenset[str]] = {
    _material: frozenset({"lot", "package", "supplier", "datecode", "feeder"}),
    _passes: frozenset({"machine", "program", "operator", "time"}),
    _firmware: frozenset({"firmware"}),
    _positions: frozenset({"position"}),
    _stations: frozenset({"station", "operator"}),
}
