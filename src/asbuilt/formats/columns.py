"""Columns: the exchange tables as design section 7 lists them, in the order in which they are loaded.

Each column has a rule for its cells (formats/cells.py). `~name` below marks a column that a file may leave out.
Columns that only help to find a unit where its serial number is not unique (`product`, `parent_product`,
`child_product`) stand last and are no part of the row's identity.
"""

from dataclasses import dataclass
from functools import cached_property

from asbuilt.formats.cells import Count, Hex, Instant, Json, Number, Positions, Text, Word, Words


@dataclass(frozen=True, eq=False)
class Table:
    """One exchange table: name without `.csv`, rules by column in canonical order, which columns may be missing.

    `finders` are the optional columns at the end that only help to find a unit; `one_of` names columns of which a row
    needs at least one, `together` columns that are all filled or all empty.
    """

    name: str
    rules: dict[str, Text]
    optional: frozenset[str] = frozenset()
    finders: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    together: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All columns in canonical order, optional ones included."""
        return tuple(self.rules)

    @cached_property
    def required(self) -> frozenset[str]:
        """The columns that a file must have."""
        return frozenset(self.rules) - self.optional

    @cached_property
    def fact_width(self) -> int:
        """How many columns, from the left, make a row's identity."""
        return len(self.rules) - len(self.finders)


def _table(
    name: str,
    *columns: tuple[str, Text],
    finders: tuple[str, ...] = (),
    one_of: tuple[str, ...] = (),
    together: tuple[str, ...] = (),
) -> Table:
    rules = {column.removeprefix("~"): rule for column, rule in columns}
    optional = {column[1:] for column, _ in columns if column.startswith("~")}
    rules |= dict.fromkeys(finders, TEXT)
    return Table(name, rules, frozenset(optional) | frozenset(finders), finders, one_of, together)


TEXT = Text()
NAMED = Text(required=True)
INSTANT = Instant(required=True)
INSTANT_OR_EMPTY = Instant()
COUNT = Count(required=True)
COUNT_OR_EMPTY = Count()
NUMBER = Number(required=True)
JSON = Json()


def _word(words: str, *, required: bool = True) -> Word:
    return Word(required=required, words=tuple(words.split()))


