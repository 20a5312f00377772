"""UnitsTested, UnitsInspected, UnitsPersonalized: what tests said, what units are called, which firmware they were given.

- The plan of a test is the program of its pass, else the machine's step, else the method (ICT, AOI, SPI …).
- A characteristic that names firmware is a programming record of that version, which must be a known release; one that
  names an image hash goes with it; every other one is a name of the unit.
"""

import re

from asbuilt.built.messages.clocks import AHEAD_SECONDS, SECOND
from asbuilt.built.messages.events import KEPT, USED
from asbuilt.built.messages.passes import Pass
from asbuilt.built.messages.starting import json_text
from asbuilt.built.messages.work import Work, instant_text
from asbuilt.built.production.feeding import CLOCK_OFF
from asbuilt.built.production.intake.names import NamesIntake
from asbuilt.built.programming.intake import ProgrammingIntake
from asbuilt.built.quality.checked import CheckedTests
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.formats.cfx import records, testing
from asbuilt.formats.measurements import RUN
from asbuilt.kernel.errors import NotFound
from asbuilt.storage import reading

FIRMWARE = re.compile(
    r"^(?:(boot|bootloader|radio|app|application)[ _-]?)?(firmware|software|fw|sw)([ _-]?(version|release|rev(ision)?))?$",
    re.I,
)
HASH = re.compile(r"^(firmware|image|fw)?[ _-]?(sha-?256|hash)$", re.IGNORECASE)
UID = re.compile(r"^(device[ _-]?)?(uid|chip[ _-]?id|unique[ _-]?id)$", re.IGNORECASE)
ROLES = {"bootloader": "boot", "application": "app"}


class MachineTests(CheckedTests):
    """Test runs that machines tell of: two of one moment are two runs, never a contradiction."""

    __test__ = False
    refuses_contradictions = False


class MachineProgramming(ProgrammingIntake):
    """Programming that machines tell of."""

    refuses_contradictions = False


def units_tested(work: Work, said: testing.UnitsTested) -> str:
    """Test runs of one pass."""
    turn = work.pass_of(said.transaction)
    rows = []
    for one in said.units:
        if not one.outcome:
            continue
        for unit in work.units_of(one.place, turn):
            rows.append(_test_row(work, said, one, unit, turn))
    for row in rows:
        work.row(MachineTests, *row)
    return USED if rows else KEPT


def _test_row(
    work: Work, said: testing.UnitsTested, one: testing.Tested, unit: int, turn: Pass | None
) -> tuple[str, ...]:
    machine = work.machine
    plan = (turn.program if turn else "") or machine.step or said.method or machine.machine
    begun = one.begun_at.at if one.begun_at else turn.started_at if turn else work.when
    ended = one.ended_at.at if one.ended_at else work.when
    begun, ended, measured = laid(min(begun, ended), ended, work.received_at, one.measurements)
    operator = said.operator or work.badge(turn.operator if turn else machine.operator)
    return (
        work.text_of(unit), plan, turn.revision if turn else "", machine.machine, operator, one.outcome, instant_text(begun),
        instant_text(ended), json_text(measured), "",
    )  # fmt: skip


def laid(begun: int, ended: int, received_at: int, measurements: dict) -> tuple[int, int, dict]:
    """(begun, ended, measurements) as recorded. No message comes before what it tells of was over: a clock ahead of that is wrong, so the run is laid to
    when its message came, as that of a file is, and keeps what the clock said. A pass of tomorrow would stand after every rework of today."""
    off = ended - received_at
    if off <= AHEAD_SECONDS * SECOND:
        return begun, ended, measurements
    said = {CLOCK_OFF: off // SECOND, "said_at": [instant_text(begun), instant_text(ended)]}
    return max(begun - off, 0), received_at, {**measurements, RUN: {**measurements.get(RUN, {}), **said}}


def units_personalized(work: Work, said: records.UnitsPersonalized) -> str:
    """Names and firmware of the units of a pass."""
    turn = work.pass_of(said.transaction)
    names, firmware = [], []
    for one in said.units:
        for unit in work.units_of(one.place, turn):
            mine, written = _sorted(one.characteristics)
            at = instant_text(work.when)
            held = _names_of(work.tenant, unit)
            names += [
                (work.text_of(unit), kind, value, at, "", "", "") for kind, value in mine if (kind, value) not in held
            ]
            if written:
                firmware.append(_programming_row(work, unit, written, turn))
    for row in names:
        work.row(NamesIntake, *row)
    for row in firmware:
        work.row(MachineProgramming, *row)
    return USED if names or firmware else KEPT


def _sorted(characteristics: tuple[tuple[str, str], ...]) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Names, and what is said of firmware."""
    names: list[tuple[str, str]] = []
    written: dict[str, str] = {}
    for name, value in dict.fromkeys(characteristics):
        if not name or not value:
            continue
        if found := FIRMWARE.match(name):
            role = (found[1] or "").lower()
            written |= {"version": value, "role": ROLES.get(role, role)}
        elif HASH.match(name) and re.fullmatch("[0-9a-fA-F]{64}", value):
            written["sha256"] = value.lower()
        else:
            if UID.match(name):
                written["uid"] = value
            names.append((name, value))
    return names, written if "version" in written else {}


def _names_of(tenant: int, unit: int) -> set[tuple[str, str]]:
    sql = (
        "SELECT f.name, n.value FROM production_unit_name n JOIN production_floor_name f ON f.tenant = n.tenant "
        "AND f.number = n.kind WHERE n.tenant = %s AND n.unit = %s AND n.until_entry IS NULL"
    )
    return set(reading.fetch(sql, (tenant, unit)))


def _programming_row(work: Work, unit: int, written: dict[str, str], turn: Pass | None) -> tuple[str, ...]:
    product = product_codes(work.tenant)[work.order_of(unit).product]
    sql = (
        "SELECT 1 FROM firmware_release r JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product "
        "WHERE r.tenant = %s AND p.code = %s AND r.version = %s AND r.until_entry IS NULL LIMIT 1"
    )
    if reading.fetch_one(sql, (work.tenant, product, written["version"])) is None:
        raise NotFound(
            "programming.release_unknown",
            f"{product} has no release {written['version']}.",
            {"product": product, "version": written["version"]},
            "Record the release, then retry.",
        )
    machine = work.machine
    return (
        work.text_of(unit), product, written["version"], written.get("sha256", ""), written.get("uid", ""), machine.machine,
        work.badge(turn.operator if turn else machine.operator), "pass", instant_text(work.when), written["role"], "", "station",
    )  # fmt: skip
