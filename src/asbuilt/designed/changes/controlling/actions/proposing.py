"""Proposing an ECO, saying what it changes, and assessing it.

    propose_eco(actor, title="Wi-Fi module", why="PCN-7", products=["AB-100"])                     -> "ECO-1"
    add_change(actor, eco="ECO-1", kind="bom", product="AB-100", subject=["A"], old="3", new="4")  -> "1"
    answer_question(actor, eco="ECO-1", question="new_threat", answer="no", why="same module family")
    judge_substantial(actor, eco="ECO-1", answer="no", why="all four answers are no")
    ask_for(actor, eco="ECO-1", what="qualification run of 60 units")                              -> "T-1", done by `tick`

The subject says which: of `bom` the hardware revision; of `part` the internal number (old and new are MAKER/MPN); of `firmware` the image role;
of `test_plan` the plan; of `process` step, side and aspect. Refused: after the boundary is set; a yes or no without a reason; a product that is
not of the ECO; a change that changes nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CHANGE_WRITE
from asbuilt.designed.catalog.queries import part_numbers, standing_products
from asbuilt.designed.changes import events
from asbuilt.designed.changes.controlling import eco as words
from asbuilt.designed.changes.controlling import statements as kinds
from asbuilt.designed.changes.controlling.actions.stating import name_recorded, refuse_bounded, state
from asbuilt.designed.changes.controlling.eco import Eco
from asbuilt.designed.changes.controlling.rules import rules_on
from asbuilt.designed.changes.controlling.statements import New, free_code
from asbuilt.designed.changes.said.stating import NAME_CHARACTERS_MAX, one_of, text
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.ledger.recording import Entry

PRODUCTS_MAX = 50
SUBJECTS = {words.BOM: ("revision",), words.PART: ("part",), words.FIRMWARE: ("role",), words.TEST_PLAN: ("plan",), words.PROCESS: ("step", "side", "aspect")}  # fmt: skip


def propose_eco(actor: Actor, *, title: str, why: str, products: Sequence[str], request_key: str | None = None) -> str:
    """A change is asked for; returns its code. Invalid: no product, one that no BOM has."""
    title, why = text("title", title, NAME_CHARACTERS_MAX), text("why", why)
    named = list(dict.fromkeys(product.strip() for product in products if product.strip()))
    if not 1 <= len(named) <= PRODUCTS_MAX:
        said = f"products: {len(named)} are named, 1 to {PRODUCTS_MAX} are taken."
        raise Invalid("changes.products", said, {"field": "products"}, "Name the products that it affects.")

    def lines(entry: Entry, before: Eco | None) -> list[New]:
        known = standing_products(entry.tenant)
        for product in named:
            if product not in known:
                said = f"products: there is no product {product[:80]}."
                remedy = did_you_mean(product, known) or "Load its BOM first."
                raise Invalid("changes.product_unknown", said, {"field": "products", "value": product[:80]}, remedy)
        code = free_code(entry.tenant, words.PREFIX)
        day = datetime.fromtimestamp(entry.recorded_at // 1_000_000, UTC).date().isoformat()
        opened = New(code, kinds.PROPOSED, why, said={"title": title, "rule_set": rules_on(day).rule_set})
        return [opened, *(New(code, kinds.PRODUCT, name=product) for product in named)]

    entry = state(actor, events.PROPOSED, CHANGE_WRITE, [title, why, named], lines, request_key=request_key)
    return name_recorded(actor, "about", kinds.PROPOSED, entry)


def add_change(
    actor: Actor, *, eco: str, kind: str, product: str, subject: Sequence[str], old: str, new: str, why: str = "",
    request_key: str | None = None,
) -> str:  # fmt: skip
    """One thing more that it changes; returns its number."""
    one_of("kind", kind, words.CHANGE_KINDS)
    wanted = SUBJECTS[kind]
    if len(subject) != len(wanted):
        said = f"subject: a change of {kind} says {', '.join(wanted)}."
        raise Invalid("changes.subject", said, {"field": "subject"}, f"Say {len(wanted)}, side may be empty.")
    named = [
        text(field, value, NAME_CHARACTERS_MAX, needed=field != "side")
        for field, value in zip(wanted, subject, strict=True)
    ]
    if kind == words.PROCESS:
        one_of("aspect", named[2], words.ASPECTS)
    old, new = text("old", old, NAME_CHARACTERS_MAX), text("new", new, NAME_CHARACTERS_MAX)
    why = text("why", why, needed=False)
    if kind == words.PART:
        old, new = _maker_part("old", old), _maker_part("new", new)
    if old == new or (kind == words.PART and old.casefold() == new.casefold()):
        raise Invalid("changes.nothing", f"new: is {new[:60]} as before.", {"field": "new"}, "Say what it becomes.")

    def lines(entry: Entry, before: Eco | None) -> list[New]:
        refuse_bounded(before)
        if product not in before.products:
            said = f"product: {eco} does not affect {product[:80]}."
            raise Invalid(
                "changes.product_unknown", said, {"field": "product"}, f"It affects {', '.join(before.products)}."
            )
        if kind == words.PART and named[0] not in part_numbers(entry.tenant, named[:1]):
            said = f"subject: there is no part {named[0][:80]}."
            raise Invalid("changes.part_unknown", said, {"field": "subject"}, "Load it first.")
        if any(one.key == (product, kind, *named) for one in before.changes.values()):
            said = f"subject: {eco} changes that already."
            raise Invalid("changes.twice", said, {"field": "subject"}, "Drop the other one first.")
        number = str(1 + sum(line.kind == kinds.CHANGE and "state" not in line.said for line in before.lines))
        said = {"kind": kind, "product": product, "subject": named, "old": old, "new": new}
        return [New(eco, kinds.CHANGE, why, name=number, said=said)]

    asked = [kind, product, named, old, new, why]
    entry = state(actor, events.DESCRIBED, CHANGE_WRITE, asked, lines, eco=eco, request_key=request_key)
    return name_recorded(actor, "name", kinds.CHANGE, entry)


def _maker_part(field: str, value: str) -> str:
    maker, mpn = (said.strip() for said in value.partition("/")[::2])
    if not maker or not mpn:
        said = f"{field}: {value[:80]} is no maker's part."
        raise Invalid("changes.maker_part", said, {"field": field}, "Write it as MAKER/MPN, such as Acme/W-2.")
    return f"{maker}/{mpn}"


def drop_change(actor: Actor, *, eco: str, change: str, why: str, request_key: str | None = None) -> int:
    """It no longer changes that; returns the entry. NotFound: no such change."""
    why = text("why", why)

    def lines(entry: Entry, before: Eco | None) -> list[New]:
        refuse_bounded(before)
        if not any(line.kind == kinds.CHANGE and line.name == change for line in before.lines):
            raise _no_line(eco, change)
        if change not in before.changes:
            said = f"{eco}: change {change} was taken out before."
            raise Refused("changes.dropped", said, {"eco": eco, "change": change}, "Nothing is to do.")
        return [New(eco, kinds.CHANGE, why, name=change, said={"state": "dropped"})]

    return state(actor, events.DESCRIBED, CHANGE_WRITE, ["drop", change, why], lines, eco=eco, request_key=request_key)


def answer_question(
    actor: Actor, *, eco: str, question: str, answer: str, why: str, request_key: str | None = None
) -> int:
    """A question on security functions is answered, with the reason; returns the entry. A later answer takes the place of an earlier one."""
    why = text("why", why)

    def lines(entry: Entry, before: Eco | None) -> list[New]:
        refuse_bounded(before)
        one_of("question", question, [one.key for one in before.rules.questions])
        one_of("answer", answer, before.rules.answers)
        return [New(eco, kinds.ANSWER, why, name=question, said={"answer": answer})]

    asked = [question, answer, why]
    return state(actor, events.ASSESSED, CHANGE_WRITE, asked, lines, eco=eco, request_key=request_key)


def judge_substantial(actor: Actor, *, eco: str, answer: str, why: str, request_key: str | None = None) -> int:
    """Whether it is a substantial modification, by a person, with the reason; every question has to be answered first. Returns the entry."""
    one_of("answer", answer, (words.YES, words.NO))
    why = text("why", why)

    def lines(entry: Entry, before: Eco | None) -> list[New]:
        refuse_bounded(before)
        if before.unanswered:
            said = f"{eco} has {len(before.unanswered)} questions without an answer."
            facts = {"field": "answer", "questions": before.unanswered}
            raise Invalid("changes.unanswered", said, facts, f"Answer {', '.join(before.unanswered[:5])} first.")
        return [New(eco, kinds.SUBSTANTIAL, why, said={"answer": answer})]

    return state(actor, events.ASSESSED, CHANGE_WRITE, ["judge", answer, why], lines, eco=eco, request_key=request_key)


def ask_for(actor: Actor, *, eco: str, what: str, request_key: str | None = None) -> str:
    """A test or a qualification is asked for before the boundary may be set; returns its code."""
    what = text("what", what)

    def lines(entry: Entry, before: Eco | None) -> list[New]:
        refuse_bounded(before)
        said = {"what": what, "state": words.OPEN}
        return [New(eco, kinds.ASKED, name=f"T-{len(before.asked) + 1}", said=said)]

    entry = state(actor, events.DESCRIBED, CHANGE_WRITE, ["ask", what], lines, eco=eco, request_key=request_key)
    return name_recorded(actor, "name", kinds.ASKED, entry)


def tick(actor: Actor, *, eco: str, asked: str, why: str, request_key: str | None = None) -> int:
    """What was asked for is done; `why` names the evidence, such as an order, a plan or a document. Returns the entry."""
    why = text("why", why)

    def lines(entry: Entry, before: Eco | None) -> list[New]:
        if asked not in before.asked:
            raise _no_line(eco, asked)
        said = {"what": before.asked[asked].said["what"], "state": words.DONE}
        return [New(eco, kinds.ASKED, why, name=asked, said=said)]

    return state(actor, events.DESCRIBED, CHANGE_WRITE, ["tick", asked, why], lines, eco=eco, request_key=request_key)


def _no_line(eco: str, code: str) -> NotFound:
    said = f"{eco} has no {code[:20]}."
    return NotFound("changes.line_unknown", said, {"eco": eco, "code": code[:20]}, "Look at the ECO.")
