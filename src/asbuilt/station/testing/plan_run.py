"""Plan run: run after run of a test plan on one unit, each apart, as often as the plan allows; what was measured and what it leaves.

A run fails by a measure outside of its limits; it errs where it could not be carried out. Nothing of an earlier try is forgotten: its
measures stand as `web.versions`, the next try's as `web.versions~2`, and the last counts. A log is always kept as far as its size
allows, a picture where there is one.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from asbuilt.kernel import measures
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.planned_runs import PlannedRun
from asbuilt.kernel.test_plans import NUMERIC, TEXT, VERDICT, Step, TestPlan
from asbuilt.kernel.test_records import (
    FILE_BYTES_MAX,
    FILES_BYTES_MAX,
    FILES_MAX,
    IDENTITIES_MAX,
    MEASURES_MAX,
    Identity,
    Measure,
    RecordedFile,
    holds,
)
from asbuilt.station.outcomes import plain
from asbuilt.station.testing import apart
from asbuilt.station.testing.findings import finding, to_do
from asbuilt.station.testing.functions.taken import NotCarriedOut

PASS_WORDS = frozenset(["PASS", "PASSED", "OK", "TRUE", "YES", "1"])
VALUE_CHARACTERS_MAX = 400


@dataclass(frozen=True)
class Progress:
    """Where a plan stands: its name, which run of how many, the run's name."""

    plan: str
    number: int
    of: int
    run: str


@dataclass
class Found:
    """What came of a plan: outcome, reason and sentence of the first thing that was wrong, measures, files with their bytes, what only this
    unit may have."""

    outcome: str = "pass"
    reason: str = ""
    said: str = ""
    remedy: str = ""
    measures: list[Measure] = field(default_factory=list)
    files: list[tuple[RecordedFile, bytes]] = field(default_factory=list)
    identities: list[Identity] = field(default_factory=list)


