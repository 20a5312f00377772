"""Which nonconformities are open on units: what the gate asks before a unit goes on.

    open_nonconformities(tenant, 4001, 4002)   -> [OpenNonconformity("NCR-7", {4001}, "major", "void at U7", …)]

A nonconformity is open on a unit that it is about until it is closed, or until the disposition of that unit is done: approved
where it is to be used as is, carried out where it is to be reworked, repaired, returned or scrapped. What was decided last about a unit
counts on: scrapped it stays, returned it goes back to the party that the nonconformity names and to nobody else, until the board decides anew.
Rows that only a table tells do not clear what was raised here.
"""

from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.built.quality.events import CHECK_MEASURED, DISPOSITION_STATED, RAISED, STATE_STATED
from asbuilt.storage import reading

CLEARED = frozenset({("approved", "use_as_is")})
CARRIED_OUT, CLOSED, RETURN = "carried_out", "closed", "return"
SCRAP = (("approved", "scrap"), (CARRIED_OUT, "scrap"))
# What was decided about something raised here, and of which units, counts only where a verb recorded it: a row of a table is history, and
# nobody settles by a table what two people have to decide about. What came as a whole with tables is as the tables say.
BY_VERB = (
    "(EXISTS (SELECT 1 FROM ledger_entry e WHERE e.tenant = {0}.tenant AND e.number = {0}.entry AND e.type IN "
    f"('{STATE_STATED}', '{DISPOSITION_STATED}', '{CHECK_MEASURED}')) OR NOT EXISTS "
    "(SELECT 1 FROM quality_nonconformity o JOIN ledger_entry e ON e.tenant = o.tenant AND e.number = o.entry WHERE o.tenant = {0}.tenant "
    f"AND o.nonconformity = {{0}}.nonconformity AND e.type = '{RAISED}'))"
)
"""That a row (under this name) decides something about its nonconformity."""
_COUNTS = (
    f"x.tenant = u.tenant AND x.nonconformity = u.nonconformity AND x.until_entry IS NULL AND {BY_VERB.format('x')}"
)
UNITS_COUNT = f"(u.disposition = '' OR {BY_VERB.format('u')})"
"""That a row `u` of quality_nonconformity_unit puts its units under what it says."""
# nor is anything carried out whose approval was withdrawn from the record
_APPROVED = (
    "(x.step <> 'carried_out' OR EXISTS (SELECT 1 FROM quality_disposition a WHERE a.tenant = x.tenant AND a.nonconformity = x.nonconformity "
    "AND a.disposition = x.disposition AND a.step = 'approved' AND a.until_entry IS NULL))"
)
_LAST = 'ORDER BY x.decided_at DESC, x.entry DESC, x."row" DESC LIMIT 1'


