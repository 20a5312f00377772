"""Line authority: certificates for devices, signed at the station by a key that only signs devices of this line.

Each device gets a key pair of its own (ECDSA P-256, made here and forgotten once it is on the device) and a certificate
over it: subject is its identity and the unit's name, validity from now on without an end (99991231235959Z, as RFC 5280
says for devices), no right to sign further certificates. The authority's key is in a PKCS#11 token that station.json names
(`authority`: a URI, its PIN in the file of `pin-source` or asked for at the start), or, where there is none, in a file of the
station that its user alone may read.
Standard: RFC 5280, 4.1.2.5; IEEE 802.1AR for what a device identity is.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.keys import native
from asbuilt.tokens.keys import TokenKey

NO_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


class LineAuthority:
    """An authority of one line: its certificate and its private key."""

    def __init__(self, certificate_pem: bytes, key):
        from cryptography import x509

        self.certificate = x509.load_pem_x509_certificate(certificate_pem)
        if self.certificate.public_key() != key.public_key():
            raise Invalid(
                "station.authority_key",
                "Key and certificate of the line authority are not of each other.",
                remedy="Put the certificate of the authority's own key into the station's folder.",
            )
        self._key = key

    @classmethod
    def from_folder(cls, folder: Path, uri: str = "", pin: str = "") -> "LineAuthority | None":
        """The authority of authority.pem, its key in a token (`uri`) or in authority.key; None where there is none."""
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        certificate = folder / "authority.pem"
        if not certificate.exists():
            return None
        if uri:
            return cls(certificate.read_bytes(), key_in_token(uri, pin))
        return cls(certificate.read_bytes(), load_pem_private_key((folder / "authority.key").read_bytes(), None))

    def issue(self, uid: str, unit: str) -> tuple[bytes, bytes]:
        """(what the device gets: two lengths, key and certificate in DER; the certificate)."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import NameOID

        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [x509.NameAttribute(NameOID.SERIAL_NUMBER, uid[:64]), x509.NameAttribute(NameOID.COMMON_NAME, unit[:64])]
        )
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(int.from_bytes(os.urandom(19), "big") | 1)
            .not_valid_before(datetime.now(UTC))
            .not_valid_after(NO_END)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = certificate.public_bytes(serialization.Encoding.DER)
        lengths = len(private).to_bytes(2, "big") + len(public).to_bytes(2, "big")
        return lengths + private + public, public


def key_in_token(uri: str, pin: str):
    """A P-256 key of a token, as cryptography takes a private key: it signs and says its public half, and gives nothing out."""
    from cryptography.hazmat.primitives.asymmetric import ec, utils
    from cryptography.hazmat.primitives.hashes import SHA256

    token = TokenKey(uri, pin)
    public = native(token.public())

    class KeyInToken(ec.EllipticCurvePrivateKey):
        curve, key_size = ec.SECP256R1(), 256

        def public_key(self):
            return public

        def sign(self, data, signature_algorithm):
            if not isinstance(signature_algorithm.algorithm, SHA256):
                raise ValueError("this key signs with SHA-256 only")
            raw = token.sign(bytes(data))
            return utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))

        def _stays(self, *_):
            raise ValueError("the key stays in its token")

        exchange = private_numbers = private_bytes = __copy__ = __deepcopy__ = _stays

    return KeyInToken()
