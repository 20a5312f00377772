"""The house's own view: advisories, what the policy and security.txt lack, vulnerabilities that are fixed and not told."""

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import CASE_READ
from asbuilt.answers.cases.handling.computing import plain
from asbuilt.answers.cases.publishing import said as kinds
from asbuilt.answers.cases.publishing.actions.advising import preview
from asbuilt.answers.cases.publishing.advisories import Seen, advisories_of, advisory_of, description_of
from asbuilt.answers.cases.publishing.embargo import held_notices
from asbuilt.answers.cases.publishing.happened import behind
from asbuilt.answers.cases.publishing.hosts import address_of
from asbuilt.answers.cases.publishing.keys import public_keys
from asbuilt.answers.cases.publishing.policy_rules import rule_set
from asbuilt.answers.cases.publishing.publisher import gaps, publisher_of
from asbuilt.answers.cases.publishing.security_txt import house_warnings, served
from asbuilt.designed.vulnerability.deciding.decisions import decisions, newest
from asbuilt.formats.vex.statements import FIXED
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.storage import reading

WORDS = {kinds.ADVISORY: "drafted", kinds.DRAFT: "edited", kinds.APPROVED: "approved", kinds.PUBLISHED: "published"}


def advisories_told(actor: Actor) -> list[dict]:
    """Every advisory, the newest first."""
    _reads(actor)
    return [_head(seen) for seen in advisories_of(actor.tenant)]


def advisory_seen(actor: Actor, code: str) -> dict:
    """One advisory with its description, gaps, versions and what was done to it."""
    _reads(actor)
    with reading.snapshot():
        seen = advisory_of(actor.tenant, code)
        people = People(actor.tenant, 0).codes(line.person for line in seen.lines)
        return {
            **_head(seen), "draft": seen.draft, "gaps": [*seen.gaps, *behind(actor.tenant, seen)], "held_by": held_notices(actor, seen), "answers": seen.answers,
            "description": description_of(actor.tenant, seen),
            "publications": [
                {"version": one.version, "sha256": one.sha256, "status": one.status, "tlp": one.tlp, "summary": one.summary, "at": one.date,
                 "fingerprint": one.fingerprint}
                for one in reversed(seen.publications)
            ],
            "timeline": [
                {"what": WORDS[line.kind], "at": plain(line.happened_at), "by": people.get(line.person), "why": "; ".join(filter(None, (line.why, line.said.get("held_why"))))}
                for line in seen.lines
            ],
        }  # fmt: skip


def failing(actor: Actor, code: str) -> list[dict]:
    """The mandatory tests that the draft would fail, each with its place; empty where publishing it is possible."""
    try:
        preview(actor, code)
    except Invalid as refusal:
        rows = [{"place": one.column or "", "reason": one.reason} for one in getattr(refusal, "rows", ())]
        return rows or [{"place": "", "reason": refusal.message}]
    return []


def document_of(actor: Actor, code: str, version: int) -> tuple[str, bytes]:
    """(tracking id, bytes) of a version that was published."""
    _reads(actor)
    seen = advisory_of(actor.tenant, code)
    found = next((one for one in seen.publications if one.version == version), None)
    if found is None:
        said = f"{seen.code} has no version {version}."
        raise NotFound("cases.advisory_version_unknown", said, {"advisory": seen.code}, "Look at the advisory.")
    return seen.identity, kinds.document(actor.tenant, found.sha256)


def publisher_seen(actor: Actor) -> dict:
    """Who publishes, with every gap and warning, and what is fixed and not told."""
    _reads(actor)
    tenant = actor.tenant
    publisher, known, text = publisher_of(tenant), public_keys(tenant), served(tenant)
    return {
        "publisher": publisher.as_dict() if publisher else None, "version": publisher.version if publisher else 0,
        "said_at": plain(publisher.said_at) if publisher else None, "address": address_of(tenant), "checklist": rule_set(),
        "keys": [one.fingerprint for one in known], "gaps": gaps(publisher, bool(known), format_instant(clock.now())[:10]),
        "security_txt": {"expires_at": plain(text.expires_at), "written_at": plain(text.written_at), "text": text.text.decode()} if text else None,
        "warnings": house_warnings(tenant), "untold": untold(tenant),
    }  # fmt: skip


def untold(tenant: int) -> list[str]:
    """Vulnerabilities that a decision calls fixed and no published advisory names: their public record is missing."""
    told = {
        name for seen in advisories_of(tenant) if seen.publications for name in seen.lines[0].said.get("vulnerabilities", ())
    }  # fmt: skip
    fixed = {one.vulnerability for one in newest(decisions(tenant)).values() if one.status == FIXED and not one.parted}
    return sorted(fixed - told)


def _reads(actor: Actor) -> None:
    kinds.refuse_party(actor)
    actor.require(CASE_READ)


def _head(seen: Seen) -> dict:
    return {
        "advisory": seen.code, "identity": seen.identity, "kind": seen.kind, "case": seen.case or None, "state": seen.state,
        "vulnerabilities": seen.lines[0].said.get("vulnerabilities", []), "version": len(seen.publications),
        "published_at": seen.publications[-1].date if seen.publications else None,
    }  # fmt: skip
