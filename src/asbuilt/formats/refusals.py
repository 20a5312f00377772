"""Refusals: the list of wrong rows that a file ends with, counted in full and named up to a limit."""

from asbuilt.kernel.errors import Invalid, RowError

ERRORS_NAMED_MAX = 200


class ErrorList:
    """Wrong rows of one file: the first `limit` are kept as RowError, all are counted, in errors and in rows.

    `rows_read` is how many rows the file has so far. Readers of upper rooms add what only they can know (an unknown
    part, a serial number given twice) to the same list, so that a person sees everything that is wrong at once.
    """

    def __init__(self, limit: int = ERRORS_NAMED_MAX):
        self.limit = limit
        self.rows: list[RowError] = []
        self.total = 0
        self.rows_read = 0
        self._wrong_lines = 0
        self._last_line: int | None = None

    def add(
        self, code: str, file: str, line: int | None, column: str | None, value: str, reason: str, remedy: str = ""
    ) -> None:
        """Count one error and, below the limit, keep it."""
        self.total += 1
        # Errors of one line are reported one after the other, so a change of line is a further wrong row.
        if line != self._last_line:
            self._wrong_lines += 1
            self._last_line = line
        if len(self.rows) < self.limit:
            self.rows.append(RowError(code, file, line, column, value, reason, remedy))

    def raise_if_any(self, file: str) -> None:
        """Raise Invalid `tables.rows_refused` where something is wrong; nothing otherwise."""
        if not self.total:
            return
        wrong = "1 row is wrong" if self._wrong_lines == 1 else f"{self._wrong_lines:,} rows are wrong"
        raise Invalid(
            "tables.rows_refused",
            f"{file}: {wrong}, none of {self.rows_read:,} was stored.",
            {"file": file, "rows_wrong": self._wrong_lines, "rows": self.rows_read},
            "Mend the rows named and import the file again.",
            rows=self.rows,
            total=self.total,
        )
