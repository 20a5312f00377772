"""A line authority whose key is in a token (SoftHSM2): it certifies devices, also four at once; its PIN is in a file or asked for."""

import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hardware_token import MODULE, PIN, uri
from station.test_give_certificates import UIDS, certified, given_to
from station_floor import records, scan
from terminal import Terminal

from asbuilt.kernel.errors import Invalid
from asbuilt.station.agent import Station
from asbuilt.station.authority import LineAuthority


def line_certificate(folder: Path, label: str = "line") -> x509.Certificate:
    """authority.pem: the brand's root, a key of this test, certifies the key in the token."""
    import pkcs11

    with pkcs11.lib(MODULE).get_token(token_label="firm").open(user_pin=PIN) as session:
        found = session.get_key(object_class=pkcs11.ObjectClass.PUBLIC_KEY, label=label)
        public = ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), bytes(found[pkcs11.Attribute.EC_POINT])[2:]
        )
    root, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Line 4")]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Brand root")])).public_key(public)
        .serial_number(7).not_valid_before(now).not_valid_after(now + timedelta(days=9)).sign(root, hashes.SHA256())
    )  # fmt: skip
    (folder / "authority.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return certificate


def with_authority(station: Station, authority: str) -> Station:
    """The station as it starts with this key in station.json."""
    said = json.loads((station.home.folder / "station.json").read_text())
    station.home.put("station.json", json.dumps({**said, "authority": authority}).encode())
    again = Station(station.home.folder)
    again.start()
    return again


def test_four_devices_at_once_are_certified_by_the_key_in_the_token(floor, cortex, token):
    certified(floor)
    targets = [cortex(f"{number:016x}") for number in range(1, 5)]
    station = with_authority(floor.station([target.place() for target in targets]), uri(token, "line"))
    authority = line_certificate(station.home.folder)
    assert [one.result for one in station.program_panel(scan(""), "P")] == ["pass"] * 4
    for target in targets:
        key, certificate = given_to(target)
        certificate.verify_directly_issued_by(authority)
        assert key.public_key() == certificate.public_key()
    kept = b"".join(file.read_bytes() for file in station.home.folder.rglob("*") if file.is_file())
    assert PIN.encode() not in kept and not (station.home.folder / "authority.key").exists()


def test_the_pin_is_asked_for_at_the_terminal_and_seen_by_nobody(floor, cortex, token):
    certified(floor)
    target = cortex(UIDS[0])
    station = with_authority(floor.station([target.place()]), uri(token, "line", pin=False))
    authority = line_certificate(station.home.folder)
    program = [str(Path(sys.executable).with_name("asbuilt-station")), "--home", str(station.home.folder), "run"]
    terminal = Terminal(program, dict(os.environ))
    terminal.read("PIN of token firm: ")
    terminal.write(PIN + "\n")
    time.sleep(0.3)
    said = {"badge": "OP-7", "order": "WO-7", "unit": "SN-1", "revision": "B"}
    terminal.write(json.dumps(said) + "\n")
    shown = terminal.read('"result": ')
    assert PIN not in terminal.seen_by_others()
    terminal.write("\x04")
    assert terminal.end() == 0
    assert PIN not in terminal.shown and '"result": "pass"' in shown + terminal.shown
    given_to(target)[1].verify_directly_issued_by(authority)


def test_without_a_pin_or_token_nothing_is_spent_and_the_station_goes_on(floor, cortex, token, tmp_path):
    certified(floor)
    (tmp_path / "wrong").write_text("0000")
    bad = [
        uri(token, "line", pin=False),
        uri(token, "line", pin=False) + f"&pin-source={tmp_path / 'wrong'}",
        uri(token, "line").replace("token=firm", "token=away"),
    ]
    station = floor.station([cortex(UIDS[0]).place()])
    line_certificate(station.home.folder)
    for authority in bad:
        again = with_authority(station, authority)
        outcome = again.program(scan("SN-1"), "1")
        assert (outcome.result, outcome.reason) == ("refused", "tokens.unusable")
        assert again.alarm() is None and again.ledger.of_kind("RESERVE") == []
    again = with_authority(station, uri(token, "line"))
    assert again.program(scan("SN-1"), "1").passed


def test_a_plan_without_certificates_needs_no_token(floor, cortex, token):
    station = with_authority(floor.station([cortex(UIDS[0]).place()]), uri(token, "nobody"))
    assert station.program(scan("SN-1"), "1").passed


def test_a_certificate_of_another_key_of_the_token_is_refused(floor, cortex, token):
    certified(floor)
    station = with_authority(floor.station([cortex(UIDS[0]).place()]), uri(token, "line"))
    line_certificate(station.home.folder, "brand")
    with pytest.raises(Invalid) as refusal:
        LineAuthority.from_folder(station.home.folder, uri(token, "line"))
    assert refusal.value.code == "station.authority_key"
    assert station.program(scan("SN-1"), "1").reason == "station.authority_key"
    assert [one.result for one in records(station)] == ["alarm"]
