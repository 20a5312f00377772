"""An ECO as its lines say it: what is changed, how it was assessed, who agreed, from where on it holds. Pure over lines.

Approvals count for the very content that was agreed to: whoever changes what is changed, the answers or the verdict, asks for them anew. A decision
can be taken back; what was approved once and is not any more is suspended: the units behind its boundary do not go on until it is approved again.
An approval outlives the account and the role of who gave it: it was given then.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from asbuilt.designed.changes.controlling import statements as kinds
from asbuilt.designed.changes.controlling.rules import RuleSet, rules_named
from asbuilt.designed.changes.controlling.statements import Line

PREFIX = "ECO-"
BOM, PART, FIRMWARE, TEST_PLAN, PROCESS = "bom", "part", "firmware", "test_plan", "process"
CHANGE_KINDS = (BOM, PART, FIRMWARE, TEST_PLAN, PROCESS)
PROGRAM, PROGRAM_REVISION, PASTE, STENCIL, SOFTWARE = "program", "program_revision", "paste", "stencil", "software"
ASPECTS = (PROGRAM, PROGRAM_REVISION, PASTE, STENCIL, SOFTWARE)
"""What of a step's process can be controlled: reflow profile or machine program, its revision, paste, stencil, software of machine or tester."""
UNIT, ORDER, DATE = "unit", "order", "date"
BOUNDARIES = (UNIT, ORDER, DATE)
APPROVED, REFUSED, REVOKED = "approved", "refused", "revoked"
DECISIONS = (APPROVED, REFUSED, REVOKED)
DRAFT, WAITING, AGREED, IN_FORCE, SUSPENDED, WITHDRAWN = (
    "draft",
    "waiting",
    "approved",
    "in_force",
    "suspended",
    "withdrawn",
)
OPEN, DONE = "open", "done"
YES, NO = "yes", "no"


@dataclass(frozen=True)
class Change:
    """One thing that an ECO changes: of which product, what (its key says which), from what to what."""

    code: str
    kind: str
    product: str
    subject: tuple[str, ...]
    old: str
    new: str
    why: str

    @property
    def key(self) -> tuple[str, ...]:
        """Which thing it is: two changes with the same key change the same."""
        return (self.product, self.kind, *self.subject)


@dataclass(frozen=True)
class Boundary:
    """From where on it holds: a unit number, or an instant; `value` is what people said, `before` the boundary that it took the place of."""

    kind: str
    value: str
    first_unit: int | None
    at: int | None
    happened_at: int
    person: int | None
    why: str
    entry: int
    before: "Boundary | None" = None

    def reached(self, unit: int, at: int) -> bool:
        """Whether a unit is to be built the new way, at this instant."""
        return unit >= self.first_unit if self.first_unit is not None else at >= self.at

    def side_since(self, unit: int, at: int) -> int:
        """The entry with which a unit came to lie on its side: a boundary that is moved may leave it there."""
        entry, here, earlier = self.entry, self.reached(unit, at), self.before
        while earlier is not None and earlier.reached(unit, at) == here:
            entry, earlier = earlier.entry, earlier.before
        return entry


