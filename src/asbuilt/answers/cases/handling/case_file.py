"""A case as its lines say it: what it is about, which duties run for whom, their clocks, decisions, submissions. Pure over lines.

Of two lines about the same the later one holds, and both stay. A clock is never stored as the truth: it follows from the moments that
hold; what it showed at a time stands in the line `shown` of that time. Months of what a manufacturer reports to its coordinator end in the zone of
that coordinator, where one was determined; else, and for every other duty, in the zone of the case.

A duty that the house said it has, and later that it has not, ends with that: what was followed of it stays in sight, nothing more is owed, and its
clocks show the deadline that they had and why they ended. Said again that we have it, it runs on from the same awareness.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from asbuilt.answers.cases.handling import clocks
from asbuilt.answers.cases.handling import statements as kinds
from asbuilt.answers.cases.handling.clocks import Clock
from asbuilt.answers.cases.handling.coordinator_zones import zone_of_state
from asbuilt.answers.cases.handling.duty_rules import Duty, RuleSet, rules_on
from asbuilt.answers.cases.handling.statements import Line
from asbuilt.answers.cases.handling.words import NOT_REPORTABLE
from asbuilt.kernel.instants import parse_instant

CASE_KINDS = ("aev", "incident", "vulnerability", "quality", "supplier", "authority")
ROLES = ("manufacturer", "ems", "importer", "distributor")
CASE_MOMENTS = (
    "signal_received_at",
    "assessment_started_at",
    "assessment_concluded_at",
    "detected_at",
    "occurred_at",
)
MEASURE_KINDS = ("mitigating", "corrective")
SAID = "said"
MANUFACTURER = "manufacturer"  # in that role somebody reports to its coordinator
OF_COORDINATOR, OF_CASE = "coordinator", "case"


@dataclass
class Run:
    """A duty towards the products of one manufacturer (None: our own as an entity), with what was said of it."""

    duty: Duty
    rules: RuleSet
    party: int | None
    products: list[str]
    aware: Line | None = None
    decision: Line | None = None
    ended: Line | None = None  # the house said that it does not have it, after somebody followed it
    contract_hours: int | None = None
    submitted: dict[str, Line] = field(default_factory=dict)  # stage -> the first submission
    # stage -> why the recipient did not take what was submitted last
    returned: dict[str, Line] = field(default_factory=dict)
    # stage -> why what was recorded as submitted was not; it is owed as if nobody had recorded it
    taken_back: dict[str, Line] = field(default_factory=dict)
    late_reasons: dict[str, str] = field(default_factory=dict)
    clocks: list[Clock] = field(default_factory=list)
    zone_name: str = ""
    zone_of: str = OF_CASE

    @property
    def zone(self):
        """The time zone in which its months end."""
        return clocks.zone_named(self.zone_name)

    @property
    def over(self) -> bool:
        """Whether nothing is owed of it: it was decided not to be reportable, or ended."""
        return self.ended is not None or (
            self.decision is not None and self.decision.said["decision"] == NOT_REPORTABLE
        )

    @property
    def key(self) -> tuple[int | None, str]:
        """Whose and which duty."""
        return self.party, self.duty.duty

    def waits(self, stage: str) -> bool:
        """Whether the report is still owed: nothing was submitted, or the recipient returned what was."""
        return stage not in self.submitted or stage in self.returned

    def clock(self, stage: str) -> Clock | None:
        """The clock of a report; None where the duty has none of this name."""
        return next((one for one in self.clocks if one.stage == stage), None)


@dataclass
class CaseFile:
    """A case with everything that holds of it now."""

    code: str
    kind: str  # as it was opened
    title: str
    zone_name: str
    opened_at: int
    lines: Sequence[Line]
    coordinators: Sequence[Line] = ()
    closed: bool = False
    kinds: list[str] = field(default_factory=list)  # as it was opened, then what it turned out to be
    products: dict[str, Line] = field(default_factory=dict)
    moments: dict[str, Line] = field(default_factory=dict)
    measures: dict[str, Line] = field(default_factory=dict)
    signals: list[str] = field(default_factory=list)
    answers: list[Line] = field(default_factory=list)
    findings: dict[str, Line] = field(default_factory=dict)
    tasks: dict[str, Line] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)

    @property
    def zone(self):
        """The time zone in which its months end."""
        return clocks.zone_named(self.zone_name)

    @property
    def gravest(self) -> str:
        """Of the kinds it has the one that weighs most: exploited before incident before the others."""
        return min(self.kinds, key=CASE_KINDS.index)

    def run(self, party: int | None, duty: str) -> Run | None:
        """The duty of that name towards that party, where it runs."""
        return next((one for one in self.runs if one.key == (party, duty)), None)


def case_of(lines: Sequence[Line], coordinators: Sequence[Line] = ()) -> CaseFile:
    """The case of these lines, the earliest first; the first one opened it. `coordinators`: who was determined for manufacturers."""
    first = lines[0]
    said = first.said
    case = CaseFile(first.about, said["kind"], said["title"], said["zone"], first.happened_at, lines, coordinators)
    case.kinds.append(case.kind)
    for line in lines:
        if line.kind == kinds.KIND:
            case.kinds.append(line.name)
        elif line.kind in (kinds.CLOSED, kinds.REOPENED):
            case.closed = line.kind == kinds.CLOSED
        elif line.kind == kinds.PRODUCT:
            case.products[line.name] = line
        elif line.kind == kinds.MOMENT and line.name in CASE_MOMENTS:
            case.moments[line.name] = line
        elif line.kind == kinds.MEASURE:
            case.measures[line.name] = line
        elif line.kind == kinds.TAKEN:
            case.signals.append(line.name)
        elif line.kind == kinds.FINDING:
            case.findings[line.name] = line
        elif line.kind == kinds.TASK:
            case.tasks[line.name] = line
        elif line.kind == kinds.ANSWER:
            case.answers.append(line)
    case.runs = _runs(case)
    return case


def as_of(case: CaseFile, entry: int) -> CaseFile:
    """The case as its lines up to that entry say it."""
    before = [line for line in case.coordinators if line.entry <= entry]
    return case_of([line for line in case.lines if line.entry <= entry], before)


def _runs(case: CaseFile) -> list[Run]:
    """Duties by role towards each product's manufacturer, then those that the house says it has; none is merged with another."""
    aware = {(line.party, line.duty): line for line in case.lines if _is_awareness(line)}
    said = {(line.party, line.duty): line for line in case.lines if line.kind == kinds.DUTY}
    hours_said = {
        (line.party, line.duty): line for line in case.lines if line.kind == kinds.DUTY and "hours" in line.said
    }
    opened_on = clocks.local_day(case.opened_at, case.zone)
    newest = rules_on(opened_on)
    wanted = by_role(case, case.kinds)
    owed = set(wanted)
    for (party, duty), line in said.items():
        # hours of a contract without a party are for every brand owner, and add no duty of their own
        if line.said["on"] == "yes" and (newest.duty(duty).when == SAID or party is not None):
            wanted.setdefault((party, duty), [])
    # what was followed once stays in sight, also where a role changed since
    for line in case.lines:
        if line.kind in (kinds.SUBMITTED, kinds.DECISION, kinds.ASKED) or _is_awareness(line):
            wanted.setdefault((line.party, line.duty), [])
    found = []
    for (party, duty), products in wanted.items():
        known = aware.get((party, duty))
        rules = newest if known is None else rules_on(clocks.local_day(known.at, case.zone))
        own = said.get((party, duty))
        ended = own if own is not None and own.said["on"] == "no" and (party, duty) not in owed else None
        # an ended clock shows the deadline that it had
        agreed = own or said.get((None, duty)) if ended is None else hours_said.get((party, duty))
        hours = agreed.said.get("hours") if agreed is not None else None
        run = Run(rules.duty(duty), rules, party, products, known, contract_hours=int(hours) if hours else None)
        run.ended = ended
        run.zone_name, run.zone_of = _zone(case, run)
        _fill(case, run)
        found.append(run)
    return found


