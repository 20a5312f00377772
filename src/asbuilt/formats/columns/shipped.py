"""Tables of roles per product, concessions, packing, placing on the market and returns."""

from asbuilt.formats.cells import Hex
from asbuilt.formats.columns.table import INSTANT, NAMED, TEXT, table_of, word

PRODUCT_ROLES = table_of(
    "product_roles",
    ("product", TEXT),
    ("party", NAMED),
    ("role", word("own manufacturer brand_owner ems importer distributor authorised_representative")),
    ("operator", TEXT),
    ("happened_at", INSTANT),
)
CONCESSIONS = table_of(
    "concessions",
    ("serial", NAMED),
    ("concession", NAMED),
    ("allows", NAMED),
    ("subject", TEXT),
    ("reason", NAMED),
    ("until_at", INSTANT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
    finders=("product",),
)
CONCESSION_DECISIONS = table_of(
    "concession_decisions",
    ("concession", NAMED),
    ("decision", word("approved ended")),
    ("party", TEXT),
    ("person", TEXT),
    ("file", TEXT),
    ("sha256", Hex()),
    ("reason", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
    together=("file", "sha256"),
)
CONTAINERS = table_of(
    "containers",
    ("container", NAMED),
    ("kind", word("box pallet shipment")),
    ("event", word("opened closed reopened shipped")),
    ("sscc", TEXT),
    ("customer", TEXT),
    ("country", TEXT),
    ("note", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
)
PACKED = table_of(
    "packed",
    ("serial", TEXT),
    ("content", TEXT),
    ("container", NAMED),
    ("action", word("in out")),
    ("reason", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
    finders=("product",),
    one_of=("serial", "content"),
)
PLACINGS = table_of(
    "placings",
    ("serial", TEXT),
    ("shipment", NAMED),
    ("party", NAMED),
    ("decided_by", NAMED),
    ("basis", word("sale transfer other")),
    ("reason", TEXT),
    ("file", TEXT),
    ("sha256", Hex()),
    ("operator", TEXT),
    ("placed_at", INSTANT),
    finders=("product",),
    together=("file", "sha256"),
)
RETURNS = table_of(
    "returns",
    ("serial", NAMED),
    ("replacement_serial", TEXT),
    ("rma", NAMED),
    ("event", word("received found repaired tested no_fault sent_back replaced scrapped")),
    ("said", TEXT),
    ("party", TEXT),
    ("shipment", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
    finders=("product",),
)