PARTIES = _table(
    "parties",
    ("party", NAMED),
    ("name", NAMED),
    ("roles", Words(words=("manufacturer", "ems", "supplier", "distributor", "customer"))),
    ("country", TEXT),
)
PARTS = _table(
    "parts", ("part", NAMED), ("description", TEXT), ("mpn", TEXT), ("manufacturer", TEXT),
    ("lifecycle", _word("active nrnd eol obsolete", required=False)), ("msl", TEXT),
)  # fmt: skip
BOM = _table(
    "bom",
    ("product", NAMED),
    ("revision", NAMED),
    ("bom_version", NAMED),
    ("line", NAMED),
    ("part", NAMED),
    ("quantity", COUNT),
    ("refdes", Positions()),
)
SERIAL_RULES = _table(
    "serial_rules",
    ("product", NAMED),
    ("prefix", TEXT),
    ("width", COUNT),
    ("check", _word("none luhn mod11_2 mod11_10 mod37_2 mod37_36 mod97_10")),
    ("first", COUNT),
)
MARK_RULES = _table(
    "mark_rules",
    ("product", NAMED),
    ("content", _word("plain gs1")),
    ("gtin", TEXT),
    ("company_digits", COUNT_OR_EMPTY),
    ("module_mm", NUMBER),
)
PANEL_PLACES = _table(
    "panel_places",
    ("product", NAMED),
    ("revision", NAMED),
    ("panel", NAMED),
    ("side", _word("top bottom")),
    ("machine_position", COUNT),
    ("position", COUNT),
    ("x_mm", NUMBER),
    ("y_mm", NUMBER),
    ("rotation", _word("0 90 180 270")),
    ("flip", _word("true false")),
)
PLACEMENTS = _table(
    "placements",
    ("product", NAMED),
    ("revision", NAMED),
    ("placement", NAMED),
    ("refdes", NAMED),
    ("x_mm", NUMBER),
    ("y_mm", NUMBER),
    ("rotation", NUMBER),
    ("side", _word("top bottom", required=False)),
    ("~footprint", TEXT),
)
RECORD_DEMANDS = _table(
    "record_demands",
    ("product", NAMED),
    ("revision", NAMED),
    ("material_level", _word("M1 M2 M3 M4", required=False)),
    ("process_level", _word("P1 P2 P3 P4", required=False)),
    ("agreed_in", TEXT),
    ("from_at", INSTANT),
)
DOCUMENTS = _table(
    "documents",
    ("document", NAMED),
    ("revision", NAMED),
    ("kind", _word("instruction criteria procedure")),
    ("title", TEXT),
    ("file", TEXT),
    ("sha256", Hex(required=True)),
    ("valid_from_at", INSTANT),
)
ROUTINGS = _table(
    "routings",
    ("product", NAMED),
    ("revision", NAMED),
    ("routing", NAMED),
    ("place_in_route", COUNT),
    ("step", NAMED),
    ("side", TEXT),
    ("place", TEXT),
    ("instruction", TEXT),
    ("criteria", TEXT),
    ("procedure", TEXT),
    ("~optional", _word("true false", required=False)),
    ("~limits", JSON),
    ("from_at", INSTANT),
    ("~qualifications", Words()),
)
PROGRAMS = _table(
    "programs",
    ("product", NAMED),
    ("revision", NAMED),
    ("side", _word("top bottom")),
    ("machine", NAMED),
    ("program", NAMED),
    ("feeder", NAMED),
    ("refdes", Positions(required=True)),
    ("~grey_pieces", COUNT_OR_EMPTY),
)
LOTS = _table(
    "lots",
    ("package", NAMED),
    ("package_kind", _word("reel tray tube stick bag box other")),
    ("part", NAMED),
    ("mpn", TEXT),
    ("manufacturer", TEXT),
    ("supplier", TEXT),
    ("lot_code", TEXT),
    ("date_code", TEXT),
    ("quantity", COUNT_OR_EMPTY),
    ("received_at", INSTANT_OR_EMPTY),
    ("delivery", TEXT),
    ("coc", TEXT),
    ("status", _word("released quarantine rejected")),
    ("~owner", TEXT),
)
LIVES = _table(
    "lives",
    ("part", TEXT),
    ("package", TEXT),
    ("msl", TEXT),
    ("sealed_on", TEXT),
    ("expires_on", TEXT),
    ("floor_hours_max", COUNT_OR_EMPTY),
    ("thaw_hours_min", COUNT_OR_EMPTY),
    ("thaws_max", COUNT_OR_EMPTY),
    ("open_hours_max", COUNT_OR_EMPTY),
    ("stencil_hours_max", COUNT_OR_EMPTY),
    ("operator", TEXT),
    ("happened_at", INSTANT),
    one_of=("part", "package"),
)
DECLARATIONS = _table(
    "declarations",
    ("supplier", TEXT),
    ("delivery", TEXT),
    ("part", TEXT),
    ("manufacturer", TEXT),
    ("kind", _word("coc authorisation ce doc sbom updates provenance key other")),
    ("file", TEXT),
    ("sha256", Hex()),
    ("said_by", TEXT),
    ("valid_until", TEXT),
    ("finding", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
    one_of=("supplier", "manufacturer"),
    together=("file", "sha256"),
)
INSPECTION_PLANS = _table(
    "inspection_plans",
    ("part", TEXT),
    ("supplier", TEXT),
    ("standard", _word("iso2859 c0 none")),
    ("level", _word("S-1 S-2 S-3 S-4 I II III", required=False)),
    ("aql", TEXT),
    ("limiting_quality", TEXT),
    ("severity", _word("normal tightened", required=False)),
    ("checks", Words(words=("marking", "electrical", "xray", "decapsulation", "dimensions", "solderability"))),
    ("operator", TEXT),
    ("happened_at", INSTANT),
)
INSPECTIONS = _table(
    "inspections",
    ("inspection", NAMED),
    ("packages", Json(required=True)),
    ("standard", _word("iso2859 c0")),
    ("level", _word("S-1 S-2 S-3 S-4 I II III", required=False)),
    ("aql", TEXT),
    ("limiting_quality", TEXT),
    ("severity", _word("normal tightened", required=False)),
    ("code_letter", TEXT),
    ("lot_size", COUNT),
    ("sample_size", COUNT),
    ("accept_max", COUNT),
    ("nonconforming", COUNT),
    ("verdict", _word("accepted rejected")),
    ("rule_set", TEXT),
    ("reason", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
)
INSPECTION_CHECKS = _table(
    "inspection_checks",
    ("inspection", NAMED),
    ("kind", _word("marking electrical xray decapsulation dimensions solderability")),
    ("verdict", _word("pass fail unsure")),
    ("readings", JSON),
    ("file", TEXT),
    ("sha256", Hex()),
    ("operator", TEXT),
    ("happened_at", INSTANT),
    together=("file", "sha256"),
)
SAMPLES = _table(
    "samples",
    ("package", NAMED),
    ("quantity", COUNT),
    ("place", NAMED),
    ("until_on", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
)
STATUSES = _table(
    "statuses",
    ("package", NAMED),
    ("status", _word("released quarantine rejected")),
    ("reason", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
)
HANDLING = _table(
    "handling",
    ("package", NAMED),
    ("event", _word("opened sealed dry_in dry_out baked thawing applied removed cooled discarded")),
    ("readings", JSON),
    ("operator", TEXT),
    ("happened_at", INSTANT),
)
PACKAGE_NAMES = _table(
    "package_names",
    ("package", NAMED),
    ("kind", NAMED),
    ("value", NAMED),
    ("from_at", INSTANT),
    ("reason", TEXT),
)
ORDERS = _table(
    "orders",
    ("order", NAMED),
    ("product", NAMED),
    ("revision", NAMED),
    ("bom_version", NAMED),
    ("quantity", COUNT),
    ("customer", TEXT),
    ("opened_at", INSTANT_OR_EMPTY),
    ("~batch", TEXT),
)
BLOCKS = _table(
    "blocks",
    ("order", NAMED),
    ("product", NAMED),
    ("revision", NAMED),
    ("bom_version", NAMED),
    ("quantity", COUNT),
    ("from_order", TEXT),
    ("from_place", COUNT_OR_EMPTY),
    ("reason", TEXT),
    ("happened_at", INSTANT),
    together=("from_order", "from_place"),
)
CLOSINGS = _table(
    "closings",
    ("order", NAMED),
    ("closed_at", INSTANT),
    ("operator", TEXT),
    ("reason", TEXT),
)
NUMBERINGS = _table(
    "numberings",
    ("order", NAMED),
    ("product", NAMED),
    ("prefix", TEXT),
    ("width", COUNT),
    ("check", _word("none luhn mod11_2 mod11_10 mod37_2 mod37_36 mod97_10")),
    ("first_counter", COUNT),
    ("last_counter", COUNT),
    ("given_at", INSTANT),
)
SERIAL_LIST = _table("serial_list", ("serial", NAMED))
"""A customer's list of serial numbers. No table of the record: what it names goes in as names."""
UNITS = _table(
    "units",
    ("order", NAMED),
    ("serial", NAMED),
    ("panel", TEXT),
    ("position", COUNT_OR_EMPTY),
    ("~state", _word("planned skipped built scrapped", required=False)),
)
PANELS = _table(
    "panels",
    ("order", NAMED),
    ("panel", NAMED),
    ("first_serial", NAMED),
    ("last_serial", NAMED),
    ("positions", TEXT),
    ("skipped", TEXT),
    ("machine", TEXT),
    ("happened_at", INSTANT_OR_EMPTY),
    finders=("product",),
)
NAMES = _table(
    "names",
    ("unit", NAMED),
    ("kind", NAMED),
    ("value", NAMED),
    ("from_at", INSTANT),
    ("replaces", TEXT),
    ("reason", TEXT),
    finders=("product",),
)
MOUNTS = _table(
    "mounts",
    ("machine", NAMED),
    ("feeder", NAMED),
    ("package", NAMED),
    ("what", _word("mounted spliced removed")),
    ("order", TEXT),
    ("grey_pieces", COUNT_OR_EMPTY),
    ("station", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
)
MATERIALS = _table(
    "materials",
    ("order", NAMED),
    ("refdes", Positions(required=True)),
    ("package", NAMED),
    ("first_serial", NAMED),
    ("last_serial", NAMED),
    ("certainty", _word("certain possible")),
    ("machine", TEXT),
    ("feeder", TEXT),
    ("happened_at", INSTANT),
    finders=("product",),
)
ENCODINGS = (
    "utf-8 utf-16 ascii cp1250 cp1251 cp1252 iso-8859-1 iso-8859-2 iso-8859-15 cp437 cp850 cp852 shift_jis gb18030"
)
MAPPINGS = _table(
    "mappings", ("machine", NAMED), ("pattern", NAMED), ("becomes", _word("processes tests")), ("format", _word("csv json")),
    ("encoding", _word(ENCODINGS)), ("delimiter", _word("comma semicolon tab pipe", required=False)),
    ("header", COUNT_OR_EMPTY), ("decimal", _word("point comma")), ("time_format", NAMED), ("time_zone", NAMED),
    ("rows_at", TEXT), ("columns", Json(required=True)), ("operator", TEXT), ("happened_at", INSTANT),
)  # fmt: skip
PROCESSES = _table(
    "processes",
    ("order", NAMED),
    ("step", NAMED),
    ("machine", TEXT),
    ("program", TEXT),
    ("first_serial", NAMED),
    ("last_serial", NAMED),
    ("started_at", INSTANT),
    ("finished_at", INSTANT),
    ("operator", TEXT),
    ("result", _word("completed failed aborted")),
    ("readings", JSON),
    ("~side", TEXT),
    ("~pass", TEXT),
    finders=("product",),
)
CALIBRATIONS = _table(
    "calibrations",
    ("instrument", NAMED),
    ("kind", TEXT),
    ("station", TEXT),
    ("as_found", _word("in_tolerance out_of_tolerance not_checked")),
    ("as_left", _word("in_tolerance out_of_tolerance")),
    ("certificate", TEXT),
    ("laboratory", TEXT),
    ("file", TEXT),
    ("sha256", Hex()),
    ("valid_until", TEXT),
    ("operator", TEXT),
    ("calibrated_at", INSTANT),
)
QUALIFICATIONS = _table(
    "qualifications",
    ("person", TEXT),
    ("qualification", NAMED),
    ("level", TEXT),
    ("certificate", TEXT),
    ("issuer", TEXT),
    ("file", TEXT),
    ("sha256", Hex()),
    ("valid_until", TEXT),
    ("operator", TEXT),
    ("granted_at", INSTANT),
)
AREAS = _table(
    "areas",
    ("machine", NAMED),
    ("area", TEXT),
    ("operator", TEXT),
    ("from_at", INSTANT),
)
ENVIRONMENT = _table(
    "environment",
    ("area", NAMED),
    ("temperature_c", Number()),
    ("humidity_percent", Number()),
    ("cleanroom_class", TEXT),
    ("sensor", TEXT),
    ("operator", TEXT),
    ("measured_at", INSTANT),
)
ALARM_CLOSINGS = _table(
    "alarm_closings",
    ("order", NAMED),
    ("step", NAMED),
    ("side", TEXT),
    ("machine", TEXT),
    ("started_at", INSTANT),
    ("finished_at", INSTANT),
    ("decision", _word("held dismissed")),
    ("hold", TEXT),
    ("reason", NAMED),
    ("operator", TEXT),
    ("decided_at", INSTANT),
)
REPLACEMENTS = _table(
    "replacements",
    ("serial", NAMED),
    ("refdes", NAMED),
    ("removed_package", TEXT),
    ("installed_package", TEXT),
    ("operator", TEXT),
    ("reason", TEXT),
    ("happened_at", INSTANT),
    finders=("product",),
)
ASSEMBLIES = _table(
    "assemblies",
    ("parent_serial", NAMED),
    ("child_serial", NAMED),
    ("position", TEXT),
    ("happened_at", INSTANT),
    ("~removed_at", INSTANT_OR_EMPTY),
    finders=("parent_product", "child_product"),
)
FIRMWARE = _table(
    "firmware",
    ("product", NAMED),
    ("version", NAMED),
    ("role", TEXT),
    ("image", TEXT),
    ("sha256", Hex(required=True)),
    ("revisions", Words()),
    ("released_at", INSTANT_OR_EMPTY),
    ("security_relevant", _word("true false")),
)
PROGRAMMING = _table(
    "programming",
    ("serial", TEXT),
    ("product", NAMED),
    ("version", NAMED),
    ("sha256", Hex()),
    ("uid", TEXT),
    ("station", TEXT),
    ("operator", TEXT),
    ("result", _word("pass fail aborted")),
    ("happened_at", INSTANT),
    ("~role", TEXT),
    ("~package", TEXT),
    ("~source", _word("station supplier field", required=False)),
    one_of=("serial", "package"),
)
TESTS = _table(
    "tests",
    ("serial", NAMED),
    ("plan", NAMED),
    ("plan_version", TEXT),
    ("station", TEXT),
    ("operator", TEXT),
    ("outcome", _word("pass fail error aborted")),
    ("started_at", INSTANT),
    ("finished_at", INSTANT),
    ("measurements", JSON),
    finders=("product",),
)
MARK_READINGS = _table(
    "mark_readings",
    ("serial", NAMED),
    ("read", TEXT),
    ("result", _word("pass wrong unreadable")),
    ("station", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
    finders=("product",),
)
SHIPMENTS = _table(
    "shipments",
    ("shipment", NAMED),
    ("customer", NAMED),
    ("country", TEXT),
    ("first_serial", NAMED),
    ("last_serial", NAMED),
    ("shipped_at", INSTANT),
    ("placed_on_market_at", Instant(or_date=True)),
    finders=("product",),
)
HOLDS = _table(
    "holds",
    ("hold", NAMED),
    ("action", _word("place lift")),
    ("kind", _word("lot units question", required=False)),
    ("part", TEXT),
    ("manufacturer", TEXT),
    ("mpn", TEXT),
    ("lot_code", TEXT),
    ("date_code", TEXT),
    ("first_serial", TEXT),
    ("last_serial", TEXT),
    ("question", TEXT),
    ("silent", _word("true false", required=False)),
    ("lifted_by", _word("quality_lead psirt", required=False)),
    ("reason", NAMED),
    ("person", TEXT),
    ("decided_at", INSTANT),
    finders=("product",),
    together=("first_serial", "last_serial"),
)
CORRECTIONS = _table(
    "corrections",
    ("fact", Hex(required=True, digits=16)),
    ("action", _word("withdraw")),
    ("reason", NAMED),
    ("person", NAMED),
    ("decided_at", INSTANT),
    ("~first_serial", TEXT),
    ("~last_serial", TEXT),
    finders=("product",),
    together=("first_serial", "last_serial"),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        PARTIES,
        PARTS,
        BOM,
        SERIAL_RULES,
        MARK_RULES,
        PANEL_PLACES,
        PLACEMENTS,
        RECORD_DEMANDS,
        DOCUMENTS,
        ROUTINGS,
        PROGRAMS,
        LOTS,
        LIVES,
        DECLARATIONS,
        INSPECTION_PLANS,
        INSPECTIONS,
        INSPECTION_CHECKS,
        SAMPLES,
        STATUSES,
        HANDLING,
        PACKAGE_NAMES,
        ORDERS,
        BLOCKS,
        UNITS,
        PANELS,
        NAMES,
        NUMBERINGS,
        MOUNTS,
        CALIBRATIONS,
        QUALIFICATIONS,
        AREAS,
        ENVIRONMENT,
        MATERIALS,
        MAPPINGS,
        PROCESSES,
        ALARM_CLOSINGS,
        REPLACEMENTS,
        ASSEMBLIES,
        FIRMWARE,
        PROGRAMMING,
        TESTS,
        MARK_READINGS,
        SHIPMENTS,
        CLOSINGS,
        HOLDS,
        CORRECTIONS,
    )
}
"""Every exchange table by its name, in load order."""
