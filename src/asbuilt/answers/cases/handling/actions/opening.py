"""Signals, and cases from their opening to their close.

    note_signal(actor, source="mail", words="…", received_at=…)          -> "S-1": something may have happened; nobody's case yet
    dismiss_signal(actor, signal="S-1", why="spam")
    open_case(actor, kind="aev", title="…", signals=["S-1"])             -> "C-1": a person's assessment begins, never a machine's
    take_signal(actor, case="C-1", signal="S-2", why="the same")
    close_case(actor, case="C-1", why="…") · reopen_case(…)

Refused: a signal that was dismissed or is in a case, a case that is closed, one that is closed already,
to close while a duty, a field action or a notice is open and nobody says why it stays so.
"""

from collections.abc import Mapping, Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.queries import time_zone_of
from asbuilt.access.rights import CASE_DECIDE, CASE_WORK, SIGNAL_NOTE
from asbuilt.answers.cases import events
from asbuilt.answers.cases.handling import statements as kinds
from asbuilt.answers.cases.handling.actions.stating import NAME_CHARACTERS_MAX, not_ahead, one_of, state, text
from asbuilt.answers.cases.handling.case_file import CASE_KINDS, CaseFile
from asbuilt.answers.cases.handling.clocks import zone_named
from asbuilt.answers.cases.handling.duty_rules import rule_sets
from asbuilt.answers.cases.handling.open_ends import open_ends
from asbuilt.answers.cases.handling.queries import standing_signal
from asbuilt.answers.cases.handling.statements import New, free_code
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.ledger.recording import Entry
from asbuilt.storage import reading

SIGNAL_SOURCES = (
    "feed", "kev", "mail", "customer", "supplier", "authority", "station_alarm", "log_tamper", "tip", "other",
)  # fmt: skip
SIGNALS_A_CASE_MAX = 100
RECEIVED = "signal_received_at"


def note_signal(
    actor: Actor,
    *,
    source: str,
    words: str,
    received_at: int,
    reference: str = "",
    products: Sequence[str] = (),
    follows: str = "",
    request_key: str | None = None,
) -> str:
    """Something reached us at `received_at` (UTC µs); returns the signal's code. `products`: which it speaks of; `follows`: the reference it adds to."""
    one_of("source", source, SIGNAL_SOURCES)
    said: dict = {"words": text("words", words)}
    if products:
        said["products"] = list(products)
    if follows:
        said["follows"] = follows
    if reference.strip():
        said["reference"] = text("reference", reference, NAME_CHARACTERS_MAX)

    def lines(entry: Entry, _: CaseFile | None) -> list[New]:
        not_ahead("received_at", received_at, entry)
        code = free_code(entry.tenant, kinds.SIGNAL, "S-")
        return [New(code, kinds.SIGNAL, name=source, at=received_at, said=said)]

    asked = [source, words, received_at, reference, *([list(products), follows] if products or follows else [])]
    return _code(
        actor, kinds.SIGNAL, state(actor, events.SIGNAL_NOTED, SIGNAL_NOTE, asked, lines, request_key=request_key)
    )


def dismiss_signal(actor: Actor, *, signal: str, why: str, request_key: str | None = None) -> int:
    """It is nothing for a case; returns the entry."""
    why = text("why", why)

    def lines(entry: Entry, _: CaseFile | None) -> list[New]:
        _refuse_settled(entry.tenant, signal)
        return [New(signal, kinds.DISMISSED, why)]

    return state(actor, events.SIGNAL_DISMISSED, CASE_WORK, [signal, why], lines, request_key=request_key)


def open_case(
    actor: Actor,
    *,
    kind: str,
    title: str,
    why: str = "",
    signals: Sequence[str] = (),
    zone: str = "",
    request_key: str | None = None,
) -> str:
    """A person begins to assess what happened; returns the case's code. `zone`: where its months end; the tenant's, or the rule's where that is UTC."""
    one_of("kind", kind, CASE_KINDS)
    title, why = text("title", title, NAME_CHARACTERS_MAX), text("why", why, needed=False)
    signals = list(dict.fromkeys(signals))
    if len(signals) > SIGNALS_A_CASE_MAX:
        said = f"signals: more than {SIGNALS_A_CASE_MAX}."
        raise Invalid("cases.signals_many", said, {"field": "signals"}, "Open it with the first, and add others.")

    def lines(entry: Entry, _: CaseFile | None) -> list[New]:
        home = time_zone_of(entry.tenant).key
        place = zone_named(zone or (rule_sets()[-1].zone if home == "UTC" else home)).key
        code = free_code(entry.tenant, kinds.OPENED, "C-")
        found = [New(code, kinds.OPENED, why, said={"kind": kind, "title": title, "zone": place})]
        received = []
        for signal in signals:
            received.append((_refuse_settled(entry.tenant, signal), signal))
            found += _taken(code, signal, why)
        if received:
            at, first = min(received)
            found.append(New(code, kinds.MOMENT, first, name=RECEIVED, at=at))
        return found

    asked = [kind, title, why, signals, zone]
    return _code(actor, kinds.OPENED, state(actor, events.OPENED, CASE_WORK, asked, lines, request_key=request_key))


