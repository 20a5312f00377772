"""Tables of test runs, and the last outcome of each plan as runs of units."""

from django.db import models

from asbuilt.built.quality import concession_models, nonconformity_models, waiver_models  # noqa: F401 - Django looks for tables here
from asbuilt.storage.tenancy import TenantModel


class TestRun(TenantModel):
    """One run of a test plan on a unit; outcome 0 pass, 1 fail, 2 error, 3 aborted."""

    pk = models.CompositePrimaryKey("tenant", "unit", "plan", "started_at", "entry", "row")
    unit = models.IntegerField()
    plan = models.IntegerField()
    started_at = models.BigIntegerField()
    entry = models.IntegerField()
    row = models.IntegerField(db_default=0)
    finished_at = models.BigIntegerField(null=True)
    plan_version = models.CharField(max_length=60)
    outcome = models.SmallIntegerField()
    station = models.IntegerField(null=True)
    operator = models.IntegerField(null=True)
    measurements = models.TextField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "quality_test_run"
        indexes = [models.Index(fields=["tenant", "plan", "finished_at"], name="quality_test_run_time")]


class Defect(TenantModel):
    """A defect code that a test run found on its unit and nobody rejected, and how many `times`; `row` is that of the run in its entry."""

    pk = models.CompositePrimaryKey("tenant", "code", "unit", "plan", "started_at", "entry", "row")
    code = models.CharField(max_length=200)
    unit = models.IntegerField()
    plan = models.IntegerField()
    started_at = models.BigIntegerField()
    entry = models.IntegerField()
    row = models.IntegerField()
    times = models.IntegerField(db_default=1)
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "quality_defect"
        indexes = [models.Index(fields=["tenant", "unit"], name="quality_defect_unit")]


class Identity(TenantModel):
    """What only one unit may have, as a test run showed it: a key by its SHA-256, a password by its keyed commitment."""

    pk = models.CompositePrimaryKey("tenant", "sha256", "unit", "plan", "started_at", "entry", "row")
    sha256 = models.CharField(max_length=64)
    unit = models.IntegerField()
    plan = models.IntegerField()
    started_at = models.BigIntegerField()
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "quality_identity"
        indexes = [models.Index(fields=["tenant", "unit"], name="quality_identity_unit")]


class OutcomeRun(TenantModel):
    """Units whose last run of a plan had an outcome (standing 1), or that ever had it (standing 0)."""

    pk = models.CompositePrimaryKey("tenant", "plan", "outcome", "standing", "first_unit", "entry")
    plan = models.IntegerField()
    outcome = models.SmallIntegerField()
    standing = models.SmallIntegerField()
    first_unit = models.IntegerField()
    entry = models.IntegerField()
    until_unit = models.IntegerField()
    units = models.BinaryField(null=True)
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "quality_outcome_run"
