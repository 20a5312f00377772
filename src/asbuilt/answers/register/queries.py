"""Reads of frozen answers."""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_READ
from asbuilt.answers.register.models import FrozenAnswer
from asbuilt.kernel.errors import NotFound

PAGE_MAX = 100


def frozen_answer(actor: Actor, ulid: str) -> FrozenAnswer:
    """One frozen answer. A party reader has none: they speak of the whole record. One statement."""
    actor.require(RECORD_READ)
    found = None
    if actor.party is None:
        found = FrozenAnswer.objects.using("reader").of(actor.tenant).filter(ulid=ulid).first()
    if found is None:
        raise NotFound("register.answer_unknown", f"There is no frozen answer {ulid[:40]}.", {"answer": ulid[:40]})
    return found


def frozen_answers(actor: Actor, *, before: int | None = None, limit: int = PAGE_MAX) -> list[FrozenAnswer]:
    """The newest frozen answers, those with a number below `before`; none for a party reader. One statement."""
    actor.require(RECORD_READ)
    if actor.party is not None:
        raise NotFound("register.answers_none", "There are no frozen answers for you.")
    found = FrozenAnswer.objects.using("reader").of(actor.tenant)
    if before is not None:
        found = found.filter(number__lt=before)
    return list(found.order_by("-number")[: min(limit, PAGE_MAX)])
