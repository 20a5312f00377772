"""Messages about tests, inspections, repairs, names, packages and orders.

Times of a test that the message does not give are None: whoever records it takes those of the pass. Measurements keep the
units of measure that the message has beside each value; nothing is converted. Standard: IPC-2591, sections
CFX.Production.TestAndInspection, ReworkAndRepair, Assembly; CFX.Materials.Management; CFX.InformationSystem.
"""

from dataclasses import dataclass, field

from asbuilt.formats.cfx.bodies import Place, operator_code, package_code, place_of, transaction_of
from asbuilt.formats.cfx.envelope import Envelope
from asbuilt.formats.cfx.values import Moment, get, moment, number, structure, structures, text, type_of, whole, wrong

OUTCOMES = {"Passed": "pass", "Failed": "fail", "Error": "error", "Aborted": "aborted", "Skipped": ""}
NO_DEFECT = ("DefectRejected", "DefectAccepted", "DefectClosed")


@dataclass(frozen=True)
class Tested:
    """One run of tests or inspections on one unit. `outcome` is a word of tests.csv, "" where it was skipped."""

    place: Place
    outcome: str
    begun_at: Moment | None
    ended_at: Moment | None
    measurements: dict = field(hash=False)


@dataclass(frozen=True)
class UnitsTested:
    """Tests or inspections of one pass; `method` is ICT, FCT, AOI, SPI, AXI, Human …"""

    transaction: str
    method: str
    operator: str
    units: tuple[Tested, ...]


@dataclass(frozen=True)
class Repair:
    """What was repaired: a reference designator ("" for none), a name, words, the result."""

    name: str
    position: str
    words: str
    result: str
    begun_at: Moment | None
    ended_at: Moment | None


@dataclass(frozen=True)
class Repaired:
    """The repairs of one unit."""

    place: Place
    repairs: tuple[Repair, ...]


@dataclass(frozen=True)
class UnitsRepaired:
    """Repairs of one pass."""

    transaction: str
    operator: str
    units: tuple[Repaired, ...]


@dataclass(frozen=True)
class Personalized:
    """What one unit was given: names, numbers, firmware; pairs of name and value in order."""

    place: Place
    characteristics: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class UnitsPersonalized:
    """What the units of a pass were given."""

    transaction: str
    units: tuple[Personalized, ...]


@dataclass(frozen=True)
class NewPackage:
    """A package that was made known, as lots.csv has it; `level` is its moisture sensitivity level (2a), "" where not told."""

    code: str
    part: str
    mpn: str
    maker: str
    vendor: str
    lot_code: str
    made_at: Moment | None
    received_at: Moment | None
    quantity: float | None
    status: str
    level: str = ""


@dataclass(frozen=True)
class MaterialsInitialized:
    """Packages that were made known."""

    packages: tuple[NewPackage, ...]


@dataclass(frozen=True)
class MaterialsHandled:
    """Packages to which something happened: opened, taken out of dry storage."""

    packages: tuple[str, ...]


@dataclass(frozen=True)
class MaterialsSplit:
    """A part of a package became a package of its own."""

    source: str
    new: str
    quantity: float | None


@dataclass(frozen=True)
class NewOrder:
    """A work order that was made known. `part` is its product."""

    code: str
    batch: str
    part: str
    revision: str
    quantity: int
    customer: str
    at: Moment | None


@dataclass(frozen=True)
class WorkOrdersCreated:
    """Work orders that were made known."""

    orders: tuple[NewOrder, ...]


def units_tested(envelope: Envelope) -> UnitsTested:
    """Reads UnitsTested."""
    body = envelope.body
    found = [
        _tested(said, f"TestedUnits[{n}]", "Tests", "Test", envelope.offset)
        for n, said in enumerate(structures(get(body, "TestedUnits"), "TestedUnits"))
    ]
    return UnitsTested(
        transaction_of(body),
        text(get(body, "TestMethod"), "TestMethod"),
        operator_code(get(body, "Tester"), "Tester"),
        tuple(found),
    )


