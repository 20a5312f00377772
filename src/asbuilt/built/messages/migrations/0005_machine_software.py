"""The version of a machine's software, as it said it last."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("messages", "0004_file_dismissals"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "ALTER TABLE messages_machine ADD COLUMN software varchar(200) NOT NULL DEFAULT ''",
                    "ALTER TABLE messages_machine DROP COLUMN software",
                )
            ],
            [
                migrations.AddField(
                    model_name="machine", name="software", field=models.CharField(db_default="", max_length=200)
                )
            ],
        ),
    ]
