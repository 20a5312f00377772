"""An archive folder taken into a home: what another home released, with its trust store, signatures, states and images.

    import_archive(actor, folder, recovery=key, pin=…)  -> Taken

First the whole folder is checked (archive.verify_folder) and held against what is here: whatever differs is refused by name
and nothing is taken. Then the trust store's versions that are missing, then release by release what is missing of it: draft,
signatures, states, the firmware release, image and provenance, each release in a transaction of its own. So the import goes on
where it was interrupted, and a second one takes nothing. What is here and further along (a withdrawal, more versions) stays.

Images open with the recovery key alone and are encrypted anew under this home's keys. The log's proof of when a release was
recorded is the other home's; it is kept as evidence, and `archive write` writes it again: signatures are judged by that time.
"""

import io
import json
from dataclasses import dataclass, field
from pathlib import Path

from asbuilt.access.actor import Actor
from asbuilt.access.rights import HISTORY_IMPORT
from asbuilt.designed.catalog.queries import standing_revisions
from asbuilt.designed.firmware import archive, errors, events, images, register
from asbuilt.designed.firmware.intake import ReleasesIntake
from asbuilt.designed.firmware.queries import standing_release
from asbuilt.designed.firmware.register_intake import (
    ReleaseDraftsIntake,
    ReleaseSignaturesIntake,
    ReleaseStatesIntake,
    TrustStoresIntake,
)
from asbuilt.kernel import envelope, releases, sealing, trust
from asbuilt.kernel.errors import Conflict, Invalid, NotFound, Tampered
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.notes import base64_text
from asbuilt.ledger import clock, evidence, sequencing
from asbuilt.ledger.one_row import checked_rows, state_rows
from asbuilt.ledger.recording import Entry, recording

FAULTS_NAMED_MAX = 50


@dataclass
class Taken:
    """What an import took: versions of the trust store, releases of which something was missing, images; what was here
    before; and in sentences what was left out."""

    origin: str
    trust_versions: int = 0
    releases: int = 0
    images: int = 0
    known: int = 0
    left: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Archived:
    """A release of the archive: what the index says of it, its statement, its signatures."""

    said: dict
    statement: releases.ReleaseStatement
    signed: envelope.Envelope

    @property
    def key(self) -> tuple[str, str, str]:
        return self.statement.product, self.statement.role, self.statement.version


def import_archive(actor: Actor, folder: Path, *, recovery: sealing.SealingKey, pin: str = "") -> Taken:
    """Check the folder, hold it against this home, take what is missing. Refused by name where anything differs."""
    actor.require(HISTORY_IMPORT)
    errors.refuse_party(actor)
    kept = register.trust_documents(actor.tenant)
    pinned = _pin(kept, pin)
    checked = archive.verify_folder(folder, pin=pinned, recovery=recovery)
    if checked.findings:
        first = checked.findings[0]
        raise Tampered(
            "firmware.archive_differs",
            f"{first.of}: {first.what} Nothing of the archive was taken.",
            {"findings": [vars(one) for one in checked.findings[:FAULTS_NAMED_MAX]]},
            "Get the folder again, whole, or check it with `asbuilt firmware archive verify`.",
        )
    index = archive.index_of(folder)
    stores = archive.trust_files(folder)
    found = [_archived(folder, said) for said in index["releases"]]
    _refuse_other_trust(actor.tenant, stores)
    _refuse_unknown_products(actor.tenant, found)
    for one in found:
        _refuse_other(actor.tenant, one)
    taken = Taken(index["origin"])
    for document in stores[len(kept) :]:
        _take_trust(actor, document)
        taken.trust_versions += 1
    released = [one for one in register.registered(actor.tenant) if one.last(register.RELEASED)]
    proved = archive.proof_facts(actor.tenant, released)
    for one in found:
        _take(actor, folder, one, recovery, taken, proved=one.key in proved)
    sequencing.after_commit(actor.tenant)
    return taken


def _pin(kept: list[tuple[int, bytes, str]], pin: str) -> str:
    """SHA-256 of version 1 of the trust store: the one of this home, or the one that was given."""
    if not kept and not pin:
        raise Invalid(
            "firmware.archive_pin_missing",
            "No trust store is set here, so nothing says whose archive to believe.",
            {},
            "Give the SHA-256 of version 1 of its trust store as --pin, as its issuer told you on another way.",
        )
    if kept and pin and pin != kept[0][2]:
        raise Conflict(
            "firmware.archive_other_trust",
            "The pin is not version 1 of the trust store that is set here.",
            {"pin": pin[:64], "here": kept[0][2]},
            "Take an archive of another issuer into a home of its own.",
        )
    return kept[0][2] if kept else pin


