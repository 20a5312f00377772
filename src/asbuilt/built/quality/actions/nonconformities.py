"""Raise a nonconformity, say which units it is about and why it came to be, what is done about it, and close it.

    raise_nonconformity(actor, source="test", severity="major", description="void under U7", spans=[(4001, 4101)])   -> "NCR-7"
    state_cause(actor, nonconformity="NCR-7", method="five_why", place="1", cause="the paste was too old")
    state_action(actor, nonconformity="NCR-7", kind="corrective", description="scan jars", owner="046", due_on="2027-04-01")   -> "A-1"
    close_nonconformity(actor, nonconformity="NCR-7", reason="…")

Every row has the badge of who acts. Refused: anything about a nonconformity that is closed but opening it again; closing while units wait for
their disposition, actions are open, or a check was not measured as effective.
"""

from collections.abc import Mapping, Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.people import People, badge
from asbuilt.access.rights import NONCONFORMITY_DECIDE, NONCONFORMITY_RAISE, NONCONFORMITY_WORK
from asbuilt.built.production.orders import named_spans
from asbuilt.built.quality import events
from asbuilt.built.quality.nonconformities import (
    CANCELLED,
    DONE,
    EFFECTIVE,
    OPEN,
    NonconformityRow,
    next_code,
    next_number,
    nonconformity,
)
from asbuilt.built.quality.nonconformity_intake import CAUSES_MAX, INTAKES
from asbuilt.built.supply.actions.stating import Stated, refuse_without_reason, state
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import Span, bitmap_of, spans_of
from asbuilt.storage import reading

SPANS_MAX = 20_000
ACTIONS_MAX = 200


def raise_nonconformity(
    actor: Actor,
    *,
    source: str,
    severity: str,
    description: str,
    spans: Sequence[Span] = (),
    matching: Sequence[Span] = (),
    product: str = "",
    defect: str = "",
    party: str = "",
    question: str = "",
    request_key: str | None = None,
) -> str:
    """Something is not as it should be, at these units and those that its question gives now (`matching`); returns its code.

    Invalid as nonconformities.csv refuses it. The same request is known by its words and `spans`, whatever the question gives meanwhile."""
    actor.require(NONCONFORMITY_RAISE)
    _refuse_empty(description, "description")
    about = spans_of(bitmap_of([*spans, *matching]))
    refuse_scattered(about)
    cells = {
        "source": source, "severity": severity, "product": product, "defect": defect, "party": party, "question": question,
        "description": description,
    }  # fmt: skip

    def rows(entry):
        code, who, at = next_code(actor.tenant), badge(actor), format_instant(entry.recorded_at)
        said = {"nonconformity": code, **cells, "operator": who, "raised_at": at}
        return {"nonconformities": [said], "nonconformity_units": unit_rows(actor, code, about, "", at)}

    said = {**cells, "spans": [list(span) for span in spans]}
    done = state(actor, events.RAISED, said, rows, intakes=INTAKES, request_key=request_key)
    sql = "SELECT nonconformity FROM quality_nonconformity WHERE tenant = %s AND entry = %s"
    return reading.fetch_one(sql, (actor.tenant, done.entry))[0]


def add_units(actor: Actor, *, nonconformity: str, spans: Sequence[Span], request_key: str | None = None) -> Stated:
    """It is about these units too. Conflict where it is about some of them already."""
    actor.require(NONCONFORMITY_RAISE)
    refuse_scattered(spans)
    if not spans:
        raise Invalid("quality.no_units", "No unit is named.", {"field": "units"}, "Scan or write which units.")

    def rows(entry):
        still_open(actor, nonconformity)
        return {"nonconformity_units": unit_rows(actor, nonconformity, spans, "", format_instant(entry.recorded_at))}

    said = {"nonconformity": nonconformity, "spans": [list(span) for span in spans]}
    return state(actor, events.UNITS_ADDED, said, rows, intakes=INTAKES, request_key=request_key)


def state_cause(
    actor: Actor,
    *,
    nonconformity: str,
    method: str,
    place: str,
    cause: str,
    root: bool = False,
    request_key: str | None = None,
) -> Stated:
    """A why by its number, or a branch of Ishikawa's diagram; `root` where it has to be mended. Invalid: no such place."""
    actor.require(NONCONFORMITY_WORK)
    _refuse_empty(cause, "cause")
    cells = {
        "nonconformity": nonconformity, "method": method, "place": place, "cause": cause, "root": str(root).lower(),
    }  # fmt: skip

    def check(found: NonconformityRow) -> None:
        if len(found.causes) >= CAUSES_MAX:
            raise Refused("quality.causes_many", f"It has {CAUSES_MAX} causes.", {}, "Withdraw those that are none.")

    return _state(actor, "nonconformity_causes", events.CAUSE_STATED, cells, "stated_at", request_key, check)


