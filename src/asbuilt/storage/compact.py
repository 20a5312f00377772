"""Compact tables: rows by the million, clustered on their key.

Django's usual layout gives a row id, an index on the real key and text instants: 222 bytes a unit where this one costs 56
(reference/genealogy.md). `CreateCompactTable` makes the model's table with its composite primary key and, on SQLite,
`WITHOUT ROWID`; PostgreSQL gets the plain table. Later migrations change such a table with RunSQL only, because Django's
table rebuild on SQLite would drop the clause.
"""

from django.db import migrations


class CreateCompactTable(migrations.CreateModel):
    """CreateModel for a model with a composite primary key, WITHOUT ROWID on SQLite."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "sqlite":
            return super().database_forwards(app_label, schema_editor, from_state, to_state)
        model = to_state.apps.get_model(app_label, self.name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return None
        sql, params = schema_editor.table_sql(model)
        schema_editor.execute(sql + " WITHOUT ROWID", params or None)
        return schema_editor.deferred_sql.extend(schema_editor._model_indexes_sql(model))