def _refuse_other_trust(tenant: int, stores: list[bytes]) -> None:
    """Conflict where a version that both have is not the same."""
    for (version, _, here), document in zip(register.trust_documents(tenant), stores, strict=False):
        there = trust.parse(envelope.parse(document, bytes_max=2 * trust.DOCUMENT_BYTES_MAX).payload).sha256
        if there != here:
            raise Conflict(
                "firmware.archive_other_trust",
                f"Version {version} of the trust store is {here[:16]}… here, {there[:16]}… in the archive.",
                {"version": version, "here": here, "archive": there},
                "Find out which one the roots signed: there must be one version of it.",
            )


def _refuse_unknown_products(tenant: int, found: list[_Archived]) -> None:
    missing: dict[str, set[str]] = {}
    for one in found:
        known = standing_revisions(tenant, one.statement.product)
        if not known or set(one.statement.revisions) - set(known):
            missing.setdefault(one.statement.product, set()).update(set(one.statement.revisions) - set(known))
    if missing:
        said = "; ".join(f"{product} {', '.join(sorted(codes))}".strip() for product, codes in sorted(missing.items()))
        raise NotFound(
            "firmware.archive_product_unknown",
            f"The archive has releases for what no BOM names here: {said[:400]}.",
            {"products": {product: sorted(codes) for product, codes in missing.items()}},
            "Load parts.csv and bom.csv of these products first.",
        )


def _archived(folder: Path, said: dict) -> _Archived:
    if type(said.get("signatures")) is not list or "withdrawn_at" not in said:
        raise Invalid(
            "firmware.archive_too_old",
            f"The index does not say when {said['name']} was signed or withdrawn.",
            {"release": said["name"]},
            "Write the archive again at its home.",
        )
    signed = releases.read(archive.needed(folder, f"releases/{said['number']}/release.json"))
    return _Archived(said, releases.parse(signed.payload), signed)


def _refuse_other(tenant: int, one: _Archived) -> None:
    """Conflict where this home says otherwise of the same release."""
    name = " ".join(one.key)
    here = register.registered(tenant, *one.key)
    if not here:
        if standing_release(tenant, *one.key) is not None:
            raise Conflict(
                "firmware.release_in_history", f"{name} was loaded as history, without signatures.", {"release": name},
                "Withdraw its row of firmware.csv, then import the archive again.",
            )  # fmt: skip
        return
    released, provenance = here[0].last(register.RELEASED), here[0].provenance
    differs = [
        what
        for what, other in (
            ("statement", here[0].statement.payload != one.statement.payload),
            ("released_at", released and format_instant(released.happened_at) != one.said["released_at"]),
            ("trust_version", released and released.trust_version != one.said["trust_version"]),
            ("provenance", provenance != one.said["provenance"]),
        )
        if other
    ]
    if differs:
        raise Conflict(
            "firmware.archive_other_release",
            f"{name} is another release here: its {', '.join(differs)} differs. Nothing of the archive was taken.",
            {"release": name, "differs": differs},
            "Find out which of both homes is right; a version is released once.",
        )


def _take_trust(actor: Actor, document: bytes) -> None:
    store = trust.parse(envelope.parse(document, bytes_max=2 * trust.DOCUMENT_BYTES_MAX).payload)
    with recording(actor, events.ARCHIVE_TAKEN) as entry:
        row = {
            "version": str(store.version), "sha256": store.sha256,
            "document": envelope.envelope_bytes(envelope.parse(document, bytes_max=2 * trust.DOCUMENT_BYTES_MAX)).decode(),
            "operator": "", "happened_at": format_instant(clock.now()),
        }  # fmt: skip
        state_rows(entry, TrustStoresIntake, checked_rows("trust_stores", [row]))
        entry.notes = {"trust_version": store.version}


