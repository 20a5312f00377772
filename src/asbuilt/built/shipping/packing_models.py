"""Tables of packing, placing on the market and returns; a row is a fact, word for word (`supply.kept`)."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class _Kept(TenantModel):
    """What rows of these tables share: they stand from `entry` up to `until_entry`."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    operator = models.IntegerField(null=True)

    class Meta:
        abstract = True


class Container(_Kept):
    """What happened to a box, pallet or shipment; a shipment has a customer and a country. `sscc` has 18 digits, or is empty."""

    container = models.CharField(max_length=60)
    kind = models.CharField(max_length=40)
    event = models.CharField(max_length=40)
    sscc = models.CharField(max_length=40)
    customer = models.IntegerField(null=True)
    country = models.CharField(max_length=60)
    note = models.CharField(max_length=400)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "shipping_container"
        indexes = [
            models.Index(fields=["tenant", "container"], name="shipping_container_code"),
            models.Index(fields=["tenant", "sscc"], name="shipping_container_sscc"),
        ]


class Packed(_Kept):
    """A unit, or a box or pallet (`content`), that was put into a container or taken out of it."""

    unit = models.IntegerField(null=True)
    content = models.CharField(max_length=60)
    container = models.CharField(max_length=60)
    action = models.CharField(max_length=40)
    reason = models.CharField(max_length=2000)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "shipping_packed"
        indexes = [
            models.Index(fields=["tenant", "unit"], name="shipping_packed_unit"),
            models.Index(fields=["tenant", "container"], name="shipping_packed_container"),
            models.Index(fields=["tenant", "content"], name="shipping_packed_content"),
        ]


class Placing(_Kept):
    """That a shipment, or one unit of it, was placed on the market: by which party, by whose decision, on what basis."""

    unit = models.IntegerField(null=True)
    shipment = models.CharField(max_length=200)
    party = models.IntegerField(null=True)
    decided_by = models.CharField(max_length=200)
    basis = models.CharField(max_length=40)
    reason = models.CharField(max_length=2000)
    file = models.CharField(max_length=400)
    sha256 = models.CharField(max_length=80)
    placed_at = models.BigIntegerField()

    class Meta:
        db_table = "shipping_placing"
        indexes = [
            models.Index(fields=["tenant", "shipment"], name="shipping_placing_shipment"),
            models.Index(fields=["tenant", "placed_at"], name="shipping_placing_moment"),
        ]


class Return(_Kept):
    """What happened to a unit that came back: `replacement` is the unit that stands for it from then on."""

    unit = models.IntegerField()
    replacement = models.IntegerField(null=True)
    rma = models.CharField(max_length=60)
    event = models.CharField(max_length=40)
    said = models.CharField(max_length=2000)
    party = models.IntegerField(null=True)
    shipment = models.CharField(max_length=200)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "shipping_return"
        indexes = [
            models.Index(fields=["tenant", "unit"], name="shipping_return_unit"),
            models.Index(fields=["tenant", "rma"], name="shipping_return_rma"),
            models.Index(fields=["tenant", "replacement"], name="shipping_return_replacement"),
        ]
