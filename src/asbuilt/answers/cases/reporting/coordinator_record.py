"""What the record says of a manufacturer's coordinator, rule by rule, and where it does not know: never a determination, a person makes that.

    by_record(tenant, party, now)             -> a Finding for each rule, in their order
    otherwise(tenant, party, rule, state, now) -> in words, where the record says something else than what was determined; else empty

Who represents, imports and distributes a manufacturer's products stands in product_roles.csv, in which Member State a party is in parties.csv.
Most products are counted as products, each once a party. Where users are is not known: units by the country they were shipped to stand for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from asbuilt.access.actor import local_system
from asbuilt.answers.cases.reporting.coordinator_rules import PRODUCTS, USERS, Rule, rules
from asbuilt.answers.cases.reporting.field_rules import member_states
from asbuilt.designed.catalog.queries import standing_products
from asbuilt.designed.parties.product_roles import MANUFACTURER, holders, roles_of
from asbuilt.designed.parties.queries import countries_of, names_of
from asbuilt.formats.countries import tidy
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.genealogy.answering.answers import finished_of
from asbuilt.questions.genealogy.evaluating.evaluate import units_of
from asbuilt.questions.genealogy.evaluating.history import last_lines
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words import language
from asbuilt.questions.genealogy.words.saying import quoted


@dataclass(frozen=True)
class Finding:
    """What the record says to one rule. `through`: the party whose place it is; `counted`: (party's name or country, its Member State or none, how many)."""

    rule: str
    decides: bool = False
    member_state: str = ""
    through: int | None = None
    counted: tuple[tuple[str, str, int], ...] = ()
    of: int = 0
    gap: str = ""


def by_record(tenant: int, party: int, now: int, *, users: bool = True) -> list[Finding]:
    """Every rule in its order. Without `users` units are not counted. About five statements, and those of a question."""
    rows = roles_of(tenant)
    made = sorted(product for product, held in holders(rows, MANUFACTURER, now).items() if held[-1] == party)
    homes = countries_of(tenant)
    found = []
    for rule in rules()[2]:
        if outside := _not_asked(rule, tenant, party, homes):
            found.append(Finding(rule.rule, gap=outside))
        elif rule.counts == PRODUCTS:
            held = holders(rows, rule.role, now)
            found.append(_by_holders(rule, tenant, {product: held.get(product, []) for product in made}, homes))
        elif users:
            found.append(_by_users(rule, tenant, made, homes))
    return found


def decided(found: list[Finding]) -> Finding | None:
    """The first rule that the record decides."""
    return next((one for one in found if one.decides), None)


def otherwise(tenant: int, party: int, rule: str, member_state: str, now: int) -> str:
    """In words, where the record says otherwise than this determination; empty where it does not."""
    order = [one.rule for one in rules()[2]]
    if rule not in order:  # of an older rule set
        return ""
    asked = next(one for one in rules()[2] if one.rule == rule)
    found = by_record(tenant, party, now, users=False)
    mine, first = next((one for one in found if one.rule == rule), None), decided(found)
    if first is not None and order.index(first.rule) < order.index(rule):
        who = names_of(tenant, [first.through]).get(first.through, "?")
        told = {"who": who, "state": first.member_state}
        return _("By the record an earlier rule decides: %(who)s, %(state)s.") % told
    if first is not None and first.rule == rule and first.member_state != member_state:
        who = names_of(tenant, [first.through]).get(first.through, "?")
        return _("By the record it is %(who)s, %(state)s.") % {"who": who, "state": first.member_state}
    if asked.established or mine is None or mine.decides:
        return _in_union(tenant, party) if asked.counts == USERS else ""
    return mine.gap


def _in_union(tenant: int, party: int) -> str:
    home = tidy(countries_of(tenant).get(party, ""))
    if home not in member_states():
        return ""
    return _("By parties.csv it is in %(state)s: rules for manufacturers outside the Union do not decide.") % {
        "state": home
    }


def _not_asked(rule: Rule, tenant: int, party: int, homes: Mapping[int, str]) -> str:
    """Why the record cannot be asked by this rule; empty where it can."""
    home = tidy(homes.get(party, ""))
    if rule.established:
        if not home:
            return _("parties.csv names no country of the manufacturer; where it is decided the record does not know.")
        if home not in member_states():
            return _("By parties.csv it is in %(state)s; an establishment in the Union is not on record.") % {
                "state": home
            }
        return _("By parties.csv it is in %(state)s; where it is decided the record does not know.") % {"state": home}
    return _in_union(tenant, party)


def _by_holders(rule: Rule, tenant: int, held: Mapping[str, list[int]], homes: Mapping[int, str]) -> Finding:
    """The place of whoever stands for most products. Who is outside the Union is left out, and named."""
    counts: dict[int, int] = {}
    for parties in held.values():
        for party in parties:
            counts[party] = counts.get(party, 0) + 1
    names = names_of(tenant, counts)
    places = {party: tidy(homes.get(party, "")) for party in counts}
    counted = tuple(
        (names.get(one, "?"), places[one], counts[one]) for one in sorted(counts, key=lambda one: (-counts[one], one))
    )
    gaps = []
    if bare := [product for product, parties in held.items() if not parties]:
        told = {"role": _role(rule.role), "count": len(bare), "of": len(held)}
        gaps.append(_("product_roles.csv names no %(role)s of %(count)s of %(of)s products.") % told)
    if not held:
        gaps.append(_("product_roles.csv names no product of this manufacturer."))
    for party, place in places.items():
        if not place:
            gaps.append(_("parties.csv names no country of %(party)s.") % {"party": names.get(party, "?")})
        elif place not in member_states():
            told = {"party": names.get(party, "?"), "state": place}
            gaps.append(_("%(party)s is in %(state)s, no Member State, and does not count.") % told)
    running = {one: count for one, count in counts.items() if not places[one] or places[one] in member_states()}
    ahead = [one for one, count in running.items() if count == max(running.values())]
    states = {places[one] for one in ahead}
    if len(states) > 1:
        told = {"parties": ", ".join(sorted(names.get(one, "?") for one in ahead)), "count": counts[ahead[0]]}
        gaps.append(_("%(parties)s stand for %(count)s products each: a person says which.") % told)
    decides = len(states) == 1 and "" not in states
    state, through = (states.pop(), min(ahead)) if decides else ("", None)
    return Finding(rule.rule, decides, state, through, counted, len(held), " ".join(gaps))


def _by_users(rule: Rule, tenant: int, made: list[str], homes: Mapping[int, str]) -> Finding:
    """The Member State to which most finished units of its products were shipped last."""
    gaps = [_("Users are not on record: counted are units by the country they were shipped to.")]
    counts: dict[str, int] = {}
    view = View(local_system(tenant))
    if known := sorted(set(made) & set(standing_products(tenant))):
        asked = language.parse("product:" + ",".join(map(quoted, known)))
        units = units_of(view, asked).certain
        finished = finished_of(UnitSet.sure(units), view.outermost(units)).certain
        for line, mine in last_lines(view, finished):
            country = tidy(line.country or homes.get(line.customer, ""))
            counts[country] = counts.get(country, 0) + len(mine)
    if nowhere := counts.pop("", 0):
        gaps.append(_("Of %(count)s shipped units the record names no country.") % {"count": f"{nowhere:,}"})
    counted = tuple((one, one, counts[one]) for one in sorted(counts, key=lambda one: (-counts[one], one)))
    inside = {one: count for one, count in counts.items() if one in member_states()}
    if not inside:
        gaps.append(_("No unit was shipped to a Member State."))
    ahead = [one for one, count in inside.items() if count == max(inside.values())]
    if len(ahead) > 1:
        gaps.append(_("%(states)s have as many.") % {"states": ", ".join(sorted(ahead))})
    decides = len(ahead) == 1
    state = ahead[0] if decides else ""
    return Finding(rule.rule, decides, state, None, counted, sum(counts.values()) + nowhere, " ".join(gaps))


def _role(role: str) -> str:
    known = {
        "authorised_representative": _("authorised representative"), "importer": _("importer"), "distributor": _("distributor"),
    }  # fmt: skip
    return known.get(role, role)
