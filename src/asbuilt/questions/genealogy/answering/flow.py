"""The flow of an answer: from the lots asked for (else from products) to orders, shipments and customers.

Every affected unit stands in exactly one node of each column and keeps its grade, so each column adds up to the answer. A unit
that may carry one of several lots asked for stands under all of them together; one whose record is silent under *not
recorded*. The smaller nodes of a column are put together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.supply.queries import packages as packages_of
from asbuilt.kernel.spans import UnitSet, unpack
from asbuilt.questions.genealogy.answering.answers import Answer
from asbuilt.questions.genealogy.answering.whereabouts import Whereabouts, whereabouts
from asbuilt.questions.genealogy.evaluating.asked import PACKAGE_TERMS, material_of
from asbuilt.questions.genealogy.evaluating.material import Material, carrying
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words import language
from asbuilt.questions.genealogy.words.language import Bracket, Ever, Term
from asbuilt.storage import reading

NODES_MAX = 12
ROWS_MAX = 200
LOTS_EXACT_MAX = 24  # beyond it lots are laid by their runs, without looking at each replacement
LOT, PRODUCT, ORDER, SHIPMENT, CUSTOMER = "lot", "product", "order", "shipment", "customer"
OTHERS, SEVERAL, SILENT, HERE, PLAIN = "others", "several", "silent", "here", "plain"


@dataclass(frozen=True)
class Node:
    """A node of a column. `kind`: plain, several (any of `label`), silent (not recorded), here (not shipped), others (the
    `count` smaller ones)."""

    label: str
    kind: str
    counts: dict[str, int]
    units: BitMap
    count: int = 1


@dataclass(frozen=True)
class Link:
    """Units that go from a node of column `column` to one of the next."""

    column: int
    source: int
    target: int
    counts: dict[str, int]


@dataclass
class Flow:
    """Columns of nodes, the links between neighbours, and the same as rows (a label a column, then the counts)."""

    kinds: tuple[str, ...]
    columns: list[list[Node]]
    links: list[Link]
    rows: list[tuple[tuple[Node, ...], dict[str, int]]]
    rows_more: int


def flow(answer: Answer, where: Whereabouts | None = None) -> Flow | None:
    """The flow of an answer, None where it is empty. Five statements beside `where`, and five a lot asked for."""
    if not answer.affected:
        return None
    with reading.snapshot():
        where = where or whereabouts(answer)
        first = _lots(answer) or _products(answer)
        return _laid(
            answer,
            (first[0], ORDER, SHIPMENT, CUSTOMER),
            [first[1], _orders(answer), _shipments(where), _customers(where)],
        )


def flow_of(answer: Answer, kinds: tuple[str, ...], first: Sequence["Groups"], where: Whereabouts) -> Flow:
    """A flow that begins with columns of the caller's own (each affected unit once in each), then goes on to orders and customers."""
    with reading.snapshot():
        return _laid(answer, kinds, [*first, _orders(answer), _customers(where)])


def _laid(answer: Answer, kinds: tuple[str, ...], columns: Sequence["Groups"]) -> Flow:
    nodes = [_nodes(groups, answer.affected) for groups in columns]
    links = []
    for column, (left, right) in enumerate(zip(nodes, nodes[1:], strict=False)):
        for source, one in enumerate(left):
            for target, other in enumerate(right):
                both = one.units & other.units
                if both:
                    links.append(Link(column, source, target, answer.affected.count_in(both)))
    rows = list(_rows(nodes, answer.affected))
    return Flow(kinds, nodes, links, rows[:ROWS_MAX], max(0, len(rows) - ROWS_MAX))


Groups = list[tuple[str, str, BitMap]]


def _nodes(groups: Groups, affected: UnitSet) -> list[Node]:
    """Largest first, what is not there last; beyond the limit the smallest are one node."""
    groups = sorted(
        (group for group in groups if group[2]),
        key=lambda group: (group[1] in (SILENT, HERE), -len(group[2]), group[0]),
    )
    special = [group for group in groups if group[1] in (SILENT, HERE)]
    plain = [group for group in groups if group[1] not in (SILENT, HERE)]
    room = NODES_MAX - len(special)
    rest = plain[room - 1 :] if len(plain) > room else []
    kept = plain[: room - 1] if rest else plain
    nodes = [Node(label, kind, affected.count_in(units), units) for label, kind, units in kept]
    if rest:
        units = BitMap().union(*(group[2] for group in rest))
        nodes.append(Node("", OTHERS, affected.count_in(units), units, len(rest)))
    return nodes + [Node(label, kind, affected.count_in(units), units) for label, kind, units in special]


def _rows(nodes: list[list[Node]], affected: UnitSet) -> Iterable[tuple[tuple[Node, ...], dict[str, int]]]:
    for lot in nodes[0]:
        for order in nodes[1]:
            ordered = lot.units & order.units
            for shipment in nodes[2] if ordered else ():
                shipped = ordered & shipment.units
                for customer in nodes[3] if shipped else ():
                    units = shipped & customer.units
                    if units:
                        yield (lot, order, shipment, customer), affected.count_in(units)


