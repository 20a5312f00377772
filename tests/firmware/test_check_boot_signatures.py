"""The device's boot signature by the real tools: imgtool 2.5.0 (MCUboot), espsecure 5.6.0 (ESP secure boot v2)."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from asbuilt.designed.firmware.boot_signatures import check_boot_signature
from asbuilt.kernel.errors import AsbuiltError, Invalid, Refused

BIN = Path(sys.executable).parent
RAW = bytes(range(256)) * 80


def tool(*arguments):
    subprocess.run([str(BIN / arguments[0]), *map(str, arguments[1:])], check=True, capture_output=True, timeout=60)


def public(folder, key):
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    private = load_pem_private_key((folder / key).read_bytes(), None)
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """Images signed by the tools, and their public keys."""
    folder = tmp_path_factory.mktemp("boot")
    (folder / "raw.bin").write_bytes(RAW)
    for kind in ("ed25519", "ecdsa-p256", "rsa-2048"):
        tool("imgtool", "keygen", "-k", folder / f"{kind}.pem", "-t", kind)
        said = [
            "--header-size",
            "0x200",
            "--pad-header",
            "--align",
            "4",
            "--slot-size",
            "0x30000",
            "--version",
            "1.4.2+7",
        ]
        more = ["--security-counter", "auto", folder / "raw.bin", folder / f"{kind}.bin"]
        tool("imgtool", "sign", "-k", folder / f"{kind}.pem", *said, *more)
    for name in ("esp", "other"):
        tool("espsecure", "generate-signing-key", "--version", "2", "--scheme", "ecdsa256", folder / f"{name}.pem")
    sign = ["sign-data", "--version", "2", "--keyfile", folder / "esp.pem", "--output", folder / "esp.bin"]
    tool("espsecure", *sign, folder / "raw.bin")
    return folder


@pytest.mark.parametrize(
    ("kind", "scheme"),
    [("ed25519", "mcuboot-ed25519"), ("ecdsa-p256", "mcuboot-ecdsa-p256"), ("rsa-2048", "mcuboot-rsa2048")],
)
def test_mcuboot(signed, kind, scheme):
    found = check_boot_signature((signed / f"{kind}.bin").read_bytes(), "mcuboot", public(signed, f"{kind}.pem"))
    assert (found.scheme, found.tool, found.tool_version, found.version) == (scheme, "imgtool", "2.5.0", "1.4.2+7")
    # `auto` puts major, minor and revision into one number: 1 << 24 | 4 << 16 | 2
    assert found.security_counter == 17039362
    assert len(found.image_digest) == 64 and len(found.key_sha256) == 64


def test_the_digest_is_that_of_header_payload_and_protected_area(signed):
    """MCUboot design, image format: SHA-256 over header, image and protected TLVs (8 bytes of counter, 4 of header)."""
    image = (signed / "ed25519.bin").read_bytes()
    found = check_boot_signature(image, "mcuboot", public(signed, "ed25519.pem"))
    assert found.image_digest == hashlib.sha256(image[: 0x200 + len(RAW) + 12]).hexdigest()


def test_esp_secure_boot(signed):
    image = (signed / "esp.bin").read_bytes()
    found = check_boot_signature(image, "esp-v2", public(signed, "esp.pem"))
    assert (found.scheme, found.tool, found.tool_version, found.version) == ("esp-v2-ecdsa", "espsecure", "5.6.0", "")
    assert found.image_digest == hashlib.sha256(image[:-4096]).hexdigest()
    assert len(found.key_sha256) == 64 and found.security_counter is None


def mcuboot(signed):
    return (signed / "ed25519.bin").read_bytes(), "mcuboot", public(signed, "ed25519.pem")


def esp(signed):
    return (signed / "esp.bin").read_bytes(), "esp-v2", public(signed, "esp.pem")


@pytest.mark.parametrize("good", [mcuboot, esp])
def test_what_is_refused_by_name(signed, good):
    image, scheme, key = good(signed)
    other = public(signed, "ecdsa-p256.pem" if scheme == "mcuboot" else "other.pem")
    flipped = bytearray(image)
    flipped[0x1000] ^= 1
    for broken, with_key in (
        (image, other),  # another key
        (bytes(flipped), key),  # one bit
        (RAW, key),  # unsigned
        (image[:-500], key),  # cut: imgtool ends in a traceback
        (b"\0" * 64, key),
    ):
        with pytest.raises(Refused) as refused:
            check_boot_signature(broken, scheme, with_key)
        assert refused.value.code == "firmware.boot_signature_refused"
        assert refused.value.message.startswith(("imgtool refuses", "espsecure refuses"))


def test_a_key_is_always_given_and_never_a_private_one(signed):
    image = (signed / "ed25519.bin").read_bytes()
    for pem in ("", "no key", (signed / "ed25519.pem").read_text()):
        with pytest.raises(Invalid) as refused:
            check_boot_signature(image, "mcuboot", pem)
        assert refused.value.code == "firmware.boot_key_unreadable"
    with pytest.raises(Invalid) as refused:
        check_boot_signature(image, "uboot", public(signed, "ed25519.pem"))
    assert refused.value.code == "firmware.boot_scheme_unknown"


def test_a_draft_keeps_what_the_tool_said_and_a_bad_image_is_none(signed, add, actor):
    from asbuilt.designed.firmware.actions import Boot
    from asbuilt.designed.firmware.register import registered
    from asbuilt.storage import reading

    image, scheme, key = mcuboot(signed)
    found = add("1.4.2", image, boot=Boot(scheme, key))
    assert found.statement.boot.version == "1.4.2+7" and found.statement.boot.tool == "imgtool"
    with pytest.raises(AsbuiltError) as refused:
        add("1.4.3", image[:-1] + b"x" if image[-1:] != b"x" else image[:-1] + b"y", boot=Boot(scheme, key))
    assert refused.value.code == "firmware.boot_signature_refused"
    assert [one.key[2] for one in registered(actor.tenant)] == ["1.4.2"]
    assert reading.fetch_one("SELECT count(*) FROM firmware_image WHERE tenant = %s", (actor.tenant,)) == (1,)


def test_an_image_encrypted_for_the_device_passes_unopened(add, actor):
    from asbuilt.designed.firmware import images
    from asbuilt.kernel.releases import DeviceEncrypted

    sealed = b"only the device opens this"
    found = add("5.0.0", sealed, device_encrypted=DeviceEncrypted("mcuboot-x25519", "ab" * 32))
    assert found.statement.device_encrypted.clear_sha256 == "ab" * 32
    assert found.statement.sha256 == hashlib.sha256(sealed).hexdigest()
    assert images.open_image(actor.tenant, found.statement.sha256) == sealed
