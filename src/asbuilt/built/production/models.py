"""Tables of the unit axis and of what happened on it. Spans are half open: first_unit, until_unit.

Each row is the projection of facts. It is visible from `entry` on and, where `until_entry` is set, up to that entry; a row that
grew over several entries keeps the steps in `growth`, so that --as-of is exact inside it.
"""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class FloorName(TenantModel):
    """A step, machine, program, feeder, station or test plan by its name on the floor; it begins with its first mention."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200)

    class Meta:
        db_table = "production_floor_name"
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "name"], name="production_floor_name_name")]


class WorkOrder(TenantModel):
    """A work order: how many units of which revision and BOM version, for which brand owner or buyer."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    ulid = models.CharField(max_length=26)
    code = models.CharField(max_length=200)
    batch_number = models.CharField(max_length=200)
    quantity = models.IntegerField()
    owner = models.IntegerField(null=True)
    opened_at = models.BigIntegerField(null=True)
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "production_order"
        indexes = [
            models.Index(fields=["tenant", "code"], name="production_order_code"),
            models.Index(fields=["tenant", "batch_number"], name="production_order_batch"),
            models.Index(fields=["tenant", "owner"], name="production_order_owner"),
        ]


class Block(TenantModel):
    """Unit numbers given to a work order, with the product, revision and BOM version planned for them."""

    pk = models.CompositePrimaryKey("tenant", "first_unit", "entry")
    first_unit = models.IntegerField()
    until_unit = models.IntegerField()
    work_order = models.IntegerField()
    product = models.IntegerField()
    revision = models.IntegerField()
    bom = models.IntegerField()
    entry = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "production_block"
        indexes = [
            models.Index(fields=["tenant", "work_order"], name="production_block_order"),
            models.Index(fields=["tenant", "product"], name="production_block_product"),
        ]


class OrderClosing(TenantModel):
    """A work order that gets no more units, by its code. Its units may go on; a withdrawal opens it again."""

    pk = models.CompositePrimaryKey("tenant", "code", "entry")
    code = models.CharField(max_length=200)
    entry = models.IntegerField()
    row = models.IntegerField()
    closed_at = models.BigIntegerField()
    operator = models.IntegerField(null=True)
    reason = models.TextField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "production_order_closing"


class Numbering(TenantModel):
    """A stretch of a serial rule's counter that was given to units of an order. It is never given again, also when withdrawn."""

    pk = models.CompositePrimaryKey("tenant", "prefix", "width", "check_digit", "first_counter", "entry")
    prefix = models.CharField(max_length=60)
    width = models.SmallIntegerField()
    check_digit = models.CharField(max_length=12)
    first_counter = models.BigIntegerField()
    last_counter = models.BigIntegerField()
    order_code = models.CharField(max_length=200)
    product = models.IntegerField()
    given_at = models.BigIntegerField()
    entry = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "production_numbering"


class UnitName(TenantModel):
    """A name of a unit. Kind 0 is the serial number; others are numbered floor names (MAC, device UID, customer's number).

    `from_at` is when names.csv says that it was given; null for the name of units.csv, which was there before.
    """

    pk = models.CompositePrimaryKey("tenant", "unit", "kind", "value", "entry")
    unit = models.IntegerField()
    kind = models.SmallIntegerField()
    value = models.CharField(max_length=200)
    entry = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    from_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "production_unit_name"
        indexes = [models.Index(fields=["tenant", "value"], name="production_unit_name_value")]


class Panel(TenantModel):
    """Units that were one panel; `positions` is null where they are numbered 1, 2, 3 … in unit order."""

    pk = models.CompositePrimaryKey("tenant", "first_unit", "entry")
    first_unit = models.IntegerField()
    until_unit = models.IntegerField()
    code = models.CharField(max_length=200)
    positions = models.TextField(null=True)
    entry = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "production_panel"
        indexes = [models.Index(fields=["tenant", "code"], name="production_panel_code")]


class UnitState(TenantModel):
    """A state over a span: 1 begun (something happened), 2 built (stated), 3 scrapped, 4 skipped. None of them: planned."""

    pk = models.CompositePrimaryKey("tenant", "first_unit", "state", "entry")
    first_unit = models.IntegerField()
    until_unit = models.IntegerField()
    state = models.SmallIntegerField()
    entry = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "production_unit_state"


