"""`asbuilt init`, `serve`, `demo`, `backup`, `restore` and `check`: the home as a whole."""

import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.opening import open_record, start_django
from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel.errors import NotFound, Unavailable
from asbuilt.storage.databases import home, keys, named_database

FORMAT = typer.Option(help="How to print.")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def init(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Make home, keys, database and the tenant `main` where they are missing; asks nothing."""
    start_django()
    from asbuilt.access.opening import open_home

    tenant = open_home()
    said = {"home": str(home()), "keys": str(keys()), "tenant": tenant.slug, "database": _engine()}
    if format is Format.json:
        print_json(said)
    else:
        print_table(("what", "where"), list(said.items()))
        say("Keep the keys folder apart: no backup holds it.")


def _engine() -> str:
    return "PostgreSQL" if named_database() else "SQLite"


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    threads: Annotated[int, typer.Option(min=1, max=64, help="How many requests at once.")] = 8,
) -> None:
    """Serve pages and API; the first start prints the one-time link for the first administrator."""
    start_django()
    from asbuilt.access.actions import first_link
    from asbuilt.access.opening import open_home

    _refuse_taken(host, port)
    open_home()
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}/"
    secret = first_link()
    say(f"Asbuilt serves {address} from {home()}. Ctrl-C stops it.")
    if secret:
        say("One-time link for the first administrator, good for three days:")
        print(f"{address}welcome/{secret}/", flush=True)
    if host not in LOOPBACK and "ASBUILT_HOSTS" not in os.environ:
        os.environ["ASBUILT_HOSTS"] = ",".join((*LOOPBACK[:2], "[::1]", shown))
    # secrets in addresses stay out of logs: gunicorn writes none of the requests
    options = ["--bind", f"{shown}:{port}", "--workers", "1", "--threads", str(threads), "--graceful-timeout", "10"]
    command = [sys.executable, "-m", "gunicorn", "asbuilt.site.wsgi:application", *options, "--log-level", "warning"]
    os.execv(sys.executable, command)


def _refuse_taken(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            said = f"Port {port} of {host} cannot be used: {error.strerror}."
            raise Unavailable("cli.port_taken", said, {"port": port}, "Give another one with --port.") from None


def demo(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Load the example factory into the home; the second time it changes nothing."""
    import asbuilt
    from asbuilt.doors.cli.tables import import_tables

    folder = Path(asbuilt.__file__).resolve().parents[2] / "examples" / "factory"
    if not folder.is_dir():
        raise NotFound(
            "cli.no_example",
            "The example factory is not beside this installation.",
            {"folder": str(folder)},
            "Take a clone of the repository and run `asbuilt import examples/factory`.",
        )
    import_tables(folder, format=format)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; private keys are not in it.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Write the whole home, every tenant, into one file."""
    actor = open_record()
    from asbuilt.access.rights import BACKUP
    from asbuilt.ledger.backup import backup as write

    actor.require(BACKUP)
    manifest = write(file)
    if format is Format.json:
        print_json({"file": str(file), "bytes": file.stat().st_size, "heads": manifest["heads"]})
    else:
        rows = [(head["origin"], head["size"], head["root"]) for head in manifest["heads"]]
        print_table(("log", "entries", "root"), rows)
        say(f"{file}: {file.stat().st_size:,} bytes. Keep the keys folder apart from it.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `asbuilt backup` wrote.")],
    format: Annotated[Format, FORMAT] = Format.table,
) -> None:
    """Restore a backup into an empty home; the restore is the next entry of the log."""
    for folder in (home(), keys()):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    start_django()
    from asbuilt.ledger.backup import restore as read

    told = read(file)
    if format is Format.json:
        print_json({"file": str(file), "logs": told})
    else:
        rows = [(log["origin"], log["size"], log["root"], log["entry"]) for log in told]
        print_table(("log", "entries restored", "root", "entry of the restore"), rows)


def check(format: Annotated[Format, FORMAT] = Format.table) -> None:
    """Settings, limits and whether the database answers and is up to date."""
    from asbuilt.doors.cli.limits import limits

    said: dict = {
        "home": str(home()),
        "keys": str(keys()),
        "database": _engine(),
        "free_bytes": shutil.disk_usage(_existing(home())).free,
    }
    actor = open_record()
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    from asbuilt.ledger import sequencing

    executor = MigrationExecutor(connections["default"])
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    origin, size, _, _ = sequencing.head(actor.tenant)
    said |= {"log": origin, "entries": size, "migrations_waiting": len(waiting)}
    if format is Format.json:
        print_json({**said, "limits": {limit.name: limit.value for limit in limits()}})
    else:
        print_table(("what", "value"), list(said.items()))
        print_table(("limit", "value", "where"), [(limit.name, limit.value, limit.where) for limit in limits()])
    if waiting:
        raise Unavailable(
            "cli.migrations_waiting",
            f"{len(waiting)} changes of the tables wait since the last update.",
            {"waiting": len(waiting)},
            "Make a backup, then run `asbuilt init`.",
        )


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else _existing(folder.parent)
