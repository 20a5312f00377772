"""Tables of what is meant to be built."""

from django.db import models
from django.db.models.functions import Upper

from asbuilt.storage.tenancy import TenantModel


class Part(TenantModel):
    """An internal part number."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    ulid = models.CharField(max_length=26)
    code = models.CharField(max_length=200)

    class Meta:
        db_table = "catalog_part"
        constraints = [models.UniqueConstraint(fields=["tenant", "code"], name="catalog_part_code")]


class ManufacturerPart(TenantModel):
    """A maker's part approved for an internal part; mpn and maker may be empty for a part that is only described."""

    pk = models.CompositePrimaryKey("tenant", "part", "mpn", "maker", "entry")
    part = models.IntegerField()
    mpn = models.CharField(max_length=200)
    maker = models.CharField(max_length=200)
    description = models.TextField()
    lifecycle = models.CharField(max_length=20)
    msl = models.CharField(max_length=20)
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "catalog_manufacturer_part"
        indexes = [
            models.Index(fields=["tenant", "mpn"], name="catalog_mpn"),
            models.Index(fields=["tenant", "maker"], name="catalog_maker"),
            models.Index("tenant", Upper("mpn"), name="catalog_mpn_upper"),
        ]


class Product(TenantModel):
    """A product; it begins with its first BOM row."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    ulid = models.CharField(max_length=26)
    code = models.CharField(max_length=200)

    class Meta:
        db_table = "catalog_product"
        constraints = [models.UniqueConstraint(fields=["tenant", "code"], name="catalog_product_code")]


class Revision(TenantModel):
    """A hardware revision of a product."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    product = models.IntegerField()
    code = models.CharField(max_length=60)

    class Meta:
        db_table = "catalog_revision"
        constraints = [models.UniqueConstraint(fields=["tenant", "product", "code"], name="catalog_revision_code")]


class Bom(TenantModel):
    """A BOM version of a hardware revision."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    revision = models.IntegerField()
    version = models.CharField(max_length=60)

    class Meta:
        db_table = "catalog_bom"
        constraints = [models.UniqueConstraint(fields=["tenant", "revision", "version"], name="catalog_bom_version")]


class PositionGroup(TenantModel):
    """The positions a BOM line or a material run speaks of; `label` is blank-separated, in natural order."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    digest = models.BinaryField()
    label = models.TextField()
    count = models.IntegerField()

    class Meta:
        db_table = "catalog_position_group"
        constraints = [models.UniqueConstraint(fields=["tenant", "digest"], name="catalog_position_group_digest")]


class GroupPosition(TenantModel):
    """One position of a group: a reference designator or #LINE."""

    pk = models.CompositePrimaryKey("tenant", "refdes", "group")
    refdes = models.CharField(max_length=120)
    group = models.IntegerField()

    class Meta:
        db_table = "catalog_group_position"
        indexes = [models.Index(fields=["tenant", "group"], name="catalog_group_positions")]


class BomLine(TenantModel):
    """A line of a BOM version: which part, how many, at which positions."""

    pk = models.CompositePrimaryKey("tenant", "bom", "line", "entry")
    bom = models.IntegerField()
    line = models.CharField(max_length=60)
    part = models.IntegerField()
    quantity = models.IntegerField()
    group = models.IntegerField()
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "catalog_bom_line"
        indexes = [models.Index(fields=["tenant", "part"], name="catalog_bom_line_part")]


class Document(TenantModel):
    """A revision of a work instruction, inspection criteria or test procedure; its bytes are evidence under `sha256`."""

    pk = models.CompositePrimaryKey("tenant", "code", "revision", "entry")
    code = models.CharField(max_length=120)
    revision = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    file = models.CharField(max_length=400)
    sha256 = models.BinaryField()
    valid_from_at = models.BigIntegerField()
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "catalog_document"


class RoutingStep(TenantModel):
    """A step of a routing of a hardware revision: its place in the order of steps, where it is done, which documents apply."""

    pk = models.CompositePrimaryKey("tenant", "hardware_revision", "routing", "place_in_route", "entry")
    hardware_revision = models.IntegerField()
    routing = models.CharField(max_length=60)
    place_in_route = models.IntegerField()
    step = models.CharField(max_length=200)
    side = models.CharField(max_length=20)
    place = models.CharField(max_length=200)
    instruction = models.CharField(max_length=181)
    criteria = models.CharField(max_length=181)
    procedure = models.CharField(max_length=181)
    optional = models.BooleanField()
    limits = models.TextField()
    qualifications = models.CharField(max_length=400, db_default="")
    subcontractor = models.IntegerField(null=True)
    evidence = models.CharField(max_length=40, db_default="")
    from_at = models.BigIntegerField()
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "catalog_routing_step"


