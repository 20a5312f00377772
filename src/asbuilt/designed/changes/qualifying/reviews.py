"""Design reviews (DFM, DFT) as their lines say them: each point of a dated list answered, findings placed on the board. Pure over lines, and reads.

A point is `ok`, `finding` or `not_applicable`; one's own points have keys `own.…`. A finding has an action with an owner and a day until it is
done, and may name the step of a test plan that shows it from then on. A review closes when every point is answered and every action is done or
left open with a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from asbuilt.designed.changes.qualifying.rule_files import Point, review_points
from asbuilt.designed.changes.said.lines import Line, codes_of, lines_of
from asbuilt.designed.changes.said.stating import CODE_CHARACTERS_MAX, unknown

PREFIX, REVIEW = "DR-", "design review"
OPENED, ANSWERED, CLOSED = "review_opened", "review_answered", "review_closed"
OK, FINDING, NOT_APPLICABLE = "ok", "finding", "not_applicable"
VERDICTS = (OK, FINDING, NOT_APPLICABLE)
OPEN, DONE, ACCEPTED = "open", "done", "accepted"
STATES = (OPEN, DONE, ACCEPTED)
OWN = "own."
REVIEWS_MAX = 1_000


@dataclass
class DesignReview:
    """A review of a hardware revision; `answers` key of a point -> its last answer. `version` of the list that it goes by."""

    code: str
    product: str
    revision: str
    title: str
    version: str
    opened_at: int
    opened_by: int | None
    lines: Sequence[Line]
    points: tuple[Point, ...]
    answers: dict[str, Line] = field(default_factory=dict)
    closed: Line | None = None

    @property
    def findings(self) -> list[Line]:
        """The last answers that are findings."""
        return [line for line in self.answers.values() if line.said["verdict"] == FINDING]

    @property
    def unanswered(self) -> list[str]:
        """Keys of points that nobody answered."""
        return [one.key for one in self.points if one.key not in self.answers]

    @property
    def to_do(self) -> list[str]:
        """Keys of findings whose action is open."""
        return [line.name for line in self.findings if line.said["state"] == OPEN]

    def evidence(self) -> dict[str, list[Line]]:
        """Requirement of Annex I -> the answers that bear on it."""
        annex = {one.key: one.annex for one in self.points}
        found: dict[str, list[Line]] = {}
        for line in self.answers.values():
            for key in (*annex.get(line.name, ()), *line.said.get("annex", ())):
                if line.said["verdict"] != NOT_APPLICABLE:
                    found.setdefault(key, []).append(line)
        return dict(sorted(found.items()))


def review_of(lines: Sequence[Line]) -> DesignReview:
    """The review of these lines, the earliest first; the first one opened it and names the points it goes by."""
    first, said = lines[0], lines[0].said
    known = {one.key: one for one in review_points()[1]}
    points = tuple(known[key] for key in said["points"] if key in known)
    found = DesignReview(
        first.about,
        first.name,
        said["revision"],
        said["title"],
        said["version"],
        first.happened_at,
        first.person,
        lines,
        points,
    )
    for line in lines[1:]:
        if line.kind == ANSWERED:
            found.answers[line.name] = line
        elif line.kind == CLOSED:
            found.closed = line
    return found


def standing_review(tenant: int, code: str) -> DesignReview:
    """The review with this code. NotFound: there is none. One statement."""
    lines = lines_of(tenant, [code[:CODE_CHARACTERS_MAX]]).get(code, []) if code.startswith(PREFIX) else []
    if not lines or lines[0].kind != OPENED:
        raise unknown(REVIEW, code)
    return review_of(lines)


def standing_reviews(tenant: int) -> list[DesignReview]:
    """The newest 1,000 reviews, the newest first. Two statements."""
    codes = codes_of(tenant, OPENED, REVIEWS_MAX)
    lines = lines_of(tenant, codes)
    return [review_of(lines[code]) for code in codes]
