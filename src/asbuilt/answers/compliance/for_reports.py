"""What a report to authorities asks of a product and was decided here: its class and category by the judgement that stands, whether support ended.

    product_facts(tenant, ["AB-100"], "2026-11-29")   -> {"AB-100": {"law_class": Fact("important-I", …), …}}

A product that nobody judged, or that the law does not reach, has no class. Support has ended where it has for every unit, whenever it was placed, and
has not where it has for none; where units differ nothing is said. Regulation (EU) 2024/2847, Articles 7, 8, 13(8).
"""

from collections.abc import Sequence

from asbuilt.answers.cases.reporting.product_facts import Fact
from asbuilt.answers.compliance.judging.decision import NO, OUT, YES
from asbuilt.answers.compliance.judging.rule_sets import rule_sets
from asbuilt.answers.compliance.keeping.periods import end_for, periods_of
from asbuilt.answers.compliance.lines import SCOPE, SUPPORT, Line, lines_of

JUDGED, SUPPORTED = "judged", "support"  # kinds of sources


def product_facts(tenant: int, products: Sequence[str], day: str) -> dict[str, dict[str, Fact]]:
    """One statement."""
    found = {}
    for product, lines in lines_of(tenant, products, (SCOPE, SUPPORT)).items():
        found[product] = {**_judged(lines), **_supported(lines, day)}
    return found


def _judged(lines: Sequence[Line]) -> dict[str, Fact]:
    line = next((one for one in reversed(lines) if one.kind == SCOPE), None)
    if line is None or line.said["result"]["scope"] == OUT or not line.said["result"]["class"]:
        return {}
    class_, rule_set = line.said["result"]["class"], line.said["rule_set"]
    source = (JUDGED, str(line.entry), f"{line.said['on']}, {rule_set}")
    found = {"law_class": Fact(class_, source)}
    category = _category(rule_set, line.said["answers"]["functions"], class_)
    return {**found, "law_category": Fact(category, source)} if category else found


def _category(rule_set: str, functions: Sequence[str], class_: str) -> str:
    """The points of the annexes that give the class, as the rules of the judgement name them; empty where their file is not here."""
    rules = next((one for one in rule_sets() if one.rule_set == rule_set), None)
    known = rules.by_key("functions") if rules else {}
    mine = [known[key] for key in dict.fromkeys(functions) if key in known and known[key]["class"] == class_]
    return "; ".join(f"{one['legal']} {one['name']['en']}" for one in mine)


def _supported(lines: Sequence[Line], day: str) -> dict[str, Fact]:
    periods = periods_of(lines)
    # of units that were placed before anything was said, and since each period
    ends = {end_for(periods, placed_on) for placed_on in ("", *(one.set_on for one in periods))} - {""}
    verdicts = {end < day for end in ends}
    if len(verdicts) != 1:
        return {}
    source = (SUPPORTED, str(periods[-1].line.entry), f"until {', '.join(sorted(ends))}")
    return {"support_ended": Fact(YES if verdicts.pop() else NO, source)}
