"""The qualifications that whoever does a step must have."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_placements"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "ALTER TABLE catalog_routing_step ADD COLUMN qualifications varchar(400) NOT NULL DEFAULT ''",
                    "ALTER TABLE catalog_routing_step DROP COLUMN qualifications",
                )
            ],
            [
                migrations.AddField(
                    model_name="routingstep",
                    name="qualifications",
                    field=models.CharField(db_default="", max_length=400),
                )
            ],
        ),
    ]
