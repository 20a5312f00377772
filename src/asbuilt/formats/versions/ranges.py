"""Whether a version lies in a range that an advisory names, and in words why.

A range has a low and a high end, each with or without the version itself, empty where it is open; or one exact version.
Snapshots (a commit after a tag, Zephyr's 3.5.99) stand between releases: a bound that such a state may or may not hold yet
makes the answer UNSURE. A packager's revision (-r4, -1ubuntu2) does not move a version away from a bound without one: it is
still that upstream release, patched or not.
"""

import re
from dataclasses import dataclass, replace
from typing import Protocol

from asbuilt.formats.versions.matches import Match, all_of
from asbuilt.formats.versions.order import UPSTREAM, ZEPHYR, base_order, compare, compare_releases
from asbuilt.formats.versions.releases import Release, read_release

OPEN = frozenset(("", "*"))
START = "0"  # OSV: before every version
_BRANCH = re.compile(r"v?([0-9]+(?:\.[0-9]+)*)(?:\.[x*])+", re.IGNORECASE)
# words for several versions, where one was asked for: before 2.3; 1.0 through 2.5; 2.3 and earlier; 2.1, 2.2
_SEVERAL = re.compile(
    r"[<>≤≥,;|]|\b(?:before|prior|until|through|thru|from|between|to|up|and|or|earlier|older|lower|below|previous|less|than|"
    r"later|newer|above|higher|since|after|all|any|every|versions|releases)\b|[.](?:x|\*)(?![a-z0-9])",
    re.IGNORECASE,
)
# one version, as releases and packages write theirs: 1:2.4.1-3+deb12u1, v2.0.0-rc.1+build.5, OpenSSL_1_1_1w
_ONE = re.compile(r"(?:[0-9]+:)?[a-z0-9._~^-]+(?:\+[a-z0-9._~+-]*[a-z0-9])?", re.IGNORECASE | re.ASCII)
_FROM_TO = re.compile(r"(v?[0-9]+(?:\.[0-9]+)+)\s*[-–]\s*(v?[0-9]+(?:\.[0-9]+)+)", re.IGNORECASE)


class Range(Protocol):
    """What a range has to say; formats.advisory.VersionRange is one."""

    low: str
    low_included: bool
    high: str
    high_included: bool
    exact: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """A range of our own; everything open holds every version."""

    low: str = ""
    low_included: bool = True
    high: str = ""
    high_included: bool = False
    exact: str = ""


_BOUNDS = Bounds()


def within(scheme: str, version: str, bounds: Range) -> Match:
    """Whether the version, written after this scheme, is in the range. A version nobody gave is in an open range only."""
    if bounds.exact:
        return _exactly(scheme, version, bounds.exact)
    open_low = bounds.low in OPEN or (bounds.low == START and bounds.low_included)
    open_high = bounds.high in OPEN
    if open_low and open_high:
        return Match.YES
    if branch := _BRANCH.fullmatch(bounds.high.strip()):
        # up to the end of a branch (5.10.*), whether that end is said to be in or not
        low = (
            Match.YES
            if open_low
            else within(scheme, version, replace(_BOUNDS, low=bounds.low, low_included=bounds.low_included))
        )
        return all_of((low, _on_branch(version, branch[1], below=True)))
    if _SEVERAL.search(bounds.low) or _SEVERAL.search(bounds.high):
        return Match.UNSURE
    if scheme in UPSTREAM:
        read = read_release(version)
        if read is None:
            return Match.UNSURE
        low = Match.YES if open_low else _above_release(scheme, read, bounds.low, bounds.low_included)
        # what lies below the low end is out, whatever the high end says
        high = Match.YES if open_high else _below_release(scheme, read, bounds.high, bounds.high_included)
        return all_of((low, high))
    low = Match.YES if open_low else _side(compare(scheme, version, bounds.low), 1, bounds.low_included)
    high = Match.YES if open_high else _side(compare(scheme, version, bounds.high), -1, bounds.high_included)
    return all_of((low, high))


def is_open(bounds: Range) -> bool:
    """Whether the range holds every version."""
    open_low = bounds.low in OPEN or (bounds.low == START and bounds.low_included)
    return open_low and bounds.high in OPEN and not bounds.exact


def _side(order: int | None, wanted: int, included: bool) -> Match:
    if order is None:
        return Match.UNSURE
    return Match.YES if order == wanted or (included and order == 0) else Match.NO