def units_inspected(envelope: Envelope) -> UnitsTested:
    """Reads UnitsInspected. An inspection whose defects a person all rejected (false calls) does not fail a unit."""
    body = envelope.body
    found = [
        _tested(said, f"InspectedUnits[{n}]", "Inspections", "Inspection", envelope.offset)
        for n, said in enumerate(structures(get(body, "InspectedUnits"), "InspectedUnits"))
    ]
    return UnitsTested(
        transaction_of(body),
        text(get(body, "InspectionMethod"), "InspectionMethod"),
        operator_code(get(body, "Inspector"), "Inspector"),
        tuple(found),
    )


def _tested(said: dict, where: str, listed: str, word: str, offset: int | None) -> Tested:
    result = text(get(said, "OverallResult"), f"{where}.OverallResult")
    if result not in OUTCOMES:
        raise wrong(f"{where}.OverallResult", f"is none of {', '.join(OUTCOMES)}")
    runs = structures(get(said, listed), f"{where}.{listed}")
    begun, ended, defects, measurements, failed, cleared = [], [], [], {}, 0, 0
    for n, run in enumerate(runs):
        here = f"{where}.{listed}[{n}]"
        begun.append(moment(get(run, f"{word}StartTime"), f"{here}.{word}StartTime", offset))
        ended.append(moment(get(run, f"{word}EndTime"), f"{here}.{word}EndTime", offset))
        name = text(get(run, f"{word}Name"), f"{here}.{word}Name")
        _measured(run, here, name, measurements)
        here_defects = _defects(run, here, name)
        defects += here_defects
        if get(run, "Result") == "Failed":
            failed += 1
            cleared += bool(here_defects) and all(one.get("verification") in NO_DEFECT for one in here_defects)
    outcome = "pass" if result == "Failed" and failed and failed == cleared else OUTCOMES[result]
    if defects:
        measurements["defects"] = defects
    return Tested(
        place_of(said, where),
        outcome,
        min((one for one in begun if one), default=None),
        max((one for one in ended if one), default=None),
        measurements,
    )


def _measured(run: dict, where: str, name: str, found: dict) -> None:
    """Adds the measurements of one test under their names, or the test's result where it measured nothing."""
    taken = structures(get(run, "Measurements"), f"{where}.Measurements")
    for n, said in enumerate(taken):
        here = f"{where}.Measurements[{n}]"
        key = text(get(said, "MeasurementName"), f"{here}.MeasurementName") or name or f"{len(found) + 1}"
        _put(found, key, _measurement(said, here))
    result = text(get(run, "Result"), f"{where}.Result")
    if not taken and name and result:
        _put(found, name, {"result": OUTCOMES.get(result, result)})
    for n, said in enumerate(structures(get(run, "TestConditions"), f"{where}.TestConditions")):
        kind, value = type_of(said).lower(), number(get(said, "MeanValue"), f"{where}.TestConditions[{n}].MeanValue")
        if kind and value is not None:
            _put(found, f"{name}.{kind}" if name else kind, {"value": value})


def _put(found: dict, key: str, said: dict) -> None:
    while key in found:
        head, mark, tail = key.rpartition("~")
        key = f"{head}~{int(tail) + 1}" if mark and tail.isdigit() else f"{key}~2"
    found[key] = said


