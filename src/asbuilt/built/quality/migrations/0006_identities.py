"""What only one unit may have, as test runs showed it."""

from django.db import migrations, models

from asbuilt.storage.compact import CreateCompactTable


class Migration(migrations.Migration):
    dependencies = [("quality", "0005_waivers")]

    operations = [
        CreateCompactTable(
            name="Identity",
            fields=[
                ("tenant", models.IntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "sha256",
                        "unit",
                        "plan",
                        "started_at",
                        "entry",
                        "row",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("unit", models.IntegerField()),
                ("plan", models.IntegerField()),
                ("started_at", models.BigIntegerField()),
                ("entry", models.IntegerField()),
                ("row", models.IntegerField()),
                ("until_entry", models.IntegerField(null=True)),
            ],
            options={
                "db_table": "quality_identity",
                "indexes": [models.Index(fields=["tenant", "unit"], name="quality_identity_unit")],
            },
        ),
    ]
