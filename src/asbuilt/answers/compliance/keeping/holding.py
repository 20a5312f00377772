"""What is not erased while a clock of this room runs.

Papers: evidence of a class that the rules call technical documentation stays until the last product's clock is over, because the record does not say which
product a paper is about. A unit that left and of which nobody said when it was placed counts as placed when it left: it may have been later, not
earlier. Images: as long as their product is supported (designed.firmware asks here). Values about people have rules of their own.
"""

from asbuilt.access.actor import local_system
from asbuilt.answers.compliance.judging.actions import today
from asbuilt.answers.compliance.keeping.clock_rules import Rules, rules_on
from asbuilt.answers.compliance.keeping.periods import periods_of
from asbuilt.answers.compliance.keeping.seen import days_of, kept_until, product_units
from asbuilt.answers.compliance.lines import SUPPORT, lines_of
from asbuilt.designed.catalog.queries import standing_products
from asbuilt.kernel.errors import Refused
from asbuilt.ledger.evidence import evidence_row
from asbuilt.questions.genealogy.evaluating.view import View


def refuse_kept(tenant: int, sha256: str) -> None:
    """Refused while papers are kept, where this evidence is one."""
    rules = rules_on(today())
    row = evidence_row(tenant, sha256)
    if row.evidence_class not in rules.said["documents"]["evidence_classes"]:
        return
    clocks = document_clocks(tenant, rules)
    running = [(clock["until"], product, clock) for product, clock in clocks.items() if clock["until"] >= today()]
    if running:
        until, product, clock = max(running, key=lambda one: one[:2])
        last = f"was placed last on {clock['last_placed_on']}"
        if clock["left_on"]:
            last = f"left on {clock['left_on']}, and nobody said when it was placed"
        said = f"{row.file_name} must be kept until {until}: {clock['source']}; {product} {last}."
        facts = {"sha256": sha256, "until": until, "product": product, "rule_set": rules.rule_set}
        raise Refused("compliance.retention_runs", said, facts, "Erase it after that day.")


def document_clocks(tenant: int, rules: Rules) -> dict[str, dict]:
    """Product -> the clock of its papers; products without a unit under the whole law are left out. `left_on`: the day on which units left of which
    nobody said when they were placed, where it holds the papers longer than those of which somebody did."""
    view, products = View(local_system(tenant)), sorted(standing_products(tenant))
    said = lines_of(tenant, products, [SUPPORT])
    found = {}
    for product in products:
        units, periods = product_units(view, product), periods_of(said.get(product, []))
        days = days_of(view, product, units, rules)
        if (clock := kept_until(view, units, days, periods, rules)) is not None:
            found[product] = clock
    return found
