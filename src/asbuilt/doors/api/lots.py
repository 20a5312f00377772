"""Lots and packages: who made it, where each package was used, which units carry it. The twin of the page Lot."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router
from pydantic import Field

from asbuilt.doors.api.asking import AnswerShape
from asbuilt.doors.api.caller import Caller
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.plain import plain
from asbuilt.questions.genealogy.seen.lots import LotPage, lot_page, package_page

router = Router(tags=["Lots"], auth=Caller())
LotCode = Annotated[str, Path(min_length=1, max_length=400, description="Lot code, or the ULID of a lot.")]
PackageCode = Annotated[str, Path(min_length=1, max_length=400, description="Code of the reel, tray, tube or box.")]


class Choice(Shape):
    """One of several lots that share the code."""

    ulid: str = Field(description="Names this lot alone; give it in the place of the code.")
    code: str = Field(description="The lot code.")
    words: str = Field(description="Maker, MPN and date code.")


class LotWords(Shape):
    """What a lot is."""

    lot_code: str = Field(description="As on the label; empty where it is not known.")
    maker: str = Field(description="Who made it.")
    mpn: str = Field(description="The maker's part number.")
    date_code: str = Field(description="As on the label.")


class PackageShape(Shape):
    """A package of the lot. Suppliers, deliveries and quantities are the company's own."""

    code: str = Field(description="Its code.")
    kind: str = Field(description="reel, tray, tube, stick, bag, box or other.")
    status: str = Field(description="released, quarantine or rejected.")
    certain: int = Field(description="Units that its runs certainly cover.")
    possible: int = Field(description="Units that its runs possibly cover.")
    asked: bool = Field(description="Whether it is the one that was asked for.")


class LotShape(Shape):
    """A lot, or the lots that share the code."""

    code: str = Field(description="As asked for.")
    choices: list[Choice] = Field(description="The lots of this code; where there are several, `lot` is null.")
    lot: LotWords | None = Field(description="The lot.")
    part: str = Field(description="The part it was received as.")
    packages: list[PackageShape] = Field(description="Up to 500.")
    packages_more: int = Field(description="How many more there are.")
    question: str = Field(description="The question that asks for its units.")
    answer: AnswerShape | None = Field(description="Its answer.")
    holds: list[dict] = Field(description="The open holds on it: why, since when, by whom.")


@router.get("/lots/{path:code}", response=LotShape, operation_id="get_lot", summary="A lot", exclude_unset=True)
def lot(request: HttpRequest, code: LotCode):
    """Its packages, where they were used, and who has the units."""
    return _said(lot_page(request.actor, code))


@router.get(
    "/packages/{path:code}", response=LotShape, operation_id="get_package", summary="A package", exclude_unset=True
)
def package(request: HttpRequest, code: PackageCode):
    """The lot of the package, with that package marked."""
    return _said(package_page(request.actor, code))


def _said(page: LotPage) -> dict:
    said = {name: plain(getattr(page, name), name) for name in LotShape.model_fields if name not in ("lot", "answer")}
    row = None if page.lot is None else {name: getattr(page.lot, name) for name in LotWords.model_fields}
    return {**said, "lot": row, "answer": page.answer.as_dict() if page.answer else None}