def _measurement(said: dict, where: str) -> dict:
    found: dict[str, object] = {}
    values = structure(get(said, "MeasuredValue"), f"{where}.MeasuredValue") if get(said, "MeasuredValue") else said
    for name, key in (
        ("Value", "value"), ("ExpectedValue", "expected"), ("MinimumAcceptableValue", "min"), ("MaximumAcceptableValue", "max"),
        ("X", "x"), ("Y", "y"), ("Z", "z"), ("EX", "ex"), ("EY", "ey"), ("EZ", "ez"), ("DX", "dx"), ("DY", "dy"), ("RXY", "rxy"),
        ("Vol", "volume"), ("EVol", "expected_volume"),
    ):  # fmt: skip
        value = values.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            found[key] = number(value, f"{where}.{name}")
        elif isinstance(value, str) and value:
            found[key] = text(value, f"{where}.{name}")
    for name, key in (("ValueUnits", "units"), ("ExpectedValueUnits", "limit_units")):
        if measure := text(get(values, name), f"{where}.{name}"):
            found[key] = measure
    for name, key in (("CRDs", "at"), ("Result", "result")):
        if word := text(get(said, name), f"{where}.{name}", 2_000):
            found[key] = OUTCOMES.get(word, word) if key == "result" else word
    return found


def _defects(run: dict, where: str, name: str) -> list[dict]:
    verification = text(get(run, "Verification"), f"{where}.Verification")
    found = []
    for n, said in enumerate(structures(get(run, "DefectsFound"), f"{where}.DefectsFound")):
        here = f"{where}.DefectsFound[{n}]"
        component = structure(get(said, "ComponentOfInterest"), f"{here}.ComponentOfInterest")
        one = {
            "code": text(get(said, "DefectCode"), f"{here}.DefectCode"),
            "category": text(get(said, "DefectCategory"), f"{here}.DefectCategory"),
            "description": text(get(said, "Description"), f"{here}.Description", 2_000),
            "at": text(get(component, "ReferenceDesignator"), f"{here}.ReferenceDesignator"),
            "inspection": name,
            "verification": text(get(said, "Verification"), f"{here}.Verification") or verification,
        }
        found.append({key: value for key, value in one.items() if value})
    return found


def units_repaired(envelope: Envelope) -> UnitsRepaired:
    """Reads UnitsRepaired."""
    body, found = envelope.body, []
    for n, said in enumerate(structures(get(body, "RepairedUnits"), "RepairedUnits")):
        where = f"RepairedUnits[{n}]"
        repairs = [
            _repair(one, f"{where}.Repairs[{m}]", envelope.offset)
            for m, one in enumerate(structures(get(said, "Repairs"), f"{where}.Repairs"))
        ]
        found.append(Repaired(place_of(said, where), tuple(repairs)))
    operator = operator_code(get(body, "RepairOperator"), "RepairOperator")
    return UnitsRepaired(transaction_of(body), operator, tuple(found))


def _repair(said: dict, where: str, offset: int | None) -> Repair:
    component = structure(get(said, "ComponentOfInterest"), f"{where}.ComponentOfInterest")
    return Repair(
        text(get(said, "RepairName"), f"{where}.RepairName"),
        text(get(component, "ReferenceDesignator"), f"{where}.ReferenceDesignator"),
        text(get(said, "Comments"), f"{where}.Comments", 2_000),
        text(get(said, "Result"), f"{where}.Result"),
        moment(get(said, "RepairStartTime"), f"{where}.RepairStartTime", offset),
        moment(get(said, "RepairEndTime"), f"{where}.RepairEndTime", offset),
    )


def units_personalized(envelope: Envelope) -> UnitsPersonalized:
    """Reads UnitsPersonalized."""
    body, found = envelope.body, []
    for n, said in enumerate(structures(get(body, "PersonalizedUnits"), "PersonalizedUnits")):
        where = f"PersonalizedUnits[{n}]"
        pairs = []
        for m, one in enumerate(structures(get(said, "Characteristics"), f"{where}.Characteristics")):
            here = f"{where}.Characteristics[{m}]"
            pairs.append((text(get(one, "Name"), f"{here}.Name"), text(get(one, "Value"), f"{here}.Value")))
        found.append(Personalized(place_of(said, where), tuple(pairs)))
    return UnitsPersonalized(transaction_of(body), tuple(found))


