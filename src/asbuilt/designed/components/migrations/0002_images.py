"""An SBOM of a firmware release names the image that it is of."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("components", "0001_initial")]
    operations = [
        migrations.AddField("Sbom", "image", models.BinaryField(null=True)),
        migrations.AddField("Sbom", "bound_by", models.CharField(default="", max_length=20)),
    ]
