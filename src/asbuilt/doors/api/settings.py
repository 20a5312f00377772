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


@router.get("/settings", response=Settings, operation_id="get_settings", summary="Settings")
def settings(request: HttpRequest):
    """As they are now."""
    return {"operator_questions": tenant_of_number(request.actor.tenant).operator_questions}


@router.put("/settings", response=Settings, operation_id="put_settings", summary="Turn settings on or off")
def put_settings(request: HttpRequest, said: Settings, idempotency_key: IdempotencyKey = None):
    """Each turn is an entry of the log; what is so already records nothing."""
    key = request_key(request, idempotency_key)
    actions.set_operator_questions(request.actor, on=said.operator_questions, request_key=key)
    return {"operator_questions": said.operator_questions}
