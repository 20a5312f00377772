"""What happened at feeders: mounted, spliced, taken off."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("production", "0005_group_meetings"),
    ]

    operations = [
        migrations.CreateModel(
            name="Mount",
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
                ("machine", models.CharField(max_length=200)),
                ("feeder", models.CharField(max_length=200)),
                ("package", models.CharField(max_length=200)),
                ("what", models.CharField(max_length=20)),
                ("order", models.CharField(max_length=200)),
                ("grey_pieces", models.IntegerField(null=True)),
                ("station", models.CharField(max_length=200)),
                ("operator", models.IntegerField(null=True)),
                ("happened_at", models.BigIntegerField()),
            ],
            options={
                "db_table": "production_mount",
                "indexes": [
                    models.Index(fields=["tenant", "machine", "feeder", "happened_at"], name="production_mount_feeder"),
                    models.Index(fields=["tenant", "package"], name="production_mount_package"),
                ],
            },
        ),
    ]
