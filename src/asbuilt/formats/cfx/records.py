"""Messages about repairs, names, packages and orders.

Times of a test that the message does not give are None: whoever records it takes those of the pass. Measurements keep the
units of measure that the message has beside each value; nothing is converted. Standard: IPC-2591, sections
CFX.Production.TestAndInspection, ReworkAndRepair, Assembly; CFX.Materials.Management; CFX.InformationSystem.
"""

from dataclasses import dataclass
from math import ceil

from asbuilt.formats.cfx.bodies import Place, operator_code, package_code, place_of, transaction_of
from asbuilt.formats.cfx.envelope import Envelope
from asbuilt.formats.cfx.values import Moment, get, moment, number, structure, structures, text, whole, wrong

GREY_MAX = 100_000


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
class MaterialsJoined:
    """A package (`trailing`) was spliced behind another (`leading`); of `grey` pieces nobody knows which (None: not said)."""

    leading: str
    trailing: str
    grey: int | None


@dataclass(frozen=True)
class NewOrder:
    """A work order that was made known. `part` is its product. The standard has no field for the BOM version or the configuration: makers
    add them beside the others; empty where the message has none."""

    code: str
    batch: str
    part: str
    revision: str
    quantity: int
    customer: str
    at: Moment | None
    bom_version: str = ""
    configuration: str = ""


@dataclass(frozen=True)
class WorkOrdersCreated:
    """Work orders that were made known."""

    orders: tuple[NewOrder, ...]


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
    """Reads MaterialsOpened, MaterialsPlacedInDryStorage, MaterialsRemovedFromDryStorage and MaterialsExpired."""
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


def materials_joined(envelope: Envelope) -> MaterialsJoined:
    """Reads MaterialsJoined. A grey zone is of the message or of the package behind, where a machine says one."""
    body = envelope.body
    names = ("LeadingMaterialPackage", "TrailingMaterialPackage")
    first, second = (structure(get(body, name), name) for name in names)
    leading, trailing = (package_code(one, name) for one, name in zip((first, second), names, strict=True))
    if not leading or not trailing:
        raise wrong(f"{names[1] if leading else names[0]}.UniqueIdentifier", "is missing")
    said = [number(get(where, "GreyZone"), "GreyZone") for where in (body, second)]
    grey = next((one for one in said if one is not None), None)
    if grey is not None and not 0 <= grey <= GREY_MAX:
        raise wrong("GreyZone", "is no number of pieces")
    return MaterialsJoined(leading, trailing, None if grey is None else ceil(grey))


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
                _first_text(
                    said, ("BomVersion", "BomRevision", "BillOfMaterialsVersion", "BillOfMaterialsRevision"), where
                ),
                _first_text(said, ("Configuration", "ConfigurationName", "ConfigurationId"), where),
            )
        )
    return WorkOrdersCreated(tuple(found))


def _first_text(said: dict, names: tuple[str, ...], where: str) -> str:
    return next((found for name in names if (found := text(get(said, name), f"{where}.{name}"))), "")
