"""Reads of test plans: the versions of a plan, who approved them, which is in force at a moment.

A version is in force from its approval until a later version for the same hardware revision is approved, or it is withdrawn: one for revision B
takes nothing from units of revision A, and one that names no revision is for all. A version that is withdrawn leaves the plan
without any for its revisions (`taken_back`), whether by its verb or as its approval was withdrawn from the record: it puts no older one back, which
somebody has to approve anew. A plan without an approval is in force nowhere: nothing may be tested by it, and what was tested so is in doubt.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from hashlib import sha256

from asbuilt.access.actor import Actor
from asbuilt.access.rights import TEST_PLAN_READ
from asbuilt.designed.catalog.queries import standing_products
from asbuilt.kernel import test_plans
from asbuilt.kernel.errors import NotFound
from asbuilt.ledger import clock
from asbuilt.storage import reading

APPROVED, WITHDRAWN = "approved", "withdrawn"
FROM_RECORD = "its approval was withdrawn from the record"


@dataclass(frozen=True)
class Decision:
    """An approval, or its withdrawal: by whom (number of the person), when, why; `entry` is the log's."""

    decision: str
    reason: str
    operator: int | None
    decided_at: int
    entry: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Version:
    """A version of a test plan, with what was decided about it, in order."""

    plan: str
    version: str
    product: str
    document: str
    changes: str
    operator: int | None
    happened_at: int
    entry: int
    decisions: tuple[Decision, ...]
    sha256: str

    @property
    def content(self) -> test_plans.TestPlan:
        """What the document says; read once."""
        return _content(self.document)

    def approval(self, at: int) -> Decision | None:
        """The approval that holds at a moment; None where there is none yet, or it was withdrawn."""
        said = [one for one in self.decisions if one.decided_at <= at]
        return said[-1] if said and said[-1].decision == APPROVED else None

    def is_for(self, revision: str) -> bool:
        """Whether it speaks of units of a hardware revision."""
        return not self.content.revisions or revision in self.content.revisions

    def state(self, at: int, versions: "Sequence[Version]") -> str:
        """proposed, in_force (for some revision), replaced (by later versions) or withdrawn, among the versions of its plan."""
        if self.approval(at):
            return "in_force" if any(one.version == self.version for one in in_force(versions, at)) else "replaced"
        return "withdrawn" if any(one.decision == WITHDRAWN for one in self.decisions) else "proposed"


@lru_cache(64)
def _content(document: str) -> test_plans.TestPlan:
    return test_plans.parse_test_plan(document.encode())


def known_plans(actor: Actor) -> dict[str, list[Version]]:
    """Every test plan with its versions, the one recorded last first. One statement."""
    actor.require(TEST_PLAN_READ)
    return all_versions(actor.tenant)


def test_plan(actor: Actor, plan: str, version: str) -> Version:
    """A version of a plan; NotFound where there is none."""
    actor.require(TEST_PLAN_READ)
    known = versions_of(actor.tenant, plan)
    if version not in known:
        raise NotFound(
            "catalog.test_plan_unknown",
            f"There is no version {version[:60]} of a test plan {plan[:80]}.",
            {"plan": plan[:80], "version": version[:60]},
            f"Versions are {', '.join(list(known)[:10])}." if known else "Look at the list of test plans.",
        )
    return known[version]


test_plan.__test__ = False  # a read, no test of pytest's


def plans_told(actor: Actor) -> list[dict]:
    """Every version of every plan in words and numbers: its state, who proposed and decided when (as numbers of people, UTC microseconds)."""
    now = clock.now()
    return [_told(one, versions, now) for versions in known_plans(actor).values() for one in versions]


def plan_told(actor: Actor, plan: str, version: str) -> dict:
    """One version, with its steps and its document."""
    found = test_plan(actor, plan, version)
    versions = list(versions_of(actor.tenant, plan).values())
    steps = [{**asdict(one), "proves": list(one.proves), "limits": one.limits} for one in found.content.steps]
    return _told(found, versions, clock.now()) | {"steps_of": steps, "document": found.document}


