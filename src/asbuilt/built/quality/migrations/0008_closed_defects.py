"""What was repaired and closed (IPC-2591, DefectClosed) was a defect: it counted as a false call. What runs of before found is counted anew."""

import json
from collections import Counter

from django.db import migrations

REJECTED = ("DefectRejected", "DefectAccepted")
CLOSED = "DefectClosed"
COLUMNS = 'tenant, code, unit, plan, started_at, entry, "row", times, until_entry'
KEY = 'tenant = %s AND unit = %s AND plan = %s AND started_at = %s AND entry = %s AND "row" = %s'


def _codes(text, rejected):
    said = json.loads(text)
    listed = said.get("defects") if isinstance(said, dict) else None
    found = Counter()
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict) and one.get("verification") not in rejected:
            code = next((one[key] for key in ("code", "category", "description") if one.get(key)), "")
            found[str(code)[:200]] += 1
    return {code: times for code, times in found.items() if code}


def _count(schema_editor, rejected):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            'SELECT tenant, unit, plan, started_at, entry, "row", until_entry, measurements FROM quality_test_run WHERE measurements LIKE %s',
            [f'%"{CLOSED}"%'],
        )
        while runs := cursor.fetchmany(2_000):
            found = [
                (tenant, code, unit, plan, started, entry, row, times, until)
                for tenant, unit, plan, started, entry, row, until, measured in runs
                for code, times in _codes(measured, rejected).items()
            ]
            with schema_editor.connection.cursor() as writing:
                writing.executemany(f"DELETE FROM quality_defect WHERE {KEY}", [run[:6] for run in runs])
                if found:
                    places = ", ".join(["%s"] * 9)
                    writing.executemany(f"INSERT INTO quality_defect ({COLUMNS}) VALUES ({places})", found)


def count(apps, schema_editor):
    """With those that were closed."""
    _count(schema_editor, REJECTED)


def count_without(apps, schema_editor):
    """As before: without them."""
    _count(schema_editor, (*REJECTED, CLOSED))


class Migration(migrations.Migration):
    dependencies = [("quality", "0007_defects_counted")]

    operations = [migrations.RunPython(count, count_without)]
