"""Which maker's part may be mounted for a part: what parts.csv approves, what a qualification run adds, what a deviation lets pass.

- A maker's part that an alternates sheet names goes only into the order of its qualification run until the run qualified it; then anywhere.
  One that parts.csv approved before the sheet named it stays approved, unless a run found against it.
- A package of which nobody knows the maker's part is none that was approved, where anything was: one without an MPN, and one without a maker whose
  MPN other makers give to theirs. An MPN alone is enough else: labels seldom say the maker.
- A deviation in force lets its maker's part be mounted in its product or order until its end; one for places of an order, where the part is
  placed by hand on units that all have one of these places.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from asbuilt.built.production.orders import OrderRow
from asbuilt.built.production.other_parts import OtherPart
from asbuilt.built.supply.queries import (
    PACKAGE_COLUMNS,
    RELEASED,
    LotRow,
    PackageRow,
    lots_by_mpn,
    lots_of_parts,
    standing_sql,
    with_lot,
)
from asbuilt.designed.catalog.queries import part_codes, part_numbers, product_codes
from asbuilt.designed.changes.qualifying.deviations import UNCHECKED, Deviation, granted_for
from asbuilt.designed.changes.qualifying.sheets import (
    NOT_QUALIFIED,
    QUALIFIED,
    REVOKED,
    RUNNING,
    Candidate,
    alternates,
    was_meant,
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


@dataclass(frozen=True)
class Unapproved:
    """A package of a part of which other makers' parts are approved, or of which nobody recorded what it `lacks` (MPN or maker), so that nobody
    knows. `approved` is what is, in words."""

    package: PackageRow
    part: str
    approved: str
    lacks: str


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
        fits = [row for row in rows if (row[0] or row[1]) and is_of((row[0], row[1]), package)]
        return any(entry < one.entry for _, _, entry in fits) and one.state not in (NOT_QUALIFIED, REVOKED)

    def _unapproved(self, package: PackageRow) -> Refusal | None:
        part = self.parts.get(package.part, "")
        rows = [row for row in self.approved.get(package.part, ()) if row[0] or row[1]]
        if rows and _silent(package, rows, self._makers_of):
            return _unknown(package, part, rows)
        if not package.mpn:
            return None
        fits = [row for row in rows if is_of((row[0], row[1]), package)]
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

    def _makers_of(self, mpn: str) -> set[str]:
        return {one.maker.casefold() for one in lots_by_mpn(self.tenant, mpn) if one.maker}

    def _alternate(self, part: str, package: PackageRow) -> Candidate | None:
        found = [one for one in self.alternates.get(part, ()) if is_of((one.mpn, one.maker), package)]
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


def unapproved_among(
    tenant: int, packages: Iterable[int], *, as_of: int | None = None, unqualified: bool = False
) -> list[Unapproved]:
    """Those of these packages of which nobody approved the maker's part (now, or by entry `as_of`), or of which nobody knows it. What a sheet names
    is not among them, save with `unqualified` where no run ever qualified it; what deviations say is not asked. One statement where there is none:
    most lots are called as `parts.csv` has them."""
    sql = f"SELECT {PACKAGE_COLUMNS} FROM supply_package p {with_lot()} WHERE p.tenant = %s AND {reading.any_of('p.number')} "
    rows = reading.fetch(f"{sql}AND {_as_called(as_of)} ORDER BY p.code", (tenant, reading.list_param(sorted(set(packages)))))  # fmt: skip
    return _unapproved(tenant, [PackageRow(*row) for row in rows], as_of, unqualified)


@dataclass(frozen=True)
class Against:
    """What is against packages: (number, code, status) of those that are not released, makers' parts that nobody approved, and other parts of ours than
    the BOM takes, where orders were named."""

    kept: list[tuple[int, str, str]] = field(default_factory=list)
    unapproved: list[Unapproved] = field(default_factory=list)
    other_parts: list[OtherPart] = field(default_factory=list)


def against_among(tenant: int, named: str, params: Sequence, orders: Sequence[int]) -> Against:
    """What is against the packages that a statement names in its column `package`, each once, and which other parts these work orders have. One
    statement where there is nothing.

    The gate asks this of all that may lie on a unit, some hundred packages, and mostly gets none: their numbers need not come here first, and to look
    for all of it at once costs little more than for one.
    """
    now, stopped = standing_sql("p")
    sql = (
        f"SELECT {PACKAGE_COLUMNS}, {now} FROM ({named}) AS m {reading.each('p', 'supply_package', 'p.tenant = %s AND p.number = m.package')} "
        f"{with_lot()} WHERE {stopped} OR {_as_called(None)} "
        f"UNION ALL SELECT o.package, o.refdes, o.work_order, {'NULL, ' * 7}NULL FROM production_other_part o WHERE o.tenant = %s AND "
        f"{reading.any_of('o.work_order')} ORDER BY 2"
    )
    rows = reading.fetch(sql, (*params, tenant, tenant, reading.list_param(orders)))
    found = [row for row in rows if row[3] is not None]
    return Against(
        [(row[0], row[1], row[-1]) for row in found if row[-1] != RELEASED],
        _unapproved(tenant, [PackageRow(*row[:-1]) for row in found], None, False),
        [OtherPart(order, package, refdes) for package, refdes, order, lot, *_ in rows if lot is None],
    )


class Known(Protocol):
    """A package of which somebody read already what it holds; `status` is that of lots.csv."""

    code: str
    part: int
    mpn: str
    maker: str
    status: str


def against_known(tenant: int, packages: Mapping[int, Known], others: Iterable[int], orders: Sequence[int]) -> Against:
    """The same of packages, by number, that were read before, and of `others` that were not: where questions are held, the gate knows what is on a unit. One
    statement where there is nothing."""
    sql = (
        f"SELECT 1, a.part, a.mpn, a.maker FROM catalog_manufacturer_part a WHERE a.tenant = %s AND {reading.any_of('a.part')}{_stood(None)} "
        f"UNION ALL SELECT 2, 0, s.package, '' FROM supply_package_status s WHERE s.tenant = %s AND {reading.any_of('s.package', 'text')} "
        "AND s.until_entry IS NULL "
        f"UNION ALL SELECT 3, o.package, o.refdes, CAST(o.work_order AS text) FROM production_other_part o WHERE o.tenant = %s AND "
        f"{reading.any_of('o.work_order')} ORDER BY 3"
    )
    parts, codes = sorted({one.part for one in packages.values()}), [one.code for one in packages.values()]
    params = (tenant, parts, tenant, codes, tenant, orders)
    rows = reading.fetch(sql, [one if type(one) is int else reading.list_param(one) for one in params])
    approved: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for _, part, mpn, maker in (row for row in rows if row[0] == 1 and (row[2] or row[3])):
        approved[part].add((mpn, maker))
    said = {row[2] for row in rows if row[0] == 2}
    doubtful = set(others)
    for number, one in packages.items():
        names = approved.get(one.part)
        as_called = not names or (one.mpn and one.maker and (one.mpn, one.maker) in names)
        if one.status != RELEASED or one.code in said or not as_called:
            doubtful.add(number)
    if doubtful:
        listed = (
            f"SELECT n.number AS package FROM supply_package n WHERE n.tenant = %s AND {reading.any_of('n.number')}"
        )
        return against_among(tenant, listed, (tenant, reading.list_param(sorted(doubtful))), orders)
    return Against(
        other_parts=[OtherPart(int(order), package, refdes) for kind, package, refdes, order in rows if kind == 3]
    )


def _as_called(as_of: int | None) -> str:
    """Whether package `p` of lot `l` is not called as the rows of its part in `parts.csv` are, where there are such rows."""
    of_part = f"FROM catalog_manufacturer_part a WHERE a.tenant = p.tenant AND a.part = p.part{_stood(as_of)}"
    return (
        f"(NOT EXISTS (SELECT 1 {of_part} AND a.mpn = l.mpn AND a.maker = l.maker AND l.mpn <> '' AND l.maker <> '') "
        f"AND EXISTS (SELECT 1 {of_part} AND (a.mpn <> '' OR a.maker <> '')))"
    )


def _unapproved(tenant: int, found: list[PackageRow], as_of: int | None, unqualified: bool) -> list[Unapproved]:
    if not found:
        return []
    parts = part_codes(tenant, {one.part for one in found})
    approved, on_sheets = _approved(tenant, parts, as_of), alternates(tenant, parts.values(), as_of)
    lots = lots_of_parts(tenant, {one.part for one in found if not one.maker})

    def unapproved(one: PackageRow) -> Unapproved | None:
        rows = [row for row in approved.get(one.part, ()) if row[0] or row[1]]
        if not rows:  # a part of which no maker is approved is free
            return None
        told = [lot for lot in lots if lot.part == one.part and lot.maker]
        lacks = ""
        if _silent(one, rows, lambda mpn: {lot.maker.casefold() for lot in told if lot.mpn.casefold() == mpn.casefold()}):  # fmt: skip
            lacks = "maker" if one.mpn else "MPN"
        elif not one.mpn or any(is_of((mpn, maker), one) for mpn, maker, _ in rows):
            return None
        named = [each for each in on_sheets.get(parts[one.part], ()) if is_of((each.mpn, each.maker), one)]
        if not lacks and named and (not unqualified or was_meant(named[-1], as_of)):
            return None
        return Unapproved(one, parts[one.part], _listed(rows), lacks)

    return [one for package in found if (one := unapproved(package)) is not None]


def meant_for(
    tenant: int, parts: dict[int, str], package: PackageRow, *, as_of: int | None = None
) -> list[Candidate] | None:
    """What is known of a package of another part of ours as one of these parts (number -> code), by its maker's part: None where `parts.csv` approves
    that for one of them (now, or by entry `as_of`), else the alternates that sheets name so. Three statements, none without an MPN."""
    if not package.mpn:
        return []
    rows = (row for some in _approved(tenant, parts, as_of).values() for row in some)
    if any(mpn and is_of((mpn, maker), package) for mpn, maker, _ in rows):
        return None
    named = alternates(tenant, parts.values(), as_of).values()
    return [one for some in named for one in some if is_of((one.mpn, one.maker), package)]


def unapproved_words(tenant: int, packages: Iterable[int]) -> dict[int, str]:
    """Package -> what a table that tells of it mounted is warned about; packages of a maker's part that nobody knows are left to the gate."""
    found = unapproved_among(tenant, packages)
    return {
        one.package.number: f"package {one.package.code} is of {one.package.maker} {one.package.mpn}, which nobody approved for {one.part}, "
        "and was mounted all the same."
        for one in found if not one.lacks
    }  # fmt: skip


