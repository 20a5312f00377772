"""The entry point: which command is meant, and what becomes of an error.

Modules of rooms are imported inside the commands; a question and a label need no option parser either, so that
`asbuilt ask` and `asbuilt receive` start at once.
"""

import os
import sys

from asbuilt.doors.cli.failing import tell, tell_usage
from asbuilt.doors.cli.words import Asked, as_question, asked, scanned
from asbuilt.kernel.errors import AsbuiltError

INTERRUPTED = 130
BROKEN_PIPE = 141


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code; no traceback reaches the terminal."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        _run_and_tell(arguments)
    except BrokenPipeError:
        # who reads went away; writing what is left at exit would say so again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(BROKEN_PIPE)


def _run_and_tell(arguments: list[str]) -> None:
    in_json = _wants_json(arguments)
    try:
        _run(arguments)
        sys.stdout.flush()
    except AsbuiltError as error:
        _leave(tell(error, in_json))
    except SystemExit as leaving:
        if leaving.code == 2 and in_json:
            tell_usage()
        raise
    except KeyboardInterrupt:
        print("Stopped. What was not finished is not stored.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        raise
    except Exception as error:
        _leave(tell(error, in_json))
    finally:
        if "django.db" in sys.modules:  # nothing is loaded that the command did not need
            from asbuilt.access.closing import close_record

            close_record()


def _leave(code: int) -> None:
    sys.stdout.flush()
    sys.exit(code)


def _run(arguments: list[str]) -> None:
    question = asked(arguments)
    if isinstance(question, Asked):
        from asbuilt.doors.cli.answering import answer, answer_customers
        from asbuilt.doors.cli.printing import Format

        if question.customers_only:
            answer_customers(question.question, question.as_of, Format(question.format))
            return
        answer(question.question, question.as_of, question.serials, Format(question.format))
        return
    label = scanned(arguments)
    if label is not None:
        from asbuilt.doors.cli.labels import tell_label
        from asbuilt.doors.cli.printing import Format

        tell_label(label.label, Format(label.format))
        return
    from asbuilt.doors.cli.commands import group_for

    words = as_question(arguments)
    group_for(words[0] if words else "")(words, prog_name="asbuilt")


def _wants_json(arguments: list[str]) -> bool:
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    return any(word == "--format=json" or (word, after) == ("--format", "json") for word, after in pairs)


if __name__ == "__main__":
    main()
