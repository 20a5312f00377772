"""Reads of cases and signals. A party's person finds none: what happened is told to customers by notices, not by looking in."""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import CASE_READ
from asbuilt.answers.cases.handling import statements as kinds
from asbuilt.answers.cases.handling.case_file import CaseFile, case_of
from asbuilt.answers.cases.handling.statements import Line, codes_of, lines_of
from asbuilt.kernel.errors import NotFound

CASES_MAX = 500
SIGNALS_MAX = 500
CODE_CHARACTERS_MAX = 20


@dataclass(frozen=True)
class SignalSeen:
    """A signal: what reached us, from where, when, and what became of it: waiting, dismissed, or a case."""

    code: str
    source: str
    words: str
    reference: str
    received_at: int
    noted_at: int
    person: int | None
    state: str
    case: str
    why: str


def case_file(actor: Actor, code: str) -> CaseFile:
    """The case with this code. NotFound: there is none, or none for this reader. One statement."""
    refuse_party(actor, code)
    actor.require(CASE_READ)
    return standing_case(actor.tenant, code)


def standing_case(tenant: int, code: str) -> CaseFile:
    """The same without asking who reads: for verbs that have asked."""
    known = lines_of(tenant, [code[:CODE_CHARACTERS_MAX], kinds.COORDINATORS])
    lines = known.get(code, [])
    if not lines or lines[0].kind != kinds.OPENED:
        raise unknown(code)
    return case_of(lines, known.get(kinds.COORDINATORS, ()))


def standing_cases(tenant: int, codes: Iterable[str]) -> list[CaseFile]:
    """These cases, in their order. One statement."""
    codes = list(codes)
    known = lines_of(tenant, [*codes, kinds.COORDINATORS])
    return [case_of(known[code], known.get(kinds.COORDINATORS, ())) for code in codes]


def case_files(actor: Actor, *, closed: bool = False) -> list[CaseFile]:
    """The cases that are open (or closed), the newest first; of the newest 500. NotFound for a party's person. Two statements."""
    refuse_party(actor, "")
    actor.require(CASE_READ)
    codes = codes_of(actor.tenant, kinds.OPENED, CASES_MAX)
    return [case for case in standing_cases(actor.tenant, codes) if case.closed == closed]


def signals(actor: Actor) -> list[SignalSeen]:
    """The newest 500 signals, those that wait first. NotFound for a party's person. Two statements."""
    refuse_party(actor, "")
    actor.require(CASE_READ)
    codes = codes_of(actor.tenant, kinds.SIGNAL, SIGNALS_MAX)
    lines = lines_of(actor.tenant, codes)
    found = [_signal(lines[code]) for code in codes]
    return sorted(found, key=lambda one: one.state != "waiting")


def standing_signal(tenant: int, code: str) -> SignalSeen:
    """The signal with this code, for verbs; NotFound where there is none."""
    lines = lines_of(tenant, [code[:CODE_CHARACTERS_MAX]]).get(code, [])
    if not lines or lines[0].kind != kinds.SIGNAL:
        said = f"There is no signal {code[:CODE_CHARACTERS_MAX]}."
        raise NotFound("cases.signal_unknown", said, {"signal": code[:40]}, "Look at the list of signals.")
    return _signal(lines)


def _signal(lines: list[Line]) -> SignalSeen:
    first, last = lines[0], lines[-1]
    state = {kinds.SIGNAL: "waiting", kinds.DISMISSED: "dismissed", kinds.TAKEN: "in_case"}[last.kind]
    said = first.said
    return SignalSeen(
        first.about, first.name, said["words"], said.get("reference", ""), first.at, first.happened_at, first.person, state,
        last.name if last.kind == kinds.TAKEN else "", last.why if last.kind != kinds.SIGNAL else "",
    )  # fmt: skip


def refuse_party(actor: Actor, code: str) -> None:
    """To a party's person no case is there."""
    if actor.party is not None:
        raise unknown(code)


def unknown(code: str) -> NotFound:
    """There is no such case."""
    shown = code[:CODE_CHARACTERS_MAX]
    return NotFound(
        "cases.unknown", f"There is no case {shown}.".replace(" .", "."), {"case": shown}, "Look at the list of cases."
    )


def owners(tenant: int, tasks: dict[str, Line]) -> dict[str, str]:
    """Task -> the badge of its owner; who was erased is left out. One statement."""
    numbers = {code: int(line.said["owner"]) for code, line in tasks.items() if line.said.get("owner")}
    badges = People(tenant, 0).codes(numbers.values())
    return {code: badges[number] for code, number in numbers.items() if number in badges}
