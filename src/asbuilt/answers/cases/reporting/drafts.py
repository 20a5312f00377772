"""A report of one stage as the lines of its case say it: what it rests on, what people wrote, whether it is approved, submitted, answered.

    draft_of(actor, case, run, stage)   -> Draft

Until somebody writes in it, a draft is drafted anew at each look. The first word of a person keeps what was drafted, from which answer and by
which matrix: from then on nothing of it changes by itself. What would be drafted now is worked out beside it and shown as a difference; to take
it over is a step of its own. Text of a person stands over the drafted one, and both stay.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from asbuilt.access.actor import Actor
from asbuilt.answers.cases.handling import statements as kinds
from asbuilt.answers.cases.handling.actions.saying import runs_named
from asbuilt.answers.cases.handling.case_file import CaseFile, Run, submissions
from asbuilt.answers.cases.handling.clocks import Clock, local_day
from asbuilt.answers.cases.handling.computing import plain
from asbuilt.answers.cases.handling.statements import Line
from asbuilt.answers.cases.reporting import field_rules
from asbuilt.answers.cases.reporting.drafting import Drafted, Earlier, Source, generated, since, unplaced
from asbuilt.answers.cases.reporting.field_rules import Field, Matrix, matrix_named, matrix_on
from asbuilt.answers.cases.reporting.known import known
from asbuilt.answers.register.queries import frozen_answer
from asbuilt.designed.parties.queries import names
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import Invalid
from asbuilt.ledger import clock as log_clock

# kinds of lines of this sub-room
BASIS, FIELD, APPROVED, ANSWERED = "drafted", "field", "approved", kinds.PLATFORM_SAID
DRAFT, UPDATED, ACKNOWLEDGED, RETURNED = "draft", "updated", "acknowledged", kinds.RETURNED
SUBMITTED = "submitted"
STAGES_BEFORE = {"notification": ("early_warning",), "final_report": ("notification", "early_warning")}
REPORT_FORMAT = "asbuilt.report/1"


@dataclass
class Cell:
    """A field of a draft: the text that holds, the drafted one, and who wrote over it."""

    field: Field
    text: str
    drafted: str
    sources: Sequence[Sequence[str]]
    written: Line | None = None
    now: str | None = None  # what would be drafted now, where that is another text
    since: str = ""  # of a copied field what the record gives by now, where nobody wrote it here

    @property
    def by(self) -> str:
        """person, record, or empty."""
        return "person" if self.written is not None else "record" if self.drafted else ""


@dataclass
class Draft:
    """A report of a stage. `basis` is None while nobody wrote in it; `answer` the ULID that it rests on, empty without one."""

    case: CaseFile
    run: Run
    stage: str
    matrix: Matrix
    cells: list[Cell]
    basis: Line | None
    answer: str
    newest: str
    manufacturer: str
    state: str = DRAFT
    approved: Line | None = None
    submitted: list[Line] = field(default_factory=list)
    answered: Line | None = None
    last_entry: int = 0
    unplaced: dict[str, int] = field(default_factory=dict)  # what stands for a country and is no code -> units
    answer_overtaken: bool = (
        False  # its answer was superseded, or facts of it withdrawn, whether or not the case has a newer one
    )

    @property
    def clock(self) -> Clock | None:
        """When it is due."""
        return self.run.clock(self.stage)

    @property
    def texts(self) -> dict[str, str]:
        """Field -> text, of those that have one."""
        return {one.field.field: one.text for one in self.cells if one.text}

    @property
    def products(self) -> int:
        """How many products the report speaks of: as many as a field of products has entries."""
        of_products = [one for one in self.cells if one.field.repeats == field_rules.PRODUCT]
        return max((len(field_rules.entries(one.field, one.text)) for one in of_products), default=1)

    def empty(self, one: Cell) -> int:
        """For how many products a field of products says nothing; of another field 1 where it is empty."""
        if one.field.repeats != field_rules.PRODUCT:
            return int(not one.text)
        return self.products - sum(bool(each) for each in field_rules.entries(one.field, one.text))

    @property
    def lacking(self) -> list[Cell]:
        """Fields that the report cannot do without, and that are empty: of one product among several too."""
        texts = self.texts
        return [one for one in self.cells if one.field.needed(self.stage, texts) and self.empty(one)]

    @property
    def gaps(self) -> list[Field]:
        """The same as fields."""
        return [one.field for one in self.lacking]

    @property
    def states_open(self) -> bool:
        """Whether units may be in a Member State that nobody named: the record has no code, and no person wrote the field."""
        field_of = next((one for one in self.cells if one.field.kind == field_rules.STATES), None)
        return bool(self.unplaced) and (field_of is None or field_of.written is None)

    @property
    def states_missing(self) -> list[str]:
        """Member States that the record gives by now and the text does not name, where no person wrote the field in this report."""
        cell = next((one for one in self.cells if one.field.kind == field_rules.STATES), None)
        if cell is None or cell.written is not None:
            return []
        given = cell.since or cell.now or ""
        return sorted(_codes(given) - _codes(cell.text))

    @property
    def wrong(self) -> list[tuple[Field, str]]:
        """Fields whose text the recipient would not take, and why."""
        found = [(one.field, field_rules.wrong(one.field, one.text)) for one in self.cells]
        return [(one, why) for one, why in found if why]

    @property
    def content(self) -> bytes:
        """The exact text, as it is approved and kept: canonical JSON."""
        return report_bytes(
            self.case.code, self.run, self.stage, self.manufacturer, self.matrix, self.answer, self.texts
        )

    @property
    def sha256(self) -> str:
        """Of the exact text."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def stands(self) -> bool:
        """Whether the text that stands is the approved one."""
        return self.approved is not None and self.approved.said["sha256"] == self.sha256

    @property
    def overtaken(self) -> bool:
        """Whether the case has a newer answer than the one it rests on."""
        return self.basis is not None and self.answer != self.newest

    @property
    def changed(self) -> list[Cell]:
        """Fields that would be drafted otherwise now."""
        return [one for one in self.cells if one.now is not None]


