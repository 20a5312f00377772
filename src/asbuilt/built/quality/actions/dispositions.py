"""What becomes of nonconforming units: the material review board's decision, step by step.

    propose_disposition(actor, nonconformity="NCR-7", decision="use_as_is", reason="void below 25 %")   -> "D-1"
    agree_to_disposition(brand_owner, nonconformity="NCR-7", disposition="D-1")           its own person, here
    agree_to_disposition(actor, …, party="ALPINA", content=b"%PDF…", name="8D.pdf")       or its signed document
    approve_disposition(another, nonconformity="NCR-7", disposition="D-1")
    carry_out_disposition(actor, nonconformity="NCR-7", disposition="D-1", reason="reworked, X-rayed")

Two different people, always. Where units stay as they are or are repaired and the manufacturer of the product is another party, it agrees too:
built.quality.approvals holds the rule. Refused: a step that does not follow the one before, an approval of one's own proposal, a unit in two
dispositions.
"""

from collections.abc import Sequence
from hashlib import sha256

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import DISPOSITION_AGREE, NONCONFORMITY_DECIDE, NONCONFORMITY_WORK
from asbuilt.built.quality import events
from asbuilt.built.quality.actions.nonconformities import known, refuse_scattered, still_open, unit_rows, unknown
from asbuilt.built.quality.approvals import Approval, refuse_no_document, refuse_nobody, refuse_unapproved, who
from asbuilt.built.quality.concessions import recorded_by
from asbuilt.built.quality.nonconformities import (
    AGREED,
    APPROVED,
    LEFT_AS_IT_WAS,
    PROPOSED,
    REFUSED,
    Disposition,
    NonconformityRow,
    next_number,
)
from asbuilt.built.quality.nonconformity_intake import INTAKES
from asbuilt.built.quality.open_nonconformities import CARRIED_OUT
from asbuilt.built.quality.units_of_parties import units_of_party
from asbuilt.built.supply.actions.stating import Stated, refuse_without_reason, state
from asbuilt.built.supply.files import refuse_file, safe_name
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.designed.parties.queries import code_of, numbers_by_name
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import Span, bitmap_of, spans_of
from asbuilt.ledger import clock
from asbuilt.storage import reading


def propose_disposition(
    actor: Actor,
    *,
    nonconformity: str,
    decision: str,
    reason: str,
    spans: Sequence[Span] = (),
    request_key: str | None = None,
) -> str:
    """Propose what becomes of these units; without spans, of all that no disposition decides about. Returns its code.

    Refused: units that the nonconformity is not about, or that another disposition decides about."""
    actor.require(NONCONFORMITY_WORK)
    refuse_without_reason(reason)
    refuse_scattered(spans)

    def rows(entry):
        found = still_open(actor, nonconformity)
        units = _units(found, spans)
        code, at = (
            next_number(actor.tenant, "quality_disposition", "disposition", nonconformity, "D-"),
            format_instant(entry.recorded_at),
        )
        return {
            "dispositions": [_row(actor, nonconformity, code, PROPOSED, decision, reason, at)],
            "nonconformity_units": unit_rows(actor, nonconformity, spans_of(units), code, at),
        }

    said = {
        "nonconformity": nonconformity,
        "decision": decision,
        "reason": reason,
        "spans": [list(one) for one in spans],
    }
    done = state(actor, events.DISPOSITION_STATED, said, rows, intakes=INTAKES, request_key=request_key)
    sql = "SELECT disposition FROM quality_disposition WHERE tenant = %s AND entry = %s"
    return reading.fetch_one(sql, (actor.tenant, done.entry))[0]


