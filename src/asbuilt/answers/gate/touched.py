"""What was done to units that earlier evidence knows nothing of: programming, in order and with what failed, and the last rework.

A rework is a part that was replaced, a unit that was taken out of it and what was put into it after that, a repair that a machine or a return tells of, and a disposition to rework or repair, from its approval
on (nothing is reworked before; from when it was carried out where the approval was withdrawn from the record) once it was carried out. Tests that began before it say nothing of the unit as it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from pyroaring import BitMap

from asbuilt.built.programming.running import Pass, may_be_last
from asbuilt.designed.firmware.queries import APP
from asbuilt.questions.genealogy.evaluating.view import View, joined
from asbuilt.storage import reading

_PASS = 0
NOTHING: Mapping[int, int] = {}


def opened_again(view: View, units: BitMap) -> list[tuple[int, int, int]]:
    """(unit, when, entry) of these units: something was taken out of it, or put into it after that. A statement a joined span, none without assemblies."""
    if not view.has_assemblies:
        return []
    sql = (
        "SELECT a.parent, a.happened_at, a.removed_at, r.since, a.entry FROM production_assembly a JOIN (SELECT r.parent, min(r.removed_at) AS since "
        f"FROM production_assembly r WHERE r.tenant = %s AND r.parent >= %s AND r.parent < %s AND r.removed_at IS NOT NULL{view.seen('r')} "
        f"GROUP BY r.parent) r ON r.parent = a.parent WHERE a.tenant = %s{view.seen('a')}"
    )
    found = []
    for low, high in joined(units):
        for unit, put_in, taken_out, since, entry in reading.fetch(sql, (view.tenant, low, high, view.tenant)):
            if unit in units:
                at = max(put_in if put_in >= since else since, taken_out or since)
                found.append((unit, at, entry))
    return found


class Touched:
    """Programming of the units, and when each was reworked last; `loaded_by` and `reworked_by`: the last entry that said so, where rows of a unit
    do. One statement for each joined span."""

    def __init__(
        self,
        view: View,
        units: BitMap,
        repairs: Iterable[tuple[int, int, int, int]] = (),
        top: Mapping[int, int] = NOTHING,
    ):
        """`repairs` are process runs that repaired something: first unit, until unit, when, entry. `top` says of an inner unit with which outer one
        it leaves: what was taken out of it, or put into it after that, was done to the outer one too."""
        self.records: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
        self.reworked: dict[int, int] = {}
        self.loaded_by: dict[int, int] = {}
        self.reworked_by: dict[int, int] = {}
        self._last: dict[tuple[str, int], bool] = {}
        self._laid: set[int] = set()
        self._told: dict[int, list[Pass]] = defaultdict(list)
        over = "{0}.tenant = %s AND {0}.unit >= %s AND {0}.unit < %s"
        sql = (
            'SELECT p.unit, p.unit + 1, coalesce(p.laid_at, p.happened_at), p.release, f.role, p.result, p.entry, p."row", p.happened_at FROM programming_record p JOIN '
            f"firmware_release f ON f.tenant = p.tenant AND f.number = p.release WHERE {over.format('p')}{view.seen('p')} "
            "UNION ALL SELECT r.unit, r.unit + 1, r.happened_at, NULL, NULL, 0, r.entry, 0, 0 FROM production_replacement r "
            f"WHERE {over.format('r')}{view.seen('r')} "
            "UNION ALL SELECT b.unit, b.unit + 1, b.happened_at, NULL, NULL, 0, b.entry, 0, 0 FROM shipping_return b "
            f"WHERE {over.format('b')} AND b.event = 'repaired'{view.seen('b')} "
            "UNION ALL SELECT u.first_unit, u.until_unit, d.decided_at, NULL, NULL, 0, d.entry, 0, 0 FROM quality_nonconformity_unit u "
            "JOIN quality_disposition d ON d.tenant = u.tenant AND d.nonconformity = u.nonconformity AND d.disposition = u.disposition "
            "JOIN quality_disposition c ON c.tenant = u.tenant AND c.nonconformity = u.nonconformity AND c.disposition = u.disposition "
            "AND c.step = 'carried_out' WHERE u.tenant = %s AND u.until_unit > %s AND u.first_unit < %s AND u.disposition <> '' "
            "AND d.decision IN ('rework', 'repair') AND (d.step = 'approved' OR (d.step = 'carried_out' AND NOT EXISTS "
            "(SELECT 1 FROM quality_disposition a WHERE a.tenant = d.tenant AND a.nonconformity = d.nonconformity "
            f"AND a.disposition = d.disposition AND a.step = 'approved'{view.seen('a')})))"
            f"{view.seen('u')}{view.seen('d')}{view.seen('c')} ORDER BY 3, 9, 7, 8"
        )
        for span in joined(units):
            for first, until, at, release, role, result, entry, row, told in reading.fetch(
                sql, (view.tenant, *span) * 4
            ):
                if release is None:
                    self._rework(first, until, at, units, entry)
                else:
                    self.loaded_by[first] = max(entry, self.loaded_by.get(first, 0))
                    self._last[role or APP, first] = result == _PASS
                    if result == _PASS:
                        self.records[first].append((at, release, role or APP))
                        self._told[first].append(Pass(told, entry, row, (release,), None if at == told else at))
                        if at != told:
                            self._laid.add(first)
        for first, until, at, entry in repairs:
            self._rework(first, until, at, units, entry)
        for unit, at, entry in opened_again(view, units):
            for one in {unit, top.get(unit, unit)}:
                self._rework(one, one + 1, at, units, entry)

    def _rework(self, first: int, until: int, at: int, units: BitMap, entry: int) -> None:
        for unit in units & BitMap(range(first, until)) if until - first > 1 else (first,):
            self.reworked[unit] = max(at, self.reworked.get(unit, at))
            self.reworked_by[unit] = max(entry, self.reworked_by.get(unit, 0))

    def on(self, unit: int, at: int | None = None) -> dict[str, int]:
        """Role -> release that the unit runs, now or at an instant."""
        if unit not in self._laid:
            return {role: release for when, release, role in self.records.get(unit, ()) if at is None or when <= at}
        return {role: may_be_last(passes)[-1].key[0] for role, passes in self._by_role(unit, at).items()}

    def ahead(self) -> dict[str, BitMap]:
        """Role -> units that may run either of two releases, as one programming lay ahead of when it was recorded. Where both wrote one release,
        or nothing else was written, it is known what runs, whatever the clock said."""
        found: dict[str, BitMap] = defaultdict(BitMap)
        for unit in self._laid:
            for role, passes in self._by_role(unit, None).items():
                if len({one.key for one in may_be_last(passes)}) > 1:
                    found[role].add(unit)
        return found

    def _by_role(self, unit: int, at: int | None) -> dict[str, list[Pass]]:
        by_role: dict[str, list[Pass]] = defaultdict(list)
        for (when, _, role), one in zip(self.records[unit], self._told[unit], strict=True):
            if at is None or when <= at:
                by_role[role].append(one)
        return by_role

    def failed(self) -> dict[str, BitMap]:
        """Role -> units whose last programming of it did not pass: it may have stopped in the middle."""
        found: dict[str, BitMap] = defaultdict(BitMap)
        for (role, unit), passed in self._last.items():
            if not passed:
                found[role].add(unit)
        return found