def submissions(lines: Iterable[Line]) -> list[Line]:
    """Every submission that nobody took back, the earliest recorded first."""
    found: list[Line] = []
    for line in lines:
        if line.kind == kinds.SUBMITTED:
            found.append(line)
        elif line.kind == kinds.NOT_SUBMITTED:
            of = (line.party, line.duty, line.name)
            found = [one for one in found if (one.party, one.duty, one.name) != of]
    return found


def _zone(case: CaseFile, run: Run) -> tuple[str, str]:
    """Where the months of a duty end, and whose zone that is."""
    if run.duty.when == MANUFACTURER and run.party is not None:
        mine = [line for line in case.coordinators if line.kind == kinds.COORDINATOR and line.party == run.party]
        if mine and (zone := zone_of_state(mine[-1].name)):
            return zone, OF_COORDINATOR
    return case.zone_name, OF_CASE


def by_role(case: CaseFile, of_kinds: Collection[str]) -> dict[tuple[int | None, str], list[str]]:
    """(party, duty) -> products, of the duties that a case of these kinds starts by our role towards its products."""
    found: dict[tuple[int | None, str], list[str]] = {}
    for product, line in case.products.items():
        if line.said["role"] == "none":  # taken off the case
            continue
        for duty in rules_on(clocks.local_day(case.opened_at, case.zone)).duties:
            if duty.when == line.said["role"] and not set(of_kinds).isdisjoint(duty.kinds):
                found.setdefault((line.party, duty.duty), []).append(product)
    return found


