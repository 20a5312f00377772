"""Where the record lies.

`ASBUILT_HOME` names the folder of database and blobs, `ASBUILT_KEYS` that of the keys (a folder beside the home where it
is not set), `ASBUILT_DATABASE_URL` a PostgreSQL database in place of the SQLite file in the home. Without any of them the
home is `var/home` below the working folder and the keys are in `var/keys`, as `script/run` makes them. The copy of a drill is always in its home.

Two Django aliases exist: `default` writes, `reader` is read only by the engine's own means (SQLite `mode=ro`,
PostgreSQL `default_transaction_read_only`); questions use nothing else.
"""

import json
import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from asbuilt.kernel.errors import Invalid

WRITER = "default"
READER = "reader"
BUSY_SECONDS = 30
NO_COMPILER = (
    "-c jit=off"  # PostgreSQL would compile a statement that looks dear: that takes longer than most of ours run
)
MAPPED_BYTES_MAX = 2_147_418_112
DRILL_MARKER = "drill.json"
"""The file in a home that says that it is for an exercise (`drills`)."""


def home() -> Path:
    """The folder that holds the SQLite file and the blobs."""
    return Path(os.environ.get("ASBUILT_HOME") or Path("var") / "home").absolute()


def keys() -> Path:
    """The folder that holds the private keys; no backup ever contains it."""
    named = os.environ.get("ASBUILT_KEYS")
    if named:
        return Path(named).absolute()
    if os.environ.get("ASBUILT_HOME"):
        return home().with_name(home().name + "-keys")
    return Path("var/keys").absolute()


def sqlite_file() -> Path:
    """The SQLite file of the home."""
    return home() / "asbuilt.sqlite3"


def named_database() -> str:
    """The PostgreSQL database that the record lies in; empty where it is the SQLite file in the home.

    The copy of a drill lies in its home whatever database is named: that one holds the record, which an exercise must never write to.
    """
    url = os.environ.get("ASBUILT_DATABASE_URL", "")
    return "" if url and _is_copy(home()) else url


def _is_copy(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / DRILL_MARKER).read_text(encoding="utf-8")).get("copy"))
    except FileNotFoundError:
        return False


def database_settings() -> dict:
    """Django's DATABASES for the environment as it is now."""
    url = named_database()
    if url:
        writer = _postgresql(url)
        # said once for the connection: a question need not send it with each of its snapshots
        snapshot = "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read"
        reader = _postgresql(url, snapshot)
    else:
        writer = _sqlite(sqlite_file(), "")
        reader = _sqlite(sqlite_file(), "?mode=ro")
    return {WRITER: writer, READER: reader}


def _sqlite(file: Path, suffix: str) -> dict:
    # synchronous=FULL: an acknowledged record survives a power cut (reference/scale.md, part B)
    pragmas = f"PRAGMA busy_timeout=30000;PRAGMA cache_size=-32768;PRAGMA mmap_size={MAPPED_BYTES_MAX};"
    if not suffix:
        pragmas = "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA secure_delete=FAST;" + pragmas
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"file:{file}{suffix}" if suffix else str(file),
        "OPTIONS": {
            "timeout": BUSY_SECONDS,
            "init_command": pragmas,
            **({"uri": True} if suffix else {"transaction_mode": "IMMEDIATE"}),
        },
    }


def _postgresql(url: str, options: str = "") -> dict:
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        raise Invalid(
            "storage.database_url",
            "ASBUILT_DATABASE_URL is not the address of a PostgreSQL database.",
            remedy="Write postgresql://USER@HOST:PORT/DATABASE; give the password in PGPASSWORD or a .pgpass file.",
        )
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.pop("host", "") or parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "") or ""),
        "CONN_MAX_AGE": 60,
        "OPTIONS": {**query, "options": " ".join(filter(None, (NO_COMPILER, options, query.get("options", ""))))},
    }
