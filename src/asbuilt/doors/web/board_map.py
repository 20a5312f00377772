"""The board map: a board drawn on the server from its placement file, both sides as they are looked at, each component a link to its row.

Views are chosen by links (`map=`): of a unit lot, certainty, replaced, defect; of an order certainty, lots, replaced, defect. Zoom is a part of
the address too (`side=`, `zoom=`, `x=`, `y=`, or `at=` a designator). Colour is never alone: letters stand on the parts where there is room,
what is possible is hatched, what is not recorded dashed, and the table under the map says the same.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians, sin

from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from asbuilt.designed.catalog.placements import Placed
from asbuilt.doors.web.marks import GRADE_WORDS
from asbuilt.doors.web.words import count
from asbuilt.kernel.spans import CERTAIN, POSSIBLE, UNRECORDED
from asbuilt.questions.genealogy.seen.boards import Board, Said
from asbuilt.questions.genealogy.seen.placed_parts import short

WIDTH = 1000.0  # of the drawing at no zoom, in its own units
MARGIN_MM = 2.0
ZOOMS = (1, 2, 4, 8, 16)
ROWS_SHOWN = 10
LOT_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOT_COLOURS = "abcdefg"
LETTER_LEAST = 7.0  # smaller ones cannot be read
PARAMETERS = ("map", "side", "zoom", "x", "y", "at")
VIEW_WORDS = {
    "lot": gettext_lazy("Lot"),
    "lots": gettext_lazy("Lots"),
    "certainty": gettext_lazy("Certainty"),
    "replaced": gettext_lazy("Replaced"),
    "defect": gettext_lazy("Defect"),
}
UNIT_VIEWS = ("lot", "certainty", "replaced", "defect")
ORDER_VIEWS = ("certainty", "lots", "replaced", "defect")
SIDE_WORDS = {
    "top": gettext_lazy("Top side"),
    "bottom": gettext_lazy("Bottom side, as seen from below"),
    "": gettext_lazy("Side not said"),
}
_CHIP = re.compile(r"(?<!\d)(\d{2})(\d{2})Metric")
_BODY = re.compile(r"(\d{1,3}(?:\.\d+)?)x(\d{1,3}(?:\.\d+)?)mm")
PADS_MM = 0.5  # what the pads of a chip stand out
USUAL_MM = 4.0  # a component whose footprint says nothing, where its neighbours leave room
LEAST_MM = 0.6


@dataclass(frozen=True)
class Look:
    """How a component looks in a view: class of its fill, letter on it, class of its key in the table."""

    css: str
    letter: str
    key: str


@dataclass(frozen=True)
class Part:
    """A component as drawn: upper left corner, size, turn, text, row it leads to."""

    refdes: str
    x: float
    y: float
    width: float
    height: float
    turn: float
    css: str
    text: str
    letters: float
    title: str
    row: int | None
    replaced: bool
    marked: bool

    @property
    def middle(self) -> tuple[float, float]:
        """Where its letter stands and what it is turned about."""
        return round(self.x + self.width / 2, 2), round(self.y + self.height / 2, 2)


@dataclass(frozen=True)
class Sheet:
    """One side as drawn, with the links that move over it."""

    side: str
    word: str
    count: int
    view_box: str
    width: float
    height: float
    parts: tuple[Part, ...]
    moves: tuple[tuple[str, str, str], ...]

    @property
    def inner(self) -> float:
        """Height of the board within its line."""
        return round(self.height - 2, 2)


@dataclass(frozen=True)
class Row:
    """A row of the table under the map."""

    number: int
    look: Look
    said: Said
    at: str
    zoom: str
    defects: str


# ---- looks


def _lot_letters(board: Board) -> dict[str, str]:
    """Lot -> letter, the lots at most positions first; lots that are not known have none. Seven of them have a colour too."""
    sizes: dict[str, int] = {}
    for one in board.said:
        for lot in one.lots:
            if lot.lot:
                sizes[lot.lot] = sizes.get(lot.lot, 0) + len(one.positions)
    ranked = sorted(sizes, key=lambda lot: (-sizes[lot], lot))
    return {lot: _letters(place) for place, lot in enumerate(ranked)}


def _letters(place: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    ahead, here = divmod(place, len(LOT_LETTERS))
    return (_letters(ahead - 1) if ahead else "") + LOT_LETTERS[here]


def _look(view: str, said: Said, letters: dict[str, str]) -> Look:
    if view == "lot":
        return _lot_look(said, letters)
    if view == "lots":
        return _many_look(len({lot.lot or lot.package for lot in said.lots}))
    if view == "certainty":
        return {
            CERTAIN: Look("la", "", "key-a"), POSSIBLE: Look("b-maybe", "P", "key-maybe"), UNRECORDED: Look("b-none", "?", "key-x"),
        }.get(said.grade, Look("b-out", "", "key-out"))  # fmt: skip
    if view == "replaced":
        return Look("lb", "R", "key-r") if said.replaced else Look("lx", "", "key-plain")
    return Look("ld", "D", "key-d") if said.defects else Look("lx", "", "key-plain")


def _lot_look(said: Said, letters: dict[str, str]) -> Look:
    if said.grade == UNRECORDED:
        return Look("b-none", "?", "key-x")
    names = "/".join(dict.fromkeys(letters.get(lot.lot, "?") for lot in said.lots))
    if said.grade == POSSIBLE:
        return Look("b-maybe", names + ("/?" if said.open else ""), "key-maybe")
    colour = names.lower() if names.lower() in LOT_COLOURS and len(names) == 1 else ""
    return Look(f"l{colour or 'x'}", names, f"key-{colour or 'plain'}")


def _many_look(lots: int) -> Look:
    if not lots:
        return Look("b-none", "?", "key-x")
    colour = LOT_COLOURS[min(lots, len(LOT_COLOURS)) - 1]
    return Look(f"l{colour}", str(lots), f"key-{colour}")


def _title(board: Board, refdes: str, said: Said | None) -> str:
    if said is None:
        return _("%(at)s: not in the BOM") % {"at": refdes}
    lots = ", ".join(lot.lot or lot.package for lot in said.lots[:4])
    if board.of_unit:
        text = f"{refdes}: {lots or _('not recorded')}, {GRADE_WORDS[said.grade]}"
    else:
        numbers = ", ".join(f"{count(said.counts[grade])} {GRADE_WORDS[grade]}" for grade in GRADE_WORDS)
        text = f"{refdes}: {numbers}; {lots or _('not recorded')}"
        text += f" (+{len(said.lots) - 4})" if len(said.lots) > 4 else ""
    if said.replaced:
        text += "; " + (_("replaced") if board.of_unit else _("replaced on %(n)s") % {"n": count(said.replaced)})
    return text + ("; " + _defects(board, said) if said.defects else "")


def _defects(board: Board, said: Said) -> str:
    if board.of_unit:
        return ", ".join(code for code, _units in said.defects)
    return ", ".join(f"{code} {count(units)}" for code, units in said.defects)


# ---- geometry


def _sizes(components: Iterable[Placed]) -> dict[str, tuple[float, float]]:
    """Designator -> width and height in mm, not turned: by the footprint's name, else as its nearest neighbour leaves room."""
    found = {}
    listed = list(components)
    for one in listed:
        if chip := _CHIP.search(one.footprint):
            found[one.refdes] = (int(chip[1]) / 10 + PADS_MM, int(chip[2]) / 10 + PADS_MM / 2)
        elif body := _BODY.search(one.footprint):
            found[one.refdes] = (max(float(body[1]), LEAST_MM), max(float(body[2]), LEAST_MM))
        else:
            near = min(
                (
                    hypot(one.x_um - other.x_um, one.y_um - other.y_um) / 1000
                    for other in listed
                    if other is not one and other.side == one.side
                ),
                default=USUAL_MM,
            )
            edge = round(min(max(near * 0.7, LEAST_MM), USUAL_MM), 2)
            found[one.refdes] = (edge, edge)
    return found


