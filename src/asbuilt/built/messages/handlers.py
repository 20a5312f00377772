"""Which message goes to which room, who handles it there, and in which order a room's rows are handed over."""

from collections.abc import Callable
from dataclasses import dataclass

from asbuilt.built.messages import floor_life, judging, making_known, placing, processing, splicing, starting
from asbuilt.built.production.intake.mounts import MountsIntake
from asbuilt.built.production.intake.names import NamesIntake
from asbuilt.built.production.intake.orders import OrdersIntake
from asbuilt.built.production.intake.panels import PanelsIntake
from asbuilt.built.production.intake.placements import MachineReplacements, Placements
from asbuilt.built.production.intake.processes import ProcessesIntake
from asbuilt.built.programming.intake import ProgrammingIntake
from asbuilt.built.programming.preprogrammed_intakes import ConfigurationsIntake
from asbuilt.built.supply.intake import LotsIntake
from asbuilt.built.supply.kept_intakes import HandlingIntake, LivesIntake, StatusesIntake
from asbuilt.ledger.intake import Intake

SUPPLY, PRODUCTION, PROGRAMMING, QUALITY, NONE = "supply", "production", "programming", "quality", "messages"
ROOMS = (SUPPLY, PRODUCTION, PROGRAMMING, QUALITY, NONE)
"""In the order in which they build on each other; `messages` takes what no other room does."""


@dataclass(frozen=True)
class Handler:
    """Where a message is recorded, and by what; the function returns what became of it."""

    room: str
    handle: Callable


HANDLERS: dict[str, Handler] = {
    "CFX.Materials.Management.MaterialsInitialized": Handler(SUPPLY, making_known.materials_initialized),
    "CFX.Materials.Management.MaterialsSplit": Handler(SUPPLY, making_known.materials_split),
    "CFX.Materials.Management.MSDManagement.MaterialsOpened": Handler(SUPPLY, floor_life.materials_opened),
    "CFX.Materials.Management.MSDManagement.MaterialsPlacedInDryStorage": Handler(
        SUPPLY, floor_life.materials_in_dry_storage
    ),
    "CFX.Materials.Management.MSDManagement.MaterialsRemovedFromDryStorage": Handler(
        SUPPLY, floor_life.materials_out_of_dry_storage
    ),
    "CFX.Materials.Management.MSDManagement.MaterialsExpired": Handler(SUPPLY, floor_life.materials_expired),
    "CFX.Materials.Management.MaterialsJoined": Handler(PRODUCTION, splicing.materials_joined),
    "CFX.InformationSystem.WorkOrderManagement.WorkOrdersCreated": Handler(
        PRODUCTION, making_known.work_orders_created
    ),
    "CFX.Production.WorkStarted": Handler(PRODUCTION, starting.work_started),
    "CFX.Production.WorkCompleted": Handler(PRODUCTION, starting.work_completed),
    "CFX.Production.Assembly.MaterialsInstalled": Handler(PRODUCTION, placing.materials_installed),
    "CFX.Production.Assembly.MaterialsUninstalled": Handler(PRODUCTION, placing.materials_uninstalled),
    "CFX.Production.Application.MaterialsApplied": Handler(PRODUCTION, placing.materials_applied),
    "CFX.Production.Processing.UnitsProcessed": Handler(PRODUCTION, processing.units_processed),
    "CFX.EndpointConnected": Handler(PRODUCTION, processing.software_told),
    "CFX.Heartbeat": Handler(PRODUCTION, processing.software_told),
    "CFX.GetEndpointInformationResponse": Handler(PRODUCTION, processing.software_told),
    "CFX.Production.ToolsUsed": Handler(PRODUCTION, processing.tools_used),
    "CFX.Production.OperatorActivated": Handler(PRODUCTION, processing.operator_activated),
    "CFX.Production.OperatorDeactivated": Handler(PRODUCTION, processing.operator_activated),
    "CFX.Production.ReworkAndRepair.UnitsRepaired": Handler(PRODUCTION, processing.units_repaired),
    "CFX.Production.Assembly.UnitsPersonalized": Handler(PROGRAMMING, judging.units_personalized),
    "CFX.Production.TestAndInspection.UnitsTested": Handler(QUALITY, judging.units_tested),
    "CFX.Production.TestAndInspection.UnitsInspected": Handler(QUALITY, judging.units_tested),
}
LAST: dict[str, tuple[type[Intake], ...]] = {
    SUPPLY: (LotsIntake, LivesIntake, StatusesIntake, HandlingIntake, ProgrammingIntake),
    PRODUCTION: (
        OrdersIntake,
        ConfigurationsIntake,
        MountsIntake,
        PanelsIntake,
        Placements,
        MachineReplacements,
        ProcessesIntake,
    ),
    PROGRAMMING: (NamesIntake, judging.MachineProgramming),
    QUALITY: (judging.MachineTests,),
    NONE: (),
}
