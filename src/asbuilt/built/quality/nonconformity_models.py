"""Tables of nonconformities. Each row is a fact, word for word; it stands from `entry` up to `until_entry`."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class Nonconformity(TenantModel):
    """Something is not as it should be: found where, how bad, at which product; the question says which units it is about."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    nonconformity = models.CharField(max_length=60)
    source = models.CharField(max_length=20)
    severity = models.CharField(max_length=20)
    product = models.CharField(max_length=120)
    defect = models.CharField(max_length=120)
    party = models.CharField(max_length=120)
    question = models.TextField()
    description = models.TextField()
    operator = models.IntegerField(null=True)
    raised_at = models.BigIntegerField()

    class Meta:
        db_table = "quality_nonconformity"
        indexes = [models.Index(fields=["tenant", "nonconformity"], name="quality_nonconformity_code")]


class NonconformityUnits(TenantModel):
    """Units of a nonconformity: with an empty disposition it is about them, else the disposition is."""

    pk = models.CompositePrimaryKey("tenant", "first_unit", "nonconformity", "disposition", "entry")
    first_unit = models.IntegerField()
    until_unit = models.IntegerField()
    nonconformity = models.CharField(max_length=60)
    disposition = models.CharField(max_length=20)
    operator = models.IntegerField(null=True)
    stated_at = models.BigIntegerField()
    entry = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "quality_nonconformity_unit"
        indexes = [models.Index(fields=["tenant", "nonconformity"], name="quality_ncr_unit_code")]


class NonconformityCause(TenantModel):
    """A why, or a branch of an Ishikawa diagram; `root` true where it is what has to be mended."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    nonconformity = models.CharField(max_length=60)
    method = models.CharField(max_length=20)
    place = models.CharField(max_length=20)
    cause = models.TextField()
    root = models.CharField(max_length=5)
    operator = models.IntegerField(null=True)
    stated_at = models.BigIntegerField()

    class Meta:
        db_table = "quality_nonconformity_cause"
        indexes = [models.Index(fields=["tenant", "nonconformity"], name="quality_ncr_cause_code")]


class Disposition(TenantModel):
    """A step of a disposition: proposed, agreed to by the manufacturer, approved, refused, carried out."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    nonconformity = models.CharField(max_length=60)
    disposition = models.CharField(max_length=20)
    step = models.CharField(max_length=20)
    decision = models.CharField(max_length=20)
    reason = models.TextField()
    party = models.CharField(max_length=120)
    file = models.CharField(max_length=400)
    sha256 = models.CharField(max_length=80)
    operator = models.IntegerField(null=True)
    decided_at = models.BigIntegerField()

    class Meta:
        db_table = "quality_disposition"
        indexes = [models.Index(fields=["tenant", "nonconformity"], name="quality_disposition_code")]


class NonconformityAction(TenantModel):
    """What is done so that it does not come again: by whom, until when. The row stated last counts."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    nonconformity = models.CharField(max_length=60)
    action = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    due_on = models.CharField(max_length=20)
    description = models.TextField()
    person = models.IntegerField(null=True)
    operator = models.IntegerField(null=True)
    stated_at = models.BigIntegerField()

    class Meta:
        db_table = "quality_nonconformity_action"
        indexes = [models.Index(fields=["tenant", "nonconformity"], name="quality_ncr_action_code")]


class NonconformityState(TenantModel):
    """Contained by a hold, closed, opened again."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    nonconformity = models.CharField(max_length=60)
    state = models.CharField(max_length=20)
    hold = models.CharField(max_length=200)
    reason = models.TextField()
    operator = models.IntegerField(null=True)
    decided_at = models.BigIntegerField()

    class Meta:
        db_table = "quality_nonconformity_state"
        indexes = [models.Index(fields=["tenant", "nonconformity"], name="quality_ncr_state_code")]


class EffectivenessCheck(TenantModel):
    """How it will be seen whether the actions helped: of the units that `among` gives, how many `question` may find."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    nonconformity = models.CharField(max_length=60)
    question = models.TextField()
    among = models.TextField()
    units_min = models.BigIntegerField()
    failed_ppm_max = models.BigIntegerField()
    due_on = models.CharField(max_length=20)
    operator = models.IntegerField(null=True)
    stated_at = models.BigIntegerField()

    class Meta:
        db_table = "quality_effectiveness_check"
        indexes = [models.Index(fields=["tenant", "nonconformity"], name="quality_effect_check_code")]


class EffectivenessResult(TenantModel):
    """What an effectiveness check counted, and the frozen answer it rests on."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    nonconformity = models.CharField(max_length=60)
    question = models.TextField()
    among = models.TextField()
    units = models.BigIntegerField()
    failed = models.BigIntegerField()
    verdict = models.CharField(max_length=20)
    answer = models.CharField(max_length=26)
    operator = models.IntegerField(null=True)
    measured_at = models.BigIntegerField()

    class Meta:
        db_table = "quality_effectiveness_result"
        indexes = [models.Index(fields=["tenant", "nonconformity"], name="quality_effect_result_code")]
