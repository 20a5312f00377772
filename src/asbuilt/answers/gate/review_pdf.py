"""A design review on paper: PDF/A-2b with its findings on the board, actions, test steps, and what is evidence for which requirement.

    review_pdf(review_seen(actor, "DR-1"), "de", placed(…))  -> bytes

Points that nobody answered stand first, as gaps. It says what was seen and decided, and nothing about conformity. Standard: ISO 19005-2.
"""

from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import override

from asbuilt.access.actor import Actor
from asbuilt.designed.catalog.placements import Placement, placed
from asbuilt.designed.changes.said.stating import one_of
from asbuilt.formats.paper import NotSet, paper
from asbuilt.kernel.errors import Invalid
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.seen.qualifying import review_seen

_PAGE = Path(__file__).with_name("data") / "review.typ"
LANGUAGES = ("en", "de")
WIDTH_MM = 170.0
HEIGHT_MM_MAX = 200.0
COMPONENTS_MAX = 5_000


def review_pdf(review: dict, language: str = "en", board: Placement | None = None) -> bytes:
    """The page of a review as it was seen, in a language; about 0.1 s."""
    try:
        return paper(_PAGE, page_of(review, language, board), clock.now())
    except NotSet as refusal:
        told = "The report cannot be written as PDF."
        raise Invalid("gate.review_pdf", told, {"cause": str(refusal)}, "Take it as JSON.") from None


def report_of(actor: Actor, code: str, language: str) -> bytes:
    """The same of a review by its code, findings drawn on the placement in use. NotFound as `review_seen`; Invalid for another language."""
    one_of("language", language, LANGUAGES)
    review = review_seen(actor, code)
    return review_pdf(review, language, placed(actor.tenant, review["product"], review["revision"]))


def verdict_words() -> dict[str, str]:
    """What is said of a point, as people say it."""
    return {"ok": _("in order"), "finding": _("a finding"), "not_applicable": _("does not apply")}


def action_words() -> dict[str, str]:
    """How the action of a finding stands, as people say it."""
    return {"open": _("open"), "done": _("done"), "accepted": _("accepted")}


def group_words() -> dict[str, str]:
    """Groups of points, as people say them."""
    return {"security": _("Security"), "dft": _("Testability"), "dfm": _("Manufacturability"), "own": _("Own points")}


def page_of(review: dict, language: str, board: Placement | None) -> dict:
    """Everything that stands on the page, in this language."""
    with override(language):
        return _page(review, language, board)


def _page(review: dict, language: str, board: Placement | None) -> dict:
    heading = f"{review['review']} {review['product']} {review['revision']}: {review['title']}"
    marked = {refdes for one in review["points"] for refdes in _marked(one)}
    return {
        "lang": language, "heading": heading, "foot": f"{review['review']}, {review['version']}",
        "words": {"gaps": _("Open"), "board": _("Where the findings are"), "evidence": _("Evidence by requirement (Annex I)")},
        "facts": _facts(review), "gaps": _gaps(review, language), "groups": _groups(review, language),
        "boards": [] if board is None else _boards(board, marked),
        "evidence": [[one["annex"], ", ".join(f"{each['point']} ({verdict_words()[each['verdict']]})" for each in one["points"])] for one in review["evidence"]],
    }  # fmt: skip


def _marked(one: dict) -> list[str]:
    answer = one["answer"]
    return answer["refdes"] if answer is not None and answer["verdict"] == "finding" else []


def _facts(review: dict) -> list[list[str]]:
    told = [
        [_("State"), _("closed") if review["closed"] else _("open")], [_("Opened"), f"{review['opened_at'][:10]} {review['by'] or ''}"],
        [_("List of points"), review["version"]], [_("Findings"), str(review["findings"])],
    ]  # fmt: skip
    if review["closed"]:
        said = review["closed"]
        told.append([_("Closed"), f"{said['at'][:10]} {said['by'] or ''} {said['why']}"])
    return told


def _gaps(review: dict, language: str) -> list[str]:
    words = {one["point"]: one["words"].get(language, one["words"].get("en", "")) for one in review["points"]}
    open_points = [f"{key}: {words[key]}" for key in review["unanswered"]]
    return open_points + [_("%(point)s: its action is open") % {"point": key} for key in review["to_do"]]


def _groups(review: dict, language: str) -> list[dict]:
    found = []
    for name, title in group_words().items():
        points = [
            _point(one, language) for one in review["points"] if one["group"] == name and one["answer"] is not None
        ]
        if points:
            found.append({"name": title, "points": points})
    return found


def _point(one: dict, language: str) -> dict:
    answer = one["answer"]
    lines = [answer["words"]]
    if answer["refdes"]:
        lines.append(_("At: %(places)s") % {"places": " ".join(answer["refdes"])})
    if answer["action"]:
        said = {
            "action": answer["action"],
            "owner": answer["owner"],
            "due": answer["due_on"] or "–",
            "state": action_words()[answer["state"]],
        }
        lines.append(_("Action: %(action)s (%(owner)s, %(due)s, %(state)s)") % said)
    if answer["plan"]:
        lines.append(_("Shown by test plan %(plan)s %(step)s") % {"plan": answer["plan"], "step": answer["step"]})
    if answer["file"]:
        lines.append(f"{answer['file']}, SHA-256 {answer['sha256']}")
    lines.append(f"{answer['by'] or ''} {answer['at'][:10]}".strip())
    words = one["words"].get(language, one["words"].get("en", ""))
    return {
        "verdict": verdict_words()[answer["verdict"]],
        "key": one["point"],
        "words": words,
        "annex": " ".join(one["annex"]),
        "lines": lines,
    }


def _boards(board: Placement, marked: set[str]) -> list[dict]:
    """Each side with a place of a finding on it, as seen from that side; marks drawn over all other components."""
    found = []
    for side in ("top", "bottom", ""):
        here = [one for one in board.components if one.side == side][:COMPONENTS_MAX]
        if not any(one.refdes in marked for one in here):
            continue
        left, right = min(one.x_um for one in here), max(one.x_um for one in here)
        low, high = min(one.y_um for one in here), max(one.y_um for one in here)
        margin, middle = (
            5.0,
            (left + right) / 2,
        )  # what is marked right of the middle has its name on the left: it stays on the board
        scale = min((WIDTH_MM - 2 * margin) / max(right - left, 1), (HEIGHT_MM_MAX - 2 * margin) / max(high - low, 1))
        parts = [
            {"refdes": one.refdes, "mark": one.refdes in marked, "left": (one.x_um > middle) != (side == "bottom"), "y": margin + (high - one.y_um) * scale,
             "x": margin + ((right - one.x_um) if side == "bottom" else (one.x_um - left)) * scale}
            for one in sorted(here, key=lambda one: one.refdes in marked)
        ]  # fmt: skip
        words = {"top": _("Top side"), "bottom": _("Bottom side, as seen from below"), "": _("Side not said")}
        found.append({"side": words[side], "height": 2 * margin + (high - low) * scale, "parts": parts})
    return found
