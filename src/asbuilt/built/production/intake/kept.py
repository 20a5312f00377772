"""calibrations, qualifications, areas, environment and alarm_closings .csv -> rows.

A row recorded before, word for word, is passed over. Refused are a day that is none, a file with another SHA-256, a
measurement of nothing, a hold named by an alarm that was dismissed. An instrument, area or qualification begins with its
first row; a station or machine is named as the floor calls it, and may be named before anything was done at it.
"""

from asbuilt.built.production import models
from asbuilt.built.production.kept import KEPT
from asbuilt.built.supply.kept_intakes import KeptIntake
from asbuilt.ledger.intake import TableIntake


class ProcessRecordIntake(KeptIntake):
    """Base of these intakes."""

    tables = {
        model._meta.db_table: model
        for model in (
            models.Calibration, models.Qualification, models.MachineArea, models.Environment, models.AlarmClosing,
            models.OutsidePaper,
        )
    }  # fmt: skip


class CalibrationsIntake(ProcessRecordIntake):
    """Each row is one calibration of an instrument: how it was found, how it was left."""

    table, shape, kept = "calibrations", KEPT["calibrations"].shape, KEPT["calibrations"]


class QualificationsIntake(ProcessRecordIntake):
    """Each row is a qualification that a person was given."""

    table, shape, kept = "qualifications", KEPT["qualifications"].shape, KEPT["qualifications"]

    def check(self, line, cells):
        if not cells["person"]:
            self.warn(f"{self.file} line {line}: names nobody; a person who was erased, or a cell that was left out.")


class AreasIntake(ProcessRecordIntake):
    """Each row says in which area a machine stands from a time on."""

    table, shape, kept = "areas", KEPT["areas"].shape, KEPT["areas"]


class EnvironmentIntake(ProcessRecordIntake):
    """Each row is what was measured in an area at a time."""

    table, shape, kept = "environment", KEPT["environment"].shape, KEPT["environment"]

    def check(self, line, cells):
        if not any(cells[name] for name in ("temperature_c", "humidity_percent", "cleanroom_class")):
            reason = f"Nothing was measured in {cells['area']}"
            remedy = "Fill temperature_c, humidity_percent or cleanroom_class."
            self.wrong(line, "temperature_c", "", "production.nothing_measured", reason, remedy)
        humidity = cells["humidity_percent"]
        if humidity and not 0 <= float(humidity) <= 100:
            reason, remedy = f"{humidity} is no relative humidity", "It lies from 0 to 100 percent."
            self.wrong(line, "humidity_percent", humidity, "production.humidity_wrong", reason, remedy)


class AlarmClosingsIntake(ProcessRecordIntake):
    """Each row is what a person decided about a run out of limits."""

    table, shape, kept = "alarm_closings", KEPT["alarm_closings"].shape, KEPT["alarm_closings"]

    def check(self, line, cells):
        if (cells["decision"] == "held") != bool(cells["hold"]):
            reason = (
                f"An alarm that was {cells['decision']} names {'its' if cells['decision'] == 'held' else 'no'} hold"
            )
            remedy = "Fill hold where the decision is held, and only there."
            self.wrong(line, "hold", cells["hold"], "production.alarm_hold", reason, remedy)


INTAKES: dict[str, type[TableIntake]] = {
    intake.table: intake
    for intake in (CalibrationsIntake, QualificationsIntake, AreasIntake, EnvironmentIntake, AlarmClosingsIntake)
}
