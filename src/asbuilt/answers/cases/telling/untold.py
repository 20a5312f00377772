"""Customers who hold affected units by the frozen answers of a case while nobody wrote a notice to them.

Where the law asks a manufacturer to tell its users, the rule set says so, with its source; elsewhere it is the fact that somebody holds such units. Where
we only build, the manufacturer is told, and it tells its customers. A notice that is written ends it, also while it is held for the risk; so do a decision on a
ground of the rule set, and the reason for which the case was closed without one, until its answer, products or kinds change.
"""

import json
from dataclasses import dataclass

from django.utils.translation import ngettext

from asbuilt.answers.cases.handling import statements as kinds
from asbuilt.answers.cases.handling.case_file import CaseFile, Run
from asbuilt.answers.cases.handling.clocks import local_day
from asbuilt.answers.cases.handling.duty_rules import Telling, rules_on
from asbuilt.answers.cases.handling.words import NOT_REPORTABLE
from asbuilt.answers.cases.telling.notices import NoticeFile
from asbuilt.answers.cases.telling.recipients import CUSTOMERS
from asbuilt.answers.cases.telling.whose import told_upward
from asbuilt.storage import reading

NAME = "customers"  # under which closing the case asks for it
EMS = "ems"


@dataclass(frozen=True)
class Untold:
    """How many customers, by which rule."""

    customers: int
    rule: Telling

    @property
    def gap(self) -> str:
        """In a sentence, with the law where one asks."""
        said = ngettext(
            "%(n)s customer holds affected units and no notice was written to it",
            "%(n)s customers hold affected units and no notice was written to them",
            self.customers,
        ) % {"n": self.customers}
        return f"{said} ({self.rule.source})." if self.rule.source else f"{said}."

    @property
    def ask(self) -> str:
        """As the next step."""
        return ngettext(
            "Write the notice: %(n)s customer holds affected units.",
            "Write the notice: %(n)s customers hold affected units.",
            self.customers,
        ) % {"n": self.customers}

    @property
    def open_end(self) -> str:
        """As what is open when somebody closes the case."""
        return ngettext(
            "%(n)s holds affected units, no notice was written",
            "%(n)s hold affected units, no notice was written",
            self.customers,
        ) % {"n": self.customers}


def untold(tenant: int, case: CaseFile, notices: list[NoticeFile]) -> Untold | None:
    """None where nobody is to be told, or somebody wrote a notice. No statement without customers in an answer; else one, or four for an EMS."""
    if not any(line.said.get("customers") for line in case.answers):
        return None
    if any(one.newest.kind == CUSTOMERS for one in notices) or (rule := _rule(case)) is None:
        return None
    makers = {line.party for line in case.products.values() if line.said["role"] == EMS}
    if _roles(case) == {EMS} and (notices or makers <= told_upward(tenant, case)):
        return None
    customers = _customers(tenant, case)
    return Untold(customers, rule) if customers else None


def unsaid(case: CaseFile) -> bool:
    """Whether nobody gave a reason for closing without a notice since the case said last what it is about."""
    about = [line.entry for line in case.lines if line.kind in (kinds.ANSWER, kinds.PRODUCT, kinds.KIND)]
    given = [line.entry for line in case.lines if line.kind == kinds.LEFT_OPEN and line.name == NAME]
    return max(given, default=0) <= max(about, default=0)


def _roles(case: CaseFile) -> set[str]:
    return {line.said["role"] for line in case.products.values()} - {"none"}


def _rule(case: CaseFile) -> Telling | None:
    """The first rule of the day on which the case was opened that asks for it."""
    day, left = local_day(case.opened_at, case.zone), set(case.kinds)
    for rule in rules_on(day).telling:
        if left.isdisjoint(rule.kinds) or rule.applies_from > day or (rule.when and rule.when not in _roles(case)):
            continue
        mine = [run for run in case.runs if not left.isdisjoint(set(rule.kinds) & set(run.duty.kinds)) and rule.when in ("", run.duty.when)]  # fmt: skip
        if not mine or not all(_settled(run, rule) for run in mine):
            return rule
        left -= set(rule.kinds)
    return None


def _settled(run: Run, rule: Telling) -> bool:
    said = run.decision.said if run.decision is not None else {}
    return said.get("decision") == NOT_REPORTABLE and said["ground"] in rule.settled_by


def _customers(tenant: int, case: CaseFile) -> int:
    """Customers in the newest answer and in those that were not overtaken, each once."""
    ulids = [line.name for line in case.answers]
    sql = f"SELECT ulid, overtaken_by, answer FROM register_frozen_answer WHERE tenant = %s AND {reading.any_of('ulid', 'text')}"
    rows = reading.fetch(sql, (tenant, reading.list_param(ulids)))
    standing = [json.loads(text) for ulid, overtaken, text in rows if overtaken is None or ulid == ulids[-1]]
    found = {row["customer"] for said in standing for row in said["by"]["customer"]}
    return len(found - {None})
