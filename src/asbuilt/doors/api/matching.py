"""Findings, coverage, and what feeds call components. The twin of the pages Vulnerability and Names of components."""

from dataclasses import asdict
from typing import Annotated

from django.http import HttpRequest
from ninja import Path, Query, Router, Status
from pydantic import Field

from asbuilt.access.rights import FEED_TAKE, IDENTITY_CONFIRM, VULNERABILITY_READ
from asbuilt.designed.vulnerability.matching import seen
from asbuilt.designed.vulnerability.matching.evaluating import match_now
from asbuilt.designed.vulnerability.matching.naming import VALUES_MAX, Decision, decide_identities
from asbuilt.doors.api.caller import Caller, needs
from asbuilt.doors.api.keys import IdempotencyKey, request_key
from asbuilt.doors.api.shapes import Shape
from asbuilt.kernel.plain import plain

router = Router(tags=["Vulnerabilities"], auth=Caller())
Name = Annotated[str, Path(min_length=1, max_length=300, description="A CVE id, or any other name of it.")]


class FindingShape(Shape):
    """A component or part that a vulnerability concerns."""

    vulnerability: str = Field(description="Its name.")
    component: str = Field(description="Name of the component, or MAKER/MPN of the part.")
    version: str = Field(description="The component's version as its SBOM says.")
    identifier: str = Field(description="Its purl or CPE; empty: none of its own.")
    part: str = Field(description="MAKER/MPN where it is a part.")
    state: str = Field(description="affected; unsure where it cannot be told, which counts as open.")
    first_seen_at: str = Field(description="Since when it stands without a break.")
    entry: int = Field(description="The entry of the log that recorded it as it is.")
    until_entry: int | None = Field(description="The entry from which on it stands no more; null: it stands.")
    ended: str = Field(description="replaced feed identity rules component; empty: it stands.")
    grounds: list[dict] = Field(
        description="Each criterion's word: record, kind, name, version, versions, scheme, match (yes no unsure), cause, words, identifier (of several purls or CPEs of the component the one that was looked at)."
    )
    places: list[str] = Field(
        description="Files, modules and routines of it that records name: evidence, matched with nothing."
    )


class FindingList(Shape):
    """Findings under a vulnerability."""

    findings: list[FindingShape] = Field(description="Up to 1,000.")
    unresolved: list[dict] = Field(
        description="Records that point at a component of an SBOM which is not here: vulnerability, record, link, reason (sbom_unknown sbom_other_version component_unknown), words."
    )


class CoverageShape(Shape):
    """What no finding is worth."""

    package_versions: int = Field(description="Components of current SBOMs, each version once.")
    matchable: int = Field(description="With a name that feeds use.")
    covered: int = Field(description="Of a kind of name that a feed speaks of.")
    complete: bool = Field(description="Whether every one was matched with feeds that speak of its kind of name.")
    silent: list[str] = Field(
        description="Why no finding may not mean that there is nothing: no_feed feed_never_taken feed_empty not_matchable not_covered pending."
    )
    pending: int = Field(description="Changed vulnerabilities that are not matched yet.")
    unmatched: int = Field(description="Components that are not matched yet.")
    not_matchable: list[str] = Field(description="Components without such a name, up to 200.")
    not_covered: list[str] = Field(description="Components whose kind of name no feed speaks of, up to 200.")
    feeds: list[dict] = Field(
        description="feed, kind, taken_at, newest_at, records, broken, part_at of every open feed."
    )
    findings: dict[str, int] = Field(description="Standing findings by state.")
    unresolved: list[dict] = Field(
        description="Records that point at components of SBOMs which are not here, up to 200; as with the findings of one vulnerability."
    )


class SuggestionList(Shape):
    """Names that nobody decided about."""

    aliases: str = Field(description="The table of aliases that suggests, with its date.")
    suggestions: list[dict] = Field(
        description="name, of (component or part), versions, package_versions, values (kind, value, source, vulnerabilities), note."
    )


