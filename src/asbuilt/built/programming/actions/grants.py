"""Grants and plans: what permits rest on.

record_grant(actor, document=…)        what the brand owner signed; never signed here
record_plan(actor, document=…)         how units are programmed
"""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import PERMIT_ISSUE
from asbuilt.built.programming import events
from asbuilt.built.programming.actions.stating import one_line, state
from asbuilt.built.programming.permits import checked_grant, plan_document
from asbuilt.designed.catalog.queries import standing_revisions
from asbuilt.kernel import envelope, permits, plans
from asbuilt.kernel.canonical import canonical_bytes, parse_strict
from asbuilt.kernel.errors import NotFound
from asbuilt.ledger import clock
from asbuilt.ledger.recording import digest
from asbuilt.storage import reading


def record_grant(actor: Actor, *, document: bytes, request_key: str | None = None) -> permits.Grant:
    """Keep a grant that a brand owner's key signed. The same document again changes nothing."""
    actor.require(PERMIT_ISSUE)
    line = one_line(document)
    grant = checked_grant(actor.tenant, line, clock.now())
    if not standing_revisions(actor.tenant, grant.product):
        raise NotFound(
            "programming.product_unknown",
            f"No product is called {grant.product}.",
            {"product": grant.product},
            "Add its BOM to the record first.",
        )
    known = reading.fetch_one(
        'SELECT document FROM programming_grant WHERE tenant = %s AND "grant" = %s AND until_entry IS NULL',
        (actor.tenant, grant.grant_id),
    )
    if known is None or permits.parse_grant(envelope.parse(known[0].encode()).payload) != grant:
        row = {"grant": grant.grant_id, "document": line.decode()}
        state(actor, events.GRANTED, "grants", row, digest(line), request_key, {"grant": grant.grant_id})
    return grant


def record_plan(actor: Actor, *, document: bytes, request_key: str | None = None) -> plans.Plan:
    """Keep a plan in its canonical form, under the SHA-256 of that."""
    actor.require(PERMIT_ISSUE)
    line = canonical_bytes(parse_strict(document, bytes_max=plans.PLAN_BYTES_MAX, nesting_max=8))
    plan = plans.parse_plan(line)
    if plan_document(actor.tenant, plan.sha256) is None:
        row = {"sha256": plan.sha256, "document": line.decode()}
        state(actor, events.PLANNED, "station_plans", row, digest(line), request_key, {"plan": plan.plan})
    return plan