def _units(found: NonconformityRow, spans: Sequence[Span]) -> BitMap:
    units = bitmap_of(spans) if spans else found.undecided
    facts = {"nonconformity": found.code}
    if units - found.units:
        said = f"{found.code} is not about {len(units - found.units):,} of these units."
        raise Refused("quality.units_not_in_it", said, facts, "Add them to it first.")
    if units - found.undecided:
        said = f"Another disposition decides about {len(units - found.undecided):,} of these units."
        raise Refused("quality.units_decided", said, facts, "Refuse that one first, or name the others.")
    if not units:
        raise Refused(
            "quality.nothing_to_decide", f"{found.code} has no unit to decide about.", facts, "Add units first."
        )
    return units


def agree_to_disposition(
    actor: Actor,
    *,
    nonconformity: str,
    disposition: str,
    reason: str = "",
    party: str = "",
    content: bytes | None = None,
    name: str = "agreement",
    request_key: str | None = None,
) -> Stated:
    """A party agrees: by its own person, or (recorded by one of ours) by its signed document, kept as evidence.

    NotFound for a party's person where not all its units are that party's; Invalid without party or document."""
    paper: list[tuple[str, bytes]] = []
    cells = {"party": party, "file": "", "sha256": ""}
    if actor.party is not None:
        actor.require(DISPOSITION_AGREE)
        cells["party"] = code_of(actor.tenant, actor.party)
    else:
        actor.require(NONCONFORMITY_DECIDE)
        known(actor.tenant, nonconformity)
        if content is None or not party:
            said = "Who agreed, and the document that it signed, are needed."
            raise Invalid("quality.agreement_halfway", said, {"field": "file"}, "Name the party and add its document.")
        if party not in numbers_by_name(actor.tenant):
            raise Invalid(
                "parties.unknown", f"No party is called {party[:80]}.", {"field": "party"}, "Look at its code."
            )
        refuse_file(content, name)
        refuse_no_document(content, name)
        refuse_nobody(actor, {"nonconformity": nonconformity})
        digest, kept = sha256(content).hexdigest(), safe_name(name)
        cells |= {"file": f"files/{digest[:16]}-{kept}", "sha256": digest}
        paper = [(kept, content)]

    def check(found: NonconformityRow, one: Disposition) -> None:
        _refuse_step(found, one, AGREED, (PROPOSED,))

    return _step(actor, nonconformity, disposition, AGREED, reason, request_key, check, cells, paper)


def approve_disposition(
    actor: Actor, *, nonconformity: str, disposition: str, reason: str = "", request_key: str | None = None
) -> Stated:
    """A second person approves what was proposed. Refused: the proposer, and where the manufacturer has not agreed but must."""
    actor.require(NONCONFORMITY_DECIDE)

    def check(found: NonconformityRow, one: Disposition) -> None:
        _refuse_step(found, one, APPROVED, (PROPOSED,))
        _refuse_unapproved(actor, one)

    return _step(actor, nonconformity, disposition, APPROVED, reason, request_key, check)


def refuse_disposition(
    actor: Actor, *, nonconformity: str, disposition: str, reason: str, request_key: str | None = None
) -> Stated:
    """It shall not be so, and why; its units wait for another."""
    actor.require(NONCONFORMITY_DECIDE)
    refuse_without_reason(reason)

    def check(found: NonconformityRow, one: Disposition) -> None:
        _refuse_step(found, one, REFUSED, (PROPOSED, APPROVED))

    return _step(actor, nonconformity, disposition, REFUSED, reason, request_key, check)


def carry_out_disposition(
    actor: Actor, *, nonconformity: str, disposition: str, reason: str, request_key: str | None = None
) -> Stated:
    """What was approved is done: reworked, repaired, sent back, scrapped. What it did to units is recorded by the verbs of those steps."""
    actor.require(NONCONFORMITY_WORK)
    refuse_without_reason(reason)

    def check(found: NonconformityRow, one: Disposition) -> None:
        _refuse_step(found, one, CARRIED_OUT, (APPROVED,))

    return _step(actor, nonconformity, disposition, CARRIED_OUT, reason, request_key, check)


