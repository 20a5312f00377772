"""Release statement: what an image is and whom it is for, as its release signers sign it.

An in-toto Statement v1 in a DSSE envelope. Its subject is the image (`PRODUCT/role/version`, SHA-256 and SHA-512 of the
bytes as they are programmed); its predicate says product, image role, version, length in bytes, hardware revisions,
change log, whether it mends a security fault, who built it, until when it is supported, what the device's own boot
loader checks, and, of an image that is encrypted for the device itself, the digest of what is inside.

A SLSA provenance statement about the same image may stand beside it: it is read and shown, never judged.

An unknown field of our predicate is refused, since it could limit what the others allow; an unknown field of the
statement around it is read over, as in-toto wants. Malformed statements are Invalid, what does not fit is Tampered.
Standards: in-toto attestation framework 1.1 (Statement v1); SLSA provenance v1.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256, sha512

from asbuilt.kernel import envelope, trust
from asbuilt.kernel.canonical import canonical_bytes, parse_strict
from asbuilt.kernel.errors import Invalid, Tampered
from asbuilt.kernel.instants import format_instant, parse_date, parse_instant

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://asbuilt.example/release/v1"
PROVENANCE_TYPE = "https://slsa.dev/provenance/v1"
IMAGE_ROLES = ("boot", "app", "radio", "factory")

STATEMENT_BYTES_MAX = 256 * 1024
PROVENANCE_BYTES_MAX = 4 * 1024 * 1024
LENGTH_MAX = 1 << 34
CHANGE_LOG_CHARACTERS_MAX = 20_000
REVISIONS_MAX = 200

_BOOT_FIELDS = {"image_digest", "key_sha256", "scheme", "security_counter", "tool", "tool_version", "version"}
_PREDICATE_FIELDS = {
    "boot", "built_by", "change_log", "created_at", "device_encrypted", "length", "product", "revisions", "role", "schema",
    "security_relevant", "supported_until", "version",
}  # fmt: skip
_HEX64 = re.compile(r"[0-9a-f]{64}").fullmatch
_HEX128 = re.compile(r"[0-9a-f]{128}").fullmatch
_DIGEST = re.compile(r"([0-9a-f]{2}){0,64}").fullmatch


@dataclass(frozen=True)
class BootSignature:
    """What the device's boot loader checks, as a tool found it right before the release: `scheme` such as
    mcuboot-ed25519 or esp-v2-ecdsa256; SHA-256 of the public key, the digest the device reports, the version inside
    (empty where the scheme has none), the counter against going back (None likewise)."""

    scheme: str
    tool: str
    tool_version: str
    key_sha256: str
    image_digest: str
    version: str = ""
    security_counter: int | None = None


@dataclass(frozen=True)
class DeviceEncrypted:
    """The image is encrypted for the device: by which scheme, and the SHA-256 of what it decrypts to."""

    scheme: str
    clear_sha256: str


@dataclass(frozen=True)
class ReleaseStatement:
    """One image of a product as it is released. Digests in hex, length in bytes, instants in UTC microseconds."""

    product: str
    role: str
    version: str
    sha256: str
    sha512: str
    length: int
    revisions: tuple[str, ...]
    security_relevant: bool
    change_log: str
    built_by: str
    created_at: int
    supported_until: str = ""
    boot: BootSignature | None = None
    device_encrypted: DeviceEncrypted | None = None

    @property
    def payload(self) -> bytes:
        """The bytes that are signed (RFC 8785)."""
        return canonical_bytes(_document(self))


@dataclass(frozen=True)
class Provenance:
    """What a SLSA statement says of how the image was built; nobody here has checked its builder."""

    builder: str
    build_type: str
    subjects: tuple[str, ...]


def digests(image: bytes) -> tuple[str, str]:
    """SHA-256 and SHA-512 of the bytes, in hex."""
    return sha256(image).hexdigest(), sha512(image).hexdigest()


def parse(payload: bytes) -> ReleaseStatement:
    """The statement of these payload bytes; Invalid says what is wrong in it."""
    said = parse_strict(payload, decimals=False, bytes_max=STATEMENT_BYTES_MAX, nesting_max=8)
    _need(type(said) is dict and said.get("_type") == STATEMENT_TYPE, f"its _type is {STATEMENT_TYPE}")
    _need(said.get("predicateType") == PREDICATE_TYPE, f"its predicateType is {PREDICATE_TYPE}")
    of = said.get("predicate")
    _need(
        type(of) is dict and set(of) == _PREDICATE_FIELDS, f"its predicate has {', '.join(sorted(_PREDICATE_FIELDS))}"
    )
    _need(of["schema"] == 1 and type(of["schema"]) is int, "its schema is 1")
    for name, most in (("product", 120), ("version", 120), ("built_by", 200), ("supported_until", 10)):
        _need(type(of[name]) is str and len(of[name]) <= most, f"{name} is a text of at most {most} characters")
    _need(of["product"] and of["version"], "product and version are not empty")
    _need(of["role"] in IMAGE_ROLES, f"role is one of {', '.join(IMAGE_ROLES)}")
    _need(
        type(of["change_log"]) is str and len(of["change_log"]) <= CHANGE_LOG_CHARACTERS_MAX, "change_log is too long"
    )
    _need(type(of["length"]) is int and 1 <= of["length"] <= LENGTH_MAX, "length is the number of bytes")
    _need(type(of["security_relevant"]) is bool, "security_relevant is true or false")
    _need(type(of["revisions"]) is list and len(of["revisions"]) <= REVISIONS_MAX, "revisions is a list")
    _need(all(type(r) is str and 0 < len(r) <= 120 for r in of["revisions"]), "a revision is a text")
    created_at = _created(of)
    found = _digests(said.get("subject"), f"{of['product']}/{of['role']}/{of['version']}")
    return ReleaseStatement(
        of["product"], of["role"], of["version"], *found, of["length"], tuple(of["revisions"]), of["security_relevant"],
        of["change_log"], of["built_by"], created_at, of["supported_until"], _boot(of["boot"]),
        _encrypted(of["device_encrypted"]),
    )  # fmt: skip


def check(
    document: bytes, store: trust.TrustStore, at: int, *, revoked_by: int | None = None
) -> tuple[ReleaseStatement, envelope.Envelope, list[trust.TrustKey]]:
    """(statement, envelope, signers) of a signed release, once enough release signers signed it; Tampered otherwise.

    `at` is when the signatures are proved to have existed, UTC microseconds; a key that is revoked at `revoked_by` does not
    count, whenever it signed.
    """
    signed = read(document)
    found = trust.check(store, trust.RELEASE_SIGNER, signed, at, revoked_by=revoked_by)
    return parse(signed.payload), signed, found


def read(document: bytes) -> envelope.Envelope:
    """The envelope of a release statement, its signatures unchecked."""
    signed = envelope.parse(document, bytes_max=2 * STATEMENT_BYTES_MAX)
    _need(signed.payload_type == PAYLOAD_TYPE, f"its payloadType is {PAYLOAD_TYPE}")
    return signed


def check_image(statement: ReleaseStatement, image: bytes) -> None:
    """Tampered unless these are the bytes the statement is about: length and both digests."""
    if (len(image), *digests(image)) != (statement.length, statement.sha256, statement.sha512):
        raise Tampered(
            "firmware.image_changed",
            f"These bytes are not the image of {statement.product} {statement.role} {statement.version}.",
            {"sha256": sha256(image).hexdigest(), "released_sha256": statement.sha256},
            "Get the released image again; nothing else may be programmed.",
        )


def parse_provenance(document: bytes, image_sha256: str) -> Provenance:
    """What a SLSA provenance statement, in its envelope or bare, says; Invalid unless it speaks of this image."""
    said = parse_strict(document, bytes_max=PROVENANCE_BYTES_MAX)
    if type(said) is dict and "payloadType" in said:
        signed = envelope.parse(document, bytes_max=PROVENANCE_BYTES_MAX)
        said = parse_strict(signed.payload, bytes_max=PROVENANCE_BYTES_MAX)
    right = type(said) is dict and said.get("_type") == STATEMENT_TYPE and said.get("predicateType") == PROVENANCE_TYPE
    if not right:
        raise _no_provenance(f"it is no in-toto Statement v1 with the predicate {PROVENANCE_TYPE}")
    subjects = tuple(
        each["digest"]["sha256"]
        for each in said.get("subject") or []
        if type(each) is dict and type(each.get("digest")) is dict and type(each["digest"].get("sha256")) is str
    )
    if image_sha256 not in subjects:
        raise _no_provenance(f"none of its subjects has the SHA-256 {image_sha256}")
    predicate = said.get("predicate")
    definition = _inside(predicate, "buildDefinition")
    builder = _inside(_inside(predicate, "runDetails"), "builder")
    return Provenance(str(builder.get("id", ""))[:500], str(definition.get("buildType", ""))[:500], subjects[:100])


def _inside(said: object, name: str) -> dict:
    found = said.get(name) if type(said) is dict else None
    return found if type(found) is dict else {}


def _document(of: ReleaseStatement) -> dict:
    boot = of.boot and {name: getattr(of.boot, name) for name in _BOOT_FIELDS}
    encrypted = of.device_encrypted and vars(of.device_encrypted)
    return {
        "_type": STATEMENT_TYPE,
        "subject": [
            {"digest": {"sha256": of.sha256, "sha512": of.sha512}, "name": f"{of.product}/{of.role}/{of.version}"}
        ],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "boot": boot,
            "built_by": of.built_by,
            "change_log": of.change_log,
            "created_at": format_instant(of.created_at),
            "device_encrypted": encrypted and dict(encrypted),
            "length": of.length,
            "product": of.product,
            "revisions": list(of.revisions),
            "role": of.role,
            "schema": 1,
            "security_relevant": of.security_relevant,
            "supported_until": of.supported_until,
            "version": of.version,
        },
    }


def _digests(subject: object, name: str) -> tuple[str, str]:
    _need(type(subject) is list and len(subject) == 1 and type(subject[0]) is dict, "it has one subject")
    _need(subject[0].get("name") == name, f"its subject is called {name}")
    digest = subject[0].get("digest")
    _need(type(digest) is dict, "its subject has digests")
    found = digest.get("sha256"), digest.get("sha512")
    _need(all(type(text) is str for text in found), "its subject has SHA-256 and SHA-512")
    _need(_HEX64(found[0]) and _HEX128(found[1]), "its subject has SHA-256 and SHA-512 in hex")
    return found


def _created(of: dict) -> int:
    try:
        if of["supported_until"]:
            parse_date(of["supported_until"])
        return parse_instant(of["created_at"] if type(of["created_at"]) is str else "")
    except ValueError as refusal:
        raise _bad(f"a time is wrong: {refusal}") from None


def _boot(said: object) -> BootSignature | None:
    if said is None:
        return None
    _need(type(said) is dict and set(said) == _BOOT_FIELDS, f"boot has {', '.join(sorted(_BOOT_FIELDS))}")
    counter = said["security_counter"]
    texts: Sequence[object] = [said[name] for name in sorted(_BOOT_FIELDS - {"security_counter"})]
    _need(all(type(text) is str and len(text) <= 200 for text in texts), "the fields of boot are short texts")
    _need(counter is None or (type(counter) is int and counter >= 0), "security_counter is a whole number")
    _need(_HEX64(said["key_sha256"]) and _DIGEST(said["image_digest"]), "the digests of boot are hex")
    return BootSignature(**said)


def _encrypted(said: object) -> DeviceEncrypted | None:
    if said is None:
        return None
    _need(type(said) is dict and set(said) == {"clear_sha256", "scheme"}, "device_encrypted has its two fields")
    _need(type(said["scheme"]) is str and 0 < len(said["scheme"]) <= 120, "the scheme of encryption is named")
    _need(type(said["clear_sha256"]) is str and _HEX64(said["clear_sha256"]), "the digest of what is inside is hex")
    return DeviceEncrypted(**said)


def _need(right: object, reason: str) -> None:
    if not right:
        raise _bad(reason)


def _bad(reason: str) -> Invalid:
    return Invalid(
        "kernel.release_malformed", f"This is no release statement: {reason}.", remedy="Get the file again, unchanged."
    )


def _no_provenance(reason: str) -> Invalid:
    return Invalid(
        "kernel.provenance_malformed",
        f"This is no provenance of the image: {reason}.",
        remedy="Give the statement that the build wrote about this very image.",
    )
