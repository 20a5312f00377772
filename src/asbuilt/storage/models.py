"""The table of the outbox."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class Outgoing(TenantModel):
    """Something to be sent once its transaction is committed: by which channel, where to, the bytes; how often it was tried."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    channel = models.CharField(max_length=20)
    target = models.CharField(max_length=200)
    payload = models.BinaryField()
    queued_at = models.BigIntegerField()
    due_at = models.BigIntegerField()
    tries = models.IntegerField(default=0)
    state = models.CharField(max_length=10)
    error = models.CharField(max_length=400)
    sent_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "storage_outgoing"
        indexes = [models.Index(fields=["tenant", "state", "due_at"], name="storage_outgoing_due")]
