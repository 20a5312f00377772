"""Permits: issued, revoked, ended, closed.

    issue_permit(actor, draft=…)           signed by the issuer's key; doors call answers.gate.permits.issue, which asks for holds
    revoke_permit(actor, permit_id=…, reason=…)
    take_end(actor, document=…)            a station's end certificate: what its share did not spend returns to the grant
    close_permit(actor, permit_id=…)       once every share ended

Refused with its reason: an image that is not released or was withdrawn, one that the order does not demand (permit_demands), a
revision that the release, the grant or the order does not have, more units than the grant or the order has left, a station that is not enrolled, an issuer's key that the grant
does not name or that signs releases, fuses or locks (two issuers sign those, and permits.csv brings the permit in), and a person who took part in releasing the image.
"""

import os
from dataclasses import replace
from io import BytesIO

from asbuilt.access.actor import Actor
from asbuilt.access.rights import PERMIT_ISSUE, STATION_SYNC
from asbuilt.built.production.orders import Orders
from asbuilt.built.programming import events
from asbuilt.built.programming.actions.stating import one_line, refuse_reason, state, state_row
from asbuilt.built.programming.drafts import AskedTest, PermitDraft
from asbuilt.built.programming.issuing import IssuerKey, issuer_key
from asbuilt.built.programming.permit_demands import refuse_undemanded
from asbuilt.built.programming.permits import (
    CLOSED,
    ENDED,
    REVOKED,
    GrantSeen,
    PermitSeen,
    counters,
    grant_of,
    permit_of,
    plan_document,
    revocations,
    taken_of_order,
)
from asbuilt.built.programming.stations import ENROLLED, station_of
from asbuilt.designed.catalog import test_plans
from asbuilt.designed.changes.controlling.eco import TEST_PLAN
from asbuilt.designed.firmware import register
from asbuilt.kernel import envelope, permits, plans, trust
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.kernel.identifiers import new_ulid
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.notes import base64_text
from asbuilt.ledger import evidence, sequencing
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording
from asbuilt.storage import reading
from asbuilt.storage.transactions import write_tx

EVIDENCE_CLASS = "document"


def issue_permit(
    actor: Actor,
    *,
    draft: PermitDraft,
    bounded: frozenset[tuple[str, str, str]] = frozenset(),
    request_key: str | None = None,
) -> PermitSeen:
    """Split a permit from its grant and sign it. Every check of what is left stands in the transaction that records it. `bounded`:
    (firmware or test_plan, role or plan, version) that hold for the order by the boundary of an ECO, whatever is demanded or in force in general; the
    gate says which."""
    actor.require(PERMIT_ISSUE)
    issuer = issuer_key(actor.tenant)
    try:
        with recording(actor, events.PERMITTED, request_key=request_key, content=digest(repr(draft).encode())) as entry:
            seen = grant_of(actor.tenant, draft.grant)
            _check_issuer(actor.tenant, seen, issuer, entry.recorded_at)
            _check_order(actor.tenant, seen, draft)
            refuse_undemanded(actor.tenant, draft, seen.grant.product, entry.recorded_at, bounded)
            payload = _payload(actor, entry, seen, draft, bounded)
            # one key signs here
            permit = replace(permits.parse_permit(payload), issuers_signed=1)
            plans.check_plan(_plan(actor.tenant, draft.plan), permit)
            ends = [end for one in seen.permits for end in one.ended.values()]
            permits.check_split(seen.grant, [*(one.permit for one in seen.permits), permit], ends)
            document = issuer.sign(permits.PERMIT_TYPE, payload)
            row = {"permit": permit.permit_id, "grant": permit.grant_id, "document": document.decode()}
            state_row(actor, entry, "permits", row)
            entry.notes = {"permit": permit.permit_id, "order": draft.order[:80], "units": draft.units}
            permit_id = permit.permit_id
    except AlreadyRecorded as known:
        sql = "SELECT permit FROM programming_permit WHERE tenant = %s AND entry = %s"
        permit_id = reading.fetch_one(sql, (actor.tenant, known.number))[0]
    sequencing.after_commit(actor.tenant)
    return permit_of(actor.tenant, permit_id)


