"""ECOs as page, API and command line show them. A manufacturer's person reads what is of his party's products, and no names of the house's people."""

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import CHANGE_READ
from asbuilt.designed.changes.controlling import statements as kinds
from asbuilt.designed.changes.controlling.chains import Step
from asbuilt.designed.changes.controlling.eco import APPROVED, Change, Eco
from asbuilt.designed.changes.controlling.process_revisions import Control, controls_of
from asbuilt.designed.changes.controlling.queries import (
    asked_of,
    ecos,
    in_force,
    manufacturers,
    own_products,
    standing_eco,
)
from asbuilt.designed.changes.controlling.queries import eco as eco_read
from asbuilt.designed.changes.controlling.statements import Line, codes_of
from asbuilt.designed.parties.queries import names_of
from asbuilt.kernel.instants import format_instant
from asbuilt.storage import outbox, reading

PRODUCTS_MAX = 1_000
_CONTENT = frozenset({kinds.PROPOSED, kinds.CHANGE, kinds.ANSWER, kinds.SUBSTANTIAL})
_UNTOLD = frozenset({"content", "first_unit", "rule_set"})  # of no use to who reads a timeline


def ecos_told(actor: Actor) -> list[dict]:
    """The newest 500 that the reader may see, in a line each."""
    with reading.snapshot():
        return [_line_of(actor, one) for one in ecos(actor)]


def _line_of(actor: Actor, one: Eco) -> dict:
    parties = asked_of(actor.tenant, one)
    return {
        "eco": one.code, "title": one.title if _whole(actor, one) else ", ".join(own_products(actor, one)), "state": one.state(parties), "proposed_at": format_instant(one.proposed_at),
        "products": _products(actor, one), "substantial": one.is_substantial if one.substantial else None,
        "boundary": one.boundary.value if one.boundary and _whole(actor, one) else None, "waits_for_you": _waits(actor, one, parties), "waits_since": format_instant(_since(actor, one)),
    }  # fmt: skip


def _whole(actor: Actor, one: Eco) -> bool:
    """Whether the ECO's words are this reader's too: where it is about products of several manufacturers, they stay with the house."""
    return actor.party is None or len(own_products(actor, one)) == len(one.products)


def _products(actor: Actor, one: Eco) -> list[str]:
    return one.products if actor.party is None else own_products(actor, one)


def _waits(actor: Actor, one: Eco, parties: set[int]) -> bool:
    if one.closed is not None or not one.changes or not one.assessed:
        return False
    lacking = one.lacking(parties)
    if actor.party is not None:
        return ("", actor.party) in lacking
    return actor.person not in one.authors and any(role in actor.roles for role, _ in lacking if role)


def _since(actor: Actor, one: Eco) -> int:
    """Since when it is as it is: what it changes, its answers, the judgement, what the reader's own party decided of it."""
    return max(
        line.happened_at for line in one.lines
        if line.kind in _CONTENT or (line.kind == kinds.DECISION and line.party is not None and line.party == actor.party)
    )  # fmt: skip


def eco_told(actor: Actor, code: str) -> dict:
    """Everything of one ECO that the reader may see. NotFound: there is none, or none for this reader."""
    with reading.snapshot():
        one = eco_read(actor, code)
        parties = asked_of(actor.tenant, one)
        makers = manufacturers(actor.tenant, one.products)
        named = names_of(actor.tenant, {*parties, *makers.values()})
        people = {} if actor.party is not None else People(actor.tenant, 0).codes(_people_of(one))
        told = {} if actor.party is not None else _mails(actor.tenant, one, people)
        mine = set(_products(actor, one))
        said = {
            **_line_of(actor, one), "why": one.why, "by": people.get(one.proposer), "rule_set": one.rules.rule_set,
            "affects": [{"product": product, "manufacturer": named.get(makers.get(product))} for product in one.products if product in mine],
            "changes": [change_told(each) for each in one.changes.values() if each.product in mine],
            "questions": _questions(one, people), "judgement": _judgement(one, people),
            "asked": [
                {"code": line.name, "what": line.said["what"], "state": line.said["state"], "evidence": line.why, "by": people.get(line.person)}
                for line in one.asked.values()
            ],
            "approvals": _approvals(actor, one, parties, named, people, told), "roles_needed": one.roles_needed,
            "may_decide_as": _roles_of(actor, one), "set": _boundary(one, people),
            "withdrawn": {"at": format_instant(one.closed.happened_at), "why": one.closed.why} if one.closed else None,
            "timeline": [] if actor.party is not None else [_timeline(line, named, people, told) for line in one.lines if line.kind != kinds.BOUNDARY_OF],
        }  # fmt: skip
        return said if _whole(actor, one) else _without_words(said)


