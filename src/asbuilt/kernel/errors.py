"""Errors: what Asbuilt refuses, told so that the reader knows what, where and what to do.

    AsbuiltError              code, message, facts, remedy
    ├── Invalid               422, exit 2   what was given is wrong: rows with file, line, column, reason
    ├── NotFound              404, exit 3   there is no such thing, or it is another tenant's
    ├── Refused               409, exit 4   a rule says no
    │   ├── Conflict                        contradicts what is recorded
    │   └── Sealed                          closed for good, cannot change any more
    ├── NotAllowed            403, exit 5   signed in, without the right
    ├── NotSignedIn           401, exit 5   nobody is signed in
    ├── Unavailable           503, exit 6   not now: retry_after_seconds says when
    └── Tampered              500, exit 7   the record does not agree with its own hashes

A code is `room.reason` and never changes once published: it stands in the API, in `docs/reference/errors.md` and in the
exit of the command line. The message says what and where in one sentence, the remedy what to do. The API gets
`as_problem` (RFC 9457, problem+json), the terminal `as_text`; neither ever shows a traceback.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

PROBLEM_TYPE = "https://asbuilt.example/errors/"
VALUE_CHARACTERS_MAX = 80

_CODE = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+")
# what could move the cursor, recolour the terminal or turn the reading direction must not reach it from a foreign file
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class RowError:
    """One wrong row of a file: where, what stood there (at most 80 characters), why it is wrong, what to do."""

    code: str
    file: str
    line: int | None
    column: str | None
    value: str
    reason: str
    remedy: str = ""

    def __post_init__(self):
        if len(self.value) > VALUE_CHARACTERS_MAX:
            object.__setattr__(self, "value", self.value[: VALUE_CHARACTERS_MAX - 1] + "…")

    def as_text(self) -> str:
        """One line for the terminal: `units.csv line 3, serial: given twice ("SN7"). Give each unit its own.`"""
        place = self.file if self.line is None else f"{self.file} line {self.line}"
        if self.column is not None:
            place += f", {self.column}"
        shown = f' ("{self.value}")' if self.value else ""
        text = f"{place}: {self.reason.removesuffix('.')}{shown}"
        return f"{text}. {self.remedy}" if self.remedy else text


def printable(text: str) -> str:
    """The text with whatever could move a terminal's cursor or turn its reading direction written out."""
    return _UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], text)


class AsbuiltError(Exception):
    """Base of every refusal. Raise one of the classes below it."""

    http_status = 500
    exit_code = 1
    title = "Error"

    def __init__(self, code: str, message: str, facts: Mapping[str, object] | None = None, remedy: str = ""):
        """`facts` holds what a program may want to read: names to JSON values."""
        if not _CODE.fullmatch(code):
            raise ValueError(f"an error code is room.reason, not {code!r}")
        # all four in args, so that the error crosses process borders whole
        super().__init__(code, message, facts, remedy)
        self.code = code
        self.message = message
        self.facts = dict(facts or {})
        self.remedy = remedy

    def __str__(self) -> str:
        return self.message

    def as_problem(self, instance: str | None = None) -> dict:
        """The body of a problem+json answer (RFC 9457); `instance` names the request."""
        problem = {
            "type": PROBLEM_TYPE + self.code,
            "title": self.title,
            "status": self.http_status,
            "detail": self.message,
            "code": self.code,
            "facts": self.facts,
            "remedy": self.remedy,
            "errors": [],
        }
        if instance is not None:
            problem["instance"] = instance
        return problem

    def as_text(self) -> str:
        """What the terminal shows: the message, its particulars, the remedy, the code in brackets."""
        lines = [f"{self.message} [{self.code}]", *self._particulars()]
        if self.remedy:
            lines.append(self.remedy)
        return printable("\n".join(lines))

    def _particulars(self) -> list[str]:
        return []


class _WithRows(AsbuiltError):
    """`rows` names rows of a file, `total` counts all of them, which may be more."""

    def __init__(
        self,
        code: str,
        message: str,
        facts: Mapping[str, object] | None = None,
        remedy: str = "",
        rows: Sequence[RowError] = (),
        total: int | None = None,
    ):
        super().__init__(code, message, facts, remedy)
        self.rows = tuple(rows)
        self.total = len(self.rows) if total is None else total
        if self.total < len(self.rows):
            raise ValueError("total counts every error found, so it is never below the number of rows")

    def as_problem(self, instance: str | None = None) -> dict:
        """As for every error, with the rows in `errors` and their full number in `total`."""
        problem = super().as_problem(instance)
        problem["errors"] = [asdict(row) for row in self.rows]
        problem["total"] = self.total
        return problem

    def _particulars(self) -> list[str]:
        # a name or a cell with a line break must not look like a line of ours
        lines = ["  " + row.as_text().replace("\n", "\\n") for row in self.rows]
        if self.total > len(self.rows):
            lines.append(f"  and {self.total - len(self.rows):,} more")
        return lines


class Invalid(_WithRows):
    """What was given is wrong; `rows` names the wrong rows of a file."""

    http_status = 422
    exit_code = 2
    title = "Not valid"


class NotFound(AsbuiltError):
    """There is no such thing, or it is another tenant's: the answer is the same."""

    http_status = 404
    exit_code = 3
    title = "Not found"


class Refused(AsbuiltError):
    """A rule says no."""

    http_status = 409
    exit_code = 4
    title = "Refused"


class Conflict(_WithRows, Refused):
    """It contradicts what is recorded; `rows` names the rows of a file that do."""

    title = "Conflict"


class Sealed(Refused):
    """It was closed for good."""

    title = "Sealed"


class NotAllowed(AsbuiltError):
    """Whoever asks is known and lacks the right."""

    http_status = 403
    exit_code = 5
    title = "Not allowed"


class NotSignedIn(AsbuiltError):
    """Nobody is signed in."""

    http_status = 401
    exit_code = 5
    title = "Not signed in"


class Unavailable(AsbuiltError):
    """Not now; `retry_after_seconds` says when to try again, None where nobody knows."""

    http_status = 503
    exit_code = 6
    title = "Not available"

    def __init__(
        self,
        code: str,
        message: str,
        facts: Mapping[str, object] | None = None,
        remedy: str = "",
        retry_after_seconds: int | None = None,
    ):
        super().__init__(code, message, facts, remedy)
        self.retry_after_seconds = retry_after_seconds

    def as_problem(self, instance: str | None = None) -> dict:
        """As for every error, with `retry_after_seconds` where it is known."""
        problem = super().as_problem(instance)
        if self.retry_after_seconds is not None:
            problem["retry_after_seconds"] = self.retry_after_seconds
        return problem


class Tampered(AsbuiltError):
    """A record, proof or signature does not agree with its own hashes."""

    http_status = 500
    exit_code = 7
    title = "Tampered"
