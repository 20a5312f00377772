"""Rows of every table as lines of JSON, the same from both engines, and back.

A line is an array in the order of the table's columns. Bytes are `{"b": base64}`, instants of Django's own tables ISO
8601 in UTC. Sign-in sessions do not travel, and what `migrate` writes itself is written anew.
"""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import BinaryIO
from uuid import UUID

from django.apps import apps
from django.db import connections, models

from asbuilt.kernel.errors import Tampered
from asbuilt.storage import reading
from asbuilt.storage.databases import WRITER

LEFT_OUT = frozenset({"django_session", "django_content_type", "auth_permission"})
LINE_BYTES_MAX = 1 << 30


def tables() -> dict[str, list[models.Field]]:
    """Every table of every app that a backup holds, with its columns."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.managed and not meta.proxy and not meta.swapped and meta.db_table not in LEFT_OUT:
            composite = (models.CompositePrimaryKey,)
            found[meta.db_table] = [field for field in meta.local_concrete_fields if not isinstance(field, composite)]
    return dict(sorted(found.items()))


def lines(table: str, fields: list[models.Field]) -> Iterator[bytes]:
    """The rows of a table, within the caller's snapshot."""
    names = ", ".join(f'"{field.column}"' for field in fields)
    for row in reading.stream(f'SELECT {names} FROM "{table}"'):
        cells = [_out(field, value) for field, value in zip(fields, row, strict=True)]
        yield json.dumps(cells, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _out(field: models.Field, value):
    if value is None:
        return None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"b": base64.b64encode(bytes(value)).decode()}
    kind = field.get_internal_type()
    if kind == "BooleanField":
        return bool(value)
    if kind == "DateTimeField":
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    if kind == "JSONField":
        return {"j": json.loads(value) if isinstance(value, str) else value}
    if kind == "UUIDField":
        return str(UUID(str(value)))
    return value.isoformat() if isinstance(value, date) else value


def rows(stream: BinaryIO, fields: list[models.Field]) -> Iterator[tuple]:
    """The rows of a dump as the engine of this home wants them; Tampered where a line is not such a row."""
    back = [_into(field) for field in fields]
    number = 0
    while line := stream.readline(LINE_BYTES_MAX):
        number += 1
        try:
            yield tuple(
                None if cell is None else convert(cell) for convert, cell in zip(back, json.loads(line), strict=True)
            )
        except (ValueError, TypeError, KeyError):
            raise Tampered("ledger.backup_damaged", f"Line {number} of a table in the backup is no row.") from None


def _into(field: models.Field) -> Callable:
    kind, sqlite = field.get_internal_type(), connections[WRITER].vendor == "sqlite"
    if kind == "BooleanField":
        return int if sqlite else bool
    if kind == "BinaryField":
        return lambda cell: base64.b64decode(cell["b"])
    if kind == "DateTimeField":
        return (
            (lambda cell: str(datetime.fromisoformat(cell).replace(tzinfo=None))) if sqlite else datetime.fromisoformat
        )
    if kind == "JSONField":
        return lambda cell: json.dumps(cell["j"])
    if kind == "UUIDField":
        return (lambda cell: UUID(cell).hex) if sqlite else UUID
    return lambda cell: cell
