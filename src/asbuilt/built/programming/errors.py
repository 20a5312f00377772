"""Refusals of this room."""

from asbuilt.access.actor import Actor
from asbuilt.kernel.errors import NotFound


def refuse_party(actor: Actor) -> None:
    """NotFound for a party's person: permits and stations are the house's own; a party reads its units."""
    if actor.party is not None:
        raise NotFound(
            "programming.narrow_view", "A narrow view has no permits and stations.", {}, "Ask who keeps this record."
        )
