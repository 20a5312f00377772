"""Programming records whose time lies ahead of when they were recorded count as of then: said in a column, and in what units run."""

from collections import defaultdict

from django.db import migrations, models

from asbuilt.kernel.spans import pack, unpack

AHEAD_US = 300 * 1_000_000
LAY = (
    "UPDATE {table} SET laid_at = (SELECT e.recorded_at FROM ledger_entry e WHERE e.tenant = {table}.tenant AND e.number = {table}.entry) "
    "WHERE EXISTS (SELECT 1 FROM ledger_entry e WHERE e.tenant = {table}.tenant AND e.number = {table}.entry "
    f"AND {{table}}.happened_at > e.recorded_at + {AHEAD_US})"
)
RUNS = "tenant, release, standing, first_unit, until_unit, units, entry, until_entry"


def fill(apps, schema_editor):
    """Say it of the records that are there, and count anew what their units run where another one may be the last."""
    from asbuilt.built.programming.running import Pass, last_of

    with schema_editor.connection.cursor() as cursor:
        for table in ("programming_record", "programming_package"):
            cursor.execute(LAY.format(table=table))
        cursor.execute(
            'SELECT r.tenant, r.unit, f.role, r.laid_at, r.happened_at, r.entry, r."row", r.release, r.until_entry FROM programming_record r '
            "JOIN firmware_release f ON f.tenant = r.tenant AND f.number = r.release WHERE r.result = 0 AND EXISTS (SELECT 1 FROM "
            "programming_record a WHERE a.tenant = r.tenant AND a.unit = r.unit AND a.laid_at IS NOT NULL AND a.result = 0)"
        )
        said = defaultdict(list)
        for tenant, unit, role, laid, at, entry, row, release, until in cursor.fetchall():
            one = Pass(at, entry, row, (release,), laid)
            said[tenant, unit, role or "app"].append((one, entry, until))
        for (tenant, unit, _), records in said.items():
            if len({one.key for one, _, _ in records}) > 1:
                _restate(cursor, tenant, unit, records, last_of)


def _restate(cursor, tenant, unit, records, last_of):
    releases = sorted({one.key[0] for one, _, _ in records})
    marks = ", ".join(["%s"] * len(releases))
    where = f"tenant = %s AND standing = 1 AND first_unit <= %s AND until_unit > %s AND release IN ({marks})"
    cursor.execute(f"SELECT {RUNS} FROM programming_firmware_run WHERE {where}", (tenant, unit, unit, *releases))
    rows = []
    for row in cursor.fetchall():
        units = unpack(*row[3:6])
        if unit in units:
            cursor.execute(
                "DELETE FROM programming_firmware_run WHERE tenant = %s AND release = %s AND standing = %s AND first_unit = %s AND entry = %s",
                (*row[:4], row[6]),
            )
            units.remove(unit)
            if units:
                rows.append((*row[:3], units.min(), units.max() + 1, pack(units), *row[6:]))
    entries = sorted({since for _, since, _ in records} | {until for _, _, until in records if until is not None})
    for entry, following in zip(entries, [*entries[1:], None], strict=True):
        visible = [one for one, since, until in records if since <= entry and (until is None or entry < until)]
        if visible:
            now, maybe = last_of(visible)
            for (release,), standing in [(now, 1), *((key, 2) for key in sorted(maybe))]:
                rows.append((tenant, release, standing, unit, unit + 1, None, entry, following))
    cursor.executemany(f"INSERT INTO programming_firmware_run ({RUNS}) VALUES ({', '.join(['%s'] * 8)})", rows)


class Migration(migrations.Migration):
    dependencies = [("programming", "0004_configurations"), ("ledger", "0001_initial"), ("firmware", "0001_initial")]

    operations = [
        migrations.AddField("programmingrecord", "laid_at", models.BigIntegerField(null=True)),
        migrations.AddField("packageprogramming", "laid_at", models.BigIntegerField(null=True)),
        migrations.AddIndex(
            "firmwarerun",
            models.Index(
                fields=["tenant", "first_unit"], name="programming_firmware_maybe", condition=models.Q(standing=2)
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