@dataclass(frozen=True)
class OpenNonconformity:
    """An open nonconformity and the units of the span asked for on which it is open; who raised it (a person's number) and when; `came`:
    unit -> the entry that put it under it."""

    code: str
    units: BitMap
    severity: str
    description: str
    operator: int | None
    raised_at: int
    came: dict[int, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Judged:
    """What the board's work says of units: the open nonconformities, and by code the units that are to be scrapped, closed or not, and those
    that were returned to a party (its code or name, or empty), where the board decided nothing else about them since."""

    open: list[OpenNonconformity]
    to_scrap: dict[str, BitMap]
    to_return: dict[tuple[str, str], BitMap]


def open_nonconformities(tenant: int, first: int, until: int) -> list[OpenNonconformity]:
    """The open ones on units of [first, until), in the order in which they were raised, each with those units. One statement."""
    return judged(tenant, first, until).open


def judged(tenant: int, first: int, until: int) -> Judged:
    """Of units of [first, until). One statement.

    That a scrapping was carried out is somebody's word; the unit itself is scrapped by its own verb, and until then it is here."""
    sql = (
        "SELECT u.nonconformity, u.first_unit, u.until_unit, u.disposition, n.party, n.severity, n.description, n.operator, n.raised_at, "
        f"(SELECT x.state FROM quality_nonconformity_state x WHERE {_COUNTS} AND x.state <> 'contained' {_LAST}), "
        f"(SELECT x.step || ' ' || x.decision || ' ' || x.decided_at FROM quality_disposition x WHERE {_COUNTS} AND x.disposition = u.disposition "
        f"AND u.disposition <> '' AND x.step <> 'agreed' AND {_APPROVED} {_LAST}), "
        "(SELECT min(m.entry) FROM quality_nonconformity_unit m WHERE m.tenant = u.tenant AND m.nonconformity = u.nonconformity "
        "AND m.first_unit < u.until_unit AND m.until_unit > u.first_unit) "
        "FROM quality_nonconformity_unit u JOIN quality_nonconformity n ON n.tenant = u.tenant "
        "AND n.nonconformity = u.nonconformity AND n.until_entry IS NULL "
        f"WHERE u.tenant = %s AND u.first_unit < %s AND u.until_unit > %s AND u.until_entry IS NULL AND {UNITS_COUNT} "
        "ORDER BY n.raised_at, u.nonconformity"
    )
    about: dict[str, tuple[BitMap, BitMap, tuple]] = {}
    entries: dict[str, dict[int, int]] = {}
    to_scrap: dict[str, BitMap] = {}
    settled: list[tuple[int, str, str, str, BitMap]] = []
    for code, low, high, disposition, party, *said, state, decided, came in reading.fetch(sql, (tenant, until, first)):
        span = BitMap(range(max(low, first), min(high, until)))
        step, decision, at = decided.split(" ") if decided else ("", "", "0")
        if (step, decision) in SCRAP:
            to_scrap[code] = to_scrap.get(code, BitMap()) | span
        if clears(step, decision):
            settled.append((int(at), code, decision, party, span))
        if state == CLOSED:
            continue
        units, cleared, _ = about.setdefault(code, (BitMap(), BitMap(), tuple(said)))
        entries.setdefault(code, {}).update(dict.fromkeys(span, came))
        if not disposition:
            units |= span
        elif clears(step, decision):
            cleared |= span
    found = [
        OpenNonconformity(code, units - done, *said, {unit: entries[code][unit] for unit in units - done})
        for code, (units, done, said) in about.items()
        if units - done
    ]
    return Judged(found, to_scrap, _returned(settled))


def _returned(settled: list[tuple[int, str, str, str, BitMap]]) -> dict[tuple[str, str], BitMap]:
    """(Nonconformity, party) -> units of which the board said last that they go back; `settled`: when, by which, what, to whom, which units."""
    found: dict[tuple[str, str], BitMap] = {}
    for _, code, decision, party, span in sorted(settled, key=lambda one: one[:2]):
        found = {key: left for key, units in found.items() if (left := units - span)}
        if decision == RETURN:
            found[code, party] = found.get((code, party), BitMap()) | span
    return found


def clears(step: str, decision: str) -> bool:
    """Whether units whose disposition stands there may go on."""
    return step == CARRIED_OUT or (step, decision) in CLEARED


def raised_last(tenant: int, units: BitMap) -> dict[int, int]:
    """Unit -> when a nonconformity about it was raised last, open or not. One statement, none without units."""
    if not units:
        return {}
    sql = (
        "SELECT u.first_unit, u.until_unit, n.raised_at FROM quality_nonconformity_unit u JOIN quality_nonconformity n ON n.tenant = u.tenant "
        "AND n.nonconformity = u.nonconformity AND n.until_entry IS NULL WHERE u.tenant = %s AND u.first_unit < %s AND u.until_unit > %s "
        "AND u.until_entry IS NULL ORDER BY n.raised_at"
    )
    found: dict[int, int] = {}
    for first, until, at in reading.fetch(sql, (tenant, units.max() + 1, units.min())):
        found |= dict.fromkeys(units & BitMap(range(first, until)), at)
    return found


def units_under(tenant: int, code: str, disposition: str = "") -> BitMap:
    """The units that the nonconformity is about, or one of its dispositions. One statement."""
    sql = (
        "SELECT first_unit, until_unit FROM quality_nonconformity_unit WHERE tenant = %s AND nonconformity = %s "
        "AND disposition = %s AND until_entry IS NULL"
    )
    units = BitMap()
    for first, until in reading.fetch(sql, (tenant, code, disposition)):
        units.add_range(first, until)
    return units
