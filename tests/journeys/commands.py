"""The journeys' way to the command line: the real command, in a process of its own."""

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path

from forked import commands

ASBUILT = Path(sys.executable).parent / "asbuilt"


def run(place, *arguments, expect: int = 0, cwd=None) -> str:
    """What `asbuilt …` prints on a home; its exit code must be `expect`, and nobody ever sees a traceback."""
    code, out, err = commands().run(list(arguments), place.env(), cwd)
    return _said(arguments, code, out.decode(), err.decode(), expect)


def run_json(place, *arguments) -> dict:
    """The one JSON document that a command with --format json prints."""
    return json.loads(run(place, *arguments, "--format", "json"))


def started(place, *arguments, expect: int = 0) -> str:
    """The same, begun as people begin it: the program, with all of its start."""
    command = [str(ASBUILT), *map(str, arguments)]
    done = subprocess.run(
        command, env=place.env(), capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL
    )
    return _said(arguments, done.returncode, done.stdout, done.stderr, expect)


def started_json(place, *arguments) -> dict:
    """The same as JSON."""
    return json.loads(started(place, *arguments, "--format", "json"))


def _said(arguments, code: int, out: str, err: str, expect: int) -> str:
    assert code == expect, (arguments, code, out[-2000:], err[-2000:])
    assert "Traceback" not in out + err
    return out


def answers_of(place, questions, keys) -> dict[str, dict]:
    """Question -> these parts of its answer, asked inside this process: a command a question would take minutes."""
    from asbuilt.access.actor import local_system
    from asbuilt.access.queries import tenant_of_slug
    from asbuilt.questions.genealogy.answering.answers import ask

    place.enter()
    actor = local_system(tenant_of_slug("main").number)
    found = {question: ask(actor, question, serials=True).as_dict() for question in questions}
    return {question: {key: said[key] for key in keys} for question, said in found.items()}


def here(*arguments, expect: int = 0) -> str:
    """What `asbuilt …` prints, run inside this process on the home that it is in: its clock may be set, and it starts at once."""
    from asbuilt.doors.cli.main import main

    out, err, code = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([*map(str, arguments)])
        except SystemExit as leaving:
            code = leaving.code or 0
    out.flush()
    said = out.buffer.getvalue().decode()
    assert code == expect, (arguments, code, said[-2000:], err.getvalue()[-2000:])
    return said


def here_json(*arguments) -> dict:
    """The same as JSON."""
    return json.loads(here(*arguments, "--format", "json"))
