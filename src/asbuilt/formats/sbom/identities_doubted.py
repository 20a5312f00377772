"""Doubts about a document's purls and CPE names; the names stay as they were written."""

from dataclasses import replace

from asbuilt.formats.sbom.identifiers import cpe_fault, purl_fault
from asbuilt.formats.sbom.limits import Limits
from asbuilt.formats.sbom.model import SbomDocument
from asbuilt.formats.sbom.refs import shortened
from asbuilt.formats.sbom.refusing import too_large

_FAULTS = {"purl": ("purl", purl_fault), "cpe": ("CPE", cpe_fault)}


def with_identifier_doubts(document: SbomDocument, limits: Limits) -> SbomDocument:
    """The document with a doubt for each identifier that is none. Invalid where a component has more of them than the limits admit."""
    found = []
    if not document.components and not document.subject:
        found.append(("/", "The document lists no component."))
    every = (*((document.subject,) if document.subject else ()), *document.components)
    for one in every:
        if one.purl and (fault := purl_fault(one.purl)):
            found.append((one.ref, f"The purl {one.purl[:80]} {fault}."))
        if one.cpe and (fault := cpe_fault(one.cpe)):
            found.append((one.ref, f"The CPE {one.cpe[:80]} {fault}."))
        if len(one.more_identifiers) > limits.identifiers:
            raise too_large("identifiers of one component", len(one.more_identifiers), limits.identifiers, one.ref)
        for kind, value in one.more_identifiers:
            if kind in _FAULTS and (fault := _FAULTS[kind][1](value)):
                found.append((one.ref, f"The {_FAULTS[kind][0]} {value[:80]} {fault}."))
    return replace(document, doubts=(*document.doubts, *shortened(found))) if found else document
