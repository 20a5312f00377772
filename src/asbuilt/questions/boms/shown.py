"""What a reader is shown of some positions, and how it stands in the document: names, identifiers, candidates."""

import json
from dataclasses import dataclass, replace

from pyroaring import BitMap

from asbuilt.formats.sbom.model import SbomComponent
from asbuilt.kernel.spans import CERTAIN, POSSIBLE, UNRECORDED
from asbuilt.questions.boms.firmware import FirmwareUse
from asbuilt.questions.boms.redaction import Shown
from asbuilt.questions.boms.software import Software

CANDIDATES_TOLD_MAX = 50


@dataclass(frozen=True)
class Told:
    """Parts as a reader sees them: what is shown of the candidates, the positions, the units."""

    section: str
    line: str
    part: int
    positions: tuple[str, ...]
    pieces: int
    shown: tuple[Shown, ...]
    other: bool
    units: BitMap

    @property
    def grade(self) -> str:
        """How sure the record is of what this reader is shown."""
        if not self.shown:
            return UNRECORDED
        return CERTAIN if len(self.shown) == 1 and not self.other else POSSIBLE

    @property
    def hidden(self) -> bool:
        """Whether some candidate is another party's."""
        return any(one.hidden for one in self.shown)


def shared(told: Told) -> Shown:
    """What all candidates have in common; nothing where something unknown may stand there too, or some are hidden."""
    if not told.shown or told.other or told.hidden:
        return Shown()
    first = told.shown[0]
    names = ("maker", "mpn", "lot_code", "date_code", "supplier", "package")
    common = {name: getattr(first, name) for name in names if len({getattr(one, name) for one in told.shown}) == 1}
    return Shown(**common)


def candidate(one: Shown) -> str:
    """A candidate as JSON, what is known of it."""
    names = ("maker", "mpn", "lot_code", "date_code", "supplier", "package")
    return json.dumps({name: getattr(one, name) for name in names if getattr(one, name)}, ensure_ascii=False)


def image_hashes(use: FirmwareUse) -> tuple[tuple[str, str], ...]:
    """The hashes of an image that the register has."""
    return (("SHA-256", use.sha256), *((("SHA-512", use.sha512),) if use.sha512 else ()))


def with_sbom(image: SbomComponent, inside: Software) -> SbomComponent:
    """The image with what its SBOM says of itself, and which file that was."""
    told = [("asbuilt:sbom", inside.sbom.ulid), ("asbuilt:sbom_sha256", inside.sbom.sha256)]
    image = replace(image, properties=(*image.properties, *told))
    said = inside.subject
    if said is None:
        return image
    names = (
        "supplier", "maker", "purl", "cpe", "swid", "more_identifiers", "licences", "concluded", "declared", "copyright", "contacts",
        "references", "file_name", "executable", "archive", "structured",
    )  # fmt: skip
    known = {algorithm for algorithm, _ in image.hashes}
    hashes = tuple(pair for pair in said.hashes if pair[0] not in known)
    return replace(image, **{name: getattr(said, name) for name in names}, hashes=(*image.hashes, *hashes))
