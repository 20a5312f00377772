"""Placement files as KiCad, JLCPCB and Altium write them -> rows of placements.csv, kept as evidence under their revision.

    recorded = record_placement(actor, product="MB-200", revision="B", content=bytes, file="mb200-top-pos.csv")

The file goes in as it is: nothing is turned or mirrored. Its components are a placement by the name of the file, unless another is given;
the same name with other content is refused. What file and BOM say differently is told, not refused. The whole goes in, or nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO

from asbuilt.access.actor import Actor
from asbuilt.access.rights import ORDER_PLAN
from asbuilt.designed.catalog import events
from asbuilt.designed.catalog.actions import NOT_THERE
from asbuilt.designed.catalog.errors import unknown_product
from asbuilt.designed.catalog.placement_intake import PlacementsIntake
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.designed.catalog.queries import bom_lines, standing_revisions
from asbuilt.formats.bom import BomDocument, BomLine
from asbuilt.formats.foreign import FILE_BYTES_MAX, Dialect, refuse_rows
from asbuilt.formats.placement import Placement, PlacementDocument, cross_check, read_placements
from asbuilt.kernel.errors import Invalid, NotFound, RowError
from asbuilt.ledger import evidence, sequencing
from asbuilt.ledger.one_row import checked_rows, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording
from asbuilt.storage import reading


@dataclass(frozen=True)
class PlacementRecorded:
    """A placement as recorded: its name, the tool, components by side (empty: not said), how many were there before, what differs from
    the newest BOM version, warnings, the entry."""

    placement: str
    tool: str
    components: int
    sides: dict[str, int]
    known: int
    findings: tuple[str, ...]
    warnings: tuple[str, ...]
    entry: int


def record_placement(
    actor: Actor,
    *,
    product: str,
    revision: str,
    content: bytes,
    file: str,
    placement: str = "",
    request_key: str | None = None,
) -> PlacementRecorded:
    """Record where the components of a revision sit, from the file of a CAD tool.

    Invalid: the file cannot be read. NotFound: no such product or revision. Conflict: a placement of this name was recorded otherwise.
    """
    actor.require(ORDER_PLAN)
    if len(content) > FILE_BYTES_MAX:
        said = f"{file} is larger than {FILE_BYTES_MAX >> 20} MiB."
        raise Invalid("catalog.placement_file_too_large", said, {"field": "file"}, "Give the file of one board.")
    _refuse_unknown(actor.tenant, product, revision)
    document = read_placements(content, file=file)
    _refuse_doubled(document, file)
    name = placement.strip() or file
    rows = [_row(product, revision, name, one) for one in document.placements]
    said = digest(b"placement", product.encode(), revision.encode(), name.encode(), content)
    key = request_key or f"placement/{said.hex()}"
    known = 0
    try:
        with recording(actor, events.PLACEMENT_RECORDED, request_key=key, content=said) as entry:
            evidence.keep(entry.tenant, BytesIO(content), file, "document").record(entry)
            known = state_rows(entry, PlacementsIntake, checked_rows("placements", rows), missing=NOT_THERE).known
            entry.notes = {"product": product, "revision": revision, "placement": name, "components": len(rows)}
            number = entry.number
    except AlreadyRecorded as before:
        number, known = before.number, len(rows)
    sequencing.after_commit(actor.tenant)
    sides = {side: sum(one.side == side for one in document.placements) for side in ("top", "bottom", "")}
    findings = tuple(_findings(actor.tenant, product, revision, document.placements))
    return PlacementRecorded(name, document.dialect.tool, len(rows), sides, known, findings, document.warnings, number)


def _refuse_unknown(tenant: int, product: str, revision: str) -> None:
    """Before the file is looked at: what it is of."""
    known = standing_revisions(tenant, product)
    if not known:
        raise unknown_product(product)
    if revision not in known:
        said, remedy = f"{product} has no revision {revision}.", f"It has revision {', '.join(sorted(known)[:5])}."
        raise NotFound("catalog.revision_unknown", said, {"product": product, "revision": revision}, remedy)


def _refuse_doubled(document: PlacementDocument, file: str) -> None:
    if not document.placements:
        raise Invalid("catalog.placement_empty", f"{file} places nothing.", {"field": "file"}, "Export it again.")
    seen: dict[str, int] = {}
    errors = []
    for one in document.placements:
        line = seen.setdefault(one.refdes, one.at_line)
        if line != one.at_line:
            reason = f"stands on line {line} too"
            errors.append(
                RowError("catalog.placement_doubled", file, one.at_line, None, one.refdes, reason, "Keep one of them.")
            )
    refuse_rows("placement.rows_refused", file, errors)


def _row(product: str, revision: str, name: str, one: Placement) -> dict[str, str]:
    return {
        "product": product, "revision": revision, "placement": name, "refdes": one.refdes, "x_mm": _number(one.x_mm),
        "y_mm": _number(one.y_mm), "rotation": _number(one.rotation_degree), "side": one.side, "footprint": one.footprint,
    }  # fmt: skip


def _number(value: float) -> str:
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _findings(tenant: int, product: str, revision: str, placed: Iterable[Placement]) -> Iterable[str]:
    """What the newest BOM version of the revision and the file say differently, as sentences. Three statements."""
    number = standing_revisions(tenant, product)[revision]
    sql = "SELECT max(number) FROM catalog_bom WHERE tenant = %s AND revision = %s"
    bom = reading.fetch_one(sql, (tenant, number))[0]
    lines = bom_lines(tenant, bom)
    labels = PositionGroups(tenant).labels({line.group for line in lines})
    document = BomDocument(tuple(_line(one, labels[one.group].split(" ")) for one in lines), Dialect("", "", "", 0), ())
    return (finding.sentence for finding in cross_check(document, placed))


def _line(line, positions: list[str]) -> BomLine:
    named = tuple(position for position in positions if not position.startswith("#"))
    return BomLine(line.line, str(line.part), "", "", "", line.quantity, named, False)
