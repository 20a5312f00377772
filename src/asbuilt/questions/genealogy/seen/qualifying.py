"""Alternates sheets and design reviews as people and programs read them: of the house, for a party's person there is none."""

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import RECORD_READ
from asbuilt.designed.changes.qualifying.reviews import (
    REVIEW,
    DesignReview,
    standing_review,
    standing_reviews,
)
from asbuilt.designed.changes.qualifying.rule_files import properties
from asbuilt.designed.changes.qualifying.sheets import (
    ALTERNATE,
    LOWER,
    SHEET,
    UNKNOWN,
    Sheet,
    compared,
    standing_sheet,
    standing_sheets,
)
from asbuilt.designed.changes.said.lines import Line
from asbuilt.designed.changes.said.stating import refuse_party
from asbuilt.kernel.instants import format_instant
from asbuilt.storage import reading


def sheet_seen(actor: Actor, code: str) -> dict:
    """One sheet: its candidates, and property by property how they compare."""
    refuse_party(actor, SHEET, code)
    actor.require(RECORD_READ)
    with reading.snapshot():
        sheet = standing_sheet(actor.tenant, code)
        people = People(actor.tenant, 0).codes(line.person for line in sheet.lines)
        return {
            **_sheet(sheet), "version": properties()[0], "compared": compared(sheet),
            "timeline": [
                {"kind": line.kind, "name": line.name, "at": format_instant(line.happened_at), "by": people.get(line.person), "why": line.why,
                 "run": line.said.get("run", ""), "verdict": line.said.get("verdict", "")}
                for line in sheet.lines
            ],
        }  # fmt: skip


def sheets_seen(actor: Actor) -> list[dict]:
    """All sheets, the newest first."""
    refuse_party(actor, SHEET, "")
    actor.require(RECORD_READ)
    return [_sheet(sheet) for sheet in standing_sheets(actor.tenant)]


def _sheet(sheet: Sheet) -> dict:
    rows = compared(sheet)
    return {
        "sheet": sheet.code, "part": sheet.part, "title": sheet.title, "notice": sheet.notice, "opened_at": format_instant(sheet.opened_at),
        "candidates": [
            {"mpn": one.mpn, "maker": one.maker, "role": one.role, "state": one.state if one.role == ALTERNATE else "", "run": one.run,
             "order": one.order, "properties": one.properties, "words": one.words, "file": one.file.get("file", ""),
             "sha256": one.file.get("sha256", ""), "lower": _keys(rows, one.mpn, one.maker, LOWER), "unknown": _keys(rows, one.mpn, one.maker, UNKNOWN)}
            for one in sheet.candidates.values()
        ],
    }  # fmt: skip


def _keys(rows: list[dict], mpn: str, maker: str, compares: str) -> list[str]:
    """The properties in which a candidate compares so."""
    return [
        row["key"]
        for row in rows
        if any((one["mpn"], one["maker"], one["compares"]) == (mpn, maker, compares) for one in row["alternates"])
    ]


def review_seen(actor: Actor, code: str) -> dict:
    """One review: every point with its last answer, findings, evidence by requirement of Annex I."""
    refuse_party(actor, REVIEW, code)
    actor.require(RECORD_READ)
    with reading.snapshot():
        review = standing_review(actor.tenant, code)
        people = People(actor.tenant, 0).codes(line.person for line in review.lines)
        listed = [
            {"point": one.key, "group": one.group, "words": one.words, "annex": list(one.annex), "test": one.test,
             "answer": _answer(review.answers.get(one.key), people)}
            for one in review.points
        ]  # fmt: skip
        own = [
            {"point": key, "group": "own", "words": {}, "annex": line.said.get("annex", []), "test": "", "answer": _answer(line, people)}
            for key, line in review.answers.items() if key not in {one.key for one in review.points}
        ]  # fmt: skip
        closed = review.closed
        return {
            **_head(review), "opened_at": format_instant(review.opened_at), "by": people.get(review.opened_by), "points": listed + own,
            "evidence": [
                {"annex": key, "points": [{"point": line.name, "verdict": line.said["verdict"], "plan": line.said.get("plan", ""), "step": line.said.get("step", "")} for line in lines]}
                for key, lines in review.evidence().items()
            ],
            "closed": None if closed is None else {"by": people.get(closed.person), "at": format_instant(closed.happened_at), "why": closed.why},
        }  # fmt: skip


def reviews_seen(actor: Actor) -> list[dict]:
    """All reviews, the newest first."""
    refuse_party(actor, REVIEW, "")
    actor.require(RECORD_READ)
    return [_head(review) for review in standing_reviews(actor.tenant)]


def _head(review: DesignReview) -> dict:
    return {
        "review": review.code, "product": review.product, "revision": review.revision, "title": review.title, "version": review.version,
        "state": "open" if review.closed is None else "closed", "findings": len(review.findings), "to_do": review.to_do,
        "unanswered": review.unanswered,
    }  # fmt: skip


def _answer(line: Line | None, people: dict[int, str]) -> dict | None:
    if line is None:
        return None
    said = line.said
    return {
        "verdict": said["verdict"], "words": line.why, "refdes": said.get("refdes", []), "action": said.get("action", ""),
        "owner": said.get("owner", ""), "due_on": said.get("due_on", ""), "state": said.get("state", ""), "plan": said.get("plan", ""),
        "step": said.get("step", ""), "file": said.get("file", ""), "sha256": said.get("sha256", ""), "by": people.get(line.person),
        "at": format_instant(line.happened_at),
    }  # fmt: skip
