"""Writing a notice: drafted from a frozen answer of the case, read by a person, approved by another where the house asks for it.

    draft_notice(actor, case="C-1", texts={"de": {"measures": "…"}})        -> "N-1": to every customer of the newest linked answer, or first to
                                                                            manufacturers whose products they hold
    draft_notice(actor, case="C-1", kind="upward")                          to the manufacturers whose products we build
    revise_notice(actor, notice="N-1", texts=…)                             a new version; what was read of the old one counts no more
    review_notice(actor, notice="N-1", version=2) · approve_notice(…)

ASBUILT_NOTICE_APPROVAL=another: a notice is approved before it is sent, by a person who wrote none of its words. Refused: a case without a frozen
answer, an answer in which nobody outside holds a unit, a notice that names no contact, a version that is not the newest.
"""

import json
import os
from collections.abc import Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.rights import NOTICE_SEND, NOTICE_WRITE
from asbuilt.answers.cases.handling.actions.stating import one_of, state, text
from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.handling.queries import case_file
from asbuilt.answers.cases.handling.statements import New
from asbuilt.answers.cases.telling import events, wording
from asbuilt.answers.cases.telling.actions.holding import held_line, refuse_unread
from asbuilt.answers.cases.telling.contacts import LANGUAGES
from asbuilt.answers.cases.telling.notices import APPROVED, DRAFTED, REVIEWED, NoticeFile, notice_file, standing_notice
from asbuilt.answers.cases.telling.recipients import CUSTOMERS, MANUFACTURERS, Share, shares_of
from asbuilt.answers.cases.telling.whose import foreign_makers, told_upward
from asbuilt.answers.register.models import FrozenAnswer
from asbuilt.answers.register.queries import frozen_answer
from asbuilt.kernel.errors import Conflict, Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.ledger.intake import row_text
from asbuilt.ledger.recording import Entry, digest
from asbuilt.storage import bulk, reading

KINDS = (CUSTOMERS, MANUFACTURERS)
WORDS_CHARACTERS_MAX = 8_000
NOTICES_A_CASE_MAX, VERSIONS_MAX, RECIPIENTS_MAX = 100, 100, 50_000
ANOTHER = "another"
NOTICE_COLUMNS = (
    "tenant", "entry", "row", "case_code", "notice", "version", "kind", "answer", "answer_sha256", "texts", "person", "happened_at",
)  # fmt: skip
RECIPIENT_COLUMNS = (
    "tenant", "notice", "version", "party", "certain", "possible", "unrecorded", "products", "list_sha256", "units_csv", "entry", "row",
)  # fmt: skip


def draft_notice(
    actor: Actor, *, case: str, kind: str = "", answer: str = "", texts: dict | None = None, why: str = "",
    readers: Sequence[str] | None = None, until: int | None = None, request_key: str | None = None,
) -> str:  # fmt: skip
    """A notice to everybody who holds units of the answer (the newest one linked where none is named); returns its code.

    `kind`: `users` or `upward`. Without one, the manufacturers are told first where products of theirs are with others and the case did not tell them.

    With `readers` it is held from its first moment, as `hold_notice` does.
    """
    found = case_file(actor, case)
    actor.require(NOTICE_WRITE)
    if readers is not None:
        actor.require(NOTICE_SEND)
    if kind:
        one_of("kind", kind, KINDS)
    texts, why = _texts(texts or {}), text("why", why, needed=False)
    frozen = _frozen(actor, found, answer)
    kind, shares = (kind, _shares(actor, frozen, kind)) if kind else _first(actor, found, frozen)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        sql = "SELECT count(DISTINCT notice) FROM cases_notice WHERE tenant = %s"
        mine = reading.fetch_one(f"{sql} AND case_code = %s", (entry.tenant, case))[0]
        if mine >= NOTICES_A_CASE_MAX:
            said = f"{case} has {mine} notices, the most there may be."
            raise Refused("cases.notices_many", said, {"case": case}, "Revise one of them.")
        code = f"N-{reading.fetch_one(sql, (entry.tenant,))[0] + 1}"
        drafted = _write(entry, actor, case, code, 1, kind, frozen, texts, shares, why)
        if readers is None:
            return [drafted]
        return [drafted, held_line(actor, entry, case, code, readers, until, text("why", why))]

    asked = ["draft", kind, answer, json.dumps(texts, sort_keys=True), why, readers, until]
    entry = state(actor, events.DRAFTED, NOTICE_WRITE, asked, lines, case=case, request_key=request_key)
    sql = "SELECT notice FROM cases_notice WHERE tenant = %s AND entry = %s"
    return reading.fetch_one(sql, (actor.tenant, entry))[0]


