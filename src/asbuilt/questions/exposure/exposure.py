"""A vulnerability followed to the units and to whoever has them: component, release or revision or part, units, customers, each hop with its reason.

    exposure(actor, "CVE-2024-23170")                      -> Exposure
    exposure(actor, "CVE-2024-23170", as_of="2027-03-01")

The units are those of the question `cve:` and go by the same three numbers; nothing is listed one by one. Remediated units had it and no longer
do: they ran an affected release once, or carried an affected part. A person of a party sees his own units only, and the names of components
only of products whose manufacturer his party is.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_READ
from asbuilt.built.quality.waivers import WaiverSeen, waivers
from asbuilt.built.supply.silicon import said_otherwise
from asbuilt.designed.parties.product_roles import manufacturer_of
from asbuilt.designed.vulnerability.deciding.decisions import REVISION
from asbuilt.designed.vulnerability.deciding.sentences import Sentence, grounds_said, sentence
from asbuilt.designed.vulnerability.deciding.upstream import UpstreamReport, upstream_reports
from asbuilt.kernel.plain import plain
from asbuilt.kernel.spans import UnitSet
from asbuilt.ledger import clock
from asbuilt.questions.exposure.coverage import coverage_notes, links_not_resolved
from asbuilt.questions.exposure.decided import Standing, after_it, answerless, groups_of, of_way, standing
from asbuilt.questions.exposure.reach import reached
from asbuilt.questions.exposure.said import said_of
from asbuilt.questions.exposure.terms_answered import all_known_as
from asbuilt.questions.exposure.ways import UNSURE, Way, ways_of_vulnerability
from asbuilt.questions.genealogy.answering.answers import Answer, ask, entry_known_at
from asbuilt.questions.genealogy.answering.flow import CUSTOMER, ORDER, PLAIN, SEVERAL, SILENT, Flow, flow_of
from asbuilt.questions.genealogy.answering.narrowing import written
from asbuilt.questions.genealogy.answering.whereabouts import whereabouts
from asbuilt.questions.genealogy.evaluating.naming import unknown
from asbuilt.questions.genealogy.evaluating.view import SCRAPPED, View
from asbuilt.questions.genealogy.words.terms import gettext_noop as _
from asbuilt.storage import reading

SILICON_SAID_MAX = 5
COMPONENT, PLACE = "component", "place"
OPEN, CLOSED = "open", "closed"


@dataclass(frozen=True)
class Hop:
    """One way in: the component and where it is, why it is a finding, what was decided, how many units are behind it."""

    component: str
    place: str
    kind: str
    state: str
    reason: str
    since_at: int
    verdict: str
    decision: str
    decided: str
    lapsed: str
    counts: dict[str, int]
    units: UnitSet = field(repr=False)


@dataclass(frozen=True)
class DecisionSeen:
    """A decision as people read it, and whether it closes anything. Both `lapsed` and `counts`: not through the release that came after it."""

    code: str
    scope: str
    kind: str
    status: str
    justification: str
    impact: str
    action: str
    vector: str
    review_on: str
    source: str
    sha256: str
    decided_at: int
    lapsed: str
    counts: bool
    made_for: str = ""
    """The name that it was made for, where the vulnerability goes by another one."""


@dataclass
class Exposure:
    """A vulnerability and what it is to units. `answer` is that of the question `cve:`; `taken_out` are units that decisions take out,
    `countries` count finished units, as customers do."""

    vulnerability: str
    title: str
    score: float | None
    vector: str
    exploited: bool
    epss: float | None
    hops: tuple[Hop, ...]
    countries: tuple[dict, ...]
    remediated: int
    taken_out: int
    decisions: tuple[DecisionSeen, ...]
    waivers: tuple[WaiverSeen, ...]
    upstream: tuple[UpstreamReport, ...]
    notes: tuple[str, ...]
    answer: Answer = field(repr=False)
    flow: Flow | None = field(repr=False, default=None)
    elapsed_ms: float = 0.0

    def as_dict(self) -> dict:
        """As JSON: the answer of the question language, with what this page adds."""
        said = plain(self)
        return {**said, "answer": self.answer.as_dict()}


def exposure(
    actor: Actor,
    name: str,
    *,
    as_of: str | None = None,
    pictured: bool = False,
    gettext: Callable | None = None,
    number: Callable | None = None,
) -> Exposure:
    """What a vulnerability is to units, now or as known then. NotFound: no feed speaks of it, or the reader has no unit that it is on."""
    actor.require(RECORD_READ)
    began = time.perf_counter()
    with reading.snapshot():
        asking = View(actor)
        asking.entry = entry_known_at(asking, as_of) if as_of else None
        known, *others = all_known_as(asking, name)
        answer = ask(actor, written("cve", known), as_of=as_of, gettext=gettext, number=number, trust=False)
        view = answer.view
        said = said_of(view, [known])[known]
        ways = ways_of_vulnerability(view, known)
        decided = standing(view, [known]).get(known, [])
        before = reached(view, ways, True)
        before = before.within(view.without_skipped(before.unrecorded))
        pairs = _hops(view, ways, decided, before.unrecorded)
        if actor.party is not None:
            # others have it too by other ways, and what is decided of those is no business of this reader's
            pairs = [(way, hop) for way, hop in pairs if hop.units]
            ways = [way for way, _ in pairs]
            decided = [one for one in decided if any(_speaks_of(one, way) for way in ways)]
            if not pairs:
                raise unknown("vulnerability", name, ())
        hops = [hop for _, hop in pairs]
        ours = actor.party is None or _is_maker(view, ways)
        where = whereabouts(answer)
        by_country: dict[str, BitMap] = {}
        for place in where.places:
            by_country.setdefault(place.country, BitMap()).update(place.finished)
        mended = _remediated(view, ways, before)
        found = Exposure(
            known, said.title, said.score, said.vector, said.exploited, said.epss, tuple(_told(hop, ours) for hop in hops),
            tuple({"country": country, **answer.finished.count_in(units)} for country, units in sorted(by_country.items(), key=lambda row: -len(row[1]))),
            len(mended), len(before.possible - answer.affected.unrecorded - mended),
            tuple(_decision(view, one, ways) for one in decided if ours or one.closes), _waivers(view, known) if ours else (),
            _upstream(view, known, ways) if ours else (), (*_also(view, name, others), *links_not_resolved(view, known), *_silicon_said(view, ways), *coverage_notes(view)), answer,
        )  # fmt: skip
        if pictured and answer.affected:
            found.flow = _picture(answer, where, hops, ours)
    found.elapsed_ms = round((time.perf_counter() - began) * 1000, 2)
    return found


def _also(view: View, name: str, others: Iterable[str]) -> Iterable[str]:
    """That the name asked for stands for more than the vulnerability that is answered for."""
    if found := ", ".join(others):
        yield view.say(_("{name} also names {others}; ask for each.")).format(name=name[:80], others=found)


def _silicon_said(view: View, ways: Iterable[Way]) -> Iterable[str]:
    """Of which packages two silicon revisions are said: which one counts nobody chooses."""
    unsure = {package for way in ways if way.pieces is not None and way.state == UNSURE for package in way.pieces[0]}
    if not unsure or view.visible is not None:
        return
    for code, revisions in said_otherwise(view.tenant, unsure, view.seen("t"))[:SILICON_SAID_MAX]:
        text = view.say(_("The silicon of package {package} is said to be {revisions}: on its units it is possible."))
        yield text.format(package=code, revisions=", ".join(revisions))


def _speaks_of(one: Standing, way: Way) -> bool:
    """Whether a decision is about the place of a way, or about a hardware revision of its product. What a question means stays with the
    house: its words may name what others have."""
    scope, binding = one.decision.scope, way.binding
    of_revision = scope.kind == REVISION and binding is not None and binding.product == scope.product
    return of_way(scope, way) or of_revision


def _waivers(view: View, known: str) -> tuple[WaiverSeen, ...]:
    """The waivers for it; for a party's person those of products that the party makes."""
    found, now = waivers(view.tenant, vulnerabilities=[known]), clock.now()
    if view.actor.party is not None:
        found = [one for one in found if manufacturer_of(view.tenant, one.product, now) == view.actor.party]
    return tuple(found)


