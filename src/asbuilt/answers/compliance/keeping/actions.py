"""Setting the support period of a product.

    set_support(actor, product="AB-100", start_on="2028-01-15", end_on="2033-01-31", expected_years=8, why="…")   -> the entry

Refused: a period that is shorter than the rule of the day allows, one that ends before it starts.
"""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import COMPLIANCE_DECIDE
from asbuilt.answers.compliance.events import SUPPORT_SET
from asbuilt.answers.compliance.judging.actions import today
from asbuilt.answers.compliance.judging.classes import day_of
from asbuilt.answers.compliance.keeping.clock_rules import rules_on
from asbuilt.answers.compliance.lines import SUPPORT, Line, New
from asbuilt.answers.compliance.stating import refuse_party, state, text
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.ledger.recording import Entry

YEARS_MAX = 100


def set_support(
    actor: Actor,
    *,
    product: str,
    start_on: str,
    end_on: str,
    why: str,
    expected_years: int | None = None,
    request_key: str | None = None,
) -> int:
    """Record a period with everything that was taken into account for it (`why`); a later one supersedes. Returns the entry."""
    refuse_party(actor, product)
    why = text("why", why)
    start, end = day_of("start_on", start_on), day_of("end_on", end_on)
    if end <= start:
        said = f"end_on: {end} is not after {start}."
        raise Invalid("compliance.period_wrong", said, {"field": "end_on"}, "Look at both days.")
    if expected_years is not None and not 1 <= expected_years <= YEARS_MAX:
        said = f"expected_years: {expected_years} is not between 1 and {YEARS_MAX}."
        raise Invalid("compliance.years_wrong", said, {"field": "expected_years"}, "Say whole years.")
    rules = rules_on(today())
    least = rules.support_least(start, expected_years)
    if end < least:
        said = f"Support that starts on {start} ends on {least} at the earliest: {rules.source('support')}."
        facts = {"start_on": start, "end_on": end, "least": least, "rule_set": rules.rule_set}
        remedy = "Set a later end; or say for how many years it is expected to be used, where that is shorter."
        raise Refused("compliance.support_short", said, facts, remedy)

    def lines(_: Entry, __: list[Line]) -> list[New]:
        said = {"start_on": start, "end_on": end, "expected_years": expected_years, "rule_set": rules.rule_set}
        return [New(product, SUPPORT, name="", why=why, said=said)]

    asked = [start, end, expected_years, why]
    return state(actor, SUPPORT_SET, COMPLIANCE_DECIDE, product, asked, lines, request_key=request_key)