def _check_issuer(tenant: int, seen: GrantSeen, issuer: IssuerKey, at: int) -> None:
    store, key_id = register.newest_trust(tenant), issuer.public.key_id
    if store.role_of(key_id) == trust.RELEASE_SIGNER:
        raise Refused(
            "programming.permit_one_key_two_roles",
            "The issuer's key also signs releases.",
            {"key_id": key_id},
            "Use a key of its own for permits.",
        )
    if store.role_of(key_id) != trust.PERMIT_ISSUER or not store.counts(key_id, at):
        raise Refused(
            "programming.permit_issuer_untrusted",
            f"Key {key_id} is no permit issuer's in the trust store.",
            {"key_id": key_id},
            "Have the trust store name it as permit issuer.",
        )
    if issuer.public not in seen.grant.issuers:
        raise Refused(
            "programming.permit_issuer_not_granted",
            f"The grant names no issuer with the key {key_id}.",
            {"key_id": key_id},
            "Ask the brand owner for a grant that names it.",
        )
    if seen.grant.threshold > 1:
        raise Refused(
            "programming.permit_threshold",
            f"The grant wants {seen.grant.threshold} issuers to sign, here is one key.",
            {"threshold": seen.grant.threshold},
            "Sign the permit with each issuer's key and load permits.csv.",
        )
    if at > seen.grant.not_after:
        raise Refused(
            "programming.permit_grant_ended",
            f"The grant ended {format_instant(seen.grant.not_after)}.",
            {},
            "Ask the brand owner for a new one.",
        )


def _check_order(tenant: int, seen: GrantSeen, draft: PermitDraft) -> None:
    order = Orders(tenant).by_code(draft.order)
    if order is None:
        raise NotFound(
            "programming.order_unknown",
            f"There is no order {draft.order}.",
            {"order": draft.order},
            "Look at its number.",
        )
    product = seen.grant.product
    sql = "SELECT code FROM catalog_product WHERE tenant = %s AND number = %s"
    if reading.fetch_one(sql, (tenant, order.product)) != (product,):
        raise Refused(
            "programming.permit_order_product",
            f"Order {draft.order} does not build {product}.",
            {"order": draft.order, "product": product},
            "Name an order of the product that was granted.",
        )
    sql = (
        "SELECT DISTINCT r.code FROM production_block b JOIN catalog_revision r ON r.tenant = b.tenant AND r.number = b.revision "
        "WHERE b.tenant = %s AND b.work_order = %s AND b.until_entry IS NULL"
    )
    built = {code for (code,) in reading.fetch(sql, (tenant, order.number))}
    for code in draft.revisions:
        if code not in built:
            raise Refused(
                "programming.permit_order_revision",
                f"No unit of order {draft.order} is of revision {code}.",
                {"revision": code, "order": sorted(built)},
                "Permit the revisions that the order builds.",
            )
    taken = taken_of_order(tenant, draft.order)
    if taken + draft.units > order.quantity:
        raise Refused(
            "programming.permit_over_order",
            f"The order has {order.quantity:,} units, its permits would hold {taken + draft.units:,}.",
            {"units": order.quantity, "permitted": taken},
            "Permit fewer units, or end the permits that are no longer needed.",
        )


def _payload(
    actor: Actor, entry: Entry, seen: GrantSeen, draft: PermitDraft, bounded: frozenset[tuple[str, str, str]]
) -> bytes:
    grant = seen.grant
    plan = _plan(actor.tenant, draft.plan)
    epoch, _ = revocations(actor.tenant)
    permit_id = new_ulid(entry.recorded_at, os.urandom(10))
    if draft.supersedes is not None:
        permit_of(actor.tenant, draft.supersedes)
    said = {
        "schema": 1, "permit_id": permit_id, "grant_id": grant.grant_id, "grant_sha256": grant.sha256,
        "work_order": draft.order, "brand_owner": grant.brand_owner, "ems": grant.ems, "site": grant.site,
        "product": grant.product, "revisions": list(draft.revisions), "bom_version": draft.bom_version,
        "issued_at": format_instant(entry.recorded_at), "not_before": format_instant(draft.not_before),
        "not_after": format_instant(draft.not_after), "grace_offline_hours": draft.grace_offline_hours,
        "parts": [vars(part) for part in draft.parts],
        "images": [_image(actor, grant, draft, asked) for asked in draft.images],
        "plan": plan.plan, "plan_version": plan.version, "plan_sha256": plan.sha256,
        "tools": [{**vars(rule), "sha256_allowed": list(rule.sha256_allowed)} for rule in draft.tools],
        "units": draft.units, "attempts_per_unit": draft.attempts_per_unit,
        "stations": [_share(actor.tenant, grant, share) for share in draft.stations],
        "operator_roles": list(draft.operator_roles), "two_person_for": list(draft.two_person_for),
        "provision": draft.provision, "lock": draft.lock, "supersedes": draft.supersedes,
        "revocation_epoch": epoch, "end_certificate_to": draft.end_certificate_to or grant.brand_owner[:80],
    }  # fmt: skip
    tests = [_test(actor.tenant, grant.product, draft, asked, entry.recorded_at, bounded) for asked in draft.tests]
    # a permit without tests is written as before: stations that know none go on
    return canonical_bytes(said | ({"tests": tests} if tests else {}))


