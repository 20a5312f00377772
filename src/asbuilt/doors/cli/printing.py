"""Tables and progress on the terminal.

Tables are plain columns of text, the same into a file as onto a screen: never cut, never wrapped. Numbers stand to the
right. What could move the cursor or turn the reading direction is written as an escape.
"""

import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum

from asbuilt.doors.cli.failing import print_json

__all__ = ["Format", "print_json", "print_table", "progress_bar", "say", "tell_number"]


class Format(StrEnum):
    """How records are printed."""

    table = "table"
    json = "json"


def say(text: str = "") -> None:
    """A line for people, on standard error."""
    print(printable(text), file=sys.stderr)


def tell_number(number: int) -> str:
    """A number as people read it: 15,571."""
    return f"{number:,}"


def printable(text: str) -> str:
    """The text with every character that a terminal might obey written as an escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> None:
    """The rows under their columns on standard output; nothing where there are none."""
    if not rows:
        return
    cells = [[_cell(value) for value in row] for row in rows]
    right = [all(isinstance(row[n], int | float) or row[n] in ("", None) for row in rows) for n in range(len(columns))]
    shown = [[*columns], *cells]
    widths = [max(_width(row[n]) for row in shown) for n in range(len(columns))]
    if title:
        print(printable(title))
    for row in shown:
        print("  ".join(_pad(cell, widths[n], right[n]) for n, cell in enumerate(row)).rstrip())
    print()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return tell_number(value)
    return printable(f"{value:,.2f}" if isinstance(value, float) else str(value)).replace("\n", "\\n")


def _width(text: str) -> int:
    return len(text) if text.isascii() else sum(_columns(letter) for letter in text)


def _columns(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _pad(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None] | None]:
    """A bar a file on standard error while it is a terminal; None into a file or a pipe."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        bars: dict[str, int] = {}

        def progress(file: str, done: int, size: int) -> None:
            if file not in bars:
                bars[file] = shown.add_task(file, total=size)
            shown.update(bars[file], completed=done)

        yield progress
