"""Which firmware of a product runs on how many of its units, newest release first; each line is a question away from its units."""

from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.designed.firmware.queries import APP, ranks, withdrawn_releases
from asbuilt.kernel.spans import bitmap_of
from asbuilt.questions.genealogy.answering.narrowing import written
from asbuilt.questions.genealogy.evaluating.firmware import units_of_releases
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

RELEASES_SHOWN = 30


@dataclass(frozen=True)
class VersionSeen:
    """A release: for which hardware revisions, whether withdrawn, on how many units it runs, and the question that lists them."""

    role: str
    version: str
    sha256: str
    revisions: str
    security_relevant: bool
    withdrawn: bool
    certain: int
    possible: int
    question: str


def versions_of(view: View, product: int, code: str, made: bool = True) -> tuple[VersionSeen, ...]:
    """The newest 30 releases, by role (app first), newest first; where the reader does not make it, those on his units. Three statements, and those of a
    question each."""
    sql = (
        "SELECT t.number, t.role, t.version, t.sha256, t.revisions, t.security_relevant FROM firmware_release t "
        "WHERE t.tenant = %s AND t.product = %s"
    ) + view.seen("t")
    rows = reading.fetch(f"{sql} ORDER BY t.number DESC LIMIT {RELEASES_SHOWN}", (view.tenant, product))
    places: dict[int, int] = {}
    for role in {row[1] for row in rows}:
        places |= ranks(view.tenant, product, role, view.entry)
    gone, mine, gaps = withdrawn_releases(view.tenant), _units(view, product), list(view.gaps)
    found = []
    for number, role, version, sha256, revisions, security in rows:
        runs = units_of_releases(view, [number], False, mine).within(mine)
        if not made and not runs:
            continue
        role = role or APP
        named = version if role == APP else f"{role}/{version}"
        question = f"{written('firmware', named)} {written('product', code)}"
        said = (role, version, bytes(sha256).hex(), revisions, bool(security), (code, role, version) in gone)
        seen = VersionSeen(*said, len(runs.certain), len(runs.possible - runs.certain), question)
        found.append((role != APP, role, -places.get(number, 0), number, seen))
    view.gaps[:] = gaps  # what is silent is told where the question is asked
    return tuple(one for *_, one in sorted(found, key=lambda one: one[:4]))


def _units(view: View, product: int) -> BitMap:
    sql = "SELECT b.first_unit, b.until_unit FROM production_block b WHERE b.tenant = %s AND b.product = %s"
    return bitmap_of(reading.fetch(sql + view.seen("b"), (view.tenant, product)))
