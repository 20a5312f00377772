"""Table of what people said for technical files, declarations, user information, requests and questionnaires, line by line."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class FilingLine(TenantModel):
    """One line. `about` names what it is of (`product/EG-200`, `declaration/D-1`, `party/OW` …). A later line supersedes an earlier one."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    about = models.CharField(max_length=220)
    kind = models.CharField(max_length=40)
    name = models.CharField(max_length=220)
    at = models.BigIntegerField(null=True)
    said = models.TextField()
    why = models.TextField()
    person = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "compliance_filing"
        indexes = [
            models.Index(fields=["tenant", "about"], name="compliance_filing_about"),
            models.Index(fields=["tenant", "kind"], name="compliance_filing_kind"),
        ]
