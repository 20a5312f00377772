"""A draft of an advisory out of the record: what it says follows from answers, exposure, decisions, measures; a person mends the words.

    drafted(actor, kind="advisory", case=…, vulnerabilities=[…], language="en")   -> Advisory without identity and revisions, and gaps

Affected is what is certain; what is possible or unrecorded is under investigation. Units that run a version that is fixed by now are fixed.
A newer release without a finding is proposed as fixed, and said to be a proposal. Nothing is filled in that the record does not say.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils import translation
from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.publishing.affected import Stretch, stretches
from asbuilt.answers.cases.publishing.evidence_units import Spoken, frozen_units, units_of_today
from asbuilt.answers.cases.publishing.fixes import fixed_releases
from asbuilt.answers.cases.publishing.products import Tree
from asbuilt.answers.cases.publishing.publisher import Publisher
from asbuilt.designed.parties.product_roles import manufacturer_of, own_party
from asbuilt.designed.parties.queries import names as party_names
from asbuilt.designed.vulnerability.deciding.decisions import RELEASE, REVISION, Decision, decisions, newest
from asbuilt.formats.csaf.advisory import (
    INFORMATIONAL,
    Advisory,
    Justification,
    Note,
    Reference,
    Remedy,
    Score,
    Status,
    Threat,
    Vulnerability,
)
from asbuilt.formats.vex.statements import FIXED, NOT_AFFECTED
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.questions.exposure.exposure import OPEN, Exposure, exposure
from asbuilt.questions.exposure.ways import AFFECTED
from asbuilt.questions.genealogy.evaluating.view import View

VULNERABILITIES_MAX = 50
KNOWN_AFFECTED, KNOWN_NOT_AFFECTED, INVESTIGATED = "known_affected", "known_not_affected", "under_investigation"


@dataclass
class Work:
    """A draft while it grows."""

    actor: Actor
    publisher: Publisher
    case: CaseFile | None
    tree: Tree = field(default_factory=Tree)
    units: dict[Stretch, str] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)

    def maker_number(self, product: str) -> int | None:
        """The party that makes the product: as the case says, else by the record of roles, else our own."""
        now, line = clock.now(), self.case.products.get(product) if self.case else None
        if line is not None and line.party is not None and line.said["role"] != "none":
            return line.party
        party = manufacturer_of(self.actor.tenant, product, now)
        return own_party(self.actor.tenant, now) if party is None else party

    def of_maker(self, keys: Iterable[str], party: int | None) -> tuple[str, ...]:
        """Those of products that this party makes; all where none is named."""
        return tuple(one for one in keys if party is None or self.maker_number(self.tree.product_of[one]) == party)

    def maker(self, product: str) -> str:
        """The name of who makes the product; the publisher's where nobody said."""
        party = self.maker_number(product)
        return party_names(self.actor.tenant).get(party, self.publisher.name) if party else self.publisher.name

    def key(self, one: Stretch) -> str:
        """The key of these units, the same for every vulnerability."""
        if one not in self.units:
            self.units[one] = self.tree.add_units(self.maker(one.product), one)
        return self.units[one]

    def firmware(self, product: str, role: str, version: str) -> str:
        """The key of this version."""
        return self.tree.add_firmware(self.maker(product), product, role, version)


def drafted(
    actor: Actor, *, kind: str, publisher: Publisher, case: CaseFile | None, vulnerabilities: list[str], language: str
) -> tuple[Advisory, list[str], list[str]]:
    """The draft, its gaps in words, and the frozen answers it rests on."""
    if len(vulnerabilities) > VULNERABILITIES_MAX:
        said = f"A draft speaks of at most {VULNERABILITIES_MAX} vulnerabilities."
        raise Invalid("cases.advisory_vulnerabilities_many", said, {"field": "vulnerability"}, "Draft several.")
    work = Work(actor, publisher, case)
    with translation.override(language):
        if kind == INFORMATIONAL or not vulnerabilities:
            _informational(work)
            found: list[Vulnerability] = []
        else:
            found = [_vulnerability(work, name) for name in vulnerabilities]
        _foreign(work)
        title, summary = _words(work, found, vulnerabilities)
        references = [
            Reference(f"https://www.cve.org/CVERecord?id={name}", name) for name in vulnerabilities if name.startswith("CVE-")
        ]  # fmt: skip
        advisory = Advisory(
            kind, "", title, publisher.name, publisher.namespace, (), language=language, contact=publisher.psirt_mail,
            notes=(Note("summary", summary, _("Summary")),), references=tuple(references), products=tuple(work.tree.products),
            installed=tuple(work.tree.installed), vulnerabilities=tuple(found),
        )  # fmt: skip
    return advisory, list(dict.fromkeys(work.tree.gaps)), list(dict.fromkeys(work.answers))


