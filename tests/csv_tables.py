"""Exchange tables as CSV files of a folder, from rows as dictionaries."""

import csv
from pathlib import Path


def write_tables(place: Path, tables: dict[str, list[dict]], line_end: str = "\n") -> None:
    """Write {"units": [{"order": …}, …], …} with the columns that the rows name and those that a table must have."""
    from asbuilt.formats.tables import TABLES

    place.mkdir(exist_ok=True)
    for name, rows in tables.items():
        columns = [c for c in TABLES[name].columns if any(c in row for row in rows)]
        columns += [c for c in TABLES[name].columns if c not in columns and c in TABLES[name].required]
        with open(place / f"{name}.csv", "w", newline="", encoding="utf-8") as out:
            writer = csv.DictWriter(out, columns, lineterminator=line_end, restval="")
            writer.writeheader()
            writer.writerows(rows)
