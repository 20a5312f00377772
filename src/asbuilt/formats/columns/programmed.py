"""Tables of what is programmed before it is placed: what a configuration demands, modules, programming orders, read-backs."""

from asbuilt.formats.cells import Hex
from asbuilt.formats.columns.table import COUNT, COUNT_OR_EMPTY, INSTANT, NAMED, TEXT, table_of, word

FIRMWARE_DEMANDS = table_of(
    "firmware_demands",
    ("order", TEXT),
    ("product", TEXT),
    ("revision", TEXT),
    ("part", TEXT),
    ("of_product", TEXT),
    ("role", TEXT),
    ("version", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
    one_of=("order", "product"),
    together=("product", "revision"),
)
CONFIGURATIONS = table_of(
    "configurations",
    ("order", TEXT),
    ("product", TEXT),
    ("revision", TEXT),
    ("configuration", NAMED),
    ("part", TEXT),
    ("of_product", TEXT),
    ("role", TEXT),
    ("version", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
    one_of=("order", "product"),
    together=("product", "revision"),
)
MODULE_FIRMWARE = table_of(
    "module_firmware",
    ("manufacturer", NAMED),
    ("mpn", NAMED),
    ("lot_code", TEXT),
    ("date_code_from", TEXT),
    ("date_code_until", TEXT),
    ("product", NAMED),
    ("role", TEXT),
    ("version", NAMED),
    ("source", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
)
PROGRAMMING_ORDERS = table_of(
    "programming_orders",
    ("programming_order", NAMED),
    ("package", NAMED),
    ("product", NAMED),
    ("role", TEXT),
    ("version", NAMED),
    ("quantity", COUNT),
    ("read_backs", COUNT),
    ("by", word("own supplier")),
    ("supplier", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
)
PROGRAMMING_ORDER_STATES = table_of(
    "programming_order_states",
    ("programming_order", NAMED),
    ("state", word("done closed")),
    ("result", word("pass fail aborted", required=False)),
    ("quantity", COUNT_OR_EMPTY),
    ("machine", TEXT),
    ("file", TEXT),
    ("sha256", Hex()),
    ("reason", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
    together=("file", "sha256"),
)
READ_BACKS = table_of(
    "read_backs",
    ("programming_order", NAMED),
    ("sample", COUNT),
    ("sha256", Hex(required=True)),
    ("machine", TEXT),
    ("operator", TEXT),
    ("happened_at", INSTANT),
)
