"""From a question's tree to the units it means.

`and` evaluates the narrowest part first and looks the others up inside it; `not` ranges over the units built. What
stands in one bracket beside `at:` speaks of one package at those positions; `ever:` reaches every material, firmware and
test term in its bracket. Skipped positions are in no answer.
"""

from dataclasses import dataclass, replace

from pyroaring import BitMap, FrozenBitMap

from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.genealogy.evaluating import axis, defects_found, firmware, history, holds, made_with, tests_run
from asbuilt.questions.genealogy.evaluating.asked import MATERIAL_TERMS, materials_of, same_package
from asbuilt.questions.genealogy.evaluating.material import carrying
from asbuilt.questions.genealogy.evaluating.names_gone import units_still_meant
from asbuilt.questions.genealogy.evaluating.naming import numbers, position, unknown
from asbuilt.questions.genealogy.evaluating.places_of_few import at_place_of_few
from asbuilt.questions.genealogy.evaluating.states import in_state
from asbuilt.questions.genealogy.evaluating.view import SCRAPPED, View
from asbuilt.questions.genealogy.words import language
from asbuilt.questions.genealogy.words.language import (
    And,
    Bracket,
    Comparison,
    Contains,
    Ever,
    Inside,
    Not,
    Nothing,
    Or,
    Outcome,
    Pass,
    Range,
    Reading,
    Release,
    Term,
    Value,
    Window,
)
from asbuilt.questions.genealogy.words.more_terms import TERMS_ABOVE
from asbuilt.questions.genealogy.words.saying import unparse

# how many units a term usually means: the narrowest are asked first
WIDTH = {
    "unit": 0, "panel": 0, "package": 1, "lot": 1, "shipment": 1, "order": 0, "product": 0, "revision": 0, "bom": 0, "image": 3, "reworked": 2, "passed": 2, "reading": 2, "tested": 2, "paste": 3, "stencil": 3, "tool": 3, "alarm": 2, "defect": 2,
    "part": 3, "datecode": 3, "feeder": 3, "maker": 4, "supplier": 4, "test": 3, "firmware": 3, "station": 4, "operator": 4, "component": 4, "cve": 4,
}  # fmt: skip


# what an unknown name of a term is called, where it is not the term's own name
KINDS = {
    "bom": "BOM version",
    "passed": "step or machine",
    "tested": "station or plan",
    "reading": "step or machine",
    "test": "plan",
    "cve": "vulnerability",
}


@dataclass(frozen=True)
class Scope:
    """What a part stands in: whether replaced things count, at which positions, which products its bracket names."""

    ever: bool = False
    at: frozenset[str] | None = None
    products: tuple[int, ...] | None = None


def units_of(view: View, question, within: BitMap | None = None) -> UnitSet:
    """The answer as a unit set, without skipped positions; with `within` only the part of it in these units."""
    found = _limited(view, _bracket(view, question, Scope(), within), within)
    if not found.unrecorded:  # what most questions of holds say of a unit
        return UnitSet.none()
    found = found.compact()
    kept = view.without_skipped(found.unrecorded)
    return found if len(kept) == len(found.unrecorded) else found.within(kept).compact()


def what_is_meant(view: View, question: str, within: BitMap | None = None) -> UnitSet:
    """The same of a question that was recorded once: a name in it that was withdrawn since means no unit."""
    return units_still_meant(view, language.parse(question), within, units_of)[0]


def still_meant(view: View, question, within: BitMap | None = None) -> UnitSet | None:
    """The same of a question that was recorded once; None where it has no answer any more: a name in it was withdrawn, or means several since."""
    try:
        return units_of(view, question, within)
    except (NotFound, Invalid):
        return None


