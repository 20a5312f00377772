"""Tables of lots and packages, and of what happened to packages before they were mounted."""

from django.db import models
from django.db.models.functions import Upper

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
            models.Index("tenant", Upper("mpn"), name="supply_lot_mpn"),
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


class PackageStatus(TenantModel):
    """A status that a package was given: released, quarantine or rejected, why and by whom; lots.csv has its first."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    package = models.CharField(max_length=200)
    status = models.CharField(max_length=20)
    reason = models.TextField()
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "supply_package_status"
        indexes = [
            models.Index(fields=["tenant", "package"], name="supply_package_status_package"),
        ]


class PackageHandling(TenantModel):
    """What happened to a package in the store or at the line: opened, dried, baked, thawed."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    package = models.CharField(max_length=200)
    event = models.CharField(max_length=20)
    readings = models.TextField()
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "supply_package_handling"
        indexes = [
            models.Index(fields=["tenant", "package"], name="supply_package_handling_packag"),
        ]


class Life(TenantModel):
    """How long material lasts: moisture level, dates and hours, said of a part or of one package; an empty cell says nothing."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    part = models.CharField(max_length=200)
    package = models.CharField(max_length=200)
    msl = models.CharField(max_length=20)
    sealed_on = models.CharField(max_length=20)
    expires_on = models.CharField(max_length=20)
    floor_hours_max = models.IntegerField(null=True)
    thaw_hours_min = models.IntegerField(null=True)
    thaws_max = models.IntegerField(null=True)
    open_hours_max = models.IntegerField(null=True)
    stencil_hours_max = models.IntegerField(null=True)
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "supply_life"
        indexes = [
            models.Index(fields=["tenant", "part"], name="supply_life_part"),
            models.Index(fields=["tenant", "package"], name="supply_life_package"),
        ]


class Declaration(TenantModel):
    """A paper of a supplier or maker: certificate of conformity, authorisation, declaration, SBOM, provenance; the file is evidence."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    supplier = models.IntegerField(null=True)
    delivery = models.CharField(max_length=200)
    part = models.CharField(max_length=200)
    manufacturer = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)
    file = models.CharField(max_length=400)
    sha256 = models.CharField(max_length=80)
    said_by = models.CharField(max_length=200)
    valid_until = models.CharField(max_length=20)
    finding = models.CharField(max_length=400)
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "supply_declaration"
        indexes = [
            models.Index(fields=["tenant", "supplier"], name="supply_declaration_supplier"),
            models.Index(fields=["tenant", "delivery"], name="supply_declaration_delivery"),
            models.Index(fields=["tenant", "sha256"], name="supply_declaration_sha256"),
        ]


class InspectionPlan(TenantModel):
    """How incoming packages of a part and supplier are inspected; an empty part or supplier means any."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    part = models.CharField(max_length=200)
    supplier = models.IntegerField(null=True)
    standard = models.CharField(max_length=20)
    level = models.CharField(max_length=10)
    aql = models.CharField(max_length=10)
    limiting_quality = models.CharField(max_length=10)
    severity = models.CharField(max_length=20)
    checks = models.CharField(max_length=200)
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "supply_inspection_plan"
        indexes = [
            models.Index(fields=["tenant", "part"], name="supply_inspection_plan_part"),
        ]


class Inspection(TenantModel):
    """One incoming inspection: of which packages, after which rule, how many were looked at and found wrong, the verdict."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    inspection = models.CharField(max_length=60)
    packages = models.TextField()
    standard = models.CharField(max_length=20)
    level = models.CharField(max_length=10)
    aql = models.CharField(max_length=10)
    limiting_quality = models.CharField(max_length=10)
    severity = models.CharField(max_length=20)
    code_letter = models.CharField(max_length=2)
    lot_size = models.IntegerField(null=True)
    sample_size = models.IntegerField(null=True)
    accept_max = models.IntegerField(null=True)
    nonconforming = models.IntegerField(null=True)
    verdict = models.CharField(max_length=20)
    rule_set = models.CharField(max_length=80)
    reason = models.TextField()
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "supply_inspection"
        indexes = [
            models.Index(fields=["tenant", "inspection"], name="supply_inspection_inspection"),
        ]


class InspectionCheck(TenantModel):
    """A check for authenticity or quality within an inspection, with its picture or report as evidence."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    inspection = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    verdict = models.CharField(max_length=20)
    readings = models.TextField()
    file = models.CharField(max_length=400)
    sha256 = models.CharField(max_length=80)
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "supply_inspection_check"
        indexes = [
            models.Index(fields=["tenant", "inspection"], name="supply_inspection_check_inspec"),
        ]


class Sample(TenantModel):
    """Pieces of a package that were kept: where, until when."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    package = models.CharField(max_length=200)
    quantity = models.IntegerField(null=True)
    place = models.CharField(max_length=200)
    until_on = models.CharField(max_length=20)
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "supply_sample"
        indexes = [
            models.Index(fields=["tenant", "package"], name="supply_sample_package"),
        ]


class SiliconRevision(TenantModel):
    """Which revision the silicon of a lot, or of one package, is: off the label, by the maker, or read from a device. A lot is named by its five cells."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    package = models.CharField(max_length=200)
    part = models.CharField(max_length=200)
    mpn = models.CharField(max_length=200)
    manufacturer = models.CharField(max_length=200)
    lot_code = models.CharField(max_length=200)
    date_code = models.CharField(max_length=60)
    silicon_revision = models.CharField(max_length=60)
    known_from = models.CharField(max_length=20)
    said_by = models.CharField(max_length=400)
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "supply_silicon_revision"
        indexes = [
            models.Index(fields=["tenant", "package"], name="supply_silicon_package"),
            models.Index(fields=["tenant", "part"], name="supply_silicon_part"),
        ]
