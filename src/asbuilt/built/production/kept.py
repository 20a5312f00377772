"""Tables of this room in which a fact is a row, word for word: instruments, people, areas, and what was decided of alarms.

They have the form of `supply.kept`: a row stands from the entry that recorded it up to the one that withdrew it, and names
stations, machines and orders by what the floor calls them.
"""

from asbuilt.built.production import events
from asbuilt.built.supply.kept import KeptTable

_DAY = frozenset({"valid_until"})
KEPT = {
    table.name: table
    for table in (
        KeptTable("calibrations", "production_calibration", events.CALIBRATION, days=_DAY, files=True),
        KeptTable("qualifications", "production_qualification", events.QUALIFICATION, days=_DAY, files=True),
        KeptTable("areas", "production_area", events.AREA),
        KeptTable("environment", "production_environment", events.ENVIRONMENT),
        KeptTable("outside_papers", "production_outside_paper", events.OUTSIDE_PAPER, files=True),
        KeptTable("alarm_closings", "production_alarm_closing", events.ALARM_CLOSING),
    )
}
