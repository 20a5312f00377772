"""Verbs of design reviews.

    open_review(actor, product="AB-100", revision="B", title="before the pilot")      -> "DR-1"
    answer_point(actor, review="DR-1", point="sec.debug", verdict="finding", words="SWD pads stay open", refdes=["TP4"], action="cover them",
                 owner="045", due_on="2027-03-15", plan="FCT", step="debug_locked")
    answer_point(…, state="done", words="…")                                         what became of it; the last word holds
    close_review(actor, review="DR-1", why="…")                                       a second person

Refused: a point that is neither of the list nor one's own, a place that the revision does not have, a finding without an action, a step that no
version of the plan has, a closing with points open or by whoever opened it.
"""

from collections.abc import Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.rights import SOURCING_DECIDE, SOURCING_WORK
from asbuilt.designed.catalog.placements import placed
from asbuilt.designed.catalog.positions import natural_key
from asbuilt.designed.catalog.queries import standing_products, standing_revisions
from asbuilt.designed.catalog.test_plans import versions_of
from asbuilt.designed.changes import events
from asbuilt.designed.changes.qualifying import reviews as words
from asbuilt.designed.changes.qualifying.reviews import REVIEW, DesignReview, review_of
from asbuilt.designed.changes.qualifying.rule_files import review_points
from asbuilt.designed.changes.said.lines import Line, New, code_in, free_code
from asbuilt.designed.changes.said.stating import (
    NAME_CHARACTERS_MAX,
    file_said,
    kept_file,
    one_of,
    refuse_party,
    state,
    text,
    unknown,
)
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.kernel.instants import parse_date
from asbuilt.ledger.recording import Entry
from asbuilt.storage import reading

PLACES_MAX = 200
ANNEX = ("I.1", *(f"I.2.{letter}" for letter in "abcdefghijklm"), *(f"II.{number}" for number in range(1, 9)))


def open_review(actor: Actor, *, product: str, revision: str, title: str, request_key: str | None = None) -> str:
    """Begin to review a hardware revision by the list of today; returns the code."""
    refuse_party(actor, REVIEW, "")
    title = text("title", title, NAME_CHARACTERS_MAX)
    version, points = review_points()

    def lines(entry: Entry, _: list[Line]) -> list[New]:
        if product not in standing_products(entry.tenant) or revision not in standing_revisions(entry.tenant, product):
            said = f"There is no {product[:60]} {revision[:60]}."
            facts = {"product": product[:60], "revision": revision[:60]}
            raise NotFound("changes.revision_unknown", said, facts, "Look at bom.csv.")
        code = free_code(entry.tenant, words.OPENED, words.PREFIX)
        said = {"revision": revision, "title": title, "version": version, "points": [one.key for one in points]}
        return [New(code, words.OPENED, name=product, said=said)]

    asked = [product, revision, title]
    entry = state(actor, events.REVIEW_OPENED, SOURCING_WORK, asked, lines, request_key=request_key)
    return code_in(actor.tenant, entry, words.OPENED)


def answer_point(
    actor: Actor,
    *,
    review: str,
    point: str,
    verdict: str,
    words_said: str,
    refdes: Sequence[str] = (),
    action: str = "",
    owner: str = "",
    due_on: str = "",
    state_now: str = words.OPEN,
    plan: str = "",
    step: str = "",
    annex: Sequence[str] = (),
    content: bytes | None = None,
    name: str = "",
    request_key: str | None = None,
) -> int:
    """What the review says of a point; the last word holds, all stay. Returns the entry."""
    refuse_party(actor, REVIEW, review)
    said = _answer(verdict, refdes, action, owner, due_on, state_now, plan, step, annex)
    why = text("words", words_said)
    with kept_file(actor.tenant, content, name) as kept:

        def lines(entry: Entry, before: list[Line]) -> list[New]:
            found = _review(review, before)
            _refuse_closed(found)
            _check_point(found, point)
            _check_places(entry.tenant, found, said.get("refdes", ()))
            _check_step(entry.tenant, found, plan, step)
            return [New(review, words.ANSWERED, why, name=point, said={**said, **file_said(kept)})]

        asked = [point, said, why, file_said(kept)]
        return state(
            actor, events.REVIEW_STATED, SOURCING_WORK, asked, lines, about=review, attached=kept,
            request_key=request_key,
        )  # fmt: skip


