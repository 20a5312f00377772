"""A small plant for the attacks: two boards on panels, boxes that hold them, reels, runs, rework, firmware, shipments."""

from copy import deepcopy

SHA = "ab" * 32


def rows(header: str, *lines: str) -> list[dict[str, str]]:
    """Rows from lines of cells divided by `|`."""
    columns = header.split("|")
    return [dict(zip(columns, line.split("|"), strict=True)) for line in lines]


_SPAN = "order|refdes|package|first_serial|last_serial|certainty|machine|feeder|happened_at"
_PLANT = {
    "parties": rows("party|name|roles|country", "own|Own Brand|manufacturer|DE", "sup|Parts & Co|supplier|US", "cx|Shop X|customer|FR"),
    "parts": rows("part|description|mpn|manufacturer|lifecycle|msl", "RES|resistor|RC0402|Yageo|active|1", "PCB|bare board||||", "BRD|board||||"),
    "bom": rows(
        "product|revision|bom_version|line|part|quantity|refdes",
        "board|A|1|10|RES|2|R1 R2", "board|A|1|20|PCB|1|", "box|A|1|10|BRD|2|",
    ),
    "lots": rows(
        "package|package_kind|part|mpn|manufacturer|supplier|lot_code|date_code|quantity|received_at|delivery|coc|status",
        *(f"{code}|reel|{part}|{mpn}|{maker}|sup|L-{code}|2701|500|2027-03-01T08:00:00Z|D1||released"
          for code, part, mpn, maker in (("P1", "RES", "RC0402", "Yageo"), ("P2", "RES", "RC0402", "Yageo"), ("P3", "PCB", "", "KSG"))),
    ),
    "orders": rows(
        "order|product|revision|bom_version|quantity|customer|opened_at",
        "WO-1|board|A|1|8|own|2027-03-01T08:00:00Z", "WO-2|board|A|1|4|own|2027-03-01T08:00:00Z", "WO-3|box|A|1|4|own|2027-03-01T08:00:00Z",
    ),
    "units": rows(
        "order|serial|panel|position",
        *(f"WO-1|B{n}|PN{(n + 3) // 4}|{(n - 1) % 4 + 1}" for n in range(1, 9)),
        *(f"WO-2|C{n}||" for n in range(1, 5)), *(f"WO-3|X{n}||" for n in range(1, 5)),
    ),
    "materials": rows(_SPAN, "WO-1|R1 R2|P1|B1|B4|certain|M1|F1|2027-03-02T08:00:00Z", "WO-1|#20|P3|B1|B8|certain|||2027-03-02T08:00:00Z"),
    "processes": rows(
        "order|step|machine|program|first_serial|last_serial|started_at|finished_at|operator|result|readings",
        "WO-1|REFLOW|OV1|P7|B1|B8|2027-03-03T08:00:00Z|2027-03-03T09:00:00Z|045|completed|",
    ),
    "replacements": rows("serial|refdes|removed_package|installed_package|operator|reason|happened_at", "B2|R1|P1|P2|045|dead|2027-03-04T08:00:00Z"),
    "assemblies": rows("parent_serial|child_serial|position|happened_at", "X1|B1|slot 1|2027-03-05T08:00:00Z"),
    "firmware": rows("product|version|role|image|sha256|revisions|released_at|security_relevant", f"board|1.0.0|app||{SHA}||2027-03-01T08:00:00Z|false"),
    "programming": rows("serial|product|version|sha256|uid|station|operator|result|happened_at", "B1|board|1.0.0|||ST1|045|pass|2027-03-06T08:00:00Z"),
    "tests": rows("serial|plan|plan_version|station|operator|outcome|started_at|finished_at|measurements", "B1|FCT|1|T1|045|pass|2027-03-07T08:00:00Z|2027-03-07T08:01:00Z|"),
    "shipments": rows("shipment|customer|country|first_serial|last_serial|shipped_at|placed_on_market_at", "S1|cx|FR|X1|X2|2027-03-08T08:00:00Z|"),
}  # fmt: skip


def plant(**more: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    """The plant; rows given for a table stand behind its own."""
    tables = deepcopy(_PLANT)
    for name, extra in more.items():
        tables.setdefault(name, []).extend(extra)
    return tables


def one(table: str, at: int = 0, **cells: str) -> dict[str, str]:
    """A copy of a row of the plant with other cells."""
    return {**_PLANT[table][at], **cells}


def everything() -> dict[str, list]:
    """Every row of every table of the database, to see that nothing was stored."""
    from asbuilt.ledger import dumping
    from asbuilt.storage import reading

    with reading.snapshot():
        return {table: sorted(dumping.lines(table, fields)) for table, fields in dumping.tables().items()}


def files_of(folder) -> dict[str, int]:
    """Every file of the home's blobs with its size."""
    return {
        str(path.relative_to(folder)): path.stat().st_size for path in (folder / "blobs").rglob("*") if path.is_file()
    }
