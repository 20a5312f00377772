"""What nobody recorded about a release, so that no finding does not mean that there is nothing: shown with the release, or stopping it.

    release_gaps(actor, "WIDGET", "app", "2.3.1")            -> gaps, as pages and programs show them
    unrecorded_stops(tenant, "WIDGET", "app", "2.3.1")       -> what stops the release, where the rule set or the house says so

A release without an SBOM is `unrecorded`. One with an SBOM has gaps where no feed was taken, components have no name that feeds use, or
matching has not come so far. A risk decision about what is unrecorded is a waiver of `unrecorded` for the release: two people, reason, end.
"""

from collections.abc import Callable
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.queries import time_zone_of
from asbuilt.access.rights import RECORD_READ
from asbuilt.answers.gate.known_rules import STOP, rules_on
from asbuilt.answers.gate.stops import Stop
from asbuilt.built.quality.waivers import UNRECORDED, waivers_in_force
from asbuilt.designed.components.queries import documents_of_release, listed_versions
from asbuilt.designed.firmware.telling import release_seen
from asbuilt.designed.vulnerability.matching.queries import coverage
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.words.terms import gettext_noop as _
from asbuilt.storage import reading

TEXTS = {
    "no_sbom": _("Unrecorded: the release has no SBOM. That nothing is found in it says nothing."),
    "no_feed": _("No feed was taken yet: that nothing is found says nothing."),
    "feed_never_taken": _("No feed was taken yet: that nothing is found says nothing."),
    "feed_empty": _("The feeds are empty: that nothing is found says nothing."),
    "not_matchable": _("{count} of {total} components have no name that feeds use."),
    "not_covered": _("Of {count} of {total} components no feed speaks."),
    "pending": _("Matching has not come to the newest records and components yet."),
}


@dataclass(frozen=True)
class Gap:
    """What is not known of a release: a code, how many of how many components, and the same in words."""

    code: str
    count: int
    total: int
    words: str


def release_gaps(actor: Actor, product: str, role: str, version: str, gettext: Callable[[str], str] = _) -> list[Gap]:
    """The gaps of a release or draft, in the reader's language. NotFound where the register has none, or the reader may not see it."""
    actor.require(RECORD_READ)
    with reading.snapshot():
        release = release_seen(actor, product, role, version)
        return [
            Gap(code, count, total, gettext(TEXTS[code]).format(count=count, total=total))
            for code, count, total in _gaps(actor.tenant, *release.key)
        ]


def _gaps(tenant: int, product: str, role: str, version: str) -> list[tuple[str, int, int]]:
    documents = documents_of_release(tenant, product, role, version)
    if not documents:
        return [("no_sbom", 0, 0)]
    found = coverage(tenant, listed_versions(tenant, documents[0].number))
    counts = {"not_matchable": len(found.not_matchable), "not_covered": len(found.not_covered)}
    return [(code, counts.get(code, 0), found.package_versions) for code in found.silent]


def unrecorded_stops(tenant: int, product: str, role: str, version: str) -> list[Stop]:
    """What stops the release of a draft without an SBOM: nothing where the rule set shows it only, or a waiver lets it pass."""
    now = clock.now()
    rules = rules_on(now, time_zone_of(tenant))
    if rules.releasing_unrecorded.verdict != STOP or documents_of_release(tenant, product, role, version):
        return []
    if any(one.of_release(product, role, version) for one in waivers_in_force(tenant, [UNRECORDED], now)):
        return []
    said = f"{product} {version} has no SBOM. {rules.releasing_unrecorded.why}"
    facts = {"release": f"{product} {version}", "rule_set": rules.rule_set, "source": rules.source}
    remedy = "Add its SBOM (`asbuilt sbom add`), or have a waiver of `unrecorded` agreed to."
    return [Stop("gate.release_unrecorded", said, facts, remedy)]
