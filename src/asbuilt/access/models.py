"""Tenants and people. Logins and tokens stand in the same room."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class Tenant(models.Model):
    """A company that keeps its record here. `number` leads every key of its rows."""

    number = models.AutoField(primary_key=True)
    ulid = models.CharField(max_length=26, unique=True)
    slug = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=60, default="UTC")
    operator_questions = models.BooleanField(default=False)
    opened_at = models.BigIntegerField()

    class Meta:
        db_table = "access_tenant"


class Person(TenantModel):
    """A person of a tenant. `code` is the badge or login the floor knows; code and name are emptied when erased."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    code = models.CharField(max_length=120, null=True)
    name = models.CharField(max_length=200, null=True)
    entry = models.IntegerField()
    erased_by = models.IntegerField(null=True)

    class Meta:
        db_table = "access_person"
        constraints = [models.UniqueConstraint(fields=["tenant", "code"], name="access_person_code")]