def _told(one: Version, versions: Sequence[Version], now: int) -> dict:
    content = one.content
    return {
        "plan": one.plan, "version": one.version, "product": one.product, "revisions": list(content.revisions), "every": content.every,
        "rules": content.rules, "state": one.state(now, versions), "steps": len(content.steps), "changes": one.changes,
        "sha256": one.sha256, "operator": one.operator, "happened_at": one.happened_at, "entry": one.entry,
        "decisions": [{name: value for name, value in asdict(said).items() if name != "entry"} for said in one.decisions],
    }  # fmt: skip


def changes_since(actor: Actor, plan: str, version: str, since: str = "") -> tuple[str, tuple[test_plans.Change, ...]]:
    """(the older version, what differs): against `since`, or the version recorded before; empty where it is the first."""
    found = test_plan(actor, plan, version)
    known = list(versions_of(actor.tenant, plan))
    before = since or next(iter(known[known.index(version) + 1 :]), "")
    return before, test_plans.changes(test_plan(actor, plan, before).content, found.content) if before else ()


def versions_of(tenant: int, plan: str, gone: bool = False) -> dict[str, Version]:
    """Version -> it, the one recorded last first; with `gone` those too that were approved once and whose row was withdrawn. One statement."""
    return {one.version: one for one in _versions(tenant, " AND t.plan = %s", (plan,), gone)}


def all_versions(tenant: int) -> dict[str, list[Version]]:
    """Plan -> its versions, the one recorded last first. One statement."""
    return _by_plan(_versions(tenant, "", (), False))


def plans_of_products(tenant: int, products: Iterable[str]) -> dict[str, list[Version]]:
    """Plan -> its versions, the one recorded last first, with those that were approved once and whose row was withdrawn: of the plans that
    have a version for one of these products. One statement."""
    named = " AND t.plan IN (SELECT p.plan FROM catalog_test_plan p WHERE p.tenant = %s AND "
    listed = reading.list_param(sorted(set(products)))
    return _by_plan(_versions(tenant, named + reading.any_of("p.product", "text") + ")", (tenant, listed), True))


def _by_plan(versions: Iterable[Version]) -> dict[str, list[Version]]:
    found: dict[str, list[Version]] = {}
    for one in versions:
        found.setdefault(one.plan, []).append(one)
    return dict(sorted(found.items()))


def not_sampled(tenant: int, product: str, revision: str, unit: str, at: int) -> list[Version]:
    """Versions in force at a moment for this product and revision that draw other units than the one drawn by this name. One statement."""
    return [one for one in plans_for(tenant, product, revision, at) if not one.content.samples(unit)]


def plans_for(tenant: int, product: str, revision: str, at: int) -> list[Version]:
    """The version of each plan that is in force at a moment for units of this product and revision. One statement."""
    held = (in_force_for(versions, revision, at) for versions in plans_of_products(tenant, [product]).values())
    return [one for one in held if one is not None and one.product == product]


_VERSIONS = (
    "SELECT t.plan, t.version, t.product, t.document, t.changes, t.operator, t.happened_at, t.entry, t.until_entry, a.decision, a.reason, "
    "a.operator, a.decided_at, a.entry, a.until_entry, e.recorded_at FROM catalog_test_plan t LEFT JOIN catalog_test_plan_approval a "
    "ON a.tenant = t.tenant AND a.plan = t.plan AND a.version = t.version AND (a.until_entry IS NULL OR a.decision = 'approved') "
    "LEFT JOIN ledger_entry e ON e.tenant = a.tenant AND e.number = a.until_entry WHERE t.tenant = %s"
)


def _versions(tenant: int, more: str, params: tuple, gone: bool) -> list[Version]:
    """The versions that stand, and with `gone` those that were approved once and of which no row stands any more. One statement."""
    sql = _VERSIONS + more + ("" if gone else " AND t.until_entry IS NULL")
    told: dict[tuple[str, str, int], tuple[tuple, list[tuple]]] = {}
    for row in reading.fetch(
        sql + ' ORDER BY t.entry DESC, t."row" DESC, a.decided_at, a.entry, a."row"', (tenant, *params)
    ):
        said, until, decided = row[:8], row[8], row[9:]
        told.setdefault((said[0], said[1], said[7]), ((*said, until), []))[1].append(decided)
    standing = {key[:2] for key, (said, _) in told.items() if said[8] is None}
    found = []
    for key, (said, decided) in told.items():
        decisions = _decisions([one for one in decided if one[0] is not None])
        if said[8] is None or (key[:2] not in standing and decisions):
            standing.add(key[:2])
            found.append(Version(*said[:8], decisions, sha256(said[3].encode()).hexdigest()))
    return found


