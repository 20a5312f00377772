"""Holds as people read them: which are open, on what, how many units now, why, since when, by whom, who may lift them.

A party reader sees that a unit of his is held and since when; the reason, the question and who decided stay with the company
that keeps the record.
"""

from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.queries import names_of as people_named
from asbuilt.built.production.holds import (
    HoldRow,
    Lifted,
    ReleaseAllowed,
    hold_of,
    lifted_holds,
    open_holds,
    whole_holds,
)
from asbuilt.built.supply.queries import LotRow, lots
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.spans import bitmap_of
from asbuilt.questions.genealogy.answering.lookup import place_name, unit_of, view_of
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.evaluate import units_of
from asbuilt.questions.genealogy.evaluating.holds import holding
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

LIFTED_SHOWN_MAX = 100
UNITS_SHOWN_MAX = 20


@dataclass(frozen=True)
class HeldLot:
    """A lot that is held: its ULID, which names one only, lot code, and who made what."""

    ulid: str
    code: str
    words: str


@dataclass(frozen=True)
class HoldSeen:
    """A hold. `units` it holds now, `placed` named when it was placed, `released` let go since; `unit` where one was asked
    about: the unit held, which may lie inside that one. `releases` may be programmed through it, its own units pass `steps`, and what answers
    `done` it holds no more."""

    code: str
    reason: str
    by: str
    since: int
    lifted_by: str
    question: str
    silent: bool
    lots: tuple[HeldLot, ...]
    units: int
    placed: int
    released: int
    first: str = ""
    last: str = ""
    unit: str = ""
    lifted: Lifted | None = None
    lifter: str = ""
    releases: tuple[ReleaseAllowed, ...] = ()
    steps: tuple[str, ...] = ()
    done: str = ""


@dataclass(frozen=True)
class WhyHeld:
    """One unit and the holds on it or on what is inside it; free where there is none."""

    unit: str
    code: str
    holds: tuple[HoldSeen, ...]


def holds_page(actor: Actor) -> tuple[list[HoldSeen], list[HoldSeen]]:
    """(open holds, oldest first; those lifted last). A party reader gets NotFound: he sees his units' pages."""
    view = _of_company(actor)
    with reading.snapshot():
        found = list(holding(view, None, units_of))
        return _seen(view, found), _seen(
            view, [(hold, BitMap()) for hold in lifted_holds(view.tenant, LIFTED_SHOWN_MAX)]
        )


def _of_company(actor: Actor) -> View:
    view = view_of(actor)
    if actor.party is not None:
        raise NotFound(
            "question.holds_none", "There are no holds for you.", remedy="The page of a unit says that it is held."
        )
    return view


def hold_page(actor: Actor, code: str) -> tuple[HoldSeen, list[str], int]:
    """(the hold, names of its first units, how many more). NotFound for another tenant's."""
    view = _of_company(actor)
    with reading.snapshot():
        hold = hold_of(view.tenant, code)
        if hold is None:
            remedy = "The page Holds and `asbuilt hold list` show those that are open."
            raise NotFound("question.hold_unknown", f"There is no hold {code[:80]}.", {"hold": code[:80]}, remedy)
        units = BitMap()
        if hold.lifted is None:
            units = next((there for one, there in holding(view, None, units_of) if one.code == code), units)
        shown = units[:UNITS_SHOWN_MAX]
        names = names_of(view, shown)
        return _seen(view, [(hold, units)])[0], [names[unit] for unit in shown], max(0, len(units) - UNITS_SHOWN_MAX)


def why_held(actor: Actor, code: str) -> WhyHeld:
    """Why the unit with this code is held: its own holds and those of what is inside it. NotFound, Invalid as for the unit."""
    with reading.snapshot():
        view = view_of(actor)
        unit = unit_of(view, code)
        holds = holds_on(view, unit)
        return WhyHeld(names_of(view, BitMap([unit]))[unit], place_name(view, unit), tuple(holds))


def holds_on(view: View, unit: int) -> list[HoldSeen]:
    """The open holds on a unit and on the units inside it, at any depth, as known in the view."""
    within = BitMap([unit]) | view.descendants(BitMap([unit]))
    found = [(hold, units) for hold, units in holding(view, within, units_of) if units]
    return _seen(view, _in_full(view, found), unit)


def _in_full(view: View, found: list[tuple[HoldRow, BitMap]]) -> list[tuple[HoldRow, BitMap]]:
    """These holds with all their rows: whoever looked at a few units read no more of a hold than speaks of them. One statement."""
    whole = whole_holds(view.tenant, view.seen("h"), [hold.code for hold, _ in found])
    return [(whole[hold.code], units) for hold, units in found]


def holds_on_units(view: View, units: BitMap) -> list[HoldSeen]:
    """The open holds on any of these units, each with how many of them it holds."""
    return _seen(view, _in_full(view, [(hold, there) for hold, there in holding(view, units, units_of) if there]))


def holds_on_lot(view: View, lot: int) -> list[HoldSeen]:
    """The open holds on a lot; how many units they hold is not counted here."""
    seen = view.seen("h")
    found = [hold for hold in open_holds(view.tenant, seen, ()) if lot in {number for number, _ in hold.lots}]
    return _seen(view, _in_full(view, [(hold, BitMap()) for hold in found]))


def _seen(view: View, found: list[tuple[HoldRow, BitMap]], asked: int | None = None) -> list[HoldSeen]:
    people = {hold.person for hold, _ in found} | {hold.lifted.person for hold, _ in found if hold.lifted}
    names = people_named(view.tenant, people - {None})
    rows = lots(view.tenant, [lot for hold, _ in found for lot, _ in hold.lots])
    sql = "SELECT number, ulid FROM supply_lot WHERE tenant = %s AND " + reading.any_of("number")
    ulids = dict(reading.fetch(sql, (view.tenant, reading.list_param(sorted(rows))))) if rows else {}
    return [_one(view, hold, units, names, rows, ulids, asked) for hold, units in found]


def _one(
    view: View, hold: HoldRow, units: BitMap, names, rows: dict[int, LotRow], ulids, asked: int | None
) -> HoldSeen:
    if view.visible is not None:
        return HoldSeen("", "", "", hold.decided_at, hold.lifted_by, "", False, (), len(units), 0, 0)
    held_lots = tuple(_lot(rows[lot], ulids) for lot, _ in hold.lots if lot in rows)
    placed = bitmap_of(hold.spans)
    ends = [placed.min(), placed.max()] if placed and not hold.questions else []
    said = names_of(view, BitMap(ends))
    inner = ""
    if asked is not None and asked not in units:
        inner = names_of(view, BitMap([units.min()]))[units.min()]
    return HoldSeen(
        hold.code,
        hold.reason,
        names.get(hold.person, ""),
        hold.decided_at,
        hold.lifted_by,
        " or ".join(question for question, _ in hold.questions),
        any(silent for _, silent in (*hold.lots, *hold.questions)),
        held_lots,
        len(units),
        len(placed),
        len(bitmap_of(hold.released)),
        said[ends[0]] if ends else "",
        said[ends[1]] if ends else "",
        inner,
        hold.lifted,
        names.get(hold.lifted.person, "") if hold.lifted else "",
        tuple(hold.releases),
        tuple(hold.steps),
        " or ".join(hold.done),
    )


def _lot(row: LotRow, ulids: dict[int, str]) -> HeldLot:
    return HeldLot(ulids[row.number], row.lot_code, " ".join(text for text in (row.maker, row.mpn) if text))
