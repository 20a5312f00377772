"""What the label of a reel, bag or tray says, on the terminal.

Nothing is stored and nobody is asked: what the label lacks is empty and named. No option parser, no database, no Django.
"""

import os
import sys

from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.formats.labels.reading import LABEL_BYTES_MAX, decode_label, read_label

STANDARD_INPUT = "-"
TITLES = {
    "vendor": "printed by", "mpn": "MPN", "customer_part": "customer's part", "order_code": "order code",
    "manufacturer": "manufacturer", "lot_code": "lot code", "date_code": "date code", "quantity": "quantity",
    "country": "country of origin",
}  # fmt: skip


def tell_label(label: str, format: Format) -> None:
    """Print what the label says; `-` stands for standard input. Raises Invalid `labels.…`."""
    read = read_label(decode_label(scanned_bytes(label)))
    document = read.as_document()
    if format is Format.json:
        print_json(document)
        return
    date = read.date_code
    document["date_code"] = None if date is None else _told(date)
    print_table(("field", "value"), [(title, _text(document[field])) for field, title in TITLES.items()])
    for warning in document["warnings"]:
        say(warning)


def scanned_bytes(label: str) -> bytes:
    """The text of the scan as it came; `-` reads it from standard input."""
    if label != STANDARD_INPUT:
        return os.fsencode(label)
    # two more than a label may have: the end of the line that a scanner or echo adds
    return sys.stdin.buffer.read(LABEL_BYTES_MAX + 3).rstrip(b"\r\n")


def _told(date) -> str:
    if date.year is None:
        return f"{date.raw}, cannot be read"
    week = "" if date.week is None else f" week {date.week}"
    return f"{date.raw}, {date.year}{week}{'' if date.sure else ', not sure'}"


def _text(value: object) -> str:
    return "-" if value is None else str(value)
