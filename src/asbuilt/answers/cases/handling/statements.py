"""Lines of case files."""

from asbuilt.answers.cases.events import STATEMENT
from asbuilt.ledger.lines import Line, Lines, New

__all__ = ["Line", "New"]

# kinds of lines
SIGNAL, DISMISSED, TAKEN = "signal", "dismissed", "taken"  # of a signal
OPENED, PRODUCT, DUTY, MOMENT, MEASURE, DECISION, ANSWER, ASKED, SUBMITTED, LATE, NOTE, SHOWN, CLOSED, REOPENED, FINDING, TASK, KIND, LEFT_OPEN = (
    "opened", "product", "duty", "moment", "measure", "decision", "answer", "asked", "submitted", "late_reason", "note", "shown",
    "closed", "reopened", "finding", "task", "kind", "left_open",
)  # fmt: skip

# what the recipient said to a report, and the word for what it does not take
PLATFORM_SAID, RETURNED = "platform_said", "returned"
NOT_SUBMITTED = "not_submitted"  # what was recorded as submitted never was, or not at that time

COORDINATORS, COORDINATOR = "coordinators", "coordinator"  # the file of all determinations, and the kind of its lines

KEPT = Lines("cases_statement", STATEMENT)
lines_of, codes_of, free_code, as_line, write = KEPT.of, KEPT.codes, KEPT.free_code, KEPT.as_read, KEPT.write
