"""Signed packages: the record of a shipment, the technical file of a product or the answers of an EMS as one ZIP file that a stranger checks with two
public keys, no database and no network. All are of one form and differ in what they say of themselves (`Kind`).

    manifest.json     what it is of, a signed checkpoint of the log, and for every other file its length and SHA-256
    signature.json    a DSSE envelope around the very bytes of manifest.json, signed by the record key
    units.csv, materials.csv, tests.csv, firmware.csv, …

The check goes in this order and stops at the first fault, each with a code of its own: a ZIP within limits, the signature, the manifest as it was
signed, the checkpoint, every file by its name, and last the ZIP itself: it is put together again from its files and must be the same to the
last byte, so that nothing can hide between them. Files are stored, never compressed: what was read is what was hashed.

    build(said, files, sign=…, kind=SHIPMENT)   -> the bytes           check(document, record_keys=…, log_vkeys=…)   -> CheckedPackage

Standards: PKWARE APPNOTE (ZIP), DSSE v1.0, RFC 8785 for the manifest.
"""

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from asbuilt.kernel import envelope, notes
from asbuilt.kernel.canonical import canonical_bytes, parse_strict
from asbuilt.kernel.errors import Invalid, Refused, Tampered
from asbuilt.kernel.keys import PublicKey

PACKAGE_TYPE = "application/vnd.asbuilt.shipment-package+json"
PACKAGE_FORMAT = "asbuilt.shipment-package/1"
MANIFEST, SIGNATURE = "manifest.json", "signature.json"
FILES_MAX = 1_000
BESIDE_BYTES = 1024**2  # manifest, signature and the ZIP's own
BYTES_MAX = 256 * 1024**2  # what is built, and what `asbuilt verify` reads
PROVES = "This is what the holder of the key recorded of these units, unaltered, with the log at this checkpoint."
CANNOT_PROVE = "That nothing was left out is the signer's word; an auditor with the whole log can test it."


@dataclass(frozen=True)
class Kind:
    """A kind of package: what its envelope and manifest say, what people call it, what it proves and cannot prove."""

    type: str
    format: str
    name: str
    proves: str = PROVES
    cannot_prove: str = CANNOT_PROVE


SHIPMENT = Kind(PACKAGE_TYPE, PACKAGE_FORMAT, "as-built package")
TECHNICAL_FILE = Kind(
    "application/vnd.asbuilt.technical-file+json", "asbuilt.technical-file/1", "technical file",
    "This is what the holder of the key had on file for this product, unaltered, with the log at this checkpoint.",
    "That nothing was left out, and that what is on file is enough, no signature proves.",
)  # fmt: skip
EMS_REPORT = Kind(
    "application/vnd.asbuilt.ems-report+json", "asbuilt.ems-report/1", "EMS report",
    "These are the answers of the holder of the key, unaltered; figures marked `record` were counted in its record at this checkpoint.",
    "That the record is true to the floor, and answers marked `stated`, no signature proves.",
)  # fmt: skip
KINDS = {one.type: one for one in (SHIPMENT, TECHNICAL_FILE, EMS_REPORT)}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}").fullmatch
_DATE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class CheckedPackage:
    """A package after the check: nothing in it was taken from unchecked bytes. `files` holds every file but manifest and signature."""

    manifest: dict
    checkpoint: notes.Checkpoint
    files: dict[str, bytes]
    proves: str = PROVES
    cannot_prove: str = CANNOT_PROVE
    kind: Kind | None = None


def is_package(document: bytes) -> bool:
    """Whether these bytes begin as a ZIP does."""
    return document[:4] == b"PK\x03\x04"


def build(
    said: Mapping[str, object], files: Mapping[str, bytes], sign: Callable[[bytes], bytes], kind: "Kind | None" = None
) -> bytes:
    """The package: `said` is what the manifest says besides its files, `sign` gives the envelope around its bytes. Refused beyond what
    can be checked again."""
    size = sum(map(len, files.values()))
    if size > BYTES_MAX - BESIDE_BYTES:
        told = f"Its files have {size / 1024**2:,.0f} MiB; a package has at most {BYTES_MAX // 1024**2} MiB."
        facts = {"bytes": size, "limit": BYTES_MAX}
        raise Refused("kernel.package_too_large", told, facts, "Ask for less at once.")
    listed = [
        {"name": name, "bytes": len(body), "sha256": sha256(body).hexdigest()} for name, body in sorted(files.items())
    ]
    manifest = canonical_bytes({"format": (kind or SHIPMENT).format, **said, "files": listed})
    return _zip({MANIFEST: manifest, SIGNATURE: sign(manifest), **dict(sorted(files.items()))})


