"""Concessions: propose one, agree to it, end it; in the shape of concessions and concession_decisions .csv.

    propose_concession(actor, units=…, allows="test_missing", subject="FCT", reason="rig is down", until_at=…)   -> CON-1
    approve_concession(actor, concession="CON-1")                                                                   a second person
    approve_concession(actor, concession="CON-1", party="BRAND", content=b"…", name="agreed.pdf")                    what the manufacturer signed
    end_concession(actor, concession="CON-1", reason="rig is up")

A person of the manufacturer agrees by signing in; for him only the units of his own products are there. Who has to agree: `approvals`.
Refused: nobody signed in, the proposer again, the same party again, a concession that is over, a code that was given before.
"""

from collections.abc import Callable

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import CONCESSION_AGREE, CONCESSION_APPROVE, CONCESSION_PROPOSE
from asbuilt.built.production.orders import Orders
from asbuilt.built.quality import events
from asbuilt.built.quality.actions.agreeing import (
    party_of,
    refuse_again,
    refuse_over,
    refuse_reason,
    signed,
)
from asbuilt.built.quality.approvals import NAMED, who
from asbuilt.built.quality.concession_intake import INTAKES
from asbuilt.built.quality.concessions import (
    APPROVED,
    ENDED,
    ConcessionSeen,
    concessions,
    free_code,
    products_of,
    was_given,
)
from asbuilt.built.supply.actions.stating import Rows, state
from asbuilt.built.supply.files import paper_cells
from asbuilt.designed.parties.product_roles import manufacturer_of
from asbuilt.designed.parties.queries import code_of
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.ledger.recording import Entry
from asbuilt.storage import reading

UNITS_MAX = 500
REASON_CHARACTERS_MAX = 2_000


def propose_concession(
    actor: Actor,
    *,
    units: BitMap,
    allows: str,
    reason: str,
    until_at: int,
    subject: str = "",
    code: str = "",
    request_key: str | None = None,
) -> tuple[str, int]:
    """These units may go with that missing, until then, once everybody agreed; returns the code and the entry. Invalid as the table."""
    actor.require(CONCESSION_PROPOSE)
    refuse_reason(reason)
    if not 1 <= len(units) <= UNITS_MAX:
        said = f"{len(units):,} units; a concession names 1 to {UNITS_MAX}."
        raise Invalid("quality.concession_units", said, {"field": "codes"}, "Name the units one by one.")

    def rows(entry: Entry) -> Rows:
        if not who(actor).is_person:
            said = "A concession is proposed by a person."
            raise Refused("quality.approval_no_person", said, {}, NAMED)
        if code and was_given(entry.tenant, code):  # who agreed to it agreed to its units of then
            said = f"{code[:60]} was proposed before."
            raise Refused(
                "quality.concession_given",
                said,
                {"concession": code[:60]},
                "Leave the code empty, or give another one.",
            )
        common = {
            "concession": code or free_code(entry.tenant), "allows": allows.removeprefix("gate."), "subject": subject,
            "reason": reason, "until_at": format_instant(until_at), "operator": badge(actor),
            "happened_at": format_instant(entry.recorded_at),
        }  # fmt: skip
        orders = Orders(entry.tenant)
        named = [(unit, orders.of_unit(unit)) for unit in units]
        return {"concessions": [{"serial": f"{of.code}#{of.place_of(unit)}", **common} for unit, of in named]}

    said = ["propose", list(units), allows, subject, reason, until_at, code]
    done = state(actor, events.CONCESSION_PROPOSED, said, rows, intakes=INTAKES, request_key=request_key)
    sql = "SELECT concession FROM quality_concession WHERE tenant = %s AND entry = %s LIMIT 1"
    return reading.fetch_one(sql, (actor.tenant, done.entry))[0], done.entry


def approve_concession(
    actor: Actor,
    *,
    concession: str,
    reason: str = "",
    party: str = "",
    content: bytes | None = None,
    name: str = "agreed",
    request_key: str | None = None,
) -> int:
    """The actor agrees; or, with a party and its signed document, that party did. Returns the entry."""
    file, files = paper_cells(content, name)

    def rows(entry: Entry) -> Rows:
        found = concession_seen(actor, concession)
        refuse_over(found)
        for_party = party_of(actor, entry.tenant, found, party, content)
        if for_party is None:
            refuse_again(actor, found)
        cells = {
            "concession": found.code, "decision": APPROVED, "party": code_of(entry.tenant, for_party) if for_party else "",
            "person": "" if content is not None else badge(actor), "reason": reason, **file,
        }  # fmt: skip
        return {"concession_decisions": [signed(actor, entry, cells)]}

    actor.require(CONCESSION_AGREE if actor.party is not None else CONCESSION_APPROVE)
    return _decide(actor, ["approve", concession, reason, party, file["sha256"]], rows, files, request_key)


def end_concession(actor: Actor, *, concession: str, reason: str, request_key: str | None = None) -> int:
    """It lets nothing pass any more; returns the entry."""
    actor.require(CONCESSION_APPROVE)
    refuse_reason(reason)

    def rows(entry: Entry) -> Rows:
        found = concession_seen(actor, concession)
        refuse_over(found)
        cells = {
            "concession": found.code,
            "decision": ENDED,
            "party": "",
            "person": badge(actor),
            "file": "",
            "sha256": "",
            "reason": reason,
        }
        return {"concession_decisions": [signed(actor, entry, cells)]}

    return _decide(actor, ["end", concession, reason], rows, [], request_key)


def concession_seen(actor: Actor, code: str) -> ConcessionSeen:
    """The concession with this code; NotFound where there is none, or none of the actor's party's products."""
    found = next(iter(concessions(actor.tenant, [code])), None)
    if found is not None and actor.party is not None:
        mine = {
            manufacturer_of(actor.tenant, product, clock.now()) for product in products_of(actor.tenant, found.units)
        }
        found = found if actor.party in mine else None
    if found is None:
        said = f"There is no concession {code[:60]}."
        raise NotFound(
            "quality.concession_unknown", said, {"concession": code[:60]}, "Look at the list of concessions."
        )
    return found


def _decide(actor: Actor, said: list, rows: Callable[[Entry], Rows], files: list, request_key: str | None) -> int:
    return state(
        actor, events.CONCESSION_DECIDED, said, rows, files=files, intakes=INTAKES, request_key=request_key
    ).entry
