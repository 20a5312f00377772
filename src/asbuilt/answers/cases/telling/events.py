"""What this room records in the log: no address, no text that a person has not written for a customer."""

from asbuilt.ledger.shapes import Shape

# the address itself is hidden in the entry, so that it can be erased
CONTACT = Shape("cases.contact/1", 450, ("party", "channel", "language", "stands", "person", "happened_at"))
# `texts` as JSON: language -> field -> words
NOTICE = Shape(
    "cases.notice/1",
    451,
    ("case", "notice", "version", "kind", "answer", "answer_sha256", "texts", "person", "happened_at"),
)
RECIPIENT = Shape(
    "cases.notice_recipient/1",
    452,
    ("notice", "version", "party", "certain", "possible", "unrecorded", "products", "list_sha256"),
    few=False,
)
# `code` is the mail server's or web server's answer; `said` holds no address
DELIVERY = Shape(
    "cases.notice_delivery/1",
    453,
    ("notice", "version", "party", "channel", "state", "code", "said", "at", "person", "happened_at"),
    few=False,
)
CONTACT_SET, CONTACT_REMOVED = "cases.contact_set", "cases.contact_removed"
DRAFTED, REVIEWED, APPROVED = "cases.notice_drafted", "cases.notice_reviewed", "cases.notice_approved"
HELD, LET_GO, QUEUED = "cases.notice_held", "cases.notice_let_go", "cases.notice_queued"
DELIVERED, TOLD, READ = "cases.notice_deliveries", "cases.notice_told", "cases.notice_read"


def contact_path(party: int, channel: str) -> str:
    """Under which path an entry hides a party's address."""
    return f"contact/{party}/{channel}"
