"""Tables of this room in which a fact is a row, word for word: nonconformities and all that is said of them but their units."""

from asbuilt.built.quality import events
from asbuilt.built.supply.kept import KeptTable

_DUE = frozenset({"due_on"})
KEPT = {
    table.name: table
    for table in (
        KeptTable("nonconformities", "quality_nonconformity", events.NONCONFORMITY),
        KeptTable("nonconformity_causes", "quality_nonconformity_cause", events.CAUSE),
        KeptTable("dispositions", "quality_disposition", events.DISPOSITION, files=True),
        KeptTable("nonconformity_actions", "quality_nonconformity_action", events.ACTION, days=_DUE),
        KeptTable("nonconformity_states", "quality_nonconformity_state", events.STATE),
        KeptTable(
            "effectiveness_checks",
            "quality_effectiveness_check",
            events.EFFECTIVENESS_CHECK,
            frozenset({"units_min", "failed_ppm_max"}),
            _DUE,
        ),
        KeptTable(
            "effectiveness_results",
            "quality_effectiveness_result",
            events.EFFECTIVENESS_RESULT,
            frozenset({"units", "failed"}),
        ),
    )
}
