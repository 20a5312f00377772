"""People, roles, tokens. The twin of the pages People and You; secrets are shown once."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Router, Status
from pydantic import Field

from asbuilt.access import actions, queries
from asbuilt.access.rights import PEOPLE_MANAGE, PERSON_ERASE
from asbuilt.designed.parties.queries import names as party_names
from asbuilt.designed.parties.queries import numbers_by_name
from asbuilt.doors.api import errors
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.cursors import NUMBER_MAX, PAGE, Cursor, PageSize, cursor_of, numbers_of, page_size
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Done, Shape, instant

router = Router(tags=["People"], auth=needs(PEOPLE_MANAGE))
Number = Annotated[int, Path(ge=1, le=NUMBER_MAX, description="The number.")]
Roles = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=20, description="The roles.")]
Party = Annotated[
    str | None, Field(max_length=200, description="Code or name of the party that a party reader belongs to.")
]


class You(Shape):
    """Who asks."""

    tenant: str = Field(description="Short name of the company.")
    person: int | None = Field(description="Number of the person; null for a station or machine.")
    name: str = Field(description="Name of the person; empty for a station or machine.")
    roles: list[str] = Field(description="Roles.")
    rights: list[str] = Field(description="What the roles allow.")


class PersonShape(Shape):
    """A person of the company."""

    number: int = Field(description="What facts and entries call the person.")
    name: str | None = Field(description="Name; null once erased.")
    code: str | None = Field(description="What the floor calls the person; null without one, or once erased.")
    login: str | None = Field(description="What the person signs in with.")
    roles: list[str] = Field(description="Roles.")
    party: str | None = Field(description="Party of a party reader.")
    active: bool = Field(description="Whether the login is open.")
    invited: bool = Field(description="Whether a one-time link waits.")
    last_seen_at: str | None = Field(description="When the person signed in last.")
    erased_by: int | None = Field(description="The entry that erased the person.")
    mail: str | None = Field(description="Where the person is told that something waits; null: nobody said.")
    badge_at: str | None = Field(
        description="When the badge for programming stations was issued; null without a valid one."
    )


class PeoplePage(Shape):
    """People by number."""

    people: list[PersonShape] = Field(description="This page.")
    next: str | None = Field(description="Cursor of the next page; null on the last.")


class Invitation(Shape):
    """A new person."""

    name: str = Field(min_length=1, max_length=200, description="Name.")
    roles: Roles
    party: Party = None
    code: str | None = Field(None, min_length=1, max_length=120, description="What the floor calls the person.")


class Invited(Shape):
    """The person, and the way in."""

    person: int = Field(description="Number of the person.")
    secret: str = Field(description="Shown once. The person opens /welcome/SECRET/ within three days.")


class Badge(Shape):
    """A badge for programming stations."""

    person: int = Field(description="Number of the person.")
    secret: str = Field(description="Shown once; print it as a Data Matrix. The person scans it at a station.")


class GivenRoles(Shape):
    """Exactly these roles from now on."""

    roles: Roles
    party: Party = None


class MailAddress(Shape):
    """Where a person is told."""

    mail: str = Field(max_length=254, description="Mail address; empty: none any more.")


class Erased(Shape):
    """A person was erased."""

    entry: int = Field(description="The entry that says so.")


@router.get("/you", response=You, auth=Caller(), operation_id="get_you", summary="Who asks")
def you(request: HttpRequest):
    """The person or program behind the token or session."""
    actor = request.actor
    name = queries.person_name(actor.tenant, actor.person) if actor.person is not None else ""
    tenant = queries.tenant_of_number(actor.tenant).slug
    said = {"tenant": tenant, "person": actor.person, "name": name}
    return {**said, "roles": sorted(actor.roles), "rights": sorted(actor.rights)}


@router.get("/people", response=PeoplePage, operation_id="list_people", summary="People")
def people(request: HttpRequest, cursor: Cursor = None, limit: PageSize = PAGE):
    """By number."""
    after, size = numbers_of(cursor), page_size(limit)
    found = queries.people(request.actor, after=after[0] if after else 0, limit=size + 1)
    parties = party_names(request.actor.tenant)
    more = len(found) > size
    return {
        "people": [_person(row, parties) for row in found[:size]],
        "next": cursor_of(found[size - 1].number) if more else None,
    }


@router.post("/people", response={201: Invited}, operation_id="invite_person", summary="Let a person in")
def invite(request: HttpRequest, said: Invitation, idempotency_key: IdempotencyKey = None):
    """A one-time link, to be handed over. With a known code it is that person who is invited."""
    person, secret = actions.invite(
        request.actor,
        name=said.name,
        roles=said.roles,
        party=_party(request, said.party),
        code=said.code,
        request_key=request_key(request, idempotency_key),
    )
    return Status(201, {"person": person, "secret": secret})


@router.get("/people/{number}", response=PersonShape, operation_id="get_person", summary="One person")
def one_person(request: HttpRequest, number: Number):
    """Login, roles, and when last seen."""
    queries.person_there(request.actor.tenant, number)
    row = queries.people(request.actor, after=number - 1, limit=1)[0]
    return _person(row, party_names(request.actor.tenant))


@router.put("/people/{number}/roles", response=Done, operation_id="give_roles", summary="Give and take roles")
def give_roles(request: HttpRequest, number: Number, said: GivenRoles, idempotency_key: IdempotencyKey = None):
    """Exactly these from now on, also in open sessions and tokens."""
    queries.person_there(request.actor.tenant, number)
    party, key = _party(request, said.party), request_key(request, idempotency_key)
    actions.give_roles(request.actor, person=number, roles=said.roles, party=party, request_key=key)
    return {"done": True}


@router.put("/people/{number}/mail", response=Done, operation_id="set_mail", summary="Where a person is told")
def set_mail(request: HttpRequest, number: Number, said: MailAddress, idempotency_key: IdempotencyKey = None):
    """That an ECO, or something in the portal, waits. It stands hidden in the log and is erased with the person."""
    queries.person_there(request.actor.tenant, number)
    actions.set_mail(request.actor, person=number, address=said.mail, request_key=request_key(request, idempotency_key))
    return {"done": True}


@router.post("/people/{number}/link", response={201: Invited}, operation_id="renew_link", summary="A new one-time link")
def renew_link(request: HttpRequest, number: Number, idempotency_key: IdempotencyKey = None):
    """For a person whose link is over or whose password is lost. Older links end."""
    secret = actions.renew_link(request.actor, person=number, request_key=request_key(request, idempotency_key))
    return Status(201, {"person": number, "secret": secret})


@router.post("/people/{number}/badge", response={201: Badge}, operation_id="issue_badge", summary="A new badge")
def issue_badge(request: HttpRequest, number: Number, idempotency_key: IdempotencyKey = None):
    """For programming stations; also where one was lost. An older badge of the person ends."""
    secret = actions.issue_badge(request.actor, person=number, request_key=request_key(request, idempotency_key))
    return Status(201, {"person": number, "secret": secret})


@router.post("/people/{number}/badge/revoke", response=Done, operation_id="revoke_badge", summary="End a badge")
def revoke_badge(request: HttpRequest, number: Number, idempotency_key: IdempotencyKey = None):
    """It opens nothing once the stations have synced."""
    actions.revoke_badge(request.actor, person=number, request_key=request_key(request, idempotency_key))
    return {"done": True}


@router.post("/people/{number}/close", response=Done, operation_id="close_login", summary="Close a login")
def close_login(request: HttpRequest, number: Number, idempotency_key: IdempotencyKey = None):
    """Sessions, links and tokens of the person end."""
    queries.person_there(request.actor.tenant, number)
    actions.close_login(request.actor, person=number, request_key=request_key(request, idempotency_key))
    return {"done": True}


@router.post("/people/{number}/open", response=Done, operation_id="open_login", summary="Open a login again")
def open_login(request: HttpRequest, number: Number, idempotency_key: IdempotencyKey = None):
    """The person may sign in again."""
    queries.person_there(request.actor.tenant, number)
    actions.open_login(request.actor, person=number, request_key=request_key(request, idempotency_key))
    return {"done": True}


@router.post(
    "/people/{number}/erase",
    response=Erased,
    auth=needs(PERSON_ERASE),
    operation_id="erase_person",
    summary="Erase a person",
)
def erase(request: HttpRequest, number: Number, idempotency_key: IdempotencyKey = None):
    """Name, code, badge, login and tokens go for good; the number stays and names nobody."""
    key = request_key(request, idempotency_key)
    return {"entry": actions.erase_person(request.actor, person=number, request_key=key)}


def _person(row: queries.ListedPerson, parties: dict[int, str]) -> dict:
    return {
        "number": row.number,
        "name": row.name,
        "code": row.code,
        "login": row.login,
        "roles": list(row.roles),
        "party": parties.get(row.party),
        "active": row.active,
        "invited": row.waits,
        "last_seen_at": instant(row.last_seen_at),
        "erased_by": row.erased_by,
        "mail": row.mail,
        "badge_at": instant(row.badge_at),
    }


def _party(request: HttpRequest, text: str | None) -> int | None:
    if text is None:
        return None
    known = numbers_by_name(request.actor.tenant)
    if text not in known:
        raise errors.field_wrong("party", "there is no such party", "Give the code or name of a party.", text)
    return known[text]
