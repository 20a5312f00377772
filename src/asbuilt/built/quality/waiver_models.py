"""Tables of waivers; a row is a fact, word for word (`supply.kept`)."""

from django.db import models

from asbuilt.built.quality.concession_models import _Kept


class Waiver(_Kept):
    """That units of a product may go, or a release be released, although a vulnerability is known and open: all of the product, one
    release of it (`role`, `version`), or the units that a question means; until a time."""

    waiver = models.CharField(max_length=60)
    vulnerability = models.CharField(max_length=120)
    product = models.CharField(max_length=120)
    role = models.CharField(max_length=60)
    version = models.CharField(max_length=120)
    question = models.TextField()
    reason = models.TextField()
    until_at = models.BigIntegerField()

    class Meta:
        db_table = "quality_waiver"
        indexes = [
            models.Index(fields=["tenant", "vulnerability"], name="quality_waiver_vulnerability"),
            models.Index(fields=["tenant", "waiver"], name="quality_waiver_code"),
        ]


class WaiverDecision(_Kept):
    """Who agreed to a waiver: a person of ours, or with `party` that party by its person or its signed document (`file`); or ended it."""

    waiver = models.CharField(max_length=60)
    decision = models.CharField(max_length=40)
    party = models.IntegerField(null=True)
    person = models.IntegerField(null=True)
    file = models.CharField(max_length=400)
    sha256 = models.CharField(max_length=80)
    reason = models.TextField()

    class Meta:
        db_table = "quality_waiver_decision"
        indexes = [models.Index(fields=["tenant", "waiver"], name="quality_waiver_decided")]