def _take(
    actor: Actor, folder: Path, one: _Archived, recovery: sealing.SealingKey, taken: Taken, *, proved: bool
) -> None:
    """What is missing of one release, in one transaction."""
    here = register.registered(actor.tenant, *one.key)
    rows = _missing_rows(one, here[0] if here else None)
    kept = images.kept_image(actor.tenant, one.statement.sha256)
    name, with_image = " ".join(one.key), kept is None and one.said["keys"] > 0
    if kept is not None and kept.wrapped_key is None:
        taken.left.append(f"The image of {name}: it was erased here by entry {kept.erased_by}.")
    elif kept is None and not with_image:
        taken.left.append(f"The image of {name}: the archive has none.")
    if not rows and not with_image and proved:
        taken.known += 1
        return
    named = dict(zip(archive.NAMED, one.key, strict=True))
    stored: list[evidence.Kept] = []
    try:
        with recording(actor, events.ARCHIVE_TAKEN) as entry:
            for intake, listed in rows:
                state_rows(entry, intake, checked_rows(intake.table, listed))
            entry.notes = {**named, "origin": taken.origin}
            _keep_proof(entry, folder, one, stored)
            if with_image:
                image = archive.open_archived(folder, one.statement.sha256, recovery)
                releases.check_image(one.statement, image)
                made = images.keep(entry, image, register.newest_trust(actor.tenant), f"{'-'.join(one.key)}.enc")
                stored += [made] if made else []
    except BaseException:
        for each in stored:
            evidence.forget(each)
        raise
    taken.releases += bool(rows)
    taken.images += with_image


def _keep_proof(entry: Entry, folder: Path, one: _Archived, stored: list[evidence.Kept]) -> None:
    """The other log's proof of the release with its keys, and the provenance of the build, as evidence of this entry."""
    place = f"releases/{one.said['number']}"
    files = {"log_proof": f"{place}/log-proof.txt", "log_keys": "keys.txt"}
    if one.said["provenance"]:
        files["provenance"] = f"{place}/provenance.json"
    for what, file in files.items():
        content = archive.needed(folder, file)
        made = evidence.keep(entry.tenant, io.BytesIO(content), f"{'-'.join(one.key)}.{what}", "firmware")
        stored.append(made)
        made.record(entry)
        entry.notes = {**entry.notes, what: made.sha256}


def _missing_rows(one: _Archived, here: register.Registered | None) -> list[tuple]:
    """(intake, rows) of what this home does not have of the release, in the order in which one rests on another."""
    product, role, version = one.key
    named = {"product": product, "role": role, "version": version, "operator": ""}
    released_at, trust_version = one.said["released_at"], str(one.said["trust_version"])
    found: list[tuple] = [] if here else [(ReleaseDraftsIntake, [_draft_row(one)])]
    signed = {each.key_id for each in here.signatures} if here else set()
    moments = {each["key_id"]: each for each in one.said["signatures"]}
    listed = [
        {
            **named, "key_id": key_id, "signature": base64_text(signature),
            "trust_version": str(moments[key_id]["trust_version"]), "signed_at": moments[key_id]["signed_at"],
        }
        for key_id, signature in one.signed.signatures
        if key_id not in signed and key_id in moments
    ]  # fmt: skip
    if listed:
        found.append((ReleaseSignaturesIntake, listed))
    if here is None or not here.last(register.RELEASED):
        state = {**named, "state": register.RELEASED, "trust_version": trust_version, "happened_at": released_at}
        found.append((ReleaseStatesIntake, [state]))
        row = {
            **named, "sha256": one.statement.sha256, "revisions": ";".join(one.statement.revisions),
            "released_at": released_at, "security_relevant": "true" if one.statement.security_relevant else "false",
        }  # fmt: skip
        row.pop("operator")
        found.append((ReleasesIntake, [row]))
    if one.said["withdrawn_at"] and (here is None or not here.last(register.WITHDRAWN)):
        gone = {"state": register.WITHDRAWN, "reason": one.said["withdrawn"], "happened_at": one.said["withdrawn_at"]}
        found.append((ReleaseStatesIntake, [{**named, **gone}]))
    return found


def _draft_row(one: _Archived) -> dict[str, str]:
    of = one.statement
    return {
        "product": of.product, "role": of.role, "version": of.version, "sha256": of.sha256, "sha512": of.sha512,
        "length": str(of.length), "revisions": ";".join(of.revisions),
        "security_relevant": "true" if of.security_relevant else "false",
        "change_log": json.dumps(of.change_log.split("\n") if of.change_log else [], ensure_ascii=False),
        "built_by": of.built_by, "created_at": format_instant(of.created_at), "supported_until": of.supported_until,
        "boot": json.dumps(vars(of.boot), sort_keys=True) if of.boot else "",
        "device_encrypted": json.dumps(vars(of.device_encrypted), sort_keys=True) if of.device_encrypted else "",
        "provenance": one.said["provenance"], "operator": "",
    }  # fmt: skip
