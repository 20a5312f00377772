"""The first fence: the engine refuses to change or delete what the log rests on. The proof is the log, not this."""

from django.db import migrations

TABLES = ("ledger_entry", "ledger_leaf", "ledger_segment", "ledger_entry_facts")

_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append only'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append only', TG_TABLE_NAME; END $$
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()
"""


def _fence(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for table in TABLES:
            for verb in ("UPDATE", "DELETE"):
                schema_editor.execute(_SQLITE.format(table=table, verb=verb), params=None)
        return
    schema_editor.execute(_POSTGRESQL_FUNCTION, params=None)
    for table in TABLES:
        schema_editor.execute(_POSTGRESQL.format(table=table), params=None)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunPython(_fence, migrations.RunPython.noop)]