def _upstream(view: View, known: str, ways: Iterable[Way]) -> tuple[UpstreamReport, ...]:
    """Reports to makers; to a party's person those about components of its own products: what happened when, not to whom and with what words."""
    found = upstream_reports(view.tenant, [known])
    if view.actor.party is None:
        return tuple(found)
    labels = {way.label.casefold().split(" ")[0] for way in ways}
    return tuple(
        replace(
            one,
            steps=tuple(replace(step, recipient="", reference="", said="", file="", sha256="") for step in one.steps),
        )
        for one in found
        if one.component.casefold() in labels
    )


def _hops(view: View, ways: list[Way], decided: list[Standing], built: BitMap) -> list[tuple[Way, Hop]]:
    left = {id(way): group for group in groups_of(ways, decided) for way in group.ways}
    units: dict[tuple, UnitSet] = {}
    found = []
    for way in ways:
        key = (way.place, way.state)
        if key not in units:
            units[key] = reached(view, [way], False).within(built)
        behind = units[key]
        group = left.get(id(way))
        behind = group.left(view, behind) if group is not None else behind
        mine = next((one for one in decided if of_way(one.decision.scope, way)), None)
        covered = mine is not None and mine.decision.speaks_of(way.label)
        lapsed = Sentence() if mine is None else mine.lapsed
        if mine is not None and not lapsed and not covered:
            lapsed = sentence("not_looked_at", {"component": way.label})
        if mine is None:
            mine, lapsed = _overtaken_by(view, way, decided, behind)
        if group is not None and (later := group.taken_back) is not None:
            lapsed = sentence("taken_back", {"code": later.code})
        hop = (
            Hop(
                way.label, way.place_words, way.place_kind, way.state, grounds_said(way.grounds, view.say), way.since_at, CLOSED if group is None else OPEN,
                mine.decision.code if mine else "", mine.decision.status if mine else "", lapsed.said(view.say), behind.counts(), behind,
            )
        )  # fmt: skip
        found.append((way, hop))
    return sorted(found, key=lambda pair: _hop_order(pair[1]))