def _test(
    tenant: int, product: str, draft: PermitDraft, asked: AskedTest, at: int, bounded: frozenset[tuple[str, str, str]]
) -> dict:
    """A test plan as the permit names it; Refused unless this version is in force for these revisions and a station can run it."""
    known = test_plans.versions_of(tenant, asked.plan)
    version = known.get(asked.version)
    facts = {"plan": asked.plan, "version": asked.version}
    if version is None:
        said = f"There is no version {asked.version} of a test plan {asked.plan}."
        raise NotFound("programming.test_plan_unknown", said, facts, "Look at the list of test plans.")
    versions, allowed = list(known.values()), version.content.revisions
    current = [test_plans.in_force_for(versions, revision, at) for revision in draft.revisions]
    why = ""
    if version.product != product or (allowed and not set(draft.revisions) <= set(allowed)):
        why = "is for another product or revision"
    elif not ((TEST_PLAN, asked.plan, asked.version) in bounded and version.approval(at)) and any(
        one is None or one.version != version.version for one in current
    ):
        why = "is not in force"
    elif version.content.station is None:
        why = "does not say how a station carries it out"
    if why:
        raise Refused(
            "programming.test_plan_not_usable", f"Version {asked.version} of test plan {asked.plan} {why}.", facts,
            "Name a version that is approved, of this product, with a part `station`.",
        )  # fmt: skip
    return {**facts, "sha256": version.sha256}


def _image(actor: Actor, grant: permits.Grant, draft: PermitDraft, asked) -> dict:
    found = register.permittable(actor.tenant, grant.product, asked.role, asked.version)
    for code in draft.revisions:
        if code not in found.statement.revisions:
            raise Refused(
                "programming.permit_revision",
                f"Release {found.name} is not for revision {code}.",
                {"revision": code, "allowed": list(found.statement.revisions)},
                "Permit a release that the matrix has for this revision.",
            )
    last = found.last(register.RELEASED)
    if actor.person is not None and actor.person in {found.operator, last.operator if last else None}:
        raise Refused(
            "programming.permit_same_person",
            f"Who added or released {found.name} issues no permit for it.",
            {"release": found.name},
            "Let another person issue it.",
        )
    statement = found.statement
    return {
        "role": asked.role, "version": asked.version, "length": statement.length, "sha256": statement.sha256,
        "sha512": statement.sha512, "part": asked.part, "region": asked.region,
        "release_sha256": statement_sha256(found), "image_digest": statement.boot.image_digest if statement.boot else "",
        "security_counter": statement.boot.security_counter if statement.boot else None,
    }  # fmt: skip


def statement_sha256(found: register.Registered) -> str:
    """What a permit and a station's folder call the release statement."""
    from hashlib import sha256

    return sha256(found.statement.payload).hexdigest()


def _share(tenant: int, grant: permits.Grant, share) -> dict:
    found = station_of(tenant, share.station)
    if found.state != ENROLLED:
        raise Refused(
            "programming.permit_station_closed",
            f"Station {share.station} is closed.",
            {"station": share.station},
            "Enrol it, or name another.",
        )
    if (found.site, found.ems) != (grant.site, grant.ems):
        raise Refused(
            "programming.permit_station_site",
            f"Station {share.station} stands at {found.ems}, {found.site}; the grant is for {grant.ems}, {grant.site}.",
            {"station": share.station},
            "Name a station of that site.",
        )
    key = {"algorithm": found.public.algorithm, "public": base64_text(found.public.raw)}
    return {"station": share.station, "key": key, "units": share.units, "rework_units": share.rework_units}


def _plan(tenant: int, sha256: str) -> plans.Plan:
    document = plan_document(tenant, sha256)
    if document is None:
        raise NotFound(
            "programming.plan_unknown", f"There is no plan {sha256[:16]}….", {"plan": sha256}, "Record the plan first."
        )
    return plans.parse_plan(document)


