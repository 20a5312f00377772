"""People write in a draft, take over what the record gives now, and approve the exact text.

    fill(actor, case="C-1", duty="cra.aev", stage="early_warning", texts={"sensitivity": "…"}, why="…")     None: back to the drafted text
    draft_anew(actor, case=…, duty=…, stage=…, why="the answer was superseded")
    approve(actor, case=…, duty=…, stage=…, sha256="…")        -> the SHA-256 of the text that stands approved

The first word of a person keeps what was drafted; nothing of it changes by itself afterwards. To approve is to name the hash of the text that was
read: where somebody changed it meanwhile, or approved it, the second person is told. Refused: a text that the recipient would not take, a
required field without text unless it is said why it stays empty.
"""

import hashlib
from collections.abc import Mapping

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CASE_DECIDE, CASE_WORK
from asbuilt.answers.cases import events
from asbuilt.answers.cases.handling.actions.attaching import kept_file
from asbuilt.answers.cases.handling.actions.stating import WORDS_CHARACTERS_MAX, state, text
from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.handling.computing import plain
from asbuilt.answers.cases.handling.queries import case_file
from asbuilt.answers.cases.handling.statements import New
from asbuilt.answers.cases.reporting import drafts
from asbuilt.answers.cases.reporting.drafts import APPROVED, BASIS, FIELD, Cell, Draft
from asbuilt.kernel.errors import Conflict, Invalid, NotFound, Refused
from asbuilt.ledger.recording import Entry

FIELD_CHARACTERS_MAX = 40_000
FIELDS_AT_ONCE_MAX = 60


def fill(
    actor: Actor,
    *,
    case: str,
    duty: str,
    stage: str,
    texts: Mapping[str, str | None],
    why: str,
    manufacturer: str = "",
    seen: int | None = None,
    request_key: str | None = None,
) -> int:
    """Write these fields; returns the entry. `seen`: the last entry of the draft that was read; a field written since is a Conflict."""
    why = text("why", why)
    if not 0 < len(texts) <= FIELDS_AT_ONCE_MAX:
        said = f"texts: 1 to {FIELDS_AT_ONCE_MAX} fields are taken."
        raise Invalid("cases.fields_many", said, {"field": "texts"}, "Write some of them.")
    given = {name: None if said is None else _words(name, said) for name, said in texts.items()}

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        draft = _draft(actor, before, duty, stage, manufacturer)
        cells = {one.field.field: one for one in draft.cells}
        found = _begun(draft)
        for name, said in given.items():
            cell = cells.get(name)
            if cell is None:
                raise _no_field(draft, name)
            _refuse_crossed(cell, seen, actor.person)
            if said == cell.text or (said is None and cell.written is None):
                continue
            told = {"back": "yes"} if said is None else {"text": said}
            told["drafted"] = hashlib.sha256(cell.drafted.encode()).hexdigest()
            found.append(_line(draft, FIELD, why, f"/{name}", told))
        if not any(one.kind == FIELD for one in found):
            raise Conflict("cases.text_same", "The draft says so already.", {"case": case}, "Nothing is to do.")
        return found

    asked = ["fill", duty, stage, sorted((name, said or "", said is None) for name, said in given.items()), why]
    asked += [manufacturer, seen]
    return state(actor, events.DRAFTED, CASE_WORK, asked, lines, case=case, request_key=request_key)


def draft_anew(
    actor: Actor,
    *,
    case: str,
    duty: str,
    stage: str,
    why: str,
    manufacturer: str = "",
    request_key: str | None = None,
) -> int:
    """Take over what the record gives now, from the newest answer; texts of people stay over it. Returns the entry."""
    why = text("why", why)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        draft = _draft(actor, before, duty, stage, manufacturer)
        run = draft.run
        matrix = drafts.matrix_of(before, run, stage)
        parties = {run.party: draft.manufacturer} if run.party is not None else {}
        now, _, _ = drafts.drafted_now(actor, before, run, stage, matrix, draft.newest, parties)
        said = _basis(matrix.matrix, draft.newest, {name: (one.text, one.sources) for name, one in now.items()})
        if draft.basis is not None and draft.basis.said == said:
            raise Conflict("cases.draft_same", "Nothing would change.", {"case": case}, "Nothing is to do.")
        return [_line(draft, BASIS, why, "", said)]

    asked = ["draft", duty, stage, why, manufacturer]
    return state(actor, events.DRAFTED, CASE_WORK, asked, lines, case=case, request_key=request_key)


