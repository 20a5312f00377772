"""Tables of runs: long work that a page begins and that goes on without it. No record of units rests on them."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class ImportRun(TenantModel):
    """Files that one person dropped, loaded one after the other. `files` is a JSON list, see `runs.FileState`."""

    pk = models.CompositePrimaryKey("tenant", "ulid")
    ulid = models.CharField(max_length=26)
    folder = models.CharField(max_length=200)
    files = models.TextField()
    state = models.CharField(max_length=10)
    begun_at = models.BigIntegerField()
    finished_at = models.BigIntegerField(null=True)
    person = models.IntegerField(null=True)

    class Meta:
        db_table = "exchange_import_run"
        indexes = [models.Index(fields=["tenant", "state"], name="exchange_import_run_state")]


class VerifyRun(TenantModel):
    """One verification of the whole record, the tables of every room included; `report` is its JSON once finished."""

    pk = models.CompositePrimaryKey("tenant", "ulid")
    ulid = models.CharField(max_length=26)
    state = models.CharField(max_length=10)
    begun_at = models.BigIntegerField()
    finished_at = models.BigIntegerField(null=True)
    person = models.IntegerField(null=True)
    size = models.IntegerField(null=True)
    faults = models.IntegerField(null=True)
    report = models.TextField()

    class Meta:
        db_table = "exchange_verify_run"
        indexes = [models.Index(fields=["tenant", "state"], name="exchange_verify_run_state")]
