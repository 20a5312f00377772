"""What was judged of products, as pages, commands and the API show it; and what the newest rules change.

judgement_told(actor, "AB-100")   -> {"product", "judgement", "roles", "changed", "gaps", "history", "rule_set"}
products_told(actor)              -> every product with its class and routes, those first that rules or days changed
changes_told(actor)               -> the products whose result is another one today, and what differs
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import COMPLIANCE_READ
from asbuilt.answers.compliance.judging.actions import concerned, today
from asbuilt.answers.compliance.judging.answered import answered
from asbuilt.answers.compliance.judging.decision import IN, Answers, compared, decided
from asbuilt.answers.compliance.judging.operators import operators_on
from asbuilt.answers.compliance.judging.rule_sets import RuleSet, rule_sets, rules_on
from asbuilt.answers.compliance.judging.wording import local
from asbuilt.answers.compliance.lines import ROLE, SCOPE, Line, lines_of
from asbuilt.answers.compliance.stating import read_product, refuse_party
from asbuilt.designed.catalog.queries import standing_products
from asbuilt.designed.parties.product_roles import manufacturer_of
from asbuilt.designed.parties.queries import names_of
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.storage import reading


def judgement_told(actor: Actor, product: str) -> dict:
    """One product: its judgement that stands, the roles of parties, what today's rules change, what is missing. NotFound: no such product."""
    with reading.snapshot():
        lines = read_product(actor, product)
        rules = rules_on(today())
        people = People(actor.tenant, 0).codes({line.person for line in lines if line.person})
        scopes = [line for line in lines if line.kind == SCOPE]
        roles = _roles(actor.tenant, lines)
        judgement = _judgement(scopes[-1], people) if scopes else None
        return {
            "product": product, "rule_set": rules.rule_set, "applies_from": rules.applies_from, "judgement": judgement, "roles": roles,
            "changed": _changed(rules, scopes[-1], lines) if scopes else None,
            "gaps": _gaps(actor.tenant, product, judgement, roles), "history": [_judgement(line, people) for line in scopes],
        }  # fmt: skip


def products_told(actor: Actor) -> list[dict]:
    """Every product that stands: product, scope, class, routes, judged_on, rule_set, changed (names of what differs today)."""
    refuse_party(actor, "")
    actor.require(COMPLIANCE_READ)
    with reading.snapshot():
        known = sorted(standing_products(actor.tenant))
        lines = lines_of(actor.tenant, known)
        rules = rules_on(today())
        return [_row(code, lines.get(code, []), rules) for code in known]


def allowed_routes(tenant: int, products: Sequence[str]) -> dict[str, set[str]]:
    """Product -> the conformity routes that its judgement allows, and today's rules still do: a standard may have been withdrawn since. Products that
    nobody judged, or that are out of scope, are not there."""
    found, rules = {}, rules_on(today())
    for code, lines in lines_of(tenant, products).items():
        scope = next((line for line in reversed(lines) if line.kind == SCOPE), None)
        if scope is None or not scope.said["result"]["routes"]:
            continue
        changed = _changed(rules, scope, lines)
        found[code] = _allowed(scope.said["result"])
        if changed is not None and changed["after"] is not None:
            found[code] &= _allowed(changed["after"])
    return found


def _allowed(result: dict) -> set[str]:
    return {one["route"] for one in result["routes"] if one["allowed"]}


def not_judged(tenant: int, products: Sequence[str]) -> dict[str, str]:
    """Those of the products that nobody judged to be in scope with a class: code -> "" (never judged), open, out, or in (without a class)."""
    lines = lines_of(tenant, products, (SCOPE,))
    last = {code: lines[code][-1].said["result"] if lines.get(code) else None for code in products}
    return {
        code: result["scope"] if result else ""
        for code, result in sorted(last.items())
        if result is None or result["scope"] != IN or not result["class"]
    }


def changes_told(actor: Actor) -> list[dict]:
    """The products that would be judged otherwise today: product, judged_on, rule_set, now (rule set), changed, before, after."""
    return [one["difference"] | {"product": one["product"]} for one in products_told(actor) if one["difference"]]


def _row(code: str, lines: Sequence[Line], rules: RuleSet) -> dict:
    scope = next((line for line in reversed(lines) if line.kind == SCOPE), None)
    if scope is None:
        return {
            "product": code,
            "scope": "",
            "class": "",
            "routes": [],
            "judged_on": "",
            "rule_set": "",
            "difference": None,
        }
    result = scope.said["result"]
    return {
        "product": code, "scope": result["scope"], "class": result["class"], "routes": result["routes"], "judged_on": scope.said["on"],
        "rule_set": scope.said["rule_set"], "difference": _changed(rules, scope, lines),
    }  # fmt: skip


