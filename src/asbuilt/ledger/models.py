"""Tables of the log. See reference/log.md, section 2, for the layout and why it is so."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class Entry(TenantModel):
    """One recorded change. `number` is the order of recording within the tenant; `body` the canonical text (the leaf)."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    ulid = models.CharField(max_length=26)
    type = models.CharField(max_length=80)
    recorded_at = models.BigIntegerField()
    request_key = models.CharField(max_length=200, null=True)
    content = models.BinaryField(null=True)
    body = models.TextField()

    class Meta:
        db_table = "ledger_entry"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "ulid"], name="ledger_entry_ulid"),
            models.UniqueConstraint(fields=["tenant", "request_key"], name="ledger_entry_request_key"),
        ]
        indexes = [models.Index(fields=["tenant", "recorded_at"], name="ledger_entry_recorded_at")]


class Pending(TenantModel):
    """An entry that the sequencer has not put in order yet."""

    pk = models.CompositePrimaryKey("tenant", "entry")
    entry = models.IntegerField()

    class Meta:
        db_table = "ledger_pending"


class Leaf(TenantModel):
    """The place of an entry in the log."""

    pk = models.CompositePrimaryKey("tenant", "position")
    position = models.IntegerField()
    entry = models.IntegerField()

    class Meta:
        db_table = "ledger_leaf"
        constraints = [models.UniqueConstraint(fields=["tenant", "entry"], name="ledger_leaf_entry")]


class Tile(TenantModel):
    """Up to 256 hashes of one level of the tree (C2SP tlog-tiles, height 8)."""

    pk = models.CompositePrimaryKey("tenant", "level", "n")
    level = models.SmallIntegerField()
    n = models.IntegerField()
    hashes = models.BinaryField()

    class Meta:
        db_table = "ledger_tile"


class Head(TenantModel):
    """The present size and root of a tenant's log, and the origin it is signed under."""

    pk = models.CompositePrimaryKey("tenant", "origin")
    origin = models.CharField(max_length=200)
    since = models.IntegerField(default=0)
    size = models.IntegerField()
    root = models.BinaryField()
    signed_at = models.BigIntegerField()
    note = models.TextField()

    class Meta:
        db_table = "ledger_head"


class Checkpoint(TenantModel):
    """A signed head that was handed out."""

    pk = models.CompositePrimaryKey("tenant", "size", "origin")
    size = models.IntegerField()
    origin = models.CharField(max_length=200)
    signed_at = models.BigIntegerField()
    note = models.TextField()

    class Meta:
        db_table = "ledger_checkpoint"


class EntryFacts(TenantModel):
    """What an entry commits to in one shape: count, root and blind stand in the entry too; the rest makes proofs possible."""

    pk = models.CompositePrimaryKey("tenant", "entry", "shape")
    entry = models.IntegerField()
    shape = models.CharField(max_length=60)
    count = models.IntegerField()
    secret = models.BinaryField()
    nodes8 = models.BinaryField()

    class Meta:
        db_table = "ledger_entry_facts"


class Segment(TenantModel):
    """Consecutive facts of an entry and shape, one canonical row text a line, compressed; beside them their ids, eight bytes each.

    `low_unit` and `high_unit` (exclusive) bound the units that they speak of; null for facts about no unit.
    """

    pk = models.CompositePrimaryKey("tenant", "entry", "shape", "first_row")
    entry = models.IntegerField()
    shape = models.CharField(max_length=60)
    first_row = models.IntegerField()
    count = models.IntegerField()
    low_unit = models.IntegerField(null=True)
    high_unit = models.IntegerField(null=True)
    body = models.BinaryField()
    fact_ids = models.BinaryField()

    class Meta:
        db_table = "ledger_segment"
        indexes = [models.Index(fields=["tenant", "shape", "low_unit", "high_unit"], name="ledger_segment_units")]


class FactIndex(TenantModel):
    """Where a fact with this id stands, for shapes whose rows are few; others are found through their segments."""

    pk = models.CompositePrimaryKey("tenant", "fact", "entry", "row")
    fact = models.BinaryField()
    entry = models.IntegerField()
    row = models.IntegerField()
    shape = models.SmallIntegerField()

    class Meta:
        db_table = "ledger_fact_index"


class Withdrawal(TenantModel):
    """A fact, or a span of it, that no longer stands since `entry`."""

    pk = models.CompositePrimaryKey("tenant", "fact", "entry", "first_unit")
    fact = models.BinaryField()
    entry = models.IntegerField()
    first_unit = models.IntegerField(default=0)
    until_unit = models.IntegerField(default=0)
    fact_entry = models.IntegerField()
    fact_row = models.IntegerField()
    shape = models.CharField(max_length=60)
    decided_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "ledger_withdrawal"
        indexes = [models.Index(fields=["tenant", "fact_entry", "shape"], name="ledger_withdrawal_of")]


class Hidden(TenantModel):
    """A personal value that an entry commits to by a salted hash; both columns are emptied when it is erased."""

    pk = models.CompositePrimaryKey("tenant", "entry", "path")
    entry = models.IntegerField()
    path = models.CharField(max_length=80)
    salt = models.BinaryField(null=True)
    value = models.TextField(null=True)

    class Meta:
        db_table = "ledger_hidden"


class Evidence(TenantModel):
    """What arrived, byte for byte, under its SHA-256; the key that opens it, until it is erased."""

    pk = models.CompositePrimaryKey("tenant", "sha256")
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    stored_sha256 = models.CharField(max_length=64)
    evidence_class = models.CharField(max_length=40)
    file_name = models.CharField(max_length=255)
    key = models.BinaryField(null=True)
    erased_by = models.IntegerField(null=True)

    class Meta:
        db_table = "ledger_evidence"


class EntryEvidence(TenantModel):
    """Which entry rests on which evidence."""

    pk = models.CompositePrimaryKey("tenant", "entry", "sha256")
    entry = models.IntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        db_table = "ledger_entry_evidence"
        indexes = [models.Index(fields=["tenant", "sha256"], name="ledger_entry_evidence_of")]
