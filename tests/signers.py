"""People with keys, for tests: Ed25519 and P-256 signers, a trust store of two versions, a signed release."""

from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from asbuilt.kernel import envelope, keys, releases, trust
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.sealing import SealingKey

AT = parse_instant("2026-11-01T08:00:00Z")
DAY = 86_400_000_000


class Ed25519:
    """A signer whose key is made of its name, the same in each run."""

    def __init__(self, name):
        self.holder, self.private = name, sha256(name.encode()).digest()
        self.public = keys.PublicKey(keys.ED25519, keys.public_of(self.private))

    def sign(self, message):
        return keys.sign_ed25519(self.private, message)


class P256:
    """A signer with a P-256 key, as a token holds it: raw r ‖ s."""

    def __init__(self, name):
        self.holder = name
        self._key = ec.derive_private_key(int.from_bytes(sha256(name.encode()).digest(), "big") >> 1, ec.SECP256R1())
        raw = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public = keys.PublicKey(keys.P256, raw)

    def sign(self, message):
        r, s = utils.decode_dss_signature(self._key.sign(message, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


ROOTS = [Ed25519("root 1"), P256("root 2"), Ed25519("root 3")]
RELEASERS = [Ed25519("release 1"), P256("release 2"), Ed25519("release 3")]
ISSUER, BRAND = Ed25519("issuer"), P256("brand")
RECOVERY = SealingKey.new()


def signed(payload_type, payload, signers):
    found = envelope.Envelope(payload_type, payload, ())
    for signer in signers:
        found = envelope.with_signature(found, signer.public, signer.sign(envelope.pae(payload_type, payload)))
    return envelope.envelope_bytes(found)


def key_of(signer, **term):
    return trust.TrustKey(signer.public, signer.holder, **term)


def store(**changes):
    """Version 1: two of three roots, two of three release signers, a permit issuer, a brand owner, a recovery key."""
    people = [*ROOTS, *RELEASERS, ISSUER, BRAND]
    known = {signer.public.key_id: key_of(signer) for signer in people}
    known[RECOVERY.public.key_id] = trust.TrustKey(RECOVERY.public, "safe")
    roles = {
        "root": trust.Role(frozenset(signer.public.key_id for signer in ROOTS), 2),
        "release-signer": trust.Role(frozenset(signer.public.key_id for signer in RELEASERS), 2),
        "permit-issuer": trust.Role(frozenset([ISSUER.public.key_id]), 1),
        "grant-issuer": trust.Role(frozenset([BRAND.public.key_id]), 1),
        "recovery": trust.Role(frozenset([RECOVERY.public.key_id]), 1),
    }
    said = {
        "store": "acme",
        "version": 1,
        "previous": "",
        "issued_at": AT,
        "epoch": 0,
        "keys": known,
        "roles": roles,
        "revoked": {},
    }
    return trust.TrustStore(**{**said, **changes})


def store_file(of, signers=None):
    return signed(trust.TRUST_TYPE, of.payload, ROOTS[:2] if signers is None else signers)


def statement(image, **changes):
    said = {
        "product": "WIDGET", "role": "app", "version": "2.3.1", "revisions": ("B", "C"), "security_relevant": True,
        "change_log": "Closes the debug port", "built_by": "ci 4711", "created_at": AT,
    }  # fmt: skip
    first, second = releases.digests(image)
    return releases.ReleaseStatement(**{**said, "sha256": first, "sha512": second, "length": len(image), **changes})


def release_file(of, signers=None):
    return signed(releases.PAYLOAD_TYPE, of.payload, RELEASERS[:2] if signers is None else signers)