def check(
    document: bytes, *, record_keys: Sequence[PublicKey], log_vkeys: Sequence[notes.VerifierKey]
) -> CheckedPackage:
    """Check a package; raises Invalid where it is malformed and Tampered where it does not hold, with the file's name."""
    found = _read(document)
    for name in (MANIFEST, SIGNATURE):
        if name not in found:
            raise _malformed(f"it has no {name}")
    signed = envelope.parse(found[SIGNATURE])
    kind = KINDS.get(signed.payload_type)
    if kind is None:
        raise _malformed("it is signed as something else")
    if envelope.verify(signed, record_keys) != found[MANIFEST]:
        raise _changed(MANIFEST, "is not what was signed")
    manifest = parse_strict(found[MANIFEST])
    if (
        type(manifest) is not dict
        or manifest.get("format") != kind.format
        or type(manifest.get("checkpoint")) is not str
    ):
        raise Invalid(
            "kernel.document_format",
            f"It has another format than {kind.format}.",
            remedy="A newer version of Asbuilt may read it.",
        )
    checkpoint = notes.verify_checkpoint(manifest["checkpoint"], log_vkeys)
    listed = _listed(manifest)
    for name, (length, digest) in listed.items():
        if name not in found:
            raise _changed(name, "is missing")
        if len(found[name]) != length or sha256(found[name]).hexdigest() != digest:
            raise _changed(name, "was changed")
    for name in found:
        if name not in listed and name not in (MANIFEST, SIGNATURE):
            raise _changed(name, "was added")
    if _zip(found) != document:
        raise _changed("the ZIP file itself", "holds other bytes than its files")
    files = {name: found[name] for name in listed}
    return CheckedPackage(manifest, checkpoint, files, kind.proves, kind.cannot_prove, kind)


def _listed(manifest: dict) -> dict[str, tuple[int, str]]:
    found = {}
    listed = manifest.get("files")
    for one in listed if type(listed) is list else ():
        if type(one) is not dict or not all(
            type(one.get(key)) is kind for key, kind in (("name", str), ("bytes", int), ("sha256", str))
        ):
            raise _malformed("its manifest names a file wrongly")
        found[one["name"]] = (one["bytes"], one["sha256"])
    if not found or len(found) != len(listed):
        raise _malformed("its manifest names no files, or one twice")
    return found


def _read(document: bytes) -> dict[str, bytes]:
    """Name -> bytes of what is stored in the ZIP, in its order."""
    if len(document) > BYTES_MAX:
        raise _malformed(f"it is larger than {BYTES_MAX // 1024**2} MiB")
    try:
        with zipfile.ZipFile(BytesIO(document)) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            right = all(_NAME(name) for name in names) and len(set(names)) == len(names) <= FILES_MAX
            stored = all(
                entry.compress_type == zipfile.ZIP_STORED and entry.file_size <= len(document) for entry in entries
            )
            if not right or not stored:
                raise _malformed("it holds compressed files, folders, or names that it may not hold")
            return {entry.filename: _stored(document, entry) for entry in entries}
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
        EOFError,
        IndexError,
    ) as error:
        raise _malformed(f"the ZIP cannot be read ({type(error).__name__})") from None


def _stored(document: bytes, entry: zipfile.ZipInfo) -> bytes:
    # past zipfile's own sum, so that a changed byte is named with its file, not with its checksum
    start = entry.header_offset + 30 + len(entry.filename.encode())
    return document[start : start + entry.file_size]


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, body in files.items():
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, body)
    return out.getvalue()


def _malformed(reason: str) -> Invalid:
    return Invalid("kernel.package_malformed", f"This is no as-built package: {reason}.", remedy="Get the file again.")


def _changed(name: str, reason: str) -> Tampered:
    return Tampered(
        "kernel.package_changed",
        f"{name[:100]} {reason}.",
        {"file": name[:100]},
        "Get the package again from its sender.",
    )
