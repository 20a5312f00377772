"""Processes that begin with what takes long already loaded: Django, the rooms' tables, the libraries.

A suite starts the command a thousand times, and each time two thirds of it are imports. Here one process a worker loads them once and forks:
what it forks is a process of its own, with its own environment, files and end; settings are read anew there. Commands whose start is
the matter (`start` bench, the journey of commands, whatever is killed) are started as people start them.

    commands().run(["ask", "lot:X"], env)                   -> (exit code, standard output, standard error)
    servers().serve(["serve", "--port", "8001"], env)       -> Begun: a server that goes on, until `stop`
"""

import ctypes
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

LIBRARIES = (
    "django.contrib.auth.hashers", "django.core.management", "django.db.models", "typer", "rich.console", "lark", "pyroaring", "psycopg",
    "cryptography.hazmat.primitives.asymmetric.ed25519", "cryptography.x509",
)  # fmt: skip
# what has settings of its own, runs elsewhere, or is a program
NOT_LOADED = ("asbuilt.site.", "asbuilt.station.", "asbuilt.doors.api.", "asbuilt.doors.web.")
MESSAGE_BYTES_MAX = 1 << 20


class Begun:
    """A process that was forked: its number, and its exit code once it ended."""

    def __init__(self, pid: int, said: socket.socket):
        self.pid, self._said, self._code = pid, said, None

    def wait(self, seconds: float) -> int:
        """Its exit code; TimeoutError where it goes on."""
        if self._code is None:
            self._said.settimeout(seconds)
            self._code = int(self._said.recv(16) or b"-9")
            self._said.close()
        return self._code

    def poll(self) -> int | None:
        """Its exit code, None while it goes on."""
        try:
            return self.wait(0.000_001)
        except TimeoutError:
            return None

    def send(self, number: int) -> None:
        """A signal, while it goes on."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def stop(self) -> None:
        """Ask it to end, and wait until it did."""
        self.send(signal.SIGTERM)
        self.wait(20)


class Loaded:
    """The process that has loaded these settings' rooms, and forks."""

    def __init__(self, settings: str):
        self._ask, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        words = [sys.executable, str(Path(__file__)), str(theirs.fileno()), settings]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ASBUILT_")}
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *words], env=environment, pass_fds=[theirs.fileno()]
        )
        theirs.close()

    def begin(self, words: list[str], env: dict, out, err, cwd=None) -> Begun:
        """Fork `asbuilt WORDS` with this environment; `out` and `err` are open files."""
        # a message each, the number and the exit code: as a stream both came in one where the command was quicker than we
        here, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        said = json.dumps({"words": list(map(str, words)), "env": env, "cwd": str(cwd or os.getcwd())}).encode()
        socket.send_fds(self._ask, [said], [out.fileno(), err.fileno(), theirs.fileno()])
        theirs.close()
        here.settimeout(60)
        return Begun(int(here.recv(16)), here)

    def serve(self, words: list[str], env: dict) -> Begun:
        """Fork a server, `asbuilt WORDS` or `gunicorn WORDS`; what it says is thrown away."""
        with open(os.devnull, "wb") as nothing:
            return self.begin(words, env, nothing, nothing)

    def run(self, words: list[str], env: dict, cwd=None, seconds: float = 120) -> tuple[int, bytes, bytes]:
        """Run `asbuilt WORDS` to its end."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            begun = self.begin(words, env, out, err, cwd)
            try:
                code = begun.wait(seconds)
            except TimeoutError:
                begun.send(signal.SIGKILL)
                raise
            out.seek(0), err.seek(0)
            return code, out.read(), err.read()


def asbuilt(words: list[str], env: dict) -> subprocess.CompletedProcess:
    """`asbuilt WORDS` to its end, told as subprocess tells it."""
    code, out, err = commands().run(words, env)
    return subprocess.CompletedProcess(["asbuilt", *words], code, out.decode(), err.decode())


@cache
def commands() -> Loaded:
    """What forks commands."""
    return Loaded("asbuilt.site.settings")


@cache
def servers() -> Loaded:
    """What forks servers."""
    return Loaded("asbuilt.site.web_settings")


# ---- on the other side


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _serve(ask: socket.socket, settings: str) -> None:
    while True:
        said, files, _, _ = socket.recv_fds(ask, MESSAGE_BYTES_MAX, 3)
        if not said:
            return
        if os.fork() == 0:
            ask.close()
            _die_with_parent()
            _watch(json.loads(said), files, settings)
        for file in files:
            os.close(file)
        while True:  # those that have ended meanwhile
            try:
                if os.waitpid(-1, os.WNOHANG) == (0, 0):
                    break
            except ChildProcessError:
                break


def _watch(said: dict, files: list[int], settings: str) -> None:
    """Fork once more, tell the number, wait, tell the exit code."""
    child = os.fork()
    if child == 0:
        _die_with_parent()
        os.setsid()
        with open(os.devnull) as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(files[0], 1), os.dup2(files[1], 2)
        for file in files:
            os.close(file)
        _become(said, settings)
    os.write(files[2], b"%d" % child)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.write(files[2], b"%d" % code)
    os._exit(0)


def _become(said: dict, settings: str) -> None:
    """The command itself, as `python -m asbuilt.doors.cli.main WORDS` would run."""
    import random

    code = 1
    try:
        random.seed()
        os.environ.clear()
        os.environ.update(said["env"], DJANGO_SETTINGS_MODULE=settings)
        os.chdir(said["cwd"])
        _read_settings_anew(settings)
        sys.argv = ["asbuilt", *said["words"]]
        os.execv = lambda _program, command: _gunicorn(command[2:])
        if said["words"][:1] == ["gunicorn"]:
            _gunicorn(said["words"])
        from asbuilt.doors.cli.main import main

        main()
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)


def _gunicorn(words: list[str]) -> None:
    """`asbuilt serve` becomes gunicorn: here without a new interpreter."""
    from gunicorn.app.wsgiapp import run

    assert words[0] == "gunicorn", words
    sys.argv = words
    run()
    sys.exit(0)


def _read_settings_anew(settings: str) -> None:
    import importlib
    from logging.config import dictConfig

    from django.conf import settings as django_settings
    from django.db import connections
    from django.utils.functional import empty

    for name in dict.fromkeys(("asbuilt.site.settings", settings)):
        importlib.reload(sys.modules[name])
    django_settings._wrapped = empty
    for made in connections.all(initialized_only=True):
        delattr(connections._connections, made.alias)
    connections._settings = None
    connections.__dict__.pop("settings", None)
    dictConfig(django_settings.LOGGING)


def _load(settings: str) -> None:
    import importlib
    import pkgutil

    import asbuilt

    os.environ["DJANGO_SETTINGS_MODULE"] = settings
    for name in LIBRARIES:
        importlib.import_module(name)
    import django

    django.setup()
    for module in pkgutil.walk_packages(asbuilt.__path__, "asbuilt."):
        if not (module.name.startswith(NOT_LOADED) or ".migrations" in module.name or module.name.endswith("__main__")):
            importlib.import_module(module.name)
    _show_help()
    if settings.endswith("web_settings"):
        for name in ("asbuilt.site.urls", "gunicorn.app.wsgiapp", "gunicorn.workers.gthread"):
            importlib.import_module(name)
        from django.urls import reverse

        from asbuilt.questions.genealogy.words.language import make_ready

        make_ready()
        reverse("ask")


def _show_help() -> None:
    """Parse the words of one command: the parser loads the larger part of itself when it is first used."""
    from contextlib import redirect_stdout, suppress

    from asbuilt.doors.cli.main import main

    with open(os.devnull, "w") as nothing, redirect_stdout(nothing), suppress(SystemExit):
        main(["ledger", "verify", "--help"])


if __name__ == "__main__":
    _load(sys.argv[2])
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2])