class Mount(TenantModel):
    """What happened at a feeder: a package was mounted, spliced behind the one there, or taken off. The last one says what is there."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    machine = models.CharField(max_length=200)
    feeder = models.CharField(max_length=200)
    package = models.CharField(max_length=200)
    what = models.CharField(max_length=20)
    order = models.CharField(max_length=200)
    grey_pieces = models.IntegerField(null=True)
    station = models.CharField(max_length=200)
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()

    class Meta:
        db_table = "production_mount"
        indexes = [
            models.Index(fields=["tenant", "machine", "feeder", "happened_at"], name="production_mount_feeder"),
            models.Index(fields=["tenant", "package"], name="production_mount_package"),
        ]


class MaterialRun(TenantModel):
    """A package at a position group of an order over units: first, until, and a packed bitmap where some between are not meant."""

    pk = models.CompositePrimaryKey("tenant", "work_order", "group", "first_unit", "package", "certain", "entry")
    work_order = models.IntegerField()
    group = models.IntegerField()
    first_unit = models.IntegerField()
    package = models.IntegerField()
    certain = models.SmallIntegerField()
    entry = models.IntegerField()
    until_unit = models.IntegerField()
    units = models.BinaryField(null=True)
    machine = models.IntegerField(null=True)
    feeder = models.IntegerField(null=True)
    happened_at = models.BigIntegerField(null=True)
    until_entry = models.IntegerField(null=True)
    growth = models.BinaryField(null=True)

    class Meta:
        db_table = "production_material_run"
        indexes = [
            models.Index(fields=["tenant", "package"], name="production_material_package"),
            models.Index(fields=["tenant", "feeder", "package"], name="production_material_feeder"),
        ]


class MaterialHole(TenantModel):
    """Built units without a material run at the positions of a BOM line that admits the part, as known now."""

    pk = models.CompositePrimaryKey("tenant", "part", "work_order", "group", "first_unit")
    part = models.IntegerField()
    work_order = models.IntegerField()
    group = models.IntegerField()
    first_unit = models.IntegerField()
    until_unit = models.IntegerField()
    units = models.BinaryField(null=True)

    class Meta:
        db_table = "production_material_hole"
        indexes = [models.Index(fields=["tenant", "work_order"], name="production_hole_order")]


class OtherPart(TenantModel):
    """A package that a run or a replacement of an order names at a position where its BOM takes another part, as known now."""

    pk = models.CompositePrimaryKey("tenant", "work_order", "package", "refdes")
    work_order = models.IntegerField()
    package = models.IntegerField()
    refdes = models.CharField(max_length=120)

    class Meta:
        db_table = "production_other_part"


class GroupMeeting(TenantModel):
    """Two position groups with runs on one order that share a position."""

    pk = models.CompositePrimaryKey("tenant", "work_order", "group", "other")
    work_order = models.IntegerField()
    group = models.IntegerField()
    other = models.IntegerField()

    class Meta:
        db_table = "production_group_meeting"


class ProcessRun(TenantModel):
    """A step at a machine over units and time, with its program and readings; `outside` says in words which lay outside their limits."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    work_order = models.IntegerField()
    step = models.IntegerField()
    machine = models.IntegerField(null=True)
    program = models.IntegerField(null=True)
    side = models.CharField(max_length=20)
    pass_number = models.CharField(max_length=20)
    first_unit = models.IntegerField()
    until_unit = models.IntegerField()
    started_at = models.BigIntegerField()
    finished_at = models.BigIntegerField()
    operator = models.IntegerField(null=True)
    result = models.CharField(max_length=12)
    readings = models.TextField()
    outside = models.TextField(db_default="")
    entry = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "production_process_run"
        indexes = [
            models.Index(
                fields=["tenant", "finished_at"], name="production_process_outside", condition=~models.Q(outside="")
            ),
            models.Index(fields=["tenant", "first_unit"], name="production_process_unit"),
            models.Index(fields=["tenant", "step", "started_at"], name="production_process_step"),
            models.Index(fields=["tenant", "machine", "started_at"], name="production_process_machine"),
        ]


