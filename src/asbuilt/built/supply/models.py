"""Tables of lots and packages."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class Lot(TenantModel):
    """Maker + MPN + lot code + date code of a part; an empty lot or date code means it is not known."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    ulid = models.CharField(max_length=26)
    part = models.IntegerField()
    maker = models.CharField(max_length=200)
    mpn = models.CharField(max_length=200)
    lot_code = models.CharField(max_length=200)
    date_code = models.CharField(max_length=60)

    class Meta:
        db_table = "supply_lot"
        indexes = [
            models.Index(fields=["tenant", "lot_code"], name="supply_lot_code"),
            models.Index(fields=["tenant", "part"], name="supply_lot_part"),
        ]


class Package(TenantModel):
    """One reel, tray, tube, stick, bag or box, normally of one lot."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    ulid = models.CharField(max_length=26)
    code = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)
    lot = models.IntegerField()
    part = models.IntegerField()
    supplier = models.IntegerField(null=True)
    owner = models.IntegerField(null=True)
    quantity = models.IntegerField(null=True)
    received_at = models.BigIntegerField(null=True)
    delivery = models.CharField(max_length=200)
    coc = models.CharField(max_length=200)
    status = models.CharField(max_length=20)
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "supply_package"
        indexes = [
            models.Index(fields=["tenant", "code"], name="supply_package_code"),
            models.Index(fields=["tenant", "lot"], name="supply_package_lot"),
            models.Index(fields=["tenant", "part"], name="supply_package_part"),
            models.Index(fields=["tenant", "supplier"], name="supply_package_supplier"),
        ]


class PackageName(TenantModel):
    """A further name of a package, by its code: the EPC of its RFID tag, a customer's number. It finds the package."""

    pk = models.CompositePrimaryKey("tenant", "value", "code", "entry")
    value = models.CharField(max_length=200)
    code = models.CharField(max_length=200)
    entry = models.IntegerField()
    row = models.IntegerField()
    kind = models.CharField(max_length=60)
    from_at = models.BigIntegerField()
    reason = models.TextField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "supply_package_name"
        indexes = [models.Index(fields=["tenant", "code"], name="supply_package_name_code")]
