"""Table of frozen answers."""

from django.db import models

from asbuilt.answers.register import watch_models  # noqa: F401 - Django looks for tables here
from asbuilt.storage.tenancy import TenantModel


class FrozenAnswer(TenantModel):
    """An answer kept word for word with its question, the log's head and its hash; superseded by a newer one, never changed."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    ulid = models.CharField(max_length=26)
    question = models.TextField()
    answer = models.TextField()
    sha256 = models.BinaryField()
    frozen_at = models.BigIntegerField()
    entry = models.IntegerField()
    supersedes = models.IntegerField(null=True)
    overtaken_by = models.IntegerField(null=True)

    class Meta:
        db_table = "register_frozen_answer"
        constraints = [models.UniqueConstraint(fields=["tenant", "ulid"], name="register_answer_ulid")]
