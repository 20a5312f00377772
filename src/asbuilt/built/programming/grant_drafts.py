"""A grant before the brand owner signs it: the file that `asbuilt permit sign` takes, offline.

    grant_draft(actor, asked=…)     -> (name of the file, its bytes)

Images come from the register, issuers' keys from the trust store. Nothing is recorded: what comes back signed is.
Refused: an image that may not be permitted or is not for a revision, a key that issues no permits.
"""

import os
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import PERMIT_ISSUE
from asbuilt.built.programming import stations
from asbuilt.built.programming.errors import refuse_party
from asbuilt.built.programming.permit_choices import newest_permittable
from asbuilt.designed.catalog.queries import standing_products, standing_revisions
from asbuilt.designed.firmware import register
from asbuilt.kernel import permits, trust
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.kernel.identifiers import new_ulid
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.notes import base64_text
from asbuilt.ledger import clock
from asbuilt.storage import reading


@dataclass(frozen=True)
class GrantAsked:
    """What a grant is to allow; `images` are (role, version), `issuers` ids of keys, `not_after` UTC microseconds."""

    brand_owner: str
    ems: str
    site: str
    product: str
    revisions: tuple[str, ...]
    images: tuple[tuple[str, str], ...]
    units: int
    not_after: int
    issuers: tuple[str, ...]
    threshold: int = 1
    supersedes: str | None = None


def grant_draft(actor: Actor, *, asked: GrantAsked) -> tuple[str, bytes]:
    """(file name, the grant as JSON, not signed). Raises what `permittable` and the reader of grants raise."""
    actor.require(PERMIT_ISSUE)
    refuse_party(actor)
    with reading.snapshot():
        issuers = [_issuer(actor.tenant, key_id) for key_id in asked.issuers]
        images = [_image(actor.tenant, asked, role, version) for role, version in asked.images]
        now = clock.now()
        grant_id = new_ulid(now, os.urandom(10))
        said = {
            "schema": 1, "grant_id": grant_id, "brand_owner": asked.brand_owner, "ems": asked.ems, "site": asked.site,
            "product": asked.product, "revisions": list(asked.revisions), "images": images, "units": asked.units,
            "issued_at": format_instant(now), "not_after": format_instant(asked.not_after), "issuers": issuers,
            "threshold": asked.threshold, "supersedes": asked.supersedes,
        }  # fmt: skip
        document = canonical_bytes(said)
    permits.parse_grant(document)
    return f"grant-{grant_id}.json", document


def _issuer(tenant: int, key_id: str) -> dict[str, str]:
    store = register.newest_trust(tenant)
    key = next((key for key in store.keys_of(trust.PERMIT_ISSUER, clock.now()) if key.key.key_id == key_id), None)
    if key is None:
        raise Refused(
            "programming.grant_issuer_untrusted",
            f"Key {key_id[:40]} is no permit issuer's in the trust store.",
            {"key_id": key_id[:40]},
            "Choose a key that the trust store names as permit issuer.",
        )
    return {"algorithm": key.key.algorithm, "public": base64_text(key.key.raw)}


def _image(tenant: int, asked: GrantAsked, role: str, version: str) -> dict:
    found = register.permittable(tenant, asked.product, role, version)
    for code in asked.revisions:
        if code not in found.statement.revisions:
            raise Refused(
                "programming.grant_revision",
                f"Release {found.name} is not for revision {code}.",
                {"revision": code, "allowed": list(found.statement.revisions)},
                "Choose a release that the matrix has for this revision.",
            )
    of = found.statement
    return {"role": of.role, "version": of.version, "length": of.length, "sha256": of.sha256, "sha512": of.sha512}


def grant_choices(actor: Actor, product: str) -> dict:
    """What a grant of this product may name: revisions, releases, issuers, sites. NotFound where there is no such product."""
    actor.require(PERMIT_ISSUE)
    refuse_party(actor)
    tenant = actor.tenant
    with reading.snapshot():
        revisions = sorted(standing_revisions(tenant, product))
        if not revisions:
            raise NotFound(
                "programming.product_unknown", f"No product is called {product[:80]}.", {"product": product[:80]},
                "Add its BOM to the record first.",
            )  # fmt: skip
        chain = register.trust_chain(tenant)
        keys = chain[-1].keys_of(trust.PERMIT_ISSUER, clock.now()) if chain else []
        places = {(one.ems, one.site) for one in stations.stations(tenant) if one.state == stations.ENROLLED}
        return {
            "product": product, "revisions": revisions,
            "images": [
                {"role": one.statement.role, "version": one.statement.version, "revisions": list(one.statement.revisions)}
                for one in newest_permittable(tenant, register.registered(tenant, product))
            ],
            "issuers": [{"key_id": key.key.key_id, "holder": key.holder} for key in sorted(keys, key=lambda key: key.holder)],
            "sites": [{"ems": ems, "site": site} for ems, site in sorted(places)],
        }  # fmt: skip


def products_to_grant(actor: Actor) -> list[str]:
    """Products with a release that may be permitted."""
    actor.require(PERMIT_ISSUE)
    refuse_party(actor)
    released = {one.key[0] for one in register.registered(actor.tenant) if one.state == register.RELEASED}
    return sorted(released & set(standing_products(actor.tenant)))
