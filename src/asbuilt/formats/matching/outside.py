"""The quick look: is a version plainly outside of everything that a record says of a key?

Nearly all criteria that have a component's key are about other versions of it. For plain versions (numbers and nothing else) and
plain bounds that is a comparison of numbers; whatever is not plain is left to the whole judgement. So this may say True only
where `judging.judge` says NO.
"""

from functools import lru_cache

from asbuilt.formats.matching import subjects
from asbuilt.formats.matching.cpe_names import plain, read_cpe
from asbuilt.formats.versions.order import UBOOT, UPSTREAM, ZEPHYR
from asbuilt.formats.versions.ranges import OPEN, START
from asbuilt.formats.versions.releases import read_release
from asbuilt.formats.versions.schemes import scheme_of

Numbers = tuple[int, ...]
# low, included, high, included; None is open
Bounds = tuple[Numbers | None, bool, Numbers | None, bool]
_PLAIN_STAGE = ((0, 0),)


@lru_cache(200_000)
def plain_numbers(version: str) -> Numbers | None:
    """The numbers of a version that is nothing but numbers (zeros at the end left out); None for any other, or by the calendar."""
    read = read_release(version)
    if read is None or read.mark or read.letter or read.snapshot or read.tail or read.revision or read.dated:
        return None
    return read.numbers if read.stage == _PLAIN_STAGE else None


def plain_bounds(criteria) -> tuple[Bounds, ...] | None:
    """The bounds of all ranges of a record's criteria of one key; None where one of them is not plain."""
    found = []
    for _, criterion in criteria:
        scheme = _scheme(criterion)
        if not criterion.ranges or scheme is None:
            return None
        for bounds in criterion.ranges:
            if scheme_of(*scheme, bounds.scheme) not in UPSTREAM - {ZEPHYR, UBOOT}:
                return None
            one = _bounds(bounds)
            if one is None:
                return None
            found.append(one)
    return tuple(found)


def _scheme(criterion) -> tuple[str, str] | None:
    """Purl type and name that decide how versions compare; None where more than versions decides."""
    if criterion.kind == subjects.PURL:
        return None if criterion.ecosystem else (subjects.purl_type(criterion.key), criterion.key.rpartition("/")[2])
    if criterion.kind != subjects.CPE:
        return None
    name = read_cpe(criterion.cpe)
    # a version or an update in the name itself is compared otherwise
    if name is None or name.version != "*" or name.update != "*":
        return None
    return "", plain(name.product)


def _bounds(bounds) -> Bounds | None:
    if bounds.exact:
        return None
    low = high = None
    if bounds.low not in OPEN and not (bounds.low == START and bounds.low_included):
        low = plain_numbers(bounds.low)
        if low is None:
            return None
    if bounds.high not in OPEN:
        high = plain_numbers(bounds.high)
        if high is None:
            return None
    return None if low is None and high is None else (low, bounds.low_included, high, bounds.high_included)


def outside_of_all(version: Numbers, bounds: tuple[Bounds, ...]) -> bool:
    """Whether the version is in none of them."""
    for low, low_included, high, high_included in bounds:
        if low is not None and (version < low or (version == low and not low_included)):
            continue
        if high is not None and (version > high or (version == high and not high_included)):
            continue
        return False
    return True
