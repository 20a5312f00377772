"""Customers who hold affected units by the frozen answers of a case while nobody wrote a notice to them.

Where the law asks a manufacturer to tell its users, the rule set says so, with its source; elsewhere it is the fact that somebody holds such units. Of
products that we build for another, that one is told, and it tells their customers: those are not counted. A notice that is written ends it, also while it is held for the risk; so do a decision on a
ground of the rule set, and the reason for which the case was closed without one, until its answer, products or kinds change.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from asbuilt.access.actor import local_system
from asbuilt.answers.cases.handling import statements as kinds
from asbuilt.answers.cases.handling.case_file import CaseFile, Run
from asbuilt.answers.cases.handling.clocks import local_day
from asbuilt.answers.cases.handling.duty_rules import Telling, rules_on
from asbuilt.answers.cases.handling.words import NOT_REPORTABLE
from asbuilt.answers.cases.telling.notices import NoticeFile
from asbuilt.answers.cases.telling.recipients import CUSTOMERS, holders_of
from asbuilt.answers.cases.telling.whose import EMS, built_for, told_upward
from asbuilt.designed.parties.queries import names_of
from asbuilt.storage import reading

NAME = "customers"  # under which closing the case asks for it
PARTIES_NAMED_MAX = 20


@dataclass(frozen=True)
class Untold:
    """How many customers, by which rule; and names of the brand owners of products that we build, of whose units customers have some."""

    customers: int
    brands: tuple[str, ...]
    rule: Telling

    @property
    def asks(self) -> dict[str, str]:
        """Gap in a sentence, with the law where one asks -> the next step."""
        found = {}
        if self.customers:
            said = ngettext(
                "%(n)s customer holds affected units and no notice was written to it",
                "%(n)s customers hold affected units and no notice was written to them",
                self.customers,
            ) % {"n": self.customers}
            gap = f"{said} ({self.rule.source})." if self.rule.source else f"{said}."
            found[gap] = ngettext(
                "Write the notice: %(n)s customer holds affected units.",
                "Write the notice: %(n)s customers hold affected units.",
                self.customers,
            ) % {"n": self.customers}
        if self.brands:
            told = {"parties": listed(self.brands)}
            gap = _("Not told: %(parties)s, of whose products customers hold affected units.") % told
            found[gap] = _("Tell %(parties)s, of whose products customers hold affected units.") % told
        return found

    @property
    def open_end(self) -> str:
        """As what is open when somebody closes the case."""
        found = []
        if self.customers:
            found.append(
                ngettext(
                    "%(n)s holds affected units, no notice was written",
                    "%(n)s hold affected units, no notice was written",
                    self.customers,
                )
                % {"n": self.customers}
            )
        if self.brands:
            found.append(_("not told: %(parties)s") % {"parties": listed(self.brands)})
        return "; ".join(found)


def untold(tenant: int, case: CaseFile, notices: list[NoticeFile]) -> Untold | None:
    """None where nobody is to be told, or somebody wrote a notice. No statement without customers in an answer; else one, and some dozens where a
    product of the case has another manufacturer."""
    if not any(line.said.get("customers") for line in case.answers):
        return None
    if any(one.newest.kind == CUSTOMERS for one in notices) or (rule := _rule(case)) is None:
        return None
    customers, makers = _left(tenant, case)
    if notices:  # upward, to the brand owners
        makers = set()
    elif makers:
        makers -= told_upward(tenant, case)
    called = names_of(tenant, makers)
    return Untold(customers, tuple(sorted(called[one] for one in makers)), rule) if customers or makers else None


def listed(parties: Sequence[str]) -> str:
    """The first twenty by name, and how many more."""
    said = ", ".join(sorted(parties)[:PARTIES_NAMED_MAX])
    more = len(parties) - PARTIES_NAMED_MAX
    return said + _(" and %(n)s more") % {"n": more} if more > 0 else said


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


def _left(tenant: int, case: CaseFile) -> tuple[int, set[int]]:
    """How many customers are ours to tell, each once, and the brand owners who tell theirs: in the newest answer and in those not overtaken."""
    ulids = [line.name for line in case.answers]
    sql = f"SELECT ulid, overtaken_by, answer, entry FROM register_frozen_answer WHERE tenant = %s AND {reading.any_of('ulid', 'text')}"
    rows = reading.fetch(sql, (tenant, reading.list_param(ulids)))
    standing = [(json.loads(text), entry) for ulid, over, text, entry in rows if over is None or ulid == ulids[-1]]
    if EMS not in _roles(case):
        found = {row["customer"] for said, _entry in standing for row in said["by"]["customer"]}
        return len(found - {None}), set()
    held: dict[str, set[int]] = {}
    for said, entry in standing:
        for product, parties in holders_of(local_system(tenant), said, entry).items():
            held.setdefault(product, set()).update(parties)
    brands = built_for(tenant, case, held)
    return len({party for product, parties in held.items() if product not in brands for party in parties}), set(
        brands.values()
    )
