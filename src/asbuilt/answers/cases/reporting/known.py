"""What the record knows for a report: the frozen answer's units, where they are, what they are; what feeds say of the vulnerabilities named.

    known(actor, case, run, answer="01J…")    -> Known

Units are those of the frozen answer, never asked anew: certain and possible ones are reported, unrecorded ones counted beside them. Where they
are, which versions and revisions they have is read as the record knew it when the answer was frozen. Of the case's products only those of the
duty's manufacturer count: units of the product, and units inside one; all of them for a duty of the house as a whole, none where the party makes none of them.
"""

import json
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.answers.cases.handling.affected import countries_of
from asbuilt.answers.cases.handling.case_file import CaseFile, Run
from asbuilt.answers.cases.handling.clocks import local_day
from asbuilt.answers.cases.handling.naming import vulnerabilities_named
from asbuilt.answers.cases.reporting.product_facts import Fact, facts_of
from asbuilt.answers.register.models import FrozenAnswer
from asbuilt.answers.register.queries import frozen_answer
from asbuilt.designed.catalog.queries import product_codes, revision_codes
from asbuilt.designed.parties.product_roles import MANUFACTURER, holders, roles_of
from asbuilt.designed.vulnerability.feeds.queries import aliases_of, find_vulnerabilities
from asbuilt.kernel.spans import UnitSet, opened
from asbuilt.ledger import clock
from asbuilt.questions.exposure.said import Said, said_of
from asbuilt.questions.exposure.ways import AFFECTED, Way, ways_of_vulnerability
from asbuilt.questions.genealogy.evaluating.came_out import with_customers
from asbuilt.questions.genealogy.evaluating.firmware import runs_over
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

VULNERABILITIES_MAX = 20
COMPONENTS_MAX = 20


@dataclass
class ProductUnits:
    """A product of the report: affected units of it or inside it, what they run, which revisions they are."""

    product: str
    units: dict[str, int] = field(default_factory=dict)
    firmware: list[str] = field(default_factory=list)
    without_firmware: int = 0
    revisions: list[str] = field(default_factory=list)


@dataclass
class Known:
    """Everything at hand. `countries`: code -> finished units there; `answer` is None where none is frozen; `counted` says whether its units are:
    of a duty towards a party none of whose products is in the case, none are."""

    answer: FrozenAnswer | None
    counted: bool = False
    products: list[ProductUnits] = field(default_factory=list)
    units: dict[str, int] = field(default_factory=dict)
    countries: dict[str, int] = field(default_factory=dict)
    customers: int = 0
    here: int = 0
    vulnerabilities: list[Said] = field(default_factory=list)
    other_names: list[str] = field(default_factory=list)
    components: list[str] = field(default_factory=list)
    facts: dict[str, dict[str, Fact]] = field(default_factory=dict)


def known(actor: Actor, case: CaseFile, run: Run, answer: str) -> Known:
    """Gathered for the report of this duty. `answer`: ULID of a frozen answer, or empty. About 15 statements."""
    frozen = frozen_answer(actor, answer) if answer else None
    found = Known(frozen)
    with reading.snapshot():
        whole_house = run.party is None and not run.products
        if frozen is not None and (run.products or whole_house):
            found.counted = True
            _units(found, View(actor, frozen.entry), json.loads(frozen.answer), run.products, whole_house=whole_house)
        else:
            found.products = [ProductUnits(code) for code in sorted(run.products)]
        found.facts = facts_of(actor.tenant, sorted(run.products), local_day(clock.now(), case.zone))
        _vulnerabilities(actor, found, f"{frozen.question if frozen else ''} {case.title}", case, run)
    return found


