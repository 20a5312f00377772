"""Test runs that testers and their files tell of, looked at against the unit's test plan before they are recorded.

- A run that names a part number which is a product of ours must be of a unit of it; so must the plan.
- A run that says PASS brings what its plan needs: a PASS without evidence is refused.
- By which version: the one that the run names, else the one that was in force when the run began, so that a plan may change while
  units are under test.
- The same run from two files is one, whichever file it came from.

History in tests.csv is not looked at so: tables tell what happened. What a run says beside its limits: `doubts`.
"""

import json

from asbuilt.built.production.orders import Orders
from asbuilt.built.quality.intake import PRODUCT, TestsIntake
from asbuilt.built.quality.steps import missing_steps
from asbuilt.designed.catalog.queries import product_codes, product_number
from asbuilt.designed.catalog.test_plans import Version, all_versions, in_force
from asbuilt.formats.results.reading import without_source
from asbuilt.kernel.instants import parse_instant

PLAN, VERSION, OUTCOME, STARTED, MEASURED = 1, 2, 5, 6, 8
NAMED_MAX = 5


class CheckedTests(TestsIntake):
    """Test runs of machines and their files."""

    __test__ = False

    same = staticmethod(without_source)

    def __init__(self, *args):
        super().__init__(*args)
        self.orders = Orders(self.tenant)
        self.plans: dict[str, list[Version]] = all_versions(self.tenant)
        self.products: dict[int, str] = {}
        self.known_products: dict[str, int | None] = {}

    def _take_units(self, lines, rows, units):
        wrong = [n for n, row in enumerate(rows) if not self._right(lines[n], row, units[n])]
        if wrong:
            kept = [n for n in range(len(rows)) if n not in set(wrong)]
            lines, rows, units = ([column[n] for n in kept] for column in (lines, rows, units))
        if rows:
            super()._take_units(lines, rows, units)

    def _right(self, line: int, row: tuple, unit: int) -> bool:
        plan = self.plans.get(row[PLAN])
        if not row[PRODUCT] and plan is None:
            return True
        product = self._product_of(unit)
        if row[PRODUCT] and row[PRODUCT] != product and self._number(row[PRODUCT]) is not None:
            reason = f"{row[0]} is a unit of {product}, the result is of a {row[PRODUCT]}"
            self.wrong(line, "product", row[PRODUCT], "quality.product_other", reason, "Look which unit was tested.")
            return False
        if plan is None:
            return True
        if plan[0].product != product:
            reason = f"{row[0]} is a unit of {product}, {row[PLAN]} is a plan of {plan[0].product}"
            self.wrong(line, "plan", row[PLAN], "quality.plan_of_other_product", reason, "Look which plan was run.")
            return False
        return self._has_evidence(line, row, plan)

    def _has_evidence(self, line: int, row: tuple, plan: list[Version]) -> bool:
        version = version_run(plan, row[VERSION], parse_instant(row[STARTED]))
        if row[OUTCOME] != "pass" or version is None:
            return True
        missing = missing_steps(version.content, json.loads(row[MEASURED]) if row[MEASURED] else {})
        if not missing:
            return True
        names = ", ".join(step.name for step in missing[:NAMED_MAX]) + (" …" if len(missing) > NAMED_MAX else "")
        reason = f"says PASS without {names}, which version {version.version} of {row[PLAN]} needs"
        self.wrong(
            line,
            "outcome",
            row[OUTCOME],
            "quality.pass_without_evidence",
            reason,
            "Have the tester report what it measured.",
        )
        return False

    def _product_of(self, unit: int) -> str:
        order = self.orders.of_unit(unit)
        if order is None:
            return ""
        if not self.products:
            self.products = product_codes(self.tenant)
        return self.products.get(order.product, "")

    def _number(self, code: str) -> int | None:
        if code not in self.known_products:
            self.known_products[code] = product_number(self.tenant, code)
        return self.known_products[code]


def version_run(versions: list[Version], named: str, started_at: int) -> Version | None:
    """By which version a run was made: the one it names, or that in force when it began; None where there is none."""
    if named:
        return next((one for one in versions if one.version == named), None)
    return in_force(versions, started_at)
