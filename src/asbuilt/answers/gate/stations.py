"""What a station can choose from: the steps of the routings in force and of what was recorded, and the machines of the floor."""

from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import GATE_ASK
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.designed.catalog.routings import steps_named
from asbuilt.storage import reading


@dataclass(frozen=True)
class Floor:
    """Steps with their sides, and machines, by name."""

    steps: tuple[str, ...]
    sides: tuple[str, ...]
    machines: tuple[str, ...]
    programs: tuple[str, ...]


def steps_of_floor(actor: Actor) -> Floor:
    """The names that a station may choose from. Four statements."""
    actor.require(GATE_ASK)
    with reading.snapshot():
        names = FloorNames(actor.tenant)
        routed = steps_named(actor.tenant)
        steps = sorted({step for step, _ in routed} | set(names.known("step")))
        sides = sorted({side for _, side in routed if side} | {"top", "bottom"})
        return Floor(
            tuple(steps), tuple(sides), tuple(sorted(names.known("machine"))), tuple(sorted(names.known("program")))
        )
