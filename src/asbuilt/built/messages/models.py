"""Tables of messages: which are known, what machines are called and how much they said, what could not be recorded."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class KnownMessage(TenantModel):
    """Messages that were recorded, eight bytes of each, in buckets: one of them does nothing a second time."""

    pk = models.CompositePrimaryKey("tenant", "bucket")
    bucket = models.IntegerField()
    ids = models.BinaryField()

    class Meta:
        db_table = "messages_known"


class MachineCount(TenantModel):
    """How many messages of a name a machine sent, by what became of them; when it last did, by its clock and by ours."""

    pk = models.CompositePrimaryKey("tenant", "handle", "name", "use")
    handle = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    use = models.CharField(max_length=8)
    count = models.IntegerField()
    flagged = models.IntegerField()
    last_at = models.BigIntegerField()
    received_at = models.BigIntegerField()

    class Meta:
        db_table = "messages_machine_count"


class Machine(TenantModel):
    """What the floor calls a machine and its step, and who works at it now; the handle is the name in its messages.

    `clock_off` is by how many microseconds its clock was ahead when that was measured last; below 0 behind.
    `lag` is by how much its messages come late by its clock, where by more than minutes, `lag_since` since when (by ours) by the same time.
    `software` is the version of its software, as it said it last.
    """

    pk = models.CompositePrimaryKey("tenant", "handle")
    handle = models.CharField(max_length=200)
    machine = models.CharField(max_length=200)
    step = models.CharField(max_length=200)
    operator = models.IntegerField(null=True)
    clock_off = models.BigIntegerField(db_default=0)
    lag = models.BigIntegerField(db_default=0)
    lag_since = models.BigIntegerField(db_default=0)
    software = models.CharField(max_length=200, db_default="")

    class Meta:
        db_table = "messages_machine"


class MachinePass(TenantModel):
    """A machine at work on units. `places` is null where positions are 1, 2, 3 … in unit order; kept while it may matter."""

    pk = models.CompositePrimaryKey("tenant", "handle", "number")
    handle = models.CharField(max_length=200)
    number = models.BigIntegerField()
    transaction_key = models.BinaryField()
    work_order = models.IntegerField()
    first_unit = models.IntegerField()
    until_unit = models.IntegerField()
    panel = models.CharField(max_length=200)
    places = models.TextField(null=True)
    program = models.CharField(max_length=200)
    revision = models.CharField(max_length=60)
    side = models.CharField(max_length=20)
    operator = models.IntegerField(null=True)
    started_at = models.BigIntegerField()
    finished_at = models.BigIntegerField(null=True)
    did = models.IntegerField(default=0)
    tools = models.TextField(default="")
    entry = models.IntegerField()

    class Meta:
        db_table = "messages_pass"
        indexes = [models.Index(fields=["tenant", "transaction_key"], name="messages_pass_transaction")]


class DeadLetter(TenantModel):
    """A message that could not be recorded: the cause, and where its bytes are. Closed once a retry recorded it."""

    pk = models.CompositePrimaryKey("tenant", "message")
    message = models.CharField(max_length=32)
    name = models.CharField(max_length=200)
    handle = models.CharField(max_length=200)
    cause = models.CharField(max_length=80)
    detail = models.TextField()
    evidence = models.CharField(max_length=64)
    place = models.IntegerField()
    size = models.IntegerField()
    received_at = models.BigIntegerField()
    entry = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "messages_dead_letter"
        indexes = [models.Index(fields=["tenant", "entry"], name="messages_dead_letter_entry")]


class MachineFile(TenantModel):
    """A file of a machine, by the hash of its bytes: taken by a mapping, or refused with the cause until a retry takes it, or dismissed."""

    pk = models.CompositePrimaryKey("tenant", "file")
    file = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    machine = models.CharField(max_length=200)
    mapping = models.CharField(max_length=16)
    becomes = models.CharField(max_length=20)
    rows = models.IntegerField()
    size = models.IntegerField()
    use = models.CharField(max_length=12)
    cause = models.CharField(max_length=80)
    detail = models.TextField()
    received_at = models.BigIntegerField()
    entry = models.IntegerField()
    taken_by = models.IntegerField(null=True)

    class Meta:
        db_table = "messages_file"
        indexes = [models.Index(fields=["tenant", "entry"], name="messages_file_entry")]


class FileDismissal(TenantModel):
    """That a file which could not be taken need not be: why, and who said so. It stands until the file is refused anew, or taken."""

    pk = models.CompositePrimaryKey("tenant", "file", "entry")
    file = models.CharField(max_length=64)
    entry = models.IntegerField()
    reason = models.TextField()
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "messages_file_dismissal"
