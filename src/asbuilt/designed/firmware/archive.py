"""The archive: every release as files that prove themselves in ten years, and the check of them.

    write_archive(actor, folder)            verify_folder(folder, …)         verify_register(tenant, …)

    index.json               DSSE, signed by the tenant's record key: each release, its files and their SHA-256
    keys.txt                 the public keys of the log; version 1 of the trust store by its SHA-256
    VERIFY.txt               how to check all this with nothing of ours
    trust/1.json …           every version of the trust store
    releases/N/release.json  the signed statement (DSSE); change-log.txt; provenance.json where there is one
    releases/N/log-proof.txt the log's entry of the release, its proof, the signed head: when it was released
    images/SHA256.enc        encrypted bytes, each image once; images/SHA256.key-N the image key sealed for a recovery key

`--at DATE` asks what was known on that day: the trust store that was newest then, releases made until then. A signature is
judged by the time at which the log recorded the release, never by today's, so nothing expires while it lies here.

Folder and register are checked in the same order: chain of the trust store, signatures, log proof, image bytes where a key
opens them. The first fault of a release is a finding; the others are checked all the same.
"""

import base64
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_EXPORT
from asbuilt.designed.firmware import events, images, register, retention
from asbuilt.kernel import envelope, merkle, notes, releases, sealing, trust
from asbuilt.kernel.canonical import canonical_bytes, parse_strict
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotFound, Refused
from asbuilt.kernel.instants import format_instant, parse_instant
from asbuilt.kernel.keys import ED25519, PublicKey
from asbuilt.ledger import evidence, keyring, origins, proofs, sequencing
from asbuilt.storage import reading

NAMED = ("product", "role", "version")
INDEX_TYPE = "application/vnd.asbuilt.firmware-archive+json;v=1"
RELEASES_MAX = 100_000
FILE_BYTES_MAX = images.IMAGE_BYTES_MAX + (1 << 20)
VERIFY_TEXT = (Path(__file__).with_name("data") / "verify.txt").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Finding:
    """One fault: of which release or file, its code, a sentence."""

    of: str
    code: str
    what: str


@dataclass
class Verified:
    """What was checked: releases, signatures, images whose bytes were opened; what was not, and every fault."""

    releases: int = 0
    signatures: int = 0
    images: int = 0
    not_checked: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def refused(self, of: str, refusal: AsbuiltError) -> None:
        """A fault that a check raised."""
        self.findings.append(Finding(of, refusal.code, refusal.message))


def end_of(day: date | None) -> int | None:
    """The instant before which everything of that day lies, UTC microseconds; None for no day, and for the last one that there is."""
    return (
        None if day is None or day == date.max else parse_instant(f"{(day + timedelta(days=1)).isoformat()}T00:00:00Z")
    )


def verify_register(actor: Actor, *, at: date | None = None, with_images: bool = True) -> Verified:
    """Check every release that the register keeps, as known at the end of that day (None: now)."""
    actor.require(RECORD_EXPORT)
    found, until = Verified(), end_of(at)
    try:
        chain = [store for store in register.trust_chain(actor.tenant) if until is None or store.issued_at < until]
    except AsbuiltError as refusal:
        found.refused("trust store", refusal)
        return found
    opened: set[str] = set()
    for release in register.registered(actor.tenant):
        released = release.last(register.RELEASED)
        if released is None or (until is not None and released.happened_at >= until):
            continue
        found.releases += 1
        try:
            found.signatures += len(register.check_signatures(release, chain, released.happened_at))
            if with_images and release.statement.sha256 not in opened:
                opened.add(release.statement.sha256)
                releases.check_image(release.statement, images.open_image(actor.tenant, release.statement.sha256))
                found.images += 1
        except AsbuiltError as refusal:
            found.refused(release.name, refusal)
    if not with_images:
        found.not_checked.append("Image bytes: they were left out.")
    return found


