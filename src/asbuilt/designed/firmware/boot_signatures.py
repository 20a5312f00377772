"""The device's own boot signature, checked by the tool that makes it: imgtool for MCUboot, espsecure for ESP secure boot v2.

It is another signature than that of the release: the boot loader checks it, with a key burnt into the device. What the tool
said, which version of it, and the digests are kept in the release statement, so that a station compares them.

- The public key is always given: `imgtool verify` without one checks a hash and no signature, and exits with 0.
- Passed is exit code 0 and the tool's own sentence; anything else refuses the image by name, a traceback too.
- A tool that is not installed is Unavailable, never a pass. It runs in its own process group, 30 seconds at most.
- An image that is encrypted for the device is not opened: its digests are recorded as they are given.

Tried with imgtool 2.5.0 and esptool 5.6.0 (reference/station.md, 3 and 5).
"""

import contextlib
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from asbuilt.kernel.errors import Invalid, Refused, Unavailable
from asbuilt.kernel.releases import BootSignature

MCUBOOT, ESP = "mcuboot", "esp-v2"
SCHEMES = (MCUBOOT, ESP)
SECONDS_MAX = 30
OUTPUT_CHARACTERS_MAX = 20_000
_MCUBOOT_ALGORITHMS = {
    "RSA2048": "rsa2048", "RSA3072": "rsa3072", "ECDSASIG": "ecdsa-p256", "ED25519": "ed25519",
}  # fmt: skip


def check_boot_signature(image: bytes, scheme: str, public_pem: str) -> BootSignature:
    """What the device's boot loader will check, once the tool says that this key signed the image; Refused otherwise."""
    if scheme not in SCHEMES:
        raise Invalid(
            "firmware.boot_scheme_unknown",
            f"There is no boot signature {scheme[:40]}.",
            {"scheme": scheme[:40]},
            f"Give {' or '.join(SCHEMES)}.",
        )
    _refuse_private(public_pem)
    with tempfile.TemporaryDirectory(prefix="asbuilt-boot-") as folder:
        # what was signed is readable by anybody who has the device's flash; the folder is ours alone all the same
        file, key = Path(folder) / "image.bin", Path(folder) / "key.pem"
        file.write_bytes(image)
        key.write_text(public_pem)
        return (_mcuboot if scheme == MCUBOOT else _esp)(file, key, Path(folder))


def _mcuboot(file: Path, key: Path, folder: Path) -> BootSignature:
    tool = _installed("imgtool")
    said = _run("imgtool", ["verify", "-k", str(key), str(file)], folder)
    found = re.search(r"Image version: (\S+)\s+Image digest: ([0-9a-f]{64})", said)
    if "Image was correctly validated" not in said or found is None:
        raise _refused("imgtool", said)
    shown = folder / "dump.json"
    _run("imgtool", ["dumpinfo", "-s", "-f", "json", "-o", str(shown), str(file)], folder)
    counter, algorithm, key_hash = _tlvs(json.loads(shown.read_text()))
    return BootSignature(f"mcuboot-{algorithm}", "imgtool", tool, key_hash, found[2], found[1], counter)


def _tlvs(said: dict) -> tuple[int | None, str, str]:
    """(security counter, algorithm, SHA-256 of the public key) of what imgtool dumps."""
    counter, algorithm, key_hash = None, "unknown", ""
    area = said.get("tlv_area") or {}
    for tlv in [*(area.get("tlvs_prot") or []), *(area.get("tlvs") or [])]:
        kind, content = str(tlv.get("type_name", "")), str(tlv.get("data", ""))
        if kind == "SEC_CNT":
            counter = int.from_bytes(bytes.fromhex(content), "little")
        elif kind == "KEYHASH":
            key_hash = content
        algorithm = _MCUBOOT_ALGORITHMS.get(kind, algorithm)
    return counter, algorithm, key_hash


def _esp(file: Path, key: Path, folder: Path) -> BootSignature:
    tool = _installed("esptool")
    said = _run("espsecure", ["verify-signature", "--version", "2", "--keyfile", str(key), str(file)], folder)
    if not re.search(r"Signature block \d+ verification successful", said):
        raise _refused("espsecure", said)
    digest = folder / "digest.bin"
    _run("espsecure", ["digest-sbv2-public-key", "--keyfile", str(key), "--output", str(digest)], folder)
    # a signature sector of 4096 bytes closes the file; the digest in it is that of all bytes before
    signed = file.read_bytes()[:-4096]
    scheme = "esp-v2-" + ("ecdsa" if "ECDSA" in said or b"EC" in _kind(key) else "rsa3072")
    return BootSignature(scheme, "espsecure", tool, digest.read_bytes().hex(), hashlib.sha256(signed).hexdigest())


def _kind(key: Path) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    return b"EC" if isinstance(load_pem_public_key(key.read_bytes()), ec.EllipticCurvePublicKey) else b"RSA"


def _refuse_private(pem: str) -> None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        load_pem_public_key(pem[:10_000].encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Invalid(
            "firmware.boot_key_unreadable",
            "The boot key is no public key in PEM.",
            remedy="Give the public key that is in the device; a private one never comes here.",
        ) from None


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        raise Unavailable(
            "firmware.boot_tool_missing",
            f"{package} is not installed, so the boot signature cannot be checked.",
            {"tool": package},
            "Install asbuilt with its extra `boot`.",
        ) from None


def _run(tool: str, arguments: list[str], folder: Path) -> str:
    """What the tool says; Refused where it does not exit with 0, Unavailable where it does not end in time."""
    program = Path(sys.executable).with_name(tool)
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "LC_ALL": "C",
        "HOME": str(folder),
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }
    with subprocess.Popen(
        [str(program), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        cwd=folder, env=environment, start_new_session=True, text=True, errors="replace",
    ) as running:  # fmt: skip
        try:
            said, _ = running.communicate(timeout=SECONDS_MAX)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            raise Unavailable(
                "firmware.boot_tool_hung", f"{tool} did not end in {SECONDS_MAX} seconds.", {"tool": tool}, "Try again."
            ) from None
    if running.returncode != 0:
        raise _refused(tool, said)
    return said[:OUTPUT_CHARACTERS_MAX]


def _refused(tool: str, said: str) -> Refused:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return Refused(
        "firmware.boot_signature_refused",
        f"{tool} refuses the image: {(lines[-1] if lines else 'it said nothing')[:200]}",
        {"tool": tool},
        "Sign the image with the key that the device trusts, and add that file.",
    )
