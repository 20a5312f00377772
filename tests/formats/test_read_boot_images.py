"""Boot images as the real tools write them, read without the tools; mutated ones never do anything but be refused or differ."""

import hashlib
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from asbuilt.formats.boot_images import read_boot_image, scheme_of
from asbuilt.kernel.errors import Invalid

RAW = bytes(range(256)) * 80


def run(*words) -> None:
    program = Path(sys.executable).with_name(words[0])
    subprocess.run([program, *map(str, words[1:])], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    found = tmp_path_factory.mktemp("boot")
    (found / "raw.bin").write_bytes(RAW)
    for kind in ("ed25519", "ecdsa-p256", "rsa-2048"):
        run("imgtool", "keygen", "-k", found / f"{kind}.pem", "-t", kind)
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
        more = [
            "--security-counter",
            "auto",
            "--custom-tlv",
            "0x00a0",
            "hw=B",
            found / "raw.bin",
            found / f"{kind}.bin",
        ]
        run("imgtool", "sign", "-k", found / f"{kind}.pem", *said, *more)
        run("imgtool", "dumpinfo", "-s", "-f", "json", "-o", found / f"{kind}.json", found / f"{kind}.bin")
    run("espsecure", "generate-signing-key", "--version", "2", "--scheme", "ecdsa256", found / "esp.pem")
    words = ["--version", "2", "--keyfile", found / "esp.pem", "--output", found / "esp.bin", found / "raw.bin"]
    run("espsecure", "sign-data", *words)
    return found


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa-p256", "rsa-2048"])
def test_mcuboot_as_imgtool_dumps_it(folder, kind):
    found = read_boot_image((folder / f"{kind}.bin").read_bytes())
    area = json.loads((folder / f"{kind}.json").read_text())["tlv_area"]
    told = {tlv["type_name"]: tlv["data"] for tlv in [*area["tlvs_prot"], *area["tlvs"]]}
    assert found.digest == told["SHA256"] == found.computed
    assert found.key_sha256 == told["KEYHASH"]
    assert found.counter == 17039362 == int.from_bytes(bytes.fromhex(told["SEC_CNT"]), "little")
    assert found.version == "1.4.2+7"


def test_without_a_counter_there_is_none(folder):
    said = ["--header-size", "0x200", "--pad-header", "--align", "4", "--slot-size", "0x30000", "--version", "1.4.2"]
    run("imgtool", "sign", "-k", folder / "ed25519.pem", *said, folder / "raw.bin", folder / "plain.bin")
    found = read_boot_image((folder / "plain.bin").read_bytes())
    assert (found.counter, found.version, found.digest == found.computed) == (None, "1.4.2+0", True)


def test_esp_secure_boot(folder):
    image = (folder / "esp.bin").read_bytes()
    found = read_boot_image(image)
    assert scheme_of(image) == "esp-v2" and found.digest == found.computed
    assert found.digest == hashlib.sha256(RAW).hexdigest()  # RAW fills whole sectors, so nothing is padded
    changed = bytearray(image)
    changed[5] ^= 1
    found = read_boot_image(bytes(changed))
    assert found.digest != found.computed


@pytest.mark.parametrize("content", [b"", b"\x3d\xb8\xf3\x96", RAW, b"\xe7\x02" + b"\0" * 4094, b"\0" * 10_000])
def test_what_is_of_neither_form(content):
    with pytest.raises(Invalid) as refused:
        read_boot_image(content)
    assert refused.value.code == "foreign.boot_image"


def test_one_changed_byte_is_refused_or_differs(folder):
    """In header, payload and every TLV: never the same reading with a digest that fits, never another error."""
    image, chance = (folder / "ed25519.bin").read_bytes(), random.Random(5)
    good = read_boot_image(image)
    end = 0x200 + len(RAW)
    # the signature's own bytes (and its TLV's head) are not read here: imgtool checked them, the device will
    unread = image.index(bytes.fromhex(good.key_sha256)) + 32
    places = [*range(32), *range(end, unread), *chance.sample(range(32, end), 200)]
    for at in places:
        changed = bytearray(image)
        changed[at] ^= 1 << chance.randrange(8)
        try:
            found = read_boot_image(bytes(changed))
        except Invalid:
            continue
        assert found != good or found.computed != found.digest, at
    for length in [*chance.sample(range(len(image)), 200), 31, 32, end, end + 3]:
        try:
            assert read_boot_image(image[:length]) != good
        except Invalid:
            continue
