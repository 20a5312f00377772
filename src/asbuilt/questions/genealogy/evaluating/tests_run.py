"""The term `tested:`: units of which a test run was made at a station, or by a plan, in a window of time.

    tested:ICT-1@2027-03-15..2027-03-17 · tested:FCT(station=B9 outcome=fail)

Any run counts, whatever came out and whatever came later: what a bad instrument measured is in doubt also where it was measured
again. A run is of one unit, so each is certain; it overlaps a window that it starts before the end of and ends at or after the
beginning of, as a pass does.
"""

from pyroaring import BitMap

from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.genealogy.evaluating.history import BLOCKS_FEW, OUTCOMES, floor_numbers
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.language import Condition, Pass, Value
from asbuilt.storage import reading

CONDITIONS = ("plan", "station", "outcome")


def tested_at(view: View, asked: Pass, within: BitMap | None = None) -> UnitSet:
    """Units tested so; only those of `within` where given. Reads the runs of the stations and plans that are named."""
    if view.few is not None:
        return UnitSet.sure(_of_few(view, asked))
    more, params = _conditions(view, asked)
    for place, end in zip(("t.finished_at >= %s", "t.started_at < %s"), _window(view, asked), strict=True):
        if end is not None:
            more, params = f"{more} AND {place}", [*params, end]
    units = BitMap()
    spans = view.spans_over(within) if within is not None else []
    for value in asked.steps:
        for kind, found in floor_numbers(view, value.text, "station", "plan").items():
            here = f" AND {reading.any_of('t.' + kind)}{more}"
            listed = [reading.list_param(found), *params]
            if within is not None and len(spans) <= BLOCKS_FEW:
                rows = view.rows_by_block("t.unit", "quality_test_run", spans, here, listed, unit="unit")
            else:
                sql = f"SELECT DISTINCT t.unit FROM quality_test_run t WHERE t.tenant = %s{here}{view.seen('t')}"
                rows = reading.fetch(sql, (view.tenant, *listed))
            units.update(unit for (unit,) in rows)
    return UnitSet.sure(view.limit(units))


def _of_few(view: View, asked: Pass) -> BitMap:
    begin, end = _window(view, asked)
    wanted = [_wanted(view, condition) for condition in asked.conditions]
    named = [floor_numbers(view, value.text, "station", "plan") for value in asked.steps]
    units = BitMap()
    for unit, plan, station, outcome, started, finished, _ in view.few.tests:
        said = {"plan": plan, "station": station, "outcome": outcome}
        if (begin is not None and (finished is None or finished < begin)) or (end is not None and started >= end):
            continue
        if all(said[column] in numbers for column, numbers in wanted) and any(
            said[kind] in numbers for found in named for kind, numbers in found.items()
        ):
            units.add(unit)
    return units


def _window(view: View, asked: Pass) -> tuple[int | None, int | None]:
    return asked.window.bounds(view.zone) if asked.window else (None, None)


def _conditions(view: View, asked: Pass) -> tuple[str, list]:
    sql, params = "", []
    for condition in asked.conditions:
        column, numbers = _wanted(view, condition)
        sql, params = f"{sql} AND {reading.any_of('t.' + column)}", [*params, reading.list_param(numbers)]
    return sql, params


def _wanted(view: View, condition: Condition) -> tuple[str, list[int]]:
    name = condition.name.text
    values = [match.text for match in condition.matches if isinstance(match, Value)]
    if name not in CONDITIONS or len(values) != len(condition.matches):
        raise Invalid(
            "question.tested_condition",
            f"Character {condition.name.position}: a test run has no {name} to be compared so.",
            {"position": condition.name.position, "name": name},
            "Write plan=, station= or outcome= with a value.",
        )
    if name == "outcome":
        unknown = [value for value in values if value not in OUTCOMES]
        if unknown:
            raise Invalid(
                "question.value",
                f"Character {condition.name.position}: no test run ends {unknown[0]}.",
                {"position": condition.name.position},
                f"Write one of {', '.join(OUTCOMES)}.",
            )
        return name, [OUTCOMES[value] for value in values]
    return name, [number for value in values for number in floor_numbers(view, value, name)[name]]
