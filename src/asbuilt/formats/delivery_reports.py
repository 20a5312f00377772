"""Delivery reports of mail servers: what became of a mail, out of the message that a server sends back.

    read_report(content)  -> Report(message_id, envelope, outcomes); None where the message is no delivery report
    split_mbox(content)   -> the messages of a mailbox file; the one message where it is none

Only what a machine writes is taken: `message/delivery-status` with Action and Status for each recipient, and the returned headers with the
Message-ID. No address is handed on: Diagnostic-Code may quote one, so addresses in it are struck out. Standards: RFC 3464 (report), 6522
(multipart/report), 3461 (envelope id), 5322. Whatever is malformed is no report; nothing in it is followed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser

MESSAGE_BYTES_MAX = 2 * 1024**2
RECIPIENTS_MAX = 20
WORDS_MAX = 300
ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
_ADDRESS = re.compile(r"\S+@\S+")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_FROM = re.compile(rb"^From [^\n]*\n", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What became of the mail for one recipient: action, status (RFC 3463), the server's words without addresses."""

    action: str
    status: str
    words: str


@dataclass(frozen=True)
class Report:
    """A delivery report: of which mail (as far as it says so), and its outcomes."""

    message_id: str
    envelope: str
    outcomes: tuple[Outcome, ...]


def read_report(content: bytes) -> Report | None:
    """The report in this message."""
    if len(content) > MESSAGE_BYTES_MAX:
        return None
    try:
        message = BytesParser().parsebytes(content)
        status = _part(message, "message/delivery-status")
        if message.get_content_type() != "multipart/report" or status is None or not status.is_multipart():
            return None
        whole, *each = status.get_payload()
        outcomes = tuple(found for one in each[:RECIPIENTS_MAX] if (found := _outcome(one)) is not None)
        return Report(_returned_id(message), _cell(whole, "Original-Envelope-Id"), outcomes) if outcomes else None
    except (MessageError, UnicodeError, ValueError, TypeError, AttributeError, LookupError, RecursionError):
        return None


def _outcome(part: Message) -> Outcome | None:
    action, status = _cell(part, "Action").lower(), _cell(part, "Status").split(" ")[0]
    if action not in ACTIONS or not _STATUS.fullmatch(status):
        return None
    words = _ADDRESS.sub("…", " ".join(_cell(part, "Diagnostic-Code").split()))
    return Outcome(action, status, "".join(letter for letter in words if letter.isprintable())[:WORDS_MAX])


def _returned_id(message: Message) -> str:
    """Message-ID of the mail that came back, whole or as headers."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/rfc822" and part.is_multipart():
            return _cell(part.get_payload(0), "Message-ID")
        if kind == "text/rfc822-headers":
            returned = BytesHeaderParser().parsebytes(part.get_payload(decode=True) or b"")
            return _cell(returned, "Message-ID")
    return ""


def _part(message: Message, kind: str) -> Message | None:
    return next((part for part in message.walk() if part.get_content_type() == kind), None)


def _cell(part: Message, name: str) -> str:
    return str(part.get(name, "")).strip()


def split_mbox(content: bytes) -> Iterator[bytes]:
    """Messages of a mailbox file (mboxrd), in order."""
    content = content.replace(b"\r\n", b"\n")
    if not content.startswith(b"From "):
        yield content
        return
    starts = [
        one for one in _FROM.finditer(content) if content[max(one.start() - 2, 0) : one.start()] in (b"", b"\n\n")
    ]
    for place, found in enumerate(starts):
        end = starts[place + 1].start() if place + 1 < len(starts) else len(content)
        yield re.sub(rb"^>(>*From )", rb"\1", content[found.end() : end], flags=re.MULTILINE)
