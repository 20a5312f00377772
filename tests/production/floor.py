"""A floor for the tests of what happens on it: a board of eight units on panels, one of four without names, two boxes."""

from copy import deepcopy

_TEXT = {
    "parties": ("party|name|roles|country", "own|Own Brand|manufacturer|DE"),
    "parts": ("part|description|mpn|manufacturer|lifecycle|msl", "RES|resistor|RC|Yageo||", "PCB|bare board||||", "BRD|board||||"),
    "bom": (
        "product|revision|bom_version|line|part|quantity|refdes",
        "board|A|1|10|RES|2|R1 R2", "board|A|1|20|PCB|1|", "box|A|1|10|BRD|2|",
    ),
    "lots": (
        "package|package_kind|part|mpn|manufacturer|supplier|lot_code|date_code|quantity|received_at|delivery|coc|status",
        "P1|reel|RES|RC|Yageo||L1|2701|500|2027-03-01T08:00Z|||released", "P2|reel|RES|RC|Yageo||L2|2701|500|2027-03-01T08:00Z|||released",
        "P3|tray|PCB|||||2701|500|2027-03-01T08:00Z|||quarantine",
    ),
    "orders": (
        "order|product|revision|bom_version|quantity|customer|opened_at",
        "WO-1|board|A|1|8|own|2027-03-01T08:00Z", "WO-2|board|A|1|4||2027-03-01T08:00Z", "WO-3|box|A|1|2|own|2027-03-01T08:00Z",
    ),
    "units": (
        "order|serial|panel|position",
        *(f"WO-1|B{n}|PN{(n + 3) // 4}|{(n - 1) % 4 + 1}" for n in range(1, 9)), "WO-3|X1||", "WO-3|B1||",
    ),
}  # fmt: skip


def rows(header: str, *lines: str) -> list[dict[str, str]]:
    """Rows from lines of cells divided by `|`."""
    return [dict(zip(header.split("|"), line.split("|"), strict=True)) for line in lines]


_FLOOR = {name: rows(*text) for name, text in _TEXT.items()}


def floor(*without: str) -> dict[str, list[dict[str, str]]]:
    """The tables of the floor, but for some."""
    return {name: deepcopy(table) for name, table in _FLOOR.items() if name not in without}