def write_archive(actor: Actor, folder: Path) -> dict:
    """Write the archive into an empty folder; returns its index. Needs no key of an image: nothing is opened."""
    actor.require(RECORD_EXPORT)
    if folder.exists() and any(folder.iterdir()):
        raise Refused(
            "firmware.archive_folder_filled",
            f"{folder} is not empty.",
            {"folder": str(folder)},
            "Give an empty folder.",
        )
    sequencing.after_commit(actor.tenant)
    written = _Written(folder)
    with reading.snapshot():
        found = [one for one in register.registered(actor.tenant) if one.last(register.RELEASED)]
        known = proof_facts(actor.tenant, found)
        _refuse_unproved([one.name for one in found if one.key not in known])
        kept = register.trust_documents(actor.tenant)
        for version, document, _ in kept:
            written.file(f"trust/{version}.json", document)
        origin = origins.origin(actor.tenant)
        keys = _keys(actor.tenant, known.values(), keyring.public_keys(origin).splitlines())
        written.file("keys.txt", "\n".join([f"trust {kept[0][2] if kept else ''}", *keys, ""]).encode())
        written.file("VERIFY.txt", VERIFY_TEXT.encode())
        said = [
            _write_release(actor.tenant, number, one, known[one.key], written) for number, one in enumerate(found, 1)
        ]
        index = {"files": written.hashes, "origin": origin, "releases": said, "schema": 1}
    signed = envelope.sign(INDEX_TYPE, canonical_bytes(index), keyring.record_private(origin))
    written.put("index.json", signed)
    return index


