"""What a person sees when a command cannot do what it was asked.

A refusal is text on standard error and, with `--format json`, a problem document (RFC 9457) on standard output. Anything
unexpected is a bug of ours: it gets a request ID; its traceback goes to the log file in the home and nowhere else.
"""

import json
import os
import secrets
import sys
import tempfile
import time
import traceback
from pathlib import Path

from asbuilt.kernel.errors import AsbuiltError, Unavailable
from asbuilt.storage.databases import home

LOG_FILE = "errors.log"
BROKEN = 1


def tell(error: Exception, in_json: bool) -> int:
    """Say what went wrong; returns the exit code."""
    known = error if isinstance(error, AsbuiltError) else _as_refusal(error)
    if known is None:
        return _broken(error, in_json)
    if in_json:
        # what was done before the refusal, such as the files already loaded, belongs to the same document
        print_json({**known.as_problem(), **getattr(known, "done", {})})
    print(known.as_text(), file=sys.stderr)
    return known.exit_code


def tell_usage() -> None:
    """The problem document of a command line that the parser refused; its text is on standard error already."""
    print_json({
        "type": "https://asbuilt.example/errors/cli.usage", "title": "Not valid", "status": 422, "code": "cli.usage",
        "detail": "The command line is not one that asbuilt knows; standard error says why.", "facts": {},
        "remedy": "Run the command with --help.", "errors": [],
    })  # fmt: skip


def print_json(document: object) -> None:
    """One JSON document and a line end on standard output."""
    print(json.dumps(document, ensure_ascii=False, indent=2, default=str))


def _as_refusal(error: Exception) -> AsbuiltError | None:
    """Databases, disks and folders fail for reasons outside; those have a remedy and are no bug."""
    if isinstance(error, PermissionError):
        said = f"{error.filename or 'A file'} may not be read or written by you."
        return Unavailable("cli.not_permitted", said, remedy="Run the command as the owner of the folder.")
    if isinstance(error, OSError) and error.filename:
        said = f"{error.filename}: {error.strerror or 'cannot be used'}."
        return Unavailable(
            "cli.file_unusable", said, {"file": str(error.filename)}, "Look at its name, place and room."
        )
    if type(error).__module__ == "django.db.utils" and (
        type(error).__name__ in ("OperationalError", "InterfaceError") or _not_our_tables(error)
    ):
        said = " ".join(str(error).split())[:300] or "it does not answer"
        return Unavailable(
            "cli.database_unavailable",
            f"The database cannot be used: {said}.",
            remedy="Run `asbuilt check`; where nothing was opened yet, or after an update of Asbuilt, run `asbuilt init`.",
        )
    return None


def _not_our_tables(error: Exception) -> bool:
    """PostgreSQL was asked for a table or column that is not there: nobody opened this database, or an older Asbuilt did."""
    return getattr(error.__cause__, "sqlstate", None) in ("42P01", "42703")


def _broken(error: Exception, in_json: bool) -> int:
    request = secrets.token_hex(6)
    place = _write_log(request, error)
    said = "Something broke on our side. Nothing that was not finished is stored."
    remedy = f"Report it with the request ID {request}; details are in {place}."
    if in_json:
        print_json({
            "type": "https://asbuilt.example/errors/cli.broken", "title": "Error", "status": 500, "code": "cli.broken",
            "detail": said, "facts": {"request": request}, "remedy": remedy, "errors": [],
        })  # fmt: skip
    print(f"{said} [cli.broken]\nRequest ID {request}\n{remedy}", file=sys.stderr)
    return BROKEN


def _write_log(request: str, error: Exception) -> Path:
    folder = home() if home().is_dir() and os.access(home(), os.W_OK) else Path(tempfile.gettempdir())
    file = folder / LOG_FILE
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    with open(handle, "a", encoding="utf-8") as out:
        out.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} request {request}\n")
        traceback.print_exception(error, file=out)
    return file
