"""Tables of this room in which a fact is a row, word for word: concessions, waivers and who decided about them (see `supply.kept`)."""

from asbuilt.built.quality import events
from asbuilt.built.supply.kept import KeptTable

KEPT = {
    table.name: table
    for table in (
        KeptTable("concessions", "quality_concession", events.CONCESSION),
        KeptTable(
            "concession_decisions",
            "quality_concession_decision",
            events.CONCESSION_DECISION,
            parties=frozenset({"party"}),
            files=True,
        ),
        KeptTable("waivers", "quality_waiver", events.WAIVER),
        KeptTable(
            "waiver_decisions",
            "quality_waiver_decision",
            events.WAIVER_DECISION,
            parties=frozenset({"party"}),
            files=True,
        ),
    )
}
