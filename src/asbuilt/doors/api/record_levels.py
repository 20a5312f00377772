"""How good the record of a unit, an order or a product is. The twin of the section Record level of their pages."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Path, Query, Router
from pydantic import Field

from asbuilt.doors.api.asking import AsOf
from asbuilt.doors.api.caller import Caller
from asbuilt.doors.api.shapes import Shape
from asbuilt.questions.evidence.record import record_of

router = Router(tags=["Record level"], auth=Caller())
Code = Annotated[
    str, Path(min_length=1, max_length=400, description="A unit by any of its names, a work order, or a product.")
]
Kind = Annotated[
    Literal["", "unit", "order", "product"], Query(description="What the code names, where it is several.")
]


class SideShape(Shape):
    """Material or process."""

    demanded: str | None = Field(description="The level demanded; null: not demanded.")
    reached: str | None = Field(description="The level that every unit reaches; null: no unit was begun.")
    means: str = Field(description="What that level means.")
    units: dict[str, int] = Field(description="Units at exactly each level.")
    short: int = Field(description="Units short of the demand.")


class JudgedShape(Shape):
    """The units of one hardware revision."""

    product: str = Field(description="The product.")
    revision: str = Field(description="The hardware revision.")
    units: int = Field(description="Units judged: begun and not skipped.")
    agreed_in: str = Field(description="Where the demand was agreed, or empty.")
    material: SideShape = Field(description="M0 to M4.")
    process: SideShape = Field(description="P0 to P4.")


class GapShape(Shape):
    """What keeps units at a level."""

    text: str = Field(description="In words.")
    kind: str = Field(
        description="What is missing: silent, unnamed, alone, several, no_lot, no_receipt, step_missing and the like."
    )
    at: list[str] = Field(description="Positions, or the steps of the route; empty: everywhere.")
    order: str = Field(description="The work order.")
    names: list[str] = Field(description="Packages or readings it speaks of.")
    allows: str = Field(description="The highest level that it allows.")
    short: bool = Field(description="Whether that is below the demand.")
    units: int = Field(description="How many units.")
    spans: list[tuple[int, int]] = Field(description="Their spans on the unit axis, half open, the first hundred.")


class OrderLevel(Shape):
    """An order of a product."""

    order: str = Field(description="The work order.")
    units: int = Field(description="Units judged.")
    material: str = Field(description="The level that all of them reach.")
    process: str = Field(description="The level that all of them reach.")


class RecordShape(Shape):
    """How good a record is: evidence and gaps, no statement of conformity."""

    kind: str = Field(description="unit, order or product.")
    code: str = Field(description="Its name.")
    rule_set: str = Field(description="The definitions that the levels are by.")
    source: str = Field(description="Where those are from, and how sure that is.")
    of: list[JudgedShape] = Field(description="By hardware revision.")
    gaps: list[GapShape] = Field(description="Those short of the demand first; up to 200.")
    gaps_more: int = Field(description="How many more there are.")
    doubts: list[str] | None = Field(description="What cannot well be true; null: not told to a party reader.")
    orders: list[OrderLevel] = Field(description="For a product: its orders, the newest first.")
    orders_more: int = Field(description="Older orders that were not looked at.")


@router.get(
    "/record-levels/{path:code}", response=RecordShape, operation_id="get_record_level", summary="How good a record is"
)
def record_level(request: HttpRequest, code: Code, kind: Kind = "", as_of: AsOf = None):
    """Levels after IPC-1782 against what is demanded, gaps in words, and what is in doubt."""
    return record_of(request.actor, code, kind=kind, as_of=as_of).as_dict()
