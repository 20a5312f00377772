"""Verbs of deviations, as far as this floor knows: what is said, by whom. Which order and places it speaks of, and whether everybody agreed,
is asked by `answers.gate.deviating`, which calls these.

Refused: an end that is not ahead or too far, nothing that deviates, a party's second word, an end of what is over.
"""

from collections.abc import Callable, Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CONCESSION_AGREE, SOURCING_DECIDE, SOURCING_WORK
from asbuilt.designed.catalog.queries import part_numbers, standing_products
from asbuilt.designed.changes import events
from asbuilt.designed.changes.qualifying import deviations as words
from asbuilt.designed.changes.qualifying.deviations import DEVIATION, Deviation, deviation_of
from asbuilt.designed.changes.said.lines import Line, New, code_in, free_code
from asbuilt.designed.changes.said.stating import (
    NAME_CHARACTERS_MAX,
    file_said,
    one_of,
    refuse_party,
    state,
    text,
    unknown,
)
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.kernel.instants import DAY_US
from asbuilt.ledger.evidence import Kept
from asbuilt.ledger.recording import Entry

DAYS_MAX = 731


def propose_deviation(
    actor: Actor,
    *,
    product: str,
    kind: str,
    subject: str,
    why: str,
    until_at: int,
    order: str = "",
    first: int = 0,
    last: int = 0,
    part: str = "",
    maker: str = "",
    check: Callable[[Entry], None],
    request_key: str | None = None,
) -> str:
    """Units of this product (this order, these places of it) may be built so until then, once everybody agreed; returns the code."""
    refuse_party(actor, DEVIATION, "")
    one_of("kind", kind, words.KINDS)
    subject, why = text("subject", subject, NAME_CHARACTERS_MAX), text("why", why)
    if (kind == words.PART) != bool(part):
        raise Invalid("changes.deviation_part", "part: goes with the kind part, and only with it.", {"field": "part"}, "Name the internal part.")  # fmt: skip
    said = {
        "kind": kind,
        "subject": subject,
        "order": order,
        "first": first,
        "last": last,
        "part": part,
        "maker": maker,
    }
    said = {key: value for key, value in said.items() if value}

    def lines(entry: Entry, _: list[Line]) -> list[New]:
        if product not in standing_products(entry.tenant):
            raise NotFound("changes.product_unknown", f"There is no product {product[:60]}.", {"product": product[:60]}, "Look at bom.csv.")  # fmt: skip
        if part and part not in part_numbers(entry.tenant, [part]):
            raise NotFound("changes.part_unknown", f"There is no part {part[:60]}.", {"part": part[:60]}, "Look at parts.csv.")  # fmt: skip
        if not entry.recorded_at < until_at <= entry.recorded_at + DAYS_MAX * DAY_US:
            reason = f"until_at: lies behind us, or more than {DAYS_MAX} days ahead."
            raise Invalid(
                "changes.deviation_end", reason, {"field": "until_at"}, "What lasts longer is a change order."
            )
        check(entry)
        code = free_code(entry.tenant, words.PROPOSED, words.PREFIX)
        return [New(code, words.PROPOSED, why, name=product, at=until_at, said=said)]

    asked = [product, said, why, until_at]
    entry = state(actor, events.DEVIATION_PROPOSED, SOURCING_WORK, asked, lines, request_key=request_key)
    return code_in(actor.tenant, entry, words.PROPOSED)


def agree_deviation(
    actor: Actor,
    *,
    deviation: str,
    why: str,
    party: str,
    attached: Sequence[Kept],
    agreeing: Callable[[Entry, Deviation], tuple[int | None, bool]],
    request_key: str | None = None,
) -> int:
    """Somebody agrees; `agreeing` says for which party and whether nothing is missing then: that is the line that grants it. Returns the entry."""
    why = text("why", why, needed=False)

    def lines(entry: Entry, before: list[Line]) -> list[New]:
        found = _deviation(deviation, before)
        _refuse_over(found, entry.recorded_at)
        if found.granted_at is not None:
            raise Refused(
                "changes.deviation_granted", f"{deviation} is in force.", {"code": deviation}, "Nothing is to do."
            )
        number, whole = agreeing(entry, found)
        agreed = New(deviation, words.AGREED, why, party=number, name=found.product, said=file_said(attached))
        return [agreed, New(deviation, words.GRANTED, name=found.product)] if whole else [agreed]

    right = CONCESSION_AGREE if actor.party is not None else SOURCING_DECIDE
    asked = [why, party, file_said(attached)]
    return state(
        actor, events.DEVIATION_AGREED, right, asked, lines, about=deviation, attached=attached, request_key=request_key
    )


def end_deviation(actor: Actor, *, deviation: str, why: str, request_key: str | None = None) -> int:
    """Nothing more is built so; returns the entry. What was built so shows it for good."""
    refuse_party(actor, DEVIATION, deviation)
    why = text("why", why)

    def lines(entry: Entry, before: list[Line]) -> list[New]:
        found = _deviation(deviation, before)
        _refuse_over(found, entry.recorded_at)
        return [New(deviation, words.ENDED, why, name=found.product)]

    return state(actor, events.DEVIATION_ENDED, SOURCING_DECIDE, [why], lines, about=deviation, request_key=request_key)


def _deviation(code: str, lines: list[Line]) -> Deviation:
    if not lines or lines[0].kind != words.PROPOSED:
        raise unknown(DEVIATION, code)
    return deviation_of(lines)


def _refuse_over(found: Deviation, at: int) -> None:
    if found.over(at):
        raise Refused("changes.deviation_over", f"{found.code} is over.", {"code": found.code}, "Propose a new one.")
