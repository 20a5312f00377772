"""A line authority gives each device a key pair and a certificate of its own; checked with cryptography on what the device got."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from station_floor import records, scan

from asbuilt.kernel.errors import Invalid
from asbuilt.station.authority import LineAuthority
from asbuilt.station.programmers.rsp import Remote

UIDS = ("0102030405060708", "0102030405060709")


def make_authority(folder, *, other_key: bool = False) -> x509.Certificate:
    """authority.pem and authority.key of a self-signed authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Line 4")])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(datetime.now(UTC)).not_valid_after(datetime.now(UTC) + timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    kept = ec.generate_private_key(ec.SECP256R1()) if other_key else key
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "authority.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "authority.key").write_bytes(
        kept.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate


def given_to(target) -> tuple[object, x509.Certificate]:
    """Private key and certificate as they stand in the device's factory page."""
    remote = Remote("127.0.0.1", target.stub, 5)
    page = remote.read(0x3F000, 0x700)
    remote.close()
    assert page[:4] == b"PROV"
    sizes = int.from_bytes(page[4:6], "big"), int.from_bytes(page[6:8], "big")
    key = serialization.load_der_private_key(page[8 : 8 + sizes[0]], None)
    return key, x509.load_der_x509_certificate(page[8 + sizes[0] : 8 + sum(sizes)])


def certified(floor):
    floor.plan["parts"][0]["regions"][1]["length"] = 0x700
    floor.plan["secrets"][0].update(kind="certificate", length=1)


def test_each_device_gets_its_own_key_and_certificate_under_the_line_authority(floor, cortex):
    certified(floor)
    targets = [cortex(uid) for uid in UIDS]
    station = floor.station([target.place() for target in targets])
    authority = make_authority(station.home.folder)
    assert [one.result for one in station.program_panel(scan(""), "P")] == ["pass", "pass"]
    found = [given_to(target) for target in targets]
    for uid, (key, certificate) in zip(UIDS, found, strict=True):
        certificate.verify_directly_issued_by(authority)
        assert key.public_key() == certificate.public_key()
        assert certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)[0].value == uid
        assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert certificate.not_valid_after_utc.year == 9999
    assert found[0][0].private_numbers() != found[1][0].private_numbers()
    recorded = {record.given[0].public_sha256 for record in records(station)}
    assert recorded == {certificate.fingerprint(hashes.SHA256()).hex() for _, certificate in found}
    private = [key.private_numbers().private_value.to_bytes(32, "big") for key, _ in found]
    kept = b"".join(file.read_bytes() for file in station.home.folder.rglob("*") if file.is_file())
    assert not [one for one in private if one in kept or one.hex().encode() in kept]


def test_without_an_authority_the_unit_fails_and_says_so(floor, cortex):
    certified(floor)
    station = floor.station([cortex(UIDS[0]).place()])
    outcome = station.program(scan("SN-1"), "1")
    assert (outcome.result, outcome.reason) == ("fail", "no_authority")


def test_key_and_certificate_of_two_authorities_are_refused(tmp_path):
    make_authority(tmp_path, other_key=True)
    with pytest.raises(Invalid) as refusal:
        LineAuthority.from_folder(tmp_path)
    assert refusal.value.code == "station.authority_key"
