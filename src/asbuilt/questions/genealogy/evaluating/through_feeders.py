"""The term `feeder:`: units that carry what came through this feeder, as sure as their material runs are.

    feeder:12      of any machine         feeder:P1/12   of machine P1

A material term like `lot:`, but of the run and not of the package: each run over a unit at a position is a candidate, and fits where it names
the feeder. A run that names none may have come through it: *unrecorded*, at positions that admit a part which the feeder ever fed, as where
there is no run at all. A replacement came through no feeder. Beside an `at:` it speaks of the same run as `lot:` and the others.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.kernel.errors import NotFound
from asbuilt.questions.genealogy.evaluating.history import floor_names, floor_numbers
from asbuilt.questions.genealogy.evaluating.naming import either, unknown
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.saying import quoted
from asbuilt.questions.genealogy.words.terms import gettext_noop as _
from asbuilt.storage import reading

MACHINES_SAID_MAX = 5

Place = tuple[int | None, int]  # a machine, None: any; a feeder


@dataclass(frozen=True)
class Through:
    """The feeders that a run must have come through: one of each set. `besides`: packages that match the other terms of the bracket and
    those that may; None where there are none."""

    wanted: tuple[frozenset[Place], ...]
    besides: tuple[frozenset[int], frozenset[int]] | None = None

    def fits(self, machine: int | None, feeder: int | None) -> bool | None:
        """Whether a run with this machine and feeder fits; None: it does not say."""
        found = [_any(_at(place, machine, feeder) for place in places) for places in self.wanted]
        return False if False in found else None if None in found else True

    def package(self, number: int) -> bool | None:
        """Whether a package fits the other terms; None: not known."""
        if self.besides is None or number in self.besides[0]:
            return True
        return None if number in self.besides[1] else False


def _at(place: Place, machine: int | None, feeder: int | None) -> bool | None:
    asked, of_feeder = place
    if (feeder is not None and feeder != of_feeder) or (asked is not None and machine not in (None, asked)):
        return False
    return None if feeder is None or (asked is not None and machine is None) else True


def _any(found: Iterable[bool | None]) -> bool | None:
    found = set(found)
    return True if True in found else None if None in found else False


@dataclass(frozen=True)
class Fed:
    """What a `feeder:` means: its places, the packages with a run that fits or does not say, the parts that ever came through."""

    places: frozenset[Place]
    packages: frozenset[int]
    parts: frozenset[int]


def fed_by(view: View, values) -> Fed:
    """The packages and parts of these feeders. Two statements, and a few a name."""
    named = {value.text: _places(view, value.text) for value in values}
    places = frozenset().union(*named.values())
    sql = "SELECT DISTINCT r.package, r.machine, r.feeder FROM production_material_run r WHERE r.tenant = %s AND "
    wanted = reading.list_param(sorted({feeder for _, feeder in places}))
    rows = reading.fetch(sql + reading.any_of("r.feeder") + view.seen("r"), (view.tenant, wanted)) if places else []
    if view.few is None:  # a hold reads no notes
        _say_which(view, named, rows)
    asked = Through((places,))
    through = {package for package, *place in rows if asked.fits(*place)}
    sql = "SELECT DISTINCT p.part FROM supply_package p WHERE p.tenant = %s AND " + reading.any_of("p.number")
    parts = [part for (part,) in reading.fetch(sql, (view.tenant, reading.list_param(sorted(through))))]
    # the packages first: silent runs of other parts may be many, and none of their positions admits what came through
    sql = (
        "SELECT DISTINCT r.package FROM production_material_run r WHERE r.tenant = %s AND r.feeder IS NULL AND r.package IN "
        f"(SELECT p.number FROM supply_package p WHERE p.tenant = %s AND {reading.any_of('p.part')}){view.seen('r')}"
    )
    silent = reading.fetch(sql, (view.tenant, view.tenant, reading.list_param(parts))) if parts else []
    may = {package for package, *place in rows if asked.fits(*place) is None} | {package for (package,) in silent}
    return Fed(places, frozenset(through | may), frozenset(parts))


def places_named(view: View, values) -> frozenset[Place]:
    """The places of these feeders."""
    return frozenset().union(*(_places(view, value.text) for value in values))


def _places(view: View, text: str) -> frozenset[Place]:
    """What the name means: a feeder of any machine, else MACHINE/FEEDER; none where a program or a mount names it and no run did.

    NotFound for a name that nothing has.
    """
    if feeder := _number(view, "feeder", text):
        return frozenset({(None, feeder)})
    for cut in (place for place, letter in enumerate(text) if letter == "/"):
        machine, feeder = _number(view, "machine", text[:cut]), _number(view, "feeder", text[cut + 1 :])
        if machine and feeder and _has(view, machine, feeder):
            return frozenset({(machine, feeder)})
    if not _is_set_up(view, text):
        names = [name for _, name in floor_names(view, ("feeder",))] if view.visible is None else ()
        raise unknown("feeder", text, names)
    return frozenset()


def _number(view: View, kind: str, text: str) -> int | None:
    try:
        found = floor_numbers(view, text, kind).get(kind, ()) if text else ()
    except NotFound:
        return None
    return found[0] if len(found) == 1 else None


def _has(view: View, machine: int, feeder: int) -> bool:
    sql = "SELECT 1 FROM production_material_run r WHERE r.tenant = %s AND r.feeder = %s AND r.machine = %s LIMIT 1"
    return bool(reading.fetch(sql, (view.tenant, feeder, machine)))


def _is_set_up(view: View, text: str) -> bool:
    """Whether a mount or a program names the feeder, alone or behind its machine: it may have fed nothing yet."""
    if view.visible is not None:
        return False
    named = "t.tenant = %s AND (lower(t.feeder) = lower(%s) OR lower(t.machine || '/' || t.feeder) = lower(%s))"
    tables = ("production_mount", "catalog_program_feeder")
    sql = " UNION ALL ".join(f"SELECT 1 FROM {table} t WHERE {named}{view.seen('t')}" for table in tables)
    return bool(reading.fetch(f"{sql} LIMIT 1", (view.tenant, text, text) * 2))


def _say_which(view: View, named: dict[str, frozenset[Place]], rows: list[tuple]) -> None:
    """A bare feeder that several machines have was asked of all of them: which, and the narrower forms."""
    for text, places in named.items():
        machines = {machine for _, machine, feeder in rows if (None, feeder) in places} - {None}
        if len(machines) < 2 or view.visible is not None:
            continue
        listed = reading.list_param(sorted(machines))
        sql = f"SELECT name FROM production_floor_name WHERE tenant = %s AND {reading.any_of('number')} ORDER BY name"
        names = [name for (name,) in reading.fetch(sql, (view.tenant, listed))][:MACHINES_SAID_MAX]
        forms = either(view, (f"feeder:{quoted(f'{name}/{text}')}" for name in names))
        note = view.say(_("Feeder {feeder} is on {count} machines: {said}. Answered for all. Narrower: {forms}."))
        said = "; ".join(names)
        view.notes.append(note.format(feeder=text, count=view.number(len(machines)), said=said, forms=forms))
