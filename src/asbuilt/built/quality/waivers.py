"""Reads of waivers: with which known vulnerability a release may be released, or units may go, until when, and who agreed.

A waiver is a concession about a vulnerability: it holds from the last approval that it needs until its end, or until somebody ended it.
What it needs is the one rule of `approvals`: two people, and the manufacturer where that is another party. Who acted is whoever the log
says; rows that came with a table are history and open no gate.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.built.quality.approvals import Missing, Who, by_document, missing_approvals
from asbuilt.built.quality.concessions import APPROVED, ENDED, Decided, recorded_by
from asbuilt.built.quality.events import WAIVER_DECIDED, WAIVER_PROPOSED
from asbuilt.storage import reading

PREFIX = "WVR-"
UNRECORDED = "unrecorded"
"""The subject of a waiver about what nobody recorded, where others name a vulnerability."""
APP = "app"


@dataclass(frozen=True)
class WaiverSeen:
    """A waiver. Without `version` it is of every release of the product; `question` narrows it to units (empty: all of them)."""

    code: str
    vulnerability: str
    product: str
    role: str
    version: str
    question: str
    reason: str
    until_at: int
    happened_at: int
    proposed: Who
    entry: int
    ours: bool
    decisions: tuple[Decided, ...] = ()

    def missing(self, tenant: int, at: int) -> list[Missing]:
        """The approvals that it lacks at an instant."""
        if not self.ours:
            return [
                Missing("quality.concession_history", f"{self.code} came with a table.", {}, "Propose it here anew.")
            ]
        said = [
            one.approval for one in self.decisions if one.ours and one.decision == APPROVED and one.happened_at <= at
        ]
        return missing_approvals(tenant, products=[self.product], proposed=self.proposed, approvals=said, at=at)

    def over(self, at: int) -> bool:
        """Whether it came to its end, or was ended, by an instant."""
        return at >= self.until_at or any(one.decision == ENDED and one.happened_at <= at for one in self.decisions)

    @property
    def by_document(self) -> bool:
        """Whether a party agreed by a document, whose signature nobody here checked."""
        return by_document(one.approval for one in self.decisions if one.ours and one.decision == APPROVED)

    def of_release(self, product: str, role: str, version: str) -> bool:
        """Whether it speaks of this release as a whole."""
        named = not self.version or (self.role or APP, self.version) == (role or APP, version)
        return not self.question and self.product == product and named


def waivers(
    tenant: int, codes: Iterable[str] | None = None, vulnerabilities: Iterable[str] | None = None
) -> list[WaiverSeen]:
    """Waivers, the newest first; with `codes` or `vulnerabilities` only those. Three statements at most."""
    where, params = "", [tenant]
    for column, wanted in (("waiver", codes), ("vulnerability", vulnerabilities)):
        if wanted is not None:
            where += " AND " + reading.any_of(f"t.{column}", "text")
            params.append(reading.list_param(sorted(set(wanted))))
    sql = (
        "SELECT t.waiver, t.vulnerability, t.product, t.role, t.version, t.question, t.reason, t.until_at, t.happened_at, "
        f't.operator, t.entry FROM quality_waiver t WHERE t.tenant = %s{where} AND t.until_entry IS NULL ORDER BY t.entry, t."row"'
    )
    rows = reading.fetch(sql, tuple(params))
    if not rows:
        return []
    decided = _decided(tenant, {row[0] for row in rows})
    recorded = recorded_by(tenant, {row[-1] for row in rows} | {one[-1] for said in decided.values() for one in said})
    found = []
    for *cells, operator, entry in rows:
        who, kind = recorded[entry]
        ours = kind == WAIVER_PROPOSED
        said = tuple(
            Decided(*one, recorded[one[-1]][0], recorded[one[-1]][1] == WAIVER_DECIDED)
            for one in decided.get(cells[0], ())
        )
        found.append(WaiverSeen(*cells, who if ours else Who(who.label, operator), entry, ours, said))
    return sorted(found, key=lambda one: (-one.happened_at, one.code))


def _decided(tenant: int, codes: set[str]) -> dict[str, list[tuple]]:
    sql = (
        "SELECT t.waiver, t.decision, t.party, t.person, t.file, t.sha256, t.reason, t.operator, t.happened_at, t.entry "
        "FROM quality_waiver_decision t WHERE t.tenant = %s AND t.until_entry IS NULL AND "
        + reading.any_of("t.waiver", "text")
        + ' ORDER BY t.happened_at, t.entry, t."row"'
    )
    found: dict[str, list[tuple]] = {}
    for code, *said in reading.fetch(sql, (tenant, reading.list_param(sorted(codes)))):
        found.setdefault(code, []).append(tuple(said))
    return found


def waivers_in_force(tenant: int, vulnerabilities: Iterable[str], at: int) -> list[WaiverSeen]:
    """Those about these vulnerabilities that hold at an instant. One statement where there is none."""
    return [
        one
        for one in waivers(tenant, vulnerabilities=vulnerabilities)
        if not one.over(at) and not one.missing(tenant, at)
    ]


def free_code(tenant: int) -> str:
    """The next code by the rule: WVR-1, WVR-2 …, never one that was given before."""
    rows = reading.fetch("SELECT DISTINCT waiver FROM quality_waiver WHERE tenant = %s", (tenant,))
    numbers = [re.fullmatch(PREFIX + "([0-9]{1,9})", code) for (code,) in rows]
    return f"{PREFIX}{max((int(found[1]) for found in numbers if found), default=0) + 1}"