class IdentityList(Shape):
    """What people said."""

    identities: list[dict] = Field(
        description="name, maker, kind, value, decision, basis, operator, happened_at; the last word of each."
    )


class IdentityDecisionIn(Shape):
    """One name of feeds, confirmed or rejected."""

    kind: str = Field(max_length=10, description="purl cpe git name.")
    value: str = Field(min_length=1, max_length=400, description="As feeds write it, without a version.")
    confirmed: bool = Field(True, description="False: it is not that.")


class IdentityIn(Shape):
    """What components of a name are."""

    name: str = Field(min_length=1, max_length=200, description="Of the components, or the number of the part.")
    maker: str = Field("", max_length=200, description="Only of this maker; empty: of any.")
    basis: str = Field("", max_length=300, description="How it is known.")
    decisions: list[IdentityDecisionIn] = Field(min_length=1, max_length=VALUES_MAX, description="The names of feeds.")


class MatchedShape(Shape):
    """What matching changed."""

    new: int = Field(description="Findings that are new.")
    replaced: int = Field(description="Findings with other grounds than before.")
    retracted: int = Field(description="Findings for which nothing speaks any more.")


@router.get("/vulnerability-findings/{path:vulnerability}", response=FindingList, auth=needs(VULNERABILITY_READ), operation_id="list_findings", summary="Components and parts that a vulnerability concerns")  # fmt: skip
def findings(
    request: HttpRequest,
    vulnerability: Name,
    history: bool = Query(False, description="Also those that stand no more."),
):
    """Each with its grounds; 404 where no feed speaks of it."""
    found = seen.findings_seen(request.actor, vulnerability, history=history)
    unresolved = seen.unresolved_seen(request.actor, vulnerability)
    return {"findings": [plain(one) for one in found], "unresolved": [plain(one) for one in unresolved]}


@router.get("/vulnerability-coverage", response=CoverageShape, auth=needs(VULNERABILITY_READ), operation_id="get_vulnerability_coverage", summary="How many components could be matched, with feeds how old")  # fmt: skip
def coverage(request: HttpRequest):
    """An empty feed never looks clean."""
    return plain(seen.coverage_seen(request.actor))


@router.get("/component-suggestions", response=SuggestionList, auth=needs(VULNERABILITY_READ), operation_id="list_component_suggestions", summary="What feeds may call components and parts")  # fmt: skip
def suggestions(request: HttpRequest):
    """A suggestion is no identity: nothing is matched by it until a person confirms it."""
    return {
        "aliases": seen.aliases_table(),
        "suggestions": [plain(one) for one in seen.suggestions_seen(request.actor)],
    }


@router.get("/component-identities", response=IdentityList, auth=needs(VULNERABILITY_READ), operation_id="list_component_identities", summary="What components and parts are called by feeds, as people said")  # fmt: skip
def identities(request: HttpRequest):
    """Confirmed and rejected ones."""
    return {"identities": [plain(one) for one in seen.identities_seen(request.actor)]}


@router.post("/component-identities", response={201: MatchedShape}, auth=needs(IDENTITY_CONFIRM), operation_id="decide_component_identities", summary="Say what feeds call components of a name, or do not")  # fmt: skip
def decide(request: HttpRequest, said: IdentityIn, idempotency_key: IdempotencyKey = None):
    """It counts for all components of the name, now and later; they are matched again at once."""
    key = request_key(request, idempotency_key)
    decisions = [Decision(one.kind, one.value, one.confirmed) for one in said.decisions]
    counts = decide_identities(
        request.actor, name=said.name, maker=said.maker, basis=said.basis, decisions=decisions, request_key=key
    )
    return Status(201, asdict(counts))


@router.post("/vulnerability-matching", response={201: MatchedShape}, auth=needs(FEED_TAKE), operation_id="match_components", summary="Match what is new")  # fmt: skip
def match(request: HttpRequest):
    """Goes on where it was cut short; doing it again changes nothing."""
    return Status(201, asdict(match_now(request.actor)))