def _step(
    actor: Actor, nonconformity: str, disposition: str, step: str, reason: str, request_key: str | None, check, cells=None,
    files=(),
) -> Stated:  # fmt: skip
    def rows(entry):
        if actor.party is not None:
            _refuse_strangers(actor, nonconformity, disposition)
        found = still_open(actor, nonconformity)
        one = disposition_of(found, disposition)
        check(found, one)
        at = format_instant(entry.recorded_at)
        row = _row(actor, nonconformity, disposition, step, one.decision, reason, at)
        return {"dispositions": [{**row, **(cells or {})}]}

    said = {"nonconformity": nonconformity, "disposition": disposition, "step": step, "reason": reason, **(cells or {})}
    return state(actor, events.DISPOSITION_STATED, said, rows, files=files, intakes=INTAKES, request_key=request_key)


def _row(actor: Actor, nonconformity: str, disposition: str, step: str, decision: str, reason: str, at: str) -> dict:
    return {
        "nonconformity": nonconformity, "disposition": disposition, "step": step, "decision": decision, "reason": reason,
        "party": "", "file": "", "sha256": "", "operator": badge(actor), "decided_at": at,
    }  # fmt: skip


def disposition_of(found: NonconformityRow, code: str) -> Disposition:
    """The disposition with this code. NotFound: there is none."""
    one = next((one for one in found.dispositions if one.code == code), None)
    if one is None:
        facts = {"nonconformity": found.code, "disposition": code[:20]}
        remedy = f"It has {', '.join(one.code for one in found.dispositions) or 'none'}."
        raise NotFound("quality.disposition_unknown", f"{found.code} has no disposition {code[:20]}.", facts, remedy)
    return one


def _refuse_step(found: NonconformityRow, one: Disposition, step: str, after: Sequence[str]) -> None:
    if one.state not in after:
        raise Refused(
            "quality.disposition_step",
            f"{one.code} of {found.code} is {one.state}: it cannot be {step} now.",
            {"nonconformity": found.code, "disposition": one.code, "state": one.state},
            f"That is possible where it is {' or '.join(after)}.",
        )


def products_of_units(tenant: int, units: BitMap) -> list[str]:
    """The codes of the products that these units are. Two statements."""
    if not units:
        return []
    sql = (
        "SELECT first_unit, until_unit, product FROM production_block WHERE tenant = %s AND first_unit < %s AND until_unit > %s "
        "AND until_entry IS NULL"
    )
    rows = reading.fetch(sql, (tenant, units.max() + 1, units.min()))
    codes = product_codes(tenant)
    return sorted({codes[product] for first, until, product in rows if units.range_cardinality(first, until)})


def _refuse_unapproved(actor: Actor, one: Disposition) -> None:
    """The board's rule over who proposed it, who agreed, and who approves now."""
    parties = numbers_by_name(actor.tenant)
    recorded = recorded_by(actor.tenant, {step.entry for step in one.steps})
    since = next(n for n, step in reversed(list(enumerate(one.steps))) if step.step == PROPOSED)
    said = [
        Approval(recorded[step.entry][0], parties.get(step.party), step.sha256)
        for step in one.steps[since:]
        if step.step == AGREED and step.party in parties and recorded[step.entry][1] == events.DISPOSITION_STATED
    ]
    products = products_of_units(actor.tenant, one.units) if one.decision in LEFT_AS_IT_WAS else []
    proposed = recorded[one.steps[since].entry][0]
    approvals = [Approval(who(actor)), *said]
    refuse_unapproved(actor.tenant, products=products, proposed=proposed, approvals=approvals, at=clock.now())


def _refuse_strangers(actor: Actor, nonconformity: str, disposition: str) -> None:
    """A party's person sees and decides only where every unit is of that party; else there is nothing."""
    found = known(actor.tenant, nonconformity)
    units = next((one.units for one in found.dispositions if one.code == disposition), BitMap())
    if not units or units - units_of_party(actor.tenant, actor.party, clock.now()):
        raise unknown(nonconformity)