def revoke_permit(actor: Actor, *, permit_id: str, reason: str, request_key: str | None = None) -> PermitSeen:
    """From their next contact on its stations program no more; its share returns with their end certificates."""
    actor.require(PERMIT_ISSUE)
    refuse_reason(reason)
    with write_tx(actor.tenant):
        if permit_of(actor.tenant, permit_id).state == CLOSED:
            raise Refused(
                "programming.permit_closed",
                "The permit is closed.",
                {"permit": permit_id},
                "Nothing is left to revoke.",
            )
        if permit_of(actor.tenant, permit_id).state != REVOKED:
            row = {"permit": permit_id, "state": REVOKED, "reason": reason}
            content = digest(permit_id.encode(), reason.encode())
            state(actor, events.REVOKED, "permit_states", row, content, request_key, {"permit": permit_id})
    sequencing.after_commit(actor.tenant)
    return permit_of(actor.tenant, permit_id)


def take_end(actor: Actor, *, document: bytes, station: str = "") -> tuple[permits.EndCertificate, PermitSeen]:
    """A station's end certificate: checked against the permit, kept as evidence. Only one that closes the share counts."""
    if not actor.may(STATION_SYNC):
        actor.require(PERMIT_ISSUE)
    line = one_line(document, permits.END_BYTES_MAX * 3 // 2)
    unchecked = permits.parse_end(envelope.parse(line, bytes_max=permits.END_BYTES_MAX * 3 // 2).payload)
    end = permits.open_end(line, permit=permit_of(actor.tenant, unchecked.permit_id).permit)
    if station and end.station != station:
        raise Refused(
            "programming.end_other_station",
            f"The certificate is of station {end.station}.",
            {"station": end.station},
            "Each station sends its own.",
        )
    kept = evidence.keep(actor.tenant, BytesIO(line), f"end-{end.permit_id}-{end.station}.json", EVIDENCE_CLASS)
    try:
        with write_tx(actor.tenant):
            seen = permit_of(actor.tenant, end.permit_id)
            if end.closed:
                _refuse_below_records(actor.tenant, seen, end)
            if end.closed and end.station not in seen.ended:
                with recording(actor, events.ENDED) as entry:
                    kept.record(entry)
                    row = {
                        "permit": end.permit_id, "station": end.station, "state": ENDED, "spent": str(end.spent),
                        "sha256": kept.sha256,
                    }  # fmt: skip
                    state_row(actor, entry, "permit_states", row)
                    entry.notes = {
                        "permit": end.permit_id,
                        "station": end.station,
                        "chain": end.chain_last,
                        "seq": end.records_last,
                    }
    finally:
        if not kept.recorded:
            evidence.forget(kept)
    sequencing.after_commit(actor.tenant)
    return end, permit_of(actor.tenant, end.permit_id)


def _refuse_below_records(tenant: int, seen: PermitSeen, end: permits.EndCertificate) -> None:
    """Refused where the station's own records, which it signed too, have more units than its certificate says."""
    counted = next(one for one in counters(tenant, seen) if one.station == end.station)
    if counted.spent > end.spent:
        raise Refused(
            "programming.end_below_records",
            f"The certificate of station {end.station} names {end.spent} units, its records {counted.spent}.",
            {"station": end.station, "certificate": end.spent, "records": counted.spent},
            "Hold what the station programmed: its ledger was rolled back, or two stations share its key.",
        )


def close_permit(actor: Actor, *, permit_id: str, reason: str = "", request_key: str | None = None) -> PermitSeen:
    """Close a permit of which every share ended; Refused while one did not."""
    actor.require(PERMIT_ISSUE)
    with write_tx(actor.tenant):
        seen = permit_of(actor.tenant, permit_id)
        still = [share.station for share in seen.permit.stations if share.station not in seen.ended]
        if still:
            raise Refused(
                "programming.permit_share_open",
                f"No end certificate came from {', '.join(still)}.",
                {"stations": still},
                "Close the permit at the station (`asbuilt-station close`), then sync or bring its folder.",
            )
        if seen.state != CLOSED:
            row = {"permit": permit_id, "state": CLOSED, "reason": reason}
            state(
                actor,
                events.ENDED,
                "permit_states",
                row,
                digest(permit_id.encode()),
                request_key,
                {"permit": permit_id},
            )
    sequencing.after_commit(actor.tenant)
    return permit_of(actor.tenant, permit_id)
