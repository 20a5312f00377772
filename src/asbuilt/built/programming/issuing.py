"""The issuer's key: it splits permits from a grant, in a file of the keys folder or in a token.

`issuer.pem` (0600) in the tenant's keys folder, or the key that ASBUILT_ISSUER_KEY names (PKCS#11 URI, P-256). It is never
made here: its public half must stand in the grant and, as permit issuer, in the trust store before it counts.
"""

import os
from dataclasses import dataclass

from asbuilt.kernel import envelope, keys
from asbuilt.kernel.errors import Unavailable
from asbuilt.ledger import keyring, origins
from asbuilt.tokens.keys import TokenKey

KEY_FILE = "issuer.pem"


@dataclass(frozen=True)
class IssuerKey:
    """The key that signs permits: its public half, and where its private half lies."""

    public: keys.PublicKey
    _private: bytes | TokenKey

    def sign(self, payload_type: str, payload: bytes) -> bytes:
        """The envelope as JSON bytes."""
        message = envelope.pae(payload_type, payload)
        if isinstance(self._private, TokenKey):
            signature = self._private.sign(message)
        else:
            signature = keys.sign_ed25519(self._private, message)
        bare = envelope.Envelope(payload_type, payload, ())
        return envelope.envelope_bytes(envelope.with_signature(bare, self.public, signature))


def issuer_key(tenant: int) -> IssuerKey:
    """The tenant's issuer key; Unavailable where it has none."""
    uri = os.environ.get("ASBUILT_ISSUER_KEY", "")
    if uri:
        token = TokenKey(uri)
        return IssuerKey(token.public(), token)
    file = keyring.folder_of(origins.origin(tenant)) / KEY_FILE
    try:
        private = keys.private_from_pem(file.read_text(encoding="ascii"))
    except FileNotFoundError:
        raise Unavailable(
            "programming.issuer_key_missing",
            f"There is no key {KEY_FILE} in the keys folder, so no permit can be signed.",
            remedy="Put the issuer's key there, or name one in a token with ASBUILT_ISSUER_KEY.",
        ) from None
    return IssuerKey(keys.PublicKey(keys.ED25519, keys.public_of(private)), private)
