"""Machine programs: what a machine places on a side of a hardware revision, feeder by feeder.

    program = program_in_force(tenant, revision, "P&P-1", side="top")
    program.feeder("12").positions                     # ("R1", "R2", "R7")

Of several programs of a machine for one side the one recorded last is in force; a pass may name another. A side that nobody
names follows from the machine, where it has programs for one side only.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import Refused
from asbuilt.storage import reading


@dataclass(frozen=True)
class Feeder:
    """A feeder position of a program: what it places, and the pieces of a splice's grey zone there (None: not said)."""

    feeder: str
    positions: tuple[str, ...]
    grey_pieces: int | None = None


@dataclass(frozen=True)
class Program:
    """A program of one machine for one side of a hardware revision."""

    revision: int
    side: str
    machine: str
    name: str
    feeders: tuple[Feeder, ...] = field(hash=False)

    def feeder(self, name: str) -> Feeder | None:
        """The feeder position of this name, or None."""
        return next((one for one in self.feeders if one.feeder == name), None)


def programs_of(tenant: int, revision: int, machine: str | None = None) -> list[Program]:
    """The programs of a hardware revision, of one machine or of all, the one recorded last first. Two statements."""
    sql = (
        'SELECT side, machine, program, feeder, "group", grey_pieces, entry FROM catalog_program_feeder WHERE tenant = %s '
        "AND revision = %s AND until_entry IS NULL" + ("" if machine is None else " AND machine = %s")
    )
    rows = reading.fetch(sql + ' ORDER BY entry, "row"', (tenant, revision, *([] if machine is None else [machine])))
    labels = PositionGroups(tenant).labels({row[4] for row in rows})
    feeders: dict[tuple[str, str, str], list[Feeder]] = defaultdict(list)
    last: dict[tuple[str, str, str], int] = {}
    for side, at, name, feeder, group, grey, entry in rows:
        feeders[side, at, name].append(Feeder(feeder, tuple(labels[group].split(" ")), grey))
        last[side, at, name] = entry
    return [Program(revision, *key, tuple(feeders[key])) for key in sorted(last, key=lambda key: -last[key])]


def program_in_force(tenant: int, revision: int, machine: str, side: str = "", name: str = "") -> Program | None:
    """The program that a machine runs for this revision and side; None where it has none for the revision at all.

    Refused: it has none for that side or of that name; it has one for each side and nobody says which. Two statements.
    """
    return chosen_program(programs_of(tenant, revision, machine) if machine else [], machine, side, name)


def chosen_program(found: Sequence[Program], machine: str, side: str = "", name: str = "") -> Program | None:
    """The one in force of a machine's programs, the last recorded first; refused as `program_in_force`. Pure."""
    if not found:
        return None
    facts = {"machine": machine, "side": side, "program": name}
    here = [one for one in found if not side or one.side == side.casefold()]
    if not here:
        said = f"{machine} has no program for the {side} side; it has one for {found[0].side}."
        raise Refused("catalog.program_side", said, facts, "Choose the side that the machine works on.")
    named = [one for one in here if not name or one.name == name]
    if not named:
        names = sorted({one.name for one in here})
        remedy = did_you_mean(name, names) or f"Its programs are {', '.join(names[:5])}."
        raise Refused("catalog.program_unknown", f"{machine} has no program {name[:80]} here.", facts, remedy)
    if len({one.side for one in named}) > 1:
        said = f"{machine} has programs for both sides."
        raise Refused("catalog.program_side_open", said, facts, "Say which side: top or bottom.")
    return named[0]


def machines_with_programs(tenant: int) -> list[str]:
    """The machines that any program names, by name. One statement."""
    sql = (
        "SELECT DISTINCT machine FROM catalog_program_feeder WHERE tenant = %s AND until_entry IS NULL ORDER BY machine"
    )
    return [machine for (machine,) in reading.fetch(sql, (tenant,))]


def programs_kept(tenant: int) -> list[tuple]:
    """Every row with the codes of product and revision and the group's number, for rebuilding. One statement."""
    sql = (
        'SELECT p.code, r.code, t.side, t.machine, t.program, t.feeder, t."group", t.grey_pieces, t.entry, t."row", '
        "t.until_entry FROM catalog_program_feeder t JOIN catalog_revision r ON r.tenant = t.tenant AND r.number = t.revision "
        "JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product WHERE t.tenant = %s"
    )
    return reading.fetch(sql, (tenant,))
