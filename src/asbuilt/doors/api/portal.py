"""The portal: how the caller's party's products and orders stand, and what waits for it. The twin of that page."""

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from asbuilt.answers.portal.standing import portal
from asbuilt.doors.api.caller import Caller
from asbuilt.doors.api.orders import OrderWords
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.plain import plain

router = Router(tags=["Portal"], auth=Caller())


class OpenFlaw(Shape):
    """A vulnerability that is open on units in the field."""

    name: str = Field(description="Its name.")
    units: int = Field(description="Units in the field that have it.")
    sure: bool = Field(description="Whether a finding is sure that they are affected.")
    exploited: bool = Field(description="Whether it is known to be exploited.")


class ProductStandingShape(Shape):
    """A product: counts are of the units that the caller may see."""

    code: str = Field(description="The product.")
    made: bool = Field(description="Whether the party is its manufacturer.")
    planned: int = Field(description="Units.")
    built: int = Field(description="Units built.")
    shipped: int = Field(description="Units shipped and not back.")
    cases: int = Field(description="Open cases that the party was told of.")
    question: str = Field(description="The question that asks for its units.")
    vulnerabilities: list[OpenFlaw] = Field(description="Open on units in the field.")
    reached: int = Field(
        description="Units shipped whose SBOMs and feeds would show one: of the others, none found says nothing."
    )


class WaitShape(Shape):
    """Something that waits for the party."""

    kind: str = Field(description="concession, waiver, disposition, eco, deviation or notice.")
    page: str = Field(description="The page where it is decided.")
    code: str = Field(description="Its code there.")
    part: str = Field(description="Which of several in it, or empty.")
    about: str = Field(description="What it is of.")
    products: list[str] = Field(description="Products it speaks of.")
    units: int = Field(description="Units, 0: of none in particular.")
    since_at: str = Field(description="Since when it waits.")
    until_at: str | None = Field(description="Until when it could hold; null: no end.")


class ShipmentWords(Shape):
    """A shipment that left."""

    code: str = Field(description="Its code.")
    customer: str = Field(description="To whom.")
    country: str = Field(description="To which country.")
    state: str = Field(description="shipped.")
    units: int = Field(description="Units.")
    at: str | None = Field(description="When it left.")


class AdvisoryWords(Shape):
    """A published advisory that speaks of a vulnerability open on the party's units."""

    identity: str = Field(description="Its tracking id.")
    title: str = Field(description="Its title.")
    updated: str = Field(description="When it was changed last.")


class PortalShape(Shape):
    """What a party's person sees first."""

    party: str = Field(description="Code of the party.")
    name: str = Field(description="Its name.")
    products: list[ProductStandingShape] = Field(description="Those it makes, then the others.")
    waits: list[WaitShape] = Field(description="What waits for it, the oldest first.")
    orders: list[OrderWords] = Field(description="The newest orders, at most 20.")
    orders_more: bool = Field(description="Whether there are more: see orders.")
    shipments: list[ShipmentWords] = Field(description="The newest shipments, at most 20.")
    shipments_more: bool = Field(description="Whether there are more: see shipments.")
    advisories: list[AdvisoryWords] = Field(description="Advisories about its units, at most 20.")


@router.get("/portal", response=PortalShape, operation_id="get_portal", summary="The party's products, orders and what waits")  # fmt: skip
def own_portal(request: HttpRequest):
    """Of the caller's party alone."""
    return plain(portal(request.actor))
