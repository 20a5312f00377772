"""A component keeps every purl and CPE that its SBOM gives it, not the first of each alone.

SBOMs taken before are read anew when matching next runs; of those whose bytes are erased, what stands with their components is gathered here.
"""

import json

from django.db import migrations, models

AT_ONCE = 2_000


def gather(apps, schema_editor):
    """Fill the column from what the components of SBOMs say; a package version gets what any of them says."""
    from asbuilt.formats.sbom.identifiers import canonical_purl

    found: dict[tuple[int, int], set[tuple[str, str]]] = {}
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.tenant, c.package_version, c.said, v.purl_canonical, v.cpe FROM components_sbom_component c "
            "JOIN components_package_version v ON v.tenant = c.tenant AND v.number = c.package_version "
            "WHERE c.said LIKE '%\"more_identifiers\"%'"
        )
        while rows := cursor.fetchmany(AT_ONCE):
            for tenant, number, said, purl, cpe in rows:
                pairs = {
                    (kind, canonical_purl(value) if kind == "purl" else value)
                    for kind, value in json.loads(said).get("more_identifiers", ())
                    if kind in ("purl", "cpe")
                } - {("purl", purl), ("cpe", cpe), ("purl", "")}
                if pairs:
                    found.setdefault((tenant, number), set()).update(pairs)
        for (tenant, number), pairs in found.items():
            text = json.dumps(sorted(pairs), ensure_ascii=False, separators=(",", ":"))
            sql = "UPDATE components_package_version SET further = %s WHERE tenant = %s AND number = %s"
            cursor.execute(sql, (text, tenant, number))


class Migration(migrations.Migration):
    dependencies = [("components", "0002_images")]
    operations = [
        migrations.AddField("PackageVersion", "further", models.TextField(db_default="", default="")),
        migrations.RunPython(gather, migrations.RunPython.noop),
    ]