def _foreign(work: Work) -> None:
    """Products of another manufacturer are a gap: who publishes of them has its agreement, or leaves them out."""
    own = own_party(work.actor.tenant, clock.now())
    for product in dict.fromkeys(work.tree.product_of.values()) if own is not None else ():
        if work.maker_number(product) != own:
            said = {"product": product, "maker": work.maker(product)}
            work.tree.gaps.append(_("%(product)s is a product of %(maker)s: publish of it with its agreement, or take it out.") % said)  # fmt: skip


def _words(work: Work, found: list[Vulnerability], names: list[str]) -> tuple[str, str]:
    products = ", ".join(dict.fromkeys(one.name for one in work.tree.products if one.hardware)) or ", ".join(
        dict.fromkeys(one.name for one in work.tree.products)
    )
    what = next((one.title for one in found if one.title), "") or (work.case.title if work.case else ", ".join(names))
    said = {"products": products or work.publisher.name, "what": what}
    title = _("%(products)s: %(what)s") % said
    if not found:
        return title, title
    return title, _("%(what)s in %(products)s. Which versions and serial numbers are affected is said below.") % said


def _informational(work: Work) -> None:
    spoken = frozen_units(work.actor, work.case, "") if work.case is not None else None
    if spoken is None:
        return
    work.answers += spoken.answers
    work.tree.gaps += spoken.gaps
    for one in stretches(View(work.actor), spoken.units, spoken.names):
        work.key(one)


def _vulnerability(work: Work, name: str) -> Vulnerability:
    seen = exposure(work.actor, name)
    spoken = frozen_units(work.actor, work.case, name) if work.case is not None else None
    if spoken is None:
        spoken = units_of_today(seen.answer.view, seen.answer.affected, seen.answer.gaps)
    work.answers += spoken.answers
    work.tree.gaps += spoken.gaps
    standing = {one.code for one in seen.decisions if not one.lapsed}
    said = [one for one in newest(decisions(work.actor.tenant, [seen.vulnerability])).values() if one.code in standing]
    status, flags, threats = _decided(work, said)
    for key, proposed in _design(work, seen).items():
        status.setdefault(key, proposed)
    _proposed_fixes(work, seen, status)
    _units(work, spoken, status)
    keys = {word: tuple(key for key, held in status.items() if held == word) for word in (KNOWN_AFFECTED, FIXED, KNOWN_NOT_AFFECTED, INVESTIGATED)}  # fmt: skip
    affected = keys[KNOWN_AFFECTED]
    if seen.exploited and affected:
        threats.append(Threat("exploit_status", _("It is being exploited."), affected))
    description = seen.title or _("%(name)s in firmware or parts of these products.") % {"name": seen.vulnerability}
    return Vulnerability(
        seen.vulnerability, (Note("description", description),), tuple(Status(word, found) for word, found in keys.items() if found),
        title=seen.title, justifications=tuple(flags), remedies=_remedies(work, status, affected, said), threats=tuple(threats),
        scores=_scores(seen, said, affected),
    )  # fmt: skip


