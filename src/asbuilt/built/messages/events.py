"""What this room records in the log.

A message is a fact of its own, so that a certificate can show one and nothing of its neighbours, and so that the list of
known messages can be rebuilt. `use` is used, kept (nothing reads it, or it changed nothing) or dead; `flag` is empty, or
says what is doubtful: no_offset, no_time, clock_ahead, clock_behind. `happened_at` is what the machine's clock said.
"""

from asbuilt.ledger.shapes import Shape

MESSAGE = Shape(
    "messages.message/1", 105, ("message", "name", "machine", "happened_at", "received_at", "use", "flag"), few=False
)
DEAD_LETTER = Shape(
    "messages.dead_letter/1", 106, ("message", "name", "machine", "cause", "detail", "evidence", "place", "size")
)
RETRY = Shape("messages.retry/1", 107, ("message", "use", "cause", "detail"))

FILE = Shape(
    "messages.file/1",
    108,
    ("file", "name", "machine", "mapping", "becomes", "rows", "size", "use", "cause", "detail", "received_at"),
)

FILE_DISMISSAL = Shape("messages.file_dismissal/1", 200, ("file", "reason", "operator", "happened_at"))

FILE_TAKEN, FILE_REFUSED, FILE_REREAD = "messages.file_taken", "messages.file_refused", "messages.file_reread"
FILE_DISMISSED = "messages.file_dismissed"
TAKEN, REFUSED, DISMISSED = "taken", "refused", "dismissed"
RECORDED = "messages.{room}_recorded"
RETRIED = "messages.retried"
MESSAGES_REREAD = "messages.reread"
NAMED = "messages.machine_named"
USED, KEPT, DEAD = "used", "kept", "dead"
