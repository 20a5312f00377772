"""Components that say hashes are few, and found without the others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("components", "0004_bom_links")]
    operations = [
        migrations.AddIndex(
            "SbomComponent",
            models.Index(
                condition=models.Q(("hashes", "[]"), _negated=True),
                fields=["tenant", "sbom"],
                name="components_sbom_hashed",
            ),
        ),
    ]
