"""How a verb writes lines of a case file: checked, recorded in one entry, and with the deadlines that they show from then on."""

from collections.abc import Callable, Sequence

from asbuilt.access.actor import Actor
from asbuilt.answers.cases.handling import statements as kinds
from asbuilt.answers.cases.handling.case_file import CaseFile, Run
from asbuilt.answers.cases.handling.queries import refuse_party, standing_case
from asbuilt.answers.cases.handling.statements import New, write
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording

LINES_MAX = 5_000
WORDS_CHARACTERS_MAX = 4_000
NAME_CHARACTERS_MAX = 200


def state(
    actor: Actor,
    type: str,
    right: str,
    said: Sequence,
    lines: Callable[[Entry, CaseFile | None], list[New]],
    *,
    case: str = "",
    attached: Sequence = (),
    request_key: str | None,
    reopening: bool = False,
) -> int:
    """Record what `lines` gives; returns the entry. `case`: about that one, which is open and not full. `said` is the request's content."""
    refuse_party(actor, case)
    actor.require(right)
    content = digest(repr([type, case, *said]).encode())
    try:
        with recording(actor, type, request_key=request_key, content=content) as entry:
            before = standing_case(actor.tenant, case) if case else None
            if before is not None:
                _refuse(before, reopening)
            for kept in attached:
                kept.record(entry)
            given = lines(entry, before)
            write(entry, given, actor.person)
            for code in sorted({line.about for line in given if line.about.startswith("C-")}):
                write(entry, _shown(standing_case(actor.tenant, code)), actor.person)
    except AlreadyRecorded as known:
        return known.number
    sequencing.after_commit(actor.tenant)
    return entry.number


def refuse_closed(case: CaseFile) -> None:
    """Refused where the case is closed."""
    if case.closed:
        raise Refused("cases.closed", f"{case.code} is closed.", {"case": case.code}, "Reopen it first.")


def _refuse(case: CaseFile, reopening: bool) -> None:
    if not reopening:
        refuse_closed(case)
    if len(case.lines) >= LINES_MAX:
        said = f"{case.code} has {LINES_MAX:,} lines, the most there may be."
        raise Refused("cases.lines_many", said, {"case": case.code}, "Close it and open another one.")


def _shown(case: CaseFile) -> list[New]:
    """A line for each duty whose clocks show something else than the last such line says: what was shown then is shown for ever."""
    last = {(line.party, line.duty): line.said for line in case.lines if line.kind == kinds.SHOWN}
    found = []
    for run in case.runs:
        said = shown(run)
        if last.get(run.key) != said:
            found.append(New(case.code, kinds.SHOWN, party=run.party, duty=run.duty.duty, said=said))
    return found


def shown(run: Run) -> dict:
    """What the clocks of a duty show now: deadlines, estimates, by which rules."""
    return {
        "rule_set": run.rules.rule_set,
        "clocks": {
            one.stage: {
                "state": one.state,
                "due_at": _plain(one.due_at),
                "estimate_at": _plain(one.estimate_at),
                "platform_at": _plain(one.counter_at),
            }
            for one in run.clocks
        },
    }


def _plain(at: int | None) -> str:
    return "" if at is None else format_instant(at)


def text(field: str, said: str, most: int = WORDS_CHARACTERS_MAX, *, needed: bool = True) -> str:
    """Words of a person without blanks around them; Invalid where they are missing, too long, or hold control characters."""
    said = said.strip()
    if needed and not said:
        raise Invalid("cases.words_missing", f"{field}: is empty.", {"field": field}, "Say it in a few words.")
    if len(said) > most:
        reason = f"{field}: has {len(said):,} characters, the most is {most:,}."
        raise Invalid("cases.words_long", reason, {"field": field}, "Shorten it.")
    if any(letter < " " and letter not in "\n\t" or letter == "\x7f" for letter in said):
        raise Invalid("cases.words_control", f"{field}: holds control characters.", {"field": field}, "Take them out.")
    return said


def one_of(field: str, said: str, known: Sequence[str]) -> str:
    """One of the words there are; Invalid with all of them."""
    if said not in known:
        raise Invalid(
            "cases.word_unknown", f"{field}: {said[:40]!a} is not known.", {"field": field}, f"Say {', '.join(known)}."
        )
    return said


def not_ahead(field: str, at: int, entry: Entry) -> int:
    """What is said to have happened lies behind us, by the log's clock."""
    if at > entry.recorded_at:
        raise Invalid(
            "cases.ahead", f"{field}: lies in the future.", {"field": field}, "Look at the time and its offset."
        )
    return at
