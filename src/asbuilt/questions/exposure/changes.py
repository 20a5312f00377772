"""What changed between two moments: what was found or no longer is, what feeds say anew, what was decided, what lapsed.

    changes_between(actor, since, until)                        -> newest first
    changes_between(actor, since, until, products={"EG-200"})   -> only what concerns these products

Read from what the log kept, so that a mail that was lost can be written again word for word.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.rights import VULNERABILITY_READ
from asbuilt.designed.vulnerability.deciding.decisions import Decision, decisions, newest
from asbuilt.designed.vulnerability.deciding.premise import known_now
from asbuilt.designed.vulnerability.deciding.sentences import sentence
from asbuilt.formats.advisory.names import part_key
from asbuilt.kernel.errors import NotFound
from asbuilt.questions.exposure.decided import after_it
from asbuilt.questions.exposure.products_into import products_of, products_of_parts, with_products
from asbuilt.questions.exposure.sbom_changes import through_sboms
from asbuilt.questions.exposure.ways import AFFECTED, every_way, found_between, retracted_between
from asbuilt.questions.genealogy.answering.lookup import view_of
from asbuilt.questions.genealogy.evaluating.evaluate import still_meant
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words import language
from asbuilt.storage import reading

CHANGES_MAX = 2_000
FOUND, GONE, EXPLOITED, DECIDED, LAPSED = "found", "gone", "exploited", "decided", "lapsed"


@dataclass(frozen=True)
class Change:
    """One change: what kind, of which vulnerability, when (UTC µs), in words, which products it concerns."""

    kind: str
    vulnerability: str
    at: int
    words: str
    products: tuple[str, ...] = ()


def changes_between(
    actor: Actor, since: int, until: int, *, products: Iterable[str] | None = None, gettext: Callable | None = None
) -> list[Change]:
    """What changed after `since` up to `until` (UTC µs), the newest first, at most 2,000. NotFound for a party's person."""
    if actor.party is not None:
        raise NotFound(
            "vulnerability.narrow_view", "A narrow view has no findings.", remedy="Ask who keeps this record."
        )
    actor.require(VULNERABILITY_READ)
    with reading.snapshot():
        view = view_of(actor)
        view.say = gettext or view.say
        then, now = (_entry_at(view, moment) for moment in (since, until))
        found = [
            *_findings(view, then, now, since, until),
            *_decided(view, then, now),
            *_lapsed(view, then, now, since, until),
        ]
        found += _exploited(view, then, now, {one.vulnerability for one in found}, until)
    wanted = None if products is None else set(products)
    kept = [one for one in found if wanted is None or wanted & set(one.products)]
    return sorted(kept, key=lambda one: (-one.at, one.vulnerability, one.kind, one.words))[:CHANGES_MAX]


def _entry_at(view: View, moment: int) -> int:
    sql = "SELECT max(number) FROM ledger_entry WHERE tenant = %s AND recorded_at <= %s"
    return reading.fetch_one(sql, (view.tenant, moment))[0] or 0


def _findings(view: View, then: int, now: int, since: int, until: int) -> Iterable[Change]:
    came, went = through_sboms(view, then, now)
    found = found_between(view, since, until)
    # what was first found since is told as such, whichever SBOM listed it
    found += [(way, at) for way, at in came if not since < way.since_at <= until]
    for way, at in zip(with_products(view, [way for way, _ in found]), (at for _, at in found), strict=True):
        code = "is_affected" if way.state == AFFECTED else "is_unsure"
        said = sentence(code, {"component": way.label, "place": way.place_words})
        yield Change(FOUND, way.vulnerability, at, said.said(view.say), products_of(way))
    gone = retracted_between(view, then, now)
    told = {(way.vulnerability, way.label, way.place_words) for way, *_ in gone}
    gone += [
        (way, at, sentence("sbom")) for way, at in went if (way.vulnerability, way.label, way.place_words) not in told
    ]
    for way, (_, at, why) in zip(with_products(view, [way for way, *_ in gone]), gone, strict=True):
        said = sentence("no_longer", {"component": way.label, "place": way.place_words, "why": why})
        yield Change(GONE, way.vulnerability, at, said.said(view.say), products_of(way))


