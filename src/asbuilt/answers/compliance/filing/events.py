"""What filing records in the log."""

from asbuilt.ledger.shapes import Shape

# people stand by their numbers; `said` holds the particulars of a kind as JSON
FILED = Shape("compliance.filing/1", 520, ("about", "kind", "name", "at", "said", "why", "person", "happened_at"))
POINT_STATED, BASELINE_STATED, FILE_KEPT = (
    "compliance.point_stated", "compliance.baseline_stated", "compliance.file_kept",
)  # fmt: skip
DECLARED, DECLARATION_SENT, TEXT_WRITTEN, TEXT_CHECKED = (
    "compliance.declared", "compliance.declaration_sent", "compliance.text_written", "compliance.text_checked",
)  # fmt: skip
REQUEST_NOTED, REQUEST_ANSWERED, ADDRESS_STATED = (
    "compliance.request_noted", "compliance.request_answered", "compliance.address_stated",
)  # fmt: skip
CERTIFICATE_STATED, QUESTION_ANSWERED, REPORT_TAKEN = (
    "compliance.certificate_stated", "compliance.question_answered", "compliance.report_taken",
)  # fmt: skip
