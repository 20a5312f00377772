"""Tables of concessions; a row is a fact, word for word (`supply.kept`)."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class _Kept(TenantModel):
    """What rows of these tables share: they stand from `entry` up to `until_entry`."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        abstract = True


class Concession(_Kept):
    """That a unit may go although something is missing: `allows` names what by the gate's reason, `subject` which one (a test plan)."""

    unit = models.IntegerField()
    concession = models.CharField(max_length=60)
    allows = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    reason = models.TextField()
    until_at = models.BigIntegerField()

    class Meta:
        db_table = "quality_concession"
        indexes = [
            models.Index(fields=["tenant", "unit"], name="quality_concession_unit"),
            models.Index(fields=["tenant", "concession"], name="quality_concession_code"),
        ]


class ConcessionDecision(_Kept):
    """Who approved a concession: a person of ours, or with `party` that party by its person or its signed document (`file`); or ended it."""

    concession = models.CharField(max_length=60)
    decision = models.CharField(max_length=40)
    party = models.IntegerField(null=True)
    person = models.IntegerField(null=True)
    file = models.CharField(max_length=400)
    sha256 = models.CharField(max_length=80)
    reason = models.TextField()

    class Meta:
        db_table = "quality_concession_decision"
        indexes = [models.Index(fields=["tenant", "concession"], name="quality_decision_concession")]
