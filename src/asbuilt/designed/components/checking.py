"""A document that is only checked: no record, nothing stored."""

from datetime import UTC, datetime

from asbuilt.formats.sbom.model import SbomDocument


def document_told(document: SbomDocument, now: int) -> dict:
    """A document that was only checked: what it is, what it counts, what is doubtful about it."""
    doubts = [{"place": place, "what": what} for place, what in document.doubts]
    if document.created_at and document.created_at > datetime.fromtimestamp(now / 1_000_000, UTC):
        doubts.append({"place": "created", "what": f"{document.created_at.isoformat()} lies ahead of the clock here."})
    return {
        "format": document.format,
        "spec_version": document.spec_version,
        "serialisation": document.serialisation,
        "identity": document.identity,
        "document_version": document.document_version,
        "created_at": document.created_at.isoformat() if document.created_at else None,
        "components": len(document.components),
        "dependencies": sum(len(on) for _, on in document.dependencies),
        "vulnerabilities": document.vulnerabilities,
        "unread": list(document.unread),
        "doubts": doubts,
    }
