"""Tables of shipments."""

from django.db import models

from asbuilt.built.shipping.packing_models import Container, Packed, Placing, Return  # noqa: F401  tables of this room too
from asbuilt.storage.tenancy import TenantModel


class Shipment(TenantModel):
    """A shipment to a customer; where it went before it was recorded anew stands among former addresses."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    ulid = models.CharField(max_length=26)
    code = models.CharField(max_length=200)
    customer = models.IntegerField()
    country = models.CharField(max_length=60)

    class Meta:
        db_table = "shipping_shipment"
        constraints = [models.UniqueConstraint(fields=["tenant", "code"], name="shipping_shipment_code")]
        indexes = [models.Index(fields=["tenant", "customer"], name="shipping_shipment_customer")]


class FormerAddress(TenantModel):
    """Where a shipment went until an entry: its lines were all withdrawn, and it was recorded anew for somebody else, or another country."""

    pk = models.CompositePrimaryKey("tenant", "shipment", "until_entry")
    shipment = models.IntegerField()
    until_entry = models.IntegerField()
    customer = models.IntegerField()
    country = models.CharField(max_length=60)

    class Meta:
        db_table = "shipping_former_address"


class ShipmentLine(TenantModel):
    """A span of units in a shipment; the last by shipped_at says where a unit is."""

    pk = models.CompositePrimaryKey("tenant", "first_unit", "shipment", "entry")
    first_unit = models.IntegerField()
    shipment = models.IntegerField()
    entry = models.IntegerField()
    until_unit = models.IntegerField()
    shipped_at = models.BigIntegerField()
    placed_at = models.BigIntegerField(null=True)
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "shipping_line"
        indexes = [models.Index(fields=["tenant", "shipment"], name="shipping_line_shipment")]