def _answer(verdict, refdes, action, owner, due_on, state_now, plan, step, annex) -> dict:
    one_of("verdict", verdict, words.VERDICTS)
    one_of("state", state_now, words.STATES)
    for key in annex:
        one_of("annex", key, ANNEX)
    finding = verdict == words.FINDING
    said = {
        "verdict": verdict, "action": text("action", action, needed=finding), "owner": text("owner", owner, NAME_CHARACTERS_MAX, needed=finding and state_now == words.OPEN),
        "due_on": due_on.strip(), "plan": text("plan", plan, 80, needed=bool(step)), "step": text("step", step, NAME_CHARACTERS_MAX, needed=False),
        "annex": list(dict.fromkeys(annex)), "refdes": sorted({one.strip() for one in refdes if one.strip()}, key=natural_key),
    }  # fmt: skip
    try:
        if said["due_on"]:
            parse_date(said["due_on"])
    except ValueError as refused:
        raise Invalid("changes.date", f"due_on: {refused}.", {"field": "due_on"}, "Write 2027-03-15.") from None
    if len(said["refdes"]) > PLACES_MAX:
        reason = f"More than {PLACES_MAX} places."
        raise Invalid("changes.places_many", reason, {"field": "refdes"}, "Name those that matter.")
    found = {key: value for key, value in said.items() if value}
    return found | ({"state": state_now} if finding else {})


def _check_point(found: DesignReview, point: str) -> None:
    known = {one.key for one in found.points}
    if point not in known and not (point.startswith(words.OWN) and 0 < len(point.removeprefix(words.OWN)) <= 60):
        said = f"{point[:60]!a} is no point of {found.code}."
        remedy = f"One of {', '.join(sorted(known))}; your own begin with {words.OWN}"
        raise NotFound("changes.point_unknown", said, {"point": point[:60]}, remedy)


def _check_places(tenant: int, found: DesignReview, refdes: Sequence[str]) -> None:
    if not refdes:
        return
    known = positions_of(tenant, found.product, found.revision)
    wrong = [one for one in refdes if one not in known]
    if wrong:
        said = f"{found.product} {found.revision} has no {', '.join(wrong[:10])}."
        raise NotFound("changes.place_unknown", said, {"refdes": wrong[:10]}, "Look at the board map.")


def positions_of(tenant: int, product: str, revision: str) -> set[str]:
    """Every designator of a revision: of its placement in use and of its BOM versions. Two statements."""
    board = placed(tenant, product, revision)
    found = {one.refdes for one in board.components} if board is not None else set()
    sql = (
        "SELECT DISTINCT g.refdes FROM catalog_product p JOIN catalog_revision r ON r.tenant = p.tenant AND r.product = p.number "
        "JOIN catalog_bom b ON b.tenant = r.tenant AND b.revision = r.number JOIN catalog_bom_line l ON l.tenant = b.tenant "
        'AND l.bom = b.number AND l.until_entry IS NULL JOIN catalog_group_position g ON g.tenant = l.tenant AND g."group" = l."group" '
        "WHERE p.tenant = %s AND p.code = %s AND r.code = %s"
    )
    return found | {one for (one,) in reading.fetch(sql, (tenant, product, revision)) if not one.startswith("#")}


def _check_step(tenant: int, found: DesignReview, plan: str, step: str) -> None:
    if not plan:
        return
    versions = [one for one in versions_of(tenant, plan).values() if one.product == found.product]
    if not versions:
        said = f"{found.product} has no test plan {plan[:60]}."
        raise NotFound("changes.plan_unknown", said, {"plan": plan[:60]}, "Propose the plan first.")
    if step and not any(each.name == step for one in versions for each in one.content.steps):
        said = f"No version of {plan[:60]} has a step {step[:60]}."
        raise NotFound("changes.step_unknown", said, {"step": step[:60]}, "Propose a version with it first.")


def close_review(actor: Actor, *, review: str, why: str, request_key: str | None = None) -> int:
    """Every point is answered and every action done or accepted; by another person than who opened it. Returns the entry."""
    refuse_party(actor, REVIEW, review)
    why = text("why", why)
    actor.require(SOURCING_DECIDE)

    def lines(_: Entry, before: list[Line]) -> list[New]:
        found = _review(review, before)
        _refuse_closed(found)
        if actor.person is None:
            raise Refused(
                "changes.no_person", "The system account is no person.", {"code": review}, "Sign in to close it."
            )
        if actor.person == found.opened_by:
            raise Refused(
                "changes.second_person", f"You opened {review}.", {"code": review}, "Have a second person close it."
            )
        left = found.unanswered + found.to_do
        if left:
            said = f"{review} has {len(left)} points open: {', '.join(left[:5])}."
            raise Refused("changes.review_open", said, {"open": left}, "Answer them, and finish their actions.")
        return [New(review, words.CLOSED, why)]

    return state(actor, events.REVIEW_CLOSED, SOURCING_DECIDE, [why], lines, about=review, request_key=request_key)


def _review(code: str, lines: list[Line]) -> DesignReview:
    if not lines or lines[0].kind != words.OPENED:
        raise unknown(REVIEW, code)
    return review_of(lines)


def _refuse_closed(found: DesignReview) -> None:
    if found.closed is not None:
        raise Refused("changes.review_closed", f"{found.code} is closed.", {"code": found.code}, "Open another one.")