def _evaluate(view: View, node, scope: Scope, within: BitMap | None) -> UnitSet:
    if isinstance(node, Nothing):
        return UnitSet.none()
    if isinstance(node, And):
        return _and(view, node.parts, scope, within)
    if isinstance(node, Or):
        result = UnitSet.none()
        for part in node.parts:
            result |= _evaluate(view, part, scope, within)
        return result
    if isinstance(node, Not):
        universe = view.built(within)
        return _evaluate(view, node.part, scope, universe).within(universe).complement(universe)
    if isinstance(node, Bracket):
        return _bracket(view, node.part, replace(scope, at=scope.at), within)
    if isinstance(node, Ever):
        return _bracket(view, node.part, replace(scope, ever=True), within)
    if isinstance(node, Inside):
        above = _ancestors(view, view.few.units) if view.few is not None else None
        return _limited(view, _inside(view, _of_others(view, node.part, scope, above)), within)
    if isinstance(node, Contains):
        below = view.descendants(view.few.units) if view.few is not None else None
        return _limited(view, _contains(view, _of_others(view, node.part, scope, below)), within)
    if view.visible is not None:
        _refuse_invisible(view, node, scope)
    return _limited(view, _term(view, node, scope, within), within)


def _of_others(view: View, part, scope: Scope, others: BitMap | None) -> UnitSet:
    """A bracket asked of other units (None: of all) than the question itself."""
    few = view.few
    view.few = few.beside(others) if few is not None and others is not None else None
    try:
        return _bracket(view, part, Scope(ever=scope.ever), others)
    finally:
        view.few = few


def _refuse_invisible(view: View, term: Term, scope: Scope) -> None:
    """To a narrow view a name whose units cannot be seen is a name that nothing has: names cannot be guessed."""
    for value in term.values:
        named = value.match if isinstance(value, Release) else value
        bare = isinstance(named, Outcome) and named.plan is None
        if (
            bare
            or term.name == "in"
            or isinstance(named, Window | Comparison)
            or (isinstance(named, Range) and term.name not in AXIS)
        ):
            continue
        one = replace(term, values=(value,))
        if not _limited(view, _term(view, one, replace(scope, at=None), None), None):
            raise unknown(KINDS.get(term.name, term.name), _said(one, named), ())


def _said(term: Term, value) -> str:
    """The name in a value as its error would say it."""
    if isinstance(value, Value):
        return value.text
    if isinstance(value, Outcome) and value.plan is not None:
        return value.plan.text
    if isinstance(value, Pass | Reading):
        return (value.steps[0] if isinstance(value, Pass) else value.step).text
    return unparse(term).partition(":")[2]


def _limited(view: View, found: UnitSet, within: BitMap | None) -> UnitSet:
    if view.visible is not None:
        found = found.within(view.visible)
    return found if within is None else found.within(within)


def _bracket(view: View, node, scope: Scope, within: BitMap | None) -> UnitSet:
    """A bracket of its own: an `at:` among its parts holds for its material terms."""
    parts = node.parts if isinstance(node, And) else (node,)
    places = [part for part in parts if isinstance(part, Term) and part.name == "at"]
    products = [part for part in parts if isinstance(part, Term) and part.name == "product"]
    if products:
        found = {
            n
            for term in products
            for value in term.values
            for n in numbers(view, "product", value.text, "catalog_product", ("code",))
        }
        scope = replace(scope, products=tuple(sorted(found)))
    if places:
        if not any(_has_material(part) for part in parts):
            history.refuse_bare_at(places[0])
        at = frozenset.intersection(
            *(frozenset(position(view, value.text) for value in term.values) for term in places)
        )
        scope = replace(scope, at=at if scope.at is None else scope.at & at)
        parts = tuple(part for part in parts if part not in places)
    return _and(view, parts, scope, within) if len(parts) > 1 else _evaluate(view, parts[0], scope, within)


def _has_material(node) -> bool:
    if isinstance(node, Term):
        return node.name in MATERIAL_TERMS
    if isinstance(node, And | Or):
        return any(_has_material(part) for part in node.parts)
    return not isinstance(node, Nothing) and _has_material(node.part)


