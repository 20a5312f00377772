"""Tables of programming: every record, and what each unit runs now as runs of units."""

from django.db import models

from asbuilt.built.programming.preprogrammed_models import (  # noqa: F401  tables of this room too
    Configuration,
    FirmwareDemand,
    ModuleFirmware,
    ProgrammingOrder,
    ProgrammingOrderState,
    ReadBack,
)
from asbuilt.storage.tenancy import TenantModel


class ProgrammingRecord(TenantModel):
    """One attempt to write an image onto a unit. Only result 0 (pass) changes what the unit runs; 1 fail, 2 aborted. `laid_at`: when it was
    recorded, where its own time lies ahead of that; it counts as of then."""

    pk = models.CompositePrimaryKey("tenant", "unit", "happened_at", "release", "entry", "row")
    unit = models.IntegerField()
    happened_at = models.BigIntegerField()
    release = models.IntegerField()
    entry = models.IntegerField()
    row = models.IntegerField(db_default=0)
    result = models.SmallIntegerField()
    source = models.SmallIntegerField()
    uid = models.BinaryField(null=True)
    station = models.IntegerField(null=True)
    operator = models.IntegerField(null=True)
    until_entry = models.IntegerField(null=True)
    laid_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "programming_record"


class PackageProgramming(TenantModel):
    """A package whose devices came programmed with a release; `laid_at` as of a unit's record."""

    pk = models.CompositePrimaryKey("tenant", "package", "happened_at", "release", "entry")
    package = models.IntegerField()
    happened_at = models.BigIntegerField()
    release = models.IntegerField()
    entry = models.IntegerField()
    result = models.SmallIntegerField()
    source = models.SmallIntegerField()
    station = models.IntegerField(null=True)
    operator = models.IntegerField(null=True)
    until_entry = models.IntegerField(null=True)
    laid_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "programming_package"
        indexes = [models.Index(fields=["tenant", "release"], name="programming_package_release")]


class FirmwareRun(TenantModel):
    """Units that run a release by their last successful record (standing 1), ever had it written (standing 0), or may run it (standing 2)."""

    pk = models.CompositePrimaryKey("tenant", "release", "standing", "first_unit", "entry")
    release = models.IntegerField()
    standing = models.SmallIntegerField()
    first_unit = models.IntegerField()
    entry = models.IntegerField()
    until_unit = models.IntegerField()
    units = models.BinaryField(null=True)
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "programming_firmware_run"
        indexes = [
            models.Index(fields=["tenant", "first_unit"], name="programming_firmware_unit"),
            # few are in doubt, mostly none: whether there is one is asked with every question
            models.Index(
                fields=["tenant", "first_unit"], name="programming_firmware_maybe", condition=models.Q(standing=2)
            ),
        ]


class _Kept(TenantModel):
    """A row of an exchange table as its fact holds it; `operator` is a person's number."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        abstract = True


class Grant(_Kept):
    """A grant as the brand owner signed it (kernel.permits)."""

    grant = models.CharField(max_length=40)
    document = models.TextField()

    class Meta:
        db_table = "programming_grant"
        indexes = [models.Index(fields=["tenant", "grant"], name="programming_grant_of")]


class Plan(_Kept):
    """A plan, the bytes that permits name by their SHA-256 (kernel.plans)."""

    sha256 = models.CharField(max_length=80)
    document = models.TextField()

    class Meta:
        db_table = "programming_plan"
        indexes = [models.Index(fields=["tenant", "sha256"], name="programming_plan_of")]


class Station(_Kept):
    """A station was enrolled with these public keys (base64), or closed; the newest row of a name counts."""

    station = models.CharField(max_length=40)
    state = models.CharField(max_length=20)
    site = models.CharField(max_length=80)
    ems = models.CharField(max_length=200)
    public = models.CharField(max_length=200)
    transfer = models.CharField(max_length=200)

    class Meta:
        db_table = "programming_station"
        indexes = [models.Index(fields=["tenant", "station"], name="programming_station_of")]


class Permit(_Kept):
    """A station permit as its issuer signed it (kernel.permits)."""

    permit = models.CharField(max_length=40)
    grant = models.CharField(max_length=40)
    document = models.TextField()

    class Meta:
        db_table = "programming_permit"
        indexes = [
            models.Index(fields=["tenant", "permit"], name="programming_permit_of"),
            models.Index(fields=["tenant", "grant"], name="programming_permit_grant"),
        ]


class PermitState(_Kept):
    """A permit was revoked or closed; or a station's share ended (`ended`: for good), by a certificate kept as evidence."""

    permit = models.CharField(max_length=40)
    station = models.CharField(max_length=40)
    state = models.CharField(max_length=20)
    spent = models.IntegerField(null=True)
    sha256 = models.CharField(max_length=80)
    reason = models.TextField()

    class Meta:
        db_table = "programming_permit_state"
        indexes = [models.Index(fields=["tenant", "permit"], name="programming_permit_state_of")]


