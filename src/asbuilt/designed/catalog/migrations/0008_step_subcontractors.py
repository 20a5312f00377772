"""Who does a step outside of the factory, and which papers must come back with the units."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0007_step_qualifications"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "ALTER TABLE catalog_routing_step ADD COLUMN subcontractor integer NULL",
                    "ALTER TABLE catalog_routing_step DROP COLUMN subcontractor",
                ),
                migrations.RunSQL(
                    "ALTER TABLE catalog_routing_step ADD COLUMN evidence varchar(40) NOT NULL DEFAULT ''",
                    "ALTER TABLE catalog_routing_step DROP COLUMN evidence",
                ),
            ],
            [
                migrations.AddField(
                    model_name="routingstep", name="subcontractor", field=models.IntegerField(null=True)
                ),
                migrations.AddField(
                    model_name="routingstep",
                    name="evidence",
                    field=models.CharField(db_default="", max_length=40),
                ),
            ],
        ),
    ]
