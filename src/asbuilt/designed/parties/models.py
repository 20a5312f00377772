"""Table of parties."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class Party(TenantModel):
    """A company or authority. `code` is unique; customers, owners and suppliers are found by code or name."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    ulid = models.CharField(max_length=26)
    code = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    roles = models.CharField(max_length=200)
    country = models.CharField(max_length=60)
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "parties_party"
        indexes = [
            models.Index(fields=["tenant", "code"], name="parties_party_code"),
            models.Index(fields=["tenant", "name"], name="parties_party_name"),
        ]


class ProductRole(TenantModel):
    """That a party has a role for a product from a time on; without a product, that this record is kept by that party (`own`)."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    product = models.CharField(max_length=200)
    party = models.IntegerField()
    role = models.CharField(max_length=40)
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "parties_product_role"
        indexes = [models.Index(fields=["tenant", "product"], name="parties_role_product")]
