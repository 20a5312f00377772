"""10,000 mutated messages: none crashes, none is half applied, each is in the record or in the dead letters.

Seven of ten are MaterialsInstalled on a unit of their own, so that what was recorded can be compared with what the used ones
say, read here with nothing but `json`. The others are of every kind. Bytes are changed, cut and doubled; values are
exchanged for others of any type.
"""

import json
import random
from copy import deepcopy

from machine_floor import at, completed, envelope, installed, material, payload, started, tables

MESSAGES = 10_000
GROUP = 500
SEED = 20_270_301
ODD = (
    None,
    True,
    -1,
    0,
    1.5,
    2**70,
    "",
    "x",
    "RES-1",
    "SN00017",
    "\x00",
    "2018-13-45T99:00:00",
    "é" * 300,
    [],
    {},
    [[]],
    [None],
    {"a": 1},
)


def one_of(rng: random.Random, n: int) -> dict:
    """A good message; n is its unit."""
    unit, kind = f"SN{n:05}", rng.random()
    transaction = f"{n:08x}-0000-0000-0000-000000000000"
    if kind < 0.7:
        parts = [material("RES-1", "R1", "R2", "R3", unit=unit), material("CAP-1", "C1", "C2", unit=unit)]
        parts.append(
            material("IC-2", "U1", unit=unit, GreyZone=float(rng.random() < 0.1), LeadingMaterialPackage="IC-1")
        )
        return installed(transaction, *parts, time=at(n % 50))
    if kind < 0.76:
        return started(transaction, unit, 1, "WO-9")
    if kind < 0.8:
        return completed(transaction)
    place = {"UnitIdentifier": unit, "UnitPositionNumber": 0}
    bodies = [
        ("Production.TestAndInspection.UnitsTested", {"TestMethod": "FCT", "TestedUnits": [{**place, "OverallResult": "Passed", "Tests": [
            {"TestName": "V", "Result": "Passed", "Measurements": [{"MeasurementName": "V", "MeasuredValue": {"Value": 3.3}}]}]}]}),
        ("Production.TestAndInspection.UnitsInspected", {"InspectionMethod": "AOI", "InspectedUnits": [{**place, "OverallResult": "Failed", "Inspections": [
            {"InspectionName": "TOP", "Result": "Failed", "Verification": "DefectConfirmed", "DefectsFound": [{"DefectCode": "BRIDGE", "ComponentOfInterest": {"ReferenceDesignator": "R1"},
             "RegionOfInterest": {"StartPointX": 1.5, "StartPointY": 2}, "DefectImages": [{"MimeType": "image/png", "ImageData": "b2sK"}]}]}]}]}),
        ("Production.Assembly.UnitsPersonalized", {"PersonalizedUnits": [{**place, "Characteristics": [{"Name": "MAC", "Value": f"M{n}"}]}]}),
        ("Production.Processing.UnitsProcessed", {"OverallResult": "Succeeded", "UnitProcessData": [
            {**place, "UnitResult": "Succeeded", "UnitProcessData": {"$type": "X.CoatingProcessData, CFX", "Readings": [{"MeasurementName": "F", "ActualValue": 1}]}}]}),
        ("Production.ReworkAndRepair.UnitsRepaired", {"RepairedUnits": [{**place, "Repairs": [
            {"RepairName": "Joint Repair", "ComponentOfInterest": {"ReferenceDesignator": "R1.1"}, "Result": "RepairSuccessful"}]}]}),
        ("Production.ToolsUsed", {"UsedTools": [{**place, "Tool": {"UniqueIdentifier": "N1"}, "UsageCycles": 2}]}),
        ("Production.OperatorActivated", {"Operator": {"OperatorIdentifier": "045"}}),
        ("Materials.Management.MaterialsInitialized", {"Materials": [{"UniqueIdentifier": f"NEW-{n}", "InternalPartNumber": "P-RES", "Quantity": 5}]}),
    ]  # fmt: skip
    name, body = rng.choice(bodies)
    return envelope(name, {"TransactionId": transaction, **body}, time=at(n % 50))


def places_in(said, found: list) -> list:
    """Every (holder, key) of a document."""
    if isinstance(said, dict | list):
        for key, value in said.items() if isinstance(said, dict) else enumerate(said):
            found.append((said, key))
            places_in(value, found)
    return found


def mutated(rng: random.Random, message: dict) -> bytes:
    """The message with one to three changes of values or bytes; one in ten stays as it is."""
    if rng.random() < 0.1:
        return payload(message)
    for _ in range(rng.randint(1, 3)):
        if rng.random() < 0.7:
            holder, key = rng.choice(places_in(message, []))
            if rng.random() < 0.3:
                del holder[key]
            else:
                holder[key] = deepcopy(rng.choice(ODD))  # a list that is shared would hold itself
            if not places_in(message, []):
                break
    raw = bytearray(json.dumps(message, ensure_ascii=rng.random() < 0.5).encode())
    if rng.random() < 0.4 and raw:
        where = rng.randrange(len(raw))
        how = rng.randrange(4)
        if how == 0:
            raw[where] ^= 1 << rng.randrange(8)
        elif how == 1:
            del raw[where : where + rng.randint(1, 30)]
        elif how == 2:
            raw[where:where] = raw[where : where + rng.randint(1, 30)]
        else:
            raw = raw[:where]
    return bytes(raw)