def approved_before(tenant: int, part: str, one: Candidate, as_of: int | None = None) -> bool:
    """Whether parts.csv approves a candidate since before its sheet named it (now, or by entry `as_of`), and no run found against it. Two statements."""
    if one.state in (NOT_QUALIFIED, REVOKED):
        return False
    rows = _approved(tenant, part_numbers(tenant, [part]).values(), as_of)
    wanted = {(mpn.casefold(), maker.casefold()) for mpn in (one.mpn, "") for maker in (one.maker, "")} - {("", "")}
    return any(
        (mpn.casefold(), maker.casefold()) in wanted and entry < one.entry
        for some in rows.values()
        for mpn, maker, entry in some
    )


def _silent(package: PackageRow, rows: Sequence[tuple[str, str, int]], makers_of: Callable[[str], set[str]]) -> bool:
    """Whether nobody knows if the package is of a maker's part that the rows approve; `makers_of` says which makers gave lots a number."""
    if not package.mpn:
        named = {maker.casefold() for mpn, maker, _ in rows if not mpn}  # all of this maker's parts
        return package.maker.casefold() not in named
    makers = {maker.casefold() for mpn, maker, _ in rows if maker and mpn.casefold() in ("", package.mpn.casefold())}
    return bool(not package.maker and makers and makers_of(package.mpn) - makers)


