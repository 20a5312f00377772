"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

WATCH = Shape("register.watch/1", 385, ("product", "mail_list", "action", "happened_at"))
ANSWER = Shape("register.answer/1", 100, ("answer", "question", "as_of", "sha256", "certain", "possible", "unrecorded"))
