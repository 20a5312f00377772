"""Tables of what is meant to be built: parties, parts, BOMs, rules, placements, routings, programs, firmware."""

from asbuilt.formats.cells import Hex, Json, Positions, Words
from asbuilt.formats.columns.table import (
    COUNT,
    COUNT_OR_EMPTY,
    INSTANT,
    INSTANT_OR_EMPTY,
    JSON,
    NAMED,
    NUMBER,
    TEXT,
    table_of,
    word,
)

PARTIES = table_of(
    "parties",
    ("party", NAMED),
    ("name", NAMED),
    ("roles", Words(words=("manufacturer", "ems", "supplier", "distributor", "customer"))),
    ("country", TEXT),
)
PARTS = table_of(
    "parts",
    ("part", NAMED),
    ("description", TEXT),
    ("mpn", TEXT),
    ("manufacturer", TEXT),
    ("lifecycle", word("active nrnd eol obsolete", required=False)),
    ("msl", TEXT),
)
BOM = table_of(
    "bom",
    ("product", NAMED),
    ("revision", NAMED),
    ("bom_version", NAMED),
    ("line", NAMED),
    ("part", NAMED),
    ("quantity", COUNT),
    ("refdes", Positions()),
)
SERIAL_RULES = table_of(
    "serial_rules",
    ("product", NAMED),
    ("prefix", TEXT),
    ("width", COUNT),
    ("check", word("none luhn mod11_2 mod11_10 mod37_2 mod37_36 mod97_10")),
    ("first", COUNT),
)
MARK_RULES = table_of(
    "mark_rules",
    ("product", NAMED),
    ("content", word("plain gs1")),
    ("gtin", TEXT),
    ("company_digits", COUNT_OR_EMPTY),
    ("module_mm", NUMBER),
    ("~read_back", TEXT),
)
PANEL_PLACES = table_of(
    "panel_places",
    ("product", NAMED),
    ("revision", NAMED),
    ("panel", NAMED),
    ("side", word("top bottom")),
    ("machine_position", COUNT),
    ("position", COUNT),
    ("x_mm", NUMBER),
    ("y_mm", NUMBER),
    ("rotation", word("0 90 180 270")),
    ("flip", word("true false")),
)
PLACEMENTS = table_of(
    "placements",
    ("product", NAMED),
    ("revision", NAMED),
    ("placement", NAMED),
    ("refdes", NAMED),
    ("x_mm", NUMBER),
    ("y_mm", NUMBER),
    ("rotation", NUMBER),
    ("side", word("top bottom", required=False)),
    ("~footprint", TEXT),
)
RECORD_DEMANDS = table_of(
    "record_demands",
    ("product", NAMED),
    ("revision", NAMED),
    ("material_level", word("M1 M2 M3 M4", required=False)),
    ("process_level", word("P1 P2 P3 P4", required=False)),
    ("agreed_in", TEXT),
    ("from_at", INSTANT),
)
DOCUMENTS = table_of(
    "documents",
    ("document", NAMED),
    ("revision", NAMED),
    ("kind", word("instruction criteria procedure")),
    ("title", TEXT),
    ("file", TEXT),
    ("sha256", Hex(required=True)),
    ("valid_from_at", INSTANT),
)
ROUTINGS = table_of(
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
    ("~optional", word("true false", required=False)),
    ("~limits", JSON),
    ("from_at", INSTANT),
    ("~qualifications", Words()),
    ("~subcontractor", TEXT),
    ("~evidence", Words(words=("certificate", "measurements"))),
    widths=(13, 14),
)
PROGRAMS = table_of(
    "programs",
    ("product", NAMED),
    ("revision", NAMED),
    ("side", word("top bottom")),
    ("machine", NAMED),
    ("program", NAMED),
    ("feeder", NAMED),
    ("refdes", Positions(required=True)),
    ("~grey_pieces", COUNT_OR_EMPTY),
)
FIRMWARE = table_of(
    "firmware",
    ("product", NAMED),
    ("version", NAMED),
    ("role", TEXT),
    ("image", TEXT),
    ("sha256", Hex(required=True)),
    ("revisions", Words()),
    ("released_at", INSTANT_OR_EMPTY),
    ("security_relevant", word("true false")),
)

IMAGE_ROLE = word("boot app radio factory")
SBOMS = table_of(
    "sboms",
    ("product", TEXT),
    ("role", TEXT),
    ("version", TEXT),
    ("revision", TEXT),
    ("part", TEXT),
    ("lot", TEXT),
    ("file", TEXT),
    ("sha256", Hex(required=True)),
    ("operator", TEXT),
    ("happened_at", INSTANT),
    ("~image", Hex()),
    ("~bound_by", word("name image document", required=False)),
    one_of=("product", "part"),
    widths=(10,),
)
COMPONENT_IDENTITIES = table_of(
    "component_identities",
    ("name", NAMED),
    ("maker", TEXT),
    ("kind", word("purl cpe git name")),
    ("value", NAMED),
    ("decision", word("confirmed rejected")),
    ("basis", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
)
TRUST_STORES = table_of(
    "trust_stores",
    ("version", COUNT),
    ("sha256", Hex(required=True)),
    ("document", Json(required=True)),
    ("operator", TEXT),
    ("happened_at", INSTANT),
)
RELEASE_DRAFTS = table_of(
    "release_drafts",
    ("product", NAMED),
    ("role", IMAGE_ROLE),
    ("version", NAMED),
    ("sha256", Hex(required=True)),
    ("sha512", Hex(required=True, digits=128)),
    ("length", COUNT),
    ("revisions", Words()),
    ("security_relevant", word("true false")),
    ("change_log", Json(required=True)),
    ("built_by", TEXT),
    ("created_at", INSTANT),
    ("supported_until", TEXT),
    ("boot", JSON),
    ("device_encrypted", JSON),
    ("provenance", Hex()),
    ("operator", TEXT),
)
RELEASE_SIGNATURES = table_of(
    "release_signatures",
    ("product", NAMED),
    ("role", IMAGE_ROLE),
    ("version", NAMED),
    ("key_id", Hex(required=True, digits=16)),
    ("signature", NAMED),
    ("trust_version", COUNT),
    ("operator", TEXT),
    ("signed_at", INSTANT),
)
RELEASE_STATES = table_of(
    "release_states",
    ("product", NAMED),
    ("role", IMAGE_ROLE),
    ("version", NAMED),
    ("state", word("released withdrawn")),
    ("trust_version", COUNT_OR_EMPTY),
    ("reason", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
)
TEST_PLANS = table_of(
    "test_plans",
    ("plan", NAMED),
    ("version", NAMED),
    ("product", NAMED),
    ("document", Json(required=True)),
    ("changes", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
)
TEST_PLAN_APPROVALS = table_of(
    "test_plan_approvals",
    ("plan", NAMED),
    ("version", NAMED),
    ("sha256", Hex(required=True)),
    ("decision", word("approved withdrawn")),
    ("reason", TEXT),
    ("operator", TEXT),
    ("decided_at", INSTANT),
)
