"""What is open, sorted by what matters: for each vulnerability through what it comes in, how bad it is, and how many units are in the field.

Priority looks, in this order, at whether it is known to be exploited, how likely exploitation is (EPSS), how bad it is here (the score of a
decision's own vector before anybody else's; without any behind high and before medium), whether the component is needed or optional, and how many units have it in the field. Units of
each release are read once, whatever the number of vulnerabilities.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.rights import VULNERABILITY_READ
from asbuilt.designed.vulnerability.deciding.proposing_evidence import proposed_for
from asbuilt.designed.vulnerability.deciding.upstream import UpstreamReport, upstream_reports
from asbuilt.formats.cvss_vectors import rate, severity_of
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.exposure.coverage import coverage_notes
from asbuilt.questions.exposure.decided import Group, Standing, after_it, groups_of, standing
from asbuilt.questions.exposure.products_into import products_of, with_products
from asbuilt.questions.exposure.reach import behind, in_the_field
from asbuilt.questions.exposure.said import Said, said_of
from asbuilt.questions.exposure.ways import OPTIONAL, Way, every_way
from asbuilt.questions.genealogy.answering.lookup import view_of
from asbuilt.questions.genealogy.evaluating.axis import of_product
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.language import Value
from asbuilt.storage import reading

INBOX_MAX = 500
UNSCORED = 6.95
"""Where what nobody scored stands among scores: behind high (7.0 and more), before medium. It is not known how bad it is, not harmless."""
LIKELY, SOME = 0.1, 0.01  # EPSS: about the worst 5 % and 20 % of all vulnerabilities


@dataclass(frozen=True)
class Priority:
    """Why something comes first; compared in this order, larger first."""

    exploited: bool
    likelihood: int  # 2 EPSS from 10 %, 1 from 1 %, 0 below or not known
    score: float | None
    needed: bool
    field: int

    @property
    def words(self) -> tuple[str, ...]:
        """What speaks for it, in words."""
        said = ["exploited"] if self.exploited else []
        said += [("", "may be exploited", "likely to be exploited")[self.likelihood]] if self.likelihood else []
        said.append("no score" if self.score is None else severity_of(self.score))
        if not self.needed:
            said.append("optional component")
        return tuple(said)

    @property
    def key(self) -> tuple:
        """For sorting, the smallest first."""
        score = UNSCORED if self.score is None else self.score
        return (-self.exploited, -self.likelihood, -score, -self.needed, -self.field)


@dataclass(frozen=True)
class Open:
    """A vulnerability that is open somewhere. `lapsed` are decisions that no longer stand, with why; `proposed` counts what our own SBOMs and
    build configurations speak for, which a person may confirm."""

    vulnerability: str
    title: str
    state: str
    priority: Priority
    score: float | None
    epss: float | None
    exploited: bool
    components: tuple[str, ...]
    places: tuple[str, ...]
    products: tuple[str, ...]
    units: int
    in_field: int
    since_at: int
    lapsed: tuple[tuple[str, str], ...] = ()
    proposed: int = 0


@dataclass(frozen=True)
class Inbox:
    """Open vulnerabilities, what matters most first; `more` are not listed. Reports to makers that nobody sent yet; notes on how much of the
    record can be matched at all, and how old the feeds are."""

    listed: tuple[Open, ...]
    more: int
    upstream: tuple[UpstreamReport, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ProductStanding:
    """How a product stands: open vulnerabilities, exploited ones among them, the worst score, units in the field behind any of them."""

    open: int = 0
    exploited: int = 0
    worst: float | None = None
    in_field: int = 0
    names: tuple[str, ...] = field(default=())


def inbox(actor: Actor, gettext: Callable | None = None, number: Callable | None = None) -> Inbox:
    """Everything open, sorted. NotFound for a party's person: findings are the house's own until it says something about them."""
    if actor.party is not None:
        raise NotFound(
            "vulnerability.narrow_view", "A narrow view has no findings.", remedy="Ask who keeps this record."
        )
    actor.require(VULNERABILITY_READ)
    with reading.snapshot():
        view = view_of(actor)
        view.say, view.number = gettext or view.say, number or view.number
        found = [one for one, _ in _open(view)]
        listed = sorted(found, key=lambda one: (one.priority.key, one.vulnerability))
        proposed = proposed_for(view.tenant, [one.vulnerability for one in listed[:INBOX_MAX]]) if listed else {}
        shown = tuple(replace(one, proposed=proposed.get(one.vulnerability, 0)) for one in listed[:INBOX_MAX])
        upstream = tuple(one for one in upstream_reports(view.tenant) if one.open)
        return Inbox(shown, max(0, len(listed) - INBOX_MAX), upstream, coverage_notes(view))


def standing_of_products(actor: Actor, products: Iterable[str]) -> dict[str, ProductStanding]:
    """How these products stand."""
    wanted = sorted(set(products))
    with reading.snapshot():
        view = view_of(actor)
        found = {product: ProductStanding() for product in wanted}
        mine: dict[str, list[tuple[Open, BitMap]]] = defaultdict(list)
        for one, units in _open(view):
            for product in set(one.products) & set(wanted):
                mine[product].append((one, units))
        for product, rows in mine.items():
            units = BitMap().union(*(held for _, held in rows)) & _of_product(view, product)
            scores = [one.score for one, _ in rows if one.score is not None]
            found[product] = ProductStanding(
                len(rows), sum(one.exploited for one, _ in rows), max(scores, default=None), len(units), tuple(one.vulnerability for one, _ in rows[:20])
            )  # fmt: skip
        return found


def _of_product(view: View, product: str) -> BitMap:
    return of_product(view, [Value(product)])


def _open(view: View) -> list[tuple[Open, BitMap]]:
    """Each open vulnerability, and its units in the field."""
    by_name: dict[str, list[Way]] = defaultdict(list)
    for way in with_products(view, every_way(view)):
        by_name[way.vulnerability].append(way)
    if not by_name:
        return []
    decided = standing(view, by_name)
    behind_place = _UnitsByPlace(view)
    left: dict[str, tuple[list[Group], BitMap]] = {}
    for name, ways in by_name.items():
        if groups := groups_of(ways, decided.get(name, ())):
            left[name] = (groups, BitMap().union(*(behind_place.left(group) for group in groups)))
    units = view.without_skipped(BitMap().union(*(mine for _, mine in left.values())))
    away = in_the_field(view, units)
    facts = said_of(view, left)
    return [
        (
            _as_open(name, groups, decided.get(name, ()), facts[name], mine & units, mine & away, behind_place),
            mine & away,
        )
        for name, (groups, mine) in left.items()
    ]


class _UnitsByPlace:
    """The units behind each place, read once."""

    def __init__(self, view: View):
        self.view = view
        self.known: dict[tuple, BitMap] = {}

    def of(self, way: Way) -> BitMap:
        """Units certainly or possibly behind the place of this way; of a part also those on which nobody knows which piece it is, as at the
        gate."""
        if way.place not in self.known:
            found = behind(self.view, [way], False)
            self.known[way.place] = BitMap(found.possible if way.part is None else found.unrecorded)
        return self.known[way.place]

    def left(self, group: Group) -> BitMap:
        """What of them the decisions of the group leave."""
        found = BitMap().union(*(self.of(way) for way in group.ways))
        return BitMap(group.left(self.view, UnitSet.sure(found)).possible) if group.steps else found


def _as_open(
    name: str,
    groups: list[Group],
    decided: Iterable[Standing],
    said: Said,
    units: BitMap,
    away: BitMap,
    behind_place: _UnitsByPlace,
) -> Open:
    ways = [way for group in groups for way in group.ways]
    # what we say ourselves of our own products comes before anybody's base score
    own = [one.decision.vector for one in decided if one.decision.vector and not one.lapsed]
    score = max((rate(vector).score for vector in own), default=said.score)
    likelihood = 0 if said.epss is None else (said.epss >= SOME) + (said.epss >= LIKELY)
    needed = any(way.scope not in OPTIONAL for way in ways)
    priority = Priority(said.exploited, likelihood, score, needed, len(away))
    state = "affected" if any(way.state == "affected" for way in ways) else "unsure"
    products = {product for way in ways for product in products_of(way)}
    view = behind_place.view
    why = ((one, one.lapsed or after_it(view, one.decision, ways, behind_place.of)) for one in decided)
    lapsed = tuple((one.decision.code, no_longer.said(view.say)) for one, no_longer in why if no_longer)
    return Open(
        name, said.title, state, priority, score, said.epss, said.exploited, _sorted(way.label for way in ways),
        _sorted(way.place_words for way in ways), _sorted(products), len(units), len(away),
        min(way.since_at for way in ways), lapsed,
    )  # fmt: skip


def _sorted(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words)))
