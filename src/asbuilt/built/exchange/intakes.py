"""Which room takes which table."""

from asbuilt.built.production.intake.assemblies import AssembliesIntake
from asbuilt.built.production.intake.blocks import BlocksIntake
from asbuilt.built.production.intake.closings import ClosingsIntake
from asbuilt.built.production.intake.holds import HoldsIntake
from asbuilt.built.production.intake.kept import (
    AlarmClosingsIntake,
    AreasIntake,
    CalibrationsIntake,
    EnvironmentIntake,
    QualificationsIntake,
)
from asbuilt.built.production.intake.mappings import MappingsIntake
from asbuilt.built.production.intake.mark_readings import MarkReadingsIntake
from asbuilt.built.production.intake.materials import MaterialsIntake
from asbuilt.built.production.intake.mounts import MountsIntake
from asbuilt.built.production.intake.names import NamesIntake
from asbuilt.built.production.intake.numberings import NumberingsIntake
from asbuilt.built.production.intake.orders import OrdersIntake
from asbuilt.built.production.intake.outside import OutsidePapersIntake, SentOutIntake, TakenBackIntake
from asbuilt.built.production.intake.panels import PanelsIntake
from asbuilt.built.production.intake.processes import ProcessesIntake
from asbuilt.built.production.intake.replacements import ReplacementsIntake
from asbuilt.built.production.intake.units import UnitsIntake
from asbuilt.built.programming.intake import ProgrammingIntake
from asbuilt.built.programming.kept_intakes import (
    AlarmReleasesIntake,
    GrantsIntake,
    PermitsIntake,
    PermitStatesIntake,
    PlansIntake,
    StationRecordsIntake,
    StationsIntake,
)
from asbuilt.built.programming.preprogrammed_intakes import (
    ConfigurationsIntake,
    FirmwareDemandsIntake,
    ModuleFirmwareIntake,
    ProgrammingOrdersIntake,
    ProgrammingOrderStatesIntake,
    ReadBacksIntake,
)
from asbuilt.built.quality.concession_intake import ConcessionDecisionsIntake, ConcessionsIntake
from asbuilt.built.quality.intake import TestsIntake
from asbuilt.built.quality.nonconformity_intake import INTAKES as NONCONFORMING
from asbuilt.built.quality.waiver_intake import WaiverDecisionsIntake, WaiversIntake
from asbuilt.built.shipping.intake import ShipmentsIntake
from asbuilt.built.shipping.packing_intake import ContainersIntake, PackedIntake, PlacingsIntake, ReturnsIntake
from asbuilt.built.supply.intake import LotsIntake
from asbuilt.built.supply.kept_intakes import (
    DeclarationsIntake,
    HandlingIntake,
    InspectionChecksIntake,
    InspectionPlansIntake,
    InspectionsIntake,
    LivesIntake,
    SamplesIntake,
    SiliconRevisionsIntake,
    StatusesIntake,
)
from asbuilt.built.supply.names_intake import PackageNamesIntake
from asbuilt.designed.catalog.intake import BomIntake, PartsIntake
from asbuilt.designed.catalog.panel_intake import PanelPlacesIntake
from asbuilt.designed.catalog.placement_intake import PlacementsIntake
from asbuilt.designed.catalog.program_intake import ProgramsIntake
from asbuilt.designed.catalog.record_demands_intake import RecordDemandsIntake
from asbuilt.designed.catalog.routing_intake import DocumentsIntake, RoutingsIntake
from asbuilt.designed.catalog.rules_intake import MarkRulesIntake, SerialRulesIntake
from asbuilt.designed.catalog.test_plan_intake import TestPlanApprovalsIntake, TestPlansIntake
from asbuilt.designed.components.intake import SbomsIntake
from asbuilt.designed.firmware.intake import ReleasesIntake
from asbuilt.designed.firmware.register_intake import (
    ReleaseDraftsIntake,
    ReleaseSignaturesIntake,
    ReleaseStatesIntake,
    TrustStoresIntake,
)
from asbuilt.designed.parties.intake import PartiesIntake
from asbuilt.designed.parties.product_roles import ProductRolesIntake
from asbuilt.designed.vulnerability.deciding.intake import (
    BuildConfigurationsIntake,
    UpstreamReportsIntake,
    VexDecisionsIntake,
)
from asbuilt.designed.vulnerability.feeds.intake import OwnEntriesIntake
from asbuilt.designed.vulnerability.matching.intake import IdentitiesIntake
from asbuilt.ledger.intake import TableIntake

INTAKES: dict[str, type[TableIntake]] = {
    intake.table: intake
    for intake in (
        PartiesIntake,
        PartsIntake,
        BomIntake,
        ProductRolesIntake,
        SerialRulesIntake,
        MarkRulesIntake,
        PanelPlacesIntake,
        PlacementsIntake,
        RecordDemandsIntake,
        DocumentsIntake,
        RoutingsIntake,
        ProgramsIntake,
        TestPlansIntake,
        TestPlanApprovalsIntake,
        LotsIntake,
        LivesIntake,
        DeclarationsIntake,
        InspectionPlansIntake,
        InspectionsIntake,
        InspectionChecksIntake,
        SamplesIntake,
        StatusesIntake,
        HandlingIntake,
        SiliconRevisionsIntake,
        PackageNamesIntake,
        OrdersIntake,
        BlocksIntake,
        UnitsIntake,
        PanelsIntake,
        NamesIntake,
        NumberingsIntake,
        MountsIntake,
        CalibrationsIntake,
        QualificationsIntake,
        AreasIntake,
        EnvironmentIntake,
        MaterialsIntake,
        MappingsIntake,
        ProcessesIntake,
        AlarmClosingsIntake,
        SentOutIntake,
        TakenBackIntake,
        OutsidePapersIntake,
        ReplacementsIntake,
        AssembliesIntake,
        ReleasesIntake,
        TrustStoresIntake,
        ReleaseDraftsIntake,
        ReleaseSignaturesIntake,
        ReleaseStatesIntake,
        OwnEntriesIntake,
        VexDecisionsIntake,
        UpstreamReportsIntake,
        BuildConfigurationsIntake,
        SbomsIntake,
        IdentitiesIntake,
        FirmwareDemandsIntake,
        ConfigurationsIntake,
        ModuleFirmwareIntake,
        ProgrammingOrdersIntake,
        ProgrammingOrderStatesIntake,
        ReadBacksIntake,
        ProgrammingIntake,
        GrantsIntake,
        PlansIntake,
        StationsIntake,
        PermitsIntake,
        PermitStatesIntake,
        StationRecordsIntake,
        AlarmReleasesIntake,
        TestsIntake,
        MarkReadingsIntake,
        ConcessionsIntake,
        ConcessionDecisionsIntake,
        WaiversIntake,
        WaiverDecisionsIntake,
        ContainersIntake,
        PackedIntake,
        ShipmentsIntake,
        PlacingsIntake,
        ReturnsIntake,
        ClosingsIntake,
        HoldsIntake,
        *NONCONFORMING.values(),
    )
}
