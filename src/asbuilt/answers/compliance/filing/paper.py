"""A technical file on paper: gaps first, then point by point, with every row of every table.

    with on_paper(file) as found:      -> [Path]: one PDF; the volumes of a file that is too large to be bound
    volumes(file)                      -> iterator of PDF bytes: one for a file of ordinary size, more for a large one

Rows are read and set volume by volume, so that memory does not grow with the number of pages. A large file is bound into one PDF: gaps, duties and a
list of its volumes on paper, the volumes themselves attached (PDF/A-3b; each volume PDF/A-2b). Tables are set in columns of one width and wrapped,
never cut.
"""

import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from asbuilt.answers.compliance.filing.parts import Part, Table, number
from asbuilt.answers.compliance.filing.technical_file import (
    EVIDENCE,
    GAPS,
    MISSING,
    NOT_APPLICABLE,
    NOTHING,
    TechnicalFile,
    in_words,
    told,
)
from asbuilt.answers.compliance.filing.typesetting import NotSet, bind, typeset
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant

LINES_A_VOLUME = 10_000
BOUND_BYTES_MAX = 96 * 1024**2  # of all volumes; the typesetter holds them three times while it binds them
LINES_A_BLOCK = 80
LINE_CHARACTERS = 124
MEASURED_ROWS = 200
CELL_CHARACTERS_MIN, CELL_CHARACTERS_MAX = 4, 60
Block = tuple[str, str, int]  # kind, text, lines


def state_words() -> dict[str, str]:
    """What the states of a point are called, in the reader's language."""
    return {MISSING: _("missing"), GAPS: _("has gaps"), NOTHING: _("nothing recorded"), EVIDENCE: _("evidence, no gap known"), NOT_APPLICABLE: _("does not apply")}  # fmt: skip


@contextmanager
def on_paper(file: TechnicalFile) -> Iterator[list[Path]]:
    """The file as one PDF; where its volumes are together larger than 96 MiB, these, in their order. Gone when the block is left. Invalid: not set."""
    with TemporaryDirectory(prefix="asbuilt-paper-") as place:
        folder, found = Path(place), []
        for at, content in enumerate(volumes(file), 1):
            found.append(folder / f"volume-{at}.pdf")
            found[-1].write_bytes(content)
        if len(found) > 1 and sum(one.stat().st_size for one in found) <= BOUND_BYTES_MAX:
            found = [_bound(file, folder, found)]
        yield found


def _bound(file: TechnicalFile, folder: Path, found: list[Path]) -> Path:
    title = _("Technical file of %(product)s") % {"product": file.product}
    held = [{"kind": kind, "text": text} for kind, text, _lines in _front(file, title)]
    held.append({"kind": "h2", "text": _("Volumes")})
    words = _(
        "Every point with every row of its tables stands in the %(n)s volumes that are attached to this PDF; each is a PDF of its own."
    )
    held.append({"kind": "text", "text": words % {"n": number(len(found))}})
    attached = []
    for one in found:
        hashed = sha256(one.read_bytes()).hexdigest()
        held.append({"kind": "small", "text": f"{one.name} · {number(one.stat().st_size)} · SHA-256 {hashed}"})
        attached.append({"name": one.name, "words": f"{title}: {one.stem}"})
    try:
        return bind(_said(file, title, _foot(file, title, 0), held) | {"volumes": attached}, folder)
    except NotSet as refusal:
        raise _not_set(refusal) from None


def volumes(file: TechnicalFile) -> Iterator[bytes]:
    """Each volume as PDF/A, one after the other. Invalid: the typesetter refused."""
    title = _("Technical file of %(product)s") % {"product": file.product}
    held: list[dict] = []
    lines, volume = 0, 1
    for kind, text, high in _blocks(file, title):
        held.append({"kind": kind, "text": text})
        lines += high
        if lines >= LINES_A_VOLUME:
            yield _volume(file, title, volume, held)
            held, lines, volume = [], 0, volume + 1
    if held:
        yield _volume(file, title, volume, held)


def _volume(file: TechnicalFile, title: str, volume: int, held: list[dict]) -> bytes:
    try:
        return typeset(_said(file, f"{title} ({volume})", _foot(file, title, volume), held))
    except NotSet as refusal:
        raise _not_set(refusal) from None


