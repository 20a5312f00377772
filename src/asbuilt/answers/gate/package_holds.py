"""What holds by question say of a package that is to go onto units.

A question asks for units, not for packages: what it says of a package is what it will say of every unit that carries it. So each of its
material terms (`lot:` `package:` `part:` `maker:` `supplier:` `datecode:`) is asked of this package, `order:` and `product:` of the order it is
for; every other term, and a position (`at:`), is open, for only the unit can tell.

- Where the question holds whatever the open terms turn out to be, each unit that got the package would be held from then on:
  building it in makes scrap of good boards, so it is refused, at the feeder, by hand, in rework and at the next step.
- Where it rests on an open term (`lot:L2 passed:OVEN-2@…`) nothing is refused: some of the units may go on, and each of them is asked
  at its own next step. A question without a material term that fits (`order:WO-7`) speaks of no package.
- A name that nothing has any more speaks of no package; the other names of the question hold what they hold.
- What a hold says of records that are silent counts here too: a package whose date code nobody knows stops where the hold was placed so.
"""

from collections.abc import Iterator
from dataclasses import replace
from enum import Enum

from asbuilt.answers.gate.stops import Stop
from asbuilt.built.production.holds import first_said, open_holds
from asbuilt.built.production.orders import OrderRow
from asbuilt.built.supply.queries import PackageRow
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.questions.genealogy.evaluating.asked import PACKAGE_TERMS, material_of
from asbuilt.questions.genealogy.evaluating.naming import numbers
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words import language
from asbuilt.questions.genealogy.words.language import And, Bracket, Ever, Not, Or, Term, Value


class Said(Enum):
    """What a part of a question says of a package: it fits, it does not, it says nothing against it, only the unit can tell."""

    FITS, FITS_NOT, NOTHING_AGAINST, OPEN = range(4)


class PackageHolds:
    """The holds by question that are open, asked of packages; what a term means is looked up once."""

    def __init__(self, view: View):
        self.view = view
        self._terms: dict[tuple[Term, bool], frozenset[int]] = {}
        self._questions = [
            (hold, language.parse(question), silent)
            for hold in open_holds(view.tenant, view.seen("h"), ())
            for question, silent in hold.questions
        ]

    def stops(self, package: PackageRow, order: OrderRow | None) -> Iterator[Stop]:
        """Each hold that would hold every unit of this order that gets the package. A few statements a material term."""
        for hold, question, silent in self._questions:
            if self._of(question, package, order, silent) is not Said.FITS:
                continue
            (hold,) = first_said(self.view.tenant, self.view.seen("h"), [hold])
            said = f"Package {package.code} is on hold by a question since {format_instant(hold.decided_at)}: {hold.reason}"
            facts = {"package": package.code, "hold": hold.code, "reason": hold.reason, "lifted_by": hold.lifted_by}
            remedy = (
                f"Put it into the hold cage and take another package. Hold {hold.code} is lifted by: {hold.lifted_by}."
            )
            yield Stop("gate.package_in_question", said, facts, remedy)

    def _of(self, node, package: PackageRow, order: OrderRow | None, silent: bool) -> Said:
        match node:
            case And():
                return _and([self._of(part, package, order, silent) for part in node.parts])
            case Or():
                return _or([self._of(part, package, order, silent) for part in node.parts])
            case Not():
                return _NOT[self._of(node.part, package, order, silent)]
            case Bracket() | Ever():
                return self._of(node.part, package, order, silent)
            case Term() if node.name in PACKAGE_TERMS:
                return Said.FITS if package.number in self._meant(node, silent) else Said.FITS_NOT
            case Term() if node.name == "order" and order is not None:
                return self._order(node, order)
            case Term() if node.name == "product" and order is not None:
                found = {n for value in node.values for n in self._numbers("product", value, "catalog_product", "code")}
                return Said.NOTHING_AGAINST if order.product in found else Said.FITS_NOT
        return Said.OPEN

    def _order(self, term: Term, order: OrderRow) -> Said:
        """Whether the term means the whole order; parts of one are for the units to tell."""
        whole = [value for value in term.values if isinstance(value, Value) and "#" not in value.text]
        columns = ("production_order", "code", "batch_number")
        if any(order.number in self._numbers("order", value, *columns) for value in whole):
            return Said.NOTHING_AGAINST
        return Said.FITS_NOT if len(whole) == len(term.values) else Said.OPEN

    def _meant(self, term: Term, silent: bool) -> frozenset[int]:
        key = (term, silent)
        if key not in self._terms:
            self._terms[key] = frozenset().union(*(self._of_value(term, value, silent) for value in term.values))
        return self._terms[key]

    def _of_value(self, term: Term, value, silent: bool) -> frozenset[int]:
        try:
            meant = material_of(self.view, replace(term, values=(value,)))
        except NotFound:
            return frozenset()
        return meant.match | (meant.unknown if silent else frozenset())

    def _numbers(self, kind: str, value: Value, table: str, *columns: str) -> list[int]:
        try:
            return numbers(self.view, kind, value.text, table, columns)
        except NotFound:
            return []


_NOT = {
    Said.FITS: Said.FITS_NOT, Said.FITS_NOT: Said.NOTHING_AGAINST, Said.NOTHING_AGAINST: Said.FITS_NOT, Said.OPEN: Said.OPEN,
}  # fmt: skip


def _and(parts: list[Said]) -> Said:
    for one in (Said.FITS_NOT, Said.OPEN, Said.FITS):
        if one in parts:
            return one
    return Said.NOTHING_AGAINST


def _or(parts: list[Said]) -> Said:
    for one in (Said.FITS, Said.OPEN, Said.NOTHING_AGAINST):
        if one in parts:
            return one
    return Said.FITS_NOT
