"""Placement: where each component sits on the board, as KiCad (.pos and .csv), JLCPCB (CPL) and Altium write it; and
the cross-check of a placement document against its BOM.

Positions are in millimetres and angles in degrees, 0 up to 360, both in the frame of the tool that wrote the file:
nothing is mirrored or turned, because tools differ in what they mean by the bottom side. Millimetre, mil and inch are
understood, from the header, a title line or the cell; where a file says nothing, millimetres are taken and a warning
says so.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from asbuilt.formats.bom import BomDocument
from asbuilt.formats.foreign import Dialect, ForeignRow, ForeignTable, read_foreign, refuse_rows
from asbuilt.kernel.errors import RowError

MM_PER_UNIT = {"mm": Decimal(1), "mil": Decimal("0.0254"), "inch": Decimal("25.4")}
NAMES_IN_SENTENCE_MAX = 20

# KiCad, JLC and Altium name the centre; Altium's pads and reference points come second, so that the centre wins.
ROLES: Mapping[str, str] = {
    **dict.fromkeys(("ref", "refdes", "designator", "reference"), "refdes"),
    **dict.fromkeys(("posx", "midx", "centerx", "x", "centerxmm", "centerxmil", "midxmm", "midxmil", "posxmm"), "x"),
    **dict.fromkeys(("posy", "midy", "centery", "y", "centerymm", "centerymil", "midymm", "midymil", "posymm"), "y"),
    **dict.fromkeys(("centerxinch", "centerxin", "midxinch", "xmm", "xmil", "xinch"), "x"),
    **dict.fromkeys(("centeryinch", "centeryin", "midyinch", "ymm", "ymil", "yinch"), "y"),
    **dict.fromkeys(("rot", "rotation", "angle"), "rotation"),
    **dict.fromkeys(("side", "layer", "tb"), "side"),
    **dict.fromkeys(("package", "footprint"), "footprint"),
}
_SIDES = {
    **dict.fromkeys(("top", "t", "toplayer", "f.cu", "front", "f"), "top"),
    **dict.fromkeys(("bottom", "b", "bottomlayer", "b.cu", "back", "bot"), "bottom"),
}
_UNIT_TITLE = re.compile(r"\b(?:units?)(?: used)?\s*[:=]\s*(mm|mils?|inch(?:es)?|in)\b", re.IGNORECASE)
_LENGTH = re.compile(r"([+-]?\d{0,9}(?:[.,]\d{1,12})?)\s*(mm|mil|mils|inch|in|\")?", re.IGNORECASE | re.ASCII)
_ANGLE = re.compile(r"[+-]?\d{1,6}(?:[.,]\d{1,12})?", re.ASCII)


@dataclass(frozen=True)
class Placement:
    """One component: designator, centre in mm, rotation from 0 up to 360 degrees, side `top`, `bottom` or "" (not
    said), its footprint's name where the file has one.
    """

    refdes: str
    x_mm: float
    y_mm: float
    rotation_degree: float
    side: str
    at_line: int = 0
    footprint: str = ""


@dataclass(frozen=True)
class PlacementDocument:
    """A placement file as read."""

    placements: tuple[Placement, ...]
    dialect: Dialect
    warnings: tuple[str, ...]
    errors: tuple[RowError, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One thing in which BOM and placement differ: code, a sentence, the designators, the numbers behind it.

    A `note` is worth a look and may well be meant.
    """

    code: str
    sentence: str
    refdes: tuple[str, ...]
    facts: Mapping[str, object] = field(default_factory=dict)
    note: bool = False


def read_placements(content: bytes, *, file: str, refuse: bool = True) -> PlacementDocument:
    """The placements of a foreign file. Raises Invalid `foreign.*`, or `placement.rows_refused` unless `refuse` is
    False.
    """
    table = read_foreign(
        content, file=file, roles=ROLES, needed=("refdes", "x", "y"), kind="a placement file", by_blanks=True
    )
    unit, warnings = _unit(table)
    errors: list[RowError] = []
    placements = tuple(_placements(table, unit, errors))
    if refuse:
        refuse_rows("placement.rows_refused", file, errors)
    dialect = Dialect(_tool(table), table.encoding, table.delimiter, table.header_line)
    return PlacementDocument(placements, dialect, (*table.warnings, *warnings), tuple(errors))


def _unit(table: ForeignTable) -> tuple[str, list[str]]:
    header = re.search(r"[(_ ](mm|mils?|inch|in)\)?$", table.columns["x"], re.IGNORECASE)
    if header:
        return _unit_name(header[1]), []
    for title in table.titles:
        if found := _UNIT_TITLE.search(title):
            return _unit_name(found[1]), []
    if all(_has_unit(row["x"]) for row in table.rows):
        return "mm", []
    return "mm", ["The file names no unit: millimetres were taken."]


def _unit_name(said: str) -> str:
    said = said.casefold()
    return "mm" if said == "mm" else "mil" if said.startswith("mil") else "inch"


def _has_unit(text: str) -> bool:
    found = _LENGTH.fullmatch(text)
    return bool(found and found[2])