class PlanRun:
    """One plan on one unit. `own` are functions that need the station's ledger: name -> what they take."""

    def __init__(
        self, plan: TestPlan, about: dict, work: Path, *, own: dict[str, Callable[[], dict]],
        judged: Callable[[list[dict], list[str]], tuple[dict[str, dict], str]], progress: Callable[[Progress], None] = lambda _: None,
    ):  # fmt: skip
        self._plan, self._about, self._work, self._own = plan, about, work, own
        self._judged, self._progress = judged, progress
        self.found = Found()

    def carry_out(self) -> Found:
        """All of it, up to a failed run that stops the plan."""
        runs = self._plan.station.runs
        for number, run in enumerate(runs, 1):
            self._progress(Progress(self._plan.plan, number, len(runs), run.name))
            outcome, wrong = self._run(run)
            if outcome != "pass" and (self.found.outcome == "pass" or outcome == "fail"):
                # a unit that failed failed, whatever else could not be looked at
                if outcome != self.found.outcome:
                    self.found.reason, self.found.said, self.found.remedy = wrong
                self.found.outcome = outcome
            if outcome != "pass" and run.stop:
                break
        return self.found

    def _run(self, run: PlannedRun) -> tuple[str, tuple[str, str, str]]:
        outcome, wrong = "error", ("", "", "")
        for attempt in range(1, run.tries + 1):
            began = time.monotonic()
            try:
                taken = self._take(run)
                outcome, wrong = self._judge(run, taken, attempt, int((time.monotonic() - began) * 1000))
            except NotCarriedOut as failed:
                outcome, wrong = "error", (failed.reason, f"Run {run.name}: {failed.said}", to_do(failed.reason))
                self._keep_log(run, attempt, failed.said)
                self._all_of(run, attempt, failed.said, int((time.monotonic() - began) * 1000))
            if outcome == "pass" or (outcome == "fail" and run.again_on != "fail"):
                break
        return outcome, wrong

    def _take(self, run: PlannedRun) -> dict:
        if run.uses in self._own:
            return self._own[run.uses]()
        taken = apart.carry_out(run.uses, run.parameters, self._about, seconds=run.seconds, work=self._work)
        verdicts, used = self._judged(taken["claims"], taken["used_files"])
        if used:
            raise NotCarriedOut("file_used", used)
        shown = [Identity(f"{run.name}.{one['measure']}", one["kind"], one["sha256"]) for one in taken["claims"]]
        known = [*self.found.identities, *(one for one in shown if one not in self.found.identities)]
        self.found.identities = known[:IDENTITIES_MAX]
        taken["measures"] |= verdicts
        return taken

    def _judge(self, run: PlannedRun, taken: dict, attempt: int, milliseconds: int) -> tuple[str, tuple[str, str, str]]:
        outcome, wrong = "pass", ("", "", "")
        for step in self._steps(run):
            said = taken["measures"].get(step.name.partition(".")[2])
            if said is None:
                if not step.needed:
                    continue
                said = {"value": "", "unit": "", "result": "fail", "said": f"{step.name} was not measured."}
            one = measured(step, said, milliseconds)
            self._add(one, attempt)
            if one.result != "pass" and outcome == "pass":
                reason, remedy = finding(run.uses, step.name.partition(".")[2])
                value = f"{one.value} {one.unit}".strip()
                said = (
                    f"{step.name} is {value}, not {step.limits}."
                    if step.limits
                    else f"{step.name} is {value or one.result}."
                )
                said = one.said or said
                outcome, wrong = "fail", (reason, said, remedy)
        tester = taken["measures"].get("outcome") if run.uses == "file" else None
        if outcome == "pass" and tester is not None and tester["result"] == "fail":
            # whatever the plan picked out of its report, the tester did not pass the unit
            reason, remedy = finding(run.uses, "outcome")
            outcome, wrong = "fail", (reason, f"Run {run.name}: {tester['said']}", remedy)
        self._keep_log(run, attempt, taken["log"])
        self._keep_pictures(run, taken["pictures"])
        return outcome, wrong

    def _steps(self, run: PlannedRun) -> Sequence[Step]:
        return [step for step in self._plan.steps if step.name.partition(".")[0] == run.name]

    def _all_of(self, run: PlannedRun, attempt: int, said: str, milliseconds: int) -> None:
        for step in self._steps(run):
            self._add(Measure(step.name, step.kind, "", "", step.limits, "error", said[:300], milliseconds), attempt)

    def _add(self, one: Measure, attempt: int) -> None:
        if len(self.found.measures) < MEASURES_MAX:
            self.found.measures.append(one if attempt == 1 else replace(one, step=f"{one.step}~{attempt}"))

    def _keep_log(self, run: PlannedRun, attempt: int, text: str) -> None:
        content = (text or "nothing to say").encode()[: FILE_BYTES_MAX["log"]]
        self._keep(run, "log", f"{run.name}-{attempt}.log", "text/plain", content)

    def _keep_pictures(self, run: PlannedRun, pictures: Sequence[dict]) -> None:
        for picture in pictures:
            content = Path(picture["path"]).read_bytes()[: FILE_BYTES_MAX["picture"] + 1]
            if hashlib.sha256(content).hexdigest() == picture["sha256"]:
                number = sum(file.kind == "picture" for file, _ in self.found.files) + 1
                ending = picture["media"].partition("/")[2]
                self._keep(run, "picture", f"{run.name}-{number}.{ending}", picture["media"], content)

    def _keep(self, run: PlannedRun, kind: str, name: str, media: str, content: bytes) -> None:
        whole = sum(len(one) for _, one in self.found.files) + len(content)
        if len(self.found.files) < FILES_MAX and whole <= FILES_BYTES_MAX:
            file = RecordedFile(run.name, kind, name, media, hashlib.sha256(content).hexdigest(), len(content))
            self.found.files.append((file, content))


def measured(step: Step, said: dict, milliseconds: int) -> Measure:
    """A step as its function told it, judged by the plan's limits; a number that is none does not pass."""
    value, unit = plain(str(said["value"]))[:VALUE_CHARACTERS_MAX], plain(str(said["unit"]))[:40]
    words = plain(said["said"])[:300]
    if step.kind == VERDICT:
        right = said["result"] == "pass" or str(said.get("verdict") or value).upper() in PASS_WORDS
        one = Measure(step.name, VERDICT, value, unit, step.limits, "pass" if right else "fail", words, milliseconds)
    elif step.kind == TEXT:
        one = Measure(step.name, TEXT, value, unit, step.limits, "", words, milliseconds)
    else:
        one = Measure(step.name, NUMERIC, _number(value), unit, step.limits, "", words, milliseconds)
    if not one.result:
        kept = bool(one.value) and holds(step, one) is not False
        one = replace(one, result="pass" if kept else "fail")
    return replace(one, said="" if one.result == "pass" else one.said)


def _number(text: str) -> str:
    try:
        return str(measures.number_of(text))
    except Invalid:
        return ""
