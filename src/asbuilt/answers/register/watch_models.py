"""Tables of watch lists: which products are watched for which mail list, and up to which moment a list was told."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class Watch(TenantModel):
    """A product that a mail list is told about, from the entry on that said so up to the one that ended it."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    product = models.CharField(max_length=120)
    mail_list = models.CharField(max_length=60)
    since_at = models.BigIntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "register_watch"
        indexes = [models.Index(fields=["tenant", "mail_list"], name="register_watch_list")]


class WatchTold(TenantModel):
    """Up to which moment (UTC µs) a list was told what changed."""

    pk = models.CompositePrimaryKey("tenant", "mail_list")
    mail_list = models.CharField(max_length=60)
    told_until = models.BigIntegerField()

    class Meta:
        db_table = "register_watch_told"
