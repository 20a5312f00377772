"""Tables of what is programmed before it is placed; a row is a fact, word for word (`supply.kept`)."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class _Kept(TenantModel):
    """What rows of these tables share: they stand from `entry` up to `until_entry`."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        abstract = True


class FirmwareDemand(_Kept):
    """Which release an order, or units of a hardware revision, take in an image role; `part` is what comes programmed with it.

    An empty `version` leaves the version open, an empty `of_product` means the product itself.
    """

    order = models.CharField(max_length=200)
    product = models.CharField(max_length=200)
    revision = models.CharField(max_length=200)
    part = models.CharField(max_length=200)
    of_product = models.CharField(max_length=200)
    role = models.CharField(max_length=40)
    version = models.CharField(max_length=200)

    class Meta:
        db_table = "programming_firmware_demand"
        indexes = [
            models.Index(fields=["tenant", "order"], name="programming_demand_order"),
            models.Index(fields=["tenant", "product", "revision"], name="programming_demand_revision"),
        ]


class Configuration(_Kept):
    """Which release a configuration of a hardware revision takes in an image role; with an `order`: the configuration that it names."""

    order = models.CharField(max_length=200)
    product = models.CharField(max_length=200)
    revision = models.CharField(max_length=200)
    configuration = models.CharField(max_length=200)
    part = models.CharField(max_length=200)
    of_product = models.CharField(max_length=200)
    role = models.CharField(max_length=40)
    version = models.CharField(max_length=200)

    class Meta:
        db_table = "programming_configuration"
        indexes = [
            models.Index(fields=["tenant", "order"], name="programming_conf_order"),
            models.Index(fields=["tenant", "product", "revision"], name="programming_conf_revision"),
        ]


class ModuleFirmware(_Kept):
    """With which release a maker's part comes: of one lot, or with date codes from .. until, both in it; open ends are empty."""

    manufacturer = models.CharField(max_length=200)
    mpn = models.CharField(max_length=200)
    lot_code = models.CharField(max_length=200)
    date_code_from = models.CharField(max_length=40)
    date_code_until = models.CharField(max_length=40)
    product = models.CharField(max_length=200)
    role = models.CharField(max_length=40)
    version = models.CharField(max_length=200)
    source = models.CharField(max_length=400)

    class Meta:
        db_table = "programming_module_firmware"
        indexes = [models.Index(fields=["tenant", "manufacturer", "mpn"], name="programming_module_part")]


class ProgrammingOrder(_Kept):
    """An order to program a package with a release: how many pieces, how many are to be read back, by whom."""

    programming_order = models.CharField(max_length=60)
    package = models.CharField(max_length=200)
    product = models.CharField(max_length=200)
    role = models.CharField(max_length=40)
    version = models.CharField(max_length=200)
    quantity = models.IntegerField(null=True)
    read_backs = models.IntegerField(null=True)
    by = models.CharField(max_length=10)
    supplier = models.IntegerField(null=True)

    class Meta:
        db_table = "programming_package_order"
        indexes = [
            models.Index(fields=["tenant", "programming_order"], name="programming_package_order_code"),
            models.Index(fields=["tenant", "package"], name="programming_package_order_pack"),
        ]


class ProgrammingOrderState(_Kept):
    """A programming order was done (how many pieces, at which machine, the supplier's certificate) or closed, and how."""

    programming_order = models.CharField(max_length=60)
    state = models.CharField(max_length=10)
    result = models.CharField(max_length=10)
    quantity = models.IntegerField(null=True)
    machine = models.CharField(max_length=200)
    file = models.CharField(max_length=400)
    sha256 = models.CharField(max_length=80)
    reason = models.TextField()

    class Meta:
        db_table = "programming_package_order_state"
        indexes = [models.Index(fields=["tenant", "programming_order"], name="programming_package_state_code")]


class ReadBack(_Kept):
    """What was read back of a sample of a programming order: the SHA-256 of the bytes, and at which machine."""

    programming_order = models.CharField(max_length=60)
    sample = models.IntegerField(null=True)
    sha256 = models.CharField(max_length=80)
    machine = models.CharField(max_length=200)

    class Meta:
        db_table = "programming_read_back"
        indexes = [models.Index(fields=["tenant", "programming_order"], name="programming_read_back_code")]
