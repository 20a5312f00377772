"""A guided decision as its answers give it: in scope or not, class, routes, what standards do for each requirement. Pure over a rule set.

    decided(rules, answers, on="2027-01-10", concerned=[…])   -> what a judgement keeps; the same answers give another one under other rules

`open` are questions that nobody answered: nothing is taken for granted. A standard that is not cited, or was withdrawn, covers nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from asbuilt.answers.compliance.judging.classes import class_of, routes_by_requirement, routes_of
from asbuilt.answers.compliance.judging.rule_sets import RuleSet

IN, OUT, OPEN = "in", "out", "open"
YES, NO = "yes", "no"
CONNECTIONS = ("direct", "indirect", "none")
DIGITAL, CONNECTED, MARKET = "product-def", "scope-connection", "market"


@dataclass(frozen=True)
class Answers:
    """What a person said of a product; an empty text is a question that is open. `edges`: exclusion or allowance -> its evidence, field to text."""

    digital_elements: str = ""
    connection: str = ""
    market: str = ""
    edges: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    functions: Sequence[str] = ()
    foss: bool = False
    standards: Sequence[Mapping] = ()

    def as_dict(self) -> dict:
        """As it is kept."""
        return asdict(self)


def decided(rules: RuleSet, answers: Answers, *, on: str, concerned: Sequence[str]) -> dict:
    """scope, why (keys with sources), open (keys), class, routes, requirements, gaps. `concerned`: the requirements that apply to the product."""
    out, open_ = _scope(rules, answers)
    found: dict = {"scope": OUT if out else OPEN if open_ else IN, "out": out, "open": open_, "gaps": []}
    found |= {"allowances": _edges(rules, answers, "allowance"), "class": "", "routes": [], "requirements": {}}
    if out or not answers.functions:
        return found
    class_, sources = class_of(rules, answers.functions)
    coverage, gaps = covered(rules, answers.standards, on)
    by_key = routes_by_requirement(rules, class_, coverage, concerned, foss=answers.foss, on=on)
    routes, more = routes_of(rules, class_, by_key["standards"], foss=answers.foss, on=on)
    found |= {"class": class_, "sources": list(dict.fromkeys([*sources, *more])), "requirements": by_key, "gaps": gaps}
    names = ("route", "allowed", "available", "why")
    found["routes"] = [{name: one[name] for name in names} for one in routes]
    return found


def _scope(rules: RuleSet, answers: Answers) -> tuple[list[dict], list[str]]:
    edges = rules.by_key("edges")
    out, open_ = [], []
    for key, said, no in (
        (DIGITAL, answers.digital_elements, NO),
        (CONNECTED, answers.connection, "none"),
        (MARKET, answers.market, NO),
    ):
        about = rules.said["market"] if key == MARKET else edges[key]
        if not said:
            open_.append(key)
        elif said == no:
            out.append({"key": key, "source": about["source"]})
    out += _edges(rules, answers, "exclusion")
    # what the rules of that day do not know excludes nothing, and a person has to look again
    open_ += [key for key in answers.edges if key not in edges]
    return out, open_


def _edges(rules: RuleSet, answers: Answers, kind: str) -> list[dict]:
    known = rules.by_key("edges")
    return [
        {"key": key, "source": known[key]["source"], "evidence": dict(evidence)}
        for key, evidence in answers.edges.items()
        if key in known and known[key]["kind"] == kind
    ]


def covered(rules: RuleSet, standards: Sequence[Mapping], on: str) -> tuple[dict[str, str], list[dict]]:
    """Requirement -> full or part, by standards that are cited on that day; and a gap for each that covers nothing."""
    known = {one["reference"]: one for one in rules.part("standards")}
    cited = rules.standing_standards(on)
    found: dict[str, str] = {}
    gaps = []
    for one in standards:
        reference = one["reference"]
        if reference not in cited:
            was = known.get(reference, {})
            withdrawn = was.get("withdrawn_on") if was and was["cited_on"] <= on else ""
            gap = "standard_withdrawn" if withdrawn else "standard_not_cited"
            gaps.append({"gap": gap, "standard": reference, "since": withdrawn or ""})
            continue
        for key in one["requirements"] or cited[reference]["requirements"]:
            if key in cited[reference]["requirements"] and found.get(key) != "full":
                found[key] = one["extent"]
    return found, gaps


def role_of(rules: RuleSet, facts: Sequence[str]) -> dict:
    """{"role", "source"} of a party by what it does with the product: the first rule whose facts are all there."""
    held = set(facts)
    found = next(one for one in rules.part("roles") if set(one["when"]) <= held)
    return {"role": found["role"], "source": found["source"]}


def compared(before: Mapping, after: Mapping) -> list[str]:
    """What differs between two decisions, by name: scope, class, routes, requirements, gaps, open."""

    def shown(said: Mapping) -> dict:
        routes = [(one["route"], one["allowed"], one["available"]) for one in said["routes"]]
        gaps = [(one["gap"], one["standard"]) for one in said["gaps"]]
        out = [one["key"] for one in said["out"]]
        kept = {name: said[name] for name in ("scope", "class", "requirements", "open")}
        return {**kept, "out": out, "routes": routes, "gaps": gaps}

    old, new = shown(before), shown(after)
    return [name for name in new if old[name] != new[name]]