class StationRecord(_Kept):
    """A signed record of a station: one attempt, an alarm or its release. `evidence` is the upload that it came in.

    `tool_only` names image roles of which only the tool's word is known; `problem` says why it names no unit here.
    """

    unit = models.IntegerField(null=True)
    key = models.CharField(max_length=250)
    station = models.CharField(max_length=40)
    permit = models.CharField(max_length=40)
    scanned = models.CharField(max_length=200)
    uid = models.CharField(max_length=80)
    attempt = models.IntegerField()
    rework = models.CharField(max_length=10)
    result = models.CharField(max_length=20)
    reason = models.CharField(max_length=80)
    said = models.CharField(max_length=400)
    grade = models.CharField(max_length=20)
    tool_only = models.CharField(max_length=40)
    images = models.TextField()
    tools = models.TextField()
    revision = models.CharField(max_length=40)
    seq = models.IntegerField()
    chain = models.CharField(max_length=80)
    alarm = models.CharField(max_length=250)
    payload_sha256 = models.CharField(max_length=80)
    evidence = models.CharField(max_length=80)
    problem = models.CharField(max_length=400)

    class Meta:
        db_table = "programming_station_record"
        indexes = [
            models.Index(fields=["tenant", "key"], name="programming_srecord_key"),
            models.Index(fields=["tenant", "unit"], name="programming_srecord_unit"),
            models.Index(fields=["tenant", "uid"], name="programming_srecord_uid"),
            models.Index(fields=["tenant", "station", "seq"], name="programming_srecord_seq"),
            models.Index(fields=["tenant", "permit", "result"], name="programming_srecord_permit"),
            models.Index(fields=["tenant", "tool_only", "unit"], name="programming_srecord_weak"),
        ]


class AlarmRelease(_Kept):
    """A person let a station go on from here: the alarm is named by the key of its record."""

    station = models.CharField(max_length=40)
    alarm = models.CharField(max_length=250)
    reason = models.TextField()

    class Meta:
        db_table = "programming_alarm_release"
        indexes = [models.Index(fields=["tenant", "station", "alarm"], name="programming_alarm_release_of")]


class Enrolment(TenantModel):
    """A one-time code that enrols a station: kept as a hash, used up at `used_at`."""

    pk = models.CompositePrimaryKey("tenant", "hash")
    hash = models.CharField(max_length=64)
    station = models.CharField(max_length=40)
    site = models.CharField(max_length=80)
    ems = models.CharField(max_length=200)
    expires_at = models.BigIntegerField()
    used_at = models.BigIntegerField(null=True)
    entry = models.IntegerField()

    class Meta:
        db_table = "programming_enrolment"


class StationContact(TenantModel):
    """What is known of a station from its visits: when, how much waits there, the last bulletin and the one it fetched.

    `heard_entry` is the head of the record when the bulletin was written that the station has for sure.
    """

    pk = models.CompositePrimaryKey("tenant", "station")
    station = models.CharField(max_length=40)
    seen_at = models.BigIntegerField(null=True)
    waiting = models.IntegerField(null=True)
    epoch = models.BigIntegerField(default=0)
    bulletin = models.TextField(default="")
    bulletin_entry = models.IntegerField(default=0)
    heard_entry = models.IntegerField(default=0)
    heard_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "programming_station_contact"


class FixtureCount(TenantModel):
    """How many cycles a fixture made at a station (its name and key), as its records told so far, and when the last of them ended."""

    pk = models.CompositePrimaryKey("tenant", "fixture", "station", "key_id")
    fixture = models.CharField(max_length=80)
    station = models.CharField(max_length=40)
    key_id = models.CharField(max_length=80)
    cycles = models.BigIntegerField()
    last_at = models.BigIntegerField()

    class Meta:
        db_table = "programming_fixture_count"


class SealedImage(TenantModel):
    """An image sealed for a station's key: a blob, so that it is sealed once and fetched as often as needed."""

    pk = models.CompositePrimaryKey("tenant", "sha256", "key_id")
    sha256 = models.CharField(max_length=64)
    key_id = models.CharField(max_length=16)
    stored_sha256 = models.CharField(max_length=64)
    length = models.BigIntegerField()

    class Meta:
        db_table = "programming_sealed_image"


class Receipt(TenantModel):
    """The receipt of an upload that came by a folder, until the next folder takes it."""

    pk = models.CompositePrimaryKey("tenant", "station", "name")
    station = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    document = models.TextField()
    written_at = models.BigIntegerField()

    class Meta:
        db_table = "programming_receipt"
