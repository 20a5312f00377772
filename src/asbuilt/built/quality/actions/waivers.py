"""Waivers: propose one, agree to it, end it; in the shape of waivers and waiver_decisions .csv.

    propose_waiver(actor, vulnerability="CVE-2024-23170", product="EG-200", version="2.3.1", reason="no RSA on the bus", until_at=…)  -> WVR-1
    approve_waiver(actor, waiver="WVR-1")                                                                a second person
    approve_waiver(actor, waiver="WVR-1", party="BRAND", content=b"…", name="agreed.pdf")                what the manufacturer signed
    end_waiver(actor, waiver="WVR-1", reason="2.3.2 is out")

A person of the manufacturer agrees by signing in. Who has to agree: `approvals`. Refused: nobody signed in, the proposer again, the same
party again, a waiver that is over; for a person of a party whatever is not about its products.
"""

from collections.abc import Callable

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import CONCESSION_AGREE, WAIVER_APPROVE, WAIVER_PROPOSE
from asbuilt.built.quality import events
from asbuilt.built.quality.actions.agreeing import party_of, refuse_again, refuse_over, refuse_reason, signed
from asbuilt.built.quality.approvals import NAMED, who
from asbuilt.built.quality.concessions import APPROVED, ENDED
from asbuilt.built.quality.waiver_intake import INTAKES
from asbuilt.built.quality.waivers import UNRECORDED, WaiverSeen, free_code, waivers
from asbuilt.built.supply.actions.stating import Rows, state
from asbuilt.built.supply.files import paper_cells
from asbuilt.designed.catalog.queries import standing_products
from asbuilt.designed.parties.product_roles import manufacturer_of
from asbuilt.designed.parties.queries import code_of
from asbuilt.designed.vulnerability.deciding.premise import canonical
from asbuilt.designed.vulnerability.errors import no_vulnerability
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.ledger.recording import Entry
from asbuilt.storage import reading


def propose_waiver(
    actor: Actor,
    *,
    vulnerability: str,
    product: str,
    reason: str,
    until_at: int,
    role: str = "",
    version: str = "",
    question: str = "",
    code: str = "",
    request_key: str | None = None,
) -> tuple[str, int]:
    """With this vulnerability, by any of its names, known and open they may go until then, once everybody agreed; returns the code and the
    entry. NotFound: no feed speaks of it, no such product."""
    actor.require(WAIVER_PROPOSE)
    refuse_reason(reason)

    def rows(entry: Entry) -> Rows:
        if not who(actor).is_person:
            said = "A waiver is proposed by a person."
            raise Refused("quality.approval_no_person", said, {}, NAMED)
        known = standing_products(entry.tenant)
        if product not in known:
            said = f"There is no product {product[:60]}."
            remedy = did_you_mean(product, known) or "Look at its spelling."
            raise NotFound("catalog.product_unknown", said, {"product": product[:60]}, remedy)
        known_as = vulnerability if vulnerability == UNRECORDED else canonical(entry.tenant, vulnerability)
        if known_as is None:
            raise no_vulnerability(vulnerability)
        cells = {
            "waiver": code or free_code(entry.tenant), "vulnerability": known_as, "product": product, "role": role,
            "version": version, "question": question, "reason": reason, "until_at": format_instant(until_at),
        }  # fmt: skip
        return {"waivers": [signed(actor, entry, cells)]}

    said = ["waive", vulnerability, product, role, version, question, reason, until_at, code]
    done = state(actor, events.WAIVER_PROPOSED, said, rows, intakes=INTAKES, request_key=request_key)
    sql = "SELECT waiver FROM quality_waiver WHERE tenant = %s AND entry = %s"
    return reading.fetch_one(sql, (actor.tenant, done.entry))[0], done.entry


def approve_waiver(
    actor: Actor,
    *,
    waiver: str,
    reason: str = "",
    party: str = "",
    content: bytes | None = None,
    name: str = "agreed",
    request_key: str | None = None,
) -> int:
    """The actor agrees; or, with a party and its signed document, that party did. Returns the entry."""
    actor.require(CONCESSION_AGREE if actor.party is not None else WAIVER_APPROVE)
    file, files = paper_cells(content, name)

    def rows(entry: Entry) -> Rows:
        found = waiver_seen(actor, waiver)
        refuse_over(found)
        for_party = party_of(actor, entry.tenant, found, party, content)
        if for_party is None:
            refuse_again(actor, found)
        cells = {
            "waiver": found.code, "decision": APPROVED, "party": code_of(entry.tenant, for_party) if for_party else "",
            "person": "" if content is not None else badge(actor), "reason": reason, **file,
        }  # fmt: skip
        return {"waiver_decisions": [signed(actor, entry, cells)]}

    return _decide(actor, ["approve", waiver, reason, party, file["sha256"]], rows, files, request_key)


def end_waiver(actor: Actor, *, waiver: str, reason: str, request_key: str | None = None) -> int:
    """It lets nothing pass any more; returns the entry."""
    actor.require(WAIVER_APPROVE)
    refuse_reason(reason)

    def rows(entry: Entry) -> Rows:
        found = waiver_seen(actor, waiver)
        refuse_over(found)
        cells = {"waiver": found.code, "decision": ENDED, "party": "", "person": badge(actor), "file": "", "sha256": "", "reason": reason}  # fmt: skip
        return {"waiver_decisions": [signed(actor, entry, cells)]}

    return _decide(actor, ["end", waiver, reason], rows, [], request_key)


def waiver_seen(actor: Actor, code: str) -> WaiverSeen:
    """The waiver with this code; NotFound where there is none, or none of the actor's party's products."""
    found = next(iter(waivers(actor.tenant, [code])), None)
    if found is not None and actor.party is not None:
        mine = manufacturer_of(actor.tenant, found.product, clock.now()) == actor.party
        found = found if mine else None
    if found is None:
        said = f"There is no waiver {code[:60]}."
        raise NotFound("quality.waiver_unknown", said, {"waiver": code[:60]}, "Look at the list of waivers.")
    return found


def _decide(actor: Actor, said: list, rows: Callable[[Entry], Rows], files: list, request_key: str | None) -> int:
    return state(actor, events.WAIVER_DECIDED, said, rows, files=files, intakes=INTAKES, request_key=request_key).entry
