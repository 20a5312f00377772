"""Messages about work and material: what was begun, placed, taken out, applied, processed, and by whom.

A place names a unit: an identifier (its own, or that of its panel or carrier) and a position on the panel, from 1; 0 or
none means the whole panel. Codes of packages, parts and positions are text. Standard: IPC-2591, sections CFX.Production
and CFX.Materials; the message names are theirs.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from asbuilt.formats.cfx.envelope import Envelope
from asbuilt.formats.cfx.values import (
    Moment,
    get,
    moment,
    number,
    structure,
    structures,
    text,
    whole,
    wrong,
)

POSITIONS_MAX = 65_536
UNITS_MAX = 5_000
STATUSES = ("", "Pass", "Fail", "Scrap", "Skip")


@dataclass(frozen=True)
class Place:
    """Which unit: an identifier ("" for none) and a position on its panel (0: the whole panel)."""

    identifier: str
    position: int = 0


@dataclass(frozen=True)
class Circuit:
    """One place of a panel that is worked on; status Skip is a position that is not built (X-out)."""

    place: Place
    name: str
    status: str


@dataclass(frozen=True)
class WorkStarted:
    """A machine began to work on a panel or unit. `order` and `batch` may be empty."""

    transaction: str
    primary: str
    hermes: str
    count: int
    circuits: tuple[Circuit, ...]
    recipe: str
    revision: str
    surface: str
    order: str
    batch: str


@dataclass(frozen=True)
class WorkCompleted:
    """A machine ended its work: Completed, Failed, Aborted or Skipped."""

    transaction: str
    result: str
    primary: str
    circuits: tuple[Circuit, ...]


@dataclass(frozen=True)
class Package:
    """A package of material as a machine names it; `leading` are those it was spliced behind, `grey` pieces of doubt."""

    code: str
    part: str
    leading: tuple[str, ...] = ()
    grey: float = 0


@dataclass(frozen=True)
class Installed:
    """A package on positions of one unit (or of the whole panel). `quantity` as the machine counts it, None: not said."""

    place: Place
    package: Package
    positions: tuple[str, ...]
    feeder: str
    at: Moment | None
    quantity: float | None


@dataclass(frozen=True)
class MaterialsInstalled:
    """Placements of one pass."""

    transaction: str
    installed: tuple[Installed, ...]


@dataclass(frozen=True)
class Uninstalled:
    """A package taken off positions of a unit, with the reason."""

    place: Place
    package: str
    positions: tuple[str, ...]
    reason: str
    at: Moment | None


@dataclass(frozen=True)
class MaterialsUninstalled:
    """Removals of one pass."""

    transaction: str
    uninstalled: tuple[Uninstalled, ...]


@dataclass(frozen=True)
class Applied:
    """Paste, glue or coating from a package on a unit or panel; quantity with its unit of measure."""

    place: Place
    package: Package
    positions: tuple[str, ...]
    quantity: float | None
    measure: str


@dataclass(frozen=True)
class MaterialsApplied:
    """Applications of one pass."""

    transaction: str
    applied: tuple[Applied, ...]


@dataclass(frozen=True)
class Processed:
    """What a process did to one unit; `process` is the structure as it came."""

    place: Place
    result: str
    process: dict = field(hash=False)


@dataclass(frozen=True)
class UnitsProcessed:
    """A pass through a process: what all units saw, and what single ones did."""

    transaction: str
    result: str
    common: dict = field(hash=False)
    units: tuple[Processed, ...] = ()


@dataclass(frozen=True)
class Tool:
    """A tool used on a place: its identifier, its name, how often."""

    place: Place
    code: str
    name: str
    cycles: float | None


@dataclass(frozen=True)
class ToolsUsed:
    """The tools of one pass."""

    transaction: str
    tools: tuple[Tool, ...]


@dataclass(frozen=True)
class Operator:
    """A person at a machine, by badge; `here` is False when the person leaves. An empty badge is nobody."""

    code: str
    here: bool


def place_of(said: dict, where: str, position: str = "UnitPositionNumber") -> Place:
    """The place that a structure names."""
    identifier = text(get(said, "UnitIdentifier"), f"{where}.UnitIdentifier")
    return Place(identifier, whole(get(said, position), f"{where}.{position}", 1_000_000))


def transaction_of(body: dict) -> str:
    """The transaction, whatever the case of its name."""
    return text(get(body, "TransactionID"), "TransactionID")


def operator_code(said: object, where: str) -> str:
    """The badge of an operator structure; a login only where there is no badge."""
    person = structure(said, where)
    code = text(get(person, "OperatorIdentifier"), f"{where}.OperatorIdentifier", 120)
    return code or text(get(person, "LoginName"), f"{where}.LoginName", 120)


def _circuits(body: dict) -> tuple[Circuit, ...]:
    found = []
    for n, said in enumerate(structures(get(body, "Units"), "Units")):
        where = f"Units[{n}]"
        status = text(get(said, "Status"), f"{where}.Status")
        if status not in STATUSES:
            raise wrong(f"{where}.Status", "is none of Pass, Fail, Scrap, Skip")
        name = text(get(said, "PositionName"), f"{where}.PositionName")
        found.append(Circuit(place_of(said, where, "PositionNumber"), name, status))
    if len(found) > UNITS_MAX:
        raise wrong("Units", f"has more than {UNITS_MAX:,} entries")
    numbers = [one.place.position for one in found if one.place.position]
    if len(set(numbers)) != len(numbers):
        raise wrong("Units", "names a position twice")
    return tuple(found)


def work_started(envelope: Envelope) -> WorkStarted:
    """Reads WorkStarted."""
    body = envelope.body
    order = structure(get(body, "WorkOrderIdentifier"), "WorkOrderIdentifier")
    return WorkStarted(
        transaction_of(body),
        text(get(body, "PrimaryIdentifier"), "PrimaryIdentifier"),
        text(get(body, "HermesIdentifier"), "HermesIdentifier"),
        whole(get(body, "UnitCount"), "UnitCount", UNITS_MAX),
        _circuits(body),
        text(get(body, "RecipeName"), "RecipeName"),
        text(get(body, "Revision"), "Revision", 60),
        text(get(body, "RelevantSurface"), "RelevantSurface"),
        text(get(order, "WorkOrderId"), "WorkOrderIdentifier.WorkOrderId"),
        text(get(order, "Batch"), "WorkOrderIdentifier.Batch"),
    )


def work_completed(envelope: Envelope) -> WorkCompleted:
    """Reads WorkCompleted."""
    body = envelope.body
    result = text(get(body, "Result"), "Result") or "Completed"
    primary = text(get(body, "PrimaryIdentifier"), "PrimaryIdentifier")
    return WorkCompleted(transaction_of(body), result, primary, _circuits(body))


def package_code(said: object, where: str) -> str:
    """The code of a package that stands as a text or as a structure; "" for none."""
    if isinstance(said, dict):
        return text(get(said, "UniqueIdentifier"), f"{where}.UniqueIdentifier")
    return text(said, where)


def package_of(said: dict, where: str) -> Package:
    """The package of a material structure, with what it was spliced to."""
    code = package_code(said, where)
    if not code:
        raise wrong(f"{where}.UniqueIdentifier", "is missing")
    grey = number(get(said, "GreyZone"), f"{where}.GreyZone") or 0
    leading = []
    for name in ("LeadingMaterialPackage", "SplicedMaterialPackage"):
        other = package_code(get(said, name), f"{where}.{name}")
        if other and other != code and other not in leading:
            leading.append(other)
    part = text(get(said, "InternalPartNumber"), f"{where}.InternalPartNumber")
    return Package(code, part, tuple(leading), grey)


def positions_of(said: object, where: str, offset: int | None = None) -> tuple[tuple[str, ...], Moment | None]:
    """The reference designators of a list of components, and when the first of them was worked on."""
    found = structures(said, where)
    if len(found) > POSITIONS_MAX:
        raise wrong(where, f"has more than {POSITIONS_MAX:,} entries")
    try:
        # the usual case, at one look a component
        names = tuple([one["ReferenceDesignator"] for one in found])
        joined = "".join(names)
        plain = joined.isprintable() and " " not in joined and max(map(len, names), default=0) <= 120
    except (KeyError, TypeError):
        plain = False
    if not plain or not all(names):
        names = tuple(_designator(one, f"{where}[{n}]") for n, one in enumerate(found))
        if any(" " in name for name in names):
            raise wrong(where, "has a reference designator with a blank")
    first = moment(get(found[0], "InstallationTime"), f"{where}[0].InstallationTime", offset) if found else None
    return names, first


def _designator(said: dict, where: str) -> str:
    name = text(get(said, "ReferenceDesignator"), f"{where}.ReferenceDesignator", 120)
    if not name:
        raise wrong(f"{where}.ReferenceDesignator", "is missing")
    return name


def _feeder(said: object, where: str) -> str:
    location = structure(said, where)
    carrier = structure(get(location, "CarrierInformation"), f"{where}.CarrierInformation")
    for found, name in ((location, "LocationName"), (location, "LocationIdentifier"), (carrier, "Name")):
        if feeder := text(get(found, name), f"{where}.{name}"):
            return feeder
    return text(get(carrier, "UniqueIdentifier"), f"{where}.UniqueIdentifier")


def materials_installed(envelope: Envelope) -> MaterialsInstalled:
    """Reads MaterialsInstalled. What was not installed (rejected parts) is left out."""
    body, found = envelope.body, []
    for n, said in enumerate(structures(get(body, "InstalledMaterials"), "InstalledMaterials")):
        where = f"InstalledMaterials[{n}]"
        names, at = positions_of(get(said, "InstalledComponents"), f"{where}.InstalledComponents", envelope.offset)
        package = package_of(structure(get(said, "Material"), f"{where}.Material"), f"{where}.Material")
        feeder = _feeder(get(said, "CarrierLocation"), f"{where}.CarrierLocation")
        quantity = number(get(said, "QuantityInstalled"), f"{where}.QuantityInstalled")
        found.append(Installed(place_of(said, where), package, names, feeder, at, quantity))
    return MaterialsInstalled(transaction_of(body), tuple(found))


def materials_uninstalled(envelope: Envelope) -> MaterialsUninstalled:
    """Reads MaterialsUninstalled."""
    body, found = envelope.body, []
    for n, said in enumerate(structures(get(body, "UninstalledMaterials"), "UninstalledMaterials")):
        where = f"UninstalledMaterials[{n}]"
        names, at = positions_of(get(said, "UninstalledComponents"), f"{where}.UninstalledComponents", envelope.offset)
        package = package_code(get(said, "Material"), f"{where}.Material")
        reason = text(get(said, "Reason"), f"{where}.Reason")
        found.append(Uninstalled(place_of(said, where), package, names, reason, at))
    return MaterialsUninstalled(transaction_of(body), tuple(found))


def materials_applied(envelope: Envelope) -> MaterialsApplied:
    """Reads MaterialsApplied."""
    body, found = envelope.body, []
    for n, said in enumerate(structures(get(body, "AppliedMaterials"), "AppliedMaterials")):
        where = f"AppliedMaterials[{n}]"
        names, _ = positions_of(get(said, "InstalledComponents"), f"{where}.InstalledComponents")
        package = package_of(structure(get(said, "Material"), f"{where}.Material"), f"{where}.Material")
        amount = structure(get(said, "QuantityApplied"), f"{where}.QuantityApplied")
        value = number(get(amount, "Value"), f"{where}.QuantityApplied.Value")
        measure = text(get(amount, "ValueUnits"), f"{where}.QuantityApplied.ValueUnits")
        found.append(Applied(place_of(said, where), package, names, value, measure))
    return MaterialsApplied(transaction_of(body), tuple(found))


def units_processed(envelope: Envelope) -> UnitsProcessed:
    """Reads UnitsProcessed."""
    body, found = envelope.body, []
    for n, said in enumerate(structures(get(body, "UnitProcessData"), "UnitProcessData")):
        where = f"UnitProcessData[{n}]"
        process = structure(get(said, "UnitProcessData"), f"{where}.UnitProcessData")
        result = text(get(said, "UnitResult"), f"{where}.UnitResult")
        found.append(Processed(place_of(said, where), result, process))
    common = structure(get(body, "CommonProcessData"), "CommonProcessData")
    result = text(get(body, "OverallResult"), "OverallResult")
    return UnitsProcessed(transaction_of(body), result, common, tuple(found))


def tools_used(envelope: Envelope) -> ToolsUsed:
    """Reads ToolsUsed."""
    body, found = envelope.body, []
    for n, said in enumerate(structures(get(body, "UsedTools"), "UsedTools")):
        where = f"UsedTools[{n}]"
        tool = structure(get(said, "Tool"), f"{where}.Tool")
        code = text(get(tool, "UniqueIdentifier"), f"{where}.Tool.UniqueIdentifier")
        name = text(get(tool, "Name"), f"{where}.Tool.Name")
        cycles = number(get(said, "UsageCycles"), f"{where}.UsageCycles")
        found.append(Tool(place_of(said, where), code, name, cycles))
    return ToolsUsed(transaction_of(body), tuple(found))


def operator_activated(envelope: Envelope) -> Operator:
    """Reads OperatorActivated and OperatorDeactivated."""
    here = envelope.kind == "OperatorActivated"
    return Operator(operator_code(get(envelope.body, "Operator"), "Operator"), here)


def identifiers_of(said: object) -> Iterable[str]:
    """Every identifier of units or panels in a body, for looking them up together."""
    if isinstance(said, WorkStarted | WorkCompleted):
        yield from (one.place.identifier for one in said.circuits)
        yield said.primary
        return
    for name in ("installed", "uninstalled", "applied", "units", "tools"):
        for one in getattr(said, name, ()):
            yield one.place.identifier


Reader = Callable[[Envelope], object]
