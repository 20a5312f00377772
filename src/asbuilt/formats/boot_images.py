"""Boot images: what a device's boot loader checks, read out of the image itself: MCUboot's header and TLVs, ESP's signature sector.

    read_boot_image(content)   digest as it stands in the image and as its bytes give it, counter, version, key

- MCUboot: header of 32 bytes (magic 96f3b83d), payload, protected TLVs (counted by the header), other TLVs. The digest is over
  header, payload and protected TLVs. The counter against going back counts only where it is protected: elsewhere nobody signed it.
- ESP secure boot v2: the last 4,096 bytes are the signature sector; its block begins e7 and 02 (RSA) or 03 (ECDSA), with
  the SHA-256 of everything before. It holds neither version nor counter.

No signature is verified here: the key is in the device, and imgtool or espsecure checked it before the release. What is not
of this form is Invalid. Formats: MCUboot design, "Image format"; ESP-IDF, "Secure Boot v2", signature block.
"""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.kernel.errors import Invalid

MCUBOOT, ESP = "mcuboot", "esp-v2"
_HEADER = struct.Struct("<IIHHIIBBHII")
_MAGIC, _TLVS, _PROTECTED = 0x96F3B83D, 0x6907, 0x6908
_ENCRYPTED = 0x0C  # flags: AES-128, AES-256
_KEY_HASH, _COUNTER = 0x01, 0x50
_DIGESTS = {0x10: "sha256", 0x11: "sha384", 0x12: "sha512"}
_SECTOR = 4096


@dataclass(frozen=True)
class BootImage:
    """Digests in hex: `digest` stands in the image, `computed` is of its bytes (empty where they are encrypted for the
    device); `counter` None and `version`, `key_sha256` empty where the image names none."""

    digest: str
    computed: str
    counter: int | None = None
    version: str = ""
    key_sha256: str = ""


def scheme_of(content: bytes) -> str:
    """mcuboot, esp-v2, or empty for an image that carries no boot signature."""
    if content[:4] == _MAGIC.to_bytes(4, "little"):
        return MCUBOOT
    sector = content[-_SECTOR:]
    return ESP if len(content) > _SECTOR and sector[:1] == b"\xe7" and sector[1:2] in (b"\x02", b"\x03") else ""


def read_boot_image(content: bytes) -> BootImage:
    """What the boot loader will compare; Invalid for an image of neither form."""
    found = scheme_of(content)
    if found == MCUBOOT:
        return _mcuboot(content)
    if found == ESP:
        return BootImage(content[-_SECTOR + 4 : -_SECTOR + 36].hex(), hashlib.sha256(content[:-_SECTOR]).hexdigest())
    raise _unreadable("it begins and ends like none")


def _mcuboot(content: bytes) -> BootImage:
    if len(content) < _HEADER.size:
        raise _unreadable("its header is cut")
    _, _, header, protected, payload, flags, major, minor, revision, build, _ = _HEADER.unpack_from(content)
    start = header + payload
    guarded = dict(_tlvs(content, start, _PROTECTED)) if protected else {}
    if protected and _total(content, start, _PROTECTED) != protected:
        raise _unreadable("header and protected area differ in length")
    rest = dict(_tlvs(content, start + protected, _TLVS))
    kind = next((kind for kind in _DIGESTS if kind in rest), None)
    if kind is None:
        raise _unreadable("it names no digest")
    counter = guarded.get(_COUNTER)
    computed = hashlib.new(_DIGESTS[kind], content[: start + protected]).hexdigest()
    return BootImage(
        rest[kind].hex(), "" if flags & _ENCRYPTED else computed,
        None if counter is None else int.from_bytes(counter, "little"),
        f"{major}.{minor}.{revision}+{build}", rest.get(_KEY_HASH, b"").hex(),
    )  # fmt: skip


def _total(content: bytes, at: int, magic: int) -> int:
    if at + 4 > len(content) or int.from_bytes(content[at : at + 2], "little") != magic:
        raise _unreadable("its TLV area is cut or missing")
    return int.from_bytes(content[at + 2 : at + 4], "little")


def _tlvs(content: bytes, at: int, magic: int) -> Iterator[tuple[int, bytes]]:
    """(type, value) of one area; a type that stands there twice is refused, since readers differ in which one counts."""
    end = at + _total(content, at, magic)
    if end > len(content):
        raise _unreadable("its TLV area is cut or missing")
    at += 4
    seen = set()
    while at < end:
        kind, length = struct.unpack_from("<HH", content, at) if at + 4 <= end else (0, end)
        if at + 4 + length > end or kind in seen:
            raise _unreadable("a TLV is cut, or stands there twice")
        seen.add(kind)
        yield kind, content[at + 4 : at + 4 + length]
        at += 4 + length


def _unreadable(why: str) -> Invalid:
    return Invalid(
        "foreign.boot_image",
        f"The image is of no boot loader's form: {why}.",
        {"why": why},
        "Sign the image with imgtool or espsecure, and release that file.",
    )
