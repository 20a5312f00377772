"""The material level of the units of an order, position by position, in bitmaps: no step a unit.

For positions that are alike (`genealogy.answering.alike`) the needs of `levels` are met so:

    order_receipt   all units, where some package of the line on this order has its receipt
    order_lot       all units, where every package of the line on this order has receipt and lot code; else those of own_set
    own_set         units whose candidates are all known, with receipt and lot code
    own_exact       units where exactly one package stands

What a party reader does not see is not counted for him either: a line's packages are those on the units that he sees.
"""

from collections.abc import Iterable, Iterator

from pyroaring import BitMap

from asbuilt.built.supply.queries import PackageOrigin, origins
from asbuilt.questions.evidence.gaps import Gap
from asbuilt.questions.evidence.levels import Reached, level_of_need, reach
from asbuilt.questions.genealogy.answering.alike import Alike

LETTER = "M"
EMPTY = BitMap()


def judge_material(tenant: int, order: str, found: list[Alike], units: BitMap) -> tuple[Reached, list[Gap]]:
    """The levels of these units by what stands at the positions `found` speaks of, and the gaps. A statement per 5,000 packages."""
    known = origins(tenant, {package for one in found for package in one.packages})
    on_line: dict[tuple[int, str], set[int]] = {}
    for one in found:
        on_line.setdefault((one.bom, one.line.line), set()).update(one.packages)
    reached, gaps = Reached(units), []
    for one in found:
        of_line = {package: known[package] for package in on_line[one.bom, one.line.line]}
        reached.narrow(reach(LETTER, _met(one, known, of_line), one.units), one.units)
        gaps += _gaps(one, order, known, of_line)
    return reached, gaps


def _received(package: PackageOrigin) -> bool:
    return bool(package.delivery) or package.received_at is not None


def _identified(package: PackageOrigin) -> bool:
    return _received(package) and bool(package.lot_code)


def _met(one: Alike, known: dict[int, PackageOrigin], of_line: dict[int, PackageOrigin]) -> dict[str, BitMap]:
    vague = _units_of(one, (package for package in one.packages if not _identified(known[package])))
    own = (one.exact | one.several) - vague
    some = any(map(_received, of_line.values()))
    every = bool(of_line) and all(map(_identified, of_line.values()))
    return {
        "order_receipt": one.units if some else EMPTY,
        "order_lot": one.units if every else own,
        "own_set": own,
        "own_exact": own & one.exact,
    }


def _units_of(one: Alike, numbers: Iterable[int]) -> BitMap:
    return BitMap().union(*(one.packages[number] for number in numbers))


def _gaps(one: Alike, order: str, known: dict[int, PackageOrigin], of_line: dict[int, PackageOrigin]) -> Iterator[Gap]:
    """What keeps units from the next level, each unit's own lacks and those of the line on the order."""

    def gap(kind: str, need: str, units: BitMap, names: Iterable[int] = ()) -> Gap:
        codes = tuple(sorted(known[number].code for number in names if number in known))
        return Gap(LETTER, kind, level_of_need(LETTER, need) - 1, order, one.positions, units, codes)

    if not of_line:
        yield gap("nothing_on_order", "order_receipt", one.units)
        return
    yield gap("silent", "own_set", one.silent)
    yield gap("unnamed", "own_set", one.unnamed)
    yield gap("alone", "own_set", one.alone, _among(one, one.alone))
    yield gap("several", "own_exact", one.several, _among(one, one.several))
    unreceived = [number for number, package in of_line.items() if not _received(package)]
    if len(unreceived) == len(of_line):
        yield gap("no_receipt", "order_receipt", one.units, unreceived)
        return
    vague = [number for number, package in of_line.items() if not _identified(package)]
    mine = _units_of(one, (number for number in vague if number in one.packages))
    left = (
        one.units - mine - one.exact - one.several
    )  # nothing of their own, and the order's packages do not stand in for it
    for units in (mine, left if vague else EMPTY):
        among = vague if units is left else _among(one, units)
        for kind, lacks in (
            ("no_receipt", lambda package: not _received(package)),
            ("no_lot", lambda package: not package.lot_code),
        ):
            names = [number for number in among if number in vague and lacks(of_line[number])]
            if names:
                here = units if units is left else _units_of(one, names)
                yield gap(kind, "order_lot", here, names)


def _among(one: Alike, units: BitMap) -> list[int]:
    return [number for number, here in one.packages.items() if here & units]