def revise_notice(
    actor: Actor, *, notice: str, texts: dict | None = None, answer: str = "", why: str, request_key: str | None = None
) -> int:
    """A new version with other words (None: the same) on the answer named, or the newest one linked; returns the entry."""
    known = notice_file(actor, notice)
    actor.require(NOTICE_WRITE)
    refuse_unread(actor, known)
    why, newest = text("why", why), known.newest
    said = newest.texts if texts is None else _texts(texts)
    frozen = _frozen(actor, case_file(actor, newest.case), answer)
    shares = _shares(actor, frozen, newest.kind)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        version = standing_notice(entry.tenant, notice).newest.version + 1
        if version > VERSIONS_MAX:
            raise Refused("cases.notice_versions_many", f"{notice} has {VERSIONS_MAX} versions.", {"notice": notice}, "Draft another one.")  # fmt: skip
        return [_write(entry, actor, newest.case, notice, version, newest.kind, frozen, said, shares, why)]

    asked = ["revise", notice, answer, json.dumps(said, sort_keys=True), why]
    return state(actor, events.DRAFTED, NOTICE_WRITE, asked, lines, case=newest.case, request_key=request_key)


def review_notice(actor: Actor, *, notice: str, version: int, why: str = "", request_key: str | None = None) -> int:
    """A person has read this version in every language it goes out in; returns the entry."""
    return _agree(actor, REVIEWED, events.REVIEWED, NOTICE_WRITE, notice, version, why, request_key)


def approve_notice(actor: Actor, *, notice: str, version: int, why: str = "", request_key: str | None = None) -> int:
    """This version may be sent; where the house asks for another person, by one who wrote none of it. Returns the entry."""
    return _agree(actor, APPROVED, events.APPROVED, NOTICE_SEND, notice, version, why, request_key)


def _agree(
    actor: Actor, kind: str, type: str, right: str, notice: str, version: int, why: str, request_key: str | None
) -> int:
    known = notice_file(actor, notice)
    actor.require(right)
    why = text("why", why, needed=False)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        now = standing_notice(entry.tenant, notice)
        refuse_unread(actor, now)
        refuse_older(now, version)
        if kind == APPROVED:
            _refuse_author(actor, now)
        elif not _names_contact(now):
            remedy = "Say whom to ask in `contact`, or set ASBUILT_NOTICE_CONTACT."
            raise Refused("cases.notice_contact_missing", f"{notice} names nobody to ask.", {"notice": notice}, remedy)
        if now.line(kind) is not None:
            said = f"Version {version} of {notice} was {'approved' if kind == APPROVED else 'reviewed'} before."
            raise Conflict("cases.notice_agreed", said, {"notice": notice}, "Nothing is to do.")
        return [New(now.newest.case, kind, why, name=notice, said={"version": str(version)})]

    asked = [kind, notice, version, why]
    return state(actor, type, right, asked, lines, case=known.newest.case, request_key=request_key)


def approval_needed() -> bool:
    """Whether the house wants a notice approved by another person than its author."""
    return os.environ.get("ASBUILT_NOTICE_APPROVAL", "") == ANOTHER


def refuse_older(known: NoticeFile, version: int) -> None:
    """What is agreed to or sent is the version that was looked at, and it is the newest."""
    if version != known.newest.version:
        said = f"{known.code} is at version {known.newest.version}, not {version}."
        raise Conflict("cases.notice_version", said, {"notice": known.code, "version": known.newest.version}, "Read the newest one.")  # fmt: skip


def _refuse_author(actor: Actor, known: NoticeFile) -> None:
    if not approval_needed():
        return
    wrote = {line.person for line in known.lines if line.kind == DRAFTED}
    if actor.person is None or actor.person in wrote:
        said = f"{known.code} is approved by another person than who wrote it."
        raise Refused("cases.notice_same_person", said, {"notice": known.code}, "Let somebody else approve it.")


