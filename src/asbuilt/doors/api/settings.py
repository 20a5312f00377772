"""Settings of the company. The twin of the part *Settings* of the page People."""

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from asbuilt.access import actions
from asbuilt.access.queries import tenant_of_number
from asbuilt.access.rights import SETTINGS_MANAGE
from asbuilt.doors.api.caller import needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape

router = Router(tags=["Settings"], auth=needs(SETTINGS_MANAGE))


class Settings(Shape):
    """What an administrator turns on and off."""

    operator_questions: bool = Field(
        description="Whether who has the right may ask by `operator:`. Off from the start."
    )


class SettingsSeen(Settings):
    """All settings of the company."""

    time_zone: str = Field(
        description="Of the IANA time zone database: the zone in which a day is a day. `UTC` from the start."
    )


class Zone(Shape):
    """Where the company lives."""

    time_zone: str = Field(max_length=80, description="Such as `Europe/Berlin`.")


@router.get("/settings", response=SettingsSeen, operation_id="get_settings", summary="Settings")
def settings(request: HttpRequest):
    """As they are now."""
    tenant = tenant_of_number(request.actor.tenant)
    return {"operator_questions": tenant.operator_questions, "time_zone": tenant.time_zone}


@router.put("/settings", response=Settings, operation_id="put_settings", summary="Turn settings on or off")
def put_settings(request: HttpRequest, said: Settings, idempotency_key: IdempotencyKey = None):
    """Each turn is an entry of the log; what is so already records nothing."""
    key = request_key(request, idempotency_key)
    actions.set_operator_questions(request.actor, on=said.operator_questions, request_key=key)
    return {"operator_questions": said.operator_questions}


@router.put("/settings/time-zone", response=Zone, operation_id="put_time_zone", summary="Say the time zone")
def put_time_zone(request: HttpRequest, said: Zone, idempotency_key: IdempotencyKey = None):
    """From now on days are days there; each change is an entry of the log, and nothing that is recorded changes."""
    actions.set_time_zone(request.actor, zone=said.time_zone, request_key=request_key(request, idempotency_key))
    return {"time_zone": tenant_of_number(request.actor.tenant).time_zone}
