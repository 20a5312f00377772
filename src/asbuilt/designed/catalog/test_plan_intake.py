"""test_plans.csv and test_plan_approvals.csv -> versions of test plans, and who let them be used from when.

A row recorded before, word for word, is passed over. A version is said once: the same plan and version with another document contradicts.
Refused: a document that is no plan, or another one than its cells say; an unknown product or revision; a key that the rule set does not have;
a further version that does not say what changed; a decision on a version that is not there, or on another document of it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable

from asbuilt.access.people import People
from asbuilt.designed.catalog.events import TEST_PLAN, TEST_PLAN_APPROVAL
from asbuilt.designed.catalog.hints import Hints
from asbuilt.designed.catalog.limits import lengths, refuse_long
from asbuilt.designed.catalog.models import TestPlan as PlanRow
from asbuilt.designed.catalog.queries import standing_products, standing_revisions
from asbuilt.designed.catalog.requirements import rule_sets
from asbuilt.designed.catalog.test_plans import Version, versions_of
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel import test_plans
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk

CHANGES_CHARACTERS_MAX = 10_000


class _PlanTableIntake(TableIntake, ABC):
    kept_in: str
    instant: str

    def __init__(self, *args):
        super().__init__(*args)
        self.people = People(self.tenant, self.entry.number)
        self.said: set[bytes] = set()
        self.most = lengths(PlanRow, ("plan", "version"))

    def take(self, lines, rows):
        """One after the other: a version may stand in the file before its approval, and before the next version."""
        for line, row in zip(lines, rows, strict=True):
            fact = fact_bytes(self.table, row)
            if fact in self.said or self.ids_known([fact]):
                self.known += 1
                continue
            before = self.errors.total + self.contradictions.total
            refuse_long(self, line, ("plan", "version"), row[:2], self.most)
            self.check(line, row)
            if self.errors.total + self.contradictions.total > before:
                continue
            self.said.add(fact)
            values = (*row[:-2], self.people.number(row[-2]), row[-1])
            place = self.commit([row_text(values)], [fact])
            stored = (self.tenant, *values[:-1], parse_instant(values[-1]), self.entry.number, place)
            bulk.insert_rows(self.kept_in, ("tenant", *self.shape.columns, "entry", "row"), [stored])

    @abstractmethod
    def check(self, line: int, row: tuple[str, ...]) -> None:
        """Name what is wrong with a row."""


class TestPlansIntake(_PlanTableIntake):
    """Each row is a version of a test plan."""

    __test__ = False

    table, shape, kept_in = "test_plans", TEST_PLAN, "catalog_test_plan"

    def __init__(self, *args):
        super().__init__(*args)
        self.hints = Hints(lambda: standing_products(self.tenant), "Add its BOM to bom.csv first.")

    def check(self, line, row):
        plan, version, product, document, changes = row[:5]
        try:
            found = test_plans.parse_test_plan(document.encode())
        except Invalid as refusal:
            self.wrong(line, "document", "", refusal.code, refusal.message, refusal.remedy)
            return
        if (found.plan, found.version, found.product) != (
            plan,
            version,
            product,
        ) or found.document.decode() != document:
            reason = f"The document is version {found.version} of {found.plan} for {found.product}, in its canonical form or not"
            self.wrong(
                line,
                "document",
                "",
                "catalog.test_plan_document",
                reason,
                "Write its own names, and its canonical form.",
            )
            return
        if len(changes) > CHANGES_CHARACTERS_MAX:
            reason = f"has more than {CHANGES_CHARACTERS_MAX:,} characters"
            self.wrong(line, "changes", changes, "tables.cell_too_long", reason, "Shorten it.")
        self._check_bound(line, found)
        self._check_rules(line, found)
        known = versions_of(self.tenant, plan)
        if version in known:
            self.contradicts(
                line, "version", version, f"Version {version} of {plan} was recorded before with other content"
            )
        elif known and not changes and not self._is_first(parse_instant(row[6]), known.values()):
            reason = f"{plan} has version {next(iter(known))[:60]}; a further one says what changed"
            self.wrong(line, "changes", "", "catalog.test_plan_changes", reason, "Say what changed, and why.")
        elif known and next(iter(known.values())).product != product:
            reason = f"{plan} is a plan of {next(iter(known.values())).product}"
            self.wrong(line, "plan", plan, "catalog.test_plan_other_product", reason, "Give the plan another name.")

    def _is_first(self, at: int, known: Iterable[Version]) -> bool:
        """Whether a correction states the first version anew: there was none that it could say it differs from."""
        return self.anew and all(at <= one.happened_at for one in known)

    def _check_bound(self, line: int, found: test_plans.TestPlan) -> None:
        revisions = standing_revisions(self.tenant, found.product)
        if not revisions:
            reason = f"No product is called {found.product}."
            self.wrong(line, "product", found.product, "catalog.product_unknown", reason, self.hints.of(found.product))
        for revision in found.revisions if revisions else ():
            if revision not in revisions:
                remedy = did_you_mean(revision, revisions) or f"It has {', '.join(sorted(revisions)[:5])}."
                reason = f"{found.product} has no revision {revision}."
                self.wrong(line, "document", revision, "catalog.revision_unknown", reason, remedy)

    def _check_rules(self, line: int, found: test_plans.TestPlan) -> None:
        known = rule_sets()
        if found.rules and found.rules not in known:
            reason = f"There is no rule set {found.rules}."
            self.wrong(
                line, "document", found.rules, "catalog.rule_set_unknown", reason, f"Write one of {', '.join(known)}."
            )
            return
        for step in found.steps:
            for key in step.proves:
                if key not in known[found.rules].keys:
                    remedy = (
                        did_you_mean(key, known[found.rules].keys) or f"Keys are {', '.join(known[found.rules].keys)}."
                    )
                    reason = f"Step {step.name}: {found.rules} has no {key}."
                    self.wrong(line, "document", key, "catalog.requirement_unknown", reason, remedy)


class TestPlanApprovalsIntake(_PlanTableIntake):
    """Each row lets a version be used, or no longer."""

    __test__ = False

    table, shape, kept_in = "test_plan_approvals", TEST_PLAN_APPROVAL, "catalog_test_plan_approval"

    def check(self, line, row):
        plan, version, sha256, decision, reason = row[:5]
        known = versions_of(self.tenant, plan)
        if version not in known:
            remedy = did_you_mean(version, known) or "Add the version to test_plans.csv first."
            said = f"There is no version {version} of {plan}."
            self.wrong(line, "version", version, "catalog.test_plan_unknown", said, remedy)
        elif known[version].sha256 != sha256:
            said = f"Version {version} of {plan} has SHA-256 {known[version].sha256}"
            self.wrong(
                line, "sha256", sha256, "catalog.test_plan_document", said, "Decide about the document that is there."
            )
        if decision == "withdrawn" and not reason:
            self.wrong(line, "reason", "", "catalog.test_plan_reason", "is empty, and a plan is withdrawn", "Say why.")