def _without_words(said: dict) -> dict:
    """What is told of an ECO about products of several manufacturers: the reader's own changes, answers without their words, no place that
    another's units or orders would name."""
    return {
        **said, "why": "", "questions": [{**each, "why": ""} for each in said["questions"]],
        "judgement": said["judgement"] and {**said["judgement"], "why": ""},
        "asked": [{**each, "what": "", "evidence": ""} for each in said["asked"]],
        "set": said["set"] and {**said["set"], "value": "", "why": ""},
        "withdrawn": said["withdrawn"] and {**said["withdrawn"], "why": ""},
        "changes": [{**each, "why": ""} for each in said["changes"]],
        # the reader's own party keeps its words
        "approvals": [each if each["role"] is None else {**each, "why": ""} for each in said["approvals"]],
    }  # fmt: skip


def change_told(one: Change) -> dict:
    """A change as it is shown."""
    return {
        "change": one.code, "kind": one.kind, "product": one.product, "subject": list(one.subject), "old": one.old,
        "new": one.new, "why": one.why,
    }  # fmt: skip


def _questions(one: Eco, people: dict) -> list[dict]:
    found = []
    for each in one.rules.questions:
        line = one.answers.get(each.key)
        said = {"question": each.key, "group": each.group, "asks": each.asks, "source": each.source}
        answered = {"answer": None, "why": "", "by": None, "touches_security": False}
        if line is not None:
            answer = line.said["answer"]
            answered = {
                "answer": answer,
                "why": line.why,
                "by": people.get(line.person),
                "touches_security": each.touches(answer),
            }
        found.append({**said, **answered})
    return found


def _judgement(one: Eco, people: dict) -> dict | None:
    if one.substantial is None:
        return None
    return {
        "substantial": one.is_substantial, "why": one.substantial.why, "by": people.get(one.substantial.person),
        "at": format_instant(one.substantial.happened_at), "means": one.rules.substantial_means if one.is_substantial else "",
        "source": one.rules.substantial_source,
    }  # fmt: skip


def _approvals(actor: Actor, one: Eco, parties: set[int], named: dict, people: dict, told: dict) -> list[dict]:
    wanted = [(role, None) for role in one.roles_needed] + [("", party) for party in sorted(parties)]
    found = []
    for key in wanted:
        if actor.party is not None and key[1] not in (None, actor.party):
            continue
        line = one.decisions.get(key)
        stands = one.decided(*key)
        found.append(
            {
                "role": key[0] or None,
                "party": named.get(key[1]) if key[1] is not None else None,
                "decision": line.said["decision"] if line else None,
                "holds": bool(stands and stands.said["decision"] == APPROVED),
                "outdated": line is not None and stands is None,
                "why": line.why if line else "",
                "at": format_instant(line.happened_at) if line else None,
                "by": people.get(line.person) if line else None,
                "told": _told_last(one, key, told),
            }  # fmt: skip
        )
    return found


def _people_of(one: Eco) -> set[int | None]:
    """Everybody that a line is by, or that a mail went to."""
    asked = {int(line.said["person"]) for line in one.lines if line.kind == kinds.TOLD and "person" in line.said}
    return {line.person for line in one.lines} | asked


