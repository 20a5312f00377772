"""What the record proves of the units of a product, by the keys that steps of test plans prove: asked anew each time.

    ProductUnits(actor, "AB-100").tests("I.2.j")   -> [Evidence("tests", "FCT 2", proved=14988, failed=0, without=12, of=15000, question=…)]

The units are those that were built and not scrapped. A unit is proved by a plan where the last run of it passed, by a version with a step that proves the
requirement as one that it needs; a run by another version proves nothing, nor does one by a version that nobody approved, or no longer. The question finds the units that lack it. Whether a PASS can be believed is the gate's to say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.built.quality.checked import version_run
from asbuilt.built.quality.outcomes import OUTCOME_WORDS
from asbuilt.designed.catalog.queries import standing_revisions
from asbuilt.designed.catalog.test_plans import Version, in_force, in_force_for, plans_of_products
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.spans import unpack
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.serials import drawn_as
from asbuilt.questions.genealogy.evaluating.evaluate import what_is_meant
from asbuilt.questions.genealogy.evaluating.firmware import runs_over
from asbuilt.questions.genealogy.evaluating.history import floor_numbers
from asbuilt.questions.genealogy.evaluating.tool_only import on_a_tools_word
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

PROVED, PARTLY, MISSING, NONE, BESIDE = "proved", "partly", "missing", "none", "beside"


@dataclass(frozen=True)
class Evidence:
    """One piece: from which source, called what, how far it goes, and how many units; `question` finds the units without it."""

    source: str
    name: str
    state: str
    says: str = ""
    proved: int = 0
    failed: int = 0
    without: int = 0
    of: int = 0
    question: str = ""


def quoted(text: str) -> str:
    """A value as a question takes it, whatever stands in it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _proves(version: Version) -> bool:
    """Whether a step that a version needs proves some requirement."""
    return any(step.proves for step in version.content.needed)


