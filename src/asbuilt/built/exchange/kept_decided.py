"""VEX decisions, reports to makers and build configurations as tables in which a fact is a row, word for word, so that they are withdrawn and rebuilt as others are."""

from asbuilt.built.supply.kept import KeptTable
from asbuilt.designed.vulnerability.deciding.events import BUILD_CONFIGURATION, DECISION, UPSTREAM_REPORT

DECIDED = {
    table.name: table
    for table in (
        KeptTable("vex_decisions", "vulnerability_decision", DECISION, files=True),
        KeptTable("upstream_reports", "vulnerability_upstream_report", UPSTREAM_REPORT, files=True),
        KeptTable("build_configurations", "vulnerability_build_configuration", BUILD_CONFIGURATION, files=True),
    )
}