def _decisions(rows: Sequence[tuple]) -> tuple[Decision, ...]:
    """What was decided of a version, of rows (decision, reason, operator, decided at, entry, until entry, when that was recorded: None while it is).

    An approval that was withdrawn from the record, and is not stated anew then or later, held until then: taking it back is one person's, and puts no
    older version in force, as a withdrawal by its verb does not."""
    stated = [(row[3], row[4]) for row in rows if row[0] == APPROVED and row[5] is None]
    found = []
    for decision, reason, operator, at, came, until, ended_at in rows:
        if until is None:
            found.append(Decision(decision, reason, operator, at, came))
        elif all(other < at and entry < until for other, entry in stated):
            found += [
                Decision(decision, reason, operator, at, came),
                Decision(WITHDRAWN, FROM_RECORD, None, max(at, ended_at or at), until),
            ]
    return tuple(sorted(found, key=lambda one: one.decided_at))


def in_force_for(versions: Sequence[Version], revision: str, at: int) -> Version | None:
    """The version in force for a hardware revision at a moment: the one approved last that is for it, while its approval holds; ties go to
    the one recorded later."""
    last = next(iter(_approved_last([one for one in versions if one.is_for(revision)], at)), None)
    return last if last is not None and last.approval(at) else None


def taken_back(versions: Sequence[Version], revision: str, at: int) -> Version | None:
    """The version that was in force last for a revision where it was withdrawn and none was approved since; its last decision says why."""
    last = next(iter(_approved_last([one for one in versions if one.is_for(revision)], at)), None)
    return last if last is not None and not last.approval(at) else None


def in_force(versions: Sequence[Version], at: int) -> list[Version]:
    """The versions of a plan in force at a moment, each for some revision, the one approved last first."""
    return [one for one in _last_of_revisions(versions, at) if one.approval(at)]


def _last_of_revisions(versions: Sequence[Version], at: int) -> list[Version]:
    """The versions that were approved last for some revision, withdrawn since or not."""
    found, covered = [], set()
    for one in _approved_last(versions, at):
        mine = set(one.content.revisions)
        if not mine:
            return [*found, one]
        if mine - covered:
            found.append(one)
            covered |= mine
    return found


def _approved_last(versions: Sequence[Version], at: int) -> list[Version]:
    """The versions that were approved by a moment, the one approved last first."""
    found = []
    for one in versions:
        approved = [said.decided_at for said in one.decisions if said.decision == APPROVED and said.decided_at <= at]
        if approved:
            found.append(((max(approved), one.entry), one))
    return [one for _, one in sorted(found, key=lambda each: each[0], reverse=True)]


def decided_without_plan(tenant: int, plans: set[tuple[str, str]]) -> list[str]:
    """Those of these (plan, version) that do not stand any more and about which a decision still does."""
    found = []
    for plan, version in sorted(plans):
        stands = "SELECT 1 FROM {} WHERE tenant = %s AND plan = %s AND version = %s AND until_entry IS NULL"
        if not reading.fetch(stands.format("catalog_test_plan"), (tenant, plan, version)):
            rests = reading.fetch(stands.format("catalog_test_plan_approval"), (tenant, plan, version))
            found += [f"{plan} {version}"] if rests else []
    return found


def plans_without_product(tenant: int) -> list[str]:
    """Test plans of products that do not stand any more. Two statements."""
    known = standing_products(tenant)
    sql = "SELECT DISTINCT plan, product FROM catalog_test_plan WHERE tenant = %s AND until_entry IS NULL ORDER BY plan"
    return [plan for plan, product in reading.fetch(sql, (tenant,)) if product not in known]