class ProductUnits:
    """The units of a product that were built and not scrapped, and what is proved of them."""

    def __init__(self, actor: Actor, product: str):
        self.product = product
        self.view = View(actor)
        self.question = f"product:{quoted(product)} -in:planned -in:scrapped"
        self._outcomes: dict[str, tuple[dict[str, BitMap], dict[str, int]]] = {}

    @cached_property
    def all(self) -> BitMap:
        """The units."""
        return BitMap(self.asked(self.question))

    def asked(self, question: str) -> BitMap:
        """The units that certainly answer a question."""
        return BitMap(what_is_meant(self.view, question).certain)

    @cached_property
    def plans(self) -> dict[str, list[Version]]:
        """Test plans with a version of this product, by name; the version recorded last first."""
        found = plans_of_products(self.view.tenant, [self.product])
        return {plan: [one for one in versions if one.product == self.product] for plan, versions in found.items()}

    def counted(
        self, source: str, name: str, proved: BitMap, failed: BitMap, question: str, of: BitMap | None = None
    ) -> Evidence:
        """Evidence about units (`of` them; None: all): what is neither proved nor failed is without."""
        of = self.all if of is None else of
        proved, failed = proved & of, (failed & of) - proved
        without = of - proved - failed
        state = NONE if not of else PROVED if len(proved) == len(of) else PARTLY if proved else MISSING
        numbers = {"proved": len(proved), "failed": len(failed), "without": len(without), "of": len(of)}
        return Evidence(source, name, state, question=question, **numbers)

    def tests(self, key: str) -> list[Evidence]:
        """What each plan with a step that proves this requirement says of the units."""
        found = []
        for plan, versions in self.plans.items():
            saying = [one for one in versions if any(key in step.proves for step in one.content.steps)]
            # a run passes without a step that may be left out
            proving = self._approved(one for one in saying if any(key in step.proves for step in one.content.needed))
            if not proving:
                if saying:
                    left_out = self._approved(saying)
                    says = _("{plan}: the step that proves it may be left out.") if left_out else _("{plan}: no version that proves it is approved.")  # fmt: skip
                    found.append(Evidence("tests", plan, MISSING, says.format(plan=plan)))
                continue
            passed, failed, ran = self._by_plan(plan, versions, proving)
            less = f" -test:{quoted(plan)}=pass" if ran else ""
            found.append(self.counted("tests", plan, passed, failed, self.question + less))
        return found

    def passed(self) -> BitMap:
        """Units that passed a plan that proves some requirement, at the last run of it, by a version that proves one."""
        found = BitMap()
        for plan, versions in self.plans.items():
            if proving := self._approved(one for one in versions if _proves(one)):
                found |= self._by_plan(plan, versions, proving)[0]
        return found

    def runs(self) -> list[Evidence]:
        """What came of the units that plans in force ask for, of plans that prove some requirement: a plan by which nothing ran shows no test."""
        now, found = clock.now(), []
        for plan, versions in self.plans.items():
            held = [one for one in in_force(versions, now) if _proves(one)]
            if not held:
                continue
            proving = self._approved(one for one in versions if _proves(one))
            passed, failed, ran = self._by_plan(plan, versions, proving)
            asked, revisions = self._asked_by(versions, now)
            if not ran or not asked & (passed | failed):
                says = _("{plan}: none of the {of} units that it asks for was tested.").format(plan=plan, of=f"{len(asked):,}")  # fmt: skip
                found.append(Evidence("runs", plan, MISSING, says, without=len(asked), of=len(asked)))
                continue
            # no question draws a sample
            drawn = any(one.content.every > 1 for one in held)
            of = " or ".join(f"revision:{quoted(one)}" for one in revisions) if asked != self.all else ""
            question = "" if drawn else self.question + (f" ({of})" if of else "") + f" -test:{quoted(plan)}=pass"
            found.append(self.counted("runs", plan, passed, failed, question, asked))
        return found or [Evidence("runs", "", MISSING, _("No test plan in force proves a requirement."))]

    def _asked_by(self, versions: Sequence[Version], now: int) -> tuple[BitMap, list[str]]:
        """(units, revisions) that the versions of a plan in force ask for: of their hardware revisions, and drawn where not all are tested."""
        named = {code for one in versions for code in one.content.revisions}
        asked, spoken, rest = BitMap(), [], BitMap(self.all)
        for revision in sorted(named | set(standing_revisions(self.view.tenant, self.product))):
            units = rest & self.asked(f"product:{quoted(self.product)} revision:{quoted(revision)}")
            rest -= units
            drawn = self._drawn(in_force_for(versions, revision, now), units)
            asked |= drawn
            spoken += [revision] if drawn else []
        return asked | self._drawn(in_force_for(versions, "", now), rest), spoken

    def _drawn(self, version: Version | None, units: BitMap) -> BitMap:
        if version is None or not _proves(version):
            return BitMap()
        if version.content.every == 1 or not units:
            return units
        called = drawn_as(self.view, units)
        return BitMap(unit for unit in units if version.content.samples(called[unit]))

    @staticmethod
    def _approved(versions: Iterable[Version]) -> set[str]:
        """Those whose approval holds: a version that somebody alone wrote says nothing of what was agreed to prove a requirement."""
        now = clock.now()
        return {one.version for one in versions if one.approval(now)}

    def _by_plan(self, plan: str, versions: Sequence[Version], proving: set[str]) -> tuple[BitMap, BitMap, bool]:
        """(passed, not passed, whether anything ran) at the last run of a plan by a version that proves; other versions prove nothing."""
        outcomes, runs = self._last(plan)
        passed, ended = BitMap(outcomes["pass"]), BitMap().union(*outcomes.values())
        if others := [version for version in runs if version not in proving]:
            wrong, wrong_pass = self._by_others(plan, versions, others, proving)
            passed, ended = passed - wrong_pass - wrong, ended - wrong
        return passed, ended - passed, bool(runs)

    def _last(self, plan: str) -> tuple[dict[str, BitMap], dict[str, int]]:
        """Outcome -> units whose last run ended so; version -> number of runs."""
        if plan not in self._outcomes:
            numbers = self._numbers(plan)
            found = {word: BitMap() for word in OUTCOME_WORDS}
            if numbers:
                for word in found:
                    found[word] = self.asked(f"product:{quoted(self.product)} test:{quoted(plan)}={word}")
            sql = (
                "SELECT t.plan_version, count(*) FROM quality_test_run t WHERE t.tenant = %s AND "
                + reading.any_of("t.plan") + self.view.seen("t") + " GROUP BY t.plan_version"
            )  # fmt: skip
            runs = dict(reading.fetch(sql, (self.view.tenant, reading.list_param(numbers)))) if numbers else {}
            self._outcomes[plan] = found, runs
        return self._outcomes[plan]

    def _numbers(self, plan: str) -> list[int]:
        try:
            return floor_numbers(self.view, plan, "plan").get("plan", [])
        except NotFound:  # nobody tested so, or nothing of it stands
            return []

    def _by_others(
        self, plan: str, versions: Sequence[Version], others: Sequence[str], proving: set[str]
    ) -> tuple[BitMap, BitMap]:
        """Units whose last run was by a version that does not prove, and those of them that passed. Reads the runs of the plan once."""
        sql = (
            "SELECT t.unit, t.plan_version, t.outcome, t.started_at FROM quality_test_run t WHERE t.tenant = %s AND "
            + reading.any_of("t.plan") + self.view.seen("t") + ' ORDER BY t.finished_at, t.entry, t."row"'
        )  # fmt: skip
        wrong, passed, by_other = BitMap(), BitMap(), set(others)
        for unit, version, outcome, began in reading.stream(
            sql, (self.view.tenant, reading.list_param(self._numbers(plan)))
        ):
            # a run that names no version was by the one in force when it began
            named = version or getattr(version_run(list(versions), "", began), "version", "")
            if version in by_other and named not in proving:
                wrong.add(unit)
                (passed.add if OUTCOME_WORDS[outcome] == "pass" else passed.discard)(unit)
            else:
                wrong.discard(unit)
                passed.discard(unit)
        return wrong, passed

    def identities(self) -> Evidence:
        """Units that showed a credential or key that no other unit has."""
        sql = (
            "SELECT t.unit, s.units FROM quality_identity t JOIN (SELECT sha256, count(DISTINCT unit) AS units FROM quality_identity "
            "WHERE tenant = %s AND until_entry IS NULL GROUP BY sha256) s ON s.sha256 = t.sha256 WHERE t.tenant = %s"
            + self.view.seen("t")
        )
        shown, shared = BitMap(), BitMap()
        for unit, held in reading.stream(sql, (self.view.tenant, self.view.tenant)):
            (shown if held == 1 else shared).add(unit)
        return self.counted("identities", "", shown - shared, shared, self.question)

    def programmed(self) -> Evidence:
        """Units of which a record says what firmware they run, by more than a tool's word."""
        loaded, releases = BitMap(), set()
        for release, *span in runs_over(self.view, self.all):
            releases.add(release)
            loaded |= unpack(*span) & self.all
        weak = on_a_tools_word(self.view, loaded, releases, False) if loaded else BitMap()
        return self.counted("programmed", "", loaded - weak, weak, self.question)
