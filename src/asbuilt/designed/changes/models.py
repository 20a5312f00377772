"""Table of what was said of change notices, alternates, qualification runs, deviations and design reviews, line by line."""

from django.db import models

from asbuilt.designed.changes.controlling import models as controlling_models  # noqa: F401 - Django looks for tables here
from asbuilt.storage.tenancy import TenantModel


class Line(TenantModel):
    """One line of a file such as CN-1 or DEV-2. A later line supersedes an earlier one; none is changed."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    about = models.CharField(max_length=20)
    kind = models.CharField(max_length=40)
    party = models.IntegerField(null=True)
    name = models.CharField(max_length=200)
    at = models.BigIntegerField(null=True)
    said = models.TextField()
    why = models.TextField()
    person = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "changes_line"
        indexes = [
            models.Index(fields=["tenant", "about"], name="changes_line_about"),
            models.Index(fields=["tenant", "kind", "name"], name="changes_line_kind"),
        ]
