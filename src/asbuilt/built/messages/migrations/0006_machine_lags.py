"""How long a machine's messages have come late by the same time: a clock that is behind by less than half a day is told by that."""

from django.db import migrations, models

COLUMNS = ("lag", "lag_since")


class Migration(migrations.Migration):
    dependencies = [
        ("messages", "0005_machine_software"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    f"ALTER TABLE messages_machine ADD COLUMN {name} bigint NOT NULL DEFAULT 0",
                    f"ALTER TABLE messages_machine DROP COLUMN {name}",
                )
                for name in COLUMNS
            ],
            [
                migrations.AddField(model_name="machine", name=name, field=models.BigIntegerField(db_default=0))
                for name in COLUMNS
            ],
        ),
    ]
