"""Tables of this room in which a fact is a row, word for word: grants, plans, stations, permits, what stations did.

They have the form of `supply.kept`. Grants, plans and permits are kept as they were signed; what they say is read from them.
A row of station_records names its unit where the record could be placed.
"""

from asbuilt.built.programming import events
from asbuilt.built.supply.kept import KeptTable

KEPT = {
    table.name: table
    for table in (
        KeptTable("grants", "programming_grant", events.GRANT),
        KeptTable("station_plans", "programming_plan", events.PLAN),
        KeptTable("stations", "programming_station", events.STATION),
        KeptTable("permits", "programming_permit", events.PERMIT),
        KeptTable("permit_states", "programming_permit_state", events.PERMIT_STATE, frozenset({"spent"})),
        KeptTable(
            "station_records", "programming_station_record", events.STATION_RECORD, frozenset({"attempt", "seq"})
        ),
        KeptTable("alarm_releases", "programming_alarm_release", events.ALARM_RELEASE),
    )
}
