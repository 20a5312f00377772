"""What the record says for the other requirements: SBOMs, known vulnerabilities, releases, advisories, policy, support; each as its room tells it."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _
from pyroaring import BitMap

from asbuilt.answers.cases.publishing.advisories import PUBLISHED, advisories_of, description_of
from asbuilt.answers.cases.publishing.keys import public_keys
from asbuilt.answers.cases.publishing.publisher import gaps as policy_gaps
from asbuilt.answers.cases.publishing.publisher import publisher_of
from asbuilt.answers.compliance.assessing.unit_evidence import MISSING, NONE, PARTLY, PROVED, Evidence, ProductUnits
from asbuilt.answers.compliance.lines import RESIDUAL, SUPPORT, THREAT, Line, standing
from asbuilt.designed.catalog.test_plans import in_force
from asbuilt.designed.components.gaps import missing_sboms
from asbuilt.designed.components.queries import current_sboms
from asbuilt.designed.firmware.register import DRAFT, RELEASED, registered
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.questions.exposure.coverage_on_units import coverage_on
from asbuilt.questions.exposure.on_units import open_on
from asbuilt.questions.genealogy.evaluating.firmware import runs_over

NAMED_MAX = 5
VULNERABILITIES_ASKED_MAX = 500


def risks(about: ProductUnits, lines: Sequence[Line]) -> list[Evidence]:
    """Threats that have a measure, and a residual risk that somebody accepted."""
    held = standing(lines)
    threats = [name for (kind, _party, name), line in held.items() if kind == THREAT and not line.said.get("gone")]
    accepted = {name for (kind, _party, name), line in held.items() if kind == RESIDUAL and line.said.get("accepted")}
    done = [name for name in threats if name in accepted]
    says = _("{done} of {all} threats have a residual risk that was accepted.").format(done=len(done), all=len(threats))
    return [Evidence("risks", "", _state(len(done), len(threats)), says)]


def exposure(about: ProductUnits, lines: Sequence[Line]) -> list[Evidence]:
    """Known vulnerabilities that are open on units of the product."""
    if not about.all:
        return [Evidence("exposure", "", NONE, _("No unit is built."))]
    found = open_on(about.view, about.all)
    if not found:
        return [_nothing_open(about)]
    names = ", ".join(one.vulnerability for one in found[:NAMED_MAX]) + (" …" if len(found) > NAMED_MAX else "")
    hit = BitMap().union(*(one.units for one in found)) & about.all
    says = _("{count} known vulnerabilities are open: {names}.").format(count=len(found), names=names)
    question = f"{about.question} cve:{','.join(one.vulnerability for one in found[:VULNERABILITIES_ASKED_MAX])}"
    return [Evidence("exposure", "", MISSING, says, failed=len(hit), of=len(about.all), question=question)]


def _nothing_open(about: ProductUnits) -> Evidence:
    """That nothing is found is worth what SBOMs and feeds reach: units of which something has no SBOM, or components that no feed can name, are
    without it; all where no feed ever came."""
    known = coverage_on(about.view, about.all, runs_over(about.view, about.all))
    reached = known.reached & about.all
    says = _("No known vulnerability is open; SBOMs and feeds reach {reached} of {of} units.")
    says = says.format(reached=f"{len(reached):,}", of=f"{len(about.all):,}")
    if not known.fed:
        says += " " + _("No feed was ever taken.")
    elif known.behind:
        says += " " + _("Matching has not come to the newest records.")
    state = _state(len(reached), len(about.all))
    numbers = {"proved": len(reached), "without": len(about.all) - len(reached), "of": len(about.all)}
    return Evidence("exposure", "", state, says, **numbers)


def sboms(about: ProductUnits, lines: Sequence[Line]) -> list[Evidence]:
    """Releases and hardware revisions of the product with an SBOM that is current."""
    have = [one.binding.name for one in current_sboms(about.view.tenant) if one.binding.product == about.product]
    lack = [one.binding.name for one in missing_sboms(about.view.tenant) if one.binding.product == about.product]
    have = [name for name in have if name not in lack]
    says = _("{have} of {all} releases and revisions have a current SBOM.").format(
        have=len(have), all=len(have) + len(lack)
    )
    if lack:
        says += " " + _("Without: {names}.").format(names=", ".join(lack[:NAMED_MAX]))
    return [Evidence("sboms", "", _state(len(have), len(have) + len(lack)), says)]


def releases(about: ProductUnits, lines: Sequence[Line]) -> list[Evidence]:
    """Releases that were signed and let go; a version that was only loaded is imported history."""
    known = [one for one in registered(about.view.tenant, about.product) if one.state != DRAFT]
    let_go = [one for one in known if one.state == RELEASED]
    if not known:
        return [Evidence("releases", "", MISSING, _("No signed release is in the register."))]
    says = _("{count} signed releases are in force, {security} of them with a security fix.").format(
        count=len(let_go), security=sum(one.statement.security_relevant for one in let_go)
    )
    return [Evidence("releases", "", PROVED if let_go else MISSING, says)]


def plans(about: ProductUnits, lines: Sequence[Line]) -> list[Evidence]:
    """Test plans in force with steps that prove requirements."""
    now = clock.now()
    held = [one for versions in about.plans.values() for one in in_force(versions, now)]
    proving = [one for one in held if any(step.proves for step in one.content.steps)]
    if not proving:
        return [Evidence("plans", "", MISSING, _("No test plan in force proves a requirement."))]
    keys = {key for one in proving for step in one.content.steps for key in step.proves}
    names = ", ".join(f"{one.plan} {one.version}" for one in proving[:NAMED_MAX])
    says = _("{names} in force, with steps for {count} requirements.").format(names=names, count=len(keys))
    return [Evidence("plans", "", PROVED, says)]


def advisories(about: ProductUnits, lines: Sequence[Line]) -> list[Evidence]:
    """Advisories about the product that were published, and those that wait."""
    tenant = about.view.tenant
    # an image of another role than app stands there as `PRODUCT role`
    mine = [
        one
        for one in advisories_of(tenant)
        if any(f"{name} ".startswith(f"{about.product} ") for name in _products(tenant, one))
    ]
    out = [one for one in mine if one.state == PUBLISHED]
    says = _("{out} of {all} advisories about it are published.").format(out=len(out), all=len(mine))
    return [Evidence("advisories", "", _state(len(out), len(mine)), says)]


def policy(about: ProductUnits, lines: Sequence[Line]) -> list[Evidence]:
    """The policy on coordinated disclosure, with what its checklist still lacks."""
    tenant, now = about.view.tenant, clock.now()
    lacking = policy_gaps(publisher_of(tenant), bool(public_keys(tenant)), format_instant(now)[:10])
    says = " ".join(lacking[:NAMED_MAX]) or _(
        "A policy with contacts is said, and nothing of its checklist is missing."
    )
    return [Evidence("policy", "", PROVED if not lacking else PARTLY if publisher_of(tenant) else MISSING, says)]


def support(about: ProductUnits, lines: Sequence[Line]) -> list[Evidence]:
    """The support period that stands."""
    said = next((line.said for line in reversed(lines) if line.kind == SUPPORT), None)
    if said is None:
        return [Evidence("support", "", MISSING, _("No support period is set."))]
    says = _("Supported from {start} until {end}.").format(start=said["start_on"], end=said["end_on"])
    over = said["end_on"] < format_instant(clock.now())[:10]
    return [Evidence("support", "", PARTLY if over else PROVED, says)]


SOURCES: dict[str, Callable[[ProductUnits, Sequence[Line]], list[Evidence]]] = {
    "risks": risks, "exposure": exposure, "sboms": sboms, "releases": releases, "plans": plans, "advisories": advisories,
    "policy": policy, "support": support,
}  # fmt: skip


def _state(done: int, of: int) -> str:
    return NONE if not of else PROVED if done == of else PARTLY if done else MISSING


def _products(tenant: int, advisory) -> set[str]:
    return {one.name for one in description_of(tenant, advisory).products}
