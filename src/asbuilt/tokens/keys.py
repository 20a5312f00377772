"""Keys that never leave a token: signing with ECDSA P-256 and encrypting with AES-256-GCM through PKCS#11.

A key is named by a URI (RFC 7512): `pkcs11:token=TOKEN;object=LABEL?module-path=/usr/lib/…so&pin-source=/path`. The PIN
is read from the file of `pin-source`, or what a person was asked for, or from ASBUILT_TOKEN_PIN; one in the URI itself is
refused, since a URI stands in command lines and logs. A token knows who is signed in per program and not per session, so
one use in this process ends before the next begins. Needs the extra `hsm` (python-pkcs11). Standard: PKCS#11 2.40.
"""

import getpass
import hashlib
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from asbuilt.kernel import keys
from asbuilt.kernel.errors import Invalid, Unavailable

SCHEME = "pkcs11:"
PIN_CHARACTERS_MAX = 256
NONCE_BYTES = 12
_TURN = threading.Lock()


def is_token(name: str) -> bool:
    """Whether this names a key in a token."""
    return name.startswith(SCHEME)


def asked_pin(uri: str, words: str = "PIN of token {token}: ") -> str:
    """The PIN of this URI's token as a person types it, asked for in these words, where nothing else names it and somebody
    sits there; else empty."""
    path, query = _parts(uri)
    if query.get("pin-source") or "ASBUILT_TOKEN_PIN" in os.environ or not sys.stdin.isatty():
        return ""
    return getpass.getpass(words.format(token=path.get("token", path["object"])))[:PIN_CHARACTERS_MAX]


class TokenKey:
    """A key in a token, by its URI. Each use opens the token and closes it again."""

    def __init__(self, uri: str, pin: str = ""):
        """`pin` is what a person was asked for; a `pin-source` of the URI comes first."""
        self.path, self.query = _parts(uri)
        self._asked_pin = pin

    def public(self) -> keys.PublicKey:
        """The public key of a P-256 pair."""
        with self._session() as (session, pkcs11):
            found = self._key(session, pkcs11, pkcs11.ObjectClass.PUBLIC_KEY)
            point = bytes(found[pkcs11.Attribute.EC_POINT])
        # the token gives the point as a DER octet string: 04 41, then the 65 bytes
        raw = point[2:] if len(point) == 67 and point[:2] == b"\x04\x41" else point
        if len(raw) != 65 or raw[:1] != b"\x04":
            raise _unusable("its public key is not of P-256")
        return keys.PublicKey(keys.P256, raw)

    def sign(self, message: bytes) -> bytes:
        """The ECDSA signature with SHA-256, raw r ‖ s."""
        with self._session() as (session, pkcs11):
            key = self._key(session, pkcs11, pkcs11.ObjectClass.PRIVATE_KEY)
            return bytes(key.sign(hashlib.sha256(message).digest(), mechanism=pkcs11.Mechanism.ECDSA))

    def encrypt(self, clear: bytes, bound: bytes) -> bytes:
        """Nonce, ciphertext and tag of AES-256-GCM."""
        nonce = os.urandom(NONCE_BYTES)
        with self._session() as (session, pkcs11):
            key = self._key(session, pkcs11, pkcs11.ObjectClass.SECRET_KEY)
            said = {"mechanism": pkcs11.Mechanism.AES_GCM, "mechanism_param": pkcs11.GCMParams(nonce, bound, 128)}
            return nonce + bytes(key.encrypt(clear, **said))

    def decrypt(self, sealed: bytes, bound: bytes) -> bytes | None:
        """What `encrypt` was given; None where it does not open."""
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        with self._session() as (session, pkcs11):
            key = self._key(session, pkcs11, pkcs11.ObjectClass.SECRET_KEY)
            said = {"mechanism": pkcs11.Mechanism.AES_GCM, "mechanism_param": pkcs11.GCMParams(nonce, bound, 128)}
            try:
                return bytes(key.decrypt(rest, **said))
            except pkcs11.exceptions.PKCS11Error:
                return None

    @property
    def name(self) -> str:
        """What may be shown and kept of it: token and label."""
        return f"pkcs11:token={self.path.get('token', '')};object={self.path['object']}"

    @contextmanager
    def _session(self) -> Iterator[tuple]:
        try:
            import pkcs11
        except ImportError:
            raise Unavailable(
                "tokens.library_missing",
                "Keys in tokens need python-pkcs11.",
                remedy="Install asbuilt with its extra `hsm`.",
            ) from None
        try:
            with _TURN:
                token = pkcs11.lib(self.query["module-path"]).get_token(token_label=self.path.get("token"))
                with token.open(user_pin=self._pin()) as session:
                    yield session, pkcs11
        except (pkcs11.exceptions.PKCS11Error, RuntimeError) as refusal:
            raise _unusable(type(refusal).__name__) from None

    def _key(self, session, pkcs11, kind):
        try:
            return session.get_key(object_class=kind, label=self.path["object"])
        except (pkcs11.exceptions.NoSuchKey, pkcs11.exceptions.MultipleObjectsReturned):
            raise _unusable(f"it holds no single key {self.path['object'][:60]} of that kind") from None

    def _pin(self) -> str:
        source = self.query.get("pin-source", "")
        if not source:
            return self._asked_pin or os.environ.get("ASBUILT_TOKEN_PIN", "")
        try:
            return Path(source.removeprefix("file:")).read_text()[:PIN_CHARACTERS_MAX].strip()
        except OSError:
            raise _unusable("the file of its PIN cannot be read") from None


def _parts(uri: str) -> tuple[dict[str, str], dict[str, str]]:
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    pairs = [each.partition("=") for each in path.split(";") if each]
    named = {name: unquote(value) for name, _, value in pairs}
    asked = dict(parse_qsl(query))
    if "pin-value" in named or "pin-value" in asked:
        raise Invalid(
            "tokens.pin_shown",
            "A PIN stands in no URI: command lines and logs would show it.",
            remedy="Name its file with pin-source, or wait to be asked for it at a terminal.",
        )
    asked.setdefault("module-path", os.environ.get("ASBUILT_TOKEN_MODULE", ""))
    if not uri.startswith(SCHEME) or not named.get("object") or not asked["module-path"]:
        raise Invalid(
            "tokens.uri",
            "This names no key in a token.",
            remedy="Write pkcs11:token=TOKEN;object=LABEL?module-path=/path/of/the/module.so",
        )
    return named, asked


def _unusable(reason: str) -> Unavailable:
    return Unavailable(
        "tokens.unusable",
        f"The token does not do it: {reason}.",
        remedy="Check that it is plugged in, its label, the label of the key and the PIN.",
    )