def _units(found: Known, view: View, said: dict, products: list[str], *, whole_house: bool) -> None:
    affected = UnitSet.of_graded(said["spans"])
    tops = view.outermost(affected.unrecorded)
    sure = affected.possible | BitMap(tops[unit] for unit in affected.possible & BitMap(tops))
    of_product = _by_product(view, affected.unrecorded | BitMap(tops.values()))
    inside: dict[int, list[int]] = {}
    for unit, top in tops.items():
        inside.setdefault(top, []).append(unit)
    mine = BitMap()
    for code in sorted(products):
        whole = of_product.get(code, BitMap())
        held = (whole & affected.unrecorded) | BitMap(unit for top in whole & BitMap(inside) for unit in inside[top])
        found.products.append(_product(view, code, whole & sure, held, affected))
        mine |= held
    if whole_house:  # its duty is about every unit of the answer
        mine = affected.unrecorded
    found.units = affected.count_in(mine)
    reported = mine & affected.possible
    finished = (reported - BitMap(tops)) | BitMap(tops[unit] for unit in reported & BitMap(tops))
    lines = with_customers(view, finished)
    found.countries = countries_of(view, lines)
    found.customers = len({line.customer for line, _ in lines})
    found.here = len(finished) - sum(found.countries.values())


def _by_product(view: View, units: BitMap) -> dict[str, BitMap]:
    codes = product_codes(view.tenant)
    found: dict[str, BitMap] = {}
    for block in view.blocks_over(units):
        there = units & BitMap(range(block.first, block.until))
        found.setdefault(codes.get(block.product, ""), BitMap()).update(there)
    return found


def _product(view: View, code: str, whole: BitMap, held: BitMap, affected: UnitSet) -> ProductUnits:
    """Firmware and revisions of the product's own units that are affected, or hold affected ones, at least possibly."""
    revisions = revision_codes(view.tenant)
    codes = {revisions.get(block.revision, "") for block in view.blocks_over(whole)} if whole else set()
    running: set[str] = set()
    known_units = BitMap()
    rows = runs_over(view, whole) if whole else []
    versions = _versions(view, {row[0] for row in rows})
    for release, first, until, units in rows:
        mine = opened(first, until, units) & whole
        if mine and release in versions:
            running.add(versions[release])
            known_units |= mine
    return ProductUnits(
        code, affected.count_in(held), sorted(running), len(whole - known_units), sorted(one for one in codes if one)
    )


def _versions(view: View, releases: set[int]) -> dict[int, str]:
    if not releases:
        return {}
    sql = "SELECT number, role, version FROM firmware_release WHERE tenant = %s AND " + reading.any_of("number")
    rows = reading.fetch(sql, (view.tenant, reading.list_param(sorted(releases))))
    return {number: version if role in ("", "app") else f"{role}/{version}" for number, role, version in rows}


def _of_another(way: Way, makers: dict[str, int | None], party: int | None) -> bool:
    """Whether it comes only into products of other manufacturers than the one that the report is of."""
    into = {way.binding.product} if way.binding is not None and way.binding.product else set(way.products)
    known = {makers[one] for one in into if makers.get(one) is not None}
    return party is not None and bool(into) and party not in known and all(makers.get(one) is not None for one in into)


def _vulnerabilities(actor: Actor, found: Known, words: str, case: CaseFile, run: Run) -> None:
    """The vulnerabilities that the question and the title name, as feeds call and rate them; components that bring them into this
    manufacturer's products."""
    view, now = View(actor), clock.now()
    makers: dict[str, int | None] = {product: held[-1] for product, held in holders(roles_of(actor.tenant), MANUFACTURER, now).items()}  # fmt: skip
    makers |= {product: line.party for product, line in case.products.items() if line.said["role"] != "none"}
    asked = vulnerabilities_named(words, VULNERABILITIES_MAX)
    names, others = [], []
    for name in asked:
        rows = find_vulnerabilities(actor.tenant, name)
        if not rows:
            names.append(name)
        for row in rows:
            names.append(row.name)
            others += aliases_of(actor.tenant, row.number)
            found.components += [
                way.label
                for way in ways_of_vulnerability(view, row.name)
                if way.state == AFFECTED and not _of_another(way, makers, run.party)
            ]
    said = said_of(view, names)
    found.vulnerabilities = [said[name] for name in dict.fromkeys(names)]
    found.other_names = sorted(set(others) - set(names))
    found.components = sorted(set(found.components))[:COMPONENTS_MAX]
