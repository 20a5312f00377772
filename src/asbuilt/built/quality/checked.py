"""Test runs that testers and their files tell of, looked at against the unit's test plan before they are recorded.

- A run that names a part number which is a product of ours must be of a unit of it; so must the plan. One that no product has is taken, as
  customers have their own, but for a GTIN of ours: it is said in words, and stays in the run.
- A run that says PASS brings what its plan needs: a PASS without evidence is refused.
- By which version: the one that the run names, else the one that was in force when the run began, so that a plan may change while
  units are under test.
- A run that says PASS over a step that failed is said in words.
- A run whose clock lags is taken, and said in words.
- The same run from two files is one, whichever file it came from.

History in tests.csv is not looked at so: tables tell what happened. What a run says beside its limits: `doubts`.
"""

import json
import re
from collections.abc import Sequence

from asbuilt.built.production.orders import Orders
from asbuilt.built.quality.clocks import Clocks
from asbuilt.built.quality.intake import PRODUCT, TestsIntake
from asbuilt.built.quality.steps import confirmed_defects, failed_steps, missing_steps
from asbuilt.designed.catalog.queries import product_codes, product_number, revision_codes
from asbuilt.designed.catalog.rules import mark_rule
from asbuilt.designed.catalog.test_plans import Version, all_versions, in_force, in_force_for
from asbuilt.formats.measurements import RUN, SAID_OUTCOME
from asbuilt.formats.results.reading import without_source
from asbuilt.kernel.instants import parse_instant

PART = "part_number"
PLAN, VERSION, OUTCOME, STARTED, MEASURED = 1, 2, 5, 6, 8
NAMED_MAX = 5
SAID = f'"{SAID_OUTCOME}"'
AGAINST = re.compile(r'"result": ?"(?:fail|error)"|"Defect(?:Confirmed|Repaired)"')
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class CheckedTests(TestsIntake):
    """Test runs of machines and their files."""

    __test__ = False

    same = staticmethod(without_source)

    def __init__(self, *args):
        super().__init__(*args)
        self.orders = Orders(self.tenant)
        self.clocks = Clocks(self.tenant, self.orders, self.entry.recorded_at)
        self.plans: dict[str, list[Version]] = all_versions(self.tenant)
        self.products: dict[int, str] = {}
        self.revisions: dict[int, str] = {}
        self.known_products: dict[str, int | None] = {}
        self.gtins: dict[str, str] = {}

    def _take_units(self, lines, rows, units):
        wrong = [n for n, row in enumerate(rows) if not self._right(lines[n], row, units[n])]
        if wrong:
            kept = [n for n in range(len(rows)) if n not in set(wrong)]
            lines, rows, units = ([column[n] for n in kept] for column in (lines, rows, units))
        rows = self._with_strange_parts(lines, rows, units)
        self._warn_against_itself(lines, rows)
        for line, said in self.clocks.warnings(lines, rows, units):
            self.warn(
                f"{self.file} line {line}: {said}. Look at the clock of the tester; a failure counts from when it came in."
            )
        if rows:
            super()._take_units(lines, rows, units)

    def _with_strange_parts(self, lines, rows, units):
        """The rows, the part number written into those where it is none of ours."""
        found = list(rows)
        for n, row in enumerate(rows):
            part = row[PRODUCT]
            if (
                not part
                or self._number(part) is not None
                or part in (product := self._product_of(units[n]), self._gtin(product))
            ):
                continue
            said = json.loads(row[MEASURED]) if row[MEASURED] else {}
            said[RUN] = {PART: part, **(said.get(RUN) or {})}  # first: which file it came from stands last
            found[n] = (*row[:MEASURED], _encode(said), *row[MEASURED + 1 :])
            self.warn(
                f"{self.file} line {lines[n]}: {part} is no product of ours, and {row[0]} is a {product}. Look which unit was tested."
            )
        return found

    def _warn_against_itself(self, lines, rows) -> None:
        """A run that says PASS over a step that failed, or a defect that a person confirmed: by its format it is a fail, or it stays what its tester
        said, and is in doubt."""
        for line, row in zip(lines, rows, strict=True):
            measured = row[MEASURED]
            if SAID in measured:
                said = f"the tester says that {row[0]} passed {row[PLAN]}, and a step in it did not: it is kept as {row[OUTCOME]}."
                self.warn(f"{self.file} line {line}: {said}")
            elif row[OUTCOME] == "pass" and AGAINST.search(measured):
                found = json.loads(measured)
                names = [*failed_steps(found), *confirmed_defects(found)]
                shown = ", ".join(names[:NAMED_MAX]) + (" …" if len(names) > NAMED_MAX else "")
                said = f"{row[0]} passed {row[PLAN]} by its tester, and {shown} in it did not: the run is in doubt."
                if names:
                    self.warn(f"{self.file} line {line}: {said}")

    def _gtin(self, product: str) -> str:
        if product not in self.gtins:
            self.gtins[product] = mark_rule(self.tenant, self._number(product)).gtin if product else ""
        return self.gtins[product]

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
        return self._has_evidence(line, row, plan, unit)

    def _has_evidence(self, line: int, row: tuple, plan: list[Version], unit: int) -> bool:
        version = version_run(plan, row[VERSION], parse_instant(row[STARTED]), self._revision_of(unit))
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

    def _revision_of(self, unit: int) -> str | None:
        order = self.orders.of_unit(unit)
        if not self.revisions:
            self.revisions = revision_codes(self.tenant)
        return self.revisions.get(order.revision) if order is not None else None

    def _number(self, code: str) -> int | None:
        if code not in self.known_products:
            self.known_products[code] = product_number(self.tenant, code)
        return self.known_products[code]


def version_run(
    versions: Sequence[Version], named: str, started_at: int, revision: str | None = None
) -> Version | None:
    """By which version a run was made: the one it names, or that in force for its unit's revision (None: for any, the one approved last) when it
    began; None where there is none."""
    if named:
        return next((one for one in versions if one.version == named), None)
    if revision is None:
        return next(iter(in_force(versions, started_at)), None)
    return in_force_for(versions, revision, started_at)
