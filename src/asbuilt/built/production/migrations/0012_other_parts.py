"""Packages at positions where the BOM takes another part, kept; filled from the runs and replacements that stand."""

from django.db import migrations, models

from asbuilt.storage.compact import CreateCompactTable

NOT_MEANT = """
    AND EXISTS (SELECT 1 FROM catalog_bom_line l JOIN catalog_group_position k ON k.tenant = l.tenant AND k."group" = l."group"
        AND k.refdes = {refdes} WHERE l.tenant = b.tenant AND l.bom = b.bom AND l.until_entry IS NULL)
    AND NOT EXISTS (SELECT 1 FROM catalog_bom_line l JOIN catalog_group_position k ON k.tenant = l.tenant AND k."group" = l."group"
        AND k.refdes = {refdes} WHERE l.tenant = b.tenant AND l.bom = b.bom AND l.part = p.part AND l.until_entry IS NULL)
"""
# a run of a whole BOM line of its part, as most are, is not opened
RUNS = """
    INSERT INTO production_other_part (tenant, work_order, package, refdes)
    SELECT DISTINCT b.tenant, b.work_order, r.package, g.refdes
    FROM (SELECT DISTINCT tenant, work_order, bom FROM production_block WHERE until_entry IS NULL) AS b
    JOIN (SELECT DISTINCT tenant, work_order, "group", package FROM production_material_run WHERE until_entry IS NULL) AS r
      ON r.tenant = b.tenant AND r.work_order = b.work_order
    JOIN supply_package p ON p.tenant = r.tenant AND p.number = r.package
    JOIN catalog_group_position g ON g.tenant = r.tenant AND g."group" = r."group"
    WHERE NOT EXISTS (SELECT 1 FROM catalog_bom_line w WHERE w.tenant = b.tenant AND w.bom = b.bom AND w."group" = r."group"
        AND w.part = p.part AND w.until_entry IS NULL)
""" + NOT_MEANT.format(refdes="g.refdes")
REPLACED = """
    INSERT INTO production_other_part (tenant, work_order, package, refdes)
    SELECT DISTINCT b.tenant, b.work_order, r.installed, r.refdes
    FROM production_replacement r
    JOIN production_block b ON b.tenant = r.tenant AND b.first_unit <= r.unit AND b.until_unit > r.unit AND b.until_entry IS NULL
    JOIN supply_package p ON p.tenant = r.tenant AND p.number = r.installed
    WHERE r.until_entry IS NULL AND NOT EXISTS (SELECT 1 FROM production_other_part o WHERE o.tenant = b.tenant
        AND o.work_order = b.work_order AND o.package = r.installed AND o.refdes = r.refdes)
""" + NOT_MEANT.format(refdes="r.refdes")


class Migration(migrations.Migration):
    dependencies = [
        ("production", "0011_holds_lifted"),
        ("catalog", "0001_initial"),
        ("supply", "0001_initial"),
    ]

    operations = [
        CreateCompactTable(
            name="OtherPart",
            fields=[
                ("tenant", models.IntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "work_order",
                        "package",
                        "refdes",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("work_order", models.IntegerField()),
                ("package", models.IntegerField()),
                ("refdes", models.CharField(max_length=120)),
            ],
            options={"db_table": "production_other_part"},
        ),
        migrations.RunSQL(RUNS, migrations.RunSQL.noop),
        migrations.RunSQL(REPLACED, migrations.RunSQL.noop),
    ]
