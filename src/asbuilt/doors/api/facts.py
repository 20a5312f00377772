"""Facts: one row as it was recorded, and its withdrawal or correction by a later entry. Nothing is ever changed."""

import binascii
from base64 import b64decode
from dataclasses import asdict
from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Query, Router
from pydantic import Field, model_validator

from asbuilt.access.rights import FACT_WITHDRAW, RECORD_READ
from asbuilt.built.exchange.correcting import correct_fact
from asbuilt.built.exchange.fact_cells import TABLE_OF_SHAPE, FactCells
from asbuilt.built.exchange.finding import find_facts
from asbuilt.built.exchange.resolving import Withdraw
from asbuilt.built.exchange.withdrawing import withdraw_facts
from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import needs
from asbuilt.doors.api.cursors import NUMBER_MAX, PAGE, Cursor, PageSize, cursor_of, numbers_of, page_size
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.formats.tables import TABLES
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.facts import FactRow, find_fact, standing

CELL_CHARACTERS_MAX = 100_000
FILE_CHARACTERS_MAX = 1_400_000  # base64 of 1 MiB, the largest own entry
router = Router(tags=["Facts"])
FactId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="The fact's id, 16 hex digits.")]


class FoundFact(Shape):
    """A fact that stands."""

    fact: str = Field(description="Its id.")
    table: str = Field(description="The exchange table it is a row of.")
    entry: int = Field(description="The entry of the log that recorded it.")
    row: int = Field(description="Its row number inside that entry.")
    cells: dict[str, str] = Field(description="The row, column by column, as an export writes it.")
    units: list[tuple[int, int]] = Field(description="Half-open spans of unit numbers that it spoke of.")
    units_standing: list[tuple[int, int]] = Field(description="The spans that it still speaks of.")


class FactShape(FoundFact):
    """A fact as the row of its table, whether it stands or not."""

    stands: bool = Field(description="Whether it still stands, in whole or part.")


class FoundFacts(Shape):
    """Facts of a table that stand."""

    facts: list[FoundFact] = Field(description="In the order of recording.")
    next: str | None = Field(description="The cursor of the next page; null after the last, which may be empty.")


class Withdrawal(Shape):
    """Why a fact no longer stands."""

    reason: str = Field(min_length=1, max_length=2000, description="Why it is wrong. Kept so that it can be erased.")
    person: str = Field(min_length=1, max_length=120, description="Badge or login code of who decided.")
    decided_at: str = Field(max_length=40, description="When that was decided, with offset.")
    first_unit: int | None = Field(None, ge=1, le=NUMBER_MAX, description="Only from this unit number on.")
    until_unit: int | None = Field(None, ge=1, le=NUMBER_MAX, description="Only before this unit number.")

    @model_validator(mode="after")
    def both_ends(self):
        """Half a span must not become the whole fact."""
        if (self.first_unit is None) != (self.until_unit is None):
            raise ValueError("first_unit and until_unit come together")
        if self.first_unit is not None and self.first_unit >= self.until_unit:
            raise ValueError("first_unit lies before until_unit")
        return self

    def decided(self) -> int:
        """The instant of the decision; Invalid where the text is none."""
        try:
            return parse_instant(self.decided_at)
        except ValueError as refusal:
            raise errors.field_wrong("decided_at", str(refusal), "Write 2027-03-15T08:00:00+01:00.") from None


class Correction(Withdrawal):
    """Why a fact is wrong, and what its row should have said."""

    cells: dict[str, Annotated[str, Field(max_length=CELL_CHARACTERS_MAX)]] = Field(
        default_factory=dict, max_length=40, description="Column to the right cell; columns left out stay as they are."
    )
    file: str | None = Field(
        None,
        max_length=FILE_CHARACTERS_MAX,
        description="The right file of the row, base64, where it has one, such as that of an own entry; its hash is told by its bytes.",
    )

    def content(self) -> bytes | None:
        """The bytes of the file; Invalid where the text is no base64."""
        try:
            return None if self.file is None else b64decode(self.file, validate=True)
        except binascii.Error as refusal:
            raise errors.field_wrong("file", str(refusal), "Write base64.") from None


