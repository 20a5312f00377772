"""Ranges of date codes, both ends in them: codes of one form (digits only, equally many) have an order, others have none."""

from typing import NamedTuple


class DateRange(NamedTuple):
    """From .. until as printed; an empty end is open. Both empty: every date code, also one that is not known."""

    low: str
    high: str

    @property
    def open(self) -> bool:
        """Whether nothing is said of date codes."""
        return not (self.low or self.high)

    @property
    def right(self) -> bool:
        """Whether it is a range: digits, equally many at both ends, in order."""
        ends = [end for end in self if end]
        of_digits = all(end.isascii() and end.isdigit() for end in ends)
        return of_digits and len({len(end) for end in ends}) <= 1 and (len(ends) < 2 or self.low <= self.high)

    def holds(self, code: str) -> bool:
        """Whether a date code that is known lies in it."""
        return all(_ordered(code, end) for end in self if end) and self._around(code)

    def _around(self, code: str) -> bool:
        return (not self.low or self.low <= code) and (not self.high or code <= self.high)

    def meets(self, other: "DateRange") -> bool:
        """Whether a date code may lie in both."""
        if self.open or other.open:
            return True
        if len({len(end) for end in (*self, *other) if end}) > 1:
            return False
        return (not self.low or not other.high or self.low <= other.high) and (
            not other.low or not self.high or other.low <= self.high
        )


def _ordered(code: str, end: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) == len(end)