def _and(view: View, parts, scope: Scope, within: BitMap | None) -> UnitSet:
    """Narrowest first; each further part only inside what is left."""
    same = [part for part in parts if isinstance(part, Term) and part.name in MATERIAL_TERMS]
    todo = list(parts)
    if scope.at is not None and len(same) > 1:
        todo = [tuple(same), *(part for part in parts if part not in same)]
    result: UnitSet | None = None
    for part in sorted(todo, key=_width):
        if view.few is not None and result is not None and not result.unrecorded:
            break  # nothing is left, and a hold is told of a name that nobody knows where something is
        # frozen, so that how far it reaches is looked up once
        inside = within if result is None else FrozenBitMap(result.unrecorded)
        if isinstance(part, tuple):
            asked = same_package(materials_of(view, part), scope.at, scope.ever)
            found = _limited(view, carrying(view, asked, inside), inside)
        else:
            found = _evaluate(view, part, scope, inside)
        # what is found lies inside the result so far: where that is sure, it is all that is left
        if result is None or result.is_sure:
            result = found
        else:
            result = UnitSet(result.certain & found.certain, result.possible & found.possible, found.unrecorded)
    return result


def _width(part) -> int:
    if isinstance(part, tuple):
        return 1
    if isinstance(part, Term):
        return WIDTH.get(part.name, 5)
    if isinstance(part, Not):
        return 9
    if isinstance(part, Nothing):
        return 0
    if isinstance(part, And):
        return min(map(_width, part.parts))
    if isinstance(part, Or):
        return max(map(_width, part.parts))
    if isinstance(part, Inside | Contains):
        return 6
    return _width(part.part)


def _term(view: View, term: Term, scope: Scope, within: BitMap | None) -> UnitSet:
    name, values = term.name, term.values
    if name in MATERIAL_TERMS:
        asked = same_package(materials_of(view, [term]), scope.at, scope.ever)
        return carrying(view, asked, within)
    if name in AXIS:
        return UnitSet.sure(AXIS[name](view, values))
    if name in PLACES and view.few is not None:
        return at_place_of_few(view, name, values)
    if name in PLACES:
        return history.at_place(view, lambda: PLACES[name](view, values))
    if name in TERMS_ABOVE:
        return TERMS_ABOVE[name](view, term, scope.ever, within)
    match name:
        case "at":
            history.refuse_bare_at(term)
        case "firmware":
            return firmware.running(view, values, list(scope.products) if scope.products else None, scope.ever, within)
        case "image":
            return firmware.with_image(view, values, scope.ever, within)
        case "passed":
            return history.passed(view, values[0], within)
        case "tested":
            return tests_run.tested_at(view, values[0], within)
        case "reading":
            return history.reading_of(view, values[0].step, values[0].condition, within)
        case "test":
            return history.tested(view, term, scope.ever)
        case "defect":
            return defects_found.with_defect(view, values, scope.ever)
        case "reworked":
            return history.reworked(view, within)
        case "held":
            return holds.held(view, within, units_of)
        case "scrapped":
            over = view.few.units if view.few is not None else None
            return UnitSet.sure(view.limit(view.state_units(SCRAPPED, over=over)))
        case "paste" | "stencil" | "tool" | "alarm":
            return made_with.made_with(view, name, values, within)
        case "station":
            return history.at_station(view, term)
        case "operator":
            return history.by_operator(view, term)
    raise LookupError(f"no evaluation for {name}:")


AXIS = {
    "order": axis.of_order, "product": axis.of_product, "revision": axis.of_revision, "bom": axis.of_bom,
    "panel": axis.of_panel, "unit": axis.named, "owner": axis.of_owner,
}  # fmt: skip
PLACES = {
    "customer": history.to_customer, "country": history.in_country, "shipment": history.in_shipment, "placed": history.placed,
    "in": lambda view, values: BitMap().union(*(in_state(view, value.text) for value in values)),
}  # fmt: skip


def _inside(view: View, outer: UnitSet) -> UnitSet:
    """Units inside such units, with the highest grade among those that contain them."""
    return UnitSet(*(view.descendants(units) for units in (outer.certain, outer.possible, outer.unrecorded)))


def _contains(view: View, inner: UnitSet) -> UnitSet:
    """Units that contain such units, with the highest grade among those inside."""
    return UnitSet(*(_ancestors(view, units) for units in (inner.certain, inner.possible, inner.unrecorded)))


def _ancestors(view: View, units: BitMap) -> BitMap:
    found, level = BitMap(), units
    while level:
        level = BitMap(view.parents(level).values()) - found
        found |= level
    return found
