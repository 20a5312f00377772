"""Public keys as signers hand them out: a file of lines (`record NAME BASE64` and C2SP verifier keys), or one PEM.

parse_public_keys(content)   -> (record keys, keys of logs)         Invalid: no such file
"""

import base64
import binascii

from asbuilt.kernel import notes
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.keys import ED25519, PublicKey, public_from_pem


def parse_public_keys(content: bytes) -> tuple[list[PublicKey], list[notes.VerifierKey]]:
    """(record keys, log keys) of the bytes of a file."""
    if b"-----BEGIN" in content:
        return [public_from_pem(content.decode("utf-8", "replace"))], []
    record_keys, vkeys = [], []
    try:
        for line in (each.strip() for each in content.decode("utf-8").splitlines() if each.strip()):
            if line.startswith("record "):
                record_keys.append(PublicKey(ED25519, base64.b64decode(line.split(" ")[2], validate=True)))
            else:
                vkeys.append(notes.parse_vkey(line))
    except (UnicodeDecodeError, IndexError, binascii.Error, ValueError) as error:
        remedy = "Give the file public.keys as the signer handed it out."
        raise Invalid("kernel.public_keys_malformed", f"This is no file of public keys: {error}.", {}, remedy) from None
    return record_keys, vkeys
