"""Position groups of one order that share a position, kept; filled from the runs that are there."""

from django.db import migrations, models

from asbuilt.storage.compact import CreateCompactTable

FILL = """
    INSERT INTO production_group_meeting (tenant, work_order, "group", other)
    SELECT DISTINCT one.tenant, one.work_order, one."group", other."group"
    FROM (SELECT DISTINCT tenant, work_order, "group" FROM production_material_run) AS one
    JOIN catalog_group_position here ON here.tenant = one.tenant AND here."group" = one."group"
    JOIN catalog_group_position there ON there.tenant = here.tenant AND there.refdes = here.refdes
    JOIN (SELECT DISTINCT tenant, work_order, "group" FROM production_material_run) AS other
      ON other.tenant = one.tenant AND other.work_order = one.work_order AND other."group" = there."group"
    WHERE other."group" <> one."group"
"""


class Migration(migrations.Migration):
    dependencies = [
        ("production", "0004_orders_and_marks"),
        ("catalog", "0001_initial"),
    ]

    operations = [
        CreateCompactTable(
            name="GroupMeeting",
            fields=[
                ("tenant", models.IntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "work_order",
                        "group",
                        "other",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("work_order", models.IntegerField()),
                ("group", models.IntegerField()),
                ("other", models.IntegerField()),
            ],
            options={"db_table": "production_group_meeting"},
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
