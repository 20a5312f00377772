"""Table of case files: what was said of cases and signals, line by line."""

from django.db import models

from asbuilt.answers.cases.telling import models as telling_models  # noqa: F401 - Django looks for tables here
from asbuilt.storage.tenancy import TenantModel


class Statement(TenantModel):
    """One line of the file of a case (C-1) or a signal (S-1). A later line supersedes an earlier one; none is changed."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    about = models.CharField(max_length=20)
    kind = models.CharField(max_length=40)
    party = models.IntegerField(null=True)
    duty = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    at = models.BigIntegerField(null=True)
    said = models.TextField()
    why = models.TextField()
    person = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "cases_statement"
        indexes = [
            models.Index(fields=["tenant", "about"], name="cases_statement_about"),
            models.Index(fields=["tenant", "kind"], name="cases_statement_kind"),
        ]
