"""A name that was withdrawn can be given again, and the label that was given last is known by when it was given."""

import json
import zlib

from django.db import migrations, models

from asbuilt.kernel.instants import parse_instant

COLUMNS = "tenant, unit, kind, value, entry, until_entry"
TABLE = (
    "CREATE TABLE {name} (tenant integer NOT NULL, unit integer NOT NULL, kind smallint NOT NULL, "
    "value varchar(200) NOT NULL, entry integer NOT NULL, until_entry integer NULL{more}, PRIMARY KEY ({key})) WITHOUT ROWID"
)
KEY_BEFORE, KEY = "tenant, unit, kind, value", "tenant, unit, kind, value, entry"
NEWER = (
    "DELETE FROM production_unit_name WHERE EXISTS (SELECT 1 FROM production_unit_name o WHERE "
    "o.tenant = production_unit_name.tenant AND o.unit = production_unit_name.unit AND o.kind = production_unit_name.kind "
    "AND o.value = production_unit_name.value AND o.entry > production_unit_name.entry)"
)


def forwards(apps, schema_editor):
    """SQLite copies the table, for its key cannot be changed; PostgreSQL changes the key."""
    if schema_editor.connection.vendor == "sqlite":
        _copy(schema_editor, KEY, ", from_at bigint NULL")
    else:
        _key(schema_editor, KEY)
        schema_editor.execute("ALTER TABLE production_unit_name ADD COLUMN from_at bigint NULL")
    _fill(schema_editor.connection)


def backwards(apps, schema_editor):
    """Of a name given twice the last time is kept."""
    schema_editor.execute(NEWER)
    if schema_editor.connection.vendor == "sqlite":
        _copy(schema_editor, KEY_BEFORE, "")
    else:
        schema_editor.execute("ALTER TABLE production_unit_name DROP COLUMN from_at")
        _key(schema_editor, KEY_BEFORE)


def _fill(connection) -> None:
    """When names were given stands in their facts."""
    given = (
        "UPDATE production_unit_name SET from_at = %s WHERE tenant = %s AND unit = %s AND value = %s AND entry = %s AND "
        "from_at IS NULL"
    )
    with connection.cursor() as cursor, connection.cursor() as written:
        cursor.execute("SELECT tenant, entry, body FROM ledger_segment WHERE shape = 'production.name/1'")
        for tenant, entry, body in cursor.fetchall():
            for text in zlib.decompress(body).split(b"\n"):
                unit, _, value, from_at, *_ = json.loads(text)
                written.execute(given, (parse_instant(from_at), tenant, unit, value, entry))


def _copy(schema_editor, key: str, more: str) -> None:
    for sql in (
        TABLE.format(name="production_unit_name_new", key=key, more=more),
        f"INSERT INTO production_unit_name_new ({COLUMNS}) SELECT {COLUMNS} FROM production_unit_name ORDER BY {key}",
        "DROP TABLE production_unit_name",
        "ALTER TABLE production_unit_name_new RENAME TO production_unit_name",
        "CREATE INDEX production_unit_name_value ON production_unit_name (tenant, value)",
    ):
        schema_editor.execute(sql)


def _key(schema_editor, key: str) -> None:
    schema_editor.execute("ALTER TABLE production_unit_name DROP CONSTRAINT production_unit_name_pkey")
    schema_editor.execute(f"ALTER TABLE production_unit_name ADD PRIMARY KEY ({key})")


class Migration(migrations.Migration):
    dependencies = [("production", "0001_initial"), ("ledger", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(forwards, backwards)],
            [
                migrations.AlterField(
                    "unitname",
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "unit",
                        "kind",
                        "value",
                        "entry",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                migrations.AddField("unitname", "from_at", models.BigIntegerField(null=True)),
            ],
        )
    ]
