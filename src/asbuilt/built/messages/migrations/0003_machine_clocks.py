"""By how much a machine's clock was off when it was measured last."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messages", "0002_machine_files"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "ALTER TABLE messages_machine ADD COLUMN clock_off bigint NOT NULL DEFAULT 0",
                    "ALTER TABLE messages_machine DROP COLUMN clock_off",
                )
            ],
            [migrations.AddField(model_name="machine", name="clock_off", field=models.BigIntegerField(db_default=0))],
        ),
    ]
