"""Outcomes: what the operator sees of a unit, of the station's alarm, of a permit; and words that records share."""

import sqlite3
from dataclasses import dataclass

from asbuilt.kernel.errors import AsbuiltError, Unavailable
from asbuilt.station.chain import broken
from asbuilt.station.lockout import Cleared
from asbuilt.station.programmers.protocol import Evidence

WORD_CHARACTERS_MAX = 400


@dataclass(frozen=True)
class Outcome:
    """What the operator sees of one unit: result (pass, fail, error, void, refused), reason, sentence, what to do, seconds,
    seconds of the tools, test plans that were run."""

    unit: str
    socket: str
    result: str
    reason: str = ""
    said: str = ""
    remedy: str = ""
    attempt: int = 0
    seconds: float = 0.0
    tool_seconds: float = 0.0
    plans: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the unit may go on."""
        return self.result == "pass"


@dataclass(frozen=True)
class Alarm:
    """Why the station stands; `alarm` is the key of its record, by which the server releases it."""

    alarm: str
    code: str
    said: str
    at: int


@dataclass(frozen=True)
class Counters:
    """A permit at this station: its units, spent ones, passed, failed, records that wait."""

    permit_id: str
    work_order: str
    units: int
    spent: int
    passed: int
    failed: int
    waiting: int


def told_call(cleared: Cleared, call: Evidence) -> dict:
    """A call of a tool as a record has it."""
    tool = cleared.tools.get(call.tool)
    words = [plain(word)[-WORD_CHARACTERS_MAX:] for word in call.words[:60]]
    return {
        "tool": call.tool, "version": tool.version[:80] if tool else "", "tool_sha256": tool.sha256 if tool else "",
        "words": words, "exit_code": call.exit_code, "phrase": plain(call.phrase)[:200],
        "milliseconds": int(call.seconds * 1000),
    }  # fmt: skip


def plain(text: str) -> str:
    """A line without what does not print."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:400])


def known_error(error: AsbuiltError | OSError | sqlite3.DatabaseError) -> AsbuiltError:
    """The refusal itself, or what a disk or a ledger that failed means for people."""
    if isinstance(error, AsbuiltError):
        return error
    return broken(error) if isinstance(error, sqlite3.DatabaseError) else _machine_failed(error)


def _machine_failed(error: OSError) -> Unavailable:
    return Unavailable(
        "station.machine",
        f"The station's machine failed: {error.strerror or type(error).__name__}.",
        {"file": str(error.filename or "")},
        "Look at its memory and disk, then present the unit again.",
    )


def remedy_of(result: str) -> str:
    """What to do with a unit after programming."""
    return {
        "pass": "",
        "fail": "Not to be shipped. Present the same unit again, or set it aside.",
        "void": "Nothing was written. Put the unit into the socket again.",
    }[result]
