"""Reads of the release register: drafts, who signed them, what state they are in, and the trust store they rest on.

A release is known by product (code), image role and version. What was released under signatures has a draft; a row of
firmware.csv without one is imported history, and is marked so. A release is a draft, `released`, or `withdrawn`; once
withdrawn it stays so, and `permittable` refuses it.
"""

import json
from dataclasses import dataclass, field
from functools import cached_property

from asbuilt.designed.firmware import errors
from asbuilt.kernel import envelope, releases, trust
from asbuilt.kernel.errors import AsbuiltError, NotFound, Refused
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.notes import strict_base64
from asbuilt.storage import reading

DRAFT, RELEASED, WITHDRAWN, IMPORTED = "draft", "released", "withdrawn", "imported"
DRAFT_COLUMNS = (
    "product", "role", "version", "sha256", "sha512", "length", "revisions", "security_relevant", "change_log", "built_by",
    "created_at", "supported_until", "boot", "device_encrypted", "provenance", "operator",
)  # fmt: skip


@dataclass(frozen=True)
class Signature:
    """A signature that was checked when it was recorded: key, bytes, version of the trust store, when (µs), entry."""

    key_id: str
    signature: bytes
    trust_version: int
    signed_at: int
    entry: int


@dataclass(frozen=True)
class State:
    """A change of state: which, under which version of the trust store, why, when (µs), in which entry."""

    state: str
    trust_version: int | None
    reason: str
    happened_at: int
    operator: int | None
    entry: int


@dataclass(frozen=True)
class Registered:
    """One image of a product in the register. `cells` are those of release_drafts.csv."""

    cells: tuple[str, ...]
    entry: int
    row: int
    operator: int | None
    signatures: list[Signature] = field(default_factory=list)
    states: list[State] = field(default_factory=list)

    @cached_property
    def statement(self) -> releases.ReleaseStatement:
        """What the signers sign."""
        return statement_of(self.cells)

    @property
    def key(self) -> tuple[str, str, str]:
        """Product, image role, version."""
        return self.cells[:3]

    @property
    def name(self) -> str:
        """`WIDGET app 2.3.1`."""
        return " ".join(self.cells[:3])

    @property
    def provenance(self) -> str:
        """SHA-256 of the provenance statement kept as evidence, or empty."""
        return self.cells[14]

    def last(self, state: str) -> State | None:
        """The newest change into this state."""
        found = [each for each in self.states if each.state == state]
        return max(found, key=lambda each: each.entry) if found else None

    @property
    def state(self) -> str:
        """draft, released or withdrawn."""
        if self.last(WITHDRAWN):
            return WITHDRAWN
        return RELEASED if self.last(RELEASED) else DRAFT

    def envelope(self) -> envelope.Envelope:
        """The statement with the signatures it has."""
        signatures = tuple((each.key_id, each.signature) for each in self.signatures)
        return envelope.Envelope(releases.PAYLOAD_TYPE, self.statement.payload, signatures)


def statement_of(cells: tuple[str, ...]) -> releases.ReleaseStatement:
    """The release statement of a row of release_drafts.csv; ValueError or Invalid where a cell cannot be one."""
    product, role, version, first, second, length, revisions, security, log, built_by, created, until, boot, inside = (
        cells[:14]
    )
    lines = json.loads(log)
    if type(lines) is not list or not all(type(line) is str for line in lines):
        raise ValueError("the change log is a JSON list of lines")
    made = releases.ReleaseStatement(
        product, role, version, first, second, int(length), tuple(revisions.split(";")) if revisions else (),
        security == "true", "\n".join(lines), built_by, parse_instant(created), until,
        releases.BootSignature(**json.loads(boot)) if boot else None,
        releases.DeviceEncrypted(**json.loads(inside)) if inside else None,
    )  # fmt: skip
    return releases.parse(made.payload)


