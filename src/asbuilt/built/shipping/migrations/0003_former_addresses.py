"""Where a shipment went before all its lines were withdrawn and it was recorded anew: filled from the facts, for questions as of before."""

import json

from django.db import migrations, models

from asbuilt.formats.countries import tidy
from asbuilt.ledger.facts import segment_texts
from asbuilt.storage.compact import CreateCompactTable

SHAPE = "shipping.line/1"
WITHDRAWN = "SELECT DISTINCT tenant FROM ledger_withdrawal WHERE shape = %s ORDER BY tenant"
BODIES = "SELECT entry, body FROM ledger_segment WHERE tenant = %s AND shape = %s ORDER BY entry, first_row"
PARTIES = 'SELECT number, code, name, entry, "row", until_entry FROM parties_party WHERE tenant = %s ORDER BY number'
FORMER = (
    "INSERT INTO shipping_former_address (tenant, shipment, until_entry, customer, country) VALUES (%s, %s, %s, %s, %s)"
)


def _meant(parties, text, entry):
    """The party that a code or name meant at an entry; names given up stand under later numbers, each up to its end."""
    stated = {}
    for number, code, name, since, row, until in parties:
        stated.setdefault((since, row), []).append((number, code, name, until))
    fits = []
    for (since, _), ((number, code, name, until), *before) in stated.items():
        begins, called = since, []
        for _, _, earlier, ended in sorted(before, key=lambda one: one[3]):
            called.append((earlier, begins, ended))
            begins = ended
        for word, first, last in ((code, since, until), *called, (name, begins, until)):
            if word == text:
                stood = first <= entry and (last is None or entry < last)
                fits.append((not stood, word != code, number))
    return min(fits)[2] if fits else -1


def fill(apps, schema_editor):
    """Walk the lines of tenants that ever withdrew one."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(WITHDRAWN, [SHAPE])
        for (tenant,) in cursor.fetchall():
            cursor.execute(PARTIES, [tenant])
            parties = cursor.fetchall()
            cursor.execute("SELECT code, number FROM shipping_shipment WHERE tenant = %s", [tenant])
            numbers = dict(cursor.fetchall())
            cursor.execute(BODIES, [tenant, SHAPE])
            went, meant = {}, {}
            for entry, body in cursor.fetchall():
                for text in segment_texts(body):
                    code, customer, country = json.loads(text)[:3]
                    if (customer, entry) not in meant:
                        meant[customer, entry] = _meant(parties, customer, entry)
                    there = (meant[customer, entry], country)
                    if code in went and (went[code][0], tidy(went[code][1])) != (there[0], tidy(country)):
                        cursor.execute(FORMER, [tenant, numbers[code], entry, *went[code]])
                    if code not in went or went[code][0] != there[0] or tidy(went[code][1]) != tidy(country):
                        went[code] = there


class Migration(migrations.Migration):
    dependencies = [
        ("shipping", "0002_packing"),
        ("ledger", "0001_initial"),
        ("parties", "0001_initial"),
    ]

    operations = [
        CreateCompactTable(
            name="FormerAddress",
            fields=[
                ("tenant", models.IntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant",
                        "shipment",
                        "until_entry",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("shipment", models.IntegerField()),
                ("until_entry", models.IntegerField()),
                ("customer", models.IntegerField()),
                ("country", models.CharField(max_length=60)),
            ],
            options={"db_table": "shipping_former_address"},
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
