"""Which maker's part may be mounted for a part: what parts.csv approves, what a qualification run adds, what a deviation lets pass.

- A maker's part that an alternates sheet names goes only into the order of its qualification run until the run qualified it; then anywhere.
  One that parts.csv approved before the sheet named it stays approved, unless a run found against it.
- A package of which nobody knows the maker's part is none that was approved, where anything was: one without an MPN, and one without a maker whose
  MPN other makers give to theirs. An MPN alone is enough else: labels seldom say the maker.
- A deviation in force lets its maker's part be mounted in its product or order until its end; one for places of an order, where the part is
  placed by hand on units that all have one of these places.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from asbuilt.built.production.orders import OrderRow
from asbuilt.built.supply.queries import PackageRow, lots_by_mpn
from asbuilt.designed.catalog.queries import part_numbers, product_codes
from asbuilt.designed.changes.qualifying.deviations import UNCHECKED, Deviation, granted_for
from asbuilt.designed.changes.qualifying.sheets import (
    NOT_QUALIFIED,
    QUALIFIED,
    REVOKED,
    RUNNING,
    Candidate,
    alternates,
)
from asbuilt.kernel.spans import Span, bitmap_of
from asbuilt.storage import reading


@dataclass(frozen=True)
class Refusal:
    """Why a maker's part is not mounted: code, sentence, what to do."""

    code: str
    message: str
    facts: dict
    remedy: str


class ApprovedMakers:
    """What may be mounted for these parts (number -> code) in an order at an instant; `onto`: on these units of it alone. Three statements, more
    where sheets or deviations are."""

    def __init__(self, tenant: int, order: OrderRow, parts: dict[int, str], at: int, onto: Sequence[Span] = ()):
        self.tenant, self.order, self.parts, self.at, self.onto = tenant, order, parts, at, bitmap_of(onto)
        self.approved = _approved(tenant, parts)
        self.alternates = alternates(tenant, parts.values())
        self.deviations = self._deviations(tenant)

    def _deviations(self, tenant: int) -> list[Deviation]:
        product = product_codes(tenant).get(self.order.product, "")
        found = granted_for(tenant, [product])
        return [
            one for one in found if one.in_force(self.at) and one.order in ("", self.order.code) and self._covers(one)
        ]

    def _covers(self, one: Deviation) -> bool:
        """Places of an order say nothing of what a feeder feeds: those deviate by hand, not at a machine."""
        if not one.first:
            return True
        return bool(self.onto) and self.onto <= bitmap_of(self.order.spans_between(one.first, one.last))

    def refusal(self, package: PackageRow) -> Refusal | None:
        """Why this package is not mounted for its part; None where it may be."""
        return None if self._deviating(package) else self._unapproved(package)

    def rests_on(self, package: PackageRow) -> tuple[dict, ...]:
        """What alone lets this package be mounted for its part: deviations, the run that qualified it as an alternate or in whose order it is
        tried. concession (the code), message (what it lets pass), note (what nobody checked of it); empty where it is simply approved."""
        against = self._unapproved(package)
        if against is not None:
            return tuple(
                {"concession": one.code, "message": against.message, "note": UNCHECKED if one.by_document else ""}
                for one in self._deviating(package)
            )
        part = self.parts.get(package.part, "")
        alternate = self._alternate(part, package) if package.mpn else None
        if alternate is None or self._approved_before(alternate, package):
            return ()
        how = "qualified" if alternate.state == QUALIFIED else "tried"
        said = f"{package.maker} {package.mpn} of package {package.code} is an alternate for {part}, {how} in {alternate.run}."
        return ({"concession": alternate.run, "message": said.strip(), "note": ""},)

    def _deviating(self, package: PackageRow) -> list[Deviation]:
        part = self.parts.get(package.part, "")
        return [one for one in self.deviations if package.mpn and one.allows_part(part, package.mpn, package.maker)]

    def _approved_before(self, one: Candidate, package: PackageRow) -> bool:
        rows = self.approved.get(package.part, ())
        fits = [row for row in rows if (row[0] or row[1]) and _is((row[0], row[1]), package)]
        return any(entry < one.entry for _, _, entry in fits) and one.state not in (NOT_QUALIFIED, REVOKED)

    def _unapproved(self, package: PackageRow) -> Refusal | None:
        part = self.parts.get(package.part, "")
        rows = [row for row in self.approved.get(package.part, ()) if row[0] or row[1]]
        if rows and self._silent(package, rows):
            return _unknown(package, part, rows)
        if not package.mpn:
            return None
        fits = [row for row in rows if _is((row[0], row[1]), package)]
        alternate = self._alternate(part, package)
        if alternate is not None:
            return self._of_alternate(alternate, package, part)
        if rows and not fits:
            listed = _listed(rows)
            said = f"{package.maker} {package.mpn} of package {package.code} is not approved for {part}; approved are {listed}."
            facts = {"mpn": package.mpn, "approved": listed, "part": part}
            remedy = "Take an approved one, or have it approved for the part first."
            return Refusal("production.not_approved", said.strip(), facts, remedy)
        return None

    def _silent(self, package: PackageRow, rows: list[tuple[str, str, int]]) -> bool:
        """Whether nobody knows if the package is of a maker's part that the rows approve."""
        if not package.mpn:
            named = {maker.casefold() for mpn, maker, _ in rows if not mpn}  # all of this maker's parts
            return package.maker.casefold() not in named
        makers = {
            maker.casefold() for mpn, maker, _ in rows if maker and mpn.casefold() in ("", package.mpn.casefold())
        }
        if package.maker or not makers:
            return False
        others = {one.maker.casefold() for one in lots_by_mpn(self.tenant, package.mpn) if one.maker}
        return bool(others - makers)

    def _alternate(self, part: str, package: PackageRow) -> Candidate | None:
        found = [one for one in self.alternates.get(part, ()) if _is((one.mpn, one.maker), package)]
        return found[-1] if found else None

    def _of_alternate(self, one: Candidate, package: PackageRow, part: str) -> Refusal | None:
        if one.state == QUALIFIED or (one.state == RUNNING and one.order == self.order.code):
            return None
        if self._approved_before(one, package):
            return None
        told = f"{package.maker} {package.mpn} of package {package.code} is an alternate for {part}".strip()
        facts = {"mpn": package.mpn, "part": part, "state": one.state, "run": one.run, "order": one.order}
        if one.state == RUNNING:
            said = f"{told} under qualification in {one.run}, whose order is {one.order}."
            remedy = f"Use it in {one.order} alone until {one.run} is judged."
            return Refusal("production.alternate_in_qualification", said, facts, remedy)
        said = f"{told} that is not qualified."
        remedy = "Take an approved one, or have the alternate qualified first."
        return Refusal("production.alternate_not_qualified", said, facts, remedy)