class SentOut(TenantModel):
    """A span of units that left for a step at a subcontractor (the number of a party), with a delivery note."""

    pk = models.CompositePrimaryKey("tenant", "first_unit", "note", "entry")
    first_unit = models.IntegerField()
    until_unit = models.IntegerField()
    note = models.CharField(max_length=60)
    party = models.IntegerField()
    step = models.CharField(max_length=200)
    side = models.CharField(max_length=20)
    transport = models.CharField(max_length=400)
    operator = models.IntegerField(null=True)
    sent_at = models.BigIntegerField()
    entry = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "production_sent_out"
        indexes = [
            models.Index(fields=["tenant", "note"], name="production_sent_out_note"),
            models.Index(fields=["tenant", "party"], name="production_sent_out_party"),
        ]


class TakenBack(TenantModel):
    """A span of units that came back with their delivery note, how the step ended and when it was done there."""

    pk = models.CompositePrimaryKey("tenant", "first_unit", "note", "entry")
    first_unit = models.IntegerField()
    until_unit = models.IntegerField()
    note = models.CharField(max_length=60)
    result = models.CharField(max_length=12)
    started_at = models.BigIntegerField()
    finished_at = models.BigIntegerField()
    operator = models.IntegerField(null=True)
    back_at = models.BigIntegerField()
    entry = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "production_taken_back"
        indexes = [models.Index(fields=["tenant", "note"], name="production_taken_back_note")]


class OutsidePaper(TenantModel):
    """A paper that came back with the units of a delivery note: a certificate, a file of measurements; its bytes are evidence."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    note = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    file = models.CharField(max_length=400)
    sha256 = models.CharField(max_length=80)
    operator = models.IntegerField(null=True)
    kept_at = models.BigIntegerField()

    class Meta:
        db_table = "production_outside_paper"
        indexes = [models.Index(fields=["tenant", "note"], name="production_outside_paper_note")]


class Replacement(TenantModel):
    """What came out of a position of a unit and what went in; null means whatever was there, or not known."""

    pk = models.CompositePrimaryKey("tenant", "unit", "refdes", "happened_at", "entry")
    unit = models.IntegerField()
    refdes = models.CharField(max_length=120)
    happened_at = models.BigIntegerField()
    entry = models.IntegerField()
    removed = models.IntegerField(null=True)
    installed = models.IntegerField(null=True)
    operator = models.IntegerField(null=True)
    reason = models.TextField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "production_replacement"
        indexes = [
            models.Index(fields=["tenant", "removed"], name="production_replacement_removed"),
            models.Index(fields=["tenant", "installed"], name="production_replaced_by"),
        ]


class Assembly(TenantModel):
    """A unit inside a unit, from happened_at until removed_at."""

    pk = models.CompositePrimaryKey("tenant", "child", "happened_at", "entry")
    child = models.IntegerField()
    happened_at = models.BigIntegerField()
    entry = models.IntegerField()
    parent = models.IntegerField()
    position = models.CharField(max_length=120)
    removed_at = models.BigIntegerField(null=True)
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "production_assembly"
        indexes = [models.Index(fields=["tenant", "parent"], name="production_assembly_parent")]


class MarkReading(TenantModel):
    """What was read of a unit's mark: result 0 pass (its own), 1 wrong (something else), 2 unreadable. The last one counts."""

    pk = models.CompositePrimaryKey("tenant", "unit", "happened_at", "entry")
    unit = models.IntegerField()
    happened_at = models.BigIntegerField()
    entry = models.IntegerField()
    read = models.TextField()
    result = models.SmallIntegerField()
    station = models.IntegerField(null=True)
    operator = models.IntegerField(null=True)
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "production_mark_reading"


