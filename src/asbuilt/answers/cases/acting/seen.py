"""A field action as people and programs read it: where its units stand, customer by customer, then and now.

action_seen(actor, "F-1")  ->  dict for JSON; pages and commands show the same
"""

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.people import People
from asbuilt.answers.cases.acting.action_file import OPEN, ORDER, FieldAction
from asbuilt.answers.cases.acting.queries import field_action, field_actions
from asbuilt.answers.cases.acting.standing import Standing, standing_of
from asbuilt.answers.cases.handling.computing import plain
from asbuilt.answers.cases.handling.statements import Line
from asbuilt.built.production.holds import hold_of
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.genealogy.answering.serials import serials_of
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


def action_seen(actor: Actor, code: str) -> dict:
    """One field action with its numbers now."""
    with reading.snapshot():
        action = field_action(actor, code)
        standing = standing_of(actor.tenant, action)
        people = People(actor.tenant, 0).codes(line.person for line in action.lines)
        left = standing.left(action)
        return {
            **_head(action), "question": action.question, "silent": action.silent, "remedy": action.remedy, "hold": action.hold,
            **_ordered(actor.tenant, action),
            "reach": {"units": len(action.reach), **_grades(action, standing)},
            "grown": [{"at": plain(at), "units": units, "why": why} for at, units, why in action.grown],
            "standings": [
                {"standing": name, "units": len(standing.units[name]), "recorded": len(standing.units[name] & standing.recorded),
                 "accounted": name in action.accounted}
                for name in (*ORDER[action.kind], OPEN)
            ],
            "accounted": len(action.reach) - len(left), "left": len(left),
            "justified": len(left & action.justified), "customers": _customers(action, standing), "curve": _curve(action),
            "rest": _said(action.rest, people) if action.rest else None, "closed": _said(action.closed, people) if action.closed else None,
            "timeline": [_said(line, people) for line in action.lines if line.kind != "action_counted"],
        }  # fmt: skip


def actions_told(actor: Actor, *, case: str = "") -> list[dict]:
    """The field actions of a case, or all, by their last count: how many units, how many accounted for."""
    found = []
    for action in field_actions(actor, case=case):
        said = action.counts[-1].said
        done = sum(said["standings"].get(name, 0) for name in action.accounted)
        found.append(
            {
                **_head(action),
                "units": said["units"],
                "accounted": done,
                "counted_at": plain(action.counts[-1].happened_at),
            }
        )
    return found


def units_told(
    actor: Actor, code: str, *, standing: str, after: int = 0, limit: int | None
) -> list[tuple[int, str, str]]:
    """(unit, serial number, customer) of the units that stand so, in axis order behind unit `after`. `left`: of those to be accounted for.

    NotFound: no such standing.
    """
    with reading.snapshot():
        action = field_action(actor, code)
        found = standing_of(actor.tenant, action)
        units = found.left(action) if standing == "left" else found.units.get(standing)
        if units is None:
            said = f"{standing[:40]} is no standing of units."
            raise NotFound(
                "cases.standing_unknown", said, {"standing": standing[:40]}, f"Say left, {', '.join(found.units)}."
            )
        view = View(local_system(actor.tenant))
        rows = list(serials_of(view, UnitSet.sure(units), limit, after))
        customers = sorted(found.customers.items())
        return [
            (unit, serial, next((name for name, mine in customers if unit in mine), "")) for unit, serial, _ in rows
        ]


def _head(action: FieldAction) -> dict:
    return {
        "action": action.code, "case": action.case, "kind": action.kind, "title": action.title,
        "state": "open" if action.closed is None else "closed", "started_at": plain(action.started_at),
    }  # fmt: skip


def _ordered(tenant: int, action: FieldAction) -> dict:
    """What its hold lets through, as the hold's rows say it now."""
    hold = hold_of(tenant, action.hold) if action.hold else None
    releases = [] if hold is None else [
        {"product": one.product, "role": one.role, "version": one.version, "sha256": one.sha256} for one in hold.releases
    ]  # fmt: skip
    return {"releases": releases, "steps": hold.steps if hold else []}


def _grades(action: FieldAction, standing: Standing) -> dict[str, int]:
    """How sure the question is of the reach today; what no longer answers it stays in the reach."""
    counts = standing.grades.counts()
    return {**counts, "no_longer": len(action.reach) - sum(counts.values())}


def _customers(action: FieldAction, standing: Standing) -> list[dict]:
    accounted = standing.accounted(action)
    rows = []
    for name, units in standing.customers.items():
        done = units.intersection_cardinality(accounted)
        by = {
            kind: mine
            for kind in (*ORDER[action.kind], OPEN)
            if (mine := units.intersection_cardinality(standing.units[kind]))
        }
        rows.append(
            {
                "customer": name or None,
                "units": len(units),
                "accounted": done,
                "left": len(units) - done,
                "standings": by,
            }
        )
    return sorted(rows, key=lambda row: (row["customer"] is None, -row["left"], row["customer"]))


def _curve(action: FieldAction) -> list[dict]:
    """Every count that was kept: what was known then."""
    return [
        {
            "at": plain(line.happened_at), "units": line.said["units"],
            "accounted": sum(line.said["standings"].get(name, 0) for name in action.accounted),
            "customers": [{"customer": name or None, "accounted": done, "units": of} for name, (done, of) in line.said["customers"].items()],
        }
        for line in action.counts
    ]  # fmt: skip


def _said(line: Line, people: dict[int, str]) -> dict:
    said = line.said
    return {
        "kind": line.kind, "name": line.name, "at": plain(line.at), "units": said.get("units"), "source": said.get("source", ""),
        "file": said.get("file", ""), "sha256": said.get("sha256", ""), "why": line.why, "by": people.get(line.person),
        "recorded_at": plain(line.happened_at),
    }  # fmt: skip


def all_units_told(actor: Actor, code: str, *, standing: str) -> list[tuple[str, str]]:
    """(serial number, customer) of all of them."""
    return [(serial, customer) for _, serial, customer in units_told(actor, code, standing=standing, limit=None)]