def _foot(file: TechnicalFile, title: str, volume: int) -> str:
    """At the foot of each page; volume 0 is what holds the others."""
    made, root = format_instant(file.asking.now), file.checkpoint["root"][:16]
    return _("%(title)s, %(made)s, volume %(volume)s, log %(size)s %(root)s") % {
        "title": title, "made": made, "volume": volume, "size": number(file.checkpoint["size"]), "root": root,
    }  # fmt: skip


def _said(file: TechnicalFile, title: str, foot: str, held: list[dict]) -> dict:
    return {
        "title": title, "lang": (get_language() or "en").partition("-")[0], "foot": foot, "made_at": file.asking.now // 1_000_000,
        "blocks": held,
    }  # fmt: skip


def _not_set(refusal: NotSet) -> Invalid:
    said = "The file cannot be written as PDF."
    return Invalid("compliance.pdf_failed", said, {"cause": str(refusal)[:200]}, "Take it as JSON.")


def _blocks(file: TechnicalFile, title: str) -> Iterator[Block]:
    words = state_words()
    yield from _front(file, title)
    for one in file.filed:
        yield "h2", f"{one.asked.key} {one.asked.name}: {words[one.state]}", 3
        yield "small", f"{one.asked.law}. {one.asked.question}", 1
        for gap in one.gaps:
            yield "gap", gap, 1
        for part in one.parts:
            yield from _part(part)


def _front(file: TechnicalFile, title: str) -> Iterator[Block]:
    """What stands before the points: how complete it is, what is not known, the duties."""
    words, seen = state_words(), told(file, rows=0)
    yield "h1", title, 3
    yield "text", in_words(file), 2
    yield "small", _("Read on %(made)s by rules %(rules)s, read on %(read)s: %(source)s.") % {"made": seen["made_at"], "rules": seen["rule_set"], "read": seen["read_on"], "source": seen["source"]}, 2  # fmt: skip
    yield "small", _("This file shows what the record holds and what it does not. It is no statement of conformity."), 1  # fmt: skip
    yield "h2", _("What is not known"), 2
    for one in seen["gaps"]:
        yield "gap", f"{one['point']} {one['name']}: {one['gap']}", 1
    if not seen["gaps"]:
        yield "text", _("No source knows of a gap."), 1
    yield "h2", _("Duties of the manufacturer, and where their evidence stands"), 2
    for one in seen["duties"]:
        yield "gap", f"{one['duty']} {one['asks']}: {words.get(one['state'], '–')} ({', '.join(one['points'])})", 1


def _part(part: Part) -> Iterator[Block]:
    for said in (*part.words, *part.silent):
        yield "text", said, 1 + len(said) // 100
    for document in part.documents:
        yield "small", " · ".join(each for each in (document.name, document.what, document.sha256) if each), 1
    for table in part.tables:
        yield "h3", f"{table.heading} ({number(table.count)})", 2
        yield from _rows(table)


def _rows(table: Table) -> Iterator[Block]:
    """The table in columns of one width, some lines at a time, each with its head."""
    rows = iter(table.rows())
    first = list(islice(rows, MEASURED_ROWS))
    widths = _widths(table.columns, first)
    head = list(_lines(table.columns, widths)) + ["  ".join("-" * width for width in widths)]
    held: list[str] = []
    for row in chain(first, rows):
        held += _lines(row, widths)
        if len(held) >= LINES_A_BLOCK:
            yield "rows", "\n".join(head + held), len(head) + len(held)
            held = []
    if held:
        yield "rows", "\n".join(head + held), len(head) + len(held)


def _widths(columns: tuple[str, ...], rows: Iterable[tuple]) -> list[int]:
    """How wide each column is: what it holds, less where the line would be too long for the page."""
    longest = [max([len(str(row[n])) for row in rows] + [len(name)]) for n, name in enumerate(columns)]
    widths = [min(max(one, CELL_CHARACTERS_MIN), CELL_CHARACTERS_MAX) for one in longest]
    room = LINE_CHARACTERS - 2 * (len(columns) - 1)
    while sum(widths) > room and max(widths) > CELL_CHARACTERS_MIN:
        widths[widths.index(max(widths))] -= 1
    return widths


def _lines(row: Iterable, widths: list[int]) -> list[str]:
    """A row as lines: each cell wrapped within its column."""
    cells = [textwrap.wrap(str(cell), width) or [""] for cell, width in zip(row, widths, strict=True)]
    high = max(len(cell) for cell in cells)
    return [
        "  ".join((cell[n] if n < len(cell) else "").ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
        for n in range(high)
    ]  # fmt: skip