@dataclass
class Eco:
    """An ECO with everything that holds of it now; parties and people by number."""

    code: str
    title: str
    why: str
    rules: RuleSet
    proposer: int | None
    proposed_at: int
    lines: Sequence[Line]
    products: list[str] = field(default_factory=list)
    changes: dict[str, Change] = field(default_factory=dict)
    answers: dict[str, Line] = field(default_factory=dict)
    substantial: Line | None = None
    asked: dict[str, Line] = field(default_factory=dict)
    decisions: dict[tuple[str, int | None], Line] = field(default_factory=dict)
    boundary: Boundary | None = None
    closed: Line | None = None

    @property
    def content(self) -> str:
        """The hash of what is agreed to."""
        said = [
            [self.title, self.why], sorted(self.products),
            [[one.code, *one.key, one.old, one.new, one.why] for one in self.changes.values()],
            [[key, line.said["answer"], line.why] for key, line in sorted(self.answers.items())],
            [self.substantial.said["answer"], self.substantial.why] if self.substantial else [],
            [[line.name, line.said["what"]] for line in self.asked.values()],
        ]  # fmt: skip
        return sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    @property
    def authors(self) -> frozenset[int | None]:
        """Who proposed it, wrote (or took out) a change, or the judgement that stands: none of them approves it for the house."""
        wrote = {line.person for line in self.lines if line.kind == kinds.CHANGE}
        return frozenset({self.proposer, *wrote, self.substantial.person if self.substantial else self.proposer})

    @property
    def unanswered(self) -> list[str]:
        """Keys of the questions without an answer."""
        return [one.key for one in self.rules.questions if one.key not in self.answers]

    @property
    def touches_security(self) -> bool:
        """Whether an answer says so."""
        return any(
            one.touches(self.answers[one.key].said["answer"]) for one in self.rules.questions if one.key in self.answers
        )

    @property
    def is_substantial(self) -> bool:
        """Whether a person judged it a substantial modification."""
        return self.substantial is not None and self.substantial.said["answer"] == YES

    @property
    def assessed(self) -> bool:
        """Whether every question was answered and the verdict stands."""
        return not self.unanswered and self.substantial is not None

    @property
    def roles_needed(self) -> list[str]:
        """The roles that have to agree, by its rule set."""
        met = {"always"} | {one.kind for one in self.changes.values()}
        if self.touches_security:
            met.add("security")
        if self.is_substantial:
            met |= {"security", "substantial"}
        return [one.role for one in self.rules.approvals if one.when in met]

    def decided(self, role: str, party: int | None = None) -> Line | None:
        """What a role (or a party) decided last of the content as it is now."""
        line = self.decisions.get((role, party))
        return line if line is not None and line.said["content"] == self.content else None

    def lacking(self, parties: Iterable[int]) -> list[tuple[str, int | None]]:
        """The (role, None) and ("", party) that have not approved what stands now."""
        wanted = [(role, None) for role in self.roles_needed] + [("", party) for party in sorted(parties)]
        return [key for key in wanted if (line := self.decided(*key)) is None or line.said["decision"] != APPROVED]

    @property
    def open_asked(self) -> list[Line]:
        """Tests and qualifications that were asked for and are not done."""
        return [line for line in self.asked.values() if line.said["state"] == OPEN]

    def state(self, parties: Iterable[int]) -> str:
        """How it stands, `parties` being the manufacturers that have to agree."""
        if self.closed is not None:
            return WITHDRAWN
        if self.boundary is not None:
            return SUSPENDED if self.lacking(parties) else IN_FORCE
        if not self.changes or not self.assessed:
            return DRAFT
        return WAITING if self.lacking(parties) else AGREED


def eco_of(lines: Sequence[Line]) -> Eco:
    """The ECO of these lines, the earliest first; the first one proposed it."""
    first, said = lines[0], lines[0].said
    eco = Eco(
        first.about, said["title"], first.why, rules_named(said["rule_set"]), first.person, first.happened_at, lines
    )
    for line in lines:
        if line.kind == kinds.PRODUCT:
            eco.products.append(line.name)
        elif line.kind == kinds.CHANGE:
            if line.said.get("state") == "dropped":
                eco.changes.pop(line.name, None)
            else:
                eco.changes[line.name] = _change(line)
        elif line.kind == kinds.ANSWER:
            eco.answers[line.name] = line
        elif line.kind == kinds.SUBSTANTIAL:
            eco.substantial = line
        elif line.kind == kinds.ASKED:
            eco.asked[line.name] = line
        elif line.kind == kinds.DECISION:
            eco.decisions[line.name, line.party] = line
        elif line.kind == kinds.BOUNDARY:
            first_unit = line.said.get("first_unit")
            eco.boundary = Boundary(
                line.name, line.said["value"], first_unit, line.at, line.happened_at, line.person, line.why, line.entry,
                eco.boundary,
            )  # fmt: skip
        elif line.kind == kinds.CLOSED:
            eco.closed = line
    return eco


def _change(line: Line) -> Change:
    said = line.said
    return Change(line.name, said["kind"], said["product"], tuple(said["subject"]), said["old"], said["new"], line.why)
