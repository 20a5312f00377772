"""A release of the register as doors tell it: plain values, the same for command line, API and page."""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_READ
from asbuilt.designed.firmware import errors, images, matrix, recovery, register, retention
from asbuilt.kernel import releases
from asbuilt.kernel.errors import AsbuiltError, NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import evidence


def releases_seen(actor: Actor, product: str | None = None) -> list[dict]:
    """Every image of the register that the actor may see, the newest first. Three statements."""
    return [told(one) for one in register_seen(actor, product)]


def register_seen(actor: Actor, product: str | None = None) -> list[register.Registered]:
    """The same, as the register holds them."""
    actor.require(RECORD_READ)
    errors.refuse_party(actor)
    return list(reversed(register.registered(actor.tenant, product)))


def holders_seen(actor: Actor) -> dict[str, str]:
    """Key id -> who holds it, of every version of the trust store."""
    actor.require(RECORD_READ)
    errors.refuse_party(actor)
    return {key_id: key.holder for store in register.trust_chain(actor.tenant) for key_id, key in store.keys.items()}


def release_seen(actor: Actor, product: str, role: str, version: str) -> register.Registered:
    """One image; NotFound also where the actor may not see it."""
    actor.require(RECORD_READ)
    errors.refuse_party(actor)
    return register.release(actor.tenant, product, role, version)


def statement_bytes(actor: Actor, product: str, role: str, version: str) -> bytes:
    """The signed envelope of a release, or the envelope of a draft with the signatures it has so far, as JSON bytes."""
    from asbuilt.kernel.envelope import envelope_bytes

    return envelope_bytes(release_seen(actor, product, role, version).envelope())


def provenance_bytes(actor: Actor, product: str, role: str, version: str) -> bytes:
    """The provenance statement that came with the draft, byte for byte; NotFound where none did."""
    one = release_seen(actor, product, role, version)
    if not one.provenance:
        raise NotFound(
            "firmware.provenance_none", f"No provenance was kept with {one.name}.", {"release": one.name},
            "Add it with the next draft.",
        )  # fmt: skip
    return b"".join(evidence.open_evidence(actor.tenant, one.provenance))


def provenance_seen(actor: Actor, one: register.Registered) -> releases.Provenance | None:
    """What the provenance statement says of the build, as it says it; None without one, or where its bytes were erased."""
    actor.require(RECORD_READ)
    if not one.provenance:
        return None
    try:
        content = b"".join(evidence.open_evidence(actor.tenant, one.provenance))
    except AsbuiltError:
        return None
    return releases.parse_provenance(content, one.statement.sha256)


def images_to_reseal(actor: Actor) -> int:
    """Images that are sealed for other recovery keys than count now."""
    actor.require(RECORD_READ)
    errors.refuse_party(actor)
    return recovery.waiting(actor.tenant)


def told(one: register.Registered) -> dict:
    """What is known of a release, as JSON values; instants as text."""
    of, released, withdrawn = one.statement, one.last(register.RELEASED), one.last(register.WITHDRAWN)
    kept = retention.of_release(one)
    return {
        "product": of.product, "role": of.role, "version": of.version, "state": one.state, "sha256": of.sha256,
        "sha512": of.sha512, "length": of.length, "revisions": list(of.revisions),
        "security_relevant": of.security_relevant, "change_log": of.change_log, "built_by": of.built_by,
        "created_at": format_instant(of.created_at), "supported_until": of.supported_until,
        "boot": vars(of.boot) if of.boot else None,
        "device_encrypted": vars(of.device_encrypted) if of.device_encrypted else None, "provenance": one.provenance,
        "signatures": [
            {"key_id": each.key_id, "trust_version": each.trust_version, "signed_at": format_instant(each.signed_at)}
            for each in one.signatures
        ],
        "released_at": format_instant(released.happened_at) if released else None,
        "withdrawn_at": format_instant(withdrawn.happened_at) if withdrawn else None,
        "withdrawn_reason": withdrawn.reason if withdrawn else None,
        "keep_until": format_instant(kept.until) if kept else None, "rule_set": kept.rule_set if kept else None,
        "question": question(of.product, of.role, of.version),
    }  # fmt: skip


def question(product: str, role: str, version: str) -> str:
    """The question that asks which units run it."""
    return f"firmware:{_quoted(f'{role}/{version}')} product:{_quoted(product)}"


def _quoted(text: str) -> str:
    if text and not any(letter in ' ,()"\\' for letter in text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def line_told(line: matrix.Line) -> dict:
    """A line of the matrix as JSON values."""
    released = format_instant(line.released_at) if line.released_at is not None else None
    return {**{name: value for name, value in vars(line).items() if name != "place"}, "released_at": released}


def compared_told(found: matrix.Compared) -> dict:
    """A comparison as JSON values."""
    return {
        "product": found.newer.key[0], "role": found.newer.key[1], "older": found.older.key[2],
        "newer": found.newer.key[2], "security_relevant": found.security_relevant, "same_image": found.same_image,
        "revisions_added": found.revisions_added, "revisions_gone": found.revisions_gone,
        "changes": [
            {
                "version": one.key[2], "security_relevant": one.statement.security_relevant,
                "change_log": one.statement.change_log, "state": one.state,
            }
            for one in found.between
        ],
    }  # fmt: skip


def trust_seen(actor: Actor) -> list[dict]:
    """The versions of the trust store: SHA-256, epoch, roles with their holders, revocations."""
    actor.require(RECORD_READ)
    errors.refuse_party(actor)
    return [
        {
            "version": store.version, "sha256": store.sha256, "issued_at": format_instant(store.issued_at),
            "epoch": store.epoch,
            "roles": [
                {
                    "role": name, "threshold": role.threshold,
                    "keys": [{"key_id": key.key_id, "holder": key.holder} for key in sorted(store.keys_of(name), key=lambda key: key.holder)],
                }
                for name, role in sorted(store.roles.items())
            ],
            "revoked": [
                {"key_id": key_id, "from_at": format_instant(each.from_at), "epoch": each.epoch, "reason": each.reason}
                for key_id, each in sorted(store.revoked.items())
            ],
        }
        for store in register.trust_chain(actor.tenant)
    ]  # fmt: skip


def image_kept(actor: Actor, one: register.Registered) -> str:
    """`kept`, `erased` or `missing`: whether the image's bytes are here."""
    kept = images.kept_image(actor.tenant, one.statement.sha256)
    if kept is None:
        return "missing"
    return "kept" if kept.wrapped_key is not None else "erased"
