"""Verbs of the release register: trust store, draft, signature, release, withdrawal, erasure after the retention.

Two people stand behind a release: as many holders as the trust store asks for have signed it, and where only one signed, the
one who releases is not the one who added the draft, both by name: the system account is whoever sits at the machine. Doors release through answers.gate.releasing, which asks first.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import FIRMWARE_DRAFT, FIRMWARE_RELEASE, TRUST_SET
from asbuilt.designed.firmware import errors, events, images, register, retention
from asbuilt.designed.firmware.boot_signatures import check_boot_signature
from asbuilt.designed.firmware.intake import ReleasesIntake
from asbuilt.designed.firmware.queries import standing_release
from asbuilt.designed.firmware.register_intake import (
    ReleaseDraftsIntake,
    ReleaseSignaturesIntake,
    ReleaseStatesIntake,
    TrustStoresIntake,
)
from asbuilt.kernel import envelope, releases, trust
from asbuilt.kernel.errors import Conflict, Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.notes import base64_text
from asbuilt.ledger import clock, evidence, sequencing
from asbuilt.ledger.intake import TableIntake
from asbuilt.ledger.one_row import checked_rows, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording
from asbuilt.storage import bulk, reading

CHANGE_LINES_MAX = 500
PROVENANCE_BYTES_MAX = releases.PROVENANCE_BYTES_MAX
NOT_THERE = frozenset({"catalog.product_unknown", "catalog.revision_unknown", "firmware.release_unknown"})


@dataclass(frozen=True)
class Boot:
    """Which boot signature the device checks: scheme (mcuboot, esp-v2) and the public key in it, PEM."""

    scheme: str
    public_pem: str


@dataclass(frozen=True)
class Draft:
    """What is said of an image that is to be released; `revisions` are hardware revisions, empty: nobody said."""

    product: str
    role: str
    version: str
    revisions: Sequence[str] = ()
    change_log: str = ""
    security_relevant: bool = False
    built_by: str = ""
    supported_until: str = ""


def set_trust_store(
    actor: Actor, *, document: bytes, pin: str = "", request_key: str | None = None
) -> trust.TrustStore:
    """The next version of the trust store. The first one is trusted because `pin` (its SHA-256) came on another way."""
    actor.require(TRUST_SET)
    signed = envelope.parse(document, bytes_max=2 * trust.DOCUMENT_BYTES_MAX)
    store = trust.parse(signed.payload)
    row = {
        "version": str(store.version), "sha256": pin if store.version == 1 else store.sha256,
        "document": envelope.envelope_bytes(signed).decode(), "operator": badge(actor),
        "happened_at": format_instant(clock.now()),
    }  # fmt: skip
    if store.version == 1 and not pin:
        raise Invalid(
            "firmware.trust_pin_missing",
            f"Version 1 of a trust store is trusted by its SHA-256; this one has {store.sha256}.",
            {"sha256": store.sha256},
            "Compare it with what its issuer told you on another way, and give it as the pin.",
        )
    _state(actor, events.TRUST_SET, TrustStoresIntake, row, digest(document, pin.encode()), request_key)
    return store


def add_release(
    actor: Actor,
    *,
    draft: Draft,
    image: bytes,
    boot: Boot | None = None,
    device_encrypted: releases.DeviceEncrypted | None = None,
    provenance: bytes | None = None,
    request_key: str | None = None,
) -> register.Registered:
    """A draft with its image. The boot signature is checked here, where one is said; a refused image is not kept."""
    actor.require(FIRMWARE_DRAFT)
    images.refuse_size(image)
    first, second = releases.digests(image)
    row = _draft_row(actor, draft, image, first, second)
    if device_encrypted is not None:
        row["device_encrypted"] = json.dumps(vars(device_encrypted), sort_keys=True)
    if boot is not None and device_encrypted is None:
        found = check_boot_signature(image, boot.scheme, boot.public_pem)
        row["boot"] = json.dumps(vars(found), sort_keys=True)
    if provenance is not None:
        releases.parse_provenance(provenance, first)
        row["provenance"] = releases.digests(provenance)[0]
    content = digest(image, *(f"{name}={cell}".encode() for name, cell in sorted(row.items()) if name != "created_at"))
    kept: list[evidence.Kept] = []
    try:
        with recording(actor, events.DRAFTED, request_key=request_key, content=content) as entry:
            if standing_release(actor.tenant, draft.product, draft.role, draft.version):
                raise _in_history(draft)
            state_rows(entry, ReleaseDraftsIntake, checked_rows("release_drafts", [row]), missing=NOT_THERE)
            entry.notes = _named(draft.product, draft.role, draft.version)
            kept += _keep(entry, image, provenance, f"{draft.product}-{draft.role}-{draft.version}")
    except AlreadyRecorded:
        pass
    except BaseException:
        for each in kept:
            evidence.forget(each)
        raise
    sequencing.after_commit(actor.tenant)
    return register.release(actor.tenant, draft.product, draft.role, draft.version)


def _draft_row(actor: Actor, draft: Draft, image: bytes, first: str, second: str) -> dict[str, str]:
    lines = draft.change_log.replace("\r\n", "\n").split("\n") if draft.change_log else []
    if len(lines) > CHANGE_LINES_MAX:
        raise Invalid(
            "firmware.change_log_long",
            f"A change log has at most {CHANGE_LINES_MAX} lines, this one {len(lines)}.",
            {"lines": len(lines)},
            "Say what changed against the release before.",
        )
    return {
        "product": draft.product, "role": draft.role, "version": draft.version, "sha256": first, "sha512": second,
        "length": str(len(image)), "revisions": ";".join(draft.revisions),
        "security_relevant": "true" if draft.security_relevant else "false",
        "change_log": json.dumps(lines, ensure_ascii=False), "built_by": draft.built_by,
        "created_at": format_instant(clock.now()), "supported_until": draft.supported_until, "operator": badge(actor),
    }  # fmt: skip


def _keep(entry: Entry, image: bytes, provenance: bytes | None, name: str) -> list[evidence.Kept]:
    import io

    kept = images.keep(entry, image, register.newest_trust(entry.tenant), f"{name}.enc")
    found = [kept] if kept else []
    if provenance is not None:
        said = evidence.keep(entry.tenant, io.BytesIO(provenance), f"{name}.provenance.json", "firmware")
        said.record(entry)
        found.append(said)
    return found


def sign_release(
    actor: Actor, *, product: str, role: str, version: str, document: bytes, request_key: str | None = None
) -> register.Registered:
    """Record the signatures of an envelope over the draft's statement, made by release signers' keys elsewhere.

    `document` is the DSSE envelope. Signatures that are there already are passed over.
    """
    actor.require(FIRMWARE_RELEASE)
    found = register.release(actor.tenant, product, role, version)
    signed = releases.read(document)
    if signed.payload != found.statement.payload:
        raise Invalid(
            "firmware.statement_differs",
            f"The envelope is not about {found.name} as it was added.",
            {"release": found.name},
            "Sign the statement that `asbuilt firmware statement` writes.",
        )
    if found.state != register.DRAFT:
        raise errors.wrong_state(found.name, found.state, register.DRAFT)
    store, now = register.newest_trust(actor.tenant), clock.now()
    signers = trust.signers(store, trust.RELEASE_SIGNER, signed, now)
    if not signers:
        raise Refused(
            "firmware.signature_not_counted",
            "None of its signatures is by a release signer's key that counts now.",
            {"key_ids": [key_id for key_id, _ in signed.signatures], "version": store.version},
            "Sign with a release signer's key that the newest trust store knows.",
        )
    known = {each.key_id for each in found.signatures}
    rows = [
        {
            **_named(product, role, version), "key_id": key.key_id, "signature": base64_text(signature),
            "trust_version": str(store.version), "operator": badge(actor), "signed_at": format_instant(now),
        }
        for key in signers
        if key.key_id not in known
        for signature in [_signature_of(signed, key)]
    ]  # fmt: skip
    if rows:
        _state(actor, events.SIGNED, ReleaseSignaturesIntake, rows, digest(document), request_key)
    return register.release(actor.tenant, product, role, version)


def _signature_of(signed: envelope.Envelope, key: trust.TrustKey) -> bytes:
    message = envelope.pae(signed.payload_type, signed.payload)
    return next(signature for _, signature in signed.signatures if key.key.verify(message, signature))


def release_firmware(
    actor: Actor, *, product: str, role: str, version: str, request_key: str | None = None
) -> register.Registered:
    """The draft is released: from now on it may be permitted and is a firmware release like those of firmware.csv."""
    actor.require(FIRMWARE_RELEASE)
    content = digest(repr((product, role, version)).encode())
    try:
        with recording(actor, events.RELEASED, request_key=request_key, content=content) as entry:
            found = register.release(actor.tenant, product, role, version)
            if found.state != register.DRAFT:
                raise errors.wrong_state(found.name, found.state, register.DRAFT)
            store = register.newest_trust(actor.tenant)
            signers = _enough(store, found, entry.recorded_at)
            _refuse_alone(actor, found, signers)
            at = format_instant(entry.recorded_at)
            state = {
                **_named(product, role, version), "state": register.RELEASED, "trust_version": str(store.version),
                "operator": badge(actor), "happened_at": at,
            }  # fmt: skip
            state_rows(entry, ReleaseStatesIntake, checked_rows("release_states", [state]))
            row = {
                **_named(product, role, version), "sha256": found.statement.sha256, "revisions": found.cells[6],
                "released_at": at, "security_relevant": found.cells[7],
            }  # fmt: skip
            state_rows(entry, ReleasesIntake, checked_rows("firmware", [row]))
            entry.notes = {**_named(product, role, version), "signed_by": ", ".join(key.holder for key in signers)}
    except AlreadyRecorded:
        pass
    sequencing.after_commit(actor.tenant)
    return register.release(actor.tenant, product, role, version)


def _enough(store: trust.TrustStore, found: register.Registered, at: int) -> list[trust.TrustKey]:
    """The signers of a draft; Refused below the threshold of release signers."""
    signers = trust.signers(store, trust.RELEASE_SIGNER, found.envelope(), at)
    role = store.roles.get(trust.RELEASE_SIGNER)
    threshold, holders = role.threshold if role else 1, len({key.holder for key in signers})
    if holders < threshold:
        raise Refused(
            "firmware.signatures_missing",
            f"{holders} of the {threshold} holders needed signed {found.name} with keys that count now.",
            {"release": found.name, "signed": holders, "threshold": threshold},
            "Let the missing release signers sign its statement.",
        )
    return signers


def _refuse_alone(actor: Actor, found: register.Registered, signers: Sequence[trust.TrustKey]) -> None:
    """Refuse the one who added a draft to release it, where only one holder signed it; and whom the log cannot name as another one."""
    if len({key.holder for key in signers}) > 1:
        return
    sql = "SELECT body FROM ledger_entry WHERE tenant = %s AND number = %s"
    (body,) = reading.fetch_one(sql, (actor.tenant, found.entry))
    added = json.loads(body)["actor"]
    if actor.person is None or not added.startswith("person:"):
        raise Refused(
            "firmware.release_no_person",
            f"{found.name} was signed by one holder, and the system account is no person.",
            {"release": found.name},
            "Let a second release signer sign it, or two people add and release it by name: on the pages, or with --token.",
        )
    if added == actor.label:
        raise Refused(
            "firmware.release_needs_second",
            f"{found.name} was added by the same person and signed by one holder.",
            {"release": found.name},
            "Let a second release signer sign it, or somebody else release it.",
        )


def withdraw_release(
    actor: Actor, *, product: str, role: str, version: str, reason: str, request_key: str | None = None
) -> register.Registered:
    """The release is withdrawn for good: it cannot be permitted any more. Units that run it are found as before."""
    actor.require(FIRMWARE_RELEASE)
    found = register.release(actor.tenant, product, role, version)
    if found.state != register.RELEASED and not found.last(register.WITHDRAWN):
        raise errors.wrong_state(found.name, found.state, register.RELEASED)
    row = {
        **_named(product, role, version), "state": register.WITHDRAWN, "reason": reason, "operator": badge(actor),
        "happened_at": format_instant(clock.now()),
    }  # fmt: skip
    content = digest(repr((product, role, version, reason)).encode())
    _state(actor, events.WITHDRAWN, ReleaseStatesIntake, row, content, request_key)
    return register.release(actor.tenant, product, role, version)


def erase_image(actor: Actor, *, product: str, role: str, version: str, request_key: str | None = None) -> int:
    """Destroy the keys of a release's image, here and those sealed for recovery; returns the entry. Refused while kept."""
    actor.require(FIRMWARE_RELEASE)
    found = register.release(actor.tenant, product, role, version)
    sha256 = found.statement.sha256
    retention.refuse_kept(actor.tenant, sha256)
    try:
        with recording(actor, events.IMAGE_ERASED, request_key=request_key, content=digest(sha256.encode())) as entry:
            sql = (
                "UPDATE firmware_image SET wrapped_key = NULL, recovery = '', erased_by = %s WHERE tenant = %s AND sha256 = %s "
                "AND wrapped_key IS NOT NULL"
            )
            if not bulk.run(sql, (entry.number, actor.tenant, sha256)):
                raise Conflict("firmware.image_not_kept", f"The image of {found.name} is not kept any more.", {})
            entry.notes = {**_named(product, role, version), "erased_image": sha256}
            number = entry.number
    except AlreadyRecorded as known:
        number = known.number
    sequencing.after_commit(actor.tenant)
    return number


def _state(
    actor: Actor,
    type: str,
    intake: type[TableIntake],
    rows: Mapping[str, str] | Sequence[Mapping[str, str]],
    content: bytes,
    request_key: str | None,
) -> None:
    listed = [rows] if isinstance(rows, Mapping) else rows
    try:
        with recording(actor, type, request_key=request_key, content=content) as entry:
            state_rows(entry, intake, checked_rows(intake.table, listed), missing=NOT_THERE)
            entry.notes = {name: listed[0][name] for name in ("product", "role", "version") if name in listed[0]}
    except AlreadyRecorded:
        pass
    sequencing.after_commit(actor.tenant)


def _named(product: str, role: str, version: str) -> dict[str, str]:
    return {"product": product, "role": role, "version": version}


def _in_history(draft: Draft) -> Conflict:
    return Conflict(
        "firmware.release_in_history",
        f"{draft.product} {draft.role} {draft.version} was loaded as history, without signatures.",
        {"product": draft.product, "role": draft.role, "version": draft.version},
        "Give the release a version of its own.",
    )