def in_any_case(pairs: list[tuple]) -> dict:
    """Field names are read in any case."""
    return {name.lower(): value for name, value in pairs}


def spoken_of(raw: bytes) -> set[tuple[str, str, str]]:
    """(unit, position, package) that a MaterialsInstalled message says, as anybody would read it."""
    body, found = json.loads(raw, object_pairs_hook=in_any_case)["messagebody"], set()
    for one in body.get("installedmaterials") or ():
        refs = [ref["referencedesignator"].strip() for ref in one.get("installedcomponents") or ()]
        stuff = one["material"]
        names = [str(stuff["uniqueidentifier"]).strip()]
        if float(stuff.get("greyzone") or 0) > 0:
            names += [str(stuff[key]) for key in ("leadingmaterialpackage", "splicedmaterialpackage") if stuff.get(key)]
        found |= {(str(one["unitidentifier"]).strip(), ref, name) for ref in refs for name in names}
    return found


def test_none_crashes_none_is_half_applied(load, actor, home, sql, verified):
    from asbuilt.built.messages.arriving import arrived
    from asbuilt.built.messages.groups import record_messages
    from asbuilt.kernel.instants import parse_instant

    rng, line = random.Random(SEED), tables()
    line["orders"].append({**line["orders"][1], "order": "WO-9", "quantity": str(MESSAGES)})
    line["units"] += [{**line["units"][0], "order": "WO-9", "serial": f"SN{n:05}"} for n in range(MESSAGES)]
    load(line)
    now, sent = parse_instant("2027-03-02T08:00:00Z"), []
    for start in range(0, MESSAGES, GROUP):
        group = [mutated(rng, one_of(rng, n)) for n in range(start, start + GROUP)]
        messages = [one for raw in group for one in arrived(raw, now, "test")]
        report = record_messages(actor, messages)
        assert report.messages == len(messages)
        sent += messages
    total = len({one.identity for one in sent})
    assert sql("SELECT sum(length(ids)) FROM messages_known") == [(total * 8,)]
    uses = {bytes.fromhex(row[0]): row[1] for row in _facts(actor)}
    assert len(uses) == total
    dead = {bytes.fromhex(row[0]) for row in sql("SELECT message FROM messages_dead_letter")}
    assert dead == {message for message, use in uses.items() if use == "dead"}
    assert MESSAGES * 0.3 < len(dead) < MESSAGES * 0.9
    said, seen = set(), set()
    for one in sent:
        if one.name.endswith("MaterialsInstalled") and one.identity not in seen and uses[one.identity] == "used":
            said |= spoken_of(one.raw)
        seen.add(one.identity)
    assert len(said) > MESSAGES
    # a unit that a mutated message gave the name -1 is found under it
    serials = dict(sql("SELECT unit, value FROM production_unit_name WHERE kind = 0"))
    called = {
        value: serials[unit] for value, unit in sql("SELECT value, unit FROM production_unit_name WHERE kind > 0")
    }
    called |= {serial: serial for serial in serials.values()}  # a serial number goes before other names
    assert _recorded(sql) == {(called.get(unit, unit), *rest) for unit, *rest in said}
    assert not sql("SELECT 1 FROM production_process_run WHERE until_unit <= first_unit")
    assert verified() == []
    assert sql("SELECT count(*) FROM messages_dead_letter WHERE cause = 'messages.broke_recording'") == [(0,)]


def _facts(actor):
    from asbuilt.ledger.facts import all_facts

    return [(fact.values[0], fact.values[5]) for fact in all_facts(actor.tenant, "messages.message/1")]


def _recorded(sql) -> set[tuple[str, str, str]]:
    from asbuilt.kernel.spans import unpack

    names = dict(sql("SELECT unit, value FROM production_unit_name WHERE kind = 0"))
    codes = dict(sql("SELECT number, code FROM supply_package"))
    labels = dict(sql("SELECT number, label FROM catalog_position_group"))
    found = set()
    for first, until, packed, group, package in sql(
        'SELECT first_unit, until_unit, units, "group", package FROM production_material_run'
    ):
        units = unpack(first, until, packed)
        found |= {(names[unit], ref, codes[package]) for unit in units for ref in labels[group].split(" ")}
    for unit, ref, package in sql(
        "SELECT unit, refdes, installed FROM production_replacement WHERE installed IS NOT NULL"
    ):
        found.add((names[unit], ref, codes[package]))
    return found
