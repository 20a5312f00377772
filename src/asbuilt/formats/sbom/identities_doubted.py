"""Doubts about a document's purls and CPE names; the names stay as they were written."""

from dataclasses import replace

from asbuilt.formats.sbom.identifiers import cpe_fault, purl_fault
from asbuilt.formats.sbom.model import SbomDocument
from asbuilt.formats.sbom.refs import shortened


def with_identifier_doubts(document: SbomDocument) -> SbomDocument:
    """The document with a doubt for each identifier that is none."""
    found = []
    if not document.components and not document.subject:
        found.append(("/", "The document lists no component."))
    every = (*((document.subject,) if document.subject else ()), *document.components)
    for one in every:
        if one.purl and (fault := purl_fault(one.purl)):
            found.append((one.ref, f"The purl {one.purl[:80]} {fault}."))
        if one.cpe and (fault := cpe_fault(one.cpe)):
            found.append((one.ref, f"The CPE {one.cpe[:80]} {fault}."))
    return replace(document, doubts=(*document.doubts, *shortened(found))) if found else document