@dataclass(frozen=True)
class _Frame:
    """The board's box in mm and the scale of the drawing."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def scale(self) -> float:
        return WIDTH / (self.right - self.left)

    @property
    def height(self) -> float:
        return round((self.top - self.bottom) * self.scale, 2)

    def place(self, one: Placed, *, mirrored: bool) -> tuple[float, float]:
        x, y = one.x_um / 1000, one.y_um / 1000
        return ((self.right - x) if mirrored else (x - self.left)) * self.scale, (self.top - y) * self.scale


def _frame(components: Iterable[Placed], sizes: dict[str, tuple[float, float]]) -> _Frame:
    ends = []
    for one in components:
        width, height = sizes[one.refdes]
        turn = radians(one.rotation_mdeg / 1000)
        over = abs(width * cos(turn)) + abs(height * sin(turn))
        up = abs(width * sin(turn)) + abs(height * cos(turn))
        x, y = one.x_um / 1000, one.y_um / 1000
        ends.append((x - over / 2, y - up / 2, x + over / 2, y + up / 2))
    left, bottom = min(end[0] for end in ends), min(end[1] for end in ends)
    right, top = max(end[2] for end in ends), max(end[3] for end in ends)
    return _Frame(left - MARGIN_MM, bottom - MARGIN_MM, right + MARGIN_MM, top + MARGIN_MM)


# ---- the page


@dataclass(frozen=True)
class _Asked:
    """What the address asks for."""

    view: str
    side: str
    zoom: int
    x: float | None
    y: float | None
    at: str
    rest: tuple[tuple[str, str], ...]

    def link(self, **changed) -> str:
        """The address with some of it changed; None takes a part out."""
        said = {
            "map": self.view,
            "side": self.side,
            "zoom": self.zoom,
            "x": self.x,
            "y": self.y,
            "at": self.at,
        } | changed
        kept = [(name, value) for name, value in said.items() if value not in (None, "", 1)]
        return f"?{urlencode([*self.rest, *kept])}#board"


def _asked(request: HttpRequest, views: tuple[str, ...]) -> _Asked:
    said = request.GET
    view = said.get("map", "") if said.get("map", "") in views else views[0]
    zoom = int(said["zoom"]) if said.get("zoom", "") in map(str, ZOOMS) else 1
    rest = tuple((name, value) for name, value in said.items() if name not in PARAMETERS)
    x, y = _number(said.get("x", "")), _number(said.get("y", ""))
    return _Asked(view, said.get("side", ""), zoom, x, y, said.get("at", "")[:120], rest)


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,6}(\.\d{1,2})?", text) else None


def said(request: HttpRequest, board: Board | None) -> dict:
    """What the template board_map.html needs; no `board` where there is no placement."""
    if board is None:
        return {"board": None}
    views = UNIT_VIEWS if board.of_unit else ORDER_VIEWS
    asked = _asked(request, views)
    letters = _lot_letters(board)
    looks = [_look(asked.view, one, letters) for one in board.said]
    sizes = _sizes(board.components)
    frame = _frame(board.components, sizes)
    sides = sorted({one.side for one in board.components}, key=("top", "bottom", "").index)
    sheets = [_sheet(board, side, asked, frame, sizes, looks) for side in sides]
    if asked.zoom > 1 and asked.side in sides:
        sheets = [sheet for sheet in sheets if sheet.side == asked.side]
    rows = _rows(board, looks, asked)
    return {
        "board": board, "board_view": asked.view, "board_sheets": sheets, "board_rows": rows[:ROWS_SHOWN],
        "board_folded": rows[ROWS_SHOWN:], "board_zoomed": asked.zoom > 1,
        "board_views": [(VIEW_WORDS[view], asked.link(map=view), view == asked.view) for view in views],
        "board_elsewhere": short(board.elsewhere), "board_defect_view": asked.view == "defect",
    }  # fmt: skip


def drawn(components: Sequence[Placed], marks: dict[str, str]) -> list[Sheet]:
    """The sides of a board without units: components, those with a mark (designator -> its words) coloured and named."""
    sizes = _sizes(components)
    frame = _frame(components, sizes)
    sheets = []
    for side in sorted({one.side for one in components}, key=("top", "bottom", "").index):
        here = [one for one in components if one.side == side]
        parts = []
        for one in sorted(here, key=lambda one: one.refdes in marks):
            width, height = (length * frame.scale for length in sizes[one.refdes])
            turn, mirrored = one.rotation_mdeg / 1000 % 180, side == "bottom"
            if turn == 90:
                width, height, turn = height, width, 0.0
            x, y = frame.place(one, mirrored=mirrored)
            words = marks.get(one.refdes, "")
            text, letters = (one.refdes, 16.0) if words else _text(one.refdes, "", width, height, 1)
            parts.append(
                Part(
                    one.refdes, round(x - width / 2, 2), round(y - height / 2, 2), round(width, 2), round(height, 2),
                    round(turn if mirrored else -turn, 2), "ld" if words else "b-out", text, letters, f"{one.refdes}: {words}" if words else one.refdes,
                    None, False, bool(words),
                )
            )  # fmt: skip
        sheets.append(
            Sheet(
                side, SIDE_WORDS[side], len(here), f"0 0 {WIDTH} {frame.height}", WIDTH, frame.height, tuple(parts), ()
            )
        )
    return sheets


def _sheet(board: Board, side: str, asked: _Asked, frame: _Frame, sizes: dict, looks: list[Look]) -> Sheet:
    mirrored = side == "bottom"
    here = [one for one in board.components if one.side == side]
    zoom = asked.zoom if asked.side == side else 1
    parts = tuple(_part(board, one, frame, sizes[one.refdes], looks, zoom, mirrored, asked) for one in here)
    width, height = round(WIDTH / zoom, 2), round(frame.height / zoom, 2)
    found = next((part.middle for part in parts if part.refdes == asked.at), None)
    middle = found or (WIDTH / 2 if asked.x is None else asked.x, frame.height / 2 if asked.y is None else asked.y)
    x = round(min(max(middle[0] - width / 2, 0), WIDTH - width), 2)
    y = round(min(max(middle[1] - height / 2, 0), frame.height - height), 2)
    moves = _moves(asked, side, zoom, (x + width / 2, y + height / 2), (width, height))
    box = f"{x:g} {y:g} {width:g} {height:g}"
    return Sheet(side, SIDE_WORDS[side], len(here), box, WIDTH, frame.height, parts, moves)


def _part(board, one: Placed, frame: _Frame, size, looks: list[Look], zoom: int, mirrored: bool, asked: _Asked) -> Part:
    number = board.at.get(one.refdes)
    said = None if number is None else board.said[number]
    look = Look("b-out", "", "") if number is None else looks[number]
    width, height = size[0] * frame.scale, size[1] * frame.scale
    turn = one.rotation_mdeg / 1000 % 180
    if turn == 90:
        width, height, turn = height, width, 0.0
    x, y = frame.place(one, mirrored=mirrored)
    text, letters = _text(one.refdes, look.letter, width, height, zoom)
    return Part(
        one.refdes, round(x - width / 2, 2), round(y - height / 2, 2), round(width, 2), round(height, 2),
        round(turn if mirrored else -turn, 2), look.css, text, letters, _title(board, one.refdes, said), number,
        bool(said and said.replaced and asked.view in ("lot", "certainty") and board.of_unit), one.refdes == asked.at,
    )  # fmt: skip


def _text(refdes: str, letter: str, width: float, height: float, zoom: int) -> tuple[str, float]:
    """What is written on a component and how large: designator and letter, the letter alone, or nothing, as there is room."""
    for text in (f"{refdes} · {letter}" if letter else refdes, letter):
        size = round(min(height * 0.7, width / (0.62 * max(len(text), 1)), 16 / zoom), 2)
        if text and size * zoom >= LETTER_LEAST:
            return text, size
    return "", 0.0


def _moves(asked: _Asked, side: str, zoom: int, middle: tuple[float, float], size: tuple[float, float]):
    """(icon-like sign, word, address) of the links over a side."""

    def there(x: float, y: float, nearer: int = zoom) -> str:
        return asked.link(side=side, zoom=nearer, x=round(max(x, 0), 2), y=round(max(y, 0), 2), at=None)

    found = []
    if zoom < ZOOMS[-1]:
        found.append(
            ("+", _("Zoom in"), asked.link(side=side, zoom=zoom * 2, x=round(middle[0], 2), y=round(middle[1], 2)))
        )
    if zoom > 1:
        found.append(("−", _("Zoom out"), there(*middle, zoom // 2)))
        found.append(("0", _("Whole board"), asked.link(side=None, zoom=None, x=None, y=None, at=None)))
        for sign, word, over, down in (
            ("←", _("To the left"), -1, 0), ("→", _("Right"), 1, 0), ("↑", _("Up"), 0, -1), ("↓", _("Down"), 0, 1),
        ):  # fmt: skip
            found.append((sign, word, there(middle[0] + over * size[0] / 2, middle[1] + down * size[1] / 2)))
    return tuple(found)


def _rows(board: Board, looks: list[Look], asked: _Asked) -> list[Row]:
    """What the view is about comes first: not recorded, possible, replaced, defective, then by letter."""
    side_of = {one.refdes: one.side for one in board.components}
    rows = []
    for number, (one, look) in enumerate(zip(board.said, looks, strict=True)):
        first = next((position for position in one.positions if position in side_of), "")
        zoom = asked.link(at=first, side=side_of[first], zoom=8, x=None, y=None) if first else ""
        rows.append(Row(number, look, one, short(one.positions), zoom, _defects(board, one)))
    return sorted(rows, key=lambda row: (*_rank(asked.view, row), row.number))


def _rank(view: str, row: Row) -> tuple:
    grades = (UNRECORDED, POSSIBLE, CERTAIN, "")
    if view == "replaced":
        return (-row.said.replaced,)
    if view == "defect":
        return (-sum(units for _code, units in row.said.defects),)
    if view == "lots":
        return (-len(row.said.lots),)
    return (
        grades.index(row.said.grade),
        not row.said.replaced,
        row.look.letter == "",
        len(row.look.letter),
        row.look.letter,
    )
