"""How a verb writes lines about an ECO: checked, recorded in one entry."""

from collections.abc import Callable, Sequence

from asbuilt.access.actor import Actor
from asbuilt.designed.changes.controlling.eco import Eco
from asbuilt.designed.changes.controlling.queries import eco as seen_eco
from asbuilt.designed.changes.controlling.queries import standing_eco
from asbuilt.designed.changes.controlling.statements import KEPT, New, write
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording

LINES_MAX = 2_000
WORDS_CHARACTERS_MAX = 4_000
NAME_CHARACTERS_MAX = 200


def state(
    actor: Actor,
    type: str,
    right: str,
    said: Sequence,
    lines: Callable[[Entry, Eco | None], list[New]],
    *,
    eco: str = "",
    request_key: str | None,
) -> int:
    """Record what `lines` gives; returns the entry. `eco`: about that one, which is not withdrawn and not full."""
    if eco:
        seen_eco(actor, eco)  # one that the actor does not see is not there
    actor.require(right)
    content = digest(repr([type, eco, *said]).encode())
    try:
        with recording(actor, type, request_key=request_key, content=content) as entry:
            before = standing_eco(actor.tenant, eco) if eco else None
            if before is not None:
                _refuse(before)
            write(entry, lines(entry, before), actor.person)
    except AlreadyRecorded as known:
        return known.number
    sequencing.after_commit(actor.tenant)
    return entry.number


def _refuse(eco: Eco) -> None:
    if eco.closed is not None:
        raise Refused("changes.withdrawn", f"{eco.code} was withdrawn.", {"eco": eco.code}, "Propose another one.")
    if len(eco.lines) >= LINES_MAX:
        said = f"{eco.code} has {LINES_MAX:,} lines, the most there may be."
        raise Refused("changes.lines_many", said, {"eco": eco.code}, "Withdraw it and propose another one.")


def refuse_bounded(eco: Eco) -> None:
    """Refused where its boundary is set: what it changes is fixed from then on."""
    if eco.boundary is not None:
        said = f"{eco.code} has a boundary: what it changes is fixed."
        raise Refused("changes.fixed", said, {"eco": eco.code}, "Propose another ECO for what is to change further.")


def text(field: str, said: str, most: int = WORDS_CHARACTERS_MAX, *, needed: bool = True) -> str:
    """Words of a person without blanks around them; Invalid where they are missing, too long, or hold control characters."""
    said = said.strip()
    if needed and not said:
        raise Invalid("changes.words_missing", f"{field}: is empty.", {"field": field}, "Say it in a few words.")
    if len(said) > most:
        reason = f"{field}: has {len(said):,} characters, the most is {most:,}."
        raise Invalid("changes.words_long", reason, {"field": field}, "Shorten it.")
    if any(letter < " " and letter not in "\n\t" or letter == "\x7f" for letter in said):
        raise Invalid(
            "changes.words_control", f"{field}: holds control characters.", {"field": field}, "Take them out."
        )
    return said


def one_of(field: str, said: str, known: Sequence[str]) -> str:
    """One of the words there are; Invalid with all of them."""
    if said not in known:
        reason = f"{field}: {said[:40]!a} is not known."
        raise Invalid("changes.word_unknown", reason, {"field": field}, f"Say {', '.join(known)}.")
    return said


def name_recorded(actor: Actor, column: str, kind: str, entry: int) -> str:
    """What the line of this kind in the entry is about, or its name."""
    return getattr(KEPT.first_of(actor.tenant, entry, kind), column)
