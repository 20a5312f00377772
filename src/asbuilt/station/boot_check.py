"""Boot check: what the device's boot loader will compare is compared here first, and once more with what the started unit says.

    refuse_boot     before power: permit, release and image name the same digest, counter, version and key
    differing       after boot: which of version, revision, digest and counter the banner says otherwise than permitted

So an image whose bytes are right for the release but which the boot loader would refuse, or take as older than it is, never
reaches a device; and a boot loader that runs another image than the one just written (its other slot) is found.
"""

import re

from asbuilt.formats.boot_images import BootImage, read_boot_image
from asbuilt.kernel.errors import AsbuiltError, Refused
from asbuilt.kernel.permits import PlacedImage
from asbuilt.kernel.releases import ReleaseStatement

_PLACES = re.compile(r"\{(version|revision|digest|counter)\}")
# in the order in which a difference is told
_SAID = {"digest": "boot_digest", "counter": "boot_counter", "version": "version", "revision": "version"}


def refuse_boot(image: PlacedImage, statement: ReleaseStatement, content: bytes) -> None:
    """Refused, by name, where permit, release statement and image differ in what the boot loader checks."""
    released = statement.boot
    if released is None and not image.image_digest and image.security_counter is None:
        return
    try:
        found = read_boot_image(content)
    except AsbuiltError as error:
        raise _differs("digest", image, image.image_digest or "a boot signature", f"none: {error.message}") from None
    if found.computed and found.computed != found.digest:
        raise _differs("digest", image, found.digest, found.computed)
    for field, expected, said in _pairs(image, statement, found):
        if expected != said:
            raise _differs(field, image, expected, said)


def _pairs(image: PlacedImage, statement: ReleaseStatement, found: BootImage):
    """(field, what permit or release says, what the image says), as far as each says something."""
    if image.image_digest:
        yield "digest", image.image_digest, found.digest
    if image.security_counter is not None:
        yield "counter", image.security_counter, found.counter
    released = statement.boot
    if released is None:
        return
    yield "digest", released.image_digest, found.digest
    if released.security_counter is not None or found.counter is not None:
        yield "counter", released.security_counter, found.counter
    if released.version:
        yield "version", released.version, found.version
    if found.key_sha256:
        yield "key", released.key_sha256, found.key_sha256


def banner_of(template: str, image: PlacedImage, revision: str) -> str:
    """The line that the started unit must say."""
    return _PLACES.sub(lambda place: _permitted(image, revision)[place[1]], template)


def differing(template: str, lines: list[str], image: PlacedImage, revision: str) -> tuple[str, str, str] | None:
    """(reason, what was said, what is permitted) of the first thing that a line of the banner's form says otherwise;
    None where no line has its form."""
    form = "".join(
        f"(?P<{part}>\\S*)" if at % 2 else re.escape(part) for at, part in enumerate(_PLACES.split(template))
    )
    try:
        found = next((match for match in (re.fullmatch(form, line) for line in lines) if match), None)
    except re.error:
        # a place that stands twice in the banner is compared as a whole line only
        return None
    if found is None:
        return None
    permitted = _permitted(image, revision)
    for place, reason in _SAID.items():
        said = found.groupdict().get(place)
        if said is not None and said != permitted[place]:
            return reason, said, permitted[place]
    return None


def _permitted(image: PlacedImage, revision: str) -> dict[str, str]:
    return {
        "version": image.version, "revision": revision, "digest": image.image_digest,
        "counter": "" if image.security_counter is None else str(image.security_counter),
    }  # fmt: skip


def _differs(field: str, image: PlacedImage, expected: object, found: object) -> Refused:
    what, here, there = f"{image.role} {image.version}", _short(found), _short(expected)
    code, said = {
        "digest": (
            "station.boot_digest",
            f"The image {what} carries another boot digest than permit and release name: {here} instead of {there}.",
        ),
        "counter": (
            "station.boot_counter",
            f"The image {what} carries another security counter than permit and release name: {here} instead of {there}.",
        ),
        "version": (
            "station.boot_version",
            f"The image {what} names another version inside than its release: {here} instead of {there}.",
        ),
        "key": (
            "station.boot_key",
            f"The image {what} is signed for another boot key than its release: {here} instead of {there}.",
        ),
    }[field]
    facts = {"role": image.role, "version": image.version, "expected": expected, "found": found}
    return Refused(code, said, facts, "Program nothing; ask for a permit and a release of one image.")


def _short(value: object) -> str:
    text = "none" if value is None or value == "" else str(value)
    return f"{text[:12]}…" if len(text) == 64 else text
