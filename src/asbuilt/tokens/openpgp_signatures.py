"""Detached OpenPGP signatures of files, and the public keys that they are checked with.

    certificates_in(content) -> the keys of a file, secret parts left out        checked(file, signature, keys) -> who signed it

A signature holds if one of the given keys, or a subkey of it, made it, was valid when it did, is not revoked, and used nothing
that is broken by now (SHA-1). Standards: RFC 4880, RFC 9580, by pysequoia.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CERTIFICATES_MAX = 100
SIGNED, UNKNOWN, WRONG = "signed", "unknown", "wrong"


@dataclass(frozen=True)
class Certificate:
    """A public key: the fingerprint of its primary key in upper case hex, its armoured form, fingerprints of all its keys."""

    fingerprint: str
    armoured: bytes
    keys: frozenset[str]


def certificates_in(content: bytes) -> list[Certificate]:
    """The public keys of a file, armoured or not, a key ring too; ValueError where it holds none, or too many."""
    from pysequoia import Cert, packet

    found = []
    try:
        certificates = Cert.split_bytes(content)
        if not 0 < len(certificates) <= CERTIFICATES_MAX:
            raise ValueError
        for one in certificates:
            pile = packet.PacketPile.from_bytes(bytes(one))
            keys = frozenset(each.fingerprint.upper() for each in pile if each.fingerprint)
            found.append(Certificate(one.fingerprint.upper(), str(one).encode(), keys))
    except Exception:  # the library raises what its parser says, with a trace
        raise ValueError("it holds no OpenPGP public key") from None
    return found


def checked(file: Path, signature: bytes, trusted: Sequence[Certificate]) -> tuple[str, str]:
    """(SIGNED, fingerprint of the trusted key) · (UNKNOWN, fingerprint or id of the key that says it signed) · (WRONG, "")."""
    from pysequoia import Cert, Sig, verify

    try:
        parsed = Sig.from_bytes(signature)
        issuer = (parsed.issuer_fingerprint or parsed.issuer_key_id or "").upper()
    except Exception:  # see above
        return WRONG, ""
    asked = [one for one in trusted if not issuer or any(key.endswith(issuer) for key in one.keys)]
    if not asked:
        return UNKNOWN, issuer
    try:
        keys = [Cert.from_bytes(one.armoured) for one in asked]
        said = verify(file=str(file), store=lambda _: keys, signature=parsed)
        by = said.valid_sigs[0].certificate.upper()
    except Exception:  # see above
        return WRONG, ""
    return (SIGNED, by) if any(one.fingerprint == by for one in asked) else (WRONG, "")