def materials_initialized(envelope: Envelope) -> MaterialsInitialized:
    """Reads MaterialsInitialized."""
    offset = envelope.offset
    found = []
    for n, said in enumerate(structures(get(envelope.body, "Materials"), "Materials")):
        where = f"Materials[{n}]"
        code = package_code(said, where)
        if not code:
            raise wrong(f"{where}.UniqueIdentifier", "is missing")
        amount = number(get(said, "InitialQuantity"), f"{where}.InitialQuantity")
        found.append(
            NewPackage(
                code,
                text(get(said, "InternalPartNumber"), f"{where}.InternalPartNumber"),
                text(get(said, "ManufacturerPartNumber"), f"{where}.ManufacturerPartNumber"),
                text(get(said, "Manufacturer"), f"{where}.Manufacturer"),
                text(get(said, "Vendor"), f"{where}.Vendor"),
                text(get(said, "ManufacturerLotCode"), f"{where}.ManufacturerLotCode"),
                moment(get(said, "ManufactureDate"), f"{where}.ManufactureDate", offset),
                moment(get(said, "ReceivedDate"), f"{where}.ReceivedDate", offset),
                amount if amount is not None else number(get(said, "Quantity"), f"{where}.Quantity"),
                text(get(said, "Status"), f"{where}.Status"),
                _level(said, where),
            )
        )
    return MaterialsInitialized(tuple(found))


def _level(said: dict, where: str) -> str:
    """The moisture sensitivity level without its letters: MSL2A is 2a."""
    told = structure(get(said, "MaterialData"), f"{where}.MaterialData")
    return text(get(told, "MSDLevel"), f"{where}.MaterialData.MSDLevel").casefold().removeprefix("msl")


def materials_handled(envelope: Envelope) -> MaterialsHandled:
    """Reads MaterialsOpened, MaterialsPlacedInDryStorage and MaterialsRemovedFromDryStorage."""
    codes = []
    for n, said in enumerate(structures(get(envelope.body, "Materials"), "Materials")):
        codes.append(package_code(said, f"Materials[{n}]"))
        if not codes[-1]:
            raise wrong(f"Materials[{n}].UniqueIdentifier", "is missing")
    return MaterialsHandled(tuple(dict.fromkeys(codes)))


def materials_split(envelope: Envelope) -> MaterialsSplit:
    """Reads MaterialsSplit."""
    body = envelope.body
    source = package_code(get(body, "SourceMaterialPackageIdentifier"), "SourceMaterialPackageIdentifier")
    new = package_code(get(body, "NewMaterialPackageIdentifier"), "NewMaterialPackageIdentifier")
    if not source or not new:
        raise wrong("NewMaterialPackageIdentifier" if source else "SourceMaterialPackageIdentifier", "is missing")
    quantity = number(get(body, "NewMaterialPackageQuantity"), "NewMaterialPackageQuantity")
    return MaterialsSplit(source, new, quantity)


def work_orders_created(envelope: Envelope) -> WorkOrdersCreated:
    """Reads WorkOrdersCreated."""
    offset = envelope.offset
    found = []
    for n, said in enumerate(structures(get(envelope.body, "NewOrders"), "NewOrders")):
        where = f"NewOrders[{n}]"
        named = structure(get(said, "WorkOrderIdentifier"), f"{where}.WorkOrderIdentifier")
        code = text(get(named, "WorkOrderId"), f"{where}.WorkOrderIdentifier.WorkOrderId")
        if not code:
            raise wrong(f"{where}.WorkOrderIdentifier.WorkOrderId", "is missing")
        batch = text(get(named, "Batch"), f"{where}.Batch") or text(get(said, "LotNumber"), f"{where}.LotNumber")
        found.append(
            NewOrder(
                code,
                batch,
                text(get(said, "PartNumber"), f"{where}.PartNumber"),
                text(get(said, "PartRevision"), f"{where}.PartRevision"),
                whole(get(said, "Quantity"), f"{where}.Quantity"),
                text(get(said, "Customer"), f"{where}.Customer"),
                moment(get(said, "CreatedDate"), f"{where}.CreatedDate", offset),
            )
        )
    return WorkOrdersCreated(tuple(found))
