"""Trust store: whose keys count for what. A signed document, one version after the other, checked from its bytes alone.

    {"epoch": 3, "issued_at": "…", "keys": [{"algorithm", "from_at", "holder", "key_id", "public", "until_at"}],
     "previous": SHA-256 of the version before or "", "revoked": [{"epoch", "from_at", "key_id", "reason"}],
     "roles": {"release-signer": {"keys": [key id …], "threshold": 2}, …}, "schema": 1, "store": "…", "version": 4}

- A key has one role: who signs a release never issues its permits. Keys of one holder count once towards a threshold.
- Version 1 is trusted by its SHA-256, which came on another way; each later one is signed by the root threshold of the
  version before and by its own, names that version's SHA-256, and never lowers the epoch or forgets a revocation.
- A signature counts by when it was made, as the caller can prove it (the log's time), never by today's date: a key's
  term and revocation are looked up at that instant, so an archive still opens after its keys ran out.
- `recovery` and `station-transfer` hold encryption keys (kernel.sealing); all other roles hold signing keys.

After TUF's root role (theupdateframework.io, specification 1.0.33, 5.3: version chain, both thresholds), without expiry
of the document itself. Malformed documents are Invalid, signatures and chains that do not fit are Tampered.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from asbuilt.kernel import envelope, keys
from asbuilt.kernel.canonical import canonical_bytes, parse_strict
from asbuilt.kernel.errors import Invalid, Refused, Tampered
from asbuilt.kernel.instants import format_instant, parse_instant
from asbuilt.kernel.notes import base64_text, strict_base64

TRUST_TYPE = "application/vnd.asbuilt.trust+json;v=1"
ROOT, RELEASE_SIGNER, PERMIT_ISSUER, GRANT_ISSUER = "root", "release-signer", "permit-issuer", "grant-issuer"
STATION, STATION_TRANSFER, RECOVERY = "station", "station-transfer", "recovery"
SIGNING_ROLES = (ROOT, RELEASE_SIGNER, PERMIT_ISSUER, GRANT_ISSUER, STATION)
SEALING_ROLES = (STATION_TRANSFER, RECOVERY)
ROLES = (*SIGNING_ROLES, *SEALING_ROLES)

DOCUMENT_BYTES_MAX = 1 << 20
KEYS_MAX = 2_000
VERSIONS_MAX = 10_000
TEXT_CHARACTERS_MAX = 200

_FIELDS = {"epoch", "issued_at", "keys", "previous", "revoked", "roles", "schema", "store", "version"}
_KEY_FIELDS = {"algorithm", "from_at", "holder", "key_id", "public", "until_at"}
_HEX64 = re.compile(r"[0-9a-f]{64}").fullmatch


@dataclass(frozen=True)
class TrustKey:
    """A key: what it signs or opens, who holds it, and its term in UTC microseconds (None: open at that end)."""

    key: keys.PublicKey
    holder: str
    from_at: int | None = None
    until_at: int | None = None

    @property
    def key_id(self) -> str:
        """As kernel.keys names it."""
        return self.key.key_id


@dataclass(frozen=True)
class Role:
    """Ids of the keys that have a role, and how many of them, of different holders, must sign."""

    keys: frozenset[str]
    threshold: int = 1


@dataclass(frozen=True)
class Revocation:
    """What this key signed from `from_at` on (UTC microseconds) does not count; said at `epoch`."""

    key_id: str
    epoch: int
    from_at: int
    reason: str


@dataclass(frozen=True)
class TrustStore:
    """One version of the store; `sha256` (hex) is that of its payload and names it."""

    store: str
    version: int
    previous: str
    issued_at: int
    epoch: int
    keys: dict[str, TrustKey]
    roles: dict[str, Role]
    revoked: dict[str, Revocation]

    @property
    def payload(self) -> bytes:
        """The bytes that are signed (RFC 8785)."""
        return canonical_bytes(_document(self))

    @property
    def sha256(self) -> str:
        """Hex digits that name this version."""
        return sha256(self.payload).hexdigest()

    def role_of(self, key_id: str) -> str | None:
        """The one role of a key, or None."""
        return next((name for name, role in self.roles.items() if key_id in role.keys), None)

    def keys_of(self, role: str, at: int | None = None) -> list[TrustKey]:
        """The keys that have this role; with an instant, those that counted then."""
        found = [self.keys[key_id] for key_id in sorted(self.roles[role].keys)] if role in self.roles else []
        return [key for key in found if at is None or self.counts(key.key_id, at)]

    def revoked_at(self, at: int) -> list[keys.PublicKey]:
        """The keys that are revoked at that instant, of whatever role."""
        return [self.keys[key_id].key for key_id, revoked in self.revoked.items() if revoked.from_at <= at]

    def counts(self, key_id: str, at: int) -> bool:
        """Whether what this key signed at that instant counts: within its term and before its revocation."""
        key, revoked = self.keys[key_id], self.revoked.get(key_id)
        began = key.from_at is None or key.from_at <= at
        goes_on = key.until_at is None or at < key.until_at
        return began and goes_on and (revoked is None or at < revoked.from_at)


def parse(payload: bytes) -> TrustStore:
    """The store of these payload bytes, its signatures unchecked; Invalid says what is wrong in it."""
    said = parse_strict(payload, decimals=False, bytes_max=DOCUMENT_BYTES_MAX, nesting_max=6)
    _need(type(said) is dict and set(said) == _FIELDS, f"it has exactly the fields {', '.join(sorted(_FIELDS))}")
    _need(said["schema"] == 1 and type(said["schema"]) is int, "its schema is 1")
    version, epoch, previous = said["version"], said["epoch"], said["previous"]
    _need(type(version) is int and 1 <= version <= VERSIONS_MAX, f"its version is 1 to {VERSIONS_MAX:,}")
    _need(type(epoch) is int and epoch >= 0, "its epoch is a whole number")
    _need(_text(previous) and (previous == "" if version == 1 else _HEX64(previous)), "previous is a SHA-256 in hex")
    _need(_text(said["store"]) and said["store"], "its store has a name")
    found = _keys(said["keys"])
    roles = _roles(said["roles"], found)
    revoked = _revoked(said["revoked"], found, epoch)
    store = TrustStore(said["store"], version, previous, _instant(said["issued_at"]), epoch, found, roles, revoked)
    _need(store.payload == payload, "it is not in its canonical form")
    return store


def open_first(document: bytes, pinned_sha256: str) -> TrustStore:
    """Version 1 of a store, trusted because its SHA-256 is the pinned one, and signed by its own root threshold."""
    signed, store = _read(document)
    if store.version != 1 or store.sha256 != pinned_sha256:
        raise _broken(
            "ledger.trust_not_pinned", "This is not the trust store that was pinned.", store, pinned=pinned_sha256[:64]
        )
    check(store, ROOT, signed, store.issued_at)
    return store


def open_next(document: bytes, current: TrustStore) -> TrustStore:
    """The version after `current`, signed by the root threshold of both; Tampered where anything breaks the chain."""
    signed, store = _read(document)
    if store.store != current.store or store.version != current.version + 1 or store.previous != current.sha256:
        raise _broken(
            "ledger.trust_chain",
            f"Version {store.version} of the trust store does not follow version {current.version}.",
            store,
            known=current.sha256,
        )
    if store.epoch < current.epoch or store.issued_at < current.issued_at or _forgotten(store, current):
        raise _broken("ledger.trust_rolled_back", "The trust store goes back behind its epoch or a revocation.", store)
    check(current, ROOT, signed, store.issued_at)
    check(store, ROOT, signed, store.issued_at)
    return store


def open_chain(documents: Sequence[bytes], pinned_sha256: str) -> list[TrustStore]:
    """Every version from 1 on, each checked against the one before."""
    if not documents:
        raise Invalid("kernel.trust_malformed", "There is no trust store.", remedy="Give its versions from 1 on.")
    found = [open_first(documents[0], pinned_sha256)]
    for document in documents[1:]:
        found.append(open_next(document, found[-1]))
    return found


def signers(
    store: TrustStore, role: str, signed: envelope.Envelope, at: int, *, revoked_by: int | None = None
) -> list[TrustKey]:
    """The keys of the role, valid at that instant, whose signature the envelope really carries. With `revoked_by` (µs) a
    key that is revoked then does not count, whenever it signed."""
    message = envelope.pae(signed.payload_type, signed.payload)
    gone = set() if revoked_by is None else set(store.revoked_at(revoked_by))
    candidates = [key for key in store.keys_of(role, at) if key.key not in gone]
    named = {key.key_id: key for key in candidates}
    found: dict[str, TrustKey] = {}
    for key_id, signature in signed.signatures:
        # the hint first: a store of hundreds of stations is not tried whole for each signature
        for key in [named[key_id]] if key_id in named else candidates:
            if key.key.verify(message, signature):
                found.setdefault(key.key_id, key)
                break
    return list(found.values())


def check(
    store: TrustStore, role: str, signed: envelope.Envelope, at: int, *, revoked_by: int | None = None
) -> list[TrustKey]:
    """The signers, once they reach the role's threshold with different holders; Tampered otherwise.

    `at` is when the signature is proved to have existed, UTC microseconds; `revoked_by` as `signers` has it.
    """
    if role not in store.roles:
        raise Refused(
            "ledger.trust_role_unknown",
            f"Version {store.version} of the trust store has no keys for the role {role}.",
            {"role": role, "version": store.version},
            "Add keys for the role in the next version of the trust store.",
        )
    found = signers(store, role, signed, at, revoked_by=revoked_by)
    holders, needed = {key.holder for key in found}, store.roles[role].threshold
    if len(holders) < needed:
        raise Tampered(
            "ledger.trust_threshold",
            f"{len(holders)} of the {needed} holders needed of the role {role} signed this, or it was changed afterwards.",
            {"role": role, "signed_by": [key.key_id for key in found], "threshold": needed, "version": store.version},
            "Let the missing holders sign these very bytes, with keys that version of the trust store knows.",
        )
    return found


def _read(document: bytes) -> tuple[envelope.Envelope, TrustStore]:
    signed = envelope.parse(document, bytes_max=2 * DOCUMENT_BYTES_MAX)
    _need(signed.payload_type == TRUST_TYPE, f"its payloadType is {TRUST_TYPE}")
    return signed, parse(signed.payload)


def _forgotten(store: TrustStore, current: TrustStore) -> bool:
    return any(store.revoked.get(key_id) != revoked for key_id, revoked in current.revoked.items())


def _document(store: TrustStore) -> dict:
    shown = [
        {
            "algorithm": key.key.algorithm,
            "from_at": _instant_text(key.from_at),
            "holder": key.holder,
            "key_id": key.key_id,
            "public": base64_text(key.key.raw),
            "until_at": _instant_text(key.until_at),
        }
        for _, key in sorted(store.keys.items())
    ]
    revoked = [
        {"epoch": each.epoch, "from_at": format_instant(each.from_at), "key_id": key_id, "reason": each.reason}
        for key_id, each in sorted(store.revoked.items())
    ]
    return {
        "epoch": store.epoch,
        "issued_at": format_instant(store.issued_at),
        "keys": shown,
        "previous": store.previous,
        "revoked": revoked,
        "roles": {name: {"keys": sorted(r.keys), "threshold": r.threshold} for name, r in store.roles.items()},
        "schema": 1,
        "store": store.store,
        "version": store.version,
    }


def _keys(said: object) -> dict[str, TrustKey]:
    _need(type(said) is list and len(said) <= KEYS_MAX, f"keys is a list of at most {KEYS_MAX:,}")
    found = {}
    for each in said:
        _need(type(each) is dict and set(each) == _KEY_FIELDS, f"a key has {', '.join(sorted(_KEY_FIELDS))}")
        _need(_text(each["algorithm"]) and _text(each["holder"]) and each["holder"], "a key has algorithm and holder")
        try:
            raw = strict_base64(each["public"] if type(each["public"]) is str else "!")
            public = keys.PublicKey(each["algorithm"], raw)
            key_id = public.key_id
        except ValueError:
            raise _bad("a public key is not one of its algorithm") from None
        _need(key_id == each["key_id"], f"the key {str(each['key_id'])[:40]} has another id")
        _need(key_id not in found, f"the key {key_id} stands twice")
        found[key_id] = TrustKey(public, each["holder"], _instant(each["from_at"], ""), _instant(each["until_at"], ""))
    return found


def _roles(said: object, known: dict[str, TrustKey]) -> dict[str, Role]:
    _need(type(said) is dict and set(said) <= set(ROLES) and ROOT in said, f"roles are {', '.join(ROLES)}, with root")
    found: dict[str, Role] = {}
    taken: set[str] = set()
    for name, each in said.items():
        _need(
            type(each) is dict and set(each) == {"keys", "threshold"} and type(each["keys"]) is list, f"{name} is bad"
        )
        _need(all(type(key) is str and key in known for key in each["keys"]), f"{name} names a key that is not there")
        _need(len(set(each["keys"])) == len(each["keys"]) and each["keys"], f"{name} has keys, each once")
        _need(not taken & set(each["keys"]), "a key has one role")
        taken |= set(each["keys"])
        kinds = keys.SEALING if name in SEALING_ROLES else keys.SIGNING
        _need(all(known[key].key.algorithm in kinds for key in each["keys"]), f"keys of {name} are {', '.join(kinds)}")
        holders = {known[key].holder for key in each["keys"]}
        threshold = each["threshold"]
        most = min(len(holders), envelope.SIGNATURES_MAX)
        _need(type(threshold) is int and 1 <= threshold <= most, f"{name} can reach its threshold")
        found[name] = Role(frozenset(each["keys"]), threshold)
    _need(taken == set(known), "each key has a role")
    return found


def _revoked(said: object, known: dict[str, TrustKey], epoch: int) -> dict[str, Revocation]:
    _need(type(said) is list and len(said) <= KEYS_MAX, f"revoked is a list of at most {KEYS_MAX:,}")
    found = {}
    for each in said:
        right = type(each) is dict and set(each) == {"epoch", "from_at", "key_id", "reason"}
        _need(right and _text(each["reason"]) and _text(each["key_id"]), "a revocation has its four fields")
        _need(each["key_id"] in known and each["key_id"] not in found, "a revocation names a key, once")
        _need(
            type(each["epoch"]) is int and 0 <= each["epoch"] <= epoch, "a revocation's epoch is not after the store's"
        )
        found[each["key_id"]] = Revocation(each["key_id"], each["epoch"], _instant(each["from_at"]), each["reason"])
    return found


def _instant(said: object, empty: str | None = None) -> int | None:
    if said == empty and empty is not None:
        return None
    try:
        return parse_instant(said if type(said) is str else "")
    except ValueError as refusal:
        raise _bad(f"an instant is wrong: {refusal}") from None


def _instant_text(instant: int | None) -> str:
    return "" if instant is None else format_instant(instant)


def _text(said: object) -> bool:
    return type(said) is str and len(said) <= TEXT_CHARACTERS_MAX


def _need(right: object, reason: str) -> None:
    if not right:
        raise _bad(reason)


def _bad(reason: str) -> Invalid:
    return Invalid(
        "kernel.trust_malformed", f"This is no trust store: {reason}.", remedy="Get the file again, unchanged."
    )


def _broken(code: str, message: str, store: TrustStore, **more: object) -> Tampered:
    return Tampered(
        code, message, {"version": store.version, "sha256": store.sha256, **more}, "Get each version from its issuer."
    )
