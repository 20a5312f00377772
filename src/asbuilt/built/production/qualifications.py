"""Reads of qualifications: who holds what until when, and what somebody lacks for a step.

A qualification holds from its grant to the end of its last day, in UTC; without a last day it has no end. Of several rows for a
person and a qualification the one that holds longest counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.access.people import People
from asbuilt.kernel.instants import format_instant
from asbuilt.storage import reading

LIST_MAX = 2_000
_COLUMNS = (
    'person, qualification, level, certificate, issuer, file, sha256, valid_until, operator, granted_at, entry, "row"'
)


@dataclass(frozen=True)
class QualificationRow:
    """A qualification of a person; people by number, `valid_until` its last day or empty."""

    person: int | None
    qualification: str
    level: str
    certificate: str
    issuer: str
    file: str
    sha256: str
    valid_until: str
    operator: int | None
    granted_at: int
    entry: int
    row: int

    def holds(self, at: int) -> bool:
        """Whether it holds at an instant."""
        return self.granted_at <= at and (not self.valid_until or format_instant(at)[:10] <= self.valid_until)


@dataclass(frozen=True)
class Lack:
    """What an operator lacks for a step: `until` is the last day on which it held, empty where it never did yet."""

    qualification: str
    operator: str
    until: str = ""

    @property
    def words(self) -> str:
        """Who lacks what, and until when it was valid."""
        if not self.operator:
            return f"It needs {self.qualification}, and nobody is named who does it."
        if self.until:
            return f"{self.operator} lacks {self.qualification}: it was valid until {self.until}."
        return f"{self.operator} lacks {self.qualification}: none is recorded."

    @property
    def remedy(self) -> str:
        """What to do."""
        if not self.operator:
            return "Scan the badge of whoever does it."
        return f"Let somebody do it who has {self.qualification}. A quality lead records its renewal on the page Qualifications."


def qualifications(tenant: int, person: int | None = None) -> list[QualificationRow]:
    """Qualifications that stand, by person, the newest first, up to 2,000. One statement."""
    sql = f"SELECT {_COLUMNS} FROM production_qualification WHERE tenant = %s AND until_entry IS NULL"
    params: tuple = (tenant,)
    if person is not None:
        sql, params = sql + " AND person = %s", (tenant, person)
    sql += ' ORDER BY person, qualification, granted_at DESC, entry DESC, "row" DESC LIMIT %s'
    return [QualificationRow(*row) for row in reading.fetch(sql, (*params, LIST_MAX))]


def lacking(tenant: int, operator: str, needed: Iterable[str], at: int) -> list[Lack]:
    """What of these qualifications the operator with this badge lacks at an instant. Two statements, none for no need."""
    wanted = list(needed)
    if not wanted:
        return []
    person = _person(tenant, operator)
    mine = qualifications(tenant, person) if person is not None else []
    found = []
    for name in wanted:
        rows = [row for row in mine if row.qualification == name]
        if not any(row.holds(at) for row in rows):
            ended = [row.valid_until for row in rows if row.valid_until and row.granted_at <= at]
            found.append(Lack(name, operator, max(ended, default="")))
    return found


def _person(tenant: int, code: str) -> int | None:
    sql = "SELECT number FROM access_person WHERE tenant = %s AND code = %s"
    row = reading.fetch_one(sql, (tenant, code)) if code else None
    return row[0] if row else None


def badges(tenant: int, rows: Iterable[QualificationRow]) -> dict[int, str]:
    """Person -> badge, of those who are named; who was erased is left out. One statement."""
    return People(tenant, 0).codes(number for row in rows for number in (row.person, row.operator))
