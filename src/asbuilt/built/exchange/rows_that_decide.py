"""Rows that decide something are taken from whoever may decide it: the one rule for every table, whichever way its rows come or go.

- A row of a table named here stands for a verb. Whoever imports it, withdraws it or corrects it needs that verb's right beside the one to
  import or withdraw; a hold is lifted by the role that it names. The local system account (a whole house restored or loaded) has all rights.
- Two people: an approval is not taken from the person who recorded what it approves, by whichever verb or table, nor where its row names the
  same person as the proposal. Badges in cells prove nothing; who recorded is what the log says.
- Who is the manufacturer of a product, once the record named a party, another row names another only with the right that says who speaks for
  a party: who agrees for the house alone takes nobody's say away.
- A row that is recorded already, word for word, decides nothing anew and needs no right.

What is not named here is history or what is meant to be built: the right to import is enough (design, section 7). Concessions, waivers and
dispositions of a nonconformity raised here open nothing from a table at all, whoever brought it (built.quality).
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from asbuilt.access import rights
from asbuilt.access.actor import Actor
from asbuilt.built.production.holds import LIFTER, hold_of
from asbuilt.built.quality.approvals import who, who_recorded
from asbuilt.designed.parties.product_roles import MANUFACTURER, OWN, named_otherwise
from asbuilt.formats.columns import Table
from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.tables import TABLES
from asbuilt.kernel.errors import NotAllowed
from asbuilt.ledger.intake import TableIntake, ids_ever
from asbuilt.storage import reading

Words = Mapping[str, str]
ANY = ""
RIGHTS: dict[str, tuple[str, Words]] = {
    # units and packages go on, or not
    "holds": ("action", {"place": rights.HOLD_PLACE, "lift": rights.HOLD_LIFT}),
    "statuses": ("status", {"quarantine": rights.PACKAGE_HANDLE, ANY: rights.PACKAGE_DECIDE}),
    "inspection_plans": ("", {ANY: rights.PACKAGE_DECIDE}),
    "alarm_closings": ("", {ANY: rights.ALARM_CLOSE}),
    "alarm_releases": ("", {ANY: rights.STATION_RELEASE}),
    "closings": ("", {ANY: rights.ORDER_PLAN}),
    "placings": ("", {ANY: rights.MARKET_PLACE}),
    # what is asked of units, and who may do it
    "test_plans": ("", {ANY: rights.TEST_PLAN_PROPOSE}),
    "test_plan_approvals": ("", {ANY: rights.TEST_PLAN_APPROVE}),
    "calibrations": ("", {ANY: rights.CALIBRATE}),
    "qualifications": ("", {ANY: rights.QUALIFY}),
    "record_demands": ("", {ANY: rights.ORDER_PLAN}),
    "firmware_demands": ("", {ANY: rights.PROGRAMMING_ORDER}),
    "mark_rules": ("", {ANY: rights.ORDER_PLAN}),
    # who has to agree: without a verb of its own, so whoever agrees for the house
    "product_roles": ("", {ANY: rights.CONCESSION_APPROVE}),
    # nonconformities, concessions, waivers
    "nonconformities": ("", {ANY: rights.NONCONFORMITY_RAISE}),
    "nonconformity_states": ("state", {"contained": rights.NONCONFORMITY_RAISE, ANY: rights.NONCONFORMITY_DECIDE}),
    "dispositions": (
        "step",
        {"proposed": rights.NONCONFORMITY_WORK, "carried_out": rights.NONCONFORMITY_WORK, ANY: rights.NONCONFORMITY_DECIDE},
    ),
    "nonconformity_actions": ("", {ANY: rights.NONCONFORMITY_WORK}),
    "effectiveness_checks": ("", {ANY: rights.NONCONFORMITY_WORK}),
    "effectiveness_results": ("", {ANY: rights.NONCONFORMITY_WORK}),
    "concessions": ("", {ANY: rights.CONCESSION_PROPOSE}),
    "concession_decisions": ("", {ANY: rights.CONCESSION_APPROVE}),
    "waivers": ("", {ANY: rights.WAIVER_PROPOSE}),
    "waiver_decisions": ("", {ANY: rights.WAIVER_APPROVE}),
    # firmware, permits, stations
    "trust_stores": ("", {ANY: rights.TRUST_SET}),
    "release_drafts": ("", {ANY: rights.FIRMWARE_DRAFT}),
    "release_signatures": ("", {ANY: rights.FIRMWARE_RELEASE}),
    "release_states": ("", {ANY: rights.FIRMWARE_RELEASE}),
    "grants": ("", {ANY: rights.PERMIT_ISSUE}),
    "station_plans": ("", {ANY: rights.PERMIT_ISSUE}),
    "permits": ("", {ANY: rights.PERMIT_ISSUE}),
    "permit_states": ("", {ANY: rights.PERMIT_ISSUE}),
    "stations": ("", {ANY: rights.STATION_MANAGE}),
    # vulnerabilities
    "own_entries": ("", {ANY: rights.FEED_TAKE}),
    "vex_decisions": ("", {ANY: rights.VEX_DECIDE}),
    "upstream_reports": ("", {ANY: rights.VEX_DECIDE}),
    "component_identities": ("", {ANY: rights.IDENTITY_CONFIRM}),
    "build_configurations": ("", {ANY: rights.SBOM_ADD}),
    "sboms": ("", {ANY: rights.SBOM_ADD}),
}  # fmt: skip
"""Table -> the column whose word tells the verb ("" where there is one verb alone), and by word the right; ANY for every other word."""
SPEAKS = ("role", {OWN: rights.PEOPLE_MANAGE, MANUFACTURER: rights.PEOPLE_MANAGE})
OTHERWISE: dict[str, tuple[str, Words, Callable[[int, Words], bool]]] = {
    # once somebody else is named, whoever says who speaks for a party
    "product_roles": (*SPEAKS, named_otherwise),
}
"""Where a row says another thing than the record ever said: the column and by its word the right, and how the record is asked (tenant, cells)."""
UNDONE: dict[str, tuple[str, Words]] = {
    "holds": ("action", {"place": rights.HOLD_LIFT}),
    "statuses": ("status", {"quarantine": rights.PACKAGE_DECIDE}),
    "test_plans": ("", {ANY: rights.TEST_PLAN_APPROVE}),
    # history and what is meant to be built comes in with the right to import; to take back what stopped units is a decision
    "lots": ("status", {"quarantine": rights.PACKAGE_DECIDE, "rejected": rights.PACKAGE_DECIDE}),
    # a failure, and that a unit is under a nonconformity, go away as by a concession: by whoever agrees for the house, not by who tests
    "tests": ("outcome", dict.fromkeys(("fail", "error", "aborted"), rights.CONCESSION_APPROVE)),
    "processes": ("result", dict.fromkeys(("failed", "aborted"), rights.CONCESSION_APPROVE)),
    # a pass too: it may be what says that another firmware than the demanded one runs
    "programming": ("", {ANY: rights.CONCESSION_APPROVE}),
    # an instrument may have been bad by any row of its own: by its words, its last day, or where it stood
    "calibrations": ("", {ANY: rights.CONCESSION_APPROVE}),
    "mark_readings": ("result", dict.fromkeys(("wrong", "unreadable"), rights.CONCESSION_APPROVE)),
    # so does that it was reworked since its tests, what is inside it and since when, and that it was scrapped
    "replacements": ("", {ANY: rights.CONCESSION_APPROVE}),
    "assemblies": ("", {ANY: rights.CONCESSION_APPROVE}),
    "units": ("state", {"scrapped": rights.CONCESSION_APPROVE}),
    "nonconformities": ("", {ANY: rights.CONCESSION_APPROVE}),
    "nonconformity_units": ("", {ANY: rights.CONCESSION_APPROVE}),
    "product_roles": (SPEAKS[0], {**SPEAKS[1], ANY: rights.CONCESSION_APPROVE}),
    "routings": ("", {ANY: rights.TEST_PLAN_APPROVE}),
}
"""Where taking a row back, or correcting it, lets go on what the row stopped: the column and by its word the right to let it."""
PROPOSALS: dict[str, tuple[str, str, Sequence[str], str]] = {
    "test_plan_approvals": ("decision", "approved", ("plan", "version"), "catalog_test_plan t WHERE t.until_entry IS NULL"),
    "dispositions": (
        "step", "approved", ("nonconformity", "disposition"),
        "quality_disposition t WHERE t.step = 'proposed' AND t.until_entry IS NULL",
    ),
}  # fmt: skip
"""Table of approvals -> the column and word that approve, what names the proposal, where proposals are kept."""


def right_of(table: Table, row: Sequence[str], *, undone: bool = False) -> str:
    """The right that a row needs to come in, or (`undone`) to be taken back; empty where the row decides nothing."""
    if undone and table.name in UNDONE and (right := _named(table, row, UNDONE[table.name])):
        return right
    return _named(table, row, RIGHTS[table.name]) if table.name in RIGHTS else ""


def _named(table: Table, row: Sequence[str], said: tuple[str, Words]) -> str:
    column, words = said
    return words.get(row[table.columns.index(column)] if column else ANY) or words.get(ANY, "")


class DecidingRows:
    """Looks at the rows of one file before its room takes them, and names those that the importer may not decide."""

    def __init__(self, actor: Actor, table: Table, intake: TableIntake, errors: ErrorList):
        self.actor, self.table, self.intake, self.errors = actor, table, intake, errors
        self._asks = table.name in RIGHTS and not (actor.person is None and actor.rights >= rights.ALL_RIGHTS)
        self._placed: dict[str, str] = {}  # holds of this file -> who lifts them
        self._proposed: set[tuple[str, ...]] = set()  # proposals of this file

    def check(self, lines: Sequence[int], rows: Sequence[tuple[str, ...]]) -> None:
        """Name the rows of this chunk that need another's right, or a second person. One statement where none does."""
        if not self._asks:
            return
        known = self._known(rows)
        for line, row in zip(lines, rows, strict=True):
            if known.isdisjoint(ids_ever(self.table, row)):
                self._check(line, row, dict(zip(self.table.columns, row, strict=True)))

    def _known(self, rows: Sequence[tuple[str, ...]]) -> set[bytes]:
        return self.intake.ids_known(fact for row in rows for fact in ids_ever(self.table, row))

    def _check(self, line: int, row: Sequence[str], cells: Mapping[str, str]) -> None:
        column = RIGHTS[self.table.name][0] or self.table.columns[0]
        right = self._right_otherwise(row, cells) or right_of(self.table, row)
        if not self.actor.may(right):
            reason = f"needs the right {right}, as the verb does that it stands for"
            remedy = "Have somebody with that right load the row, or say it by its verb."
            self._wrong(line, column, cells[column], "exchange.row_needs_right", reason, remedy)
        elif lifter := self._other_lifter(cells):
            reason = f"Hold {cells['hold'][:80]} is lifted by another role: {lifter}"
            remedy = "Ask somebody who has that role."
            self._wrong(line, "hold", cells["hold"], "production.hold_lifter_other", reason, remedy)
        elif self._own_proposal(cells):
            column = PROPOSALS[self.table.name][0]
            reason = "approves what you recorded yourself, or names the person who proposed it"
            remedy = "Have a second person load the approval, or say it by its verb."
            self._wrong(line, column, cells[column], "exchange.row_needs_second_person", reason, remedy)

    def _right_otherwise(self, row: Sequence[str], cells: Mapping[str, str]) -> str:
        if self.table.name not in OTHERWISE:
            return ""
        column, words, says_otherwise = OTHERWISE[self.table.name]
        right = _named(self.table, row, (column, words))
        return right if right and says_otherwise(self.actor.tenant, cells) else ""

    def _wrong(self, line: int, column: str, value: str, code: str, reason: str, remedy: str) -> None:
        self.errors.add(code, self.intake.file, line, column, value, reason, remedy)

    def _other_lifter(self, cells: Mapping[str, str]) -> str:
        if self.table.name != "holds":
            return ""
        if cells["action"] == "place":
            self._placed.setdefault(cells["hold"], cells["lifted_by"] or LIFTER)
            return ""
        return other_lifter(self.actor, cells["hold"], self._placed.get(cells["hold"], ""))

    def _own_proposal(self, cells: Mapping[str, str]) -> bool:
        if self.table.name not in PROPOSALS:
            return False
        column, word, named, _ = PROPOSALS[self.table.name]
        key = tuple(cells[name] for name in named)
        if cells[column] == "proposed":
            self._proposed.add(key)
        if cells[column] != word:
            return False
        return key in self._proposed or proposed_by(self.actor, self.table.name, key, cells["operator"])