def _is_awareness(line: Line) -> bool:
    return line.kind == kinds.MOMENT and line.name == clocks.AWARE


def _fill(case: CaseFile, run: Run) -> None:
    for line in case.lines:
        if (line.party, line.duty) != run.key:
            continue
        if line.kind == kinds.DECISION:
            run.decision = line
        elif line.kind == kinds.SUBMITTED:
            # of several the first one: nothing that was sent again may move a deadline further away
            kept = run.submitted.get(line.name)
            run.submitted[line.name] = line if kept is None or line.at < kept.at else kept
            run.returned.pop(line.name, None)
        elif line.kind == kinds.NOT_SUBMITTED:
            sent = run.submitted.pop(line.name, None)
            run.returned.pop(line.name, None)
            if sent is not None and run.late_reasons.get(line.name) == sent.why:
                del run.late_reasons[line.name]
            run.taken_back[line.name] = line
        elif line.kind == kinds.PLATFORM_SAID:
            run.returned.pop(line.name, None)
            if line.said["said"] == kinds.RETURNED:
                run.returned[line.name] = line
        elif line.kind == kinds.LATE:
            run.late_reasons[line.name] = line.why
        if line.kind == kinds.SUBMITTED and line.why:
            run.late_reasons.setdefault(line.name, line.why)
    run.clocks = clocks.clocks_of(run.duty, moments_of(case, run), run.zone, contract_hours=run.contract_hours)
    run.clocks += _asked(case, run)
    if run.ended is not None:
        # what was submitted keeps its clock; the others stand still, with the deadline that they had and who ended them why
        run.clocks = [
            replace(one, state=clocks.ENDED, note=run.ended.why) if run.waits(one.stage) else one for one in run.clocks
        ]


def _asked(case: CaseFile, run: Run) -> list[Clock]:
    """A clock for each report that the authority asked for in between: due when it said."""
    found = {one.name: one for one in case.lines if one.kind == kinds.ASKED and (one.party, one.duty) == run.key}
    return [
        Clock(
            name, clocks.RUNNING, "asked_at", parse_instant(one.said["asked_at"]), one.at, None, None, False, "",
            one.said["source"], one.why,
        )
        for name, one in found.items()
    ]  # fmt: skip


def moments_of(case: CaseFile, run: Run) -> dict[str, int]:
    """The moments that clocks of this duty start from, as they hold now."""
    found = {}
    if run.aware is not None:
        found[clocks.AWARE] = run.aware.at
    measures = [line.at for line in case.measures.values() if line.party in (None, run.party) and line.at is not None]
    if measures:
        found[clocks.MEASURE] = min(measures)
    for stage, name in (("early_warning", clocks.WARNED), ("notification", clocks.NOTIFIED)):
        if stage in run.submitted:
            found[name] = run.submitted[stage].at
    return found
