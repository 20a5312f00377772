"""Judging products: scope, class and routes by a person's answers, and the role of each party.

    judge(actor, product="AB-100", answers=Answers(…), why="…")                  -> the entry
    judge_role(actor, product="AB-100", party="HAL", facts=["makes", "own_name"], why="…")

A judgement keeps the rule set that it was made under. Refused: an exclusion without its evidence, a function, fact or standard's requirement that the rules do not
know, rules that changed since the form was shown.
"""

from collections.abc import Mapping, Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.rights import COMPLIANCE_DECIDE
from asbuilt.answers.cases.handling.roles import party_named
from asbuilt.answers.compliance.events import JUDGED
from asbuilt.answers.compliance.judging.classes import class_of, day_of
from asbuilt.answers.compliance.judging.decision import CONNECTIONS, NO, YES, Answers, decided, role_of
from asbuilt.answers.compliance.judging.rule_sets import RuleSet, rules_on
from asbuilt.answers.compliance.lines import REQUIREMENT, ROLE, SCOPE, Line, New, standing
from asbuilt.answers.compliance.stating import NAME_CHARACTERS_MAX, one_of, refuse_party, state, text
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.ledger.recording import Entry

STANDARDS_MAX = 100
EDGES_MAX = 20


def judge(
    actor: Actor,
    *,
    product: str,
    answers: Answers,
    why: str = "",
    on: str = "",
    rule_set: str = "",
    request_key: str | None = None,
) -> int:
    """Record a decision about scope and class on a day (empty: today). `rule_set`: what the person saw; Refused where another one is in force."""
    refuse_party(actor, product)
    why = text("why", why, needed=False)
    day = day_of("on", on) if on else today()
    rules = rules_on(day)
    refuse_moved(rules, rule_set)
    answers = _checked(rules, answers)

    def lines(_: Entry, before: list[Line]) -> list[New]:
        result = decided(rules, answers, on=day, concerned=concerned(rules, before))
        return [
            New(
                product,
                SCOPE,
                name="",
                why=why,
                said={**_under(rules), "on": day, "answers": answers.as_dict(), "result": result},
            )
        ]

    asked = ["scope", why, on, sorted(answers.as_dict().items())]
    return state(actor, JUDGED, COMPLIANCE_DECIDE, product, asked, lines, request_key=request_key)


def judge_role(
    actor: Actor,
    *,
    product: str,
    party: str,
    facts: Sequence[str],
    why: str = "",
    rule_set: str = "",
    request_key: str | None = None,
) -> int:
    """Record what a party does with the product, and the role that follows."""
    refuse_party(actor, product)
    why = text("why", why, needed=False)
    rules = rules_on(today())
    refuse_moved(rules, rule_set)
    known = list(rules.by_key("party_facts"))
    held = [one_of("facts", fact, known) for fact in dict.fromkeys(facts)]

    def lines(entry: Entry, _: list[Line]) -> list[New]:
        number = party_named(entry.tenant, party)
        return [
            New(
                product,
                ROLE,
                name="",
                why=why,
                party=number,
                said={**_under(rules), "facts": held, **role_of(rules, held)},
            )
        ]

    asked = ["role", party, held, why]
    return state(actor, JUDGED, COMPLIANCE_DECIDE, product, asked, lines, request_key=request_key)


def today() -> str:
    """The present day of the record, in UTC."""
    return format_instant(clock.now())[:10]


def concerned(rules: RuleSet, lines: Sequence[Line]) -> list[str]:
    """Requirements of Annex I that apply to the product, or of which nobody said that they do not."""
    said = standing(line for line in lines if line.kind == REQUIREMENT)
    out = {name for (_, _, name), line in said.items() if line.said.get("applies") == NO}
    return [key for key in rules.requirements if key not in out]


def refuse_moved(rules: RuleSet, seen: str) -> None:
    """Refused where somebody decided by other rules than those in force."""
    if seen and seen != rules.rule_set:
        said = f"The rules changed from {seen[:60]} to {rules.rule_set} in between."
        facts = {"seen": seen[:60], "in_force": rules.rule_set}
        raise Refused("compliance.rules_moved", said, facts, "Look at it again under the new rules.")


def _under(rules: RuleSet) -> dict:
    return {"rule_set": rules.rule_set, "rule_set_sha256": rules.sha256}


def _checked(rules: RuleSet, said: Answers) -> Answers:
    for name, known in (("digital_elements", (YES, NO)), ("connection", CONNECTIONS), ("market", (YES, NO))):
        one_of(name, getattr(said, name), ("", *known))
    if said.functions:
        class_of(rules, said.functions)
    if len(said.standards) > STANDARDS_MAX or len(said.edges) > EDGES_MAX:
        raise Invalid("compliance.too_many", "More than there may be.", {"field": "standards"}, "Leave some out.")
    edges = {key: _evidence(rules, key, evidence) for key, evidence in said.edges.items()}
    standards = [_standard(rules, one) for one in said.standards]
    functions = list(dict.fromkeys(one.strip() for one in said.functions if one.strip()))
    return Answers(said.digital_elements, said.connection, said.market, edges, functions, bool(said.foss), standards)


def _evidence(rules: RuleSet, key: str, said: Mapping[str, str]) -> dict[str, str]:
    """The evidence of an exclusion, every field that the rules ask for."""
    edges = {one["key"]: one for one in rules.part("edges") if one["kind"] != "condition"}
    one_of("edges", key, list(edges))
    wanted = [one["field"] for one in edges[key]["evidence"]]
    unknown = [field for field in said if field not in wanted]
    if unknown:
        one_of(f"edges.{key}", unknown[0], wanted)
    found = {field: text(field, said.get(field, ""), NAME_CHARACTERS_MAX, needed=False) for field in wanted}
    missing = [field for field, words in found.items() if not words]
    if missing:
        reason = f"{key}: {', '.join(missing)} is missing."
        remedy = "An exclusion holds by what shows it: fill every field, or leave the exclusion out."
        raise Refused("compliance.evidence_missing", reason, {"edge": key, "missing": missing}, remedy)
    return found


def _standard(rules: RuleSet, said: Mapping) -> dict:
    requirements = [one_of("requirements", key, rules.requirements) for key in said.get("requirements", ())]
    return {
        "reference": text("reference", str(said.get("reference", "")), NAME_CHARACTERS_MAX),
        "extent": one_of("extent", str(said.get("extent", "")), ("part", "full")),
        "requirements": requirements,
    }
