"""OpenPGP keys in files: detached signatures over what is published.

    key = OpenPgpKey.read(Path("psirt.key"))     key.sign(content) -> b"-----BEGIN PGP SIGNATURE-----…"

Standard: RFC 4880 (version 4 signatures), by pysequoia. The file holds a secret key without a passphrase and belongs to its owner alone.
"""

from datetime import datetime
from pathlib import Path

from asbuilt.kernel.errors import Invalid, NotAllowed

KEY_BYTES_MAX = 1024**2


class OpenPgpKey:
    """A secret key that signs. It is never shown."""

    def __init__(self, secret):
        self._signer = secret.signer()
        certificate = secret.extract_certificate()
        self.fingerprint: str = certificate.fingerprint.upper()
        self.public: bytes = str(certificate).encode()

    @classmethod
    def read(cls, file: Path) -> "OpenPgpKey":
        """The key of a file. NotAllowed: others may read it; Invalid: it holds no secret key that signs without a passphrase."""
        from pysequoia import Tsk

        found = file.stat()
        if found.st_mode & 0o077:
            raise NotAllowed(
                "tokens.openpgp_open", f"{file.name} may be read by others.", {"file": file.name}, "chmod 600 it."
            )
        try:
            if found.st_size > KEY_BYTES_MAX:
                raise ValueError
            return cls(Tsk.from_bytes(file.read_bytes()))
        except OSError:
            raise
        except Exception:  # the library raises what its parser says; nothing of a key may reach a message
            said = f"{file.name} holds no OpenPGP key that can sign without a passphrase."
            raise Invalid(
                "tokens.openpgp_wrong", said, {"file": file.name}, "Export the secret key of the signing role."
            ) from None

    def sign(self, content: bytes) -> bytes:
        """The detached signature, armoured."""
        from pysequoia import SignatureMode, sign

        return sign(self._signer, content, mode=SignatureMode.DETACHED)

    def clear_sign(self, text: str) -> bytes:
        """The text inside a clear signature (RFC 4880, section 7)."""
        from pysequoia import SignatureMode, sign

        return sign(self._signer, text.encode(), mode=SignatureMode.CLEAR)


def new_key(user: str, days: int) -> bytes:
    """A new secret key for this user id, valid for so many days; for a file that its owner alone may read."""
    from pysequoia import Tsk

    return bytes(Tsk.generate(user, validity_seconds=days * 86_400))


def valid_until(public: bytes) -> datetime | None:
    """Until when a public key is valid; None: for ever."""
    from pysequoia import Cert

    return Cert.from_bytes(public).expiration


def is_signed_by(content: bytes, public: bytes) -> bool:
    """Whether this key made the clear signature around the text."""
    from pysequoia import Cert, verify

    try:
        certificate = Cert.from_bytes(public)
        return bool(verify(bytes=content, store=lambda _: [certificate]).valid_sigs)
    except Exception:  # the library raises what its parser says
        return False
