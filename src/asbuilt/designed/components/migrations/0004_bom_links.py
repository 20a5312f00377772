"""An SBOM is found by serial number and version, as other CycloneDX documents point at it."""

import json

from django.db import migrations, models

AT_ONCE = 500


def fill(apps, schema_editor):
    """Say it of the SBOMs that are there, from what their headers say."""
    from asbuilt.formats.bom_links import document_key

    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT tenant, number, document FROM components_sbom WHERE format = 'cyclonedx'")
        found = []
        while rows := cursor.fetchmany(AT_ONCE):
            for tenant, number, document in rows:
                said = json.loads(document)
                found.append((document_key(said["identity"], said["document_version"]), tenant, number))
        cursor.executemany("UPDATE components_sbom SET link = %s WHERE tenant = %s AND number = %s", found)


class Migration(migrations.Migration):
    dependencies = [("components", "0003_further_names")]
    operations = [
        migrations.AddField("Sbom", "link", models.CharField(db_default="", default="", max_length=50)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
