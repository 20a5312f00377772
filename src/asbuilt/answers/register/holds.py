"""Holds as people name them: a lot by its code, units by their names, the answer of a question. What is named is looked up,
asked where it is a question, and held by the floor's verb, in one transaction.

    hold(actor, question="passed:OVEN-2@2027-03-15..2027-03-17", reason="zone 5 too hot", request_key=key)   -> "H-13"
    hold(actor, lot="2EKQ7", reason="marking differs", request_key=key)
    lift(actor, code="H-13", units=["10001..10020"], reason="X-rayed, no void", request_key=key)

What a question gives now is held whatever becomes of it; what comes to match later is held from then on, without a write. A
question that asks for what is held would hold itself: it is refused.
"""

from collections.abc import Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.rights import HOLD_LIFT, HOLD_PLACE
from asbuilt.built.production.actions.holds import lift_hold, place_hold
from asbuilt.built.production.holds import LIFTER
from asbuilt.built.production.orders import Orders
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.kernel.spans import Span, spans_of
from asbuilt.ledger import sequencing
from asbuilt.questions.genealogy.answering.answers import ask
from asbuilt.questions.genealogy.answering.lookup import unit_of, view_of
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.seen.finding import lot_words, ulids_of
from asbuilt.questions.genealogy.seen.lots import lots_named
from asbuilt.questions.genealogy.words import language
from asbuilt.questions.genealogy.words.language import Term
from asbuilt.storage.transactions import write_tx

UNITS_NAMED_MAX = 1_000


def hold(
    actor: Actor,
    *,
    lot: str = "",
    units: Sequence[str] = (),
    question: str = "",
    silent: bool = False,
    reason: str,
    lifted_by: str = "",
    allowing: Sequence[tuple[str, str]] = (),
    request_key: str | None = None,
) -> str:
    """Hold the lot with this code or ULID, units (`SN` or `SN1..SN2` along an order), or an answer; returns the hold's code.
    `allowing` as `place_hold`.

    Raises what `place_hold` and `ask` raise; Invalid where a code names several, or a question asks for what is held.
    """
    actor.require(HOLD_PLACE)
    if question:
        check_question(question)
    with write_tx(actor.tenant):
        view = _view(actor)
        found = ask(actor, question).affected if question else None
        code = place_hold(
            actor,
            lots=[_lot(view, lot)] if lot else [],
            spans=_spans(view, units),
            question=question,
            matching=spans_of(found.unrecorded if silent else found.possible) if found else [],
            silent=silent,
            reason=reason,
            lifted_by=lifted_by or LIFTER,
            allowing=allowing,
            request_key=request_key,
        )
    sequencing.after_commit(actor.tenant)
    return code


def lift(actor: Actor, *, code: str, units: Sequence[str] = (), reason: str, request_key: str | None = None) -> int:
    """Lift the hold, or let these units go; returns the entry. Raises what `lift_hold` raises."""
    actor.require(HOLD_LIFT)
    with write_tx(actor.tenant):
        spans = _spans(_view(actor), units)
        entry = lift_hold(actor, hold=code, spans=spans, reason=reason, request_key=request_key)
    sequencing.after_commit(actor.tenant)
    return entry


def _view(actor: Actor) -> View:
    if actor.party is not None:
        raise NotFound(
            "register.narrow_hold", "A narrow view holds nothing.", remedy="Ask the company that keeps this record."
        )
    return view_of(actor)


def _lot(view: View, code: str) -> int:
    found = lots_named(view, code)
    if len(found) == 1:
        return found[0].number
    if not found:
        raise NotFound(
            "register.lot_unknown", f"There is no lot {code[:80]}.", {"lot": code[:80]}, "Look at its spelling."
        )
    ulids = ulids_of(view, found)
    listed = [{"lot": ulids[row.number], "words": lot_words(row)} for row in found]
    said = " or ".join(f"{one['lot']} ({one['words']})" for one in listed[:5])
    raise Invalid(
        "register.lot_ambiguous", f"{code[:80]} names {len(found)} lots.", {"lots": listed}, f"Say which: {said}."
    )


def spans_named(actor: Actor, units: Sequence[str]) -> list[Span]:
    """The spans that these texts name, each `SN` or `SN1..SN2` along an order. NotFound, Invalid as for a unit."""
    return _spans(_view(actor), units)


def _spans(view: View, units: Sequence[str]) -> list[Span]:
    if len(units) > UNITS_NAMED_MAX:
        remedy = "Write spans such as SN1..SN200, or hold the answer of a question."
        raise Invalid("register.too_many_units", f"More than {UNITS_NAMED_MAX:,} units are named.", {}, remedy)
    orders = Orders(view.tenant)
    return [span for text in units for span in _along(view, orders, text)]


def _along(view: View, orders: Orders, text: str) -> list[Span]:
    """One unit, or those from one to another along their order, over all its blocks."""
    head, mark, tail = text.partition("..")
    first = unit_of(view, head.strip())
    last = unit_of(view, tail.strip()) if mark else first
    order = orders.of_unit(first)
    low, high = (order.place_of(unit) if order else None for unit in (first, last))
    if low is None or high is None or high < low:
        remedy = "Give the first unit along the order first, and one span for each order."
        raise Invalid("register.no_span", f"{text[:80]} is no span of one order.", {"span": text[:80]}, remedy)
    return order.spans_between(low, high)


def check_question(question: str) -> None:
    """Invalid where the question has a mistake, or asks for what is held."""
    if _asks_for_held(language.parse(question)):
        raise Invalid(
            "register.hold_of_held",
            "A hold by question cannot ask for what is held: it would hold itself.",
            {"question": question[:400]},
            "Say what is wrong with these units instead of that they are held.",
        )


def _asks_for_held(node) -> bool:
    if isinstance(node, Term):
        return node.name == "held"
    return any(map(_asks_for_held, getattr(node, "parts", None) or (node.part,)))