def _codes(text: str) -> set[str]:
    return {code.strip() for code in text.split(",")} - {""}


def report_bytes(
    case: str, run: Run, stage: str, manufacturer: str, matrix: Matrix, answer: str, texts: dict[str, str]
) -> bytes:
    """The exact text of a report: its fields in the recipient's order, those without text left out."""
    ordered = matrix.of(run.duty.duty, stage)
    return canonical_bytes(
        {
            "format": REPORT_FORMAT, "case": case, "duty": run.duty.duty, "stage": stage, "manufacturer": manufacturer,
            "matrix": matrix.matrix, "answer": answer,
            "fields": [[one.field, one.name, texts[one.field]] for one in ordered if texts.get(one.field)],
        }
    )  # fmt: skip


def one_run(case: CaseFile, tenant: int, duty: str, manufacturer: str) -> Run:
    """The duty that is meant; Invalid where it runs towards several parties and none is named."""
    found = runs_named(case, tenant, duty, manufacturer)
    if len(found) > 1:
        said = f"{duty} runs towards {len(found)} parties."
        raise Invalid("cases.party_needed", said, {"field": "manufacturer"}, "Name the one that is meant.")
    return found[0]


def staged(run: Run, stage: str) -> str:
    """The stage itself; Invalid where the duty has no such report."""
    if run.clock(stage) is None:
        there = ", ".join(one.stage for one in run.clocks)
        said = f"{run.duty.duty} has no report {stage[:40]!a}."
        raise Invalid("cases.stage_unknown", said, {"field": "stage"}, f"Say {there}.")
    return stage


def draft_of(actor: Actor, case: CaseFile, run: Run, stage: str) -> Draft:
    """The report as it stands, and what would be drafted now."""
    lines = lines_of_stage(case, run, staged(run, stage))
    basis = next((one for one in reversed(lines) if one.kind == BASIS), None)
    newest = case.answers[-1].name if case.answers else ""
    parties = names(actor.tenant)
    matrix = matrix_named(basis.said["matrix"]) if basis else matrix_of(case, run, stage)
    now, lost, later = drafted_now(actor, case, run, stage, matrix, newest, parties)
    held = now if basis is None else _held(basis)
    draft = Draft(
        case, run, stage, matrix, [], basis, newest if basis is None else basis.said["answer"], newest,
        parties.get(run.party, "") if run.party is not None else "", last_entry=lines[-1].entry if lines else 0,
    )  # fmt: skip
    written = {one.name.partition("/")[2]: one for one in lines if one.kind == FIELD}
    for one in matrix.of(run.duty.duty, stage):
        own, mine = held.get(one.field, Drafted("")), written.get(one.field)
        if mine is not None and mine.said.get("back"):
            mine = None
        then = now.get(one.field, Drafted("")).text
        text = own.text if mine is None else mine.said["text"]
        fresh = later.get(one.field, "") if mine is None else ""
        draft.cells.append(Cell(one, text, own.text, own.sources, mine, then if then != own.text else None, fresh))
    draft.unplaced = lost
    draft.answer_overtaken = bool(draft.answer) and frozen_answer(actor, draft.answer).overtaken_by is not None
    _walk(draft, lines)
    return draft