def _names_contact(known: NoticeFile) -> bool:
    said = known.newest.texts
    if os.environ.get("ASBUILT_NOTICE_CONTACT") or said.get(wording.ANY, {}).get("contact"):
        return True
    return all(said.get(language, {}).get("contact") for language in LANGUAGES)


def _texts(said: dict) -> dict:
    """Words by language and field, without empty ones; Invalid for a language or field that there is not."""
    found: dict[str, dict[str, str]] = {}
    for language, fields in said.items():
        one_of("language", language, (wording.ANY, *LANGUAGES))
        if not isinstance(fields, dict):
            raise Invalid("cases.notice_texts", "texts: is no table of fields by language.", {"field": "texts"}, "Write language -> field -> words.")  # fmt: skip
        for field, words in fields.items():
            one_of("field", field, wording.FIELDS)
            kept = text(field, str(words).replace("\r\n", "\n"), WORDS_CHARACTERS_MAX, needed=False)
            if kept:
                found.setdefault(language, {})[field] = kept
    return found


def _frozen(actor: Actor, case: CaseFile, answer: str) -> FrozenAnswer:
    linked = [line.name for line in case.answers]
    if not linked:
        said = f"No answer of affected units is frozen in {case.code}."
        raise Refused("cases.answer_missing", said, {"case": case.code}, "Freeze one first.")
    if answer and answer not in linked:
        said = f"{case.code} does not rest on this answer."
        raise Refused("cases.answer_not_linked", said, {"case": case.code, "answer": answer[:26]}, "Link it to the case first.")  # fmt: skip
    return frozen_answer(actor, answer or linked[-1])


def _first(actor: Actor, case: CaseFile, frozen: FrozenAnswer) -> tuple[str, list[Share]]:
    """Whom to tell first, and their shares."""
    users = _shares(actor, frozen, CUSTOMERS)
    if set(foreign_makers(actor.tenant, case, users, clock.now())) - told_upward(actor.tenant, case):
        return MANUFACTURERS, _shares(actor, frozen, MANUFACTURERS)
    return CUSTOMERS, users


def _shares(actor: Actor, frozen: FrozenAnswer, kind: str) -> list[Share]:
    found = shares_of(actor, frozen, by=kind)
    if not found:
        who = "customer" if kind == CUSTOMERS else "other manufacturer"
        said = f"No {who} holds or owns a unit of this answer."
        raise Refused("cases.notice_nobody", said, {"answer": frozen.ulid}, "Look at the answer: nobody is to be told.")
    if len(found) > RECIPIENTS_MAX:
        said = f"This answer concerns {len(found):,} parties, the most is {RECIPIENTS_MAX:,}."
        raise Refused("cases.recipients_many", said, {"answer": frozen.ulid}, "Narrow the question.")
    return found


def _write(
    entry: Entry, actor: Actor, case: str, code: str, version: int, kind: str, frozen: FrozenAnswer, texts: dict,
    shares: list[Share], why: str,
) -> New:  # fmt: skip
    sha256, at = bytes(frozen.sha256).hex(), entry.recorded_at
    words = json.dumps(texts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    line = [case, code, version, kind, frozen.ulid, sha256, words, actor.person]
    fact = row_text([*line, format_instant(at)])
    row = entry.facts(events.NOTICE).add([fact], [digest(fact, entry.number.to_bytes(8, "big"))[:8]])
    bulk.insert_rows("cases_notice", NOTICE_COLUMNS, [(entry.tenant, entry.number, row, *line, at)])
    facts, rows = [], []
    for one in shares:
        products = json.dumps(one.products, ensure_ascii=False, separators=(",", ":"))
        counts = (one.party, one.certain, one.possible, one.unrecorded, products, one.list_sha256)
        facts.append(row_text([code, version, *counts]))
        rows.append((entry.tenant, code, version, *counts, one.packed, entry.number))
    ids = [digest(fact, entry.number.to_bytes(8, "big"))[:8] for fact in facts]
    first = entry.facts(events.RECIPIENT).add(facts, ids)
    bulk.insert_rows(
        "cases_notice_recipient", RECIPIENT_COLUMNS, [(*row, first + place) for place, row in enumerate(rows)]
    )
    said = {"version": str(version), "kind": kind, "answer": frozen.ulid, "recipients": str(len(shares))}
    return New(case, DRAFTED, why, name=code, said=said)
