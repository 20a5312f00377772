"""What stops units from leaving, each thing with the units that it stops: set algebra over units, so that one unit and an order of five
thousand are asked by the same code.

This page: where the units are and what is against them. What has to be shown for them (route, tests, firmware, calibration): `shown`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from pyroaring import BitMap

from asbuilt.access.queries import names_of as people_named
from asbuilt.answers.gate.came_on import came_on
from asbuilt.built.production.approved_makers import Against, against_among, against_known
from asbuilt.built.production.holds import HoldRow
from asbuilt.built.quality.open_nonconformities import judged
from asbuilt.built.supply.queries import standings_of
from asbuilt.designed.parties.queries import code_of, numbers_by_name
from asbuilt.kernel.instants import format_instant
from asbuilt.questions.genealogy.evaluating.evaluate import units_of
from asbuilt.questions.genealogy.evaluating.few_material import material_on
from asbuilt.questions.genealogy.evaluating.holds import holding
from asbuilt.questions.genealogy.evaluating.material import Material, carrying
from asbuilt.questions.genealogy.evaluating.states import away_now
from asbuilt.questions.genealogy.evaluating.view import BEGUN, BUILT, SCRAPPED, SKIPPED, View, joined
from asbuilt.storage import reading

FEW = 50
NOBODY = BitMap()


@dataclass(slots=True)  # not frozen, which is dear: a unit may have a hundred known vulnerabilities. Never changed
class Missing:
    """One thing that stops units: `reason` is the gate's, `subject` which one (a plan, a hold). In `message` and `remedy`, {unit} stands for
    the unit's name. `facts` are for programs and pages; `came` says with which entry it came in of a unit, `since` of all: what came in later
    than a concession was agreed to, nobody agreed to. `inside` are the units inside a stopped one that it is about, where it is not about that one
    itself: in words they are named."""

    reason: str
    subject: str
    units: BitMap
    message: str
    remedy: str
    facts: dict = field(default_factory=dict)
    came: dict[int, int] = field(default_factory=dict)
    since: int = 0
    inside: BitMap = NOBODY
    called: dict[int, list[str]] = field(default_factory=dict)
    """Unit that is stopped -> the names of those inside it."""

    def of(self, unit: int, name: str) -> str:
        """Whom it is about, where it stops the unit of this name: `M-17 inside D-3`."""
        first, *more = self.called.get(unit) or ("",)
        return f"{first}{f' and {len(more)} more' if more else ''} inside {name}" if first else name

    def within(self, units: BitMap) -> "Missing":
        """The same of these units only."""
        return replace(self, units=self.units & units)


@dataclass(frozen=True)
class Around:
    """The units that want to leave, and what is inside them: `top` says of an inner unit with which of them it leaves."""

    units: BitMap
    all: BitMap
    top: dict[int, int]
    by_material: bool = False
    """Whether what lies on them is read in any case: for questions that are held, or vulnerabilities of parts."""
    read: dict[str, Against] = field(default_factory=dict, compare=False, repr=False)
    """What was read of them once for all who ask."""

    def outer(self, found: BitMap) -> BitMap:
        """The units that these stop."""
        if not self.top:
            return found & self.units
        return BitMap(self.top.get(unit, unit) for unit in found) & self.units

    def inside(self, found: BitMap) -> BitMap:
        """Those of these that are inside a unit which is not among them."""
        if not self.top:
            return NOBODY
        return BitMap(unit for unit in found if unit in self.top and self.top[unit] not in found)


def around(view: View, units: BitMap) -> Around:
    """These units with everything inside them."""
    if not view.has_assemblies:
        return Around(units, units, {})
    top: dict[int, int] = {}
    level = units
    while level:
        below = {child: top.get(parent, parent) for child, parent in view.children(level) if child not in top}
        top |= below
        level = BitMap(below)
    return Around(units, units | BitMap(top), top)


def stopped_where_they_are(view: View, asked: Around) -> Iterator[Missing]:
    """Scrapped, skipped, never begun, outside, inside another unit; shipped already: `returned`."""
    of_state = view.states_over(asked.all)
    for state, reason, message, remedy in (
        (SCRAPPED, "scrapped", "{unit} was scrapped.", "Put it into the scrap cage."),
        (
            SKIPPED,
            "skipped_position",
            "{unit} is a skipped position (X-out): no unit.",
            "Scan another board of the panel.",
        ),
    ):
        if found := asked.outer(of_state[state] & asked.all):
            yield Missing(reason, "", found, message, remedy)
    begun = of_state[BEGUN] | of_state[BUILT] | of_state[SCRAPPED] | of_state[SKIPPED]
    if silent := asked.units - begun:
        said = "Nothing is recorded of {unit} but that it was planned."
        yield Missing("not_begun", "", silent, said, "Look whether the right unit was scanned.")
    yield from _away(view, asked)
    if inner := BitMap(view.parents(asked.units)):
        yield Missing(
            "inside", "", inner, "{unit} is inside another unit.", "Scan the outer unit, or take it out first."
        )


def _away(view: View, asked: Around) -> Iterator[Missing]:
    for one in away_now(view, asked.all):
        party = code_of(view.tenant, one.line.party)
        since = format_instant(one.line.sent_at)[:16] + "Z"
        said = f"{{unit}} is outside: {plain(party)} has it since {since}, by delivery note {plain(one.line.note)}."
        facts = {"party": party, "since": since, "note": one.line.note, "step": one.line.step_name}
        remedy = "Take the unit back with its delivery note first."
        yield Missing("outside", one.line.note, asked.outer(one.units), said, remedy, facts)


def nonconforming(view: View, asked: Around, customer: int | None = None) -> Iterator[Missing]:
    """Open nonconformities, and what the review board decided is to be scrapped or to go back. A statement or two."""
    for low, high in joined(asked.all):
        said_of = judged(view.tenant, low, high)
        for one in said_of.open:
            mine = one.units & asked.all
            if found := asked.outer(mine):
                said = f"{one.code} is open on {{unit}}: {plain(one.description)[:200]}"
                facts = {"nonconformity": one.code, "severity": one.severity, "description": one.description}
                remedy = f"The review board decides about {one.code} first."
                came = came_to(asked, one.came)
                yield Missing("nonconformity", one.code, found, said, remedy, facts, came, inside=asked.inside(mine))
        for code, units in said_of.to_scrap.items():
            if found := asked.outer(units & asked.all):
                said = f"{{unit}} is to be scrapped, by {plain(code)}."
                remedy, facts = "Scan it at the bench and scrap it.", {"nonconformity": code}
                inside = asked.inside(units & asked.all)
                yield Missing("to_be_scrapped", code, found, said, remedy, facts, inside=inside)
        yield from _to_go_back(view, asked, said_of.to_return, customer)


def came_to(asked: Around, entries: Mapping[int, int]) -> dict[int, int]:
    """Unit that is stopped -> the last entry with which it came in of the unit, or of one inside."""
    found: dict[int, int] = {}
    for unit, entry in entries.items():
        outer = asked.top.get(unit, unit)
        if outer in asked.units:
            found[outer] = max(entry, found.get(outer, 0))
    return found


def _to_go_back(
    view: View, asked: Around, to_return: dict[tuple[str, str], BitMap], customer: int | None
) -> Iterator[Missing]:
    """Units that the board returns, where they leave to somebody else than the party of their nonconformity. A statement where there are some."""
    parties = numbers_by_name(view.tenant) if to_return else {}
    for (code, party), units in to_return.items():
        if customer is not None and parties.get(party) == customer:
            continue
        if found := asked.outer(units & asked.all):
            whom = party or "whoever supplied it"
            said = f"{{unit}} is to go back to {plain(whom)}, by {plain(code)}."
            to_do = f"Put it into a shipment to {party}" if party else "Name the party in a nonconformity of its own"
            remedy = f"{to_do}, or have the review board decide about it anew."
            yield Missing("to_be_returned", code, found, said, remedy, {"nonconformity": code, "party": party})


def held(view: View, asked: Around, holds: list[HoldRow] | None = None) -> Iterator[Missing]:
    """Open holds: of lots, units and questions; `holds` are those over the units, where they were read."""
    found = [(hold, units) for hold, units in holding(view, asked.all, units_of, holds) if units]
    people = people_named(view.tenant, {hold.person for hold, _ in found} - {None}) if found else {}
    for hold, units in found:
        by = people.get(hold.person, "")
        placed = f" by {plain(by)}" if by else ""
        said = f"{{unit}} is on hold since {format_instant(hold.decided_at)}{placed}: {plain(hold.reason)}"
        facts = {"hold": hold.code, "reason": hold.reason, "since": format_instant(hold.decided_at), "by": by}
        facts["lifted_by"] = hold.lifted_by
        remedy = f"Put it into the hold cage. Hold {hold.code} is lifted by: {hold.lifted_by}."
        yield Missing("held", hold.code, asked.outer(units), said, remedy, facts, inside=asked.inside(units))


def not_released(view: View, asked: Around) -> Iterator[Missing]:
    """Packages that quality keeps back or refused."""
    stopped = packages_against(view, asked).kept
    standings = standings_of(view.tenant, [code for _, code, _ in stopped]) if stopped else {}
    for number, code, status in stopped:
        if len(asked.all) <= FEW:
            carried = BitMap(unit for unit in asked.all if number in view.packages_on(unit))
        else:
            carried = (
                carrying(view, Material(frozenset({number}), frozenset(), frozenset()), asked.all).possible & asked.all
            )
        found = asked.outer(carried)
        if found:
            standing = standings.get(code)  # a withdrawn row of lots.csv has none
            why = standing.why if standing else f"Package {code} is {status}."
            facts = {"package": code, "status": status, "reason": standing.reason if standing else ""}
            said = f"{{unit}} carries {plain(code)}. {plain(why)}"
            remedy = "Put it on the red shelf; quality decides about the package."
            came = came_to(asked, came_on(view, carried, {number}))
            since, inside = standing.entry if standing else 0, asked.inside(carried)
            yield Missing("quarantine", code, found, said, remedy, facts, came, since, inside)


def packages_against(view: View, asked: Around) -> Against:
    """What is against packages that these units may carry, or some of their neighbours (what runs over their orders and replacements name). Which of the
    units carry one is looked up where something is against it, which is rare: of a unit's hundred runs mostly none is unpacked. Read once for all
    who ask."""
    if not asked.all:
        return Against()
    if "packages" not in asked.read:
        orders = sorted({block.order for block, _, _ in view.reaches(asked.all)})
        if asked.by_material:
            on = material_on(view, asked.all)
            asked.read["packages"] = against_known(view.tenant, on.packages, on.touching - on.packages.keys(), orders)
        else:
            named = _packages_about(view, asked.all, reading.list_param(orders))
            asked.read["packages"] = against_among(view.tenant, *named, orders)
    return asked.read["packages"]


def _packages_about(view: View, units: BitMap, orders) -> tuple[str, tuple]:
    """A statement that names those packages in `package`, each once, and its parameters."""
    # by order: that is how runs are kept, and no other key finds them by where they lie
    sql = "SELECT DISTINCT r.package FROM production_material_run r WHERE r.tenant = %s AND r.first_unit <= %s AND r.until_unit > %s AND "
    sql += reading.any_of("r.work_order") + view.seen("r")
    params = (view.tenant, units.max(), units.min(), orders)
    put_in = "SELECT DISTINCT p.installed FROM production_replacement p WHERE p.tenant = %s AND "
    if len(units) <= FEW:
        one_by_one = f"{put_in}{reading.any_of('p.unit')}{view.seen('p')}"
        return f"{sql} UNION {one_by_one}", (*params, view.tenant, reading.list_param(units))
    found = {package for (package,) in reading.fetch(sql, params)}
    for low, high in joined(units):
        rows = reading.fetch(f"{put_in}p.unit >= %s AND p.unit < %s{view.seen('p')}", (view.tenant, low, high))
        found |= {package for (package,) in rows}
    listed = f"SELECT n.number AS package FROM supply_package n WHERE n.tenant = %s AND {reading.any_of('n.number')}"
    return listed, (view.tenant, reading.list_param(sorted(found - {None})))


def plain(text: str) -> str:
    """A text as part of a message in which braces have a meaning."""
    return text.replace("{", "{{").replace("}", "}}")