def _hop_order(hop: Hop) -> tuple:
    return hop.verdict != OPEN, -len(hop.units.unrecorded), hop.component, hop.place


def _told(hop: Hop, ours: bool) -> Hop:
    """Without the component and the grounds, where the reader's party does not make the product."""
    if ours:
        return hop
    return Hop(
        "", hop.place, hop.kind, hop.state, "", hop.since_at, hop.verdict, "", hop.decided, "", hop.counts, hop.units
    )


def _is_maker(view: View, ways: Iterable[Way]) -> bool:
    now = clock.now()
    products = {way.binding.product for way in ways if way.binding is not None and way.binding.product}
    return bool(products) and all(
        manufacturer_of(view.tenant, product, now) == view.actor.party for product in products
    )


def _remediated(view: View, ways: list[Way], before: UnitSet) -> BitMap:
    """Units that were behind a way and no longer are, but for those scrapped."""
    gone = before.possible - reached(view, ways, False).unrecorded
    return BitMap(gone - view.state_units(SCRAPPED, over=BitMap(gone)) if gone else gone)


def _overtaken_by(view: View, way: Way, decided: list[Standing], behind: UnitSet) -> tuple[Standing | None, Sentence]:
    """The decision about hardware or units that would close a way had its release not come after it, and that it did."""
    for one in decided:
        units = BitMap(behind.unrecorded)
        if one.closes and (said := after_it(view, one.decision, [way], lambda _, units=units: units)):
            return one, said
    return None, Sentence()


def _decision(view: View, one: Standing, ways: Iterable[Way]) -> DecisionSeen:
    said, lapsed = one.decision, one.lapsed
    if not lapsed and answerless(view, said):
        lapsed = sentence("question_gone")
    counts = said.closes and not lapsed
    if counts:
        lapsed = after_it(view, said, ways)
    return DecisionSeen(
        said.code, said.scope.words, said.scope.kind, said.status, said.justification, said.impact, said.action, said.vector,
        said.review_on, said.source, said.sha256, said.decided_at, lapsed.said(view.say), counts, said.made_for,
    )  # fmt: skip


def _picture(answer: Answer, where, hops: list[Hop], ours: bool) -> Flow:
    """Component, place, order, customer, as the flow of an answer is drawn."""
    affected = answer.affected.unrecorded
    by_component: dict[str, BitMap] = {}
    by_place: dict[str, BitMap] = {}
    for hop in hops:
        if hop.verdict == OPEN:
            units = BitMap(hop.units.unrecorded & affected)
            by_component.setdefault(hop.component if ours else "", BitMap()).update(units)
            by_place.setdefault(hop.place, BitMap()).update(units)
    kinds = (COMPONENT, PLACE, ORDER, CUSTOMER)
    return flow_of(answer, kinds, (_apart(by_component, affected), _apart(by_place, affected)), where)


def _apart(units: dict[str, BitMap], affected: BitMap) -> list[tuple[str, str, BitMap]]:
    """Each unit once: under its one name, under several together, or where the record is silent."""
    once, more = BitMap(), BitMap()
    for found in units.values():
        more |= once & found
        once |= found
    groups = [(label, PLAIN, found - more) for label, found in units.items()]
    groups.append((", ".join(sorted(label for label, found in units.items() if found & more)[:3]), SEVERAL, more))
    groups.append(("", SILENT, affected - once))
    return groups
