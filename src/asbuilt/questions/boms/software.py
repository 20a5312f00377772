"""What is in the images, as their current SBOMs say: read again from the kept bytes, so that nothing they say is lost.

Refs get a number of their own in front, for two SBOMs may both call something `a`. An SBOM with more components than one document holds
refuses the whole, as the BOM itself does.
"""

from dataclasses import dataclass, field, replace

from asbuilt.designed.components.queries import Sbom, documents_of_release
from asbuilt.formats.sbom.limits import Limits
from asbuilt.formats.sbom.model import SbomComponent, SbomDocument
from asbuilt.formats.sbom.read import read_sbom
from asbuilt.ledger.evidence import open_evidence
from asbuilt.questions.boms.firmware import FirmwareUse
from asbuilt.questions.genealogy.evaluating.view import View


@dataclass
class Software:
    """The components of one image with refs of their own; `top` are those that the image depends on directly, `properties` what the
    image's own component says of it, `told` whether they stand in the document already."""

    sbom: Sbom
    components: list[SbomComponent]
    top: tuple[str, ...]
    dependencies: list[tuple[str, tuple[str, ...]]]
    completeness: str
    said: dict[str, str]
    subject: SbomComponent | None
    told: bool = field(default=False)


def software_of(view: View, images: list[FirmwareUse]) -> dict[int, Software]:
    """Release -> what its current SBOM lists; those without one are left out. A statement and a file for each release."""
    found: dict[int, Software] = {}
    for use in images:
        if use.release not in found:
            kept = documents_of_release(view.tenant, use.product, use.role, use.version)
            if kept:
                found[use.release] = _software(kept[0], read_kept(view.tenant, kept[0]), f"sbom:{len(found) + 1}:")
    return found


def read_kept(tenant: int, sbom: Sbom) -> SbomDocument:
    """The document of a kept SBOM, from its bytes."""
    return read_sbom(b"".join(open_evidence(tenant, sbom.sha256)), limits=Limits())


def _software(sbom: Sbom, document: SbomDocument, front: str) -> Software:
    subject = document.subject
    own = subject.ref if subject else ""
    refs = {one.ref for one in document.components}
    listed = [
        replace(one, ref=front + one.ref, parent=front + one.parent if one.parent in refs and one.parent != own else "")
        for one in document.components
        if one.ref != own
    ]
    depends = [
        (front + ref, tuple(front + to for to in targets if to in refs))
        for ref, targets in document.dependencies
        if ref in refs and ref != own
    ]
    top = next((targets for ref, targets in document.dependencies if ref == own), ())
    named = tuple(front + ref for ref in top if ref in refs) or tuple(one.ref for one in listed if not one.parent)
    said = dict(document.completeness)
    whole = {front + ref: word for ref, word in said.items() if ref in refs}
    return Software(sbom, listed, named, depends, said.get(own, ""), whole, subject)
