"""The terms `paste:`, `stencil:`, `tool:` and `alarm:`: units of which a process run names that paste, stencil, tool or alarm.

A paste is named by its package or its lot code, a tool also as stencil or fixture (catalog.readings). A run speaks of all its units, so
each is certain. Where paste is a line of the BOM, `lot:` asks for it with its certainty. An alarm is named by the code that the machine gave
(reading `alarm`, one or a list), or by the reading that lay outside of the limits of the step: `alarm:zone5`; or by the code for which a
programming station stood: `alarm:station.wrong_revision`. Who decided what about it since changes nothing of that.
"""

import json
from collections.abc import Iterable

from pyroaring import BitMap

from asbuilt.built.production.limits import PARTED
from asbuilt.designed.catalog.readings import ALARM, PASTE, STENCIL, alarms_of, names_in, tools_of
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.genealogy.evaluating.borne import not_gone
from asbuilt.questions.genealogy.evaluating.history import BLOCKS_FEW
from asbuilt.questions.genealogy.evaluating.naming import unknown
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.language import Value
from asbuilt.storage import reading

RUNS_TRIED_MAX = 20
KEYS = {"paste": PASTE, "stencil": STENCIL, "tool": ("stencil", "fixture", "tool"), "alarm": (ALARM,)}


def made_with(view: View, term: str, values: Iterable[Value], within: BitMap | None = None) -> UnitSet:
    """Units made with any of them; only those of `within` where given. Reads the runs whose readings name one at all.

    NotFound for a code that no run names which stands.
    """
    wanted = [value.text for value in values]
    units, met = BitMap(), set()
    for first, until, text, outside in _runs(view, term, within):
        named = _named(term, text, outside)
        if found := named.intersection(wanted):
            met |= found
            units.add_range(first, until)
    missing = [code for code in wanted if code not in met]
    if within is not None:
        missing = [code for code in missing if not _is_named(view, term, code)]
    if missing:
        known = set().union(*(_named(term, *said) for _, _, *said in _runs(view, term, ever=True)))
        for code in missing:
            if code not in known:
                raise unknown(term, code, known if view.visible is None else ())
    return UnitSet.sure(view.limit(units))


def _is_named(view: View, term: str, code: str) -> bool:
    """Whether one of the first runs whose readings hold the code names it so: mostly so, and found at once."""
    sql = (
        "SELECT t.readings, t.outside FROM production_process_run t WHERE t.tenant = %s AND t.readings LIKE %s "
        f"{not_gone(view, 't')} LIMIT {RUNS_TRIED_MAX}"
    )
    rows = reading.fetch(sql, (view.tenant, f'%"{code}"%'))
    return any(code in _named(term, *said) for said in rows)


def codes_named(view: View, term: str) -> list[str]:
    """The codes that runs name, for completion."""
    return sorted(set().union(*(_named(term, *said) for _, _, *said in _runs(view, term))))


def _named(term: str, text: str, outside: str) -> set[str]:
    said = json.loads(text)
    if not isinstance(said, dict):
        return set()
    if term == "tool":
        return tools_of(said)
    if term == "alarm":
        return alarms_of(said) | _outside(said, outside)
    return {str(said[key]) for key in KEYS[term] if isinstance(said.get(key), str | int)}


def _outside(said: dict, outside: str) -> set[str]:
    """The names of the readings that lay outside, of the words that the run has for them: `zone5 262 (240 to 255); …`."""
    names, found = sorted(names_in(said), key=len, reverse=True), set()
    for words in outside.split(PARTED) if outside else ():
        found.update([name for name in names if words.startswith(f"{name} ")][:1])
    return found


def _runs(view: View, term: str, within: BitMap | None = None, *, ever: bool = False) -> Iterable[tuple]:
    """(first, until, readings, outside) of the runs that may name one; `ever` those not yet known too."""
    named = ["t.readings LIKE %s"] * len(KEYS[term]) + (["t.outside <> ''"] if term == "alarm" else [])
    where = f" AND ({' OR '.join(named)})"
    params = [f'%"{key}%' for key in KEYS[term]]
    columns = "t.first_unit, t.until_unit, t.readings, t.outside"
    blocks = view.blocks_over(within) if within is not None else []
    seen = not_gone(view, "t") if ever else view.seen("t")
    if within is not None and len(blocks) <= BLOCKS_FEW:
        rows = view.rows_by_block(columns, "production_process_run", blocks, where, params)
    else:
        sql = f"SELECT {columns} FROM production_process_run t WHERE t.tenant = %s{where}{seen}"
        rows = reading.fetch(sql, (view.tenant, *params))
    return rows if term != "alarm" else [*rows, *_at_stations(view, seen, within)]


def _at_stations(view: View, seen: str, within: BitMap | None) -> Iterable[tuple]:
    """Alarms of programming stations, as a run would name them: the code for which the station stood, and the unit that was there."""
    sql = (
        "SELECT DISTINCT t.unit, t.reason FROM programming_station_record t WHERE t.tenant = %s AND t.result = 'alarm' "
        f"AND t.unit IS NOT NULL{seen}"
    )
    params: list = [view.tenant]
    if view.few is not None and within is not None:
        sql, params = f"{sql} AND {reading.any_of('t.unit')}", [*params, reading.list_param(list(within))]
    for unit, code in reading.fetch(sql, params):
        if within is None or unit in within:
            yield unit, unit + 1, json.dumps({ALARM: code}), ""
