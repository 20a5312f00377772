"""Parts of a technical file: what one source of the record shows for one point, and what it does not.

A source is a small function `Asking -> Part`, registered under the point it answers. Rooms above add theirs to `SOURCES`. Tables are read only when they are
written out: a file over a million units holds spans and counts, and rows where somebody asks for them.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.formats import number_format
from pyroaring import BitMap

from asbuilt.access.actor import local_system
from asbuilt.answers.compliance.filing.file_rules import FileRules
from asbuilt.answers.compliance.filing.lines import BASELINE, POINT, Line, lines_of
from asbuilt.designed.catalog.queries import product_number, standing_revisions
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import bitmap_of
from asbuilt.questions.genealogy.answering.answers import ask
from asbuilt.questions.genealogy.answering.narrowing import written
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

HOLDS, WITHDRAWN, NOT_APPLICABLE = "holds", "withdrawn", "not_applicable"
"""How what somebody stated for a point stands."""


@dataclass(frozen=True)
class Table:
    """A table of a part: `rows()` reads them, `count` says how many without reading."""

    heading: str
    columns: tuple[str, ...]
    count: int
    rows: Callable[[], Iterable[tuple]]


@dataclass(frozen=True)
class Document:
    """A file that is kept as evidence: its name, its SHA-256, what it is."""

    name: str
    sha256: str
    what: str = ""


@dataclass(frozen=True)
class Part:
    """What a source shows: sentences, tables and documents; and what it does not: gaps. `silent` says that of a matter that comes up in some cases alone
    nothing is recorded: neither evidence nor a gap."""

    source: str
    words: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    documents: tuple[Document, ...] = ()
    gaps: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()

    @property
    def shows(self) -> bool:
        """Whether there is any evidence."""
        return bool(self.words or self.documents or any(one.count for one in self.tables))


@dataclass
class Asking:
    """A product for whose file sources are asked, at a moment (UTC µs)."""

    tenant: int
    product: str
    now: int
    rules: FileRules
    kept: dict = field(default_factory=dict)

    def once(self, name: str, read: Callable[["Asking"], object]):
        """What several sources read: read once for this file."""
        if name not in self.kept:
            self.kept[name] = read(self)
        return self.kept[name]

    @cached_property
    def number(self) -> int:
        """The product's number."""
        return product_number(self.tenant, self.product)

    @cached_property
    def revisions(self) -> dict[int, str]:
        """Number -> code of each hardware revision."""
        return {number: code for code, number in standing_revisions(self.tenant, self.product).items()}

    @cached_property
    def lines(self) -> list[Line]:
        """What people stated for this file."""
        return lines_of(self.tenant, [about_product(self.product)])

    @cached_property
    def stated(self) -> dict[str, list[Line]]:
        """Point -> what holds of what was stated for it: of each name the last word. What is filed later overtakes that it does not apply."""
        found: dict[str, dict[str, Line]] = {}
        for line in self.lines:
            if line.kind == POINT:
                held = found.setdefault(line.name, {})
                if line.said["state"] == HOLDS:
                    for name in [name for name, one in held.items() if one.said["state"] == NOT_APPLICABLE]:
                        del held[name]
                held[line.said.get("file", "")] = line
        return {point: list(by_file.values()) for point, by_file in found.items()}

    @cached_property
    def baseline(self) -> dict[str, Line]:
        """Matter -> the last word about what is known of it."""
        return {line.name: line for line in self.lines if line.kind == BASELINE}

    @cached_property
    def blocks(self) -> list[tuple[int, int, int, int, int]]:
        """(first, until, order, revision, BOM) of the units of this product. One statement."""
        sql = (
            "SELECT first_unit, until_unit, work_order, revision, bom FROM production_block "
            "WHERE tenant = %s AND product = %s AND until_entry IS NULL ORDER BY first_unit"
        )
        return reading.fetch(sql, (self.tenant, self.number))

    @cached_property
    def view(self) -> View:
        """The whole record, as known now."""
        return View(local_system(self.tenant))

    @cached_property
    def answer(self) -> dict:
        """What the record says to the question for every unit of the product that is more than planned: counts by state, customer, firmware."""
        return ask(local_system(self.tenant), f"{written('product', self.product)} -in:planned").as_dict()

    @cached_property
    def units(self) -> BitMap:
        """The units that the answer speaks of."""
        return bitmap_of((first, until) for first, until, _grade in self.answer["spans"])

    def count(self, kind: str) -> list[tuple[str | None, int]]:
        """(value, units) of the answer by state, customer, order or firmware; certain and possible together."""
        return [
            (row[kind], row["certain"] + row["possible"] + row["unrecorded"]) for row in self.answer["by"].get(kind, ())
        ]


def number(count: int) -> str:
    """A count as the reader's language writes it."""
    return number_format(count, use_l10n=True, force_grouping=True)


def day_of(at: int | None) -> str:
    """The day of an instant (UTC); empty where there is none."""
    return "" if at is None else format_instant(at)[:10]


def named(names: Iterable[str], most: int = 12) -> str:
    """Names with commas, the first of many, and how many more."""
    known = list(names)
    more = f" … (+{number(len(known) - most)})" if len(known) > most else ""
    return ", ".join(known[:most]) + more


def about_product(product: str) -> str:
    """What lines about a product say in `about`."""
    return f"product/{product}"


SOURCES: dict[str, list[Callable[[Asking], Part]]] = {}
"""Point -> its sources, in the order of the file."""


def source(*points: str) -> Callable:
    """Register a function as a source of these points."""

    def register(function: Callable[[Asking], Part]) -> Callable[[Asking], Part]:
        for one in points:
            SOURCES.setdefault(one, []).append(function)
        return function

    return register
