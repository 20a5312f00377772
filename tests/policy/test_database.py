"""Tables and connections keep their rules: the tenant leads, migrations are complete, questions cannot write."""

import os
import re
import sqlite3

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connections, models

# one row a company, and Django's own sessions: no tenant owns them
OF_NO_TENANT = {"access_tenant", "django_session"}
MODELS = [model for model in apps.get_models(include_auto_created=True) if model._meta.db_table not in OF_NO_TENANT]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.db_table)
def test_the_tenant_leads_every_key(model):
    meta = model._meta
    keys = [("key", [field.name for field in getattr(meta, "pk_fields", [meta.pk])])]
    keys += [
        (found.name, list(found.fields)) for found in meta.constraints if isinstance(found, models.UniqueConstraint)
    ]
    keys += [
        (index.name, list(index.fields) or [getattr(part, "name", "") for part in index.expressions])
        for index in meta.indexes
    ]
    assert not meta.unique_together
    assert [field.name for field in meta.fields if field.unique and not field.primary_key] == []
    for what, fields in keys:
        assert fields[:1] == ["tenant"], f"{meta.db_table} {what} begins with {fields[:1]}"


def test_migrations_are_complete(home):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_question_can_write_through_the_readers_connection(home):
    connection = connections["reader"]
    with pytest.raises(Exception, match=r"readonly|read-only"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_entry")
    connection.close()
    with pytest.raises(Exception, match=r"readonly|read-only"), connection.cursor() as cursor:
        cursor.execute("INSERT INTO access_tenant (ulid, slug, name, opened_at) VALUES ('x', 'x', 'x', 0)")
    connection.close()


def test_questions_know_no_other_connection():
    from test_house import SOURCE, TREES

    writing = re.compile(r"storage import .*\bbulk\b|storage\.(bulk|transactions)|\.using\(\"default\"\)|connections\[")
    found = [
        str(file)
        for file in TREES
        if "questions" in file.relative_to(SOURCE).parts and writing.search(file.read_text())
    ]
    assert found == []


def test_one_engine_is_the_one_asked_for(home):
    assert connections["default"].vendor == ("postgresql" if os.environ.get("ASBUILT_TEST_POSTGRESQL") else "sqlite")
    if not home.url:
        with sqlite3.connect(home.folder / "asbuilt.sqlite3") as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
