"""A document that is only checked: no record, nothing stored."""

from datetime import UTC, datetime

from asbuilt.formats.sbom.model import SbomDocument


def document_told(document: SbomDocument, now: int) -> dict:
    """A document that was only checked: what it is, what it counts, what is doubtful about it."""
    doubts = [{"place": place, "what": what} for place, what in document.doubts]
    created_at = document.created_at.isoformat() if document.created_at else None
    doubts += ahead(created_at, now)
    return {
        "format": document.format,
        "spec_version": document.spec_version,
        "serialisation": document.serialisation,
        "identity": document.identity,
        "document_version": document.document_version,
        "created_at": created_at,
        "components": len(document.components),
        "dependencies": sum(len(on) for _, on in document.dependencies),
        "vulnerabilities": document.vulnerabilities,
        "unread": list(document.unread),
        "doubts": doubts,
    }


def ahead(created_at: str | None, clock: int) -> list[dict]:
    """A doubt where a document says that it was made later than the clock said when it came."""
    if created_at is None or datetime.fromisoformat(created_at) <= datetime.fromtimestamp(clock / 1_000_000, UTC):
        return []
    return [{"place": "created", "what": f"{created_at} lies ahead of the clock here."}]
