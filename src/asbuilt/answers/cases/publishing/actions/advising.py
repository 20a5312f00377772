"""Advisories: drafted from the record, edited and approved by people, published once they pass every mandatory test.

    draft_advisory(actor, case="C-1", kind="advisory")      -> "A-1"
    redraft_advisory(actor, advisory="A-1")                 out of the record as it is now, with the words that people wrote
    edit_advisory(actor, advisory="A-1", content=b"{…}")    a whole description; what was approved before no longer is
    approve_advisory(actor, advisory="A-1", draft="sha256…")
    publish_advisory(actor, advisory="A-1", summary="First issue.")   -> the version; a later one supersedes it

Refused: a draft that nobody approved as it is, one of status draft, one that would be no valid document, a publication without publisher or key,
one of a flaw about which a notice is held.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from asbuilt.access.actor import Actor
from asbuilt.access.rights import ADVISORY_PUBLISH, ADVISORY_WRITE
from asbuilt.answers.cases import events
from asbuilt.answers.cases.handling.actions.stating import NAME_CHARACTERS_MAX, one_of, state, text
from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.handling.queries import standing_case
from asbuilt.answers.cases.handling.statements import New, free_code
from asbuilt.answers.cases.publishing import said as kinds
from asbuilt.answers.cases.publishing.advisories import (
    SHORT,
    Seen,
    advisories_of,
    advisory_of,
    completed,
    description_of,
    stored,
)
from asbuilt.answers.cases.publishing.csaf_version import csaf_version
from asbuilt.answers.cases.publishing.drafting import drafted
from asbuilt.answers.cases.publishing.editing import with_texts, with_words_of
from asbuilt.answers.cases.publishing.embargo import refuse_embargo
from asbuilt.answers.cases.publishing.evidence_units import vulnerabilities_asked
from asbuilt.answers.cases.publishing.keys import signing_key
from asbuilt.answers.cases.publishing.mailing import news
from asbuilt.answers.cases.publishing.publisher import LANGUAGES, Publisher, publisher_of
from asbuilt.formats.csaf.advisory import INFORMATIONAL, Advisory
from asbuilt.formats.csaf.description import read_description
from asbuilt.formats.csaf.limits import BYTES_MAX
from asbuilt.formats.csaf.provider import WHITE
from asbuilt.formats.csaf.writing import file_name, write
from asbuilt.kernel.errors import Conflict, Invalid, NotFound, Refused
from asbuilt.ledger import clock
from asbuilt.ledger.recording import Entry
from asbuilt.questions.exposure.terms_answered import all_known_as
from asbuilt.questions.genealogy.evaluating.view import View

DRAFT = "draft"
STATUSES = (DRAFT, "interim", "final")
LABELS = ("WHITE", "GREEN", "AMBER", "RED")
VERSIONS_MAX = 500
EVIDENCE = "document"


def draft_advisory(
    actor: Actor,
    *,
    kind: str,
    case: str = "",
    vulnerabilities: tuple[str, ...] = (),
    language: str = "en",
    request_key: str | None = None,
) -> str:
    """A draft out of the case, or of these vulnerabilities as they are today; returns the advisory's code."""
    kinds.refuse_party(actor)
    actor.require(ADVISORY_WRITE)
    one_of("kind", kind, tuple(SHORT))
    one_of("language", language, LANGUAGES)
    publisher = _publisher(actor.tenant)
    about = standing_case(actor.tenant, case) if case else None
    asked_for = list(vulnerabilities) or (vulnerabilities_asked(about) if about is not None else [])
    view = View(actor)
    named = list(dict.fromkeys(known for name in asked_for for known in _known(view, name)))
    if not named and (kind != INFORMATIONAL or about is None):
        said = "No vulnerability is named, and no question of the case names one."
        raise Invalid("cases.advisory_vulnerability_missing", said, {"field": "vulnerability"}, "Name it.")
    advisory, gaps, answers = drafted(
        actor, kind=kind, publisher=publisher, case=about, vulnerabilities=named, language=language
    )
    content = stored(replace(advisory, status="final"))

    def lines(entry: Entry, _: CaseFile | None) -> list[New]:
        code = free_code(entry.tenant, kinds.ADVISORY, "A-")
        year = datetime.fromtimestamp(entry.recorded_at // 1_000_000, UTC).year
        begin = f"{publisher.prefix}-{SHORT[kind]}-{year}-"
        number = sum(one.identity.startswith(begin) for one in advisories_of(entry.tenant)) + 1
        said = {"kind": kind, "case": case, "vulnerabilities": named, "answers": answers}
        first = New(
            code, kinds.ADVISORY, name=f"{begin}{number:04}", said={key: value for key, value in said.items() if value}
        )
        return [first, _draft_line(code, kept[0].sha256, gaps)]

    with kinds.kept(actor.tenant, [(content, "draft.json")], EVIDENCE) as kept:
        asked = ["draft", kind, case, named, language]
        entry = state(
            actor, events.ADVISORY_DRAFTED, ADVISORY_WRITE, asked, lines, attached=kept, request_key=request_key
        )
    return _code_of(actor.tenant, entry)


def redraft_advisory(actor: Actor, *, advisory: str, base: str = "", request_key: str | None = None) -> int:
    """The draft anew out of its case, or of its vulnerabilities, as they are now: products, statuses, remedies, threats and scores are those of the
    record, words that people wrote stay. `base` as of an edit. It asks for a new approval, and is the next version once published. The entry."""
    kinds.refuse_party(actor)
    actor.require(ADVISORY_WRITE)
    seen = advisory_of(actor.tenant, advisory)
    if base and base != seen.draft:
        raise _changed(seen)
    last, then = description_of(actor.tenant, seen), read_description(kinds.document(actor.tenant, seen.from_record))
    about = standing_case(actor.tenant, seen.case) if seen.case else None
    named = seen.lines[0].said.get("vulnerabilities", [])
    fresh, gaps, answers = drafted(
        actor,
        kind=seen.kind,
        publisher=_publisher(actor.tenant),
        case=about,
        vulnerabilities=named,
        language=last.language,
    )
    content, bare = stored(with_words_of(fresh, last, then)), stored(replace(fresh, status="final"))

    def lines(entry: Entry, _: CaseFile | None) -> list[New]:
        now = advisory_of(entry.tenant, advisory)
        if now.draft != seen.draft:
            raise _changed(now)
        line = _draft_line(now.code, kept[0].sha256, gaps)
        return [replace(line, said={**line.said, "record": kept[-1].sha256, "answers": answers})]

    # where nobody wrote anything the draft is what the record gives
    contents = [(content, "draft.json"), *([(bare, "record.json")] if bare != content else [])]
    with kinds.kept(actor.tenant, contents, EVIDENCE) as kept:
        asked = ["redraft", advisory, seen.draft]
        return state(
            actor, events.ADVISORY_DRAFTED, ADVISORY_WRITE, asked, lines, attached=kept, request_key=request_key
        )


def edit_advisory(
    actor: Actor, *, advisory: str, content: bytes, base: str = "", request_key: str | None = None
) -> int:
    """The description as a person wrote it; `base` is the draft that was edited (SHA-256), refused where another one came since. The entry."""
    kinds.refuse_party(actor)
    actor.require(ADVISORY_WRITE)
    seen = advisory_of(actor.tenant, advisory)
    if len(content) > BYTES_MAX:
        raise Invalid("cases.advisory_long", "The description is too long.", {"field": "content"}, "Shorten it.")
    said = read_description(content)
    one_of("status", said.status, STATUSES)
    one_of("tlp", said.tlp, LABELS)
    if said.kind != seen.kind:
        reason = f"kind: {seen.code} is {seen.kind}."
        raise Invalid("cases.advisory_kind_changed", reason, {"field": "kind"}, "Draft another document.")

    def lines(entry: Entry, _: CaseFile | None) -> list[New]:
        now = advisory_of(entry.tenant, advisory)
        if base and base != now.draft:
            raise _changed(now)
        return [_draft_line(now.code, kept[0].sha256, now.gaps)]

    with kinds.kept(actor.tenant, [(stored(said), "draft.json")], EVIDENCE) as kept:
        asked = ["edit", advisory, kept[0].sha256, base]
        return state(
            actor, events.ADVISORY_DRAFTED, ADVISORY_WRITE, asked, lines, attached=kept, request_key=request_key
        )


def edit_texts(
    actor: Actor,
    *,
    advisory: str,
    texts: Mapping[str, str],
    status: str = "",
    tlp: str = "",
    base: str = "",
    request_key: str | None = None,
) -> int:
    """The draft with these texts by their places; returns the entry."""
    kinds.refuse_party(actor)
    actor.require(ADVISORY_WRITE)
    seen = advisory_of(actor.tenant, advisory)
    if base and base != seen.draft:
        raise _changed(seen)
    said = with_texts(description_of(actor.tenant, seen), texts, status=status, tlp=tlp)
    return edit_advisory(actor, advisory=advisory, content=stored(said), base=seen.draft, request_key=request_key)


def approve_advisory(actor: Actor, *, advisory: str, draft: str, why: str = "", request_key: str | None = None) -> int:
    """This very draft (SHA-256) may be published; returns the entry. An edit afterwards asks for a new approval."""
    kinds.refuse_party(actor)
    actor.require(ADVISORY_PUBLISH)
    why = text("why", why, needed=False)

    def lines(entry: Entry, _: CaseFile | None) -> list[New]:
        now = advisory_of(entry.tenant, advisory)
        if draft != now.draft:
            raise _changed(now)
        return [New(now.code, kinds.APPROVED, why, said={"sha256": draft})]

    advisory_of(actor.tenant, advisory)
    asked = ["approve", advisory, draft, why]
    return state(actor, events.ADVISORY_APPROVED, ADVISORY_PUBLISH, asked, lines, request_key=request_key)


def publish_advisory(
    actor: Actor, *, advisory: str, summary: str, why: str = "", request_key: str | None = None
) -> int:
    """Write, check, sign and publish the approved draft; returns the version. Nothing is published that fails a mandatory test.

    `why`: of a second person, why it is published although a notice of the same flaw is held.
    """
    kinds.refuse_party(actor)
    actor.require(ADVISORY_PUBLISH)
    why = text("why", why, needed=False)
    summary = text("summary", summary, NAME_CHARACTERS_MAX)
    seen = advisory_of(actor.tenant, advisory)
    publisher, key = _publisher(actor.tenant), signing_key(actor.tenant)
    _refuse_key(actor.tenant, key.fingerprint)
    said = description_of(actor.tenant, seen)
    _refuse_unready(seen, said, request_key)
    if not request_key:
        refuse_embargo(actor, seen, why)
    whole = completed(actor.tenant, seen, said, publisher, clock.now(), summary)
    content = write(whole, csaf_version())
    name = file_name(seen.identity)

    def lines(entry: Entry, _: CaseFile | None) -> list[New]:
        now = advisory_of(entry.tenant, advisory)
        if now.draft != seen.draft or len(now.publications) != len(seen.publications):
            raise _changed(now)
        _refuse_unready(now, said, None)
        held = refuse_embargo(actor, now, why)
        revision = whole.revisions[-1]
        published = {
            "version": str(revision.number), "date": revision.date, "sha256": kept[0].sha256, "signature": kept[1].sha256,
            "fingerprint": key.fingerprint, "draft": seen.draft, "status": whole.status, "tlp": whole.tlp,
            **({"held": held, "held_why": why} if held else {}),
        }  # fmt: skip
        told = news(entry, seen.case, seen.identity, whole.title) if whole.tlp == WHITE else []
        return [New(now.code, kinds.PUBLISHED, summary, said=published), *told]

    contents = [(content, name), (key.sign(content), name + ".asc")]
    with kinds.kept(actor.tenant, contents, EVIDENCE) as kept:
        asked = ["publish", advisory, summary, *([why] if why else [])]
        entry = state(
            actor, events.ADVISORY_PUBLISHED, ADVISORY_PUBLISH, asked, lines, attached=kept, request_key=request_key
        )
    return next(one.version for one in advisory_of(actor.tenant, advisory).publications if one.entry == entry)


def preview(actor: Actor, advisory: str) -> bytes:
    """The document that publishing would write now, of status draft. Invalid with every test that it would fail and where."""
    kinds.refuse_party(actor)
    actor.require(ADVISORY_WRITE)
    seen = advisory_of(actor.tenant, advisory)
    said = description_of(actor.tenant, seen)
    whole = completed(actor.tenant, seen, said, _publisher(actor.tenant), clock.now(), "Draft.", status=DRAFT)
    return write(whole, csaf_version())


def _known(view: View, name: str) -> list[str]:
    """Its canonical names. NotFound where the record has heard nothing of it: a flaw of one's own is in no feed yet."""
    try:
        return all_known_as(view, name)
    except NotFound as unknown:
        said = f"The record has no vulnerability {name[:60]}."
        remedy = "Look at its spelling, or enter it first: `asbuilt vuln note`."
        raise NotFound("cases.advisory_vulnerability_unknown", said, unknown.facts, remedy) from None


def _draft_line(code: str, sha256: str, gaps: list[str]) -> New:
    return New(code, kinds.DRAFT, said={"sha256": sha256, **({"gaps": gaps} if gaps else {})})


def _publisher(tenant: int) -> Publisher:
    found = publisher_of(tenant)
    if found is None:
        said = "Nobody said who publishes."
        raise NotFound("cases.no_publisher", said, {}, "Run `asbuilt publisher set FILE`.")
    return found


def _refuse_key(tenant: int, fingerprint: str) -> None:
    known = [line.name for line in kinds.publisher_lines(tenant) if line.kind == kinds.OPENPGP]
    if not known or known[-1] != fingerprint:
        said = "The key in the keys folder is not the one that the record names last."
        raise Refused(
            "cases.openpgp_key_unrecorded", said, {"fingerprint": fingerprint}, "Take the key: `asbuilt publisher key`."
        )


def _refuse_unready(seen: Seen, said: Advisory, request_key: str | None) -> None:
    if seen.state == "published" and request_key:
        return  # perhaps the same request again: the entry tells
    if seen.approved != seen.draft:
        reason = f"{seen.code}: nobody approved this draft."
        raise Refused("cases.advisory_not_approved", reason, {"advisory": seen.code}, "Approve it first.")
    if seen.state == "published":
        reason = f"{seen.code}: this draft is published."
        raise Conflict("cases.advisory_published_before", reason, {"advisory": seen.code}, "Edit it for a new version.")
    if said.status == DRAFT:
        reason = f"{seen.code}: its status is draft."
        raise Refused("cases.advisory_still_draft", reason, {"advisory": seen.code}, "Make it interim or final.")
    if len(seen.publications) >= VERSIONS_MAX:
        reason = f"{seen.code} has {VERSIONS_MAX} versions, the most there may be."
        raise Refused("cases.advisory_versions_many", reason, {"advisory": seen.code}, "Draft another document.")


def _changed(now: Seen) -> Conflict:
    said = f"{now.code} was changed since."
    return Conflict("cases.advisory_changed", said, {"advisory": now.code, "draft": now.draft}, "Look at it again.")


def _code_of(tenant: int, entry: int) -> str:
    return next(one.code for one in advisories_of(tenant) if one.lines[0].entry == entry)
