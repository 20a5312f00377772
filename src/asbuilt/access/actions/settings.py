"""Settings of the tenant that an administrator turns: questions by operator, off until somebody answers for turning them on."""

from asbuilt.access import events
from asbuilt.access.actor import Actor
from asbuilt.access.models import Tenant
from asbuilt.access.rights import SETTINGS_MANAGE
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import recording


def set_operator_questions(actor: Actor, *, on: bool, request_key: str | None = None) -> bool:
    """Allow or end questions by operator, for who holds that right; returns whether this changed anything.

    Work that names a person is looked into from then on, so each turn is an entry with who turned it. Turned to what it
    is already, nothing is recorded.
    """
    actor.require(SETTINGS_MANAGE)
    if Tenant.objects.filter(number=actor.tenant, operator_questions=on).exists():
        return False
    with recording(actor, events.OPERATOR_QUESTIONS_SET, request_key=request_key) as entry:
        Tenant.objects.filter(number=actor.tenant).update(operator_questions=on)
        entry.notes = {"on": on}
    sequencing.after_commit(actor.tenant)
    return True
