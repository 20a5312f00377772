"""Control charts as pictures: lines and points as numbers that a template writes into SVG attributes, and the same as PNG and CSV.

A point that completes a broken rule is a square with the number of its signal, all others are dots: colour is never alone. The table beside
the picture says the same. Chart and PNG are drawn from one geometry.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from asbuilt.built.quality.process_control import Control
from asbuilt.doors.web.words import local
from asbuilt.kernel.control_charts import Panel, Signal
from asbuilt.kernel.instants import format_instant

WIDTH, LEFT, RIGHT = 1000, 86, 90
HEIGHTS = (230, 130)
GAP, TOP, BOTTOM = 34, 26, 26
POINTS_SHOWN_MAX = 200
PNG_SCALE = 2
DASH = 6  # of the limits of a product, in the PNG
FONTS = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "NotoSans-Regular.ttf", "arial.ttf")
NO_LETTER = "\uffff"
COLOURS = {
    "line": "#5b6770",
    "limit": "#b3261e",
    "centre": "#1f6f43",
    "point": "#1d4f91",
    "spec": "#1a1f24",
    "text": "#1a1f24",
}


@dataclass(frozen=True)
class Dot:
    """A point: where, its number from 1, its value, and the signals that it completes."""

    x: float
    y: float
    number: int
    value: float
    signals: tuple[int, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A horizontal line with its label."""

    kind: str
    label: str
    value: float
    y: float


@dataclass(frozen=True)
class Drawn:
    """A panel: its top and height, steps of the limits as paths, the curve, dots, labelled lines."""

    top: float
    height: float
    curve: str
    limits: tuple[str, ...]
    dots: tuple[Dot, ...]
    lines: tuple[Rule, ...]


@dataclass(frozen=True)
class Picture:
    """The whole chart."""

    height: int
    panels: tuple[Drawn, ...]
    width: int = WIDTH
    signals: tuple[tuple[int, Signal, int], ...] = field(default=())


def picture(found: Control) -> Picture:
    """The geometry of a chart; without panels an empty one."""
    numbered = numbered_signals(found)
    drawn, top, most = [], float(TOP), max((len(panel.points) for panel in found.panels), default=1)
    for place, panel in enumerate(found.panels):
        height = HEIGHTS[min(place, 1)]
        mine = {}
        for number, of, signal in numbered:
            if of == place:
                mine.setdefault(signal.point, []).append(number)
        specs = (("spec", found.low), ("spec", found.high)) if place == 0 else ()
        drawn.append(_panel(panel, top, height, (found.before, most), mine, specs))
        top += height + GAP
    signals = tuple((number, signal, of) for number, of, signal in numbered)
    return Picture(int(top - GAP + BOTTOM), tuple(drawn), WIDTH, signals)


def numbered_signals(found: Control) -> list[tuple[int, int, Signal]]:
    """(number from 1, panel, signal), panel by panel."""
    pairs = [(place, signal) for place, signals in enumerate(found.signals) for signal in signals]
    return [(number, place, signal) for number, (place, signal) in enumerate(pairs, 1)]


def _panel(
    panel: Panel, top: float, height: int, points: tuple[int, int], signals: dict[int, list[int]], specs: Iterable
) -> Drawn:
    before, most = points
    wanted = [value for _, value in specs if value is not None]
    values = [*panel.points, *panel.lower, *panel.upper, panel.centre, *wanted]
    low, high = min(values), max(values)
    room = (high - low) * 0.08 or max(1.0, abs(high) * 0.08)
    low, high = low - room, high + room

    def y(value: float) -> float:
        return round(top + height * (high - value) / (high - low), 1)

    step = (WIDTH - LEFT - RIGHT) / max(1, most - 1)
    first = most - len(panel.points)  # moving ranges begin one point later

    def x(place: int) -> float:
        return round(LEFT + (first + place) * step, 1)

    dots = tuple(
        Dot(x(n), y(v), before + first + n + 1, v, tuple(signals.get(n, ()))) for n, v in enumerate(panel.points)
    )
    curve = "M" + " L".join(f"{dot.x} {dot.y}" for dot in dots)
    limits = tuple("M" + " L".join(_steps(side, x, y)) for side in (panel.lower, panel.upper))
    lines = [Rule("centre", "", panel.centre, y(panel.centre)), Rule("limit", "", panel.upper[-1], y(panel.upper[-1]))]
    lines += [Rule("limit", "", panel.lower[-1], y(panel.lower[-1]))] if panel.lower[-1] != panel.upper[-1] else []
    lines += [Rule(kind, "", value, y(value)) for kind, value in specs if value is not None]
    return Drawn(top, height, curve, limits, dots, tuple(lines))


