"""A real board on a small order: Glasgow revC3 from the corpus, forty boards, with a splice, a silent position, a rework and a defect.

    build(load, actor, shared_data)        GLASGOW C3, order WO-G, units G001 … G040

Each BOM line is placed from one package of its own (PK-LINE, lot LOT-LINE), but: line of C2 is spliced at units 11 and 12 (two packages
possible), then goes on from the second; R12's line is silent on units 31 to 40; U1 was replaced on G005 from a second package; on G007 an
inspection found a bridge at U1 and somebody rejected one at C3 as a false call.
"""

import json

ORDER, COUNT = "WO-G", 40
NAMED = {"product": "GLASGOW", "revision": "C3"}
SPLICED, SILENT, REPLACED = "C2", "R12", "U1"


def at(day: int, hour: int = 8) -> str:
    return f"2027-03-{day:02d}T{hour:02d}:00:00Z"


def build(load, actor, shared_data, *, placed: bool = True) -> list[dict]:
    """Record it all; returns the BOM lines as {line, part, refdes}."""
    from asbuilt.built.exchange.boms import import_bom
    from asbuilt.built.exchange.exporting import rows_of

    place = shared_data / "ems" / "boms" / "dev" / "glasgow-revC3"
    load({"parties": [{"party": "OST", "name": "Ostwerk", "roles": "ems;manufacturer", "country": "DE"}]}, "parties")
    import_bom(actor, place / "bom.csv", **NAMED, bom_version="1", add_parts=True)
    if placed:
        from asbuilt.designed.catalog.placement_files import record_placement

        record_placement(actor, **NAMED, content=(place / "pos.csv").read_bytes(), file="pos.csv")
    lines = [
        dict(zip(("line", "part", "quantity", "refdes"), row[3:], strict=True)) for row in rows_of(actor.tenant, "bom")
    ]
    load(tables(lines), "order")
    return lines


def tables(lines: list[dict]) -> dict[str, list[dict]]:
    """Orders, lots and what happened."""
    lots, materials = [], []
    for line in lines:
        codes = [f"PK-{line['line']}"] + (
            [f"PK-{line['line']}-2"] if {SPLICED, REPLACED} & set(line["refdes"].split()) else []
        )
        lots += [_lot(code, line["part"]) for code in codes]
        refdes = line["refdes"] or f"#{line['line']}"
        if SPLICED in line["refdes"].split():
            materials += [
                _mounted(refdes, codes[0], 1, 10), _mounted(refdes, codes[0], 11, 12, "possible"),
                _mounted(refdes, codes[1], 11, 12, "possible"), _mounted(refdes, codes[1], 13, COUNT),
            ]  # fmt: skip
        else:
            last = 30 if SILENT in line["refdes"].split() else COUNT
            materials.append(_mounted(refdes, codes[0], 1, last))
    reworked = next(line for line in lines if REPLACED in line["refdes"].split())
    defects = [
        {"code": "BRIDGE", "at": "U1", "verification": "DefectConfirmed"},
        {"code": "SHIFT", "at": "C3", "verification": "DefectRejected"},
    ]
    return {
        "lots": lots,
        "orders": [{"order": ORDER, **NAMED, "bom_version": "1", "quantity": str(COUNT), "customer": "OST", "opened_at": at(1)}],
        "units": [{"order": ORDER, "serial": f"G{n:03d}", "panel": "", "position": ""} for n in range(1, COUNT + 1)],
        "materials": materials,
        "replacements": [{"serial": "G005", "refdes": REPLACED, "removed_package": f"PK-{reworked['line']}",
                          "installed_package": f"PK-{reworked['line']}-2", "operator": "045", "reason": "pin 4 lifted", "happened_at": at(4)}],
        "tests": [{"serial": "G007", "plan": "AOI", "plan_version": "2", "station": "AOI-1", "operator": "", "outcome": "fail",
                   "started_at": at(3, 9), "finished_at": at(3, 10), "measurements": json.dumps({"defects": defects})}],
    }  # fmt: skip


def _lot(code: str, part: str) -> dict:
    return {
        "package": code, "package_kind": "reel", "part": part, "mpn": "", "manufacturer": "", "supplier": "OST", "lot_code": code.replace("PK", "LOT"),
        "date_code": "2704", "quantity": "10000", "received_at": at(1), "delivery": "D-9", "coc": "", "status": "released",
    }  # fmt: skip


def _mounted(refdes: str, package: str, low: int, high: int, certainty: str = "certain") -> dict:
    return {
        "order": ORDER, "refdes": refdes, "package": package, "first_serial": f"G{low:03d}", "last_serial": f"G{high:03d}",
        "certainty": certainty, "machine": "NXT-1", "feeder": "", "happened_at": at(2),
    }  # fmt: skip