def state_action(
    actor: Actor,
    *,
    nonconformity: str,
    kind: str = "",
    description: str = "",
    owner: str = "",
    due_on: str = "",
    action: str = "",
    state: str = OPEN,
    request_key: str | None = None,
) -> str:
    """A corrective or preventive action with owner and day; with `action` the one of that code as it is from now on, cells left empty
    as they were. Returns its code. NotFound: no such action. Invalid: without owner, day or words."""
    actor.require(NONCONFORMITY_WORK)
    cells = {"nonconformity": nonconformity, "action": action, "kind": kind, "state": state, "due_on": due_on,
             "description": description, "person": owner}  # fmt: skip

    def fill(found: NonconformityRow) -> Mapping[str, str]:
        return _action_cells(actor, found, cells)

    done = _state(actor, "nonconformity_actions", events.ACTION_STATED, cells, "stated_at", request_key, fill=fill)
    sql = "SELECT action FROM quality_nonconformity_action WHERE tenant = %s AND entry = %s"
    return reading.fetch_one(sql, (actor.tenant, done.entry))[0]


def _action_cells(actor: Actor, found: NonconformityRow, cells: Mapping[str, str]) -> dict[str, str]:
    said = dict(cells)
    if said["action"]:
        before = next((one for one in found.actions if one.code == said["action"]), None)
        if before is None:
            facts = {"nonconformity": found.code, "action": said["action"][:20]}
            remedy = f"It has {', '.join(one.code for one in found.actions) or 'none'}."
            raise NotFound(
                "quality.action_unknown", f"{found.code} has no action {said['action'][:20]}.", facts, remedy
            )
        owner = People(actor.tenant, 0).codes([before.person]).get(before.person, "")
        kept = {"kind": before.kind, "due_on": before.due_on, "description": before.description, "person": owner}
        said |= {name: said[name] or value for name, value in kept.items()}
    else:
        said["action"] = next_number(actor.tenant, "quality_nonconformity_action", "action", found.code, "A-")
        if len(found.actions) >= ACTIONS_MAX:
            raise Refused("quality.actions_many", f"It has {ACTIONS_MAX} actions.", {}, "Open a further nonconformity.")
    for name, what in (("person", "an owner"), ("due_on", "a day"), ("description", "words")):
        if not said[name].strip():
            raise Invalid(
                "quality.action_halfway", f"An action needs {what}.", {"field": name}, "Say who does what until when."
            )
    return said


def close_nonconformity(actor: Actor, *, nonconformity: str, reason: str, request_key: str | None = None) -> Stated:
    """Nothing is left to do. Refused while a unit waits for its disposition, an action is open, or the check was not measured as effective."""
    actor.require(NONCONFORMITY_DECIDE)
    refuse_without_reason(reason)
    cells = {"nonconformity": nonconformity, "state": "closed", "hold": "", "reason": reason}
    return _state(
        actor, "nonconformity_states", events.STATE_STATED, cells, "decided_at", request_key, _refuse_unfinished
    )


def _refuse_unfinished(found: NonconformityRow) -> None:
    left = []
    if found.waiting:
        left.append(f"{len(found.waiting):,} units wait for their disposition")
    left += [f"action {one.code} is open" for one in found.actions if one.state not in (DONE, CANCELLED)]
    if found.check and (found.result is None or found.result.verdict != EFFECTIVE):
        left.append("the check of effectiveness was not measured as effective")
    if left:
        raise Refused(
            "quality.nonconformity_unfinished",
            f"{found.code} cannot be closed: {'; '.join(left)}.",
            {"nonconformity": found.code, "left": left},
            "Decide, do and measure these first.",
        )


def reopen_nonconformity(actor: Actor, *, nonconformity: str, reason: str, request_key: str | None = None) -> Stated:
    """It is not settled after all; units whose disposition is not done may not go on again. Refused where it is open."""
    actor.require(NONCONFORMITY_DECIDE)
    refuse_without_reason(reason)
    cells = {"nonconformity": nonconformity, "state": "reopened", "hold": "", "reason": reason}

    def check(found: NonconformityRow) -> None:
        if not found.closed:
            raise Refused(
                "quality.nonconformity_open",
                f"{found.code} is open.",
                {"nonconformity": found.code},
                "Nothing is to do.",
            )

    return _state(
        actor, "nonconformity_states", events.STATE_STATED, cells, "decided_at", request_key, check, closed=True
    )


