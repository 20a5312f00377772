"""Instruments, people, areas and alarms; and what lay outside of its limits of each run that was recorded before."""

from django.db import migrations, models

FOUND = (
    "SELECT p.tenant, p.number, p.first_unit, p.until_unit, s.name, p.side, p.readings, p.finished_at, "
    "(SELECT min(o.entry) FROM production_process_run o WHERE o.tenant = p.tenant AND o.step = p.step AND o.started_at = "
    "p.started_at AND o.finished_at = p.finished_at AND o.readings = p.readings AND o.side = p.side) "
    "FROM production_process_run p JOIN production_floor_name s ON s.tenant = p.tenant AND s.number = p.step "
    "WHERE p.readings <> '' ORDER BY p.tenant, p.entry"
)


def judge(apps, schema_editor):
    """Runs recorded before are judged by the limits that were in force when they were recorded."""
    from asbuilt.built.production.limits import LimitsInForce

    told = "UPDATE production_process_run SET outside = %s WHERE tenant = %s AND number = %s"
    limits = {}
    with schema_editor.connection.cursor() as cursor, schema_editor.connection.cursor() as written:
        cursor.execute(FOUND)
        for tenant, number, first, until, step, side, readings, finished, entry in cursor.fetchall():
            known = limits.setdefault(tenant, LimitsInForce(tenant))
            outside = known.outside(entry, (first, until), step, side, readings, finished)
            if outside:
                written.execute(told, (outside, tenant, number))


class Migration(migrations.Migration):
    dependencies = [
        ("production", "0006_mounts"),
        ("catalog", "0007_step_qualifications"),
    ]

    operations = [
        migrations.CreateModel(
            name="AlarmClosing",
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
                ("order", models.CharField(max_length=200)),
                ("step", models.CharField(max_length=200)),
                ("side", models.CharField(max_length=20)),
                ("machine", models.CharField(max_length=200)),
                ("started_at", models.BigIntegerField()),
                ("finished_at", models.BigIntegerField()),
                ("decision", models.CharField(max_length=20)),
                ("hold", models.CharField(max_length=200)),
                ("reason", models.TextField()),
                ("operator", models.IntegerField(null=True)),
                ("decided_at", models.BigIntegerField()),
            ],
            options={
                "db_table": "production_alarm_closing",
            },
        ),
        migrations.CreateModel(
            name="Calibration",
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
                ("instrument", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=200)),
                ("station", models.CharField(max_length=200)),
                ("as_found", models.CharField(max_length=20)),
                ("as_left", models.CharField(max_length=20)),
                ("certificate", models.CharField(max_length=200)),
                ("laboratory", models.CharField(max_length=200)),
                ("file", models.CharField(max_length=400)),
                ("sha256", models.CharField(max_length=80)),
                ("valid_until", models.CharField(max_length=20)),
                ("operator", models.IntegerField(null=True)),
                ("calibrated_at", models.BigIntegerField()),
            ],
            options={
                "db_table": "production_calibration",
            },
        ),
        migrations.CreateModel(
            name="Environment",
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
                ("area", models.CharField(max_length=200)),
                ("temperature_c", models.CharField(max_length=20)),
                ("humidity_percent", models.CharField(max_length=20)),
                ("cleanroom_class", models.CharField(max_length=60)),
                ("sensor", models.CharField(max_length=200)),
                ("operator", models.IntegerField(null=True)),
                ("measured_at", models.BigIntegerField()),
            ],
            options={
                "db_table": "production_environment",
            },
        ),
        migrations.CreateModel(
            name="MachineArea",
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
                ("area", models.CharField(max_length=200)),
                ("operator", models.IntegerField(null=True)),
                ("from_at", models.BigIntegerField()),
            ],
            options={
                "db_table": "production_area",
            },
        ),
        migrations.CreateModel(
            name="Qualification",
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
                ("person", models.IntegerField(null=True)),
                ("qualification", models.CharField(max_length=120)),
                ("level", models.CharField(max_length=60)),
                ("certificate", models.CharField(max_length=200)),
                ("issuer", models.CharField(max_length=200)),
                ("file", models.CharField(max_length=400)),
                ("sha256", models.CharField(max_length=80)),
                ("valid_until", models.CharField(max_length=20)),
                ("operator", models.IntegerField(null=True)),
                ("granted_at", models.BigIntegerField()),
            ],
            options={
                "db_table": "production_qualification",
            },
        ),
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "ALTER TABLE production_process_run ADD COLUMN outside text NOT NULL DEFAULT ''",
                    "ALTER TABLE production_process_run DROP COLUMN outside",
                )
            ],
            [migrations.AddField(model_name="processrun", name="outside", field=models.TextField(db_default=""))],
        ),
        migrations.RunPython(judge, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="processrun",
            index=models.Index(
                condition=models.Q(("outside", ""), _negated=True),
                fields=["tenant", "finished_at"],
                name="production_process_outside",
            ),
        ),
        migrations.AddIndex(
            model_name="alarmclosing",
            index=models.Index(fields=["tenant", "finished_at"], name="production_alarm_closing_time"),
        ),
        migrations.AddIndex(
            model_name="calibration",
            index=models.Index(fields=["tenant", "instrument"], name="production_calibration_instr"),
        ),
        migrations.AddIndex(
            model_name="environment",
            index=models.Index(fields=["tenant", "area", "measured_at"], name="production_environment_area"),
        ),
        migrations.AddIndex(
            model_name="machinearea",
            index=models.Index(fields=["tenant", "machine"], name="production_area_machine"),
        ),
        migrations.AddIndex(
            model_name="qualification",
            index=models.Index(fields=["tenant", "person"], name="production_qualification_pers"),
        ),
    ]
