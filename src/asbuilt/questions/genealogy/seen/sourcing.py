"""Change notices and life cycles as people and programs read them. A person of a party sees the notices that touch products of his own: what the maker
says, where he is touched, what was decided; not why, by whom, through which supplier, nor by an ECO that he does not see.
"""

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import RECORD_READ
from asbuilt.designed.changes.controlling.queries import eco
from asbuilt.designed.changes.qualifying.sheets import standing_sheets
from asbuilt.designed.changes.said.stating import refuse_party, unknown
from asbuilt.designed.changes.sourcing.notice_file import NOTICE, PART, ChangeNotice
from asbuilt.designed.changes.sourcing.queries import life_cycles, standing_notice, standing_notices
from asbuilt.designed.parties.queries import names
from asbuilt.kernel.errors import NotAllowed, NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.questions.genealogy.answering.where_used import touches, where_used
from asbuilt.storage import reading


def notice_seen(actor: Actor, code: str) -> dict:
    """One change notice with where its parts are used. NotFound: there is none, or none about a product of the reader's party."""
    actor.require(RECORD_READ)
    with reading.snapshot():
        notice = standing_notice(actor.tenant, code)
        if not touches(actor, notice):
            raise unknown(NOTICE, code)
        house = actor.party is None
        people = People(actor.tenant, 0).codes(line.person for line in notice.lines) if house else {}
        parties = names(actor.tenant) if house else {}
        return {
            **_head(actor, notice), "supplier": parties.get(notice.supplier), "source": notice.source, "words": notice.words,
            "changes": notice.changes, "identification": notice.identification, "suggested_date_code": notice.suggested,
            "attachments": notice.attachments, "file": notice.file.get("file", ""), "sha256": notice.file.get("sha256", ""),
            "used": where_used(actor, notice),
            "alternates": [] if not house else [
                {"sheet": one.code, "part": one.part, "title": one.title} for one in standing_sheets(actor.tenant) if one.notice == code
            ],
            "timeline": [
                {"kind": line.kind, "name": line.name, "at": format_instant(line.happened_at), "by": people.get(line.person),
                 "why": line.why if house else "", "eco": _eco_seen(actor, line.said.get("eco", "")), "day": line.said.get("day", ""),
                 "percent": line.said.get("percent"), "dates": line.said.get("dates", {}) if line.kind == "notice_amended" else {}}
                for line in notice.lines if line.kind != PART
            ],
        }  # fmt: skip


def notices_seen(actor: Actor) -> list[dict]:
    """All that the reader may see, the newest first."""
    actor.require(RECORD_READ)
    with reading.snapshot():
        return [_head(actor, notice) for notice in standing_notices(actor.tenant) if touches(actor, notice)]


def _eco_seen(actor: Actor, code: str) -> str:
    """The ECO's code where the reader may see that ECO: one of another's products is none for him."""
    if actor.party is None or not code:
        return code
    try:
        return eco(actor, code).code
    except (NotFound, NotAllowed):
        return ""


def _head(actor: Actor, notice: ChangeNotice) -> dict:
    decision = notice.decision
    return {
        "notice": notice.code, "kind": notice.kind, "number": notice.number, "maker": notice.maker, "title": notice.title,
        "issued_on": notice.issued_on, "taken_at": format_instant(notice.taken_at), "parts": [one.mpn for one in notice.parts],
        "dates": notice.dates, "state": "open" if notice.open else "decided",
        "decision": decision.name if decision is not None and not notice.open else "", "eco": _eco_seen(actor, notice.eco) if not notice.open else "",
    }  # fmt: skip


def life_cycles_seen(actor: Actor) -> list[dict]:
    """Of each maker's part what a file said last. NotFound for a party's person."""
    refuse_party(actor, "file of life cycles", "")
    actor.require(RECORD_READ)
    return [
        {"mpn": one.mpn, "maker": one.maker, "state": one.state, "said": one.said, "last_buy": one.last_buy, "source": one.source,
         "file": one.file, "sha256": one.sha256, "taken": one.code, "at": format_instant(one.happened_at)}
        for one in life_cycles(actor.tenant)
    ]  # fmt: skip