class Corrected(Shape):
    """What became of a correction."""

    entry: int = Field(description="The entry of the log.")
    facts: list[str] = Field(description="Ids of the facts recorded anew; empty where it was recorded before.")
    warnings: list[str] = Field(description="As an import gives them.")


class Withdrawn(Shape):
    """What became of a withdrawal."""

    entry: int | None = Field(description="The entry of the log; null where nothing was new.")
    withdrawn: int = Field(description="Facts that went, in whole or part.")
    known: int = Field(description="1 where this very withdrawal was recorded before.")


@router.get(
    "/facts", response=FoundFacts, auth=needs(RECORD_READ), operation_id="find_facts", summary="Facts of a table"
)
def facts(
    request: HttpRequest,
    table: Annotated[str, Query(max_length=40, description="The exchange table, such as parties.")],
    holding: Annotated[str, Query(max_length=200, description="What the row holds, whatever its case.")] = "",
    cursor: Cursor = None,
    limit: PageSize = PAGE,
):
    """The facts that stand and hold a text, to withdraw or correct them. Those of units stand with their order too."""
    found = find_facts(request.actor, table, holding, after=numbers_of(cursor, 2), most=page_size(limit))
    return {"facts": [asdict(one) for one in found.facts], "next": cursor_of(*found.after) if found.after else None}


@router.get(
    "/facts/{fact}", response=FactShape, auth=needs(RECORD_READ), operation_id="get_fact", summary="One recorded fact"
)
def one_fact(request: HttpRequest, fact: FactId):
    """What was recorded, and whether it still stands. The newest that stands where equal rows share the id."""
    if request.actor.party is not None:
        raise errors.not_found()
    found = find_fact(request.actor.tenant, fact)
    if found.shape not in TABLE_OF_SHAPE:
        raise errors.not_found()
    return _said(request.actor.tenant, fact, found)


def _said(tenant: int, fact: str, found: FactRow) -> dict:
    left = list(standing(tenant, [found]))
    table = TABLES[TABLE_OF_SHAPE[found.shape]]
    cells = next(iter(FactCells(tenant).rows([(found, found.units)])))
    return {
        "fact": fact,
        "table": table.name,
        "entry": found.entry,
        "row": found.row,
        "cells": dict(zip(table.columns, cells, strict=True)),
        "units": found.units,
        "stands": bool(left),
        "units_standing": left[0][1] if left else [],
    }


@router.post(
    "/facts/{fact}/withdraw",
    response=Withdrawn,
    auth=needs(FACT_WITHDRAW),
    operation_id="withdraw_fact",
    summary="Withdraw a fact",
)
def withdraw(request: HttpRequest, fact: FactId, said: Withdrawal, idempotency_key: IdempotencyKey = None):
    """From now on questions leave it out; frozen answers that used it are marked as overtaken."""
    asked = Withdraw(fact, said.reason, said.person, said.decided(), said.first_unit, said.until_unit)
    report = withdraw_facts(request.actor, [asked], request_key(request, idempotency_key))
    return {"entry": report.entry, "withdrawn": report.withdrawn, "known": report.known}


@router.post(
    "/facts/{fact}/correct",
    response=Corrected,
    auth=needs(FACT_WITHDRAW, "API_IMPORT_BYTES_MAX"),
    operation_id="correct_fact",
    summary="Correct a fact",
)
def correct(request: HttpRequest, fact: FactId, said: Correction, idempotency_key: IdempotencyKey = None):
    """Withdrawn and recorded anew in one entry; the new row is checked as any row."""
    report = correct_fact(
        request.actor,
        fact,
        said.cells,
        reason=said.reason,
        person=said.person,
        decided_at=said.decided(),
        first_unit=said.first_unit,
        until_unit=said.until_unit,
        request_key=request_key(request, idempotency_key),
        file=said.content(),
    )
    return {"entry": report.entry, "facts": report.facts, "warnings": report.warnings}