def contain(actor: Actor, *, nonconformity: str, hold: str, reason: str, request_key: str | None = None) -> Stated:
    """This hold contains it. Called by answers/register, which places the hold in the same transaction."""
    actor.require(NONCONFORMITY_RAISE)
    refuse_without_reason(reason)
    cells = {"nonconformity": nonconformity, "state": "contained", "hold": hold, "reason": reason}
    return _state(actor, "nonconformity_states", events.STATE_STATED, cells, "decided_at", request_key)


def plan_check(
    actor: Actor,
    *,
    nonconformity: str,
    question: str,
    among: str,
    units_min: int,
    failed_ppm_max: int,
    due_on: str,
    request_key: str | None = None,
) -> Stated:
    """Of at least so many units that `among` gives, at most so many of a million may be found by `question`. Invalid: a question with a
    mistake, a day that is none."""
    actor.require(NONCONFORMITY_WORK)
    cells = {
        "nonconformity": nonconformity, "question": question, "among": among, "units_min": str(units_min),
        "failed_ppm_max": str(failed_ppm_max), "due_on": due_on,
    }  # fmt: skip
    return _state(actor, "effectiveness_checks", events.CHECK_PLANNED, cells, "stated_at", request_key)


def record_result(
    actor: Actor, *, nonconformity: str, cells: Mapping[str, str], request_key: str | None = None
) -> Stated:
    """What the check counted. Called by answers/register, which asks in the same transaction."""
    actor.require(NONCONFORMITY_WORK)
    said = {"nonconformity": nonconformity, **cells}
    asked = {
        name: said[name] for name in ("nonconformity", "question", "among", "answer")
    }  # units come and go meanwhile
    return _state(actor, "effectiveness_results", events.CHECK_MEASURED, said, "measured_at", request_key, asked=asked)


def still_open(actor: Actor, code: str, *, closed: bool = False) -> NonconformityRow:
    """The nonconformity. NotFound: there is none. Refused: it is closed, unless that is asked about."""
    found = known(actor.tenant, code)
    if found.closed and not closed:
        raise Refused(
            "quality.nonconformity_closed",
            f"{code} is closed.",
            {"nonconformity": code},
            "Open it again first, and say why.",
        )
    return found


def known(tenant: int, code: str) -> NonconformityRow:
    """The nonconformity with this code, or NotFound."""
    found = nonconformity(tenant, code)
    if found is None:
        raise unknown(code)
    return found


def unknown(code: str) -> NotFound:
    """That there is no such nonconformity, for this reader at least."""
    remedy = "The page Nonconformities and `asbuilt ncr list` show them."
    said = f"There is no nonconformity {code[:60]}."
    return NotFound("quality.nonconformity_unknown", said, {"nonconformity": code[:60]}, remedy)


def unit_rows(actor: Actor, code: str, spans: Sequence[Span], disposition: str, at: str) -> list[dict[str, str]]:
    """Rows of nonconformity_units.csv for these spans."""
    common = {"nonconformity": code, "disposition": disposition, "operator": badge(actor), "stated_at": at}
    return [
        {**common, "order": first.rpartition("#")[0], "first_serial": first, "last_serial": last}
        for first, last in named_spans(actor.tenant, spans)
    ]


def refuse_scattered(spans: Sequence[Span]) -> None:
    """One call takes up to 20,000 spans."""
    if len(spans) > SPANS_MAX:
        raise Refused(
            "quality.units_scattered",
            f"These units lie in more than {SPANS_MAX:,} spans.",
            {"spans": len(spans), "spans_max": SPANS_MAX},
            "Name whole orders, or narrow the question.",
        )


def _refuse_empty(text: str, name: str) -> None:
    if not text.strip():
        raise Invalid("quality.words_missing", f"{name}: is empty.", {"field": name}, "Say it in a sentence.")


def _state(
    actor: Actor, table: str, type: str, cells: Mapping[str, str], at: str, request_key: str | None, check=None, fill=None,
    closed: bool = False, asked: Mapping[str, str] | None = None,
) -> Stated:  # fmt: skip
    """One row about a nonconformity that is open (unless `closed`), after `check`, its cells as `fill` completes them; `asked` is what makes
    the same request."""

    def rows(entry):
        found = still_open(actor, cells["nonconformity"], closed=closed)
        if check is not None:
            check(found)
        said = fill(found) if fill is not None else cells
        return {table: [{**said, "operator": badge(actor), at: format_instant(entry.recorded_at)}]}

    return state(actor, type, dict(asked or cells), rows, intakes=INTAKES, request_key=request_key)
