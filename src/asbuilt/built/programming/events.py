"""What this room records in the log. The unit stands by number, null where a package came programmed; so do people."""

from asbuilt.ledger.shapes import Shape

PROGRAMMING = Shape(
    "programming.record/1",
    30,
    (
        "unit", "product", "version", "sha256", "uid", "station", "operator", "result", "happened_at", "role",
        "package", "source",
    ),
    few=False,
)  # fmt: skip

FIRMWARE_DEMAND = Shape(
    "programming.firmware_demand/1",
    250,
    ("order", "product", "revision", "part", "of_product", "role", "version", "operator", "happened_at"),
)
MODULE_FIRMWARE = Shape(
    "programming.module_firmware/1",
    251,
    (
        "manufacturer", "mpn", "lot_code", "date_code_from", "date_code_until", "product", "role", "version", "source",
        "operator", "happened_at",
    ),
)  # fmt: skip
PROGRAMMING_ORDER = Shape(
    "programming.order/1",
    252,
    (
        "programming_order", "package", "product", "role", "version", "quantity", "read_backs", "by", "supplier", "operator",
        "happened_at",
    ),
)  # fmt: skip
PROGRAMMING_ORDER_STATE = Shape(
    "programming.order_state/1",
    253,
    (
        "programming_order", "state", "result", "quantity", "machine", "file", "sha256", "reason", "operator", "happened_at",
    ),
)  # fmt: skip
READ_BACK = Shape(
    "programming.read_back/1",
    254,
    ("programming_order", "sample", "sha256", "machine", "operator", "happened_at"),
)

DEMANDED, MODULES_SAID = "programming.firmware_demanded", "programming.modules_said"
ORDER_OPENED, ORDER_DONE = "programming.order_opened", "programming.order_done"
READ_BACK_TAKEN, ORDER_CLOSED = "programming.read_back_taken", "programming.order_closed"
