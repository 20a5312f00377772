"""The next version of a trust store, from a plain description of who holds which role; signed by nobody yet.

    {"store": "acme", "roles": {"root": {"threshold": 2, "keys": [{"key": "ann.pem", "holder": "Ann"}, …]}, …},
     "revoked": [{"key": "old.pem", "from_at": "2027-03-01T00:00:00Z", "reason": "laptop stolen"}]}

`key` names a public key, which the caller reads; `from_at` and `until_at` of a key are optional. Revocations of the version
before stay, and so do the keys they name.
"""

from collections.abc import Callable

from asbuilt.kernel import trust
from asbuilt.kernel.canonical import parse_strict
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.keys import PublicKey


def next_version(
    description: bytes, public_key: Callable[[str, bool], PublicKey], now: int, before: trust.TrustStore | None = None
) -> trust.TrustStore:
    """The version after `before` (None: the first). `public_key(name, sealing)` gives a key; Invalid where one is wrong."""
    said = parse_strict(description, decimals=False, bytes_max=trust.DOCUMENT_BYTES_MAX, nesting_max=8)
    try:
        keys: dict[str, trust.TrustKey] = {}
        roles = {name: _role(name, each, keys, public_key) for name, each in said["roles"].items()}
        revoked = dict(before.revoked) if before else {}
        epoch = before.epoch if before else 0
        told = said.get("revoked", [])
        if told:
            epoch += 1
        for each in told:
            key_id = public_key(each["key"], False).key_id
            made = trust.Revocation(key_id, epoch, parse_instant(each["from_at"]), each["reason"])
            revoked.setdefault(key_id, made)
        for key_id in revoked:
            _keep(key_id, before, keys, roles)
        store = trust.TrustStore(
            said["store"],
            before.version + 1 if before else 1,
            before.sha256 if before else "",
            now,
            epoch,
            keys,
            roles,
            revoked,
        )
    except (KeyError, TypeError, AttributeError, ValueError) as refusal:
        raise Invalid(
            "kernel.trust_description",
            f"The description of the trust store is wrong: {type(refusal).__name__} {str(refusal)[:80]}.",
            remedy="Write store, roles with threshold and keys (key, holder), and perhaps revoked.",
        ) from None
    # what a reader would refuse is refused to the writer
    return trust.parse(store.payload)


def _role(name: str, said: dict, keys: dict[str, trust.TrustKey], public_key) -> trust.Role:
    ids = []
    for each in said["keys"]:
        key = public_key(each["key"], name in trust.SEALING_ROLES)
        term = {end: parse_instant(each[end]) for end in ("from_at", "until_at") if each.get(end)}
        keys[key.key_id] = trust.TrustKey(key, each["holder"], **term)
        ids.append(key.key_id)
    return trust.Role(frozenset(ids), said["threshold"])


def _keep(key_id: str, before: trust.TrustStore | None, keys: dict, roles: dict[str, trust.Role]) -> None:
    """A revoked key stays in the store, in its role, so that nobody forgets it."""
    if key_id in keys or before is None:
        return
    role = before.role_of(key_id)
    keys[key_id] = before.keys[key_id]
    roles[role] = trust.Role(roles[role].keys | {key_id}, roles[role].threshold)
