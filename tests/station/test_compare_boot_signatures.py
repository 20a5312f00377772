"""The boot signature's digest and counter: permit, release and image are compared before power, and what the started unit says after.

Images are signed by the real imgtool 2.5.0. The target's first region stands for a boot loader: it reads the MCUboot image in a
slot and says its digest and counter.
"""

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import signers
from emulated import Cortex, cortex_image
from station_floor import Floor, cortex_plan, image_of, records, scan

from asbuilt.designed.firmware.boot_signatures import check_boot_signature
from asbuilt.kernel import sealing

RAW = bytes(range(256)) * 24
APP, OTHER = 0x8000, 0x10000
BANNER = "BOOT fw={version} hw={revision} digest={digest} counter={counter}"
# `auto` puts major, minor and revision into one number: 2 << 24 | 3 << 16 | 1
COUNTER = 33751041


@pytest.fixture(scope="module")
def keys(tmp_path_factory) -> Path:
    """Two boot keys by imgtool, and their public halves."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("boot", "other"):
        run("imgtool", "keygen", "-k", folder / f"{name}.pem", "-t", "ed25519")
        run("imgtool", "getpub", "-k", folder / f"{name}.pem", "-e", "pem", "-o", folder / f"{name}.pub")
    return folder


def run(*words) -> None:
    program = Path(sys.executable).with_name(words[0])
    subprocess.run([program, *map(str, words[1:])], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def mcuboot(keys, tmp_path_factory):
    """Makes an image of a version, signed."""
    folder = tmp_path_factory.mktemp("images")

    def make(version: str, *, key: str = "boot", counter: str = "auto", raw: bytes = RAW) -> bytes:
        (folder / "raw.bin").write_bytes(raw)
        said = ["--header-size", "0x200", "--pad-header", "--align", "4", "--slot-size", "0x8000", "--version", version]
        more = ["--security-counter", counter, folder / "raw.bin", folder / "signed.bin"]
        run("imgtool", "sign", "-k", keys / f"{key}.pem", *said, *more)
        return (folder / "signed.bin").read_bytes()

    return make


class BootFloor(Floor):
    """A floor with a boot loader at 0 and a signed image in a slot; its plan compares what the loader says."""

    def __init__(self, folder: Path, image: bytes, signature, loader: bytes, other: bytes = b""):
        self.signature, self.more = (
            signature,
            [("boot", "boot", loader)] + ([("factory", "other", other)] if other else []),
        )
        regions = [
            {"name": "boot", "start": 0, "length": 0x4000, "kind": "boot"},
            {"name": "app", "start": APP, "length": 0x8000, "kind": "app"},
            {"name": "other", "start": OTHER, "length": 0x8000, "kind": "app"},
            {"name": "factory", "start": 0x3F000, "length": 0x100, "kind": "factory"},
            {"name": "identity", "start": 0x3F800, "length": 12, "kind": "identity"},
        ]
        plan = cortex_plan()
        plan["parts"][0]["regions"], plan["boot"]["banner"] = regions, BANNER
        super().__init__(folder, image, plan=plan)
        self.named = {"image_digest": signature.image_digest, "security_counter": signature.security_counter}

    def statement(self, **changes):
        return super().statement(boot=self.signature, **changes)

    def grant_document(self, **changes) -> dict:
        said = super().grant_document(**changes)
        return {**said, "images": said["images"] + [image_of(one, "2.3.1", role) for role, _, one in self.more]}

    def permit_document(self, shares, grant=None, **changes) -> dict:
        said = super().permit_document(shares, grant, **changes)
        said["images"] = [{**said["images"][0], **self.named}] + [
            {**image_of(one, "2.3.1", role), "part": "U1", "region": region, "image_digest": "", "security_counter": None,
             "release_sha256": hashlib.sha256(self._released(one, role).payload).hexdigest()}
            for role, region, one in self.more
        ]  # fmt: skip
        return said

    @staticmethod
    def _released(image: bytes, role: str):
        return signers.statement(image, version="2.3.1", role=role, created_at=signers.AT)

    def give(self, home, permit, name, **more) -> None:
        super().give(home, permit, name, **more)
        transfer = sealing.SealingKey.from_pem((home.folder / "transfer.pem").read_text()).public
        for role, _, one in self.more:
            released = self._released(one, role)
            place = f"releases/{hashlib.sha256(released.payload).hexdigest()}.json"
            home.put(place, signers.release_file(released))
            home.put(f"images/{hashlib.sha256(one).hexdigest()}", sealing.seal(one, transfer, sealing.IMAGE))


@pytest.fixture
def boot(tmp_path, keys, mcuboot):
    """Makes such a floor; `signature` is what imgtool found of the image, as the register keeps it."""

    def make(image: bytes | None = None, *, slot: int = APP, other: bytes = b"", **signature) -> BootFloor:
        image = image or mcuboot("2.3.1")
        found = check_boot_signature(image, "mcuboot", (keys / "boot.pub").read_text())
        return BootFloor(tmp_path, image, replace(found, **signature), cortex_image("2.3.1", f"SLOT={slot:#x}"), other)

    return make


def programmed(floor: BootFloor, targets, tmp_path):
    """(outcome, station, whether the target was touched) of one unit."""
    targets.append(Cortex(tmp_path, "0102030405060708"))
    station = floor.station([targets[-1].place()])
    return station.program(scan("SN-1"), "1"), station


def refused_before_power(outcome, station, reason: str) -> None:
    assert (outcome.result, outcome.reason) == ("refused", f"station.{reason}"), outcome
    assert station.alarm().code == f"station.{reason}"
    # nothing was reserved, so nothing can have reached the device
    assert station.ledger.of_kind("RESERVE") == [] and station.ledger.of_kind("WRITING") == []
    assert [one.result for one in records(station)] == ["alarm"]


def test_a_unit_passes_where_all_name_one_digest_and_counter(boot, targets, tmp_path):
    floor = boot()
    outcome, station = programmed(floor, targets, tmp_path)
    assert outcome.said == "" and outcome.passed
    (record,) = records(station)
    # MCUboot design: SHA-256 over header, image and protected TLVs (8 bytes of counter, 4 of its header)
    digest = hashlib.sha256(floor.image[: 0x200 + len(RAW) + 12]).hexdigest()
    assert f"BOOT fw=2.3.1 hw=B digest={digest} counter={COUNTER}" in record.lines


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ({"image_digest": "ab" * 32}, "boot_digest"),
        ({"security_counter": COUNTER - 1}, "boot_counter"),
        ({"security_counter": 0}, "boot_counter"),
    ],
)
def test_a_permit_that_names_another_digest_or_counter(boot, targets, tmp_path, named, reason):
    floor = boot()
    floor.named |= named
    refused_before_power(*programmed(floor, targets, tmp_path), reason)


@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        ({"image_digest": "cd" * 32}, "boot_digest"),
        ({"security_counter": COUNTER + 1}, "boot_counter"),
        ({"security_counter": None}, "boot_counter"),
        ({"version": "2.3.0+0"}, "boot_version"),
        ({"key_sha256": "ef" * 32}, "boot_key"),
    ],
)
def test_a_release_that_says_otherwise_than_its_image(boot, targets, tmp_path, signature, reason):
    floor = boot(**signature)
    floor.named = {"image_digest": "", "security_counter": None}
    floor.plan["boot"]["banner"] = "BOOT fw={version} hw={revision}"
    refused_before_power(*programmed(floor, targets, tmp_path), reason)


def test_an_image_whose_bytes_are_not_those_of_its_own_digest(boot, targets, tmp_path, mcuboot):
    """Signed, then one bit of the payload changed, and released like that: the boot loader would refuse it."""
    image = bytearray(mcuboot("2.3.1"))
    floor = boot(bytes(image))
    image[0x400] ^= 1
    floor.image = bytes(image)
    refused_before_power(*programmed(floor, targets, tmp_path), "boot_digest")


def test_an_image_of_no_boot_loaders_form(boot, targets, tmp_path):
    floor = boot()
    for content in (RAW, floor.image[:0x210], floor.image[:-40]):
        floor.image = content
        (tmp_path / str(len(content))).mkdir()
        floor.folder = tmp_path / str(len(content))
        outcome, station = programmed(floor, targets, tmp_path)
        refused_before_power(outcome, station, "boot_digest")
        assert "no boot loader's form" in outcome.said


def test_a_unit_that_runs_the_image_of_its_other_slot(boot, targets, tmp_path, mcuboot):
    """The good image was written and read back; the boot loader starts an older one beside it all the same."""
    older = mcuboot("2.3.0", raw=RAW[::-1])
    outcome, station = programmed(boot(slot=OTHER, other=older), targets, tmp_path)
    assert (outcome.result, outcome.reason) == ("fail", "boot_digest")
    assert hashlib.sha256(older[: 0x200 + len(RAW) + 12]).hexdigest() in outcome.said
    assert station.alarm().code == "station.boot_digest"
    assert [one.result for one in records(station)] == ["fail", "alarm"]


def test_a_unit_that_says_another_counter(boot, targets, tmp_path, mcuboot):
    """The counter stands in the protected area, so this image has its own digest; the permit names only the counter."""
    floor = boot(slot=OTHER, other=mcuboot("2.3.1", counter="7"))
    floor.plan["boot"]["banner"] = BANNER.replace("{digest}", floor_digest(floor.more[1][2]))
    outcome, station = programmed(floor, targets, tmp_path)
    assert (outcome.result, outcome.reason) == ("fail", "boot_counter")
    assert f"security counter 7, {COUNTER} is permitted" in outcome.said


def floor_digest(image: bytes) -> str:
    return hashlib.sha256(image[: 0x200 + len(RAW) + 12]).hexdigest()


def test_a_plan_that_compares_what_the_permit_does_not_name_is_refused(boot, targets, tmp_path):
    floor = boot()
    floor.named["security_counter"] = None
    outcome, station = programmed(floor, targets, tmp_path)
    assert outcome.reason == "kernel.plan_banner" and station.ledger.of_kind("RESERVE") == []