def _decided(work: Work, said: list[Decision]) -> tuple[dict[str, str], list[Justification], list[Threat]]:
    """What standing decisions say of releases and revisions; those of parts and of units are in the units already."""
    status: dict[str, str] = {}
    flags, threats = [], []
    for one in said:
        scope = one.scope
        if not one.closes:
            continue
        if scope.kind == RELEASE:
            key = work.firmware(scope.product, scope.role or "app", scope.version)
        elif scope.kind == REVISION:
            key = work.tree.add_revision(work.maker(scope.product), scope.product, scope.revision)
        else:
            continue
        status[key] = {NOT_AFFECTED: KNOWN_NOT_AFFECTED, FIXED: FIXED}[one.status]
        if one.status == NOT_AFFECTED and one.justification:
            flags.append(Justification(one.justification, (key,), _second(one.decided_at)))
        if one.status == NOT_AFFECTED and (one.impact or not one.justification):
            threats.append(Threat("impact", one.impact or _("It does not affect this version."), (key,)))
    return status, flags, threats


def _design(work: Work, seen: Exposure) -> dict[str, str]:
    """Open ways: releases and hardware revisions that have it."""
    found: dict[str, str] = {}
    for hop in seen.hops:
        if hop.verdict != OPEN:
            continue
        held = KNOWN_AFFECTED if hop.state == AFFECTED else INVESTIGATED
        words = hop.place.split(" ")
        if hop.kind in ("release", "draft") and len(words) >= 3:
            key = work.firmware(" ".join(words[:-2]), words[-2], words[-1])
        elif hop.kind == "revision" and len(words) >= 3:
            product, revision = " ".join(words[:-2]), words[-1]
            key = work.tree.add_revision(work.maker(product), product, revision)
        else:
            continue
        if found.get(key) != KNOWN_AFFECTED:
            found[key] = held
    return found


def _proposed_fixes(work: Work, seen: Exposure, status: dict[str, str]) -> None:
    affected = [place for place, key in work.tree.firmware.items() if status.get(key) == KNOWN_AFFECTED]
    for product, role, version in fixed_releases(View(work.actor), seen.vulnerability, affected):
        key = work.firmware(product, role, version)
        if key not in status:
            status[key] = FIXED
            said = {"what": f"{product} {version}", "name": seen.vulnerability}
            work.tree.gaps.append(
                _("%(what)s: fixed is proposed: it is newer, and its SBOM has no finding of %(name)s. Confirm it.")
                % said
            )


def _units(work: Work, spoken: Spoken, status: dict[str, str]) -> None:
    for one in stretches(View(work.actor), spoken.units, spoken.names):
        key = work.key(one)
        firmware = work.firmware(one.product, one.release.role, one.release.version) if one.release else ""
        if status.get(firmware) in (FIXED, KNOWN_NOT_AFFECTED) and firmware:
            status[key] = FIXED if status[firmware] == FIXED else KNOWN_NOT_AFFECTED
        else:
            status[key] = KNOWN_AFFECTED if one.sure else INVESTIGATED


def _remedies(
    work: Work, status: dict[str, str], affected: tuple[str, ...], said: list[Decision]
) -> tuple[Remedy, ...]:
    if not affected:
        return ()
    found = []
    for (product, _role, version), key in work.tree.firmware.items():
        mine = tuple(one for one in affected if work.tree.product_of[one] == product)
        if mine and status.get(key) == FIXED:
            found.append(Remedy("vendor_fix", _("Update to %(version)s.") % {"version": version}, mine))
    for one in said:
        if one.action and not one.closes and (mine := work.tree.within(one.scope, affected)):
            found.append(Remedy("mitigation", one.action, mine, date=_second(one.decided_at)))
    for line in (work.case.measures if work.case else {}).values():
        if line.at is not None and (mine := work.of_maker(affected, line.party)):
            category = "vendor_fix" if line.said["kind"] == "corrective" else "mitigation"
            found.append(Remedy(category, line.why, mine, date=_second(line.at)))
    if not found:
        work.tree.gaps.append(_("No remedy is recorded: name a fix or a workaround."))
        found.append(Remedy("none_available", _("There is no update yet."), affected))
    return tuple(found)


def _scores(seen: Exposure, said: list[Decision], affected: tuple[str, ...]) -> tuple[Score, ...]:
    """The house's own vector where a standing decision gives one, else the worst that feeds say."""
    vector = next((one.vector for one in said if one.vector), "") or seen.vector
    return (Score(vector, affected),) if vector and affected else ()


def _second(at: int) -> str:
    return format_instant(at)[:19] + "Z"
