"""Temporary homes for benches: a folder of our own, keys beside it, SQLite or a throw-away PostgreSQL cluster.

    with home("postgresql") as place:
        actor = place.actor          # the local system account of tenant `main`

    with home("postgresql", kept) as place:
        place.first                  # False where an earlier run left it in that folder

Nothing touches `var/home`. A cluster is made by initdb (as user postgres where we are root) on a socket in the folder, with
fsync on; `ASBUILT_TEST_POSTGRESQL` names a server to use in its place. Everything is removed at the end, but for a home that is kept.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ENGINES = ("sqlite", "postgresql")
CLUSTER_SETTINGS = {
    # a quarter of the memory, and pages that cost the same wherever they lie: what PostgreSQL's own manual advises for a
    # server with its data on flash
    "shared_buffers": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 4 // 2**20}MB",
    "effective_cache_size": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 2 // 2**20}MB",
    "random_page_cost": "1.1",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "4GB",
    "listen_addresses": "",
}
ROOT = Path(__file__).resolve().parents[2]
KEPT = "whole"


@dataclass
class Place:
    """An opened home: engine, folder, the environment of a child process, the actor of its tenant."""

    engine: str
    folder: Path
    url: str
    first: bool = True

    @property
    def env(self) -> dict[str, str]:
        """The environment for a command that shall work on this home."""
        env = {**os.environ, "ASBUILT_HOME": str(self.folder / "home"), "ASBUILT_KEYS": str(self.folder / "keys")}
        env.pop("ASBUILT_DATABASE_URL", None)
        if self.url:
            env["ASBUILT_DATABASE_URL"] = self.url
        return env

    @property
    def actor(self):
        """The local system account of tenant `main`."""
        from asbuilt.access.actor import local_system
        from asbuilt.access.queries import tenant_of_slug

        return local_system(tenant_of_slug("main").number)

    def enter(self) -> None:
        """Make this process use the home."""
        os.environ.update(self.env)
        if not self.url:
            os.environ.pop("ASBUILT_DATABASE_URL", None)
        os.environ["DJANGO_SETTINGS_MODULE"] = "asbuilt.site.settings"
        import django
        from django.db import connections

        django.setup()
        from asbuilt.storage.databases import database_settings

        close()
        for alias, said in database_settings().items():
            connections.settings[alias].update(said)


def close() -> None:
    """Close and forget the connections of this thread."""
    from django.db import connections

    for alias in list(connections):
        connections[alias].close()
        if hasattr(connections._connections, alias):
            delattr(connections._connections, alias)


@contextmanager
def home(engine: str, kept: Path | None = None) -> Iterator[Place]:
    """A fresh opened home on this engine, removed at the end; one that is `kept` stays in that folder for the next run.

    Raises SystemExit where PostgreSQL cannot be had.
    """
    first = True
    if kept is None:
        folder = Path(tempfile.mkdtemp(prefix="asbuilt-bench-", dir=os.environ.get("ASBUILT_BENCH_FOLDER")))
    else:
        folder = kept.absolute()
        first = not (folder / KEPT).exists()
        if first:
            # what a run that was broken off left is no factory
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
    try:
        if engine == "sqlite":
            yield from _opened(Place(engine, folder, "", first))
        else:
            with _server(folder, first, kept is not None) as url:
                yield from _opened(Place(engine, folder, url, first))
    finally:
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)


def server_seconds(place: Place) -> float:
    """Seconds that the processes of the home's own PostgreSQL cluster were at work so far; 0 on SQLite and on a server of others.

    The server's child processes are read one by one, so ask while the connection is open (/proc, see proc(5): stat).
    """
    pid_file = place.folder / "cluster" / "postmaster.pid"
    if not pid_file.exists():
        return 0.0
    server, ticks = int(pid_file.read_text().split()[0]), 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                said = (folder / "stat").read_text().rpartition(")")[2].split()
                if server in (int(folder.name), int(said[1])):
                    ticks += int(said[11]) + int(said[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def keep(place: Place) -> None:
    """The home is whole: the next run may take it as it is."""
    (place.folder / KEPT).touch()


def _opened(place: Place) -> Iterator[Place]:
    place.enter()
    from asbuilt.access.opening import open_home

    if place.first:
        open_home()
    else:  # an older version may have written it
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
    try:
        yield place
    finally:
        close()


@contextmanager
def _server(folder: Path, first: bool, kept: bool) -> Iterator[str]:
    named = os.environ.get("ASBUILT_TEST_POSTGRESQL")
    if named and not kept:  # what is kept is a cluster of its own
        with _database_on(named) as url:
            yield url
        return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if not programs:
        sys.exit(
            "PostgreSQL is not installed: apt-get install postgresql, or name a server in ASBUILT_TEST_POSTGRESQL."
        )
    bin_folder, cluster = programs[-1].parent, folder / "cluster"
    if first:
        _init(bin_folder, folder, cluster)
    _as_postgres([bin_folder / "pg_ctl", "-D", cluster, "-w", "-l", cluster / "server.log", "start"])
    try:
        yield f"postgresql://postgres@/postgres?host={cluster}"
    finally:
        _as_postgres([bin_folder / "pg_ctl", "-D", cluster, "-w", "-m", "fast", "stop"])


def _init(bin_folder: Path, folder: Path, cluster: Path) -> None:
    cluster.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chmod(folder, 0o755)
        shutil.chown(cluster, "postgres", "postgres")
    _as_postgres([bin_folder / "initdb", "-D", cluster, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"])
    with open(cluster / "postgresql.conf", "a") as conf:
        conf.writelines(f"{name} = '{value}'\n" for name, value in CLUSTER_SETTINGS.items())
        conf.write(f"unix_socket_directories = '{cluster}'\n")


def _as_postgres(command: list) -> None:
    more = {}
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        more = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd="/", **more)
    if done.returncode:
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr[-2000:]}")


@contextmanager
def _database_on(server: str) -> Iterator[str]:
    import psycopg

    name = f"asbuilt_bench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
