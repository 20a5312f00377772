"""`asbuilt spc`, `asbuilt yield`, `asbuilt defects`: control charts, first-pass yields, defects by how often."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.printing import Format, print_json, print_table, say, tell_number

FORMAT = typer.Option(help="How to print.")
PRODUCT = typer.Option(help="Only of this product.")
LINE = typer.Option(help="Only of this line (area).")
SINCE = typer.Option(help="From this day on.")
UNTIL = typer.Option(help="Up to the end of this day.")


def spc(
    step: Annotated[str, typer.Argument(help="Process step or test plan.")],
    name: Annotated[str, typer.Argument(help="Reading or measurement; empty for charts of counts.")] = "",
    kind: Annotated[str, typer.Option(help="individuals, xbar_r, p or u.")] = "individuals",
    machine: Annotated[str, typer.Option(help="Only at this machine or station.")] = "",
    line: Annotated[str, LINE] = "",
    product: Annotated[str, PRODUCT] = "",
    side: Annotated[str, typer.Option(help="Only this side.")] = "",
    since: Annotated[str, SINCE] = "",
    until: Annotated[str, UNTIL] = "",
    subgroup: Annotated[int, typer.Option(help="Values a subgroup.")] = 5,
    every: Annotated[str, typer.Option(help="Counts by hour, shift, day or week.")] = "day",
    rules: Annotated[str, typer.Option(help="nelson or western_electric.")] = "nelson",
    hold: Annotated[
        str,
        typer.Option(
            help="Hold the units of the newest signal of this rule, such as nelson_1, and raise a nonconformity."
        ),
    ] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """A control chart in words: centre, limits, broken rules, Cp and Cpk with their limits of confidence."""
    actor = open_record()
    from asbuilt.built.quality.process_control import control
    from asbuilt.built.quality.series import Scope
    from asbuilt.built.quality.told import chart_told

    scope = Scope(step, product, line, machine, side, *_between(actor, since, until))
    how = {"kind": kind, "subgroup": subgroup, "every": every, "rules": rules}
    found = control(actor, scope, name, **how)
    if hold:
        _hold(actor, found, how, hold, format)
        return
    if format is Format.json:
        print_json(chart_told(found))
        return
    if found.too_few:
        say("Too few values for a chart.")
        return
    columns = ("panel", "points", "centre", "lower", "upper", "broken rules")
    rows = [
        ("values" if place == 0 else "ranges", len(panel.points), f"{panel.centre:.5g}", f"{panel.lower[-1]:.5g}", f"{panel.upper[-1]:.5g}", len(signals))
        for place, (panel, signals) in enumerate(zip(found.panels, found.signals, strict=True))
    ]  # fmt: skip
    print_table(columns, rows)
    told = [
        (
            f"{one.rule} of ranges" if n else one.rule, one.point + 1, f"{found.panels[n].points[one.point]:.5g}", _at(found.at(one, n)),
            found.points[one.point + len(found.points) - len(found.panels[n].points)].machine,
        )
        for n, signals in enumerate(found.signals) for one in signals
    ]  # fmt: skip
    if told:
        print_table(("rule", "point", "value", "at", "machine"), told)
    fits = found.capability
    if fits is None or fits.too_few:
        say("Under 25 values: no index." if fits else "No limits: no index.")
        return
    indices = [
        (label.capitalize(), index)
        for label in ("cp", "cpk", "pp", "ppk")
        if (index := getattr(fits, label)) is not None
    ]
    rows = [(label, f"{index.value:.3f}", f"{index.low:.3f}", f"{index.high:.3f}") for label, index in indices]
    print_table(("index", "value", "95 % from", "to"), rows)


def _hold(actor, found, how: dict, rule: str, format: Format) -> None:
    from asbuilt.answers.register.out_of_control import hold_signal

    panels = enumerate(found.signals)
    newest = max(
        ((found.at(one, n), -n) for n, signals in panels for one in signals if one.rule == rule), default=(0, 0)
    )
    code, held = hold_signal(actor, found.scope, found.name, rule=rule, at=newest[0], of_ranges=newest[1] < 0, **how)
    if format is Format.json:
        print_json({"nonconformity": code, "hold": held})
    else:
        say(f"{held} holds its units, {code} is raised about them.")


def yields(
    day: Annotated[str, typer.Argument(help="The day; empty: today.")] = "",
    by: Annotated[list[str] | None, typer.Option(help="product, line, step or station; several times.")] = None,
    product: Annotated[str, PRODUCT] = "",
    until: Annotated[str, UNTIL] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """First-pass yield, rolled throughput yield and defects of a million opportunities."""
    actor = open_record()
    from asbuilt.built.quality.told import yields_told
    from asbuilt.built.quality.yields import yields as read_yields

    day = day or _today(actor)
    since, end = _between(actor, day, until or day)
    found = read_yields(actor, since=since, until=end, by=by or ["step"], product=product)
    if format is Format.json:
        print_json(yields_told(found))
        return
    rows = [
        (*row.group, _share(row.fpy), *map(_share, row.fpy_limits), row.began, _count(row.dpmo)) for row in found.rows
    ]
    print_table((*found.by, "FPY", "from", "to", "first runs", "DPMO"), rows)
    say(
        f"All together {_share(found.whole.fpy)}, rolled over {found.whole.steps} steps {_share(found.whole.rolled)}, {tell_number(found.whole.began)} first runs."
    )
    for one in found.silent:
        say(f"{one.step} at {one.station}: no result since {_at(one.last_at)}. That is not 100 %.")


def defects(
    plan: Annotated[str, typer.Option(help="Only of this test plan.")] = "",
    product: Annotated[str, PRODUCT] = "",
    line: Annotated[str, LINE] = "",
    since: Annotated[str, SINCE] = "",
    until: Annotated[str, UNTIL] = "",
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Defects by how often they were found, codes and places."""
    actor = open_record()
    from asbuilt.built.quality.pareto import pareto
    from asbuilt.built.quality.series import Scope
    from asbuilt.built.quality.told import pareto_told

    found = pareto(actor, Scope(plan, product, line, "", "", *_between(actor, since, until)))
    if format is Format.json:
        print_json(pareto_told(found))
        return
    print_table(
        ("defect", "found", "units", "added up"),
        [(one.code, one.found, one.units, f"{one.share:.1%}") for one in found.codes],
    )
    print_table(
        ("place", "defect", "found", "units"), [(one.at, one.code, one.found, one.units) for one in found.places[:20]]
    )
    say(
        f"{tell_number(found.units)} units with a defect; {tell_number(found.false_calls)} false calls on {tell_number(found.false_units)} units."
    )


def _between(actor, since: str, until: str) -> tuple[int | None, int | None]:
    """The beginning of a day and the end of a day in the site's zone."""
    from asbuilt.access.queries import time_zone_of
    from asbuilt.kernel.errors import Invalid

    zone, found = time_zone_of(actor.tenant), []
    for name, text, days in (("since", since, 0), ("until", until, 1)):
        if not text:
            found.append(None)
            continue
        try:
            day = date.fromisoformat(text) + timedelta(days=days)
        except (ValueError, OverflowError):
            raise Invalid("web.day_wrong", f"{text[:40]} is no day.", {"field": name}, "Write 2027-03-15.") from None
        found.append(int(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).timestamp()) * 1_000_000)
    return found[0], found[1]


def _today(actor) -> str:
    from asbuilt.access.queries import time_zone_of
    from asbuilt.ledger import clock

    return (
        datetime.fromtimestamp(clock.now() / 1_000_000, UTC).astimezone(time_zone_of(actor.tenant)).date().isoformat()
    )


def _at(at: int) -> str:
    from asbuilt.kernel.instants import format_instant

    return format_instant(at)[:16] + "Z"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2%}"


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"