def _unknown(package: PackageRow, part: str, rows: list[tuple[str, str, int]]) -> Refusal:
    """Nobody knows whether the package is of an approved maker's part."""
    listed, lacks = _listed(rows), "maker" if package.mpn else "MPN"
    said = f"Nobody recorded the {lacks} of package {package.code}; approved for {part} are {listed}."
    facts = {"mpn": package.mpn, "approved": listed, "part": part, "lacks": lacks}
    remedy = f"Read the {lacks} from its label and have its row of lots.csv corrected, or take another package."
    return Refusal("production.maker_unknown", said, facts, remedy)


def _listed(rows: list[tuple[str, str, int]]) -> str:
    return ", ".join(sorted({mpn or maker for mpn, maker, _ in rows}))


def is_of(pair: tuple[str, str], package: PackageRow | LotRow) -> bool:
    """Whether a maker's part (MPN, maker) is what the package or lot holds; what either does not say stands for anything."""
    mpn, maker = pair
    same_maker = not maker or not package.maker or maker.casefold() == package.maker.casefold()
    return same_maker and (not mpn or mpn.casefold() == package.mpn.casefold())


def _stood(as_of: int | None) -> str:
    """` AND …`: the row `a` stands now, or stood at an entry."""
    if as_of is None:
        return " AND a.until_entry IS NULL"
    return f" AND a.entry <= {int(as_of)} AND (a.until_entry IS NULL OR a.until_entry > {int(as_of)})"


def _approved(tenant: int, parts: Iterable[int], as_of: int | None = None) -> dict[int, list[tuple[str, str, int]]]:
    """Part -> (mpn, maker, entry) of what parts.csv approves now, or approved at an entry. One statement."""
    sql = "SELECT a.part, a.mpn, a.maker, a.entry FROM catalog_manufacturer_part a WHERE a.tenant = %s AND "
    sql += reading.any_of("a.part") + _stood(as_of)
    found: dict[int, list[tuple[str, str, int]]] = {}
    for part, *row in reading.fetch(sql, (tenant, reading.list_param(sorted(parts)))):
        found.setdefault(part, []).append(tuple(row))
    return found