def approved_before(tenant: int, part: str, one: Candidate) -> bool:
    """Whether parts.csv approved a candidate before its sheet named it, and no run found against it. Two statements."""
    if one.state in (NOT_QUALIFIED, REVOKED):
        return False
    rows = _approved(tenant, part_numbers(tenant, [part]).values())
    wanted = {(mpn.casefold(), maker.casefold()) for mpn in (one.mpn, "") for maker in (one.maker, "")} - {("", "")}
    return any(
        (mpn.casefold(), maker.casefold()) in wanted and entry < one.entry
        for some in rows.values()
        for mpn, maker, entry in some
    )


def _unknown(package: PackageRow, part: str, rows: list[tuple[str, str, int]]) -> Refusal:
    """Nobody knows whether the package is of an approved maker's part."""
    listed, lacks = _listed(rows), "maker" if package.mpn else "MPN"
    said = f"Nobody recorded the {lacks} of package {package.code}; approved for {part} are {listed}."
    facts = {"mpn": package.mpn, "approved": listed, "part": part, "lacks": lacks}
    remedy = f"Read the {lacks} from its label and have its row of lots.csv corrected, or take another package."
    return Refusal("production.maker_unknown", said, facts, remedy)


def _listed(rows: list[tuple[str, str, int]]) -> str:
    return ", ".join(sorted({mpn or maker for mpn, maker, _ in rows}))


def _is(pair: tuple[str, str], package: PackageRow) -> bool:
    """Whether a maker's part is what the package holds; what either does not say stands for anything."""
    mpn, maker = pair
    same_maker = not maker or not package.maker or maker.casefold() == package.maker.casefold()
    return same_maker and (not mpn or mpn.casefold() == package.mpn.casefold())


def _approved(tenant: int, parts: Iterable[int]) -> dict[int, list[tuple[str, str, int]]]:
    """Part -> (mpn, maker, entry) of what parts.csv approves now. One statement."""
    sql = (
        "SELECT part, mpn, maker, entry FROM catalog_manufacturer_part WHERE tenant = %s AND until_entry IS NULL AND "
        + reading.any_of("part")
    )
    found: dict[int, list[tuple[str, str, int]]] = {}
    for part, *row in reading.fetch(sql, (tenant, reading.list_param(sorted(parts)))):
        found.setdefault(part, []).append(tuple(row))
    return found