def _decided(view: View, then: int, now: int) -> Iterable[Change]:
    for one in decisions(view.tenant, as_of=now):
        if one.entry > then and not one.parted:
            said = sentence(f"decided_{one.status}", {"scope": one.scope.words, "code": one.code})
            yield Change(DECIDED, one.vulnerability, one.decided_at, said.said(view.say), _of(view, one))


def _of(view: View, one: Decision) -> tuple[str, ...]:
    """The products that a decision is about: of a part those whose BOM lists it, of a question those of the units that it may mean."""
    if one.scope.product:
        return (one.scope.product,)
    if one.scope.part:
        sql = "SELECT number, code FROM catalog_part WHERE tenant = %s"
        wanted = one.scope.part.casefold()
        parts = [number for number, code in reading.fetch(sql, (view.tenant,)) if code.casefold() == wanted]
        parts += [part for part, of in _approved(view) if of.casefold() == wanted]
        return tuple(sorted(set().union(*products_of_parts(view, parts).values())))
    meant = still_meant(view, language.parse(one.scope.question))
    units = meant.unrecorded if meant else BitMap()
    numbers = sorted({block.product for block in view.blocks_over(units)}) if units else []
    sql = "SELECT code FROM catalog_product WHERE tenant = %s AND " + reading.any_of("number")
    return tuple(sorted(code for (code,) in reading.fetch(sql, (view.tenant, reading.list_param(numbers)))))


def _approved(view: View) -> list[tuple[int, str]]:
    """(part, name) of each maker's part of the catalog: its part number, and MAKER/MPN."""
    sql = (
        "SELECT t.part, t.maker, t.mpn FROM catalog_manufacturer_part t WHERE t.tenant = %s AND t.mpn <> ''"
        + view.seen("t")
    )
    rows = reading.fetch(sql, (view.tenant,))
    return [(part, name) for part, maker, mpn in rows for name in (mpn, part_key(maker, mpn))]


def _lapsed(view: View, then: int, now: int, since: int, until: int) -> Iterable[Change]:
    counts = newest(decisions(view.tenant, as_of=now))
    after = known_now(view.tenant, {name for name, _ in counts}, now)
    gone = _lapsed_then(view, then, since) if counts else set()
    came = [way for way in every_way(view) if then < way.recorded <= now] if counts else []
    for one in counts.values():
        why = one.lapsed(after.get(one.vulnerability, ()), until, view.zone)
        # one that was made since and lapsed since is both
        if why and (one.code, one.entry) in gone:
            continue
        why = why or after_it(view, one, [way for way in came if way.vulnerability == one.vulnerability])
        if why:
            said = sentence("decision_lapsed", {"scope": one.scope.words, "code": one.code, "why": why})
            yield Change(LAPSED, one.vulnerability, until, said.said(view.say), _of(view, one))


def _lapsed_then(view: View, then: int, since: int) -> set[tuple[str, int]]:
    """The decisions (code, entry) that did not stand even then, under the names that vulnerabilities had then."""
    counts = newest(decisions(view.tenant, as_of=then))
    known = known_now(view.tenant, {name for name, _ in counts}, then)
    stood = ((one, one.lapsed(known.get(one.vulnerability, ()), since, view.zone)) for one in counts.values())
    return {(one.code, one.entry) for one, why in stood if why}


def _exploited(view: View, then: int, now: int, named: set[str], until: int) -> list[Change]:
    """Vulnerabilities that come in somewhere and that a feed says is exploited, which none said before."""
    products: dict[str, set[str]] = {}
    for way in with_products(view, every_way(view)):
        products.setdefault(way.vulnerability, set()).update(products_of(way))
    before, after = (known_now(view.tenant, products, entry) for entry in (then, now))
    found = []
    for name, mine in products.items():
        new = [one for one in after.get(name, ()) if one.exploited]
        if new and not any(one.exploited for one in before.get(name, ())):
            said = sentence("exploited", {"feed": new[0].feed}).said(view.say)
            found.append(Change(EXPLOITED, name, until, said, tuple(sorted(mine))))
    return found