# ---- columns


def _lots(answer: Answer) -> tuple[str, Groups] | None:
    """The lots that the question asks for, with the affected units that may carry them."""
    terms = list(_material_terms(language.parse(answer.question)))
    if not terms:
        return None
    view = answer.view
    said = View(view.actor, view.entry)  # its notes are the answer's already
    packages = {package for term, _ in terms for package in material_of(said, term).match}
    lots = _lots_of(view, packages)
    of_lot: dict[str, set[int]] = {}
    for package, (_, label) in lots.items():
        of_lot.setdefault(label, set()).add(package)
    ever = any(ever for _, ever in terms)
    if len(of_lot) <= LOTS_EXACT_MAX:
        units = {label: _carrying(said, held, ever) for label, held in of_lot.items()}
    else:
        found = _units_of(view, packages)
        units = {
            label: BitMap().union(*(found.get(package, BitMap()) for package in held)) for label, held in of_lot.items()
        }
    affected = answer.affected.unrecorded
    return LOT, _apart({label: carried & affected for label, carried in units.items()}, affected)


def _carrying(view: View, packages: set[int], ever: bool) -> BitMap:
    return carrying(view, Material(frozenset(packages), frozenset(), frozenset(), None, ever)).possible


def _material_terms(node, ever: bool = False) -> Iterable[tuple[Term, bool]]:
    if isinstance(node, Term):
        if node.name in PACKAGE_TERMS:
            yield node, ever
    elif isinstance(node, language.And | language.Or):
        for part in node.parts:
            yield from _material_terms(part, ever)
    elif isinstance(node, Bracket | Ever):
        yield from _material_terms(node.part, ever or isinstance(node, Ever))


def _lots_of(view: View, packages: set[int]) -> dict[int, tuple[int, str]]:
    return {
        number: (row.lot, " · ".join(text for text in (row.lot_code or row.mpn, row.date_code) if text))
        for number, row in packages_of(view.tenant, packages).items()
    }


def _units_of(view: View, packages: set[int]) -> dict[int, BitMap]:
    """Package -> units that its runs cover or into which it was put; where many lots are asked for, near enough."""
    wanted = reading.list_param(sorted(packages))
    sql = (
        "SELECT r.package, r.first_unit, r.until_unit, r.units FROM production_material_run r WHERE r.tenant = %s AND "
    )
    found: dict[int, BitMap] = {}
    for package, *run in reading.fetch(sql + reading.any_of("r.package") + view.seen("r"), (view.tenant, wanted)):
        found.setdefault(package, BitMap()).update(unpack(*run))
    sql = "SELECT r.installed, r.unit FROM production_replacement r WHERE r.tenant = %s AND "
    for package, unit in reading.fetch(sql + reading.any_of("r.installed") + view.seen("r"), (view.tenant, wanted)):
        found.setdefault(package, BitMap()).add(unit)
    return found


def _apart(units: dict[str, BitMap], affected: BitMap) -> Groups:
    """Each unit once: under its one lot, under several together, or where the record is silent."""
    once, more = BitMap(), BitMap()
    for found in units.values():
        more |= once & found
        once |= found
    groups: Groups = [(label, PLAIN, found - more) for label, found in units.items()]
    groups.append((", ".join(sorted(label for label, found in units.items() if found & more)[:3]), SEVERAL, more))
    groups.append(("", SILENT, affected - once))
    return groups


def _products(answer: Answer) -> tuple[str, Groups]:
    sql = "SELECT number, code FROM catalog_product WHERE tenant = %s"
    return PRODUCT, _by_block(answer, dict(reading.fetch(sql, (answer.view.tenant,))), "product")


def _orders(answer: Answer) -> Groups:
    sql = "SELECT number, code FROM production_order WHERE tenant = %s"
    return _by_block(answer, dict(reading.fetch(sql, (answer.view.tenant,))), "order")


def _by_block(answer: Answer, codes: dict[int, str], name: str) -> Groups:
    affected = answer.affected.unrecorded
    found: dict[str, BitMap] = {}
    for block in answer.view.blocks_over(affected):
        found.setdefault(codes.get(getattr(block, name), "?"), BitMap()).update(
            affected & BitMap(range(block.first, block.until))
        )
    return [(label, PLAIN, units) for label, units in found.items()]


def _shipments(where: Whereabouts) -> Groups:
    return [*((place.shipment, PLAIN, place.units) for place in where.places), ("", HERE, where.here)]


def _customers(where: Whereabouts) -> Groups:
    found: dict[str, BitMap] = {}
    for place in where.places:
        label = f"{place.customer}, {place.country}" if place.country else place.customer
        found.setdefault(label, BitMap()).update(place.units)
    return [*((label, PLAIN, units) for label, units in found.items()), ("", HERE, where.here)]