def approve(
    actor: Actor,
    *,
    case: str,
    duty: str,
    stage: str,
    sha256: str,
    why: str = "",
    manufacturer: str = "",
    request_key: str | None = None,
) -> str:
    """Freeze the exact text of this hash as the one to be submitted; returns the hash. `why`: why required fields stay empty, where some do."""
    why = text("why", why, needed=False)
    actor.require(CASE_DECIDE)
    read = _draft(actor, case_file(actor, case), duty, stage, manufacturer)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        draft = _draft(actor, before, duty, stage, manufacturer)
        _refuse_approval(draft, sha256, why)
        said = {"sha256": draft.sha256, "file": kept.file_name, "answer": draft.answer, "matrix": draft.matrix.matrix}
        told = {**said, "texts": draft.texts, "gaps": [one.field for one in draft.gaps]}
        if draft.states_open:
            told["unplaced"] = draft.unplaced
        if draft.states_missing:
            told["states_missing"] = draft.states_missing
        return [*_begun(draft), _line(draft, APPROVED, why, "", told)]

    with kept_file(actor.tenant, read.content, f"{case}-{duty}-{stage}.json") as files:
        (kept,) = files
        asked = ["approve", duty, stage, sha256, why, manufacturer]
        state(actor, events.APPROVED, CASE_DECIDE, asked, lines, case=case, attached=files, request_key=request_key)
    return sha256


def _refuse_approval(draft: Draft, sha256: str, why: str) -> None:
    facts = {"case": draft.case.code, "duty": draft.run.duty.duty, "stage": draft.stage, "sha256": draft.sha256}
    if draft.sha256 != sha256:
        said = "The draft says something else by now."
        raise Conflict("cases.draft_changed", said, facts, "Read it again, then approve it.")
    if draft.stands:
        said = f"This text was approved at {plain(draft.approved.happened_at)}."
        raise Conflict("cases.approved_before", said, facts, "Submit it.")
    if draft.wrong:
        named = ", ".join(one.name for one, _ in draft.wrong[:5])
        said = f"The recipient would not take: {named}."
        raise Refused("cases.text_refused", said, facts, "Shorten it, or write it in the words that the field takes.")
    if draft.gaps and not why:
        named = ", ".join(one.name for one in draft.gaps[:5])
        said = f"Required and empty: {named}."
        raise Refused("cases.gaps_open", said, facts, "Fill them, or say why they stay empty.")
    if draft.states_open and not why:
        units = sum(draft.unplaced.values())
        said = f"Of {units:,} units the record does not say in which country they are."
        raise Refused("cases.states_open", said, facts, "Write the Member States yourself, or say why they stay so.")
    if draft.states_missing and not why:
        named = ", ".join(draft.states_missing)
        said = f"By the record units are in {named} by now, and the text does not name them."
        facts = {**facts, "member_states": draft.states_missing}
        raise Refused("cases.states_missing", said, facts, "Write the Member States, or say why they stay so.")


def _draft(actor: Actor, case: CaseFile, duty: str, stage: str, manufacturer: str) -> Draft:
    return drafts.draft_of(actor, case, drafts.one_run(case, actor.tenant, duty, manufacturer), stage)


def _begun(draft: Draft) -> list[New]:
    """The line that keeps what was drafted, where none does yet."""
    if draft.basis is not None:
        return []
    texts = {one.field.field: (one.drafted, one.sources) for one in draft.cells if one.drafted}
    return [_line(draft, BASIS, "", "", _basis(draft.matrix.matrix, draft.answer, texts))]


def _basis(matrix: str, answer: str, texts: dict) -> dict:
    return {
        "matrix": matrix, "answer": answer, "texts": {name: said for name, (said, _) in texts.items()},
        "sources": {name: [list(one) for one in sources] for name, (_, sources) in texts.items()},
    }  # fmt: skip


def _line(draft: Draft, kind: str, why: str, behind: str, said: dict) -> New:
    run = draft.run
    return New(
        draft.case.code, kind, why, party=run.party, duty=run.duty.duty, name=f"{draft.stage}{behind}", said=said
    )


def _refuse_crossed(cell: Cell, seen: int | None, person: int | None) -> None:
    """Somebody else wrote this field since the draft was read."""
    written = cell.written
    if seen is None or written is None or written.entry <= seen or written.person == person:
        return
    said = f"{cell.field.name}: somebody wrote in it at {plain(written.happened_at)}."
    raise Conflict("cases.field_changed", said, {"field": cell.field.field}, "Read it, then write yours.")


def _no_field(draft: Draft, name: str) -> NotFound:
    there = ", ".join(one.field.field for one in draft.cells)
    said = f"This report has no field {name[:40]!a}."
    return NotFound("cases.field_unknown", said, {"field": name[:40]}, f"Fields are {there}.")


def _words(name: str, said: str) -> str:
    """A text as typed: line ends as \\n, no blanks around it; longer than a field takes is kept and said."""
    said = said.replace("\r\n", "\n")
    return text(name[:WORDS_CHARACTERS_MAX], said, FIELD_CHARACTERS_MAX, needed=False)
