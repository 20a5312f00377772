"""What the gate reads of vulnerabilities in parts on the board: of the unit, not of the whole record.

The story: each vulnerability that an advisory says of a part cost every verdict seven statements, whether the part was on the unit or not, one of them
over all lots; with thirty of them a verdict took 95 ms.
"""

import importlib.util
import random
from pathlib import Path

import pytest
from pyroaring import BitMap
from shipping_floor import at, material, names
from vulnerable_factory import RADIO, Security, boards, component

UNITS = 12
MAKES = {"of it": ("Acme", "AX-1"), "nobody wrote which": ("", ""), "of another": ("Other", "OX-2")}


def note(actor, name: str = RADIO, **affected) -> None:
    from asbuilt.designed.vulnerability.feeds.noting import note
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    note(actor, record={"vulnerability": name, "title": "Radio takes frames unchecked", "affected": [affected]})
    catch_up(actor)


def open_at_the_gate(actor, units: BitMap) -> BitMap:
    from asbuilt.questions.exposure.on_units import open_on
    from asbuilt.questions.genealogy.answering.lookup import view_of

    return BitMap().union(*(one.units for one in open_on(view_of(actor), units) if one.vulnerability == RADIO))


@pytest.mark.parametrize("seed", range(6))
def test_against_brute_force_one_by_one_and_together(actor, load, tmp_path, seed):
    """Twelve boards; at U1 a package of the part, of one that nobody wrote, of another's, or nothing recorded; some replaced since."""
    print("seed", seed)
    draw = random.Random(seed)
    units, rows = names(UNITS), boards(UNITS)
    template = next(row for row in rows["lots"] if row["package"] == "M1")
    packages = {f"M{n}": (draw.choice([*MAKES]), draw.choice(("L1", "L2", ""))) for n in range(2 * UNITS)}
    rows["lots"] = [row for row in rows["lots"] if row["part"] != "MOD"]
    for package, (what, code) in packages.items():
        maker, mpn = MAKES[what]
        rows["lots"].append({**template, "package": package, "manufacturer": maker, "mpn": mpn, "lot_code": code})
    placed = {n: f"M{n}" for n in range(UNITS) if draw.random() < 0.8}
    rows["materials"] = [row for row in rows["materials"] if row["refdes"] != "U1"]
    rows["materials"] += [{**material(units[n], units[n], package), "refdes": "U1"} for n, package in placed.items()]
    now = dict(placed)
    rows["replacements"] = []
    for n in range(UNITS):
        if draw.random() < 0.3:
            now[n] = f"M{UNITS + n}"
            rows["replacements"].append({"serial": units[n], "refdes": "U1", "removed_package": placed.get(n, ""), "installed_package": now[n],
                                         "operator": "045", "reason": "r", "happened_at": at(5)})  # fmt: skip
    load(rows)
    security = Security(actor, tmp_path)
    for version in ("1.0.0", "1.1.0"):
        security.sbom(component("lwip", "2.1.3"), version=version)
    lots = draw.choice(([], ["L1"]))
    note(actor, maker="Acme", mpn="AX-1", **({"lots": lots} if lots else {}))
    expected = BitMap()
    for n in range(UNITS):
        what, code = packages[now[n]] if n in now else ("nobody wrote which", "")
        if what != "of another" and (not lots or code in ("", *lots)):
            expected.add(n)
    numbers = _numbers(actor, units)
    everybody = BitMap(numbers)
    assert [n for n, unit in enumerate(numbers) if unit in open_at_the_gate(actor, everybody)] == list(expected)
    assert [n for n, unit in enumerate(numbers) if open_at_the_gate(actor, BitMap([unit]))] == list(expected)


def _numbers(actor, serials: list[str]) -> list[int]:
    from asbuilt.storage import reading

    sql = "SELECT value, unit FROM production_unit_name WHERE tenant = %s"
    found = dict(reading.fetch(sql, (actor.tenant,)))
    return [found[serial] for serial in serials]


def test_thirty_parts_that_are_not_on_the_unit_cost_its_verdict_no_statement_more_than_one(security, actor):
    from asbuilt.answers.gate.leaving import may_leave

    file = Path(__file__).resolve().parents[2] / "benchmarks" / "ground" / "sent.py"
    spec = importlib.util.spec_from_file_location("counting", file)
    counting = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(counting)

    def statements() -> int:
        with counting.sent() as said:
            (found,) = may_leave(actor, "S0001")
        assert not [one for one in found.warnings if one.facts.get("vulnerability", "").startswith("BRAND-2026-9")]
        return len(said)

    none = statements()
    note(actor, "BRAND-2026-900", maker="Elsewhere", mpn="EW-1")
    one = statements()
    for n in range(1, 30):
        note(actor, f"BRAND-2026-9{n:02}", maker="Elsewhere", mpn=f"EW-{n}")
    assert statements() == one <= none + 6
