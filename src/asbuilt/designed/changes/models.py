"""Table of what was said of changes, line by line."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class Line(TenantModel):
    """One line of a file such as CN-1, DEV-2 or ECO-3, or of a product's controlled process (process:AB-100). A later line supersedes an earlier one; none is changed."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    about = models.CharField(max_length=260)
    kind = models.CharField(max_length=40)
    party = models.IntegerField(null=True)
    name = models.CharField(max_length=500)
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
