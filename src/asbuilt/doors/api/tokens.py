"""Tokens: for a person's own programs, for stations and machines. The secret is shown once."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router, Status
from pydantic import Field

from asbuilt.access import actions, queries
from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import Caller
from asbuilt.doors.api.cursors import NUMBER_MAX
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Done, Shape, instant

router = Router(tags=["Tokens"], auth=Caller())
Number = Annotated[int, Path(ge=1, le=NUMBER_MAX, description="Number of the token.")]


class TokenShape(Shape):
    """A token without its secret, which nobody has."""

    number: int = Field(description="Names the token.")
    name: str = Field(description="What it is for.")
    person: int | None = Field(description="Whose it is; null: a station's or machine's.")
    roles: list[str] = Field(description="Its roles; empty: all of its person.")
    issued_at: str = Field(description="When it was issued.")
    expires_at: str = Field(description="When it ends.")
    last_used_at: str | None = Field(description="When it was used last, to the day.")
    revoked: bool = Field(description="Whether it was revoked.")


class TokenList(Shape):
    """Tokens, newest first."""

    tokens: list[TokenShape] = Field(description="At most 500.")


class NewToken(Shape):
    """What a token is for."""

    name: str = Field(min_length=1, max_length=120, description="What it is for.")
    roles: list[Annotated[str, Field(max_length=40)]] = Field([], max_length=20, description="Empty: all of yours.")
    days: int = Field(90, ge=1, le=366, description="How long it lasts.")
    program: bool = Field(False, description="For a station or machine, which belongs to nobody.")


class Issued(Shape):
    """A new token."""

    number: int = Field(description="Names the token.")
    secret: str = Field(description="Shown once: `Authorization: Bearer SECRET`.")


@router.get("/tokens", response=TokenList, operation_id="list_tokens", summary="Tokens")
def tokens(request: HttpRequest):
    """One's own; all of the company for who manages people."""
    return {"tokens": [_said(token) for token in queries.tokens(request.actor)]}


@router.post("/tokens", response={201: Issued}, operation_id="issue_token", summary="Issue a token")
def issue(request: HttpRequest, said: NewToken, idempotency_key: IdempotencyKey = None):
    """With no more roles than the token or session that asks for it."""
    actor = request.actor
    roles = said.roles
    if not said.program:
        # a token of few roles must not make one of many
        more = sorted(set(roles) - actor.roles)
        if more:
            raise errors.field_wrong("roles", "is no role of yours", "Leave it out.", more[0])
        roles = roles or sorted(actor.roles)
    number, secret = actions.issue_token(
        actor,
        name=said.name,
        person=None if said.program else actor.person,
        roles=roles,
        days=said.days,
        request_key=request_key(request, idempotency_key),
    )
    return Status(201, {"number": number, "secret": secret})


@router.post("/tokens/{number}/revoke", response=Done, operation_id="revoke_token", summary="Revoke a token")
def revoke(request: HttpRequest, number: Number, idempotency_key: IdempotencyKey = None):
    """Not valid from now on. Twice changes nothing."""
    actions.revoke_token(request.actor, number=number, request_key=request_key(request, idempotency_key))
    return {"done": True}


def _said(token) -> dict:
    return {
        "number": token.number,
        "name": token.name,
        "person": token.person,
        "roles": token.roles.split(),
        "issued_at": instant(token.issued_at),
        "expires_at": instant(token.expires_at),
        "last_used_at": instant(token.last_used_at),
        "revoked": token.revoked_by is not None,
    }