class Hold(TenantModel):
    """One row of a hold: what it holds (a lot, units, the answer of a question), or that it was lifted, wholly or for units."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    code = models.CharField(max_length=200)
    action = models.SmallIntegerField()
    kind = models.SmallIntegerField()
    lot = models.IntegerField(null=True)
    first_unit = models.IntegerField(null=True)
    until_unit = models.IntegerField(null=True)
    question = models.TextField()
    silent = models.SmallIntegerField()
    lifted_by = models.CharField(max_length=20)
    reason = models.TextField()
    person = models.IntegerField(null=True)
    decided_at = models.BigIntegerField()
    entry = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    lifted = models.SmallIntegerField(db_default=0, default=0)  # whether a row that stands lifts the hold as a whole

    class Meta:
        db_table = "production_hold"
        indexes = [
            models.Index(fields=["tenant", "code"], name="production_hold_code"),
            models.Index(fields=["tenant", "first_unit"], name="production_hold_unit"),
            models.Index(
                fields=["tenant", "first_unit"],
                name="production_hold_open",
                condition=models.Q(lifted=0, until_entry__isnull=True),
            ),
        ]


class FileMapping(TenantModel):
    """How files of a machine are read, by the pattern of their names: the cells of mappings.csv as they were said."""

    pk = models.CompositePrimaryKey("tenant", "machine", "pattern", "entry")
    machine = models.CharField(max_length=200)
    pattern = models.CharField(max_length=200)
    entry = models.IntegerField()
    row = models.IntegerField()
    becomes = models.CharField(max_length=20)
    format = models.CharField(max_length=10)
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=20)
    header = models.CharField(max_length=3)
    decimal = models.CharField(max_length=10)
    time_format = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=80)
    rows_at = models.CharField(max_length=200)
    columns = models.TextField()
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "production_file_mapping"


class Calibration(TenantModel):
    """A calibration of an instrument: found in tolerance or not, how it was left, until when it holds; the certificate is evidence.

    `station` is the station or machine whose results rest on the instrument; empty where the instrument is one itself.
    """

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    instrument = models.CharField(max_length=200)
    kind = models.CharField(max_length=200)
    station = models.CharField(max_length=200)
    as_found = models.CharField(max_length=20)
    as_left = models.CharField(max_length=20)
    certificate = models.CharField(max_length=200)
    laboratory = models.CharField(max_length=200)
    file = models.CharField(max_length=400)
    sha256 = models.CharField(max_length=80)
    valid_until = models.CharField(max_length=20)
    operator = models.IntegerField(null=True)
    calibrated_at = models.BigIntegerField()

    class Meta:
        db_table = "production_calibration"
        indexes = [models.Index(fields=["tenant", "instrument"], name="production_calibration_instr")]


class Qualification(TenantModel):
    """A qualification that a person was given, such as IPC-A-610, by whom, and its last day; empty: without an end."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    person = models.IntegerField(null=True)
    qualification = models.CharField(max_length=120)
    level = models.CharField(max_length=60)
    certificate = models.CharField(max_length=200)
    issuer = models.CharField(max_length=200)
    file = models.CharField(max_length=400)
    sha256 = models.CharField(max_length=80)
    valid_until = models.CharField(max_length=20)
    operator = models.IntegerField(null=True)
    granted_at = models.BigIntegerField()

    class Meta:
        db_table = "production_qualification"
        indexes = [models.Index(fields=["tenant", "person"], name="production_qualification_pers")]


class MachineArea(TenantModel):
    """In which area of the factory a machine stands from a time on; an empty area: in none that is watched."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    machine = models.CharField(max_length=200)
    area = models.CharField(max_length=200)
    operator = models.IntegerField(null=True)
    from_at = models.BigIntegerField()

    class Meta:
        db_table = "production_area"
        indexes = [models.Index(fields=["tenant", "machine"], name="production_area_machine")]


class Environment(TenantModel):
    """What was measured in an area: temperature, relative humidity, cleanroom class; an empty cell was not measured."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    area = models.CharField(max_length=200)
    temperature_c = models.CharField(max_length=20)
    humidity_percent = models.CharField(max_length=20)
    cleanroom_class = models.CharField(max_length=60)
    sensor = models.CharField(max_length=200)
    operator = models.IntegerField(null=True)
    measured_at = models.BigIntegerField()

    class Meta:
        db_table = "production_environment"
        indexes = [models.Index(fields=["tenant", "area", "measured_at"], name="production_environment_area")]


class AlarmClosing(TenantModel):
    """What a person decided about process runs out of limits: a hold was placed, or none is needed, and why."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    order = models.CharField(max_length=200)
    step = models.CharField(max_length=200)
    side = models.CharField(max_length=20)
    machine = models.CharField(max_length=200)
    started_at = models.BigIntegerField()
    finished_at = models.BigIntegerField()
    decision = models.CharField(max_length=20)
    hold = models.CharField(max_length=200)
    reason = models.TextField()
    operator = models.IntegerField(null=True)
    decided_at = models.BigIntegerField()

    class Meta:
        db_table = "production_alarm_closing"
        indexes = [models.Index(fields=["tenant", "finished_at"], name="production_alarm_closing_time")]
