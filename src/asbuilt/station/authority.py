"""Line authority: certificates for devices, signed at the station by a key that only signs devices of this line.

Each device gets a key pair of its own (ECDSA P-256, made here and forgotten once it is on the device) and a certificate
over it: subject is its identity and the unit's name, validity from now on without an end (99991231235959Z, as RFC 5280
says for devices), no right to sign further certificates. The authority's key lies in a file of the station that its user
alone may read.
Standard: RFC 5280, 4.1.2.5; IEEE 802.1AR for what a device identity is.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from asbuilt.kernel.errors import Invalid

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
                remedy="Put both files of one authority into the station's folder.",
            )
        self._key = key

    @classmethod
    def from_folder(cls, folder: Path) -> "LineAuthority | None":
        """The authority of authority.pem and authority.key, None where there is none."""
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        certificate, key = folder / "authority.pem", folder / "authority.key"
        if not certificate.exists():
            return None
        return cls(certificate.read_bytes(), load_pem_private_key(key.read_bytes(), None))

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
