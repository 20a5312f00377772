"""Which message is read as what: the readers of all messages that the record uses, by the last word of the name."""

from asbuilt.formats.cfx import bodies, endpoints, records, testing
from asbuilt.formats.cfx.bodies import Reader
from asbuilt.formats.cfx.envelope import Envelope

READERS: dict[str, Reader] = {
    "CFX.Production.WorkStarted": bodies.work_started,
    "CFX.Production.WorkCompleted": bodies.work_completed,
    "CFX.EndpointConnected": endpoints.endpoint,
    "CFX.Heartbeat": endpoints.endpoint,
    "CFX.GetEndpointInformationResponse": endpoints.endpoint,
    "CFX.Production.ToolsUsed": bodies.tools_used,
    "CFX.Production.OperatorActivated": bodies.operator_activated,
    "CFX.Production.OperatorDeactivated": bodies.operator_activated,
    "CFX.Production.Assembly.MaterialsInstalled": bodies.materials_installed,
    "CFX.Production.Assembly.MaterialsUninstalled": bodies.materials_uninstalled,
    "CFX.Production.Assembly.UnitsPersonalized": records.units_personalized,
    "CFX.Production.Application.MaterialsApplied": bodies.materials_applied,
    "CFX.Production.Processing.UnitsProcessed": bodies.units_processed,
    "CFX.Production.TestAndInspection.UnitsTested": testing.units_tested,
    "CFX.Production.TestAndInspection.UnitsInspected": testing.units_inspected,
    "CFX.Production.ReworkAndRepair.UnitsRepaired": records.units_repaired,
    "CFX.Materials.Management.MaterialsInitialized": records.materials_initialized,
    "CFX.Materials.Management.MaterialsSplit": records.materials_split,
    "CFX.Materials.Management.MSDManagement.MaterialsOpened": records.materials_handled,
    "CFX.Materials.Management.MSDManagement.MaterialsPlacedInDryStorage": records.materials_handled,
    "CFX.Materials.Management.MSDManagement.MaterialsRemovedFromDryStorage": records.materials_handled,
    "CFX.Materials.Management.MSDManagement.MaterialsExpired": records.materials_handled,
    "CFX.Materials.Management.MaterialsJoined": records.materials_joined,
    "CFX.InformationSystem.WorkOrderManagement.WorkOrdersCreated": records.work_orders_created,
}


def read_body(envelope: Envelope) -> object | None:
    """What the message says, or None where nothing here reads it. Invalid `cfx.field` names what cannot be read."""
    reader = READERS.get(envelope.name)
    return reader(envelope) if reader else None
