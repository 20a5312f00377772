"""A qualification run as its lines say it: which candidate, on which order, by which criteria, with which results. Pure over lines, and its reads.

Criteria are set when the run starts, before its first unit is begun, and none is changed afterwards. Two kinds: `tests` are counted from the
record (units of the order that passed a plan, that failed it), `result` comes from outside with its file (a climatic chamber, a laboratory).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from asbuilt.designed.changes.qualifying.sheets import NOT_QUALIFIED, REVOKED, RUN_BEGUN
from asbuilt.designed.changes.said.lines import KEPT, Line, codes_of, lines_of
from asbuilt.designed.changes.said.stating import CODE_CHARACTERS_MAX, unknown

PREFIX, RUN = "QR-", "qualification run"
STARTED, RESULT, JUDGED = "run_started", "run_result", "run_judged"
TESTS, OUTSIDE = "tests", "result"
KINDS = (TESTS, OUTSIDE)
FIELDS = ("functional", "security", "environmental", "accelerated", "process")
NEEDED = ("functional", "security")
"""A run without a criterion of these is none."""
PASS, FAIL = "pass", "fail"
RUNS_MAX = 1_000


@dataclass(frozen=True)
class Criterion:
    """What has to be shown: by `plan` on at least `units_min` units with at most `failed_max` that ever failed, or by a result from outside."""

    key: str
    field: str
    kind: str
    words: str
    plan: str = ""
    units_min: int = 0
    failed_max: int = 0

    def as_dict(self) -> dict:
        """As lines keep it."""
        said = {name: getattr(self, name) for name in ("key", "field", "kind", "words")}
        return said | (
            {"plan": self.plan, "units_min": self.units_min, "failed_max": self.failed_max}
            if self.kind == TESTS
            else {}
        )


@dataclass
class QualificationRun:
    """A run with what was said of it. `results` key of a criterion -> its last result."""

    code: str
    order: str
    sheet: str
    part: str
    mpn: str
    maker: str
    units: int
    started_at: int
    started_by: int | None
    why: str
    lines: Sequence[Line]
    criteria: list[Criterion] = field(default_factory=list)
    results: dict[str, Line] = field(default_factory=dict)
    judged: Line | None = None

    @property
    def open(self) -> bool:
        """Whether a verdict is wanted."""
        return self.judged is None

    @property
    def verdict(self) -> str:
        """qualified, not_qualified, revoked, or empty."""
        return self.judged.name if self.judged is not None else ""


def run_of(lines: Sequence[Line]) -> QualificationRun:
    """The run of these lines, the earliest first; the first one started it."""
    first, said = lines[0], lines[0].said
    found = QualificationRun(
        first.about, first.name, said["sheet"], said["part"], said["mpn"], said["maker"], said["units"], first.happened_at,
        first.person, first.why, lines, [Criterion(**one) for one in said["criteria"]],
    )  # fmt: skip
    for line in lines[1:]:
        if line.kind == RESULT:
            found.results[line.name] = line
        elif line.kind == JUDGED:
            found.judged = line
    return found


def standing_run(tenant: int, code: str) -> QualificationRun:
    """The run with this code. NotFound: there is none. One statement."""
    lines = lines_of(tenant, [code[:CODE_CHARACTERS_MAX]]).get(code, []) if code.startswith(PREFIX) else []
    if not lines or lines[0].kind != STARTED:
        raise unknown(RUN, code)
    return run_of(lines)


def standing_runs(tenant: int) -> list[QualificationRun]:
    """The newest 1,000 runs, the newest first. Two statements."""
    codes = codes_of(tenant, STARTED, RUNS_MAX)
    lines = lines_of(tenant, codes)
    return [run_of(lines[code]) for code in codes]


def run_of_order(tenant: int, order: str) -> str:
    """The code of the run that this order is for; empty where it is for none. One statement."""
    codes = codes_of(tenant, STARTED, 1, [order])
    return codes[0] if codes else ""


def trial_orders(tenant: int, maker: str, mpn: str) -> set[str]:
    """The orders on which this candidate is tried, or was and nobody found against it. One statement where it never was, else two."""
    wanted = (maker.casefold(), mpn.casefold())
    begun = [
        line
        for line in KEPT.of_kinds(tenant, (RUN_BEGUN,))
        if (line.said["maker"].casefold(), line.name.casefold()) == wanted
    ]
    runs = [run_of(lines) for lines in lines_of(tenant, [line.said["run"] for line in begun]).values()]
    return {one.order for one in runs if one.verdict not in (NOT_QUALIFIED, REVOKED)}