def other_lifter(actor: Actor, code: str, placed: str = "") -> str:
    """The role that lifts this hold where the actor has it not; `placed` is who lifts it where nothing is recorded yet."""
    hold = hold_of(actor.tenant, code)
    lifter = hold.lifted_by if hold is not None else placed
    return lifter if lifter and actor.roles and lifter not in actor.roles else ""


def proposed_by(actor: Actor, table: str, key: Sequence[str], operator: str) -> bool:
    """Whether the actor recorded the proposal of this approval, or both rows name the same person. One statement, two with an operator."""
    _, _, columns, kept = PROPOSALS[table]
    wanted = " AND ".join(f"t.{name} = %s" for name in columns)
    sql = (
        f"SELECT t.operator, e.body FROM {kept.replace(' WHERE ', ' JOIN ledger_entry e ON e.tenant = t.tenant AND e.number = t.entry WHERE ')} "
        f"AND t.tenant = %s AND {wanted} ORDER BY t.entry"
    )
    rows = reading.fetch(sql, (actor.tenant, *key))
    if not rows:
        return False
    people = "SELECT number FROM access_person WHERE tenant = %s AND code = %s"
    named = reading.fetch_one(people, (actor.tenant, operator)) if operator else None
    return any(
        who_recorded(json.loads(body)["actor"]).same_as(who(actor))
        or (number is not None and number in (actor.person, *(named or ())))
        for number, body in rows
    )


def refuse_undoing(actor: Actor, taken: Iterable[tuple[str, Sequence[str]]]) -> None:
    """Raise NotAllowed where one of these rows (table, cells) is taken back by somebody who may not decide it."""
    if actor.person is None and actor.rights >= rights.ALL_RIGHTS:
        return
    for name, row in taken:
        table = TABLES[name]
        right = right_of(table, row, undone=True)
        facts = {"table": name, "right": right}
        if right and not actor.may(right):
            said = f"To take back a row of {name}.csv that says this needs the right {right}."
            raise NotAllowed("exchange.row_needs_right", said, facts, "Have somebody with that right withdraw it.")
        cells = dict(zip(table.columns, row, strict=True))
        if name == "holds" and cells["action"] == "place" and (lifter := other_lifter(actor, cells["hold"])):
            said = f"Hold {cells['hold'][:80]} is lifted by another role: {lifter}."
            raise NotAllowed("production.hold_lifter_other", said, facts, "Ask somebody who has that role.")
