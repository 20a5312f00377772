from django.db import migrations, models

from asbuilt.storage.compact import CreateCompactTable


def _key(*columns):
    return models.CompositePrimaryKey(*columns, blank=True, editable=False, primary_key=True, serialize=False)


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        CreateCompactTable(
            name="KnownMessage",
            fields=[
                ("tenant", models.IntegerField()),
                ("pk", _key("tenant", "bucket")),
                ("bucket", models.IntegerField()),
                ("ids", models.BinaryField()),
            ],
            options={"db_table": "messages_known"},
        ),
        migrations.CreateModel(
            name="MachineCount",
            fields=[
                ("tenant", models.IntegerField()),
                ("pk", _key("tenant", "handle", "name", "use")),
                ("handle", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=200)),
                ("use", models.CharField(max_length=8)),
                ("count", models.IntegerField()),
                ("flagged", models.IntegerField()),
                ("last_at", models.BigIntegerField()),
                ("received_at", models.BigIntegerField()),
            ],
            options={"db_table": "messages_machine_count"},
        ),
        migrations.CreateModel(
            name="Machine",
            fields=[
                ("tenant", models.IntegerField()),
                ("pk", _key("tenant", "handle")),
                ("handle", models.CharField(max_length=200)),
                ("machine", models.CharField(max_length=200)),
                ("step", models.CharField(max_length=200)),
                ("operator", models.IntegerField(null=True)),
            ],
            options={"db_table": "messages_machine"},
        ),
        CreateCompactTable(
            name="MachinePass",
            fields=[
                ("tenant", models.IntegerField()),
                ("pk", _key("tenant", "handle", "number")),
                ("handle", models.CharField(max_length=200)),
                ("number", models.BigIntegerField()),
                ("transaction_key", models.BinaryField()),
                ("work_order", models.IntegerField()),
                ("first_unit", models.IntegerField()),
                ("until_unit", models.IntegerField()),
                ("panel", models.CharField(max_length=200)),
                ("places", models.TextField(null=True)),
                ("program", models.CharField(max_length=200)),
                ("revision", models.CharField(max_length=60)),
                ("side", models.CharField(max_length=20)),
                ("operator", models.IntegerField(null=True)),
                ("started_at", models.BigIntegerField()),
                ("finished_at", models.BigIntegerField(null=True)),
                ("did", models.IntegerField(default=0)),
                ("tools", models.TextField(default="")),
                ("entry", models.IntegerField()),
            ],
            options={
                "db_table": "messages_pass",
                "indexes": [models.Index(fields=["tenant", "transaction_key"], name="messages_pass_transaction")],
            },
        ),
        migrations.CreateModel(
            name="DeadLetter",
            fields=[
                ("tenant", models.IntegerField()),
                ("pk", _key("tenant", "message")),
                ("message", models.CharField(max_length=32)),
                ("name", models.CharField(max_length=200)),
                ("handle", models.CharField(max_length=200)),
                ("cause", models.CharField(max_length=80)),
                ("detail", models.TextField()),
                ("evidence", models.CharField(max_length=64)),
                ("place", models.IntegerField()),
                ("size", models.IntegerField()),
                ("received_at", models.BigIntegerField()),
                ("entry", models.IntegerField()),
                ("until_entry", models.IntegerField(null=True)),
            ],
            options={
                "db_table": "messages_dead_letter",
                "indexes": [models.Index(fields=["tenant", "entry"], name="messages_dead_letter_entry")],
            },
        ),
    ]
