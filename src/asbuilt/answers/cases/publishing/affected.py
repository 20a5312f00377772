"""Affected units as products of an advisory: hardware revisions, the firmware that runs on them, and their serial numbers as ranges.

    stretches(view, units, names)   -> Stretch for each product, hardware revision and firmware release, certain and unsure apart

Ranges are of serial numbers as labels have them: one prefix, as many digits, without a gap, so that no other unit of the product is inside.
Units without a serial number are counted, never named.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.designed.firmware.queries import APP
from asbuilt.formats.csaf.advisory import SerialRange
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.genealogy.evaluating.firmware import runs_over, units_of_releases
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

RANGES_MAX = 500
UNITS_NAMED_MAX = 2_000_000
_NUMBERED = re.compile(r"(.*?)([0-9]{1,30})", re.DOTALL).fullmatch


@dataclass(frozen=True)
class Release:
    """A firmware release that runs on units."""

    role: str
    version: str
    sha256: str


@dataclass(frozen=True)
class Stretch:
    """Units of one product, hardware revision and firmware (None: none is recorded); `sure`: certainly affected; `many`: more than are named."""

    product: str
    revision: str
    release: Release | None
    sure: bool
    count: int
    ranges: tuple[SerialRange, ...]
    unnamed: int
    cut: bool
    many: bool = False


def stretches(view: View, units: UnitSet, names: dict[int, str] | None) -> list[Stretch]:
    """The units by what they are, the most first; without `names` no serial number is told. A statement for blocks, revisions and runs each, three a release."""
    everything = units.unrecorded
    if not everything:
        return []
    found = []
    places = _places(view, everything)
    by_release = _releases(view, everything)
    for (product, revision), held in places.items():
        left = BitMap(held)
        for release, running in by_release:
            mine = held & running
            left -= mine
            found += _apart(product, revision, release, mine, units, names)
        found += _apart(product, revision, None, left, units, names)
    return sorted(found, key=lambda one: (not one.sure, -one.count, one.product, one.revision))


def _apart(
    product: str, revision: str, release: Release | None, held: BitMap, units: UnitSet, names: dict[int, str] | None
) -> Iterable[Stretch]:
    for sure, grade in ((True, units.certain), (False, units.unrecorded - units.certain)):
        mine = held & grade
        if not mine:
            continue
        if names is None:
            yield Stretch(product, revision, release, sure, len(mine), (), 0, False, many=True)
            continue
        serials = [names[unit] for unit in mine if unit in names]
        ranges = serial_ranges(serials)
        cut = len(ranges) > RANGES_MAX
        unnamed = len(mine) - sum(_writable(one) for one in serials)
        yield Stretch(product, revision, release, sure, len(mine), () if cut else tuple(ranges), unnamed, cut)


def serial_ranges(serials: Iterable[str]) -> list[SerialRange]:
    """The fewest ranges that hold exactly these serial numbers, in order."""
    numbered: dict[tuple[str, int], list[int]] = {}
    single = []
    for one in set(serials):
        if not _writable(one):
            continue
        if match := _NUMBERED(one):
            numbered.setdefault((match[1], len(match[2])), []).append(int(match[2]))
        else:
            single.append(one)
    found = [SerialRange(one, one) for one in sorted(single)]
    for (prefix, digits), numbers in sorted(numbered.items()):
        numbers.sort()
        first = last = numbers[0]
        for number in [*numbers[1:], None]:
            if number is not None and number == last + 1:
                last = number
                continue
            found.append(SerialRange(f"{prefix}{first:0{digits}}", f"{prefix}{last:0{digits}}"))
            first = last = number
    return found


def _writable(serial: str) -> bool:
    """Whether a pattern of the standard can name it: what holds a sign of the patterns itself cannot be written."""
    return not {"?", "*"} & set(serial)


def _places(view: View, units: BitMap) -> dict[tuple[str, str], BitMap]:
    """(product, hardware revision) -> its units among these."""
    sql = (
        "SELECT r.number, p.code, r.code FROM catalog_revision r JOIN catalog_product p ON p.tenant = r.tenant "
        "AND p.number = r.product WHERE r.tenant = %s AND " + reading.any_of("r.number")
    )
    blocks = view.blocks_over(units)
    wanted = sorted({block.revision for block in blocks})
    codes = {number: (product, code) for number, product, code in reading.fetch(sql, (view.tenant, reading.list_param(wanted)))}  # fmt: skip
    found: dict[tuple[str, str], BitMap] = {}
    for block in blocks:
        span = BitMap()
        span.add_range(block.first, block.until)
        found.setdefault(codes[block.revision], BitMap()).update(units & span)
    return found


def _releases(view: View, units: BitMap) -> list[tuple[Release, BitMap]]:
    """Releases of the app role that run on some of these units, with which."""
    numbers = sorted({row[0] for row in runs_over(view, units)})
    if not numbers:
        return []
    sql = "SELECT number, role, version, sha256 FROM firmware_release WHERE tenant = %s AND " + reading.any_of("number")
    rows = reading.fetch(sql, (view.tenant, reading.list_param(numbers)))
    gaps = list(view.gaps)
    found = []
    for number, role, version, sha256 in rows:
        if (role or APP) == APP:
            running = units_of_releases(view, [number], False, units).within(units)
            found.append((Release(role or APP, version, bytes(sha256).hex()), BitMap(running.possible)))
    view.gaps[:] = gaps
    return found