class _Written:
    """Files of a folder, each with its SHA-256."""

    def __init__(self, folder: Path):
        self.folder, self.hashes = folder, {}

    def file(self, name: str, content: bytes) -> None:
        """Write a file once."""
        if name not in self.hashes:
            self.hashes[name] = sha256(content).hexdigest()
            self.put(name, content)

    def put(self, name: str, content: bytes) -> None:
        """Write the bytes and see them on the disk."""
        place = self.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with open(place, "xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())


def _write_release(tenant: int, number: int, one: register.Registered, proved: dict, written: _Written) -> dict:
    statement, released = one.statement, one.last(register.RELEASED)
    place = f"releases/{number}"
    written.file(f"{place}/release.json", envelope.envelope_bytes(one.envelope()))
    written.file(f"{place}/change-log.txt", (statement.change_log + "\n").encode())
    written.file(f"{place}/log-proof.txt", _proof(tenant, one, proved))
    if one.provenance:
        written.file(f"{place}/provenance.json", b"".join(evidence.open_evidence(tenant, one.provenance)))
    kept = images.kept_image(tenant, statement.sha256)
    if kept is not None and kept.wrapped_key is not None:
        sealed = b"".join(evidence.open_evidence(tenant, kept.stored_sha256))
        written.file(f"images/{statement.sha256}.enc", sealed)
        for at, key in enumerate(kept.recovery, 1):
            written.file(f"images/{statement.sha256}.key-{at}", key)
    withdrawn, until = one.last(register.WITHDRAWN), retention.of_release(one)
    return {
        "image": statement.sha256,
        "keep_until": format_instant(until.until),
        "keys": len(kept.recovery) if kept is not None else 0,
        "name": one.name,
        "number": number,
        "provenance": one.provenance,
        "released_at": format_instant(released.happened_at),
        "rule_set": until.rule_set,
        "signatures": [
            {"key_id": each.key_id, "signed_at": format_instant(each.signed_at), "trust_version": each.trust_version}
            for each in one.signatures
        ],
        "trust_version": released.trust_version,
        "withdrawn": withdrawn.reason if withdrawn else "",
        "withdrawn_at": format_instant(withdrawn.happened_at) if withdrawn else "",
    }


def proof_facts(tenant: int, found: list[register.Registered]) -> dict[tuple[str, str, str], dict]:
    """Release -> what the entry says that proves when it was released: our own, or one that took it from an archive.

    A release that came by release_states.csv alone has none: the entry of a table names no release.
    """
    sql = "SELECT body FROM ledger_entry WHERE tenant = %s AND type = %s ORDER BY number"
    said = [json.loads(body)["facts"] for (body,) in reading.fetch(sql, (tenant, events.ARCHIVE_TAKEN))]
    proofs_of = {tuple(each.get(name) for name in NAMED): each for each in said if each.get("log_proof")}
    for one in found:
        row = reading.fetch_one(
            "SELECT body FROM ledger_entry WHERE tenant = %s AND number = %s",
            (tenant, one.last(register.RELEASED).entry),
        )
        own = json.loads(row[0])["facts"]
        if tuple(own.get(name) for name in NAMED) == one.key and not own.get("log_proof"):
            proofs_of[one.key] = own
    return proofs_of


def _refuse_unproved(names: list[str]) -> None:
    if names:
        raise Refused(
            "firmware.archive_no_proof",
            f"{names[0]} came by tables, and no log here proves when it was released.",
            {"releases": names[:50]},
            "Take the archive of the home that released it: `asbuilt firmware archive import`.",
        )


def _proof(tenant: int, one: register.Registered, said: dict) -> bytes:
    """The log's proof of a release: ours, or that of the log it was taken from."""
    if said.get("log_proof"):
        return b"".join(evidence.open_evidence(tenant, said["log_proof"]))
    shown = proofs.entry_proof(tenant, one.last(register.RELEASED).entry)
    path = [notes.strict_base64(node) for node in shown["proof"]]
    note = sequencing.head(tenant)[3]
    return notes.format_proof(shown["index"], path, note, shown["leaf"].encode()).encode()


def _keys(tenant: int, said: Iterable[dict], own: list[str]) -> list[str]:
    """Lines of keys.txt: the keys of our log, and the log keys of those that releases were taken from."""
    lines = dict.fromkeys(own)
    for kept in dict.fromkeys(each.get("log_keys") for each in said):
        text = b"".join(evidence.open_evidence(tenant, kept)).decode() if kept else ""
        lines.update(dict.fromkeys(line for line in text.splitlines() if not line.startswith(("trust ", "record "))))
    return [line for line in lines if line]


def verify_folder(
    folder: Path,
    *,
    pin: str = "",
    at: date | None = None,
    recovery: sealing.SealingKey | None = None,
    log_keys: Sequence[str] = (),
    record_keys: Sequence[str] = (),
) -> Verified:
    """Check an archive folder, with no database. From another way come `pin`, the SHA-256 of version 1 of the trust store,
    `log_keys` (vkeys) and `record_keys` (as keys.txt writes them: base64 of the public key); what is missing of them is
    taken from the folder, and said so. With the recovery key images are opened too."""
    found, until = Verified(), end_of(at)
    index = index_of(folder, record_keys)
    for name, expected in sorted(index["files"].items()):
        content = _read(folder, name)
        if content is None or sha256(content).hexdigest() != expected:
            what = "missing" if content is None else "changed"
            found.findings.append(Finding(name, "firmware.archive_file_changed", f"{name} is {what}."))
    named, *keys = (_read(folder, "keys.txt") or b"").decode("utf-8", "replace").splitlines() or [""]
    if not pin:
        found.not_checked.append("Where the trust store comes from: no pin was given, the archive's own was taken.")
    if not log_keys:
        found.not_checked.append(
            "Whose log it is, and so when each release was made: no log key was given, keys.txt was taken."
        )
    if not record_keys:
        found.not_checked.append("Whose record wrote the index: no record key was given, keys.txt was taken.")
    try:
        chain = trust.open_chain(trust_files(folder), pin or named.removeprefix("trust "))
    except AsbuiltError as refusal:
        found.refused("trust store", refusal)
        return found
    chain = [store for store in chain if until is None or store.issued_at < until]
    own = [line for line in keys if line and not line.startswith("record ")]
    vkeys = [notes.parse_vkey(line) for line in log_keys or own]
    opened: set[str] = set()
    for said in index["releases"]:
        if until is not None and parse_instant(said["released_at"]) >= until:
            continue
        found.releases += 1
        try:
            statement = _check_release(folder, said, chain, vkeys, found)
            if not said.get("keys", 1):
                found.not_checked.append(f"Image of {said['name']}: its home did not keep it any more.")
            elif recovery is not None and statement.sha256 not in opened:
                opened.add(statement.sha256)
                releases.check_image(statement, open_archived(folder, statement.sha256, recovery))
                found.images += 1
        except AsbuiltError as refusal:
            found.refused(said["name"], refusal)
    if recovery is None:
        found.not_checked.append(
            "Image bytes: no recovery key was given. Their encrypted bytes are those of the index."
        )
    return found


def open_archived(folder: Path, image_sha256: str, recovery: sealing.SealingKey) -> bytes:
    """An image of an archive folder, with the recovery key and the files alone."""
    sealed = needed(folder, f"images/{image_sha256}.enc")
    for number in range(1, 100):
        key = _read(folder, f"images/{image_sha256}.key-{number}")
        if key is None:
            break
        if sealing.parse(key).key_id == recovery.public.key_id:
            return images.unwrapped(sealed, recovery.open(key, sealing.IMAGE_KEY), image_sha256)
    raise NotFound(
        "firmware.archive_key_unfit",
        f"Image {image_sha256[:16]}… is not sealed for this recovery key.",
        {"key_id": recovery.public.key_id},
        "Give the recovery key that the trust store named when the image was added.",
    )


def _check_release(folder: Path, said: dict, chain, vkeys, found: Verified) -> releases.ReleaseStatement:
    place = f"releases/{said['number']}"
    at = _logged_at(needed(folder, f"{place}/log-proof.txt"), vkeys, said)
    store = next((each for each in chain if each.version == said["trust_version"]), None)
    if store is None:
        raise NotFound(
            "firmware.trust_version_unknown", f"There is no version {said['trust_version']} of the trust store.", {}, ""
        )
    known = {**store.revoked, **chain[-1].revoked}
    judged = trust.TrustStore(
        store.store, store.version, store.previous, store.issued_at, store.epoch, store.keys, store.roles, known
    )
    statement, _, signers = releases.check(needed(folder, f"{place}/release.json"), judged, at)
    found.signatures += len(signers)
    if (statement.sha256, f"{statement.product} {statement.role} {statement.version}") != (said["image"], said["name"]):
        raise _bad(f"{place} is not the release that the index names")
    return statement


def _logged_at(proof: bytes, vkeys: list[notes.VerifierKey], said: dict) -> int:
    """When the log recorded the release: its entry, proved up to a signed head."""
    index, path, note, leaf = notes.parse_proof(proof.decode("utf-8", "replace"))
    head = notes.verify_checkpoint(note, vkeys)
    if leaf is None or not merkle.verify_inclusion(merkle.leaf_hash(leaf), index, head.size, path, head.root):
        raise _bad(f"the log's proof of {said['name']} does not lead to its head")
    entry = parse_strict(leaf, nesting_max=8)
    facts = entry.get("facts") if type(entry) is dict else None
    named = type(facts) is dict and " ".join(str(facts.get(name)) for name in NAMED)
    if named != said["name"] or type(entry.get("at")) is not str:
        raise _bad(f"the log's entry is not the release of {said['name']}")
    return parse_instant(entry["at"])


def index_of(folder: Path, record_keys: Sequence[str] = ()) -> dict:
    """What the index says that these keys signed, else those of keys.txt; Invalid where it is none."""
    signed = envelope.parse(needed(folder, "index.json"))
    keys = (_read(folder, "keys.txt") or b"").decode("utf-8", "replace").splitlines()
    record = [line.split(" ")[2] for line in keys if line.startswith("record ") and line.count(" ") == 2]
    try:
        envelope.verify(signed, [PublicKey(ED25519, base64.b64decode(text)) for text in record_keys or record])
        index = parse_strict(signed.payload)
        right = signed.payload_type == INDEX_TYPE and index["schema"] == 1 and len(index["releases"]) <= RELEASES_MAX
        shape = {"image": str, "name": str, "number": int, "released_at": str, "trust_version": int}
        right = right and all(type(one[name]) is kind for one in index["releases"] for name, kind in shape.items())
        right = right and all(type(text) is str for text in index["files"].values())
    except (KeyError, TypeError, ValueError):
        right = False
    if not right:
        raise _bad("its index is not one of ours")
    return index


def trust_files(folder: Path) -> list[bytes]:
    """Every version of the trust store in the folder, the first one first."""
    found: list[bytes] = []
    while (folder / f"trust/{len(found) + 1}.json").is_file():
        found.append(needed(folder, f"trust/{len(found) + 1}.json"))
    return found


def _read(folder: Path, name: str) -> bytes | None:
    root = folder.resolve()
    place = (root / name).resolve()
    if not place.is_relative_to(root) or not place.is_file() or place.stat().st_size > FILE_BYTES_MAX:
        return None
    return place.read_bytes()


def needed(folder: Path, name: str) -> bytes:
    """The bytes of a file of the folder; NotFound where it is not there."""
    content = _read(folder, name)
    if content is None:
        raise NotFound(
            "firmware.archive_file_missing",
            f"{name} is not in {folder}.",
            {"file": name},
            "Give a folder that `asbuilt firmware archive write` made, whole.",
        )
    return content


def _bad(reason: str) -> Invalid:
    return Invalid(
        "firmware.archive_malformed", f"This is no archive: {reason}.", remedy="Get the folder again, whole."
    )
