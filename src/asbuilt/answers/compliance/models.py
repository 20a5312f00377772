"""Table of compliance: what was said of products, line by line."""

from django.db import models

from asbuilt.answers.compliance.filing import models as filing_models  # noqa: F401 - Django looks for tables here
from asbuilt.storage.tenancy import TenantModel


class ComplianceStatement(TenantModel):
    """One line about a product. A later line of the same kind, party and name supersedes an earlier one; none is changed."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    about = models.CharField(max_length=200)
    kind = models.CharField(max_length=40)
    party = models.IntegerField(null=True)
    name = models.CharField(max_length=200)
    said = models.TextField()
    why = models.TextField()
    person = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "compliance_statement"
        indexes = [
            models.Index(fields=["tenant", "about", "kind"], name="compliance_statement_about"),
            models.Index(fields=["tenant", "kind"], name="compliance_statement_kind"),
        ]
