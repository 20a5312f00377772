"""Who dismissed a file that could not be taken, when and why."""

from django.db import migrations, models


def _wide(apps, schema_editor) -> None:
    """`dismissed` has a letter more than `use` had room for; SQLite does not count them."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE messages_file ALTER COLUMN use TYPE varchar(12)")


class Migration(migrations.Migration):
    dependencies = [
        ("messages", "0003_machine_clocks"),
    ]

    operations = [
        migrations.CreateModel(
            name="FileDismissal",
            fields=[
                ("tenant", models.IntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant", "file", "entry", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("file", models.CharField(max_length=64)),
                ("entry", models.IntegerField()),
                ("reason", models.TextField()),
                ("operator", models.IntegerField(null=True)),
                ("happened_at", models.BigIntegerField()),
            ],
            options={"db_table": "messages_file_dismissal"},
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(_wide, migrations.RunPython.noop)],
            [migrations.AlterField(model_name="machinefile", name="use", field=models.CharField(max_length=12))],
        ),
    ]
