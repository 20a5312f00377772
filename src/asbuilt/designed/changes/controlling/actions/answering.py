"""What the house does about a change notice, where that may be an ECO: sourcing's verb, with the ECO looked up under the lock.

    decide_notice(actor, notice="CN-1", decision="change_order", eco="ECO-3", why="…")

Refused: an ECO that is not there, and what sourcing refuses.
"""

from asbuilt.access.actor import Actor
from asbuilt.designed.changes.controlling.queries import standing_eco
from asbuilt.designed.changes.sourcing import actions as sourcing


def decide_notice(
    actor: Actor, *, notice: str, decision: str, why: str, eco: str = "", request_key: str | None = None
) -> int:
    """Decide about a notice; a later decision supersedes an earlier one. Returns the entry. NotFound: no such notice, no such ECO."""
    return sourcing.decide_notice(
        actor, notice=notice, decision=decision, why=why, eco=eco, known=standing_eco, request_key=request_key
    )
