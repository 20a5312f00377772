"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

ANSWER = Shape("register.answer/1", 100, ("answer", "question", "as_of", "sha256", "certain", "possible", "unrecorded"))
