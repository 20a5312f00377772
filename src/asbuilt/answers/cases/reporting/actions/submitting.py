"""What was submitted of an approved text, what the recipient said to it, and what it asks for in between.

    submit_report(actor, case="C-1", duty="cra.aev", stage="early_warning", at=…, reference="SRP-DE-V-2026-1", capture=b"…png")
    platform_said(actor, case=…, duty=…, stage=…, said="returned", at=…, why="the wrong CSIRT")
    take_back(actor, case=…, duty=…, stage=…, why="recorded for the wrong report")
    ask_report(actor, case=…, duty=…, asked_at=…, due_at=…, words="how many units are updated")     -> "intermediate_1"

The exact text goes with the submission under its hash, the picture of the screen beside it. Refused: a text that nobody approved, or that changed
since; a stage that was submitted before, unless it is said why again. The second of two people who submit is told of the first.
"""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CASE_DECIDE, CASE_WORK
from asbuilt.answers.cases import events
from asbuilt.answers.cases.handling import statements as kinds
from asbuilt.answers.cases.handling.actions import deciding
from asbuilt.answers.cases.handling.actions.stating import NAME_CHARACTERS_MAX, not_ahead, one_of, state, text
from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.handling.computing import plain
from asbuilt.answers.cases.handling.queries import case_file
from asbuilt.answers.cases.handling.statements import New
from asbuilt.answers.cases.reporting import drafts
from asbuilt.answers.cases.reporting.drafts import ACKNOWLEDGED, ANSWERED, RETURNED, Draft
from asbuilt.answers.cases.reporting.field_rules import INTERMEDIATE, matrix_on
from asbuilt.built.supply.files import PICTURES, kind_of
from asbuilt.kernel.errors import Conflict, Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger.recording import Entry

CAPTURE_BYTES_MAX = 32 * 1024**2
ASKED_MAX = 50


def submit_report(
    actor: Actor,
    *,
    case: str,
    duty: str,
    stage: str,
    at: int,
    reference: str = "",
    manufacturer: str = "",
    why: str = "",
    again: bool = False,
    sha256: str = "",
    capture: bytes | None = None,
    capture_name: str = "screen.png",
    request_key: str | None = None,
) -> int:
    """The approved text was submitted at that time; returns the entry. `sha256`: the text that was meant; `capture`: a picture of the screen."""
    found = case_file(actor, case)
    draft = drafts.draft_of(actor, found, drafts.one_run(found, actor.tenant, duty, manufacturer), stage)
    _refuse_text(draft, sha256)
    if capture is not None:
        _refuse_capture(capture)
    return deciding.submit(
        actor, case=case, duty=duty, stage=stage, at=at, reference=reference, manufacturer=manufacturer, why=why, again=again,
        content=draft.content, name=draft.approved.said["file"], capture=capture, capture_name=capture_name, request_key=request_key,
    )  # fmt: skip


def _refuse_text(draft: Draft, sha256: str) -> None:
    facts = {"case": draft.case.code, "duty": draft.run.duty.duty, "stage": draft.stage}
    if not draft.stands:
        said = "This text is not approved." if draft.approved is None else "The draft changed after it was approved."
        raise Refused("cases.not_approved", said, facts, "Read it, and approve it.")
    if sha256 and sha256 != draft.sha256:
        said = "Another text is approved by now."
        raise Conflict("cases.draft_changed", said, {**facts, "sha256": draft.sha256}, "Look at what was submitted.")


def _refuse_capture(capture: bytes) -> None:
    """A picture is known by its first bytes, whatever its name says; a PDF that a browser printed is one too."""
    if not 0 < len(capture) <= CAPTURE_BYTES_MAX:
        said = f"The picture has {len(capture):,} bytes; 1 to {CAPTURE_BYTES_MAX:,} are taken."
        raise Invalid("cases.file_size", said, {"field": "capture"}, "Send another one.")
    if kind_of(capture) not in PICTURES | {"pdf"}:
        said = "capture: is no picture."
        raise Invalid("cases.capture_kind", said, {"field": "capture"}, "Send PNG, JPEG, GIF, TIFF, WebP or PDF.")


