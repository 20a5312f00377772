"""How a verb of this room writes lines: authorised, checked inside the one write, recorded in one entry; the same request is one entry."""

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from asbuilt.access.actor import Actor
from asbuilt.designed.changes.said.lines import Line, New, lines_of, write
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.ledger import evidence, sequencing
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording

LINES_MAX = 5_000
WORDS_CHARACTERS_MAX = 4_000
NAME_CHARACTERS_MAX = 200
CODE_CHARACTERS_MAX = 20
FILE_BYTES_MAX = 32 * 1024**2


def state(
    actor: Actor,
    type: str,
    right: str,
    said: object,
    lines: Callable[[Entry, list[Line]], list[New]],
    *,
    about: str = "",
    attached: Sequence[evidence.Kept] = (),
    request_key: str | None,
) -> int:
    """Record what `lines` gives; returns the entry. `about`: of that file, whose lines are read under the lock. `said` is the request's content."""
    actor.require(right)
    content = digest(json.dumps([type, about, said], sort_keys=True, ensure_ascii=False).encode())
    try:
        with recording(actor, type, request_key=request_key, content=content) as entry:
            before = lines_of(actor.tenant, [about]).get(about, []) if about else []
            if len(before) >= LINES_MAX:
                reason = f"{about} has {LINES_MAX:,} lines, the most there may be."
                raise Refused("changes.lines_many", reason, {"code": about}, "Open another one.")
            for kept in attached:
                kept.record(entry)
            write(entry, lines(entry, before), actor.person)
    except AlreadyRecorded as known:
        return known.number
    sequencing.after_commit(actor.tenant)
    return entry.number


def kept_file(tenant: int, content: bytes | None, name: str) -> AbstractContextManager[list[evidence.Kept]]:
    """The file as evidence, none where there is no content. Invalid: empty, too large."""
    if content is not None and not 0 < len(content) <= FILE_BYTES_MAX:
        said = f"The file has {len(content):,} bytes; 1 to {FILE_BYTES_MAX:,} are taken."
        raise Invalid("changes.file_size", said, {"field": "file"}, "Send another one.")
    return evidence.uploaded(tenant, content, name)


def file_said(kept: Sequence[evidence.Kept]) -> dict[str, str]:
    """What a line says of the file that it rests on."""
    return {"sha256": kept[0].sha256, "file": kept[0].file_name} if kept else {}


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
        remedy = f"Say {', '.join(known)}."
        raise Invalid("changes.word_unknown", f"{field}: {said[:40]!a} is not known.", {"field": field}, remedy)
    return said


def refuse_party(actor: Actor, what: str, code: str) -> None:
    """To a party's person it is not there."""
    if actor.party is not None:
        raise unknown(what, code)


def unknown(what: str, code: str) -> NotFound:
    """There is no such file."""
    shown = code[:CODE_CHARACTERS_MAX]
    said = f"There is no {what} {shown}.".replace(" .", ".")
    return NotFound("changes.unknown", said, {"code": shown}, "Look at the list.")