def registered(tenant: int, product: str | None = None, role: str | None = None, version: str | None = None):
    """The images in the register, in the order of recording, narrowed by what is given. Three statements."""
    said = {"product": product, "role": role, "version": version}
    given = {name: value for name, value in said.items() if value is not None}
    where = "tenant = %s AND until_entry IS NULL" + "".join(f" AND {name} = %s" for name in given)
    params = (tenant, *given.values())
    found: dict[tuple, Registered] = {}
    columns = ", ".join(f'"{name}"' for name in DRAFT_COLUMNS[:15])
    sql = f'SELECT {columns}, entry, "row", operator FROM firmware_release_draft WHERE {where} ORDER BY entry, "row"'
    for *cells, entry, row, operator in reading.fetch(sql, params):
        found[tuple(cells[:3])] = Registered((*cells, ""), entry, row, operator)
    sql = (
        "SELECT product, role, version, key_id, signature, trust_version, signed_at, entry FROM firmware_release_signature "
        f'WHERE {where} ORDER BY entry, "row"'
    )
    for *key, key_id, signature, number, signed_at, entry in reading.fetch(sql, params):
        made = Signature(key_id, strict_base64(signature), int(number), parse_instant(signed_at), entry)
        found[tuple(key)].signatures.append(made)
    sql = (
        "SELECT product, role, version, state, trust_version, reason, happened_at, operator, entry FROM firmware_release_state "
        f'WHERE {where} ORDER BY entry, "row"'
    )
    for *key, state, number, reason, happened_at, operator, entry in reading.fetch(sql, params):
        said = State(state, int(number) if number else None, reason, parse_instant(happened_at), operator, entry)
        found[tuple(key)].states.append(said)
    return list(found.values())


def release(tenant: int, product: str, role: str, version: str) -> Registered:
    """One image of the register; NotFound where there is none."""
    found = registered(tenant, product, role, version)
    if not found:
        raise errors.unknown_release(product, role, version)
    return found[0]


def trust_documents(tenant: int) -> list[tuple[int, bytes, str]]:
    """(version, envelope, SHA-256 of its payload) of each version of the trust store. One statement."""
    sql = (
        "SELECT version, document, sha256 FROM firmware_trust_store WHERE tenant = %s AND until_entry IS NULL "
        'ORDER BY entry, "row"'
    )
    return [(int(version), document.encode(), sha256) for version, document, sha256 in reading.fetch(sql, (tenant,))]


def trust_chain(tenant: int) -> list[trust.TrustStore]:
    """Every version of the trust store, each checked against the one before; empty where none was set."""
    kept = trust_documents(tenant)
    return trust.open_chain([document for _, document, _ in kept], kept[0][2]) if kept else []


def newest_trust(tenant: int) -> trust.TrustStore:
    """The trust store in force; Refused where none was set."""
    chain = trust_chain(tenant)
    if not chain:
        raise Refused(
            "firmware.trust_missing",
            "No trust store says whose signatures count.",
            remedy="Set its first version with `asbuilt firmware trust set`.",
        )
    return chain[-1]


def permittable(tenant: int, product: str, role: str, version: str) -> Registered:
    """The release, where it may be programmed: released under signatures that still count, and not withdrawn."""
    found = release(tenant, product, role, version)
    withdrawn = found.last(WITHDRAWN)
    if withdrawn:
        raise Refused(
            "firmware.release_withdrawn",
            f"{found.name} was withdrawn: {withdrawn.reason}",
            {"product": product, "role": role, "version": version, "reason": withdrawn.reason},
            "Release and permit another version.",
        )
    if found.state == DRAFT:
        raise Refused(
            "firmware.release_not_released",
            f"{found.name} is a draft.",
            {"product": product, "role": role, "version": version},
            "Have it signed and released.",
        )
    check_signatures(found, trust_chain(tenant), found.last(RELEASED).happened_at)
    return found


def is_permittable(tenant: int, product: str, role: str, version: str) -> bool:
    """Whether `permittable` would give the release."""
    try:
        permittable(tenant, product, role, version)
    except AsbuiltError:
        return False
    return True


def check_signatures(found: Registered, chain: list[trust.TrustStore], at: int) -> list[trust.TrustKey]:
    """Who signed, once the threshold of the version it was released under is reached at that instant.

    A key that a later version in `chain` says was lost by then no longer counts. Tampered otherwise.
    """
    released = found.last(RELEASED)
    number = released.trust_version if released else None
    store = next((each for each in chain if each.version == number), None) if number else chain[-1] if chain else None
    if store is None:
        raise NotFound(
            "firmware.trust_version_unknown",
            f"There is no version {number} of the trust store.",
            {"version": number},
            "Load trust_stores.csv before release_states.csv.",
        )
    known = {**store.revoked, **chain[-1].revoked}
    judged = trust.TrustStore(
        store.store, store.version, store.previous, store.issued_at, store.epoch, store.keys, store.roles, known
    )
    return trust.check(judged, trust.RELEASE_SIGNER, found.envelope(), at)
