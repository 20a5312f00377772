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