def _exactly(scheme: str, version: str, exact: str) -> Match:
    if version.strip() == exact.strip() != "":
        return Match.YES
    if branch := _BRANCH.fullmatch(exact.strip()):
        return _on_branch(version, branch[1])
    # 2.0.0+, 2.0/2.3, 2.0..2.5, 2.3 series: words, of which nobody can say that this version is not among them
    if _SEVERAL.search(exact) or ".." in exact or not _ONE.fullmatch(exact.strip()):
        return Match.UNSURE
    ends = _FROM_TO.fullmatch(exact.strip()) if scheme in UPSTREAM else None
    # 1.0-2.5 may be a stretch or a packager's revision
    if ends and within(scheme, version, Bounds(ends[1], True, ends[2], True)) != Match.NO:
        return Match.UNSURE
    if scheme not in UPSTREAM:
        order = compare(scheme, version, exact)
        return Match.UNSURE if order is None else Match.YES if order == 0 else Match.NO
    read, wanted = read_release(version), read_release(exact)
    if read is None or wanted is None:
        return Match.UNSURE
    read = _as_packaged(read, wanted)
    if read.snapshot != wanted.snapshot:
        # a state after a release that is named: it may be in it still
        between = base_order(scheme, read, wanted, revisions=False)
        return Match.UNSURE if between in (0, None) else Match.NO
    order = compare_releases(scheme, read, wanted)
    return Match.UNSURE if order is None else Match.YES if order == 0 else Match.NO


def _on_branch(version: str, branch: str, below: bool = False) -> Match:
    """Whether a version is of a branch (4.2 of 4.x), or where asked for below its end."""
    read = read_release(version)
    if read is None or read.mark:
        return Match.UNSURE
    wanted = tuple(map(int, branch.split(".")))
    mine = (*read.numbers, *[0] * len(wanted))[: len(wanted)]
    return Match.YES if mine == wanted or (below and mine < wanted) else Match.NO


def _as_packaged(read: Release, bound: Release) -> Release:
    """The release without its packager's revision where the bound has none."""
    return replace(read, revision=None) if bound.revision is None and read.revision is not None else read


def _above_release(scheme: str, read: Release, bound: str, included: bool) -> Match:
    low = read_release(bound)
    if low is None:
        return Match.UNSURE
    read = _as_packaged(read, low)
    read, ahead = _leading_to(scheme, read)
    if not read.snapshot:
        return _side(compare_releases(scheme, read, low), 1, included)
    order = _stands_on(scheme, read, low)
    if order is None:
        return Match.UNSURE
    if order > 0 or (included and order == 0):
        return Match.YES
    if ahead is not None and low.numbers > ahead:
        return Match.NO  # Zephyr's main leads to the next minor version and to none after it
    return Match.UNSURE  # what came in with the bound may be in this state already


def _below_release(scheme: str, read: Release, bound: str, included: bool) -> Match:
    high = read_release(bound)
    if high is None:
        return Match.UNSURE
    read = _as_packaged(read, high)
    read, _ = _leading_to(scheme, read)
    if not read.snapshot:
        below = _side(compare_releases(scheme, read, high), -1, included)
        return Match.UNSURE if below == Match.NO and included and _mended_since(scheme, read, high) else below
    order = _stands_on(scheme, read, high)
    if order is None or (included and order == 0):
        return Match.UNSURE  # the mend came after that release: before this state or after it
    return Match.YES if order < 0 else Match.NO


def _mended_since(scheme: str, read: Release, bound: Release) -> bool:
    """Whether a release is a later stage of the very one that a bound names (8.7p1 of 8.7): `up to 8.7` may mean it."""
    return read.stage > bound.stage and compare_releases(scheme, replace(read, stage=bound.stage), bound) == 0


def _stands_on(scheme: str, read: Release, bound: Release) -> int | None:
    """How the release that a snapshot stands on ranks against a bound."""
    if read.mark != bound.mark or (read.dated != bound.dated and scheme != "u-boot"):
        return None
    return base_order(scheme, read, bound, revisions=False)


def _leading_to(scheme: str, read: Release) -> tuple[Release, tuple[int, ...] | None]:
    """Zephyr's 3.5.99 as the snapshot after 3.5.0 that it is, and the version it leads to (3.6)."""
    if scheme == ZEPHYR and len(read.numbers) >= 3 and read.numbers[2] == 99:
        major, minor = read.numbers[:2]
        base = (major, minor) if minor else (major,)
        return replace(read, numbers=base, snapshot=True, stage=((0, 0),)), (major, minor + 1)
    return read, None


def in_words(bounds: Range) -> str:
    """The range as a person reads it: `>= 2.0 and < 2.28.8`, `= 1.0`, `every version`."""
    if bounds.exact:
        return f"= {bounds.exact}"
    said = []
    if bounds.low not in OPEN and not (bounds.low == START and bounds.low_included):
        said.append(f"{'>=' if bounds.low_included else '>'} {bounds.low}")
    if bounds.high not in OPEN:
        said.append(f"{'<=' if bounds.high_included else '<'} {bounds.high}")
    return " and ".join(said) or "every version"
