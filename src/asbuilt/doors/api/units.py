"""Units: the life of one unit by any of its names, and its birth certificate. The twin of the page Unit.

A code may be a serial number, another name, ORDER#17 or PANEL/3; blanks, `#` and `/` are percent-encoded in the address.
"""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from pydantic import Field

from asbuilt.doors.api.answers import DSSE_JSON
from asbuilt.doors.api.asking import AsOf
from asbuilt.doors.api.caller import Caller
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.plain import plain
from asbuilt.questions.genealogy.answering import lookup
from asbuilt.questions.genealogy.seen.life import unit_life

router = Router(tags=["Units"], auth=Caller())
UnitCode = Annotated[
    str, Path(min_length=1, max_length=400, description="Serial number, another name, ORDER#17 or PANEL/3.")
]
SAID = ("who", "where", "parents", "inside", "inside_more", "firmware", "events", "gaps", "withdrawn", "holds")


class Identity(Shape):
    """Who a unit is."""

    unit: int = Field(description="Its unit number.")
    name: str = Field(description="Serial number, ORDER#n where it has none.")
    named: bool = Field(description="Whether it has a serial number.")
    names: list[dict] = Field(description="All its names: kind, value, now (false where it was replaced).")
    order: str = Field(description="The work order.")
    place: int = Field(description="Its place in the order, from 1.")
    product: str = Field(description="The product.")
    revision: str = Field(description="The hardware revision.")
    bom_version: str = Field(description="The BOM version.")
    owner: str | None = Field(description="The brand owner who ordered it.")
    batch: str = Field(description="The batch number of the order, or empty.")
    panel: str = Field(description="The panel it was made on, or empty.")
    position: str = Field(description="Its position in the panel, or empty.")


class Whereabouts(Shape):
    """Where a unit is."""

    state: str = Field(description="planned, production, stock, shipped, scrapped or skipped.")
    shipment: str = Field(description="The last shipment of the outermost unit, or empty.")
    customer: str = Field(description="Who received it, or empty.")
    country: str = Field(description="Where to, or empty.")
    shipped_at: str | None = Field(description="When it was shipped.")
    placed_at: str | None = Field(description="When it was placed on the market.")


class LifeShape(Shape):
    """The whole life of a unit. Each event and fact names its source, so that a wrong one can be withdrawn."""

    who: Identity = Field(description="Who it is.")
    where: Whereabouts = Field(description="Where it is.")
    parents: list[dict] = Field(description="The units around it, the nearest first: unit, name, product, position.")
    inside: list[dict] = Field(description="The units inside it as a tree of the same, up to 500.")
    inside_more: int = Field(description="How many more are inside.")
    firmware: list[dict] = Field(description="What it runs by role: version, sha256, since when, how sure.")
    placed: dict = Field(
        description="`lines`: by BOM line what stands where and how sure; `counts`: positions by grade."
    )
    events: list[dict] = Field(description="What happened, in the order of the floor, with sources.")
    gaps: list[dict] = Field(description="What the record does not know of it.")
    facts: list[dict] = Field(description="Every standing fact: id, table, entry, file.")
    withdrawn: list[dict] = Field(description="Facts that no longer stand.")
    holds: list[dict] = Field(description="The open holds on it or on what is inside it: why, since when, by whom.")


@router.get("/units/{path:code}/certificate", operation_id="get_unit_certificate", summary="A unit's birth certificate")
def certificate(request: HttpRequest, code: UnitCode):
    """All standing facts about the unit with their proofs, signed: a DSSE envelope that `asbuilt verify FILE` checks."""
    answer = HttpResponse(lookup.unit_document(request.actor, code), content_type=DSSE_JSON)
    answer["Content-Disposition"] = 'attachment; filename="certificate.json"'
    return answer


@router.get("/units/{path:code}", response=LifeShape, operation_id="get_unit", summary="The life of a unit")
def life(request: HttpRequest, code: UnitCode, as_of: AsOf = None):
    """Who it is, where it is, what is in it and around it, what happened to it, what is not known."""
    found = unit_life(request.actor, code, as_of)
    said = {name: plain(getattr(found, name), name) for name in SAID}
    placed = {"lines": plain(found.placed.lines), "counts": plain(found.placed.counts)}
    return {**said, "placed": placed, "facts": plain(found.sources)}