class ProgramFeeder(TenantModel):
    """What a machine program places from one feeder on a side of a hardware revision; pieces of a splice's grey zone there."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    revision = models.IntegerField()
    side = models.CharField(max_length=6)
    machine = models.CharField(max_length=200)
    program = models.CharField(max_length=200)
    feeder = models.CharField(max_length=200)
    group = models.IntegerField()
    grey_pieces = models.IntegerField(null=True)

    class Meta:
        db_table = "catalog_program_feeder"
        indexes = [models.Index(fields=["tenant", "revision", "machine"], name="catalog_program_machine")]


class PanelPlace(TenantModel):
    """Where a unit lies on a panel of a hardware revision, seen from one side; a machine there calls it `machine_position`."""

    pk = models.CompositePrimaryKey("tenant", "revision", "panel", "side", "machine_position", "entry")
    revision = models.IntegerField()
    panel = models.CharField(max_length=60)
    side = models.CharField(max_length=6)
    machine_position = models.IntegerField()
    position = models.IntegerField()
    x_um = models.IntegerField()
    y_um = models.IntegerField()
    rotation = models.SmallIntegerField()
    flip = models.SmallIntegerField()
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "catalog_panel_place"


class SerialRule(TenantModel):
    """How units of a product are numbered: prefix, counter of so many digits, check digit. The one recorded last is in use."""

    pk = models.CompositePrimaryKey("tenant", "product", "entry", "row")
    product = models.IntegerField()
    prefix = models.CharField(max_length=60)
    width = models.SmallIntegerField()
    check_digit = models.CharField(max_length=12)
    first_counter = models.BigIntegerField()
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "catalog_serial_rule"


class MarkRule(TenantModel):
    """What the mark on a unit of a product holds: its plain serial number, or GTIN and serial number after GS1. The last one counts.

    `read_back` is the step from which on a unit goes on only with a mark that was read and is its own; empty where it goes on without.
    """

    pk = models.CompositePrimaryKey("tenant", "product", "entry", "row")
    product = models.IntegerField()
    content = models.CharField(max_length=12)
    gtin = models.CharField(max_length=14)
    company_digits = models.SmallIntegerField(null=True)
    module_um = models.IntegerField()
    read_back = models.CharField(max_length=200, db_default="")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "catalog_mark_rule"


class RecordDemand(TenantModel):
    """How good the record of a hardware revision is to be: levels of material and process, 0 not demanded, from when, agreed where."""

    pk = models.CompositePrimaryKey("tenant", "revision", "from_at", "entry", "row")
    revision = models.IntegerField()
    from_at = models.BigIntegerField()
    material_level = models.SmallIntegerField()
    process_level = models.SmallIntegerField()
    agreed_in = models.CharField(max_length=400)
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "catalog_record_demand"


class Placement(TenantModel):
    """Where a component sits on a board of a hardware revision, in the frame of the tool that wrote the placement file of this name."""

    pk = models.CompositePrimaryKey("tenant", "revision", "placement", "refdes", "entry")
    revision = models.IntegerField()
    placement = models.CharField(max_length=200)
    refdes = models.CharField(max_length=120)
    x_um = models.IntegerField()
    y_um = models.IntegerField()
    rotation_mdeg = models.IntegerField()
    side = models.CharField(max_length=6)
    footprint = models.CharField(max_length=200)
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "catalog_placement"


class TestPlan(TenantModel):
    """A version of a test plan as it was proposed; its document says everything else (kernel.test_plans)."""

    __test__ = False

    pk = models.CompositePrimaryKey("tenant", "plan", "version", "entry", "row")
    plan = models.CharField(max_length=80)
    version = models.CharField(max_length=60)
    product = models.CharField(max_length=120)
    document = models.TextField()
    changes = models.TextField()
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "catalog_test_plan"


class TestPlanApproval(TenantModel):
    """That a version of a test plan may be tested by from then on, or no more; `sha256` names the very document."""

    __test__ = False

    pk = models.CompositePrimaryKey("tenant", "plan", "version", "entry", "row")
    plan = models.CharField(max_length=80)
    version = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=80)
    decision = models.CharField(max_length=20)
    reason = models.TextField()
    operator = models.IntegerField(null=True)
    decided_at = models.BigIntegerField()
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "catalog_test_plan_approval"
