"""Charts, yields and defects as JSON: what command line and API say of them."""

from dataclasses import asdict

from asbuilt.built.quality.pareto import Pareto
from asbuilt.built.quality.process_control import Control
from asbuilt.built.quality.yields import YieldRow, Yields
from asbuilt.kernel.instants import format_instant


def chart_told(found: Control) -> dict:
    """A chart: its points, panels, broken rules, indices."""
    fits = found.capability
    indices = None if fits is None else {
        name: None if (index := getattr(fits, name)) is None else asdict(index) for name in ("cp", "cpk", "pp", "ppk")
    } | {"count": fits.count, "mean": fits.mean, "sigma_within": fits.sigma_within, "sigma_overall": fits.sigma_overall, "too_few": fits.too_few}  # fmt: skip
    scope = {name: getattr(found.scope, name) for name in ("step", "product", "line", "machine", "side")}
    return {
        **scope, "name": found.name, "kind": found.kind, "rules": found.rules, "unit": found.unit, "low": found.low, "high": found.high,
        "limits_differ": found.limits_differ, "left_out": found.left_out, "too_few": found.too_few,
        "points": [{"at": format_instant(one.at), "machine": one.machine, "units": len(one.units), "size": one.size} for one in found.points],
        "panels": [
            {"points": list(panel.points), "centre": panel.centre, "lower": list(panel.lower), "upper": list(panel.upper)}
            for panel in found.panels
        ],
        "signals": [
            {"panel": place, "rule": one.rule, "point": one.point, "first": one.first,
             "at": format_instant(found.points[one.point + len(found.points) - len(found.panels[place].points)].at)}
            for place, signals in enumerate(found.signals) for one in signals
        ],
        "capability": indices,
    }  # fmt: skip


def yields_told(found: Yields) -> dict:
    """Yields of groups, the worst first."""
    return {
        "by": list(found.by), "rows": [_row(found.by, row) for row in found.rows], "whole": _row((), found.whole), "cut": found.cut,
        "silent": [{"step": one.step, "station": one.station, "last_at": format_instant(one.last_at)} for one in found.silent],
    }  # fmt: skip


def _row(by: tuple[str, ...], row: YieldRow) -> dict:
    low, high = row.fpy_limits
    return {
        "group": dict(zip(by, row.group, strict=True)), "began": row.began, "passed": row.passed, "fpy": row.fpy, "fpy_low": low,
        "fpy_high": high, "rolled": row.rolled, "steps": row.steps, "defects": row.defects, "opportunities": row.opportunities,
        "dpmo": row.dpmo,
    }  # fmt: skip


def pareto_told(found: Pareto) -> dict:
    """Defects, the most frequent first."""
    return {
        "codes": [asdict(one) for one in found.codes], "places": [asdict(one) for one in found.places], "units": found.units,
        "false_calls": found.false_calls, "false_units": found.false_units, "cut": found.cut,
        "orders": [{"order": code, "units": n} for code, n in found.orders],
    }  # fmt: skip
