"""Verbs of change notices and life cycles.

    take_notice(actor, kind="pdn", number="PDN-2026-9", maker="Murata", title="…", parts=[NoticePart("LBEE5KL1DX")], dates={"last_buy": "2027-06-30"})  -> "CN-1"
    take_smart_pcn(actor, content=b"PK…", name="PCN-2026-17.pcn")                             the same from a maker's archive
    amend_notice(actor, notice="CN-1", identification={"date_code_from": "2640"}, dates={}, why="as the maker wrote on the phone")
    decide_notice(actor, notice="CN-1", decision="change_order", eco="ECO-3", why="…")        called by controlling, which knows change orders
    take_life_cycles(actor, content=b"mpn,…", name="mouser.csv", source="Mouser")              -> "LC-1", what was kept and what changed

Refused: the same notice of a maker again, a notice without a part, a decision that names no change order where it says one,
or one that is not there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import SOURCING_DECIDE, SOURCING_WORK
from asbuilt.designed.changes import events
from asbuilt.designed.changes.said.lines import Line, New, code_in, free_code, lines_of
from asbuilt.designed.changes.said.stating import (
    NAME_CHARACTERS_MAX,
    file_said,
    kept_file,
    one_of,
    refuse_party,
    state,
    text,
    unknown,
)
from asbuilt.designed.changes.sourcing import notice_file as words
from asbuilt.designed.changes.sourcing.life_cycles import FILE_TAKEN, LIFE_CYCLE, PREFIX, read_life_cycles
from asbuilt.designed.changes.sourcing.notice_file import NOTICE, NoticePart, notice_of
from asbuilt.designed.changes.sourcing.queries import known_notice, life_cycles, makers_parts
from asbuilt.designed.parties.queries import numbers_by_name
from asbuilt.formats.smart_pcn import SmartPcn, read_smart_pcn
from asbuilt.kernel.errors import Conflict, Invalid, NotFound
from asbuilt.kernel.instants import parse_date
from asbuilt.ledger.recording import Entry

PARTS_MAX = 4_000
LOTS_MAX = 1_000
BY_HAND, SMART_PCN = "form", "smartpcn"
IDENTIFICATION = ("date_code_from", "date_code_until", "lots", "words")


def take_notice(
    actor: Actor,
    *,
    kind: str,
    number: str,
    maker: str,
    title: str,
    parts: Sequence[NoticePart],
    issued_on: str = "",
    supplier: str = "",
    changes: Sequence[str] = (),
    detail: str = "",
    identification: Mapping[str, object] | None = None,
    dates: Mapping[str, str] | None = None,
    content: bytes | None = None,
    name: str = "",
    request_key: str | None = None,
) -> str:
    """A notice as a person read it, with its paper where there is one; returns its code. Raises Invalid, Conflict (taken before)."""
    said = _said(kind, number, maker, title, issued_on, changes, detail, identification or {}, dates or {})
    return _take(actor, said, _checked_parts(parts), supplier, BY_HAND, content, name, (), request_key)


def take_smart_pcn(
    actor: Actor, *, content: bytes, name: str, supplier: str = "", request_key: str | None = None
) -> str:
    """A notice as its maker's archive says it; returns its code. Invalid with the archive's own reasons, Conflict (taken before)."""
    refuse_party(actor, NOTICE, "")
    actor.require(SOURCING_WORK)
    found = read_smart_pcn(content, file=name)
    told = _told(found)
    kind = words.PDN if {"last_buy", "last_ship"} & set(found.dates) else words.PCN
    said = _said(
        kind, found.number, found.maker, found.title or found.number, found.issued_on, (), told["words"],
        {"words": told["identification"]} if told["identification"] else {}, found.dates,
    )  # fmt: skip
    parts = [NoticePart(one.mpn, one.revision, changes=one.changes) for one in found.parts]
    return _take(actor, said, _checked_parts(parts), supplier, SMART_PCN, content, name, found.attachments, request_key)


def _told(found: SmartPcn) -> dict[str, str]:
    change = "\n".join(part for one in found.changes for part in (one.title, one.detail) if part)
    return {
        "words": change[:4_000],
        "identification": "\n".join(one.identification for one in found.changes if one.identification)[:4_000],
    }


def _said(kind, number, maker, title, issued_on, changes, told, identification, dates) -> dict:
    one_of("kind", kind, words.KINDS)
    for change in changes:
        one_of("changes", change, words.CHANGES)
    said = {
        "kind": kind, "number": text("number", number, NAME_CHARACTERS_MAX), "maker": text("maker", maker, NAME_CHARACTERS_MAX),
        "title": text("title", title, NAME_CHARACTERS_MAX * 2), "issued_on": _day("issued_on", issued_on),
        "changes": list(dict.fromkeys(changes)), "words": text("words", told, needed=False),
        "identification": _identification(identification), "dates": _dates(dates),
    }  # fmt: skip
    return {key: value for key, value in said.items() if value not in ("", [], {})}


def _take(actor, said, parts, supplier, source, content, name, attachments, request_key) -> str:
    refuse_party(actor, NOTICE, "")
    actor.require(SOURCING_WORK)
    said, number = {**said, "source": source}, said["number"]
    if attachments:
        said["attachments"] = list(attachments)[:500]

    with kept_file(actor.tenant, content, name) as kept:

        def lines(entry: Entry, _: list[Line]) -> list[New]:
            known = known_notice(entry.tenant, said["maker"], number)
            if known:
                reason = f"{said['maker']} {number} is {known} already."
                raise Conflict("changes.notice_known", reason, {"code": known}, "Amend it where something is new.")
            code = free_code(entry.tenant, words.TAKEN, words.PREFIX)
            party = _supplier(entry.tenant, supplier)
            whole = {key: value for key, value in said.items() if key != "number"} | file_said(kept)
            found = [New(code, words.TAKEN, name=number, party=party, said=whole)]
            return found + [New(code, words.PART, name=one.mpn, said=_part_said(one)) for one in parts]

        asked = [said, [_part_said(one) | {"mpn": one.mpn} for one in parts], supplier, file_said(kept)]
        entry = state(actor, events.NOTICE_TAKEN, SOURCING_WORK, asked, lines, attached=kept, request_key=request_key)
    return code_in(actor.tenant, entry, words.TAKEN)


def _supplier(tenant: int, name: str) -> int | None:
    if not name.strip():
        return None
    known = numbers_by_name(tenant)
    if name.strip() not in known:
        said = f"No party is called {name[:60]}."
        raise NotFound("parties.unknown", said, {"party": name[:60]}, "Look at parties.csv.")
    return known[name.strip()]


def _part_said(one: NoticePart) -> dict:
    said = {
        "revision": one.revision, "replacement": one.replacement, "replacement_maker": one.replacement_maker,
        "changes": list(one.changes),
    }  # fmt: skip
    return {key: value for key, value in said.items() if value}


def _checked_parts(parts: Sequence[NoticePart]) -> list[NoticePart]:
    if not 1 <= len(parts) <= PARTS_MAX:
        said = f"{len(parts):,} parts; a notice is about 1 to {PARTS_MAX:,}."
        raise Invalid("changes.parts_count", said, {"field": "parts"}, "Name the maker's parts that it is about.")
    found: dict[str, NoticePart] = {}
    for one in parts:
        mpn = text("mpn", one.mpn, NAME_CHARACTERS_MAX)
        cells = {
            name: text(name, getattr(one, name), NAME_CHARACTERS_MAX, needed=False)
            for name in ("revision", "replacement", "replacement_maker")
        }
        found.setdefault(mpn, NoticePart(mpn, **cells, changes=tuple(one.changes)))
    return list(found.values())


def _identification(said: Mapping[str, object]) -> dict:
    for name in said:
        one_of("identification", name, IDENTIFICATION)
    found: dict = {}
    for name in ("date_code_from", "date_code_until"):
        code = text(name, str(said.get(name, "")), 20, needed=False)
        if code and not (code.isascii() and code.isdigit()):
            reason = f"{name}: {code[:20]!a} is no date code with an order."
            remedy = "Write digits as the maker prints them, such as 2640; name lots where there are none."
            raise Invalid("changes.date_code", reason, {"field": name}, remedy)
        if code:
            found[name] = code
    low, high = found.get("date_code_from", ""), found.get("date_code_until", "")
    if low and high and (len(low) != len(high) or low > high):
        reason = f"{low} to {high} is no range of date codes."
        raise Invalid("changes.date_code", reason, {"field": "date_code_until"}, "Write both alike, the earlier first.")
    lots = [text("lots", str(lot), NAME_CHARACTERS_MAX) for lot in said.get("lots", ())]  # type: ignore[union-attr]
    if len(lots) > LOTS_MAX:
        raise Invalid("changes.lots_many", f"More than {LOTS_MAX:,} lots.", {"field": "lots"}, "Name date codes.")
    if lots:
        found["lots"] = list(dict.fromkeys(lots))
    told = text("words", str(said.get("words", "")), needed=False)
    if told:
        found["words"] = told
    return found


def _dates(said: Mapping[str, str]) -> dict[str, str]:
    for name in said:
        one_of("dates", name, words.DATES)
    return {name: day for name, value in said.items() if (day := _day(name, value))}


def _day(name: str, said: str) -> str:
    day = said.strip()
    try:
        if day:
            parse_date(day)
    except ValueError as refused:
        raise Invalid("changes.date", f"{name}: {refused}.", {"field": name}, "Write 2027-03-15.") from None
    return day


def amend_notice(
    actor: Actor,
    *,
    notice: str,
    identification: Mapping[str, object] | None = None,
    dates: Mapping[str, str] | None = None,
    why: str,
    request_key: str | None = None,
) -> int:
    """What the maker said later, or a person read from its words; returns the entry. What is not named stays as it is."""
    refuse_party(actor, NOTICE, notice)
    why = text("why", why)
    said = {"identification": _identification(identification or {}), "dates": _dates(dates or {})}
    said = {key: value for key, value in said.items() if value}
    if not said:
        reason = "Neither an identification nor a date is given."
        raise Invalid("changes.amendment_empty", reason, {"field": "dates"}, "Say what is new.")

    def lines(_: Entry, before: list[Line]) -> list[New]:
        _notice(notice, before)
        return [New(notice, words.AMENDED, why, said=said)]

    return state(actor, events.NOTICE_AMENDED, SOURCING_WORK, [said, why], lines, about=notice, request_key=request_key)


def decide_notice(
    actor: Actor,
    *,
    notice: str,
    decision: str,
    why: str,
    eco: str = "",
    known: Callable[[int, str], object],
    request_key: str | None = None,
) -> int:
    """What the house does about it, and by which change order; a later decision supersedes an earlier one. Returns the entry. `known` raises
    NotFound where there is no such change order; rooms above know them."""
    refuse_party(actor, NOTICE, notice)
    one_of("decision", decision, words.DECISIONS)
    why, eco = text("why", why), text("eco", eco, 20, needed=decision == "change_order")

    def lines(entry: Entry, before: list[Line]) -> list[New]:
        found = _notice(notice, before)
        if eco:
            known(entry.tenant, eco)
        if decision == words.REOPENED and found.open:
            raise Conflict("changes.notice_open", f"{notice} is open.", {"code": notice}, "Nothing is to do.")
        return [New(notice, words.DECIDED, why, name=decision, said={"eco": eco} if eco else {})]

    asked = [decision, why, eco]
    return state(actor, events.NOTICE_DECIDED, SOURCING_DECIDE, asked, lines, about=notice, request_key=request_key)


def _notice(code: str, lines: list[Line]):
    if not lines or lines[0].kind != words.TAKEN:
        raise unknown(NOTICE, code)
    return notice_of(lines)


def note_warnings(entry: Entry, warned: Sequence[tuple[str, str, str, int, dict]]) -> list[New]:
    """Lines that say which dates of which notices were told, at which part of their time: (notice, date, day, percent, to whom)."""
    return [
        New(code, words.WARNED, name=name, said={"day": day, "percent": percent, **told})
        for code, name, day, percent, told in warned
    ]


@dataclass(frozen=True)
class LifeCyclesTaken:
    """A file that was taken: rows in it, those about parts of ours (kept), and which of those say something new: (mpn, before, now)."""

    code: str
    rows: int
    kept: int
    changed: tuple[tuple[str, str, str], ...]


def take_life_cycles(
    actor: Actor, *, content: bytes, name: str, source: str, request_key: str | None = None
) -> LifeCyclesTaken:
    """What a distributor says of the life cycle of parts. Rows about parts that no approved part names are counted, not kept."""
    refuse_party(actor, "file of life cycles", "")
    actor.require(SOURCING_WORK)
    source = text("source", source, NAME_CHARACTERS_MAX)
    rows = read_life_cycles(content, file=name)
    with kept_file(actor.tenant, content, name) as kept:
        told = file_said(kept)

        def lines(entry: Entry, _: list[Line]) -> list[New]:
            ours = makers_parts(entry.tenant)
            before = {(one.mpn, one.maker): one.state for one in life_cycles(entry.tenant)}
            code = free_code(entry.tenant, FILE_TAKEN, PREFIX)
            mine: dict[tuple[str, str], New] = {}
            for row in rows:
                for spelt in sorted(ours.get(row.mpn.casefold(), ())):
                    said = {"maker": row.maker, "state": row.state, "said": row.said, "source": source, **told}
                    said |= {"last_buy": row.last_buy} if row.last_buy else {}
                    said |= {"was": before[spelt, row.maker]} if (spelt, row.maker) in before else {}
                    mine[spelt, row.maker] = New(code, LIFE_CYCLE, name=spelt, said=said)
            head = New(code, FILE_TAKEN, name=source, said={"rows": len(rows), "kept": len(mine), **told})
            return [head, *mine.values()]

        asked = [source, told]
        entry = state(
            actor, events.LIFE_CYCLES_TAKEN, SOURCING_WORK, asked, lines, attached=kept, request_key=request_key
        )
    return _cycles_taken(actor.tenant, code_in(actor.tenant, entry, FILE_TAKEN))


def _cycles_taken(tenant: int, code: str) -> LifeCyclesTaken:
    head, *lines = lines_of(tenant, [code])[code]
    changed = [(line.name, line.said.get("was", ""), line.said["state"]) for line in lines]
    new = tuple(one for one in changed if one[1] != one[2])
    return LifeCyclesTaken(code, head.said["rows"], head.said["kept"], new)
