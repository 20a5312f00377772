"""Configurations of hardware revisions, and which one an order names."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programming", "0003_before_placement"),
    ]

    operations = [
        migrations.CreateModel(
            name="Configuration",
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
                ("operator", models.IntegerField(null=True)),
                ("happened_at", models.BigIntegerField()),
                ("order", models.CharField(max_length=200)),
                ("product", models.CharField(max_length=200)),
                ("revision", models.CharField(max_length=200)),
                ("configuration", models.CharField(max_length=200)),
                ("part", models.CharField(max_length=200)),
                ("of_product", models.CharField(max_length=200)),
                ("role", models.CharField(max_length=40)),
                ("version", models.CharField(max_length=200)),
            ],
            options={
                "db_table": "programming_configuration",
                "indexes": [
                    models.Index(fields=["tenant", "order"], name="programming_conf_order"),
                    models.Index(fields=["tenant", "product", "revision"], name="programming_conf_revision"),
                ],
            },
        ),
    ]
