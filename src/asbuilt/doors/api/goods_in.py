"""Goods-in: what labels and people say of packages, looked at first, then recorded. The twin of the page Goods-in."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from asbuilt.access.rights import PACKAGE_RECEIVE
from asbuilt.built.supply.actions.receiving import RECEIPTS_MAX, question_words, receive_packages
from asbuilt.built.supply.receipts import Receipt, Seen, look_at
from asbuilt.doors.api.caller import needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape

LABEL_CHARACTERS_MAX = 7_089
router = Router(tags=["Goods-in"], auth=needs(PACKAGE_RECEIVE))
Text = Annotated[str, Field(max_length=400)]
Kind = Literal["reel", "tray", "tube", "stick", "bag", "box", "other"]


class PackageIn(Shape):
    """One package. What is left empty is taken from the label; `-` says that it is not known."""

    label: str | None = Field(None, max_length=LABEL_CHARACTERS_MAX, description="The text of one scan, as it came.")
    package: Text = Field("", description="Its code; empty: the next own one, PK-000123.")
    package_kind: Kind = Field("reel", description="reel tray tube stick bag box other.")
    part: Text = Field("", description="The part's own number, where the label does not lead to it.")
    mpn: Text = Field("", description="The maker's part number.")
    manufacturer: Text = Field("", description="The maker.")
    supplier: Text = Field("", description="A party's id or name.")
    lot_code: Text = Field("", description="Asked for where the label lacks it.")
    date_code: Text = Field("", description="Asked for where the label lacks it.")
    quantity: Text = Field("", description="Pieces; asked for where the label lacks it.")
    received_at: str = Field("", max_length=40, description="With offset; empty: now.")
    delivery: Text = Field("", description="Number of the delivery note.")
    coc: Text = Field("", description="Number of the certificate of conformity.")
    owner: Text = Field("", description="Whose material it is, where it is not the company's own.")
    confirmed: list[Annotated[str, Field(max_length=600)]] = Field(
        [], max_length=20, description="Ids of questions that are answered with yes."
    )


class PackagesIn(Shape):
    """Packages that come in together: all of them, or none."""

    packages: list[PackageIn] = Field(min_length=1, max_length=RECEIPTS_MAX, description="At most 100.")


class QuestionShape(Shape):
    """What looks wrong and has to be confirmed."""

    id: str = Field(description="What `confirmed` names; it holds the value.")
    code: str = Field(description="mpn_unapproved, pack_size, lot_near, label_known or doubtful.")
    field: str = Field(description="The field that is meant.")
    value: str = Field(description="Its value.")
    beside: str = Field(description="What it looks wrong beside.")
    text: str = Field(description="The question as a sentence.")


class SeenShape(Shape):
    """A package as it would be recorded."""

    label: dict | None = Field(description="What the label says; null: none was given.")
    cells: dict[str, str] = Field(description="The row of lots.csv.")
    missing: dict[str, list[str]] = Field(description="Fields that are asked for, with what they may be.")
    questions: list[QuestionShape] = Field(description="What is asked back.")


class SeenList(Shape):
    """Packages as they would be recorded."""

    packages: list[SeenShape] = Field(description="In the order in which they were given.")


class ReceivedShape(Shape):
    """A package that was recorded."""

    package: str = Field(description="Its code.")
    fact: str = Field(description="The id of its fact.")
    cells: dict[str, str] = Field(description="The row of lots.csv.")


class ReceivedList(Shape):
    """What was recorded."""

    entry: int = Field(description="The entry of the log.")
    packages: list[ReceivedShape] = Field(description="In the order in which they were given.")
    warnings: list[str] = Field(description="As an import gives them.")


@router.post("/goods-in/look", response=SeenList, operation_id="look_at_packages", summary="Look at labels")
def look(request: HttpRequest, said: PackagesIn):
    """What would be recorded, what is missing, what is asked back. Stores nothing."""
    seen = look_at(request.actor.tenant, [_receipt(one) for one in said.packages])
    return {"packages": [_seen(one) for one in seen]}


@router.post("/packages", response={201: ReceivedList}, operation_id="receive_packages", summary="Receive packages")
def receive(request: HttpRequest, said: PackagesIn, idempotency_key: IdempotencyKey = None):
    """422 names what is missing; 409 `supply.confirmation_needed` names the questions in its facts."""
    receipts = [_receipt(one) for one in said.packages]
    done = receive_packages(request.actor, receipts, request_key=request_key(request, idempotency_key))
    rows = [{"package": one.package, "fact": one.fact, "cells": one.cells} for one in done.packages]
    return Status(201, {"entry": done.entry, "packages": rows, "warnings": list(done.warnings)})


def _receipt(said: PackageIn) -> Receipt:
    cells = {name: getattr(said, name) for name in PackageIn.model_fields if name not in ("label", "confirmed")}
    label = None if said.label is None else said.label.encode("utf-8", "surrogatepass")
    return Receipt(label=label, confirmed=frozenset(said.confirmed), **cells)


def _seen(one: Seen) -> dict:
    names = ("id", "code", "field", "value", "beside")
    asked = [{**{name: getattr(q, name) for name in names}, "text": question_words(q)} for q in one.questions]
    label = one.label.as_document() if one.label else None
    missing = {name: list(choices) for name, choices in one.missing.items()}
    return {"label": label, "cells": one.cells, "missing": missing, "questions": asked}
