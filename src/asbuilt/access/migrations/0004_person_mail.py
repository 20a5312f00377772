"""The entry that hides the mail address of a person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_badges"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="mail_entry",
            field=models.IntegerField(null=True),
        ),
    ]
