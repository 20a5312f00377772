"""Which of two versions is older, by the rules of their ecosystem; None where these rules do not say.

univers knows the ecosystems with a package manager (Debian, RPM, PyPI, Maven …); SemVer is the kernel's own; Alpine and all
that comes as plain source (OpenSSL, Zephyr, U-Boot, FreeRTOS, tags of a repository) is compared here.
Standards: deb-version(7), PEP 440, Semantic Versioning 2.0.0 section 11, apk-tools' own list of comparisons.
"""

from collections.abc import Callable
from functools import cache, lru_cache

from asbuilt.formats.versions.alpine import alpine_key
from asbuilt.formats.versions.releases import Release, read_release
from asbuilt.kernel.versions import semver_key

GENERIC, GIT, OPENSSL, ZEPHYR, UBOOT, FREERTOS = "generic", "git", "openssl", "zephyr", "u-boot", "freertos"
UPSTREAM = frozenset((GENERIC, GIT, OPENSSL, ZEPHYR, UBOOT, FREERTOS))
"""Schemes of plain source, read by `releases`."""

SEMVER = frozenset(("semver", "npm", "cargo", "golang", "hex", "swift", "pub"))
_UNIVERS = {
    "deb": "DebianVersion", "rpm": "RpmVersion", "pypi": "PypiVersion", "maven": "MavenVersion", "nuget": "NugetVersion",
    "gem": "RubygemsVersion", "composer": "ComposerVersion", "conan": "ConanVersion", "alpm": "ArchLinuxVersion",
    "ebuild": "GentooVersion",
}  # fmt: skip
SCHEMES = frozenset((*UPSTREAM, *SEMVER, *_UNIVERS, "apk"))

Order = int | None


def compare(scheme: str, left: str, right: str) -> Order:
    """-1 where left is older, 0 where they rank alike, 1 where it is newer, None where that cannot be told."""
    if scheme in UPSTREAM:
        return compare_releases(scheme, read_release(left), read_release(right))
    key = _keys(scheme)
    first, second = key(left), key(right)
    if first is None or second is None:
        return 0 if left.strip() == right.strip() != "" else None
    try:
        return (first > second) - (first < second)
    except Exception:  # foreign comparison of foreign text: whatever it trips over, it is not told
        return None


def _keys(scheme: str) -> Callable:
    if scheme == "apk":
        return alpine_key
    return _precedence if scheme in SEMVER else _of_univers(scheme)


@lru_cache(100_000)
def _precedence(version: str):
    """Precedence after SemVer; a leading v and numbers left out at the end are taken as 0, as feeds write them."""
    text = version.strip().removeprefix("v").removeprefix("V")
    if (key := semver_key(text)) is not None:
        return key
    numbers = text.split(".")
    if len(numbers) < 3 and all(number.isascii() and number.isdigit() for number in numbers):
        return semver_key(".".join([*(str(int(number)) for number in numbers), "0", "0"][:3]))
    return None


@cache
def _of_univers(scheme: str) -> Callable:
    from univers import versions  # a tenth of a second that most commands do not need

    kind = getattr(versions, _UNIVERS[scheme])

    @lru_cache(100_000)
    def key(version: str):
        try:
            read = kind(version)
        except Exception:  # a text that its ecosystem does not know; the library names that in many ways
            return None
        return None if read.value is None else read

    return key


def compare_releases(scheme: str, left: Release | None, right: Release | None) -> Order:
    """As `compare`, of releases that were read; a snapshot is newer than what it stands on, against others it cannot be told."""
    if left is None or right is None:
        return None
    if left.text == right.text:
        return 0
    if _of_other_kinds(scheme, left, right):
        return None
    if left.snapshot or right.snapshot:
        return _snapshots(scheme, left, right)
    return base_order(scheme, left, right, revisions=True)


def _of_other_kinds(scheme: str, left: Release, right: Release) -> bool:
    if left.mark != right.mark:
        return True
    # U-Boot went from 1.3.4 to 2008.10: there the calendar follows the numbers
    return scheme != UBOOT and left.dated != right.dated and bool(left.numbers and right.numbers)


def _snapshots(scheme: str, left: Release, right: Release) -> Order:
    if left.snapshot and right.snapshot:
        return None
    order = base_order(scheme, left, right, revisions=False)
    if left.snapshot:
        return 1 if order is not None and order >= 0 else None
    return -1 if order is not None and order <= 0 else None


def base_order(scheme: str, left: Release, right: Release, *, revisions: bool) -> Order:
    """Order by numbers, letter, stage, then (where asked for) the packager's revision; snapshots count as their base."""
    if left.numbers != right.numbers:
        return -1 if left.numbers < right.numbers else 1
    if left.letter != right.letter:
        if scheme != OPENSSL and not (left.letter and right.letter):
            return None  # 1.0a: before 1.0 for one project, after it for another
        return -1 if (len(left.letter), left.letter) < (len(right.letter), right.letter) else 1
    if left.stage != right.stage:
        return -1 if left.stage < right.stage else 1
    if left.tail != right.tail:
        return None
    if not revisions or left.revision == right.revision:
        return 0
    return _revision_order(left.revision or "0", right.revision or "0")


def _revision_order(left: str, right: str) -> Order:
    if left.isdigit() and right.isdigit():
        return (int(left) > int(right)) - (int(left) < int(right))
    return None
