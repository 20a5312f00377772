"""Tables of programming: every record, and what each unit runs now as runs of units."""

from django.db import models

from asbuilt.built.programming.preprogrammed_models import (  # noqa: F401  tables of this room too
    FirmwareDemand,
    ModuleFirmware,
    ProgrammingOrder,
    ProgrammingOrderState,
    ReadBack,
)
from asbuilt.storage.tenancy import TenantModel


class ProgrammingRecord(TenantModel):
    """One attempt to write an image onto a unit. Only result 0 (pass) changes what the unit runs; 1 fail, 2 aborted."""

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

    class Meta:
        db_table = "programming_record"


class PackageProgramming(TenantModel):
    """A package whose devices came programmed with a release."""

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

    class Meta:
        db_table = "programming_package"
        indexes = [models.Index(fields=["tenant", "release"], name="programming_package_release")]


class FirmwareRun(TenantModel):
    """Units that run a release by their last successful record (standing 1), or ever had it written (standing 0)."""

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
        indexes = [models.Index(fields=["tenant", "first_unit"], name="programming_firmware_unit")]
