"""How many defects of a code a run found: three solder bridges are three, not one."""

import json
from collections import Counter

from django.db import migrations, models

REJECTED = ("DefectRejected", "DefectAccepted", "DefectClosed")


def _codes(text):
    said = json.loads(text)
    listed = said.get("defects") if isinstance(said, dict) else None
    found = Counter()
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and one.get("verification") not in REJECTED:
            code = next((one[key] for key in ("code", "category", "description") if one.get(key)), "")
            found[str(code)[:200]] += 1
    return found


def count(apps, schema_editor):
    """Count what runs of before found more than once."""
    sql = (
        "UPDATE quality_defect SET times = %s WHERE tenant = %s AND code = %s AND unit = %s AND plan = %s AND started_at = %s "
        'AND entry = %s AND "row" = %s'
    )
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            'SELECT tenant, unit, plan, started_at, entry, "row", measurements FROM quality_test_run WHERE measurements LIKE %s',
            ['%"defects"%'],
        )
        while rows := cursor.fetchmany(2_000):
            found = [
                (times, tenant, code, unit, plan, started, entry, row)
                for tenant, unit, plan, started, entry, row, measured in rows
                for code, times in _codes(measured).items()
                if code and times > 1
            ]
            if found:
                with schema_editor.connection.cursor() as writing:
                    writing.executemany(sql, found)


class Migration(migrations.Migration):
    dependencies = [("quality", "0006_identities")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE quality_defect ADD COLUMN times integer NOT NULL DEFAULT 1",
            "ALTER TABLE quality_defect DROP COLUMN times",
            state_operations=[migrations.AddField("defect", "times", models.IntegerField(db_default=1))],
        ),
        migrations.RunPython(count, migrations.RunPython.noop),
    ]
