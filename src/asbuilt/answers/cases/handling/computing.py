"""Clocks computed from times given, stored nowhere: for `asbuilt case clock` and its twin of the API. It needs no record.

computed(kind="aev", aware="2026-12-24T17:30:00+01:00", measures=["2027-03-20T12:00:00+01:00"])  -> dict for JSON
"""

from collections.abc import Sequence

from asbuilt.answers.cases.handling import clocks
from asbuilt.answers.cases.handling.clocks import Clock
from asbuilt.answers.cases.handling.duty_rules import Duty, RuleSet, rule_sets, rules_on
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant, parse_instant

MEASURES_MAX = 100


def computed(
    *, kind: str, aware: str, measures: Sequence[str] = (), notified: str = "", warned: str = "", zone: str = ""
) -> dict:
    """The clocks of the manufacturer's duty for this kind of case. Invalid: a kind without one, a time, a zone, an order of times."""
    moments = {clocks.AWARE: _time("aware", aware)}
    if len(measures) > MEASURES_MAX:
        raise Invalid(
            "cases.measures_many", f"More than {MEASURES_MAX} measures.", {"field": "measure"}, "Name the first."
        )
    if measures:  # the earliest counts, be it a workaround or a fix
        moments[clocks.MEASURE] = min(_time("measure", one) for one in measures)
    for field, name, text in (("warned", clocks.WARNED, warned), ("notified", clocks.NOTIFIED, notified)):
        if text:
            moments[name] = _time(field, text)
            refuse_before_aware(field, moments[name], moments[clocks.AWARE])
    place = clocks.zone_named(zone or rule_sets()[-1].zone)
    rules = rules_on(clocks.local_day(moments[clocks.AWARE], place))
    duty = _duty(rules, kind)
    found = clocks.clocks_of(duty, moments, place)
    return {
        "kind": kind, **duty_told(rules, duty), "zone": place.key, "arithmetic": rules.arithmetic,
        **{name: plain(at) for name, at in moments.items()}, "clocks": [clock_told(one, place) for one in found],
    }  # fmt: skip


def refuse_before_aware(field: str, at: int, aware: int) -> None:
    """A report before anybody was aware is a wrong time."""
    if at < aware:
        said = f"{field}: lies before awareness ({plain(aware)})."
        raise Invalid("cases.before_aware", said, {"field": field}, "Look at both times and their offsets.")


def duty_told(rules: RuleSet, duty: Duty) -> dict:
    """What a duty is, by which rules."""
    return {
        "duty": duty.duty, "name": duty.name, "rule_set": rules.rule_set, "read_on": rules.read_on, "source": duty.source,
        "to": duty.to, "applies_from": duty.applies_from or None,
    }  # fmt: skip


def clock_told(one: Clock, zone) -> dict:
    """A clock for JSON: the law's time and the platform's side by side, each also as local time."""
    return {
        "stage": one.stage, "state": one.state, "starts": one.starts, "started_at": plain(one.started_at), "due_at": plain(one.due_at),
        "estimate_at": plain(one.estimate_at), "local": None if one.due_at is None else clocks.local_time(one.due_at, zone),
        "platform": {"shown_at": plain(one.counter_at), "differs": one.counter_differs, "source": one.counter_source},
        "source": one.source, "note": one.note,
    }  # fmt: skip


def plain(at: int | None) -> str | None:
    """2026-12-25T16:30:00Z; fractions of a second only where there are some."""
    return None if at is None else format_instant(at).replace(".000000Z", "Z")


def _duty(rules: RuleSet, kind: str) -> Duty:
    owed = [one for one in rules.duties if one.when == "manufacturer"]
    found = next((one for one in owed if kind in one.kinds), None)
    if found is None:
        kinds = " or ".join(kind for one in owed for kind in one.kinds)
        raise Invalid(
            "cases.kind_without_clock", f"No clock runs for {kind[:40]!a}.", {"field": "kind"}, f"Say {kinds}."
        )
    return found


def _time(field: str, text: str) -> int:
    try:
        return parse_instant(text)
    except ValueError as refusal:
        raise Invalid("cases.time_wrong", f"{field}: {refusal}.", {"field": field}, "Write the time so.") from None
