"""What the units of a shipment run, by role: by their own last successful record, or as the package came that they carry.

    runs_of(view, units, carried)   -> (unit, role) -> release, since when

Only what is certain stands here: of a splice between packages that came with different releases nobody knows, and it is told as a gap.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.programming.running import Pass, may_be_last
from asbuilt.designed.firmware.queries import APP
from asbuilt.questions.genealogy.evaluating.came_with import came_with, certainly_by_package, releases_named
from asbuilt.questions.genealogy.evaluating.view import View, joined
from asbuilt.storage import reading


@dataclass(frozen=True)
class Runs:
    """A release on a unit; `at` None where it came so from the maker of a module."""

    product: str
    version: str
    sha256: str
    at: int | None


def runs_of(view: View, units: BitMap, carried: Iterable[tuple[BitMap, int]]) -> dict[tuple[int, str], Runs]:
    """`carried` is (units, package), as far as it is known. A few statements, and those of a question for each release of a package."""
    carried = list(carried)
    found = _by_own_record(view, units)
    packages = {package for _, package in carried}
    sure = certainly_by_package(view, units, packages)
    if not sure:
        return found
    said, came = releases_named(view, set(sure)), came_with(view, packages)
    for some, package in carried:
        for one in came.get(package, ()):
            if one.release in said:
                _, role, version, product, digest, *_ = said[one.release]
                runs = Runs(product, version, bytes(digest).hex(), one.at)
                for unit in some & sure.get(one.release, BitMap()):
                    _put(found, (unit, role or APP), runs)
    return found


def _put(found: dict[tuple[int, str], Runs], key: tuple[int, str], runs: Runs) -> None:
    """The later of what is known; what came from a maker goes before nothing."""
    known = found.get(key)
    if known is None or (runs.at is not None and (known.at is None or known.at <= runs.at)):
        found[key] = runs


def _by_own_record(view: View, units: BitMap) -> dict[tuple[int, str], Runs]:
    sql = (
        'SELECT p.unit, f.role, c.code, f.version, f.sha256, p.happened_at, p.laid_at, p.entry, p."row", p.release FROM '
        "programming_record p JOIN firmware_release f ON "
        "f.tenant = p.tenant AND f.number = p.release JOIN catalog_product c ON c.tenant = f.tenant AND c.number = f.product "
        "WHERE p.tenant = %s AND p.unit >= %s AND p.unit < %s AND p.result = 0"
    )
    said: dict[tuple[int, str], dict[Pass, Runs]] = {}
    for low, high in joined(units):
        rows = reading.fetch(sql + view.seen("p"), (view.tenant, low, high))
        for unit, role, product, version, digest, at, laid, entry, row, release in rows:
            if unit in units:
                one = Pass(at, entry, row, (release,), laid)
                said.setdefault((unit, role or APP), {})[one] = Runs(product, version, bytes(digest).hex(), at)
    last = {}
    for key, passes in said.items():
        ends = may_be_last(passes)
        if len({one.key for one in ends}) == 1:
            last[key] = passes[ends[-1]]
    return last
