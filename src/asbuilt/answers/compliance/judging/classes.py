"""Class and conformity routes of a product: pure over a rule set.

    classify(functions=["siem"], foss=False, standards="none", on="2026-12-01")
        -> {"class": "important-I", "routes": [{"route": "A", "allowed": False, "available": False}, …], "rule_set": …, "sources": […]}
    routes_by_requirement(rules, "important-I", {"I.2.a": "full"}, …)   -> which routes each requirement leaves open

`allowed` is the law on that day; `available` says whether bodies, schemes or standards exist that the route needs. The strictest class of several functions
counts. What is integrated into a product is none of its functions: the core functionality of the product as a whole is.
"""

from collections.abc import Mapping, Sequence

from asbuilt.answers.compliance.judging.rule_sets import EXTENTS, RuleSet, rules_on
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import parse_date

DEFAULT = "default"
FUNCTIONS_MAX = 50


def classify(*, functions: Sequence[str], foss: bool = False, standards: str = "none", on: str) -> dict:
    """Class and routes of a product with these core functions on a day. Invalid: an unknown key, a day that is none or before the law."""
    day = day_of("on", on)
    if standards not in EXTENTS:
        said = f"standards: {standards[:40]!a} is not known."
        raise Invalid("compliance.extent_unknown", said, {"field": "standards"}, f"Say {', '.join(EXTENTS)}.")
    rules = rules_on(day)
    strictest, why = class_of(rules, functions)
    routes, more = routes_of(rules, strictest, standards, foss=foss, on=day)
    shown = [{name: one[name] for name in ("route", "allowed", "available")} for one in routes]
    sources = list(dict.fromkeys([*why, *more, rules.said["law"]["source"]]))
    return {"class": strictest, "routes": shown, "rule_set": rules.rule_set, "sources": sources}


def day_of(field: str, text: str) -> str:
    """A day as YYYY-MM-DD; Invalid where it is none."""
    try:
        return parse_date(text).isoformat()
    except ValueError:
        said = f"{field}: {text[:40]!a} is no day."
        raise Invalid("compliance.day_wrong", said, {"field": field}, "Write it as 2027-12-11.") from None


def class_of(rules: RuleSet, functions: Sequence[str]) -> tuple[str, list[str]]:
    """The strictest class of these functions, and where it stands. Invalid: none named, an unknown one, too many."""
    known = rules.by_key("functions")
    wanted = list(dict.fromkeys(one.strip() for one in functions if one.strip()))
    if not wanted or len(wanted) > FUNCTIONS_MAX:
        said = "functions: none is named." if not wanted else f"functions: more than {FUNCTIONS_MAX}."
        raise Invalid("compliance.functions_wrong", said, {"field": "functions"}, "Name core functions, or default.")
    unknown = [one for one in wanted if one != DEFAULT and one not in known]
    if unknown:
        remedy = f"Say {DEFAULT}, or some of {', '.join(known)}."
        said = f"functions: {unknown[0][:60]!a} is not known."
        raise Invalid("compliance.function_unknown", said, {"field": "functions", "value": unknown[0][:60]}, remedy)
    rank = {one["key"]: place for place, one in enumerate(rules.part("classes"))}
    classes = {one: known[one]["class"] if one in known else DEFAULT for one in wanted}
    strictest = max(classes.values(), key=rank.__getitem__)
    own = [known[one]["source"] for one in wanted if one in known and classes[one] == strictest]
    return strictest, [*own, rules.by_key("classes")[strictest]["source"]]


def routes_of(rules: RuleSet, class_: str, standards: str, *, foss: bool, on: str) -> tuple[list[dict], list[str]]:
    """Every route with allowed, available and why not; and the sources. `standards`: applied in full, in part or none."""
    rule = next(one for one in rules.part("allowed") if one["class"] == class_ and standards in one["standards"])
    allowed, sources = set(rule["routes"]), [rule["source"]]
    free = foss and class_ in rules.said["foss"]["classes"]
    if free:
        allowed |= set(rules.said["foss"]["routes"])
        sources.append(rules.said["foss"]["source"])
    found = []
    for route in rules.part("routes"):
        lacking = [one for one in _lacking(rules, class_, on, free) if route["key"] in one["routes"]]
        is_allowed = route["key"] in allowed
        sources += [one["source"] for one in lacking if is_allowed]
        found.append(
            {
                "route": route["key"], "allowed": is_allowed, "available": is_allowed and not lacking, "name": route["name"],
                "why": [one["says"] for one in lacking] if is_allowed else [], "source": rule["source"],
            }
        )  # fmt: skip
    return found, sources


def _lacking(rules: RuleSet, class_: str, on: str, free: bool) -> list[dict]:
    """What does not exist yet on a day, of what routes of this class need."""
    found = []
    for one in rules.part("availability"):
        if one.get("classes") and (class_ not in one["classes"] or free):
            continue
        there = one["from"] is not None and one["from"] <= on
        if one.get("by_standards"):
            there = there or bool(rules.standing_standards(on))
        if not there:
            found.append(one)
    return found


def routes_by_requirement(
    rules: RuleSet, class_: str, coverage: Mapping[str, str], concerned: Sequence[str], *, foss: bool, on: str
) -> dict:
    """{"standards": none|part|full, "full": [keys], "open": [keys], "open_routes": [routes]}: what is not covered in full takes the stricter routes."""
    full = [key for key in concerned if coverage.get(key) == "full"]
    rest = [key for key in concerned if coverage.get(key) != "full"]
    extent = "full" if concerned and not rest else "part" if any(coverage.get(key) for key in concerned) else "none"
    stricter, _ = routes_of(rules, class_, "part", foss=foss, on=on)
    open_routes = [one["route"] for one in stricter if one["allowed"]] if rest else []
    return {"standards": extent, "full": full, "open": rest, "open_routes": open_routes}