def _placements(table: ForeignTable, unit: str, errors: list[RowError]) -> Iterator[Placement]:
    for row in table.rows:
        numbers = {}
        for role, read in (("x", _length_mm), ("y", _length_mm), ("rotation", _angle_degree)):
            value = read(row[role], unit)
            if value is None:
                column = table.columns.get(role)
                errors.append(
                    RowError(
                        "placement.number_wrong",
                        table.file,
                        row.line,
                        column,
                        row[role],
                        "is no number" if row[role] else "is empty",
                        "Write it as 12.5, 12.5mm or 492mil." if role != "rotation" else "Write degrees, such as 90.",
                    )
                )
            numbers[role] = value
        if not row["refdes"]:
            errors.append(_nameless(table, row))
        elif None not in numbers.values():
            side = _SIDES.get(row["side"].replace(" ", "").casefold(), "")
            yield Placement(
                row["refdes"], numbers["x"], numbers["y"], numbers["rotation"], side, row.line, row["footprint"]
            )


def _nameless(table: ForeignTable, row: ForeignRow) -> RowError:
    column = table.columns["refdes"]
    return RowError("placement.refdes_missing", table.file, row.line, column, "", "names no designator", "Name it.")


def _length_mm(text: str, unit: str) -> float | None:
    found = _LENGTH.fullmatch(text)
    if not found or not re.search(r"\d", found[1]):
        return None
    own = found[2]
    factor = MM_PER_UNIT[unit if own is None else "inch" if own == '"' else _unit_name(own)]
    return float(Decimal(found[1].replace(",", ".")) * factor)


def _angle_degree(text: str, _unit: str) -> float | None:
    text = text.removesuffix("°").strip()
    if not text:
        return 0.0
    if not _ANGLE.fullmatch(text):
        return None
    turned = Decimal(text.replace(",", ".")) % 360
    return float(turned + 360 if turned < 0 else abs(turned))


def _tool(table: ForeignTable) -> str:
    titles, names = " ".join(table.titles).casefold(), {name.casefold() for name in table.columns.values()}
    if "altium" in titles or any(name.startswith("center-x") for name in names):
        return "Altium"
    if "footprint positions" in titles or "module positions" in titles or "posx" in names:
        return "KiCad"
    return "JLCPCB" if "mid x" in names else "unknown"


def cross_check(bom: BomDocument, placements: Iterable[Placement]) -> list[Finding]:
    """What BOM and placement say differently, each as a sentence with its facts; an empty list where they agree.

    Lines marked do not place are not missed, only noted; BOM lines without designators (bare board, label) are not
    looked for.
    """
    placed = list(placements)
    at = {placement.refdes: placement for placement in placed}
    wanted = {name: line for line in bom.lines if not line.do_not_place for name in line.refdes}
    not_placed = {name: line for line in bom.lines if line.do_not_place for name in line.refdes}
    known = wanted.keys() | not_placed.keys()
    left_empty = _sorted(not_placed.keys() - wanted.keys() - at.keys())
    findings = [
        _finding("placement.missing", _sorted(wanted.keys() - at.keys()), "in the BOM and not placed"),
        _finding("placement.not_in_bom", _sorted(at.keys() - known), "placed and not in the BOM"),
        _finding(
            "placement.do_not_place",
            _sorted((at.keys() & not_placed.keys()) - wanted.keys()),
            "marked do not place in the BOM and placed",
        ),
        _finding("placement.doubled", _doubled(p.refdes for p in placed), "placed more than once"),
        _finding("bom.refdes_doubled", _doubled(n for b in bom.lines for n in b.refdes), "more than once in the BOM"),
        _finding("placement.left_empty", left_empty, "marked do not place in the BOM and not placed", note=True),
        _finding("placement.side_unknown", _sorted({p.refdes for p in placed if not p.side}), "on no known side"),
    ]
    return [finding for finding in findings if finding.refdes] + list(_quantity_findings(bom))


def _finding(code: str, names: tuple[str, ...], what: str, *, note: bool = False) -> Finding:
    verb = "designator is" if len(names) == 1 else "designators are"
    shown = " ".join(names[:NAMES_IN_SENTENCE_MAX])
    more = f" and {len(names) - NAMES_IN_SENTENCE_MAX} more" if len(names) > NAMES_IN_SENTENCE_MAX else ""
    return Finding(code, f"{len(names)} {verb} {what}: {shown}{more}.", names, {"count": len(names)}, note)


def _quantity_findings(bom: BomDocument) -> Iterator[Finding]:
    for line in bom.lines:
        if line.refdes and line.quantity != len(line.refdes) and not (line.do_not_place and line.quantity == 0):
            said = f"says {line.quantity} pieces and names {len(line.refdes)} designators"
            sentence = f"BOM line {line.line} ({line.part}) {said}."
            facts = {"line": line.line, "part": line.part, "quantity": line.quantity, "designators": len(line.refdes)}
            yield Finding("bom.quantity_mismatch", sentence, line.refdes, facts)


def _doubled(names: Iterable[str]) -> tuple[str, ...]:
    return _sorted({name for name, count in Counter(names).items() if count > 1})


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    """In the order people read designators: R2 before R10."""
    return tuple(sorted(names, key=lambda name: [(part.zfill(12), part) for part in re.findall(r"\d+|\D+", name)]))
