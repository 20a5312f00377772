"""The matrix of Annex I of a product: each requirement with what was said of it and what the record proves now.

    matrix_of(actor, "AB-100", lines, rules)   -> [{"key": "I.2.j", "applies": "yes", "how": …, "evidence": […], "state": "partly", …}, …]

state: unanswered; not_applicable; proved, partly or missing by the weakest evidence there is; described, where nothing in the record speaks of it, or what does shows only a part of what it asks (`beside`).
"""

from collections.abc import Sequence
from dataclasses import asdict, replace

from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.answers.compliance.assessing.evidence_sources import sources_on
from asbuilt.answers.compliance.assessing.house_evidence import SOURCES
from asbuilt.answers.compliance.assessing.unit_evidence import (
    BESIDE,
    MISSING,
    NONE,
    PARTLY,
    PROVED,
    Evidence,
    ProductUnits,
)
from asbuilt.answers.compliance.judging.actions import today
from asbuilt.answers.compliance.judging.decision import NO
from asbuilt.answers.compliance.judging.rule_sets import RuleSet
from asbuilt.answers.compliance.judging.wording import local
from asbuilt.answers.compliance.lines import MEASURE, REQUIREMENT, Line, standing
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.kernel.instants import format_instant

UNANSWERED, NOT_APPLICABLE, DESCRIBED = "unanswered", "not_applicable", "described"
ASKED = "question"


def matrix_of(actor: Actor, product: str, lines: Sequence[Line], rules: RuleSet) -> list[dict]:
    """Every requirement of the rules, in their order. Asks the record once for each source."""
    held = standing(lines)
    evidence = _Asked(actor, product, lines)
    measures = _measures(held)
    return [
        _row(one, held.get((REQUIREMENT, None, one["key"])), evidence, measures) for one in rules.part("requirements")
    ]


def _row(requirement: dict, line: Line | None, evidence: "_Asked", measures: dict[str, list[str]]) -> dict:
    key, said = requirement["key"], line.said if line else {}
    applies = said.get("applies", "")
    found = [] if applies == NO else [*evidence.of(key), *evidence.asked(said.get("questions", ()))]
    return {
        "key": key, "part": requirement["part"], "name": local(requirement["name"]), "says": local(requirement["says"]),
        "source": requirement["source"], "always": requirement["always"], "applies": applies, "how": said.get("how", ""),
        "why": line.why if line else "", "questions": list(said.get("questions", ())), "measures": measures.get(key, []),
        "evidence": [{**asdict(one), "says": words(one)} for one in found], "state": _state(applies, found),
        "said_at": format_instant(line.happened_at) if line else "",
    }  # fmt: skip


def _state(applies: str, found: Sequence[Evidence]) -> str:
    if not applies:
        return UNANSWERED
    if applies == NO:
        return NOT_APPLICABLE
    states = {one.state for one in found if one.state != NONE}
    return next((state for state in (MISSING, PARTLY, PROVED) if state in states), DESCRIBED)


def _measures(held: dict) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for (kind, _party, name), line in held.items():
        if kind == MEASURE and not line.said.get("gone"):
            for key in line.said["requirements"]:
                found.setdefault(key, []).append(name)
    return found


class _Asked:
    """The evidence of a product, each source asked once."""

    def __init__(self, actor: Actor, product: str, lines: Sequence[Line]):
        self.units, self.lines = ProductUnits(actor, product), lines
        self.sources = sources_on(today())
        self._found: dict[str, list[Evidence]] = {}

    def of(self, key: str) -> list[Evidence]:
        """Everything that speaks for a requirement."""
        beside = self.sources.beside.get(key, ())
        return [
            replace(one, state=BESIDE) if source in beside and one.state == PROVED else one
            for source in self.sources.by_requirement.get(key, ())
            for one in self._from(source, key)
        ]

    def _from(self, source: str, key: str) -> list[Evidence]:
        if source == "tests":
            return self.units.tests(key)
        if source not in self._found:
            if source == "runs":
                self._found[source] = self.units.runs()
            elif source in ("identities", "programmed"):
                one = getattr(self.units, source)()
                # nothing of the kind was ever recorded: nothing to be said
                self._found[source] = [one] if one.proved or one.failed else []
            else:
                self._found[source] = SOURCES[source](self.units, self.lines)
        return self._found[source]

    def asked(self, questions: Sequence[str]) -> list[Evidence]:
        """Units that answer a person's questions."""
        found = []
        for question in questions:
            try:
                units = self.units.asked(question)
            except AsbuiltError as refusal:  # a name of it may be gone since
                found.append(Evidence(ASKED, question, MISSING, refusal.message, question=question))
                continue
            lacking = f"{self.units.question} -({question})"
            found.append(self.units.counted(ASKED, question, units, units.__class__(), lacking))
        return found


def words(one: Evidence) -> str:
    """What a piece of evidence says, in the reader's language; units first."""
    if one.says:
        return one.says
    name = {
        "runs": _("{name}: {proved} of the {of} units that it asks for passed"),
        "tests": _("{name}: {proved} of {of} units passed"),
        "identities": _("Unique credentials: {proved} of {of} units"),
        "programmed": _("Firmware recorded: {proved} of {of} units"),
        ASKED: _("{name}: {proved} of {of} units"),
    }[one.source].format(name=one.name, proved=f"{one.proved:,}", of=f"{one.of:,}")
    rest = []
    if one.failed:
        failed = {"identities": _("{failed} share one"), "programmed": _("{failed} by a tool's word alone")}
        rest.append(failed.get(one.source, _("{failed} did not pass")).format(failed=f"{one.failed:,}"))
    if one.without:
        without = {"tests": _("{without} without a test"), "runs": _("{without} without a test")}
        rest.append(without.get(one.source, _("{without} without a record")).format(without=f"{one.without:,}"))
    return ", ".join([name, *rest]) + "."
