"""What is in the images, as their current SBOMs say."""

from dataclasses import dataclass, field

from asbuilt.formats.sbom.model import SbomComponent
from asbuilt.questions.genealogy.view import View


@dataclass
class Software:
    """The components of one image with refs of their own; `top` are those that the image depends on directly."""

    components: list[SbomComponent]
    top: tuple[str, ...]
    dependencies: list[tuple[str, tuple[str, ...]]]
    completeness: str
    said: dict[str, str]
    told: bool = field(default=False)


def software_of(view: View, releases: set[int]) -> dict[int, Software]:
    """Release -> what its current SBOM lists; those without one are left out."""
    return {}