def platform_said(
    actor: Actor,
    *,
    case: str,
    duty: str,
    stage: str,
    said: str,
    at: int,
    reference: str = "",
    why: str = "",
    manufacturer: str = "",
    request_key: str | None = None,
) -> int:
    """The recipient acknowledged the report, or returned it and why; returns the entry. Refused: nothing was submitted."""
    one_of("said", said, (ACKNOWLEDGED, RETURNED))
    why = text("why", why, needed=said == RETURNED)
    reference = text("reference", reference, NAME_CHARACTERS_MAX, needed=False)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        not_ahead("at", at, entry)
        run = drafts.one_run(before, entry.tenant, duty, manufacturer)
        sent = run.submitted.get(drafts.staged(run, stage))
        if sent is None:
            told = "This report was not submitted."
            raise Refused(
                "cases.not_submitted", told, {"duty": duty, "stage": stage}, "Record what was submitted first."
            )
        if at < sent.at:
            told = f"at: lies before it was submitted ({plain(sent.at)})."
            raise Invalid("cases.before_submitted", told, {"field": "at"}, "Look at both times and their offsets.")
        cells = {"said": said, **({"reference": reference} if reference else {})}
        return [New(case, ANSWERED, why, party=run.party, duty=duty, name=stage, at=at, said=cells)]

    asked = ["answered", duty, stage, said, at, reference, why, manufacturer]
    return state(actor, events.STATED, CASE_WORK, asked, lines, case=case, request_key=request_key)


def take_back(
    actor: Actor, *, case: str, duty: str, stage: str, why: str, manufacturer: str = "", request_key: str | None = None
) -> int:
    """What was recorded as submitted was not, or not at that time: the report is owed again, and its clock calls; both lines stay. The entry.
    Refused: nothing was submitted."""
    why = text("why", why)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        run = drafts.one_run(before, entry.tenant, duty, manufacturer)
        if run.submitted.get(drafts.staged(run, stage)) is None:
            told = "This report was not submitted."
            raise Refused("cases.not_submitted", told, {"duty": duty, "stage": stage}, "Nothing is to be taken back.")
        return [New(case, kinds.NOT_SUBMITTED, why, party=run.party, duty=duty, name=stage)]

    asked = ["not submitted", duty, stage, why, manufacturer]
    return state(actor, events.STATED, CASE_DECIDE, asked, lines, case=case, request_key=request_key)


def ask_report(
    actor: Actor,
    *,
    case: str,
    duty: str,
    asked_at: int,
    due_at: int,
    words: str,
    manufacturer: str = "",
    request_key: str | None = None,
) -> str:
    """The authority asked at that time for a report until then; returns the name of the stage, which has a clock of its own."""
    words = text("words", words)
    if due_at <= asked_at:
        said = "due_at: lies before it was asked."
        raise Invalid("cases.due_before_asked", said, {"field": "due_at"}, "Look at both times and their offsets.")

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        not_ahead("asked_at", asked_at, entry)
        run = drafts.one_run(before, entry.tenant, duty, manufacturer)
        known = sum(one.stage.startswith(INTERMEDIATE) for one in run.clocks)
        if known >= ASKED_MAX:
            told = f"A duty has at most {ASKED_MAX} reports in between."
            raise Refused("cases.asked_many", told, {"duty": duty}, "Write a note to the case.")
        stage = f"{INTERMEDIATE}_{known + 1}"
        matrix = matrix_on(run.duty.duty, stage, plain(entry.recorded_at)[:10])
        said = {"asked_at": format_instant(asked_at), "source": matrix.source}
        return [New(case, kinds.ASKED, words, party=run.party, duty=duty, name=stage, at=due_at, said=said)]

    asked = ["asked", duty, asked_at, due_at, words, manufacturer]
    entry = state(actor, events.STATED, CASE_WORK, asked, lines, case=case, request_key=request_key)
    lines_of_case = case_file(actor, case).lines
    return next(one.name for one in lines_of_case if one.entry == entry and one.kind == kinds.ASKED)
