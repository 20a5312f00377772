"""Files as machines write them, and the mappings that read them. The line is that of machine_floor: order WO-2 has SN1 … SN4.

The oven is German: cp1252, semicolons, decimal commas, two title lines, a header on line 3, a semicolon at each line's end.
The AOI writes JSON: a panel with boards, each with a verdict of its own words and measurements.
"""

import json

OVEN = (
    "Rehm Condenso;Ofen 2;Ausdruck für Kunden\r\n"
    "\r\n"
    "Seriennr.;Auftrag;Start;Ende;Ergebnis;Zone 5 [°C];Band [cm/min];Gerät;Prüfer;\r\n"
    "SN1;WO-2;01.03.2027 08:10:00;01.03.2027 08:15:30;i.O.;235,40;82;Löt-1;045;\r\n"
    "SN2;WO-2;01.03.2027 08:11:00;01.03.2027 08:16:30;i.O.;236,10;82,5;Löt-1;045;\r\n"
    "SN3;WO-2;01.03.2027 08:12:00;01.03.2027 08:17:30;n.i.O.;261,05;82;Löt-1;045;\r\n"
)
OVEN_COLUMNS = {
    "order": {"from": "Auftrag"},
    "step": {"text": "REFLOW"},
    "program": {"text": "{Gerät}/P7"},
    "first_serial": {"from": "Seriennr."},
    "started_at": {"from": "Start"},
    "finished_at": {"from": "Ende"},
    "operator": {"from": "Prüfer"},
    "result": {"from": "Ergebnis", "words": {"i.O.": "completed", "n.i.O.": "failed"}},
    "readings.zone5": {"from": "Zone 5 [°C]"},
    "readings.belt": {"from": "Band [cm/min]"},
    "readings.soldered_at": {"from": "Gerät", "as": "text"},
}
OVEN_MAPPING = {
    "machine": "OVEN-2", "pattern": "OFEN_*.csv", "becomes": "processes", "format": "csv", "encoding": "cp1252",
    "delimiter": "semicolon", "header": "3", "decimal": "comma", "time_format": "%d.%m.%Y %H:%M:%S",
    "time_zone": "Europe/Vienna", "rows_at": "", "columns": json.dumps(OVEN_COLUMNS, ensure_ascii=False),
}  # fmt: skip

AOI = {
    "machine": {"name": "Koh-7"},
    "panel": "PNL-1",
    "end": 1803889800,
    "boards": [
        {"barcode": "SN1", "verdict": "GOOD", "height": {"um": 121.5}, "defects": 0},
        {"barcode": "SN2", "verdict": "NG", "height": {"um": 98}, "defects": 2, "note": "C71 lifted"},
    ],
}
AOI_COLUMNS = {
    "serial": {"from": "barcode"},
    "plan": {"text": "AOI"},
    "station": {"from": "$.machine.name"},
    "outcome": {"from": "verdict", "words": {"GOOD": "pass", "NG": "fail"}},
    "finished_at": {"from": "$.end"},
    "measurements.height_um": {"from": "height.um"},
    "measurements.defects": {"from": "defects"},
    "measurements.note": {"from": "note", "as": "text"},
}
AOI_MAPPING = {
    "machine": "AOI-1", "pattern": "*.json", "becomes": "tests", "format": "json", "encoding": "utf-8", "delimiter": "",
    "header": "", "decimal": "point", "time_format": "unix", "time_zone": "UTC", "rows_at": "boards",
    "columns": json.dumps(AOI_COLUMNS),
}  # fmt: skip


def oven(text: str = OVEN) -> bytes:
    """The oven's file as it lies on its disk."""
    return text.encode("cp1252")


def aoi(document: object = AOI) -> bytes:
    """The AOI's file."""
    return json.dumps(document).encode()


def row_of(mapping: dict, **more) -> dict:
    """A row of mappings.csv."""
    return {**mapping, "operator": "045", "happened_at": "2027-02-28T08:00:00Z", **more}
