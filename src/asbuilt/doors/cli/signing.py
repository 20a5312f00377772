"""Keys that sign on the command line: a PEM file, or a `pkcs11:` URI of a token. Neither database nor Django.

The PIN of a token stands in the file that the URI names, or is asked for where somebody sits at a terminal.
"""

import os
from pathlib import Path

from asbuilt.kernel import keys
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.tokens.keys import TokenKey, asked_pin, is_token

DOCUMENT_BYTES_MAX = 4 * 1024 * 1024
FILE_BYTES_MAX = 128 * 1024 * 1024


class FileKey:
    """An Ed25519 private key of a PEM file."""

    def __init__(self, pem: str):
        self._private = keys.private_from_pem(pem)
        self.public = keys.PublicKey(keys.ED25519, keys.public_of(self._private))

    def sign(self, message: bytes) -> bytes:
        """The signature, 64 bytes."""
        return keys.sign_ed25519(self._private, message)


class InToken:
    """A P-256 key in a token."""

    def __init__(self, uri: str):
        self._key = TokenKey(uri, asked_pin(uri))
        self.public = self._key.public()
        self.sign = self._key.sign


def signer_of(name: str) -> FileKey | InToken:
    """What signs with the key of this name."""
    return InToken(name) if is_token(name) else FileKey(read_file(Path(name)).decode("utf-8", "replace"))


def read_file(file: Path, bytes_max: int = DOCUMENT_BYTES_MAX) -> bytes:
    """The bytes of a file; NotFound where it cannot be read, Invalid beyond the limit."""
    try:
        with open(file, "rb") as stream:
            too_large = os.fstat(stream.fileno()).st_size > bytes_max
            content = b"" if too_large else stream.read(bytes_max + 1)  # a pipe says no size
    except OSError:
        raise NotFound(
            "cli.no_file", f"There is no file {str(file)[:200]}.", {"file": str(file)[:200]}, "Look at its name."
        ) from None
    if too_large or len(content) > bytes_max:
        raise Invalid(
            "cli.file_too_large",
            f"{file} has more than {bytes_max:,} bytes.",
            {"bytes_max": bytes_max},
            "Give the right file.",
        )
    return content