def take_signal(actor: Actor, *, case: str, signal: str, why: str = "", request_key: str | None = None) -> int:
    """The signal speaks of the same event; an earlier one moves when the first was received. Returns the entry."""
    why = text("why", why, needed=False)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        received = _refuse_settled(entry.tenant, signal)
        found = _taken(case, signal, why)
        known = before.moments.get(RECEIVED)
        if known is None or received < known.at:
            found.append(New(case, kinds.MOMENT, signal, name=RECEIVED, at=received))
        return found

    return state(actor, events.STATED, CASE_WORK, ["signal", signal, why], lines, case=case, request_key=request_key)


def close_case(
    actor: Actor, *, case: str, why: str, left_open: Mapping[str, str] | None = None, request_key: str | None = None
) -> int:
    """Nothing is left to do; returns the entry. Refused where something is open (`open_ends`), unless `left_open` says why of each.

    Clocks of duties that are neither submitted nor decided go on calling.
    """
    why = text("why", why)
    reasons = {name: text(f"left_open: {name[:40]}", said) for name, said in (left_open or {}).items()}

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        found = open_ends(entry.tenant, before)
        if strange := sorted(set(reasons) - set(found)):
            said = f"left_open: {strange[0][:60]!a} is not open."
            remedy = f"Open is {', '.join(found)}." if found else "Nothing is open."
            raise Invalid("cases.open_end_unknown", said, {"field": "left_open"}, remedy)
        if silent := {name: words for name, words in found.items() if name not in reasons}:
            said = f"{case} is not over: {'; '.join(f'{name} ({words})' for name, words in list(silent.items())[:5])}."
            facts = {"case": case, "open": silent}
            raise Refused(
                "cases.open_ends", said, facts, "Finish it, or say of each why it stays open: --left-open NAME=WHY."
            )
        left = [
            New(case, kinds.LEFT_OPEN, said, name=name, said={"open": found[name]}) for name, said in reasons.items()
        ]
        return [*left, New(case, kinds.CLOSED, why)]

    asked = [why, *([sorted(reasons.items())] if reasons else [])]
    return state(actor, events.CLOSED, CASE_DECIDE, asked, lines, case=case, request_key=request_key)


def reopen_case(actor: Actor, *, case: str, why: str, request_key: str | None = None) -> int:
    """It was not over; everything that was said of it stands. Returns the entry."""
    why = text("why", why)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        if not before.closed:
            raise Refused("cases.not_closed", f"{case} is open.", {"case": case}, "Nothing is to do.")
        return [New(case, kinds.REOPENED, why)]

    return state(actor, events.REOPENED, CASE_DECIDE, [why], lines, case=case, request_key=request_key, reopening=True)


def _taken(case: str, signal: str, why: str) -> list[New]:
    """Both files say it: the case's and the signal's."""
    return [New(case, kinds.TAKEN, why, name=signal), New(signal, kinds.TAKEN, why, name=case)]


def _refuse_settled(tenant: int, code: str) -> int:
    """When the signal was received; Refused where something became of it already."""
    found = standing_signal(tenant, code)
    if found.state != "waiting":
        became = f"is in {found.case}" if found.case else "was dismissed"
        said = f"{found.code} {became}."
        remedy = "Note it as a new one."
        if found.case:
            remedy = f"Go on in {found.case}; where it is more by now, say so there: `asbuilt case kind {found.case}`."
        raise Refused("cases.signal_settled", said, {"signal": found.code, "case": found.case}, remedy)
    return found.received_at


def _code(actor: Actor, kind: str, entry: int) -> str:
    sql = 'SELECT about FROM cases_statement WHERE tenant = %s AND entry = %s AND kind = %s ORDER BY "row" LIMIT 1'
    return reading.fetch_one(sql, (actor.tenant, entry, kind))[0]
