"""Evidence: the bytes as they arrived, for download only; nothing in them is ever shown or run here."""

from typing import Annotated

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header
from ninja import Path, Router

from asbuilt.access.rights import EVIDENCE_READ
from asbuilt.doors.api.caller import needs
from asbuilt.ledger.evidence import evidence_row, open_evidence

router = Router(tags=["Evidence"], auth=needs(EVIDENCE_READ))
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the bytes, 64 hex digits.")]


@router.get("/evidence/{sha256}", operation_id="get_evidence", summary="Download evidence")
def download(request: HttpRequest, sha256: Sha256):
    """The bytes, checked against their hash before the first one leaves. 409 once they were erased."""
    row = evidence_row(request.actor.tenant, sha256)
    pieces = open_evidence(request.actor.tenant, sha256)
    answer = StreamingHttpResponse(pieces, content_type="application/octet-stream")
    answer["Content-Length"] = str(row.size)
    answer["Content-Disposition"] = content_disposition_header(True, row.file_name or sha256)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