def _mails(tenant: int, one: Eco, people: dict) -> dict[tuple[int, int], dict]:
    """Entry and row of what was told -> to whom, and how its mail stands now. One statement where mails were left."""
    lines = [line for line in one.lines if line.kind == kinds.TOLD]
    numbers = [int(line.said["mail"]) for line in lines if "mail" in line.said]
    sent = {each.number: each for each in outbox.outgoing(tenant, numbers)} if numbers else {}
    found = {}
    for line in lines:
        said, mail = line.said, sent.get(int(line.said.get("mail", 0)))
        person = people.get(int(said["person"])) or f"person {said['person']}" if "person" in said else ""
        to = said.get("to", "list")
        found[line.entry, line.row] = {
            "to": to, "whom": person or said.get("list", ""), "state": mail.state if mail else said["state"],
            "error": mail.error if mail else "", "sent_at": format_instant(mail.sent_at) if mail and mail.sent_at else None,
        }  # fmt: skip
    return found


def _told_last(one: Eco, key: tuple[str, int | None], told: dict) -> list[dict]:
    """What was told, the last time that it was, to whoever decides for this role or party."""
    mine = [line for line in one.lines if line.kind == kinds.TOLD and (line.name, line.party) == key]
    return [told[line.entry, line.row] for line in mine if line.entry == mine[-1].entry and told]


def _roles_of(actor: Actor, one: Eco) -> list[str]:
    if actor.party is not None or actor.person is None or actor.person in one.authors:
        return []
    return [role for role in one.roles_needed if role in actor.roles]


def _boundary(one: Eco, people: dict) -> dict | None:
    if one.boundary is None:
        return None
    each = one.boundary
    return {
        "kind": each.kind, "value": each.value, "at": format_instant(each.at) if each.at is not None else None,
        "set_at": format_instant(each.happened_at), "by": people.get(each.person), "why": each.why,
    }  # fmt: skip


def _timeline(line: Line, named: dict, people: dict, told: dict) -> dict:
    said = line.said
    words = [str(value) for key, value in said.items() if key not in _UNTOLD]
    if "subject" in said:
        words = [said["kind"], said["product"], *filter(None, said["subject"]), said["old"], "→", said["new"]]
    if line.kind == kinds.TOLD:
        words = [
            told[line.entry, line.row][name] for name in ("to", "whom", "state") if told[line.entry, line.row][name]
        ]
    return {
        "kind": line.kind, "name": line.name, "party": named.get(line.party), "said": line.said, "words": words, "why": line.why,
        "by": people.get(line.person), "at": format_instant(line.happened_at),
    }  # fmt: skip


def controls_told(actor: Actor, product: str = "") -> list[dict]:
    """What is controlled of the process, by product, with what is approved now. NotFound for nobody; a party's person reads his products'."""
    actor.require(CHANGE_READ)
    with reading.snapshot():
        products = [product] if product else sorted(
            {about.partition(":")[2] for about in codes_of(actor.tenant, kinds.CONTROLLED, PRODUCTS_MAX)}
        )  # fmt: skip
        if actor.party is not None:
            makers = manufacturers(actor.tenant, products)
            products = [one for one in products if makers.get(one) == actor.party]
        found, places = [], _Places(actor)
        for one in products:
            chains = in_force(actor.tenant, [one])
            found += [_control(each, chains, places) for each in controls_of(actor.tenant, one)]
        return found


class _Places:
    """Where ECOs begin, as far as the reader is told: a unit or an order of another manufacturer names it."""

    def __init__(self, actor: Actor):
        self.actor, self._whole = actor, {}

    def of(self, step: Step) -> str:
        """The boundary of a step; empty where its ECO is about products of several manufacturers."""
        if self.actor.party is not None and step.eco not in self._whole:
            self._whole[step.eco] = _whole(self.actor, standing_eco(self.actor.tenant, step.eco))
        return step.boundary.value if self._whole.get(step.eco, True) else ""


def _control(one: Control, chains: list, places: _Places) -> dict:
    chain = next((each for each in chains if each.key == one.key), None)
    ahead = [
        {"eco": step.eco, "value": step.change.new, "boundary": places.of(step), "approved": step.approved}
        for step in (chain.steps if chain else ())
    ]
    return {
        "product": one.product, "step": one.step, "side": one.side, "aspect": one.aspect,
        "value": one.value, "since": format_instant(one.since_at), "why": one.why, "changes": ahead,
    }  # fmt: skip
