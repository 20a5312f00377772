"""A notice as bytes: a mail with its list attached, a webhook's body. The same sending always gives the same bytes.

Standards: RFC 5322 and 2045 (mail), 3834 (a mail that no machine answers), Standard Webhooks 1.0 (body of a webhook).
"""

import csv
import io
from datetime import UTC, datetime
from email.charset import BASE64, QP, Charset
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime

from asbuilt.answers.cases.telling.desk import Row
from asbuilt.answers.cases.telling.wording import ATTACHMENT, Letter
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.instants import format_instant

ATTACHMENT_BYTES_MAX = 8 * 1024**2
_LINES = compat32.clone(linesep="\r\n")  # the newer policy parses each header again: a third of the time of a mail
_PRINTABLE, _BASE64 = Charset("utf-8"), Charset("utf-8")
_PRINTABLE.body_encoding, _BASE64.body_encoding = QP, BASE64


def message_id(row: Row, sender: str) -> str:
    """The Message-ID of a sending: a repeat has the same."""
    return f"<{row.token}@{sender.rpartition('@')[2].strip('> ')}>"


def mail_of(row: Row, letter: Letter, units_csv: bytes, *, sender: str, address: str) -> bytes:
    """The mail, whole, with its list attached where it is not too long."""
    text = MIMEText(letter.text, "plain", _PRINTABLE)
    message: Message = text
    if fits(units_csv):
        # the library draws a boundary at random; a repeat is to be the same bytes
        message = MIMEMultipart("mixed", boundary=f"=_{row.token}")
        table = MIMEText(units_csv.decode(), "csv", _BASE64)
        table["Content-Disposition"] = f'attachment; filename="{ATTACHMENT}"'
        message.attach(text)
        message.attach(table)
    message["From"], message["To"] = sender, address
    message["Subject"] = Header(letter.subject, "utf-8" if not letter.subject.isascii() else "us-ascii").encode()
    message["Date"] = format_datetime(datetime.fromtimestamp(row.queued_at // 1_000_000, UTC))
    message["Message-ID"] = message_id(row, sender)
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = letter.language
    return message.as_bytes(policy=_LINES)


def fits(units_csv: bytes) -> bool:
    """Whether a list may go with a mail."""
    return len(units_csv) <= ATTACHMENT_BYTES_MAX


def webhook_of(row: Row, letter: Letter, units_csv: bytes, reference: str) -> bytes:
    """The body of a webhook: type, time, and the notice with its units as a table of names."""
    units = list(csv.DictReader(io.StringIO(units_csv.decode()))) if fits(units_csv) else None
    said = {
        "type": "asbuilt.notice", "timestamp": format_instant(row.queued_at),
        "data": {"reference": reference, "language": letter.language, "subject": letter.subject, "text": letter.text, "units": units},
    }  # fmt: skip
    return canonical_bytes(said)
