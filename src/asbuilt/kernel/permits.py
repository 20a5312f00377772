"""Permits: the signed right to program units, from the brand owner down to the station.

    grant     signed by the brand owner: these images on these revisions, N units, at this EMS and site, until then;
              it names the keys of the EMS's issuers and how many of them must sign
    permit    signed by an issuer that the grant names: a work order's share of the grant, with plan, tools, operators,
              window, and per station its key and its units
    end       signed by the station's key that the permit names: what became of its share, the chain's first and last hash

So whoever has the brand owner's public key checks all three, offline: grant → permit → end certificate. The station's
share is fixed when the permit is issued: two stations without a network cannot overspend together. Units are counted by
the device's identity; a retry on the same device costs none. What a closed share did not spend returns to the grant.

Refused: an unknown field, over 64 KB, a signature by no key of the level above, an issuer that also signs releases, a
permit with an image, revision, product, site, EMS, end or units that its grant lacks (`check_split`: also all permits
together, and their rework), a share that its stations do not add up to, and, whatever the grant's threshold, a permit that locks or burns with
fewer than two issuers' signatures (`check_two_issuers`: what cannot be undone is no single key's to allow). Malformed is Invalid, a rule Refused, a signature Tampered.
Format: reference/station.md, section 14. Envelopes: DSSE (kernel.envelope).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as column
from hashlib import sha256

from asbuilt.kernel import envelope, trust
from asbuilt.kernel.documents import (
    SHA256,
    SHA512,
    LeftOut,
    fields,
    instant,
    into,
    many,
    maybe,
    name,
    once_each,
    one_of,
    public_key,
    read,
    text,
    ulid,
    whole,
    wrong,
    yes_or_no,
)
from asbuilt.kernel.errors import Invalid, Refused, Tampered
from asbuilt.kernel.keys import PublicKey

GRANT_TYPE = "application/vnd.asbuilt.grant+json;v=1"
PERMIT_TYPE = "application/vnd.asbuilt.permit+json;v=1"
END_TYPE = "application/vnd.asbuilt.end-certificate+json;v=1"

PERMIT_BYTES_MAX = 64 * 1024
# a certificate lists the units; a permit has at most so many of them
END_BYTES_MAX = 16 * 1024 * 1024
UNITS_MAX = 100_000
IMAGE_BYTES_MAX = 1 << 34
ATTEMPTS_MAX = 10
GRACE_HOURS_MAX = 24 * 90
TESTS_MAX = 20
ROLES = ("boot", "app", "radio", "factory")
PROGRAMMERS = ("flashrom", "avrdude", "gdbremote", "esptool", "openocd", "pyocd", "jlink", "stm32cubeprogrammer")
TWO_PERSON = ("otp", "rework", "tool-only")
LOCKS = ("none", "debug", "readout")
# issuers that must sign a permit with steps that cannot be undone: fuses and locks
IRREVERSIBLE_ISSUERS = 2
UNIT_STATES = ("pass", "fail", "void", "open")

GRANT_PROVES = "The holder of the brand owner's key gave this right, unaltered."
PERMIT_PROVES = "An issuer whom the grant names issued this permit, and its grant covers it."
END_PROVES = "The station whose key the permit names signed this summary, and it keeps within the permit."
END_CANNOT_PROVE = (
    "That the station left nothing out is its word; the hashes of its chain tie the summary to its records."
)


@dataclass(frozen=True)
class Image:
    """An image as it is programmed: role, version, length in bytes, digests in hex."""

    role: str
    version: str
    length: int
    sha256: str
    sha512: str


@dataclass(frozen=True)
class PlacedImage(Image):
    """The image in a permit: also where it goes (part's reference designator, region of the plan), the SHA-256 of its
    release statement, the digest the device reports (hex or empty), the counter against going back or None."""

    part: str
    region: str
    release_sha256: str
    image_digest: str
    security_counter: int | None

    @property
    def granted(self) -> Image:
        """What the grant must hold of it."""
        return Image(self.role, self.version, self.length, self.sha256, self.sha512)


@dataclass(frozen=True)
class Grant:
    """A brand owner's right for an EMS; instants in UTC microseconds. `sha256` names its payload."""

    grant_id: str
    brand_owner: str
    ems: str
    site: str
    product: str
    revisions: tuple[str, ...]
    images: tuple[Image, ...]
    units: int
    issued_at: int
    not_after: int
    issuers: tuple[PublicKey, ...]
    threshold: int
    supersedes: str | None
    sha256: str = ""


@dataclass(frozen=True)
class Part:
    """A part that is programmed: designator, programmer, the part's name for it, the id it must answer with."""

    ref: str
    programmer: str
    part: str
    part_id: str


@dataclass(frozen=True)
class ToolRule:
    """A tool that may be used: at least this version, and where any are listed, only these SHA-256 of its file."""

    tool: str
    version_min: str
    sha256_allowed: tuple[str, ...]


@dataclass(frozen=True)
class Share:
    """A station's share: its key, its units, its units of rework."""

    station: str
    key: PublicKey
    units: int
    rework_units: int


@dataclass(frozen=True)
class PermittedTest:
    """A version of a test plan that the permit's stations run on its units, by the SHA-256 of its document."""

    plan: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Permit:
    """A station permit; instants in UTC microseconds. `sha256` names its payload; `issuers_signed` is how many of the grant's
    issuers were found to have signed it, 0 where that was not checked."""

    permit_id: str
    grant_id: str
    grant_sha256: str
    work_order: str
    brand_owner: str
    ems: str
    site: str
    product: str
    revisions: tuple[str, ...]
    bom_version: str
    issued_at: int
    not_before: int
    not_after: int
    grace_offline_hours: int
    parts: tuple[Part, ...]
    images: tuple[PlacedImage, ...]
    plan: str
    plan_version: int
    plan_sha256: str
    tools: tuple[ToolRule, ...]
    units: int
    attempts_per_unit: int
    stations: tuple[Share, ...]
    operator_roles: tuple[str, ...]
    two_person_for: tuple[str, ...]
    provision: str
    lock: str
    supersedes: str | None
    revocation_epoch: int
    end_certificate_to: str
    tests: tuple[PermittedTest, ...] = ()
    sha256: str = ""
    issuers_signed: int = column(default=0, compare=False)

    def share_of(self, station: str) -> Share | None:
        """The share of a station, or None."""
        return next((share for share in self.stations if share.station == station), None)

    @property
    def started(self) -> PlacedImage:
        """The image whose start is heard: the app, or the first one where there is none."""
        return next((image for image in self.images if image.role == "app"), self.images[0])


@dataclass(frozen=True)
class EndedUnit:
    """A unit of an end certificate: name, device identity, state, attempts."""

    unit: str
    uid: str
    state: str
    attempts: int
    rework: bool


@dataclass(frozen=True)
class EndCertificate:
    """What became of a station's share; `closed` says that the station programs no more under the permit."""

    permit_id: str
    permit_sha256: str
    grant_id: str
    station: str
    closed: bool
    created_at: int
    units: tuple[EndedUnit, ...]
    records_first: int
    records_last: int
    chain_first: str
    chain_last: str
    sha256: str = ""

    @property
    def spent(self) -> int:
        """Units that count against the share: all but the void ones and rework, an open one too."""
        return sum(unit.state != "void" and not unit.rework for unit in self.units)

    def counted(self, state: str) -> int:
        """How many units are in a state."""
        return sum(unit.state == state for unit in self.units)


_IMAGE = {
    "role": one_of(*ROLES),
    "version": name(),
    "length": whole(1, IMAGE_BYTES_MAX),
    "sha256": SHA256,
    "sha512": SHA512,
}
_PLACED = into(
    PlacedImage,
    fields(
        **_IMAGE,
        part=name(40),
        region=name(40),
        release_sha256=SHA256,
        image_digest=text(128),
        security_counter=maybe(whole(0)),
    ),
)
_REVISIONS = once_each(many(name(40), least=1, most=50))
_GRANT = fields(
    schema=one_of(1),
    grant_id=ulid,
    brand_owner=text(least=1),
    ems=text(least=1),
    site=name(),
    product=name(),
    revisions=_REVISIONS,
    images=once_each(many(into(Image, fields(**_IMAGE)), least=1, most=40)),
    units=whole(1, UNITS_MAX * 100),
    issued_at=instant,
    not_after=instant,
    issuers=once_each(many(public_key, least=1, most=16)),
    threshold=whole(1, 16),
    supersedes=maybe(ulid),
)
_PART = into(Part, fields(ref=name(40), programmer=one_of(*PROGRAMMERS), part=name(), part_id=text(64)))
_TOOL = into(ToolRule, fields(tool=name(40), version_min=text(40), sha256_allowed=many(SHA256, most=20)))
_SHARE = into(
    Share, fields(station=name(40), key=public_key, units=whole(0, UNITS_MAX), rework_units=whole(0, UNITS_MAX))
)
PERMITTED_TEST = into(PermittedTest, fields(plan=text(80, least=1), version=name(60), sha256=SHA256))
_PERMIT = fields(
    schema=one_of(1),
    permit_id=ulid,
    grant_id=ulid,
    grant_sha256=SHA256,
    work_order=name(),
    brand_owner=text(least=1),
    ems=text(least=1),
    site=name(),
    product=name(),
    revisions=_REVISIONS,
    bom_version=text(40),
    issued_at=instant,
    not_before=instant,
    not_after=instant,
    grace_offline_hours=whole(0, GRACE_HOURS_MAX),
    parts=once_each(many(_PART, least=1, most=20), lambda part: part.ref),
    images=once_each(many(_PLACED, least=1, most=40), lambda image: (image.part, image.region)),
    plan=name(),
    plan_version=whole(1),
    plan_sha256=SHA256,
    tools=once_each(many(_TOOL, most=20), lambda rule: rule.tool),
    units=whole(0, UNITS_MAX),
    attempts_per_unit=whole(1, ATTEMPTS_MAX),
    stations=once_each(many(_SHARE, least=1, most=100), lambda share: share.station),
    operator_roles=once_each(many(name(40), least=1, most=10)),
    two_person_for=once_each(many(one_of(*TWO_PERSON), most=len(TWO_PERSON))),
    provision=text(80),
    lock=one_of(*LOCKS),
    supersedes=maybe(ulid),
    revocation_epoch=whole(0),
    end_certificate_to=text(80),
    tests=LeftOut((), once_each(many(PERMITTED_TEST, most=TESTS_MAX), lambda test: test.plan)),
)
_UNIT = into(
    EndedUnit,
    fields(
        unit=text(least=1), uid=text(64, least=1), state=one_of(*UNIT_STATES), attempts=whole(0, ATTEMPTS_MAX * 10),
        rework=yes_or_no,
    ),
)  # fmt: skip
_END = fields(
    schema=one_of(1),
    permit_id=ulid,
    permit_sha256=SHA256,
    grant_id=ulid,
    station=name(40),
    closed=yes_or_no,
    created_at=instant,
    units=once_each(many(_UNIT, most=2 * UNITS_MAX), lambda unit: (unit.uid, unit.rework)),
    records_first=whole(0),
    records_last=whole(0),
    chain_first=SHA256,
    chain_last=SHA256,
)


def parse_grant(payload: bytes) -> Grant:
    """The grant of these payload bytes, its signature unchecked."""
    found = _read(payload, _GRANT, PERMIT_BYTES_MAX)
    if found["not_after"] <= found["issued_at"]:
        raise wrong("not_after", "lies before the grant was issued")
    if found["threshold"] > len(found["issuers"]):
        raise wrong("threshold", "is more than there are issuers")
    return Grant(**found, sha256=sha256(payload).hexdigest())


def parse_permit(payload: bytes) -> Permit:
    """The permit of these payload bytes, its signature unchecked."""
    found = _read(payload, _PERMIT, PERMIT_BYTES_MAX)
    permit = Permit(**found, sha256=sha256(payload).hexdigest())
    if permit.not_after <= permit.not_before:
        raise wrong("not_after", "lies before not_before")
    refs = {part.ref for part in permit.parts}
    for number, image in enumerate(permit.images):
        if image.part not in refs:
            raise wrong(f"images.{number}.part", "is none of the permit's parts")
    if refs - {image.part for image in permit.images}:
        raise wrong("parts", "names a part without an image")
    if sum(share.units for share in permit.stations) != permit.units:
        raise wrong("stations", "do not add up to the units of the permit")
    if len({share.key for share in permit.stations}) != len(permit.stations):
        raise wrong("stations", "share a key")
    return permit


def parse_end(payload: bytes) -> EndCertificate:
    """The end certificate of these payload bytes, its signature unchecked."""
    found = _read(payload, _END, END_BYTES_MAX)
    if found["records_last"] < found["records_first"]:
        raise wrong("records_last", "lies before records_first")
    return EndCertificate(**found, sha256=sha256(payload).hexdigest())


def open_grant(document: bytes, *, brand_owner_keys: Sequence[PublicKey]) -> Grant:
    """The grant of a signed document, once the brand owner's key is found to have signed it."""
    signed = _envelope(document, GRANT_TYPE, PERMIT_BYTES_MAX)
    _signed_by(signed, brand_owner_keys, 1, "grant")
    return parse_grant(signed.payload)


def check_grant_threshold(document: bytes, store: trust.TrustStore, at: int, *, revoked_by: int | None = None) -> None:
    """Tampered unless as many holders signed the grant as the trust store wants of grant issuers at that instant (µs); a
    key that is revoked at `revoked_by` does not count."""
    signed = _envelope(document, GRANT_TYPE, PERMIT_BYTES_MAX)
    trust.check(store, trust.GRANT_ISSUER, signed, at, revoked_by=revoked_by)


def open_permit(
    document: bytes, *, grant: Grant, release_keys: Iterable[PublicKey] = (), revoked_keys: Iterable[PublicKey] = ()
) -> Permit:
    """The permit of a signed document under its grant; an issuer that also signs releases does not count, nor one whose
    key was revoked, whatever date the permit gives itself."""
    signed = _envelope(document, PERMIT_TYPE, PERMIT_BYTES_MAX)
    release_keys = set(release_keys)
    if release_keys & set(grant.issuers):
        raise Refused(
            "kernel.permit_one_key_two_roles",
            "A key that signs releases is named as an issuer of permits.",
            {"key_ids": [key.key_id for key in release_keys & set(grant.issuers)]},
            "Ask the brand owner for a grant that names other issuers.",
        )
    revoked = set(revoked_keys)
    found = _signed_by(signed, [key for key in grant.issuers if key not in revoked], grant.threshold, "permit")
    permit = replace(parse_permit(signed.payload), issuers_signed=len(found))
    if permit.lock != "none":
        check_two_issuers(permit, "a lock")
    check_split(grant, [permit])
    return permit


def check_two_issuers(permit: Permit, step: str) -> None:
    """Refused where fewer than two issuers signed this permit, which has a step that cannot be undone."""
    if permit.issuers_signed < IRREVERSIBLE_ISSUERS:
        raise Refused(
            "kernel.permit_two_issuers",
            f"The permit has {step}, which cannot be undone: {IRREVERSIBLE_ISSUERS} issuers must sign it, {permit.issuers_signed} did.",
            {"permit_id": permit.permit_id, "signed": permit.issuers_signed, "needed": IRREVERSIBLE_ISSUERS},
            "Have another issuer whom the grant names sign these very bytes too.",
        )


def open_end(document: bytes, *, permit: Permit) -> EndCertificate:
    """The end certificate of a station that the permit names, signed by its key and within its share."""
    signed = _envelope(document, END_TYPE, END_BYTES_MAX)
    end = parse_end(signed.payload)
    share = permit.share_of(end.station)
    if end.permit_id != permit.permit_id or end.permit_sha256 != permit.sha256 or share is None:
        raise _above("end_other_permit", "The certificate is of another permit or station.", {"station": end.station})
    _signed_by(signed, [share.key], 1, "end certificate")
    rework = sum(unit.rework and unit.state != "void" for unit in end.units)
    if end.spent > share.units or rework > share.rework_units:
        raise _above(
            "end_over_share",
            f"Station {end.station} names {end.spent} units, its share is {share.units}.",
            {"spent": end.spent, "share": share.units, "rework": rework},
        )
    return end


def check_split(grant: Grant, permits: Sequence[Permit], ends: Sequence[EndCertificate] = ()) -> int:
    """Units of the grant that no permit holds; Refused where the permits, one or all together, exceed the grant.

    `ends` are checked end certificates: a closed share counts what it spent, not what it was given.
    """
    if len({permit.permit_id for permit in permits}) != len(permits):
        raise _above("split_twice", "A permit is counted twice.", {"grant_id": grant.grant_id})
    for permit in permits:
        for field, said in _beyond(grant, permit):
            raise _above("split_beyond", f"The permit's {field} is not in its grant: {said}.", {"field": field})
    closed = {(end.permit_id, end.station): end.spent for end in ends if end.closed}
    taken = sum(
        closed.get((permit.permit_id, share.station), share.units) for permit in permits for share in permit.stations
    )
    if taken > grant.units:
        raise _above(
            "split_over_units",
            f"The permits hold {taken:,} units, the grant {grant.units:,}.",
            {"units": taken, "granted": grant.units, "grant_id": grant.grant_id},
        )
    _check_rework(grant, permits)
    return grant.units - taken


def _check_rework(grant: Grant, permits: Sequence[Permit]) -> None:
    # a part without an identity of its own could be built anew as rework of a unit that passed
    rework = sum(share.rework_units for permit in permits for share in permit.stations)
    if rework > grant.units:
        raise _above(
            "split_over_rework",
            f"The permits hold {rework:,} units of rework, more than the {grant.units:,} that the grant lets be built.",
            {"rework": rework, "granted": grant.units, "grant_id": grant.grant_id},
        )


def _beyond(grant: Grant, permit: Permit) -> Iterable[tuple[str, object]]:
    same = ("grant_id", "brand_owner", "ems", "site", "product")
    for field in same:
        if getattr(permit, field) != getattr(grant, field):
            yield field, getattr(permit, field)
    if permit.grant_sha256 != grant.sha256:
        yield "grant_sha256", permit.grant_sha256
    for revision in permit.revisions:
        if revision not in grant.revisions:
            yield "revisions", revision
    for image in permit.images:
        if image.granted not in grant.images:
            yield "images", f"{image.role} {image.version}"
    if permit.not_after > grant.not_after:
        yield "not_after", "it ends later"
    if permit.issued_at < grant.issued_at:
        yield "issued_at", "it was issued earlier"


def _read(payload: bytes, reader, bytes_max: int) -> dict:
    if len(payload) > bytes_max:
        raise Invalid(
            "kernel.permit_too_long",
            f"The document has {len(payload):,} bytes, the limit is {bytes_max:,}.",
            {"bytes": len(payload), "limit": bytes_max},
            "Split it into several permits.",
        )
    found = read(payload, reader, bytes_max=bytes_max)
    del found["schema"]
    return found


def _envelope(document: bytes, kind: str, bytes_max: int) -> envelope.Envelope:
    # base64 takes a third more, the signatures a little
    signed = envelope.parse(document, bytes_max=bytes_max * 3 // 2 + 8192)
    if signed.payload_type != kind:
        raise Invalid(
            "kernel.permit_type",
            f"The document is of another type than {kind}.",
            {"payload_type": signed.payload_type[:80]},
            "Give the file that was asked for.",
        )
    return signed


def _signed_by(signed: envelope.Envelope, trusted: Sequence[PublicKey], threshold: int, what: str) -> set[PublicKey]:
    message = envelope.pae(signed.payload_type, signed.payload)
    found = {key for key in trusted if any(key.verify(message, signature) for _, signature in signed.signatures)}
    if len(found) < threshold:
        raise Tampered(
            "kernel.permit_signature",
            f"{len(found)} of {threshold} keys needed signed this {what}, or it was changed afterwards.",
            {"signed_by": [key.key_id for key in found], "threshold": threshold},
            "Get the file again from whoever signed it; trust no key that came with it.",
        )
    return found


def _above(reason: str, message: str, facts: dict) -> Refused:
    return Refused(f"kernel.permit_{reason}", message, facts, "Ask its issuer for a permit within the grant.")