def _changed(rules: RuleSet, scope: Line, lines: Sequence[Line]) -> dict | None:
    """What today's rules make of the same answers; None where nothing differs. The judgement itself stays as it is."""
    before, answers = scope.said["result"], Answers(**scope.said["answers"])
    shown = {"judged_on": scope.said["on"], "rule_set": scope.said["rule_set"], "now": rules.rule_set}
    try:
        after = decided(rules, answers, on=today(), concerned=concerned(rules, lines))
    except AsbuiltError as refusal:  # a key that the new rules do not have
        return {**shown, "changed": ["refused"], "before": before, "after": None, "refused": refusal.message}
    differs = compared(before, after)
    return {**shown, "changed": differs, "before": before, "after": after} if differs else None


def _judgement(line: Line, people: dict[int, str]) -> dict:
    said = line.said
    return {
        "on": said["on"], "rule_set": said["rule_set"], "rule_set_sha256": said["rule_set_sha256"], "answers": said["answers"],
        "rests_on": answered(said), **said["result"], "why": line.why, "by": people.get(line.person, ""), "recorded_at": format_instant(line.happened_at),
        "entry": line.entry,
    }  # fmt: skip


def _roles(tenant: int, lines: Sequence[Line]) -> list[dict]:
    held = {line.party: line for line in lines if line.kind == ROLE}
    names, operators = names_of(tenant, held), operators_on(today())
    found = [
        {
            "party": names.get(party, ""), "number": party, "role": line.said["role"], "facts": line.said["facts"], "source": line.said["source"],
            "rule_set": line.said["rule_set"], "why": line.why, "duties": operators.asked(line.said["role"]),
        }
        for party, line in held.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: one["party"])


def _gaps(tenant: int, product: str, judgement: dict | None, roles: Sequence[dict]) -> list[str]:
    """What is not known, in words of the reader's language."""
    if judgement is None:
        return [_("Nobody judged whether the law applies to it.")]
    found = [_("Not answered: {what}.").format(what=one) for one in judgement["open"]]
    files = {one.rule_set: one.sha256 for one in rule_sets()}
    if files.get(judgement["rule_set"]) != judgement["rule_set_sha256"]:
        words = _("The file of {rule_set} is not here, or not the one that it was judged by.")
        found.append(words.format(rule_set=judgement["rule_set"]))
    if judgement["scope"] != "out" and not judgement["class"]:
        found.append(_("No core function is named."))
    for gap in judgement["gaps"]:
        words = {
            "standard_not_cited": _("{standard} is not cited in the Official Journal: it covers no requirement."),
            "standard_withdrawn": _("{standard} was withdrawn on {since}: it covers no requirement any more."),
        }[gap["gap"]]
        found.append(words.format(**gap))
    reachable = [one for one in judgement["routes"] if one["allowed"] and one["available"]]
    if judgement["routes"] and not reachable:
        found.append(_("No conformity route is available yet."))
    makers = {one["number"]: one["party"] for one in roles if one["role"] == "manufacturer"}
    recorded = manufacturer_of(tenant, product, clock.now())
    if not makers:
        found.append(_("No party is judged to be the manufacturer."))
    elif recorded is not None and recorded not in makers:
        names = names_of(tenant, [recorded])
        said = _("product_roles.csv names {recorded} as the manufacturer, judged is {judged}.")
        found.append(said.format(recorded=names.get(recorded, ""), judged=", ".join(sorted(makers.values()))))
    return found


def rules_told(actor: Actor) -> dict:
    """The keys that judgements and assessments take today, with their words in the reader's language."""
    refuse_party(actor, "")
    actor.require(COMPLIANCE_READ)
    rules = rules_on(today())

    def listed(part: str, *names: str) -> list[dict]:
        return [{**{name: one[name] for name in names}, "name": local(one["name"])} for one in rules.part(part)]

    edges = [
        {**one, "evidence": [{"field": each["field"], "name": local(each["name"])} for each in known["evidence"]]}
        for one, known in zip(listed("edges", "key", "kind", "source"), rules.part("edges"), strict=True)
    ]
    return {
        "rule_set": rules.rule_set, "applies_from": rules.applies_from, "functions": listed("functions", "key", "legal", "class"), "edges": edges,
        "market": {"name": local(rules.said["market"]["name"]), "source": rules.said["market"]["source"]},
        "dates": [{**one, "reached": one["on"] <= today()} for one in listed("dates", "on", "source")],
        "facts": listed("party_facts", "key"), "requirements": listed("requirements", "key", "part", "always"),
        "operators": operators_on(today()).told(),
    }  # fmt: skip
