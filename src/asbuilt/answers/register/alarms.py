"""Deciding about a run out of limits: hold its units, in one step, or let them go on and say why. A person decides.

    hold_alarm(actor, alarm=17)   -> "H-12"        the proposed hold: the units of the run, for what lay outside of its limits
    dismiss_alarm(actor, alarm=17, reason="thermocouple loose")

The hold and the decision stand or fall together.
"""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import ALARM_CLOSE
from asbuilt.answers.register.holds import hold
from asbuilt.built.production.actions.process_record import close_alarm
from asbuilt.built.production.process_record import alarm_seen
from asbuilt.built.supply.actions.stating import Stated
from asbuilt.ledger import sequencing
from asbuilt.storage.transactions import write_tx


def hold_alarm(actor: Actor, *, alarm: int, reason: str = "", request_key: str | None = None) -> str:
    """Place the proposed hold; without a reason of the person's own it says what lay outside. Returns the hold's code.

    Raises what `hold` and `close_alarm` raise: NotFound, Conflict where it was decided about already.
    """
    actor.require(ALARM_CLOSE)
    with write_tx(actor.tenant):
        seen = alarm_seen(actor, alarm)
        said = reason.strip() or seen.reason[:2_000]
        keys = (None, None) if request_key is None else (f"{request_key}/hold"[:200], request_key)
        code = hold(actor, units=[seen.span], reason=said, request_key=keys[0])
        close_alarm(actor, alarm=alarm, decision="held", hold=code, reason=said, request_key=keys[1])
    sequencing.after_commit(actor.tenant)
    return code


def dismiss_alarm(actor: Actor, *, alarm: int, reason: str, request_key: str | None = None) -> Stated:
    """No hold is needed, and why. Raises what `close_alarm` raises."""
    return close_alarm(actor, alarm=alarm, decision="dismissed", reason=reason, request_key=request_key)
