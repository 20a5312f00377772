"""From which step on units of a product need a mark that was read back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0008_step_subcontractors"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "ALTER TABLE catalog_mark_rule ADD COLUMN read_back varchar(200) NOT NULL DEFAULT ''",
                    "ALTER TABLE catalog_mark_rule DROP COLUMN read_back",
                )
            ],
            [
                migrations.AddField(
                    model_name="markrule", name="read_back", field=models.CharField(db_default="", max_length=200)
                )
            ],
        ),
    ]
