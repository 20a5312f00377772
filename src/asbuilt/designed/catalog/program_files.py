"""A machine program from a placement file and a feeder list: which designators of a side each feeder places.

    feeders_from(tenant, "board", "A", "1", "top", placement=b"…", placement_file="top.pos", feeders=b"feeder,part…", feeders_file="f.csv")

The placement file (KiCad, JLC, Altium) says what lies on the side; the BOM version says of which part; the feeder list (feeder, part
and, if wanted, grey_pieces) says from where. A part that several feeders hold is given to the first of them. Parts that no feeder
holds are left out: another machine, or hands, place them.
"""

from asbuilt.designed.catalog.positions import PositionGroups, label_of
from asbuilt.designed.catalog.queries import BomFinder, bom_lines, part_codes
from asbuilt.formats.foreign import read_foreign
from asbuilt.formats.placement import read_placements
from asbuilt.kernel.errors import Invalid, NotFound

ROLES = {
    **dict.fromkeys(("feeder", "slot", "position", "station"), "feeder"),
    **dict.fromkeys(("part", "partnumber", "component", "ipn"), "part"),
    **dict.fromkeys(("greypieces", "grey"), "grey_pieces"),
}


def feeders_from(
    tenant: int,
    product: str,
    revision: str,
    bom_version: str,
    side: str,
    *,
    placement: bytes,
    placement_file: str,
    feeders: bytes,
    feeders_file: str,
) -> list[dict[str, str]]:
    """Rows for `set_program`: feeder, refdes, grey_pieces.

    NotFound: no such BOM version. Invalid: a file that cannot be read; a feeder list that holds nothing of this side.
    """
    finder = BomFinder(tenant)
    bom = finder.find(product, revision, bom_version)
    if bom is None:
        column, value, remedy = finder.explain(product, revision, bom_version)
        raise NotFound(
            "catalog.bom_unknown", f"There is no {column} {value[:80]}.", {"field": column, "value": value[:80]}, remedy
        )
    here = {one.refdes for one in read_placements(placement, file=placement_file).placements if one.side in (side, "")}
    groups, lines = PositionGroups(tenant), bom_lines(tenant, bom.bom)
    codes = part_codes(tenant, [line.part for line in lines])
    of_part: dict[str, list[str]] = {}
    for line in lines:
        of_part.setdefault(codes[line.part], []).extend(one for one in groups.positions(line.group) if one in here)
    table = read_foreign(feeders, file=feeders_file, roles=ROLES, needed=("feeder", "part"), kind="a feeder list")
    rows = []
    for row in table.rows:
        positions = of_part.pop(row["part"], ())
        if positions:
            rows.append({"feeder": row["feeder"], "refdes": label_of(positions), "grey_pieces": row["grey_pieces"]})
    if not rows:
        said = f"No feeder of {feeders_file} holds a part that {placement_file} places on the {side} side."
        raise Invalid(
            "catalog.program_empty", said, {"field": "feeders"}, "Compare the part numbers with those of the BOM."
        )
    return rows
