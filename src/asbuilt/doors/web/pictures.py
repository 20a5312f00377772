"""Pictures made on the server: bars and the flow, as numbers that a template writes into SVG attributes.

No style attribute, no script: sizes are attributes, colours come from classes. Certain is solid, possible hatched or dashed,
unrecorded a dashed outline; what is smaller than three pixels is drawn as three. Each picture has a table beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from asbuilt.doors.web.marks import GRADE_WORDS
from asbuilt.doors.web.words import count
from asbuilt.questions.exposure.exposure import COMPONENT, PLACE
from asbuilt.questions.genealogy.answering.flow import (
    CUSTOMER,
    HERE,
    LOT,
    ORDER,
    OTHERS,
    PRODUCT,
    SEVERAL,
    SHIPMENT,
    SILENT,
    Flow,
    Node,
)

GRADES = ("certain", "possible", "unrecorded")
BAR_WIDTH, BAR_LEAST = 220, 3
WIDTH, TOP, NODE_WIDTH = 1260, 34, 11
COLUMNS_AT = (0, 320, 630, 925)
SCALED_HEIGHT, SLOT_LEAST, GAP = 260, 20, 8


@dataclass(frozen=True)
class Piece:
    """A rectangle of a bar."""

    grade: str
    x: float
    width: float


def bar(counts: dict[str, int], most: int) -> list[Piece]:
    """The pieces of one row's bar; `most` is the largest total of all rows."""
    pieces, x = [], 0.0
    for grade in GRADES:
        if counts[grade]:
            width = max(BAR_LEAST, BAR_WIDTH * counts[grade] / most - (1 if pieces else 0))
            pieces.append(Piece(grade, round(min(x, BAR_WIDTH - BAR_LEAST), 1), round(width, 1)))
            x += width + 1
    return pieces


def total(counts: dict[str, int]) -> int:
    """All three numbers together: for widths only, never shown."""
    return sum(counts[grade] for grade in GRADES)


@dataclass
class Box:
    """A node as drawn."""

    label: str
    kind: str
    counts: dict[str, int]
    x: int
    y: float
    height: float
    hot: bool = False
    left: float = 0.0
    right: float = 0.0

    @property
    def text_y(self) -> float:
        """Where its label stands."""
        return round(self.y + self.height / 2 + 4, 1)

    @property
    def text_x(self) -> int:
        """Where its label begins."""
        return self.x + NODE_WIDTH + 7


@dataclass(frozen=True)
class Band:
    """A band between two nodes: a line of some width where it is certain, else an outline (width 0)."""

    path: str
    width: float
    css: str
    title: str


@dataclass
class Picture:
    """The flow, ready to be written."""

    height: int
    heads: list[tuple[int, str]]
    boxes: list[Box]
    bands: list[Band] = field(default_factory=list)
    rows: list[tuple[list[str], dict[str, int]]] = field(default_factory=list)
    rows_more: int = 0


def heads() -> dict[str, str]:
    """The heads of the columns."""
    return {
        COMPONENT: _("Component"),
        PLACE: _("Release"),
        LOT: _("Lot"),
        PRODUCT: _("Product"),
        ORDER: _("Work order"),
        SHIPMENT: _("Shipment"),
        CUSTOMER: _("Customer"),
    }


def label_of(node: Node, column: str) -> str:
    """What a node is called."""
    if node.kind == HERE:
        return _("Not shipped") if column == SHIPMENT else _("Still here")
    if node.kind == SILENT:
        return _("Not recorded")
    if node.kind == SEVERAL:
        return _("One of: %(lots)s") % {"lots": node.label}
    if node.kind == OTHERS:
        return ngettext("%(n)s other", "%(n)s others", node.count) % {"n": node.count}
    return node.label


def draw(flow: Flow) -> Picture:
    """The geometry of a flow."""
    most = max(sum(total(node.counts) for node in nodes) for nodes in flow.columns)
    scale = SCALED_HEIGHT / max(most, 1)
    columns = [
        _column(nodes, kind, x, scale) for nodes, kind, x in zip(flow.columns, flow.kinds, COLUMNS_AT, strict=True)
    ]
    _mark_largest(columns[-1])
    bands = []
    for link in flow.links:
        source, target = columns[link.column][link.source], columns[link.column + 1][link.target]
        source.hot = source.hot or (link.column == 2 and target.hot)
    for link in flow.links:
        source, target = columns[link.column][link.source], columns[link.column + 1][link.target]
        bands += _bands(link.counts, source, target, scale)
    height = max(int(box.y + max(box.height, SLOT_LEAST)) for boxes in columns for box in boxes) + GAP
    words = heads()
    said = [(x, words[kind]) for x, kind in zip(COLUMNS_AT, flow.kinds, strict=True)]
    rows = [
        ([label_of(node, kind) for node, kind in zip(nodes, flow.kinds, strict=True)], counts)
        for nodes, counts in flow.rows
    ]
    return Picture(height, said, [box for boxes in columns for box in boxes], bands, rows, flow.rows_more)


def _column(nodes: list[Node], kind: str, x: int, scale: float) -> list[Box]:
    boxes, y = [], float(TOP)
    for node in nodes:
        height = max(BAR_LEAST, round(total(node.counts) * scale, 1))
        boxes.append(Box(label_of(node, kind), node.kind, node.counts, x, round(y, 1), height))
        y += max(height, SLOT_LEAST) + GAP
    return boxes


def _mark_largest(boxes: Iterable[Box]) -> None:
    plain = [box for box in boxes if box.kind == "plain"]
    if len(plain) > 1:
        max(plain, key=lambda box: total(box.counts)).hot = True


def _bands(counts: dict[str, int], source: Box, target: Box, scale: float) -> Iterable[Band]:
    title = f"{source.label} → {target.label}"
    for grade in GRADES:
        if not counts[grade]:
            continue
        width = max(1.0 if grade == "certain" else 3.0, counts[grade] * scale)
        start, end = source.y + source.right + width / 2, target.y + target.left + width / 2
        source.right += width
        target.left += width
        x1, x2 = source.x + NODE_WIDTH, target.x
        said = f"{title}: {count(counts[grade])} {GRADE_WORDS[grade]}"
        if grade == "certain":
            yield Band(f"M{x1} {start:.1f}{_curve(x1, start, x2, end)}", round(width, 1), _css(target), said)
        else:
            yield Band(_ribbon(x1, start, x2, end, width / 2), 0, f"ribbon-{grade}", said)


def _curve(x1: float, y1: float, x2: float, y2: float) -> str:
    middle = (x1 + x2) / 2
    return f"C{middle} {y1:.1f} {middle} {y2:.1f} {x2} {y2:.1f}"


def _ribbon(x1: float, y1: float, x2: float, y2: float, half: float) -> str:
    """The outline of a band: what is not certain is drawn by its edge, hatched or empty inside."""
    over = f"M{x1} {y1 - half:.1f}{_curve(x1, y1 - half, x2, y2 - half)}"
    return f"{over}L{x2} {y2 + half:.1f}{_curve(x2, y2 + half, x1, y1 + half)}Z"


def _css(target: Box) -> str:
    if target.kind == HERE:
        return "flow flow-here"
    return "flow flow-hot" if target.hot else "flow"