def matrix_of(case: CaseFile, run: Run, stage: str) -> Matrix:
    """The matrix of the day."""
    return matrix_on(run.duty.duty, stage, local_day(log_clock.now(), case.zone))


def drafted_now(
    actor: Actor, case: CaseFile, run: Run, stage: str, matrix: Matrix, answer: str, parties: dict[int, str]
) -> tuple[dict[str, Drafted], dict[str, int], dict[str, str]]:
    """What the record gives for the fields now, from this answer; units whose country it does not say as a code; copied fields of which it says
    something else by now."""
    asked = next((one for one in case.lines if one.kind == kinds.ASKED and (*run.key, stage) == stage_key(one)), None)
    source = Source(case, run, known(actor, case, run, answer), stage, parties, asked)
    earlier = earlier_of(case, run, stage)
    return generated(source, matrix, earlier), unplaced(source, matrix), since(source, matrix, earlier)


def stage_key(line: Line) -> tuple[int | None, str, str]:
    """Whose report of which duty and stage a line speaks of."""
    return line.party, line.duty, line.name.partition("/")[0]


def lines_of_stage(case: CaseFile, run: Run, stage: str) -> list[Line]:
    """The lines that speak of this report, the earliest first."""
    wanted = (BASIS, FIELD, APPROVED, ANSWERED, kinds.SUBMITTED, kinds.NOT_SUBMITTED)
    return [one for one in case.lines if one.kind in wanted and stage_key(one) == (*run.key, stage)]


def earlier_of(case: CaseFile, run: Run, stage: str) -> Earlier | None:
    """What was submitted last in the stages before, of a text that was approved here; None where nothing was."""
    for before in STAGES_BEFORE.get(stage, ()):
        lines = lines_of_stage(case, run, before)
        approved = {one.said["sha256"]: one for one in lines if one.kind == APPROVED}
        standing = {one.entry for one in submissions(lines)}
        for line in reversed(lines):
            if line.entry in standing and line.kind == kinds.SUBMITTED and line.said.get("sha256") in approved:
                texts = approved[line.said["sha256"]].said["texts"]
                given = _given_before(case, run, stage)
                return Earlier(before, line.said.get("reference", ""), plain(line.at), texts, given)
    return None


def _given_before(case: CaseFile, run: Run, stage: str) -> dict[str, set[str]]:
    """Field -> the texts that the record gave for it in the stages before."""
    found: dict[str, set[str]] = {}
    for before in STAGES_BEFORE.get(stage, ()):
        for line in lines_of_stage(case, run, before):
            if line.kind == BASIS:
                for name, text in line.said["texts"].items():
                    found.setdefault(name, set()).add(text)
    return found


def _held(basis: Line) -> dict[str, Drafted]:
    sources = basis.said["sources"]
    return {name: Drafted(text, sources.get(name, [])) for name, text in basis.said["texts"].items()}


def _walk(draft: Draft, lines: Sequence[Line]) -> None:
    """The state that the lines leave the report in, in the order in which they were written."""
    text = DRAFT  # how far the text itself is, whatever became of what was sent
    for line in lines:
        if line.kind in (BASIS, FIELD):
            draft.state = text = DRAFT
        elif line.kind == APPROVED:
            draft.state, draft.approved = APPROVED, line
            text = APPROVED
        elif line.kind == ANSWERED:
            draft.state, draft.answered = line.said["said"], line
        elif line.kind == kinds.NOT_SUBMITTED:
            draft.state, draft.answered = text, None
            draft.submitted.clear()
        else:
            draft.state = UPDATED if draft.submitted else SUBMITTED
            draft.submitted.append(line)
