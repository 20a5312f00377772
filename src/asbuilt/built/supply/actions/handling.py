"""What happens to packages in the store and at the line: opened, dried, baked, thawed; and how long material lasts.

    handle_packages(actor, packages=["PK-004388"], event="opened")
    handle_packages(actor, packages=["PK-004388"], event="baked", readings={"temperature_c": 125, "hours": 48})

`queries.floor_life` reads the clocks from these events and from what `say_lives` says of a part or a package.
"""

import json
from collections.abc import Mapping, Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import PACKAGE_DECIDE, PACKAGE_HANDLE, PACKAGE_RECEIVE
from asbuilt.built.supply import events
from asbuilt.built.supply.actions.stating import Stated, moment, refuse_many, state
from asbuilt.built.supply.standing import LIFE_CELLS
from asbuilt.ledger.recording import Entry


def handle_packages(
    actor: Actor,
    *,
    packages: Sequence[str],
    event: str,
    readings: Mapping[str, float] | None = None,
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Stated:
    """It happened to these packages. A bake says temperature_c and hours, a dry cabinet rh_percent_max."""
    actor.require(PACKAGE_HANDLE)
    refuse_many("packages", len(packages))
    measured = json.dumps(dict(readings), sort_keys=True) if readings else ""
    said = {"packages": list(packages), "event": event, "readings": measured, "happened_at": happened_at}

    def rows(entry: Entry):
        cells = {"event": event, "readings": measured, "operator": badge(actor), "happened_at": moment(happened_at)}
        return {"handling": [{"package": code, **cells} for code in packages]}

    return state(actor, events.HANDLED, said, rows, request_key=request_key)


def say_lives(
    actor: Actor,
    *,
    part: str = "",
    package: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
    **cells: str,
) -> Stated:
    """How long a part or one package lasts: `LIFE_CELLS` as texts, those left out say nothing.

    Of a package whoever receives may say it, of a part a quality lead. TypeError for a cell that is none.
    """
    actor.require(PACKAGE_RECEIVE if package else PACKAGE_DECIDE)
    unknown = set(cells) - set(LIFE_CELLS)
    if unknown:
        raise TypeError(f"lives have no {', '.join(sorted(unknown))}")
    said = {"part": part, "package": package, **cells}

    def rows(entry: Entry):
        return {"lives": [{**said, "operator": badge(actor), "happened_at": moment(happened_at)}]}

    return state(actor, events.LIVES_SAID, {**said, "happened_at": happened_at}, rows, request_key=request_key)