def _steps(side: Sequence[float], x, y) -> Iterable[str]:
    for place, value in enumerate(side):
        yield f"{x(place)} {y(value)}"


def png(found: Control, title: str) -> bytes:
    """The chart as PNG, drawn with twice the resolution of the page."""
    from PIL import Image, ImageDraw

    shown = picture(found)
    s = PNG_SCALE
    image = Image.new("RGB", (WIDTH * s, max(80, shown.height) * s), "white")
    draw = ImageDraw.Draw(image)
    font = _font(12 * s)
    draw.text((LEFT * s, 4 * s), _drawn(title[:140], font), fill=COLOURS["text"], font=font)
    for panel in shown.panels:
        for path in panel.limits:
            draw.line(_scaled(path), fill=COLOURS["limit"], width=s)
        for line in panel.lines:
            if line.kind == "centre":
                draw.line([(LEFT * s, line.y * s), ((WIDTH - RIGHT) * s, line.y * s)], fill=COLOURS["centre"], width=s)
            for x in range(LEFT, WIDTH - RIGHT, 2 * DASH) if line.kind == "spec" else ():
                draw.line([(x * s, line.y * s), ((x + DASH) * s, line.y * s)], fill=COLOURS["spec"], width=s)
            draw.text(
                ((WIDTH - RIGHT + 6) * s, (line.y - 7) * s), local(f"{line.value:.5g}"), fill=COLOURS["text"], font=font
            )
        if len(panel.dots) > 1:
            draw.line([(dot.x * s, dot.y * s) for dot in panel.dots], fill=COLOURS["line"], width=s)
        for dot in panel.dots:
            r = (4 if dot.signals else 2.5) * s
            box = (dot.x * s - r, dot.y * s - r, dot.x * s + r, dot.y * s + r)
            if dot.signals:
                draw.rectangle(box, fill=COLOURS["limit"])
                draw.text(
                    (dot.x * s - r, dot.y * s - 20 * s),
                    ",".join(map(str, dot.signals)),
                    fill=COLOURS["limit"],
                    font=font,
                )
            else:
                draw.ellipse(box, fill=COLOURS["point"])
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _font(size: int):
    """A font of the machine that has the letters of Europe; else the one that comes with the library, which has those of English."""
    from PIL import ImageFont

    for name in FONTS:
        with suppress(OSError):
            return ImageFont.truetype(name, size)
    return ImageFont.load_default(size=size)


def _drawn(text: str, font) -> str:
    """The text as this font can draw it: a letter that it lacks without its marks (u for ü), else by its number as in every PDF."""

    def has(letter: str) -> bool:
        mask, none = (font.getmask(one) for one in (letter, NO_LETTER))
        return letter == " " or (mask.size, bytes(mask)) != (none.size, bytes(none))

    found = []
    for letter in text:
        bare = unicodedata.normalize("NFKD", letter)[0]
        found.append(letter if has(letter) else bare if has(bare) else f"[U+{ord(letter):04X}]")
    return "".join(found)


def _scaled(path: str) -> list[tuple[float, float]]:
    numbers = [float(part) for part in path.replace("M", "").replace("L", "").split()]
    return [(a * PNG_SCALE, b * PNG_SCALE) for a, b in zip(numbers[::2], numbers[1::2], strict=True)]


def table(found: Control) -> str:
    """The points as CSV: number, when, machine, values, and of each panel value, centre, limits, broken rules."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    names = ("value", "range")[: len(found.panels)]
    heads = [f"{name}{part}" for name in names for part in ("", "_centre", "_lower", "_upper", "_rules")]
    rows.writerow(["point", "at", "machine", "size", *heads])
    total = len(found.points)
    for n, point in enumerate(found.points):
        cells: list[object] = [n + 1, format_instant(point.at), _safe(point.machine), point.size]
        for panel, signals in zip(found.panels, found.signals, strict=True):
            place = n - (total - len(panel.points))
            broken = " ".join(one.rule for one in signals if one.point == place)
            cells += (
                [
                    repr(panel.points[place]),
                    repr(panel.centre),
                    repr(panel.lower[place]),
                    repr(panel.upper[place]),
                    broken,
                ]
                if place >= 0
                else [""] * 5
            )
        rows.writerow(cells)
    return out.getvalue()


def _safe(text: str) -> str:
    """A name as spreadsheets may read it: one that would be a formula begins with an apostrophe."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
