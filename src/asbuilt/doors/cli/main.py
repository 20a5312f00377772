"""The entry point: which commands there are, and what becomes of an error.

Modules of rooms are imported inside the commands, so that `asbuilt --help` and `asbuilt ask` start at once.
"""

import os
import sys

import typer

from asbuilt.doors.cli import asking, facts, log, record, tables, verifying
from asbuilt.doors.cli.failing import tell, tell_usage
from asbuilt.doors.cli.words import as_question
from asbuilt.kernel.errors import AsbuiltError

INTERRUPTED = 130
BROKEN_PIPE = 141

app = typer.Typer(
    name="asbuilt",
    help="The as-built record of electronics: which units, which customers, with proof.",
    epilog="ASBUILT_HOME names the folder of database and blobs, ASBUILT_KEYS that of the keys, "
    "ASBUILT_DATABASE_URL a PostgreSQL database. Exit codes: 0 done, 2 not valid, 3 not found, 4 refused, "
    "5 not allowed, 6 not available, 7 tampered.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for name, command in (
    ("init", record.init),
    ("serve", record.serve),
    ("demo", record.demo),
    ("import", tables.import_tables),
    ("export", tables.export),
    ("ask", asking.ask),
    ("unit", asking.unit),
    ("lot", asking.lot),
    ("withdraw", facts.withdraw),
    ("correct", facts.correct),
    ("verify", verifying.verify),
    ("backup", record.backup),
    ("restore", record.restore),
    ("check", record.check),
):
    app.command(name)(command)
app.add_typer(log.app, name="ledger", help="The log: its signed head, proofs, and the check of the whole record.")
app.add_typer(facts.erasing, name="erase", help="Erase a person, a hidden value or a piece of evidence for good.")


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code; no traceback reaches the terminal."""
    arguments = as_question(sys.argv[1:] if arguments is None else arguments)
    in_json = _wants_json(arguments)
    try:
        app(arguments, prog_name="asbuilt")
    except AsbuiltError as error:
        sys.exit(tell(error, in_json))
    except SystemExit as leaving:
        if leaving.code == 2 and in_json:
            tell_usage()
        raise
    except KeyboardInterrupt:
        print("Stopped. What was not finished is not stored.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # who reads went away; writing what is left at exit would say so again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN_PIPE)
    except Exception as error:
        sys.exit(tell(error, in_json))


def _wants_json(arguments: list[str]) -> bool:
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    return any(word == "--format=json" or (word, after) == ("--format", "json") for word, after in pairs)


if __name__ == "__main__":
    main()
