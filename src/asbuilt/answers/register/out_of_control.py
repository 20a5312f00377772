"""A control chart says that a process changed; a person decides: hold the units and open a nonconformity, in one step.

    hold_signal(actor, Scope("REFLOW", machine="OV1"), "zone5", rule="nelson_2", at=…)   -> ("NCR-8", "H-13")

The signal is read anew from the record: what is held are the units of its points. Nothing is held by a chart alone.
"""

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.rights import HOLD_PLACE, NONCONFORMITY_RAISE, NONCONFORMITY_WORK
from asbuilt.answers.register.nonconformities import contain_nonconformity
from asbuilt.built.quality.actions.nonconformities import raise_nonconformity
from asbuilt.built.quality.nonconformities import nonconformities, nonconformity
from asbuilt.built.quality.process_control import Control, control, signals_at, units_at
from asbuilt.built.quality.series import Scope
from asbuilt.kernel.control_charts import Signal
from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.kernel.spans import spans_of
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import was_recorded
from asbuilt.storage import reading
from asbuilt.storage.transactions import write_tx


def hold_signal(
    actor: Actor,
    scope: Scope,
    name: str,
    *,
    rule: str,
    at: int,
    kind: str = "individuals",
    subgroup: int = 5,
    every: str = "day",
    rules: str = "nelson",
    of_ranges: bool = False,
    reason: str = "",
    severity: str = "major",
    request_key: str | None = None,
) -> tuple[str, str]:
    """Hold the units of the signals that this rule gave at this instant, and open a nonconformity; returns both codes.

    `of_ranges`: a signal of the second panel, whose ranges say that the spread changed.

    NotFound: the chart has no such signal (any more). Refused: a nonconformity was raised about it before. Raises what `hold` and `raise_nonconformity` raise.
    """
    actor.require(NONCONFORMITY_WORK)
    actor.require(NONCONFORMITY_RAISE)
    actor.require(HOLD_PLACE)
    with write_tx(actor.tenant):
        found = control(actor, scope, name, kind=kind, subgroup=subgroup, every=every, rules=rules)
        panel = 1 if of_ranges else 0
        signals = signals_at(found, rule, at, panel)
        if not signals:
            remedy = "Look at the chart anew: what was recorded meanwhile may have moved its limits."
            told = {"rule": rule[:40], "at": at}
            raise NotFound("register.signal_unknown", "The chart has no such signal.", told, remedy)
        units = units_at(found, rule, at, panel)
        proposed, said = proposed_reason(found, signals[0], panel), reason.strip()
        if not said.startswith(proposed):  # by what the chart says it is known again
            said = f"{proposed}. {said}" if said else proposed
        before = "" if was_recorded(actor.tenant, request_key) else raised_about(actor.tenant, proposed, units)
        if before:
            told = {"rule": rule[:40], "at": at, "nonconformity": before}
            remedy = f"Decide about the units in {before}."
            raise Refused("register.signal_raised", f"{before} was raised about this signal.", told, remedy)
        code = raise_nonconformity(
            actor,
            source="process",
            severity=severity,
            description=said[:2_000],
            matching=spans_of(units),
            product=scope.product,
            request_key=request_key,
        )
        holds = nonconformity(actor.tenant, code).holds
        hold = holds[0] if holds else contain_nonconformity(actor, nonconformity=code, reason=said[:2_000])
    sequencing.after_commit(actor.tenant)
    return code, hold


def raised_about(tenant: int, proposed: str, units: BitMap) -> str:
    """The nonconformity that was raised about a signal of which the chart says this, or "". A statement where there is none."""
    sql = "SELECT DISTINCT nonconformity FROM quality_nonconformity WHERE tenant = %s AND source = 'process' AND until_entry IS NULL "
    sql += "AND substr(description, 1, %s) = %s"
    rows = reading.fetch(sql, (tenant, len(proposed), proposed))
    found = nonconformities(tenant, [code for (code,) in rows]) if rows else []
    return min((one.code for one in found if units <= one.units), default="")


def proposed_reason(found: Control, signal: Signal, panel: int = 0) -> str:
    """What hold and nonconformity say unless somebody says it better."""
    scope = found.scope
    where = " ".join(filter(None, (scope.step, scope.side, scope.machine and f"at {scope.machine}")))
    value = found.panels[panel].points[signal.point]
    of = f"{found.name} (range)" if panel else found.name
    return f"{where} {of}: rule {signal.rule} broken at {value:.6g}{' ' + found.unit if found.unit else ''}".replace(
        "  ", " "
    )
