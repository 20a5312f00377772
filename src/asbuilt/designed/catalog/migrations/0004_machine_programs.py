"""Machine programs: what each feeder of a machine places."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_rules_and_panel_maps"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProgramFeeder",
            fields=[
                ("tenant", models.IntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant", "entry", "row", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("entry", models.IntegerField()),
                ("row", models.IntegerField()),
                ("until_entry", models.IntegerField(null=True)),
                ("revision", models.IntegerField()),
                ("side", models.CharField(max_length=6)),
                ("machine", models.CharField(max_length=200)),
                ("program", models.CharField(max_length=200)),
                ("feeder", models.CharField(max_length=200)),
                ("group", models.IntegerField()),
                ("grey_pieces", models.IntegerField(null=True)),
            ],
            options={
                "db_table": "catalog_program_feeder",
                "indexes": [models.Index(fields=["tenant", "revision", "machine"], name="catalog_program_machine")],
            },
        ),
    ]
