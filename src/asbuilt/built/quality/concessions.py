"""Reads of concessions: what units may go with although something is missing, who agreed, whether they hold now.

A concession holds from the last approval that it needs until its end, or until somebody ended it. What it needs: `approvals`. Who acted is
whoever the log says, not what a cell says: rows that came with a table are history and open no gate.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.production.orders import Orders
from asbuilt.built.production.unit_records import range_or_list
from asbuilt.built.quality.approvals import Approval, Missing, Who, by_document, missing_approvals, who_recorded
from asbuilt.built.quality.events import CONCESSION_DECIDED, CONCESSION_PROPOSED
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.designed.parties.product_roles import manufacturer_of, own_party
from asbuilt.ledger import clock
from asbuilt.storage import reading

APPROVED, ENDED = "approved", "ended"
PREFIX = "CON-"
NOW = " AND t.until_entry IS NULL"


@dataclass(frozen=True)
class Decided:
    """A decision about a concession; party and person by number; `sha256` names a signed document, or is empty."""

    decision: str
    party: int | None
    person: int | None
    file: str
    sha256: str
    reason: str
    operator: int | None
    happened_at: int
    entry: int
    who: Who
    ours: bool

    @property
    def approval(self) -> Approval:
        """As the rule reads it; a document speaks for its party."""
        return Approval(self.who, self.party, self.sha256)


@dataclass(frozen=True)
class ConcessionSeen:
    """A concession with all its units that stand. `allows` is a reason of the gate, `subject` which one, or empty for any."""

    code: str
    allows: str
    subject: str
    reason: str
    until_at: int
    happened_at: int
    proposed: Who
    units: BitMap
    entry: int
    ours: bool
    decisions: tuple[Decided, ...] = ()

    def missing(self, tenant: int, products: Iterable[str], at: int) -> list[Missing]:
        """The approvals that it lacks at an instant."""
        if not self.ours:
            return [
                Missing("quality.concession_history", f"{self.code} came with a table.", {}, "Propose it here anew.")
            ]
        said = [
            one.approval for one in self.decisions if one.ours and one.decision == APPROVED and one.happened_at <= at
        ]
        return missing_approvals(tenant, products=products, proposed=self.proposed, approvals=said, at=at)

    @property
    def by_document(self) -> bool:
        """Whether a party agreed by a document, whose signature nobody here checked."""
        return by_document(one.approval for one in self.decisions if one.ours and one.decision == APPROVED)

    def over(self, at: int) -> bool:
        """Whether it came to its end, or was ended, by an instant."""
        return at >= self.until_at or any(one.decision == ENDED and one.happened_at <= at for one in self.decisions)

    def let_go(self, tenant: int, products: Iterable[str], at: int, now: int) -> bool:
        """Whether what left at an instant may go on under it now: it held then, and nobody ended it since. That its time ran out takes nothing back."""
        ended = any(one.decision == ENDED and one.happened_at <= now for one in self.decisions)
        return not ended and at < self.until_at and not self.missing(tenant, products, at)

    def covers(self, code: str, subject: str) -> bool:
        """Whether it speaks of this thing that is missing."""
        return self.allows == code and self.subject in ("", subject)

    @property
    def agreed_by(self) -> int:
        """The entry of the last who agreed: what came in later, nobody agreed to (ISO 9000, 3.12.5: a concession is of what is known to fail)."""
        return max((one.entry for one in self.decisions if one.ours and one.decision == APPROVED), default=self.entry)


def concessions(tenant: int, codes: Iterable[str] | None = None) -> list[ConcessionSeen]:
    """These concessions (None: all), the newest first. Three statements at most."""
    where, params = "", (tenant,)
    if codes is not None:
        where, params = (
            " AND " + reading.any_of("t.concession", "text"),
            (tenant, reading.list_param(sorted(set(codes)))),
        )
    return _read(tenant, where, params)


def concessions_over(tenant: int, units: BitMap) -> list[ConcessionSeen]:
    """The concessions that name some of these units, the newest first. One statement where there is none."""
    if not units:
        return []
    condition, params = range_or_list(units)
    sql = f"SELECT DISTINCT t.concession FROM quality_concession t WHERE t.tenant = %s AND {condition}" + NOW
    codes = [code for (code,) in reading.fetch(sql, (tenant, *params))]
    return concessions(tenant, codes) if codes else []


def _read(tenant: int, where: str, params: tuple) -> list[ConcessionSeen]:
    sql = (
        "SELECT t.concession, t.unit, t.allows, t.subject, t.reason, t.until_at, t.happened_at, t.operator, t.entry "
        f'FROM quality_concession t WHERE t.tenant = %s{where}{NOW} ORDER BY t.entry, t."row"'
    )
    rows: dict[str, list[tuple]] = {}
    for code, *said in reading.fetch(sql, params):
        rows.setdefault(code, []).append(tuple(said))
    sql = (
        "SELECT t.concession, t.decision, t.party, t.person, t.file, t.sha256, t.reason, t.operator, t.happened_at, t.entry "
        f'FROM quality_concession_decision t WHERE t.tenant = %s{where}{NOW} ORDER BY t.happened_at, t.entry, t."row"'
    )
    decided: dict[str, list[tuple]] = {}
    for code, *said in reading.fetch(sql, params) if rows else []:
        decided.setdefault(code, []).append(tuple(said))
    entries = {row[-1] for said in (*rows.values(), *decided.values()) for row in said}
    recorded = recorded_by(tenant, entries)
    found = []
    for code, said in rows.items():
        _, allows, subject, reason, until_at, at, operator, entry = said[0]
        decisions = tuple(
            Decided(*one, recorded[one[-1]][0], recorded[one[-1]][1] == CONCESSION_DECIDED)
            for one in decided.get(code, ())
        )
        who, kind = recorded[entry]
        ours = kind == CONCESSION_PROPOSED and all(recorded[row[-1]][1] == CONCESSION_PROPOSED for row in said)
        if not ours:
            who = Who(who.label, operator)
        units = BitMap(row[0] for row in said)
        found.append(ConcessionSeen(code, allows, subject, reason, until_at, at, who, units, entry, ours, decisions))
    return sorted(found, key=lambda one: (-one.happened_at, one.code))


def products_of(tenant: int, units: BitMap) -> set[str]:
    """Codes of the products about which somebody has to agree before these units go: what they are, and what is inside them now where its
    manufacturer is another party. It leaves with them, and what is missing of it is let pass too."""
    orders, codes, now = Orders(tenant), product_codes(tenant), clock.now()
    found = {codes[order.product] for unit in units if (order := orders.of_unit(unit))}
    inner = {codes[order.product] for unit in inside_now(tenant, units) if (order := orders.of_unit(unit))} - found
    ours = own_party(tenant, now) if inner else None
    return found | {product for product in inner if manufacturer_of(tenant, product, now) not in (None, ours)}


def inside_now(tenant: int, units: BitMap) -> BitMap:
    """Every unit inside these, at any depth. A statement a level."""
    sql = "SELECT child FROM production_assembly WHERE tenant = %s AND removed_at IS NULL AND until_entry IS NULL AND "
    sql += reading.any_of("parent")
    found, level = BitMap(), units
    while level:
        level = BitMap(child for (child,) in reading.fetch(sql, (tenant, reading.list_param(level)))) - found
        found |= level
    return found


def recorded_by(tenant: int, entries: Iterable[int]) -> dict[int, tuple[Who, str]]:
    """Entry -> who recorded it, and its type. One statement."""
    wanted = sorted(set(entries))
    sql = "SELECT number, type, body FROM ledger_entry WHERE tenant = %s AND " + reading.any_of("number")
    rows = reading.fetch(sql, (tenant, reading.list_param(wanted))) if wanted else []
    return {number: (who_recorded(json.loads(body)["actor"]), kind) for number, kind, body in rows}


def free_code(tenant: int) -> str:
    """The next code by the rule: CON-1, CON-2 …, never one that was given before."""
    rows = reading.fetch("SELECT DISTINCT concession FROM quality_concession WHERE tenant = %s", (tenant,))
    numbers = [re.fullmatch(PREFIX + "([0-9]{1,9})", code) for (code,) in rows]
    return f"{PREFIX}{max((int(found[1]) for found in numbers if found), default=0) + 1}"


def was_given(tenant: int, code: str) -> bool:
    """Whether a concession ever had this code, withdrawn since or not."""
    sql = "SELECT 1 FROM quality_concession WHERE tenant = %s AND concession = %s LIMIT 1"
    return reading.fetch_one(sql, (tenant, code)) is not None
