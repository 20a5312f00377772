"""What the record says for the other requirements: SBOMs, known vulnerabilities, releases, advisories, policy, support; each as its room tells it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from pyroaring import BitMap

from asbuilt.answers.cases.publishing.advisories import PUBLISHED, advisories_of, description_of
from asbuilt.answers.cases.publishing.keys import public_keys
from asbuilt.answers.cases.publishing.publisher import gaps as policy_gaps
from asbuilt.answers.cases.publishing.publisher import publisher_of
from asbuilt.answers.cases.publishing.said import document
from asbuilt.answers.compliance.assessing.unit_evidence import MISSING, NONE, PARTLY, PROVED, Evidence, ProductUnits
from asbuilt.answers.compliance.judging.decision import NO, YES
from asbuilt.answers.compliance.lines import RESIDUAL, SUPPORT, TERMS, THREAT, Line, standing
from asbuilt.designed.catalog.test_plans import in_force
from asbuilt.designed.components.gaps import missing_sboms
from asbuilt.designed.components.queries import current_sboms
from asbuilt.designed.firmware.queries import APP, ranks_of, withdrawn_releases
from asbuilt.designed.firmware.register import RELEASED, registered
from asbuilt.formats.csaf.description import read_description
from asbuilt.formats.csaf.provider import WHITE
from asbuilt.formats.vex.statements import FIXED
from asbuilt.kernel.instants import DAY_US, format_instant, parse_instant
from asbuilt.ledger import clock
from asbuilt.questions.exposure.coverage_on_units import coverage_on
from asbuilt.questions.exposure.on_units import open_on
from asbuilt.questions.genealogy.evaluating.firmware import runs_over
from asbuilt.storage import reading

NAMED_MAX = 5
VULNERABILITIES_ASKED_MAX = 500


@dataclass(frozen=True)
class _Release:
    """A release of the product: when it was let go, whether it fixes security, whether it came after another one of its role."""

    product: str
    role: str
    version: str
    released_at: int | None
    security: bool
    updates: bool

    @property
    def key(self) -> tuple[str, str, str]:
        """As the register knows it."""
        return self.product, self.role, self.version

    @property
    def named(self) -> tuple[str, str]:
        """As advisories name it: an image of another role than app stands there as `PRODUCT role`."""
        return self.product if self.role in ("", APP) else f"{self.product} {self.role}", self.version


def risks(about: ProductUnits, lines: Sequence[Line]) -> list[Evidence]:
    """Threats of which somebody accepted the residual risk; where none is assessed, nothing says what is appropriate."""
    held = standing(lines)
    threats = [name for (kind, _party, name), line in held.items() if kind == THREAT and not line.said.get("gone")]
    accepted = {name for (kind, _party, name), line in held.items() if kind == RESIDUAL and line.said.get("accepted")}
    if not threats:
        return [Evidence("risks", "", MISSING, _("No threat is assessed."))]
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
    """Releases that were signed and let go, of all that stand: a version that was only loaded is imported history, and nobody signed it."""
    stand = _standing(about)
    signed = {one.key for one in registered(about.view.tenant, about.product) if one.state == RELEASED}
    let_go = [one for one in stand if one.key in signed]
    if not let_go:
        return [Evidence("releases", "", MISSING, _("No signed release is in the register."))]
    says = _("{count} of {all} releases are signed and in force, {security} of them with a security fix.").format(
        count=len(let_go), all=len(stand), security=sum(one.security for one in let_go)
    )
    return [Evidence("releases", "", _state(len(let_go), len(stand)), says)]


def fixes(about: ProductUnits, lines: Sequence[Line]) -> list[Evidence]:
    """Security updates of which a public advisory says what they fix."""
    return [_told(about, "fixes", public=True)]


def updates(about: ProductUnits, lines: Sequence[Line]) -> list[Evidence]:
    """Security updates that went out with an advisory, and how long after their release. What they cost: `terms`."""
    return [_told(about, "updates", public=False)]


def _told(about: ProductUnits, source: str, *, public: bool) -> Evidence:
    made = [one for one in _standing(about) if one.security and one.updates]
    if not made:
        return Evidence(source, "", NONE, _("No update with a security fix is recorded."))
    said = _fixed_since(about, public)
    told = [one for one in made if one.named in said]
    says = _("{done} of {all} updates with a security fix are named as fixed by a published advisory.")
    says = says.format(done=len(told), all=len(made))
    waited = [(parse_instant(said[one.named]) - one.released_at) // DAY_US for one in told if one.released_at]
    if waited:
        says += " " + _("The slowest came {days} days after its release.").format(days=max(0, *waited))
    if lack := [one.version for one in made if one.named not in said]:
        says += " " + _("Without: {names}.").format(names=", ".join(lack[:NAMED_MAX]))
    return Evidence(source, "", _state(len(told), len(made)), says)


def _standing(about: ProductUnits) -> list[_Release]:
    """Its releases that were not withdrawn, in the order of recording."""
    sql = (
        "SELECT f.number, f.role, f.version, f.released_at, f.security_relevant FROM firmware_release f JOIN catalog_product p "
        "ON p.tenant = f.tenant AND p.number = f.product WHERE f.tenant = %s AND p.code = %s"
        + about.view.seen("f")
        + " ORDER BY f.number"
    )
    rows = reading.fetch(sql, (about.view.tenant, about.product))
    places = {}
    for role in {row[1] for row in rows}:
        places.update(ranks_of([(number, version, at) for number, of, version, at, _security in rows if of == role]))
    gone = withdrawn_releases(about.view.tenant)
    found = [
        _Release(about.product, role, version, at, bool(security), places[number] > 1)
        for number, role, version, at, security in rows
    ]
    return [one for one in found if one.key not in gone]


def _fixed_since(about: ProductUnits, public: bool) -> dict[tuple[str, str], str]:
    """(name, version) of firmware that a published advisory names as fixed -> when it first did; `public`: to everybody."""
    tenant, found = about.view.tenant, {}
    for seen in advisories_of(tenant):
        for one in seen.publications:
            if public and one.tlp != WHITE:
                continue
            described = read_description(document(tenant, one.draft))
            firmware = {each.key: each.firmware for each in described.installed}
            keys = {
                firmware.get(key, key)
                for flaw in described.vulnerabilities for status in flaw.statuses if status.status == FIXED
                for key in status.products
            }  # fmt: skip
            for each in described.products:
                if each.key in keys and not each.hardware:
                    name = (each.name, each.version)
                    found[name] = min(found.get(name, one.date), one.date)
    return found


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


def terms(about: ProductUnits, lines: Sequence[Line]) -> list[Evidence]:
    """Whether somebody said, with a paper, that security updates cost nothing, and whether that lasts as long as support does."""
    said = next((line for line in reversed(lines) if line.kind == TERMS), None)
    if said is None:
        return [
            Evidence(
                "terms", "", MISSING, _("Nobody said whether security updates are free of charge, and until when.")
            )
        ]
    one = said.said
    if one["free"] == NO:
        return [
            Evidence(
                "terms", "", MISSING, _("Security updates are not free of charge ({file}).").format(file=one["file"])
            )
        ]
    words = {
        YES: _("Security updates are free of charge until {day} ({file})."),
        "agreed": _("What security updates cost is agreed with the user for whom it is made, until {day} ({file})."),
    }[one["free"]]
    says = [words.format(day=one["until_on"], file=one["file"])]
    if not one["ours"]:
        by_paper = _("{party} says so by a document whose signature Asbuilt did not check.")
        says.append(by_paper.format(party=one["manufacturer"]))
    end = max((line.said["end_on"] for line in lines if line.kind == SUPPORT), default="")
    if end > one["until_on"]:
        says.append(_("Support lasts longer, until {end}.").format(end=end))
    short = one["until_on"] < max(end, format_instant(clock.now())[:10])
    return [Evidence("terms", "", PARTLY if short else PROVED, " ".join(says))]


SOURCES: dict[str, Callable[[ProductUnits, Sequence[Line]], list[Evidence]]] = {
    "risks": risks, "exposure": exposure, "sboms": sboms, "releases": releases, "plans": plans, "advisories": advisories,
    "policy": policy, "support": support, "fixes": fixes, "updates": updates, "terms": terms,
}  # fmt: skip


def _state(done: int, of: int) -> str:
    return NONE if not of else PROVED if done == of else PARTLY if done else MISSING


def _products(tenant: int, advisory) -> set[str]:
    return {one.name for one in description_of(tenant, advisory).products}
