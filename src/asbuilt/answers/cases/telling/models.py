"""Tables of contacts, notices, their recipients, what became of each, and what waits to be sent."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class Contact(TenantModel):
    """By which channel a party is told, in which language; the address is hidden in the entry. The last row of party and channel holds."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    party = models.IntegerField()
    channel = models.CharField(max_length=10)
    language = models.CharField(max_length=10)
    stands = models.BooleanField()
    person = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "cases_contact"
        indexes = [models.Index(fields=["tenant", "party"], name="cases_contact_party")]


class Notice(TenantModel):
    """A version of a notice: on which frozen answer it rests, and its words by language."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    case_code = models.CharField(max_length=20)
    notice = models.CharField(max_length=20)
    version = models.IntegerField()
    kind = models.CharField(max_length=20)
    answer = models.CharField(max_length=26)
    answer_sha256 = models.CharField(max_length=64)
    texts = models.TextField()
    person = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "cases_notice"
        constraints = [models.UniqueConstraint(fields=["tenant", "notice", "version"], name="cases_notice_version")]
        indexes = [models.Index(fields=["tenant", "case_code"], name="cases_notice_case")]


class Recipient(TenantModel):
    """A party of a notice's version with the three numbers of its units and their list, compressed."""

    pk = models.CompositePrimaryKey("tenant", "notice", "version", "party")
    notice = models.CharField(max_length=20)
    version = models.IntegerField()
    party = models.IntegerField()
    certain = models.IntegerField()
    possible = models.IntegerField()
    unrecorded = models.IntegerField()
    products = models.TextField()
    list_sha256 = models.CharField(max_length=64)
    units_csv = models.BinaryField()
    entry = models.IntegerField()
    row = models.IntegerField()

    class Meta:
        db_table = "cases_notice_recipient"


class Delivery(TenantModel):
    """What became of a notice at one party by one channel; rows are added, none is changed."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    notice = models.CharField(max_length=20)
    version = models.IntegerField()
    party = models.IntegerField()
    channel = models.CharField(max_length=10)
    state = models.CharField(max_length=20)
    code = models.CharField(max_length=20)
    said = models.CharField(max_length=400)
    at = models.BigIntegerField()
    person = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "cases_notice_delivery"
        indexes = [models.Index(fields=["tenant", "notice", "party"], name="cases_notice_delivery_of")]


class Sending(TenantModel):
    """The desk of the sender: what waits, is on its way or is done. Outcomes go into the log in groups; the state says whether they have."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    notice = models.CharField(max_length=20)
    version = models.IntegerField()
    party = models.IntegerField()
    channel = models.CharField(max_length=10)
    language = models.CharField(max_length=10)
    token = models.CharField(max_length=40)
    state = models.CharField(max_length=10)
    tries = models.IntegerField(default=0)
    queued_at = models.BigIntegerField()
    due_at = models.BigIntegerField()
    error = models.CharField(max_length=400)
    code = models.CharField(max_length=20)
    ended_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "cases_notice_sending"
        constraints = [models.UniqueConstraint(fields=["tenant", "token"], name="cases_notice_sending_token")]
        indexes = [
            models.Index(fields=["tenant", "state", "due_at"], name="cases_notice_sending_due"),
            models.Index(fields=["tenant", "notice"], name="cases_notice_sending_of"),
        ]
