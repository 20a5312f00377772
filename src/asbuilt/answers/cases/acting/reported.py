"""Files of what became of units, as customers and telemetry send them: serial number, state, time; a note, and the product where a number has several.

    read_reported(entry, action, content, "july.csv")  ->  {("updated", at, "by the installer"): units, …}

Names of columns are taken as spreadsheets write them; a time needs its offset. Invalid: every row that is wrong, by line; then nothing is taken.
"""

from pyroaring import BitMap

from asbuilt.access.actor import local_system
from asbuilt.answers.cases.acting.action_file import REPORTABLE, FieldAction
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.formats.foreign import ROWS_MAX, ForeignRow, read_foreign, refusal
from asbuilt.formats.nearest import did_you_mean
from asbuilt.formats.refusals import ErrorList
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.recording import Entry
from asbuilt.questions.genealogy.answering.serials import units_by_serial
from asbuilt.questions.genealogy.evaluating.view import View

ROLES = {
    "serial": "serial", "serialnumber": "serial", "serialno": "serial", "sn": "serial", "unit": "serial",
    "state": "state", "status": "state", "standing": "state", "result": "state",
    "at": "at", "time": "at", "timestamp": "at", "happenedat": "at", "date": "at",
    "note": "note", "comment": "note", "remark": "note", "reason": "note", "product": "product",
}  # fmt: skip
NEEDED = ("serial", "state", "at")
NOTE_CHARACTERS_MAX = 400
GROUPS_MAX = 5_000


def read_reported(entry: Entry, action: FieldAction, content: bytes, name: str) -> dict[tuple[str, int, str], BitMap]:
    """(standing, when, note) -> units of the reach, as the file says."""
    table = read_foreign(content, file=name, roles=ROLES, needed=NEEDED, kind="reports on units")
    if not table.rows:
        raise refusal("cases.reports_empty", name, None, "holds no row", "Send one with units.")
    if len(table.rows) > ROWS_MAX:
        raise refusal("cases.reports_many", name, None, f"holds more than {ROWS_MAX:,} rows", "Split it.")
    view, errors = View(local_system(entry.tenant)), ErrorList()
    known = units_by_serial(view, (row["serial"].strip() for row in table.rows))
    found: dict[tuple[str, int, str], BitMap] = {}
    told: dict[tuple[int, int], str] = {}
    for row in table.rows:
        standing, at = _state(row, name, errors), _time(row, name, errors, entry.recorded_at)
        units = _units(row, name, errors, view, action, known)
        if standing is None or at is None or not units:
            continue
        for unit in units:
            if told.setdefault((unit, at), standing) != standing:
                reason = "is said to be two things at one time"
                errors.add("cases.report_twice", name, row.line, "state", row["state"], reason, "Leave one row out.")
        found.setdefault((standing, at, row["note"].strip()[:NOTE_CHARACTERS_MAX]), BitMap()).update(units)
    errors.raise_if_any(name)
    if len(found) > GROUPS_MAX:
        reason = f"holds {len(found):,} different times and notes; {GROUPS_MAX:,} are taken at once"
        raise refusal(
            "cases.reports_scattered", name, None, reason, "Give units that were done together one time, or split it."
        )
    return found


def _state(row: ForeignRow, name: str, errors: ErrorList) -> str | None:
    said = row["state"].strip().lower()
    if said in REPORTABLE:
        return said
    remedy = did_you_mean(said, REPORTABLE) or f"Say {', '.join(REPORTABLE)}."
    errors.add("cases.report_state", name, row.line, "state", row["state"], "is no state of a unit", remedy)
    return None


def _time(row: ForeignRow, name: str, errors: ErrorList, now: int) -> int | None:
    try:
        at = parse_instant(row["at"].strip())
    except ValueError as refusal:
        errors.add(
            "cases.report_time",
            name,
            row.line,
            "at",
            row["at"],
            f"is no time: {refusal}",
            "Write 2027-03-15T08:00:00+01:00.",
        )
        return None
    if at > now:
        errors.add(
            "cases.report_ahead", name, row.line, "at", row["at"], "lies in the future", "Look at the clock it is from."
        )
        return None
    return at


def _units(
    row: ForeignRow, name: str, errors: ErrorList, view: View, action: FieldAction, known: dict[str, BitMap]
) -> BitMap:
    serial, product = row["serial"].strip(), row["product"].strip()
    named = known.get(serial, BitMap())
    of = _by_product(view, named) if product or len(named) > 1 else {}
    if product:
        named = named & of.get(product, BitMap())
    held = {unit: BitMap([unit]) & action.reach or view.descendants(BitMap([unit])) & action.reach for unit in named}
    meant = [units for units in held.values() if units]
    if len(meant) > 1:
        names = sorted(code for code, units in of.items() if any(held.get(unit) for unit in units))
        reason, remedy = f"names several units: of {', '.join(names)}", "Say which in a column product."
        errors.add("cases.report_several", name, row.line, "serial", serial, reason, remedy)
        return BitMap()
    if not meant:
        reason = f"is not in {action.code}" if named else "is no unit of this record"
        errors.add("cases.report_unit", name, row.line, "serial", serial, reason, "Look at the serial number.")
    return meant[0] if meant else BitMap()


def _by_product(view: View, units: BitMap) -> dict[str, BitMap]:
    codes, found = product_codes(view.tenant), {}
    for block in view.blocks_over(units):
        found.setdefault(codes.get(block.product, ""), BitMap()).update(units & BitMap(range(block.first, block.until)))
    return found
