"""Rows of holds say whether their hold was lifted as a whole: what is held now is found without those lifted over the years."""

from django.db import migrations, models

FILL = """
UPDATE production_hold SET lifted = 1 WHERE until_entry IS NULL AND EXISTS (
    SELECT 1 FROM production_hold w WHERE w.tenant = production_hold.tenant AND w.code = production_hold.code
    AND w.action = 2 AND w.kind = 0 AND w.until_entry IS NULL
)
"""


class Migration(migrations.Migration):
    dependencies = [("production", "0010_feeder_index")]
    operations = [
        migrations.AddField("Hold", "lifted", models.SmallIntegerField(db_default=0, default=0)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddIndex(
            "Hold",
            models.Index(
                condition=models.Q(("lifted", 0), ("until_entry__isnull", True)),
                fields=["tenant", "first_unit"],
                name="production_hold_open",
            ),
        ),
    ]
