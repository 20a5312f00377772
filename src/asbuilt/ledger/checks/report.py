"""What a verification found, and what it did not look at."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from asbuilt.kernel.errors import Tampered

FINDINGS_MAX = 1000


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was recorded: a code, a sentence, and where (entry, shape, row, table, serial …)."""

    code: str
    what: str
    where: dict = field(default_factory=dict)

    def as_json(self) -> dict:
        """The finding as `--format json` prints it."""
        return {"code": self.code, "what": self.what, "where": self.where}


@dataclass
class Report:
    """Findings are faults, information is not (erased by the rules). The first thousand are kept, all are counted."""

    findings: list[Finding] = field(default_factory=list)
    information: list[Finding] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)
    total: int = 0

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return self.total == 0

    def add(self, code: str, what: str, **where) -> None:
        """A fault."""
        self.take([Finding(code, what, where)])

    def take(self, found: Iterable[Finding]) -> None:
        """Faults that were found elsewhere."""
        for finding in found:
            self.total += 1
            if len(self.findings) < FINDINGS_MAX:
                self.findings.append(finding)

    def tell(self, code: str, what: str, **where) -> None:
        """Something to know that is no fault."""
        if len(self.information) < FINDINGS_MAX:
            self.information.append(Finding(code, what, where))

    def as_json(self) -> dict:
        """The report as `--format json` prints it."""
        return {
            "clean": self.clean,
            "total": self.total,
            "findings": [finding.as_json() for finding in self.findings],
            "information": [finding.as_json() for finding in self.information],
            "not_checked": self.not_checked,
            "counts": dict(self.counts),
        }

    def refuse(self) -> None:
        """Raise Tampered where there is a finding."""
        if self.clean:
            return
        places = "1 place of the record is" if self.total == 1 else f"{self.total:,} places of the record are"
        raise Tampered(
            "ledger.record_changed",
            f"{places} not as recorded. First: {self.findings[0].what}",
            {"findings": [finding.as_json() for finding in self.findings], "total": self.total},
            "Restore what is named from a backup, and find out who changed it.",
        )


def compare_rows(
    table: str, columns: Sequence[str], key: int, expected: Iterable[tuple], found: Iterable[tuple]
) -> Iterator[Finding]:
    """Compare a table with what it should hold, row by row.

    Both streams hold tuples of `columns`, ascending by their first `key` columns, which name a row. Each row that is
    missing, too many or different is named, with the columns that differ. For the rebuilt projections of rooms.
    """
    wanted, there = iter(expected), iter(found)
    left, right = next(wanted, None), next(there, None)
    while left is not None or right is not None:
        if right is None or (left is not None and left[:key] < right[:key]):
            yield _row_finding("ledger.projection_row_missing", "is missing", table, columns, key, left)
            left = next(wanted, None)
        elif left is None or right[:key] < left[:key]:
            yield _row_finding("ledger.projection_row_unrecorded", "was never recorded", table, columns, key, right)
            right = next(there, None)
        else:
            if tuple(left) != tuple(right):
                wrong = [name for name, a, b in zip(columns, left, right, strict=True) if a != b]
                what = f"is not what was recorded ({', '.join(wrong)})"
                yield _row_finding("ledger.projection_row_changed", what, table, columns, key, right, wrong)
            left, right = next(wanted, None), next(there, None)


def _row_finding(code, what, table, columns, key, row, wrong=()) -> Finding:
    shown = {name: value.hex() if isinstance(value, bytes) else value for name, value in zip(columns, row, strict=True)}
    name = " ".join(f"{column}={shown[column]}" for column in columns[:key])
    where = {"table": table, "key": {column: shown[column] for column in columns[:key]}, "columns": list(wrong)}
    return Finding(code, f"{table} {name} {what}.", where)
