"""What the text of an upstream version says: numbers, letter, stage, and whether it is a release at all.

Reads tags and versions as embedded projects write them: `v3.6.0-rc1`, `V10.4.3-LTS-Patch-2`, `2025.01-rc3`, `1.0.2zg`,
`STABLE-2_1_3_RELEASE`, `curl-8_5_0`, `1.36.1-r4`, `v2.28.0-15-g1a2b3c4-dirty`, `3.5.99`. What is not understood is kept as
the tail: two versions that differ only there cannot be compared.

A *snapshot* is a state of the source after a release and before nobody knows which next one: it has whatever that release
has, and perhaps more.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from asbuilt.kernel.versions import VERSION_CHARACTERS_MAX

_HASH = re.compile(r"g?(?=[0-9a-f]*[a-f])[0-9a-f]{7,40}")
_START = re.compile(r"(?:[a-z][a-z0-9+]*[-_/@ ]+)*?(?:[0-9]+:)?(?P<mark>[a-z]*)(?P<rest>[0-9].*)")
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_DATE = re.compile(r"((?:19|20)[0-9]{2})-([0-9]{2})-([0-9]{2})(?![0-9])")
_DESCRIBED = re.compile(r"[-.+_]([0-9]+)-g([0-9a-f]{4,40})(?![0-9a-f])")
_COMMIT = re.compile(r"[-.+_~]*(?:g[0-9a-f]{6,40}(?![0-9a-z])|(?:git|svn|hg|cvs|bzr)[-0-9a-z.+_]*)")
_BEFORE = re.compile(
    r"[-._+~ ]*(dev|alpha|beta|preview|pre|rc|snapshot|ea)(?![a-z])(?:[-._ ]*([0-9]+)(?![0-9]|-g[0-9a-f]{4}))?"
)
_SHORT = re.compile(r"[-._]?(a|b|c|m)[-.]?([0-9]+)(?![0-9a-z])")
_AFTER = re.compile(r"[-._+ ]*(lts[-_. ]patch|patch|post|hotfix|fix|update|pl|sp|p)(?![a-z])[-._ ]*([0-9]+)")
_LETTER = re.compile(r"(z[a-z]|[a-z])(?![a-z0-9])")
_NEUTRAL = re.compile(r"[-._+~ ]*(release|final|stable|lts|ga|rel|dirty|modified|fips)(?![a-z0-9])")
_REVISION = re.compile(r"-(?:r?([0-9]+)|([0-9][0-9a-z.+~]*))$")
_BUILD = re.compile(r"\+[-0-9a-z.]*$")

NEUTRAL_MARKS = frozenset(("", "v", "ver", "version", "rel", "release", "n"))
_STAGES = {"dev": -6, "snapshot": -6, "ea": -5, "alpha": -4, "a": -4, "m": -4, "beta": -3, "b": -3, "pre": -2, "preview": -2, "c": -1, "rc": -1}  # fmt: skip
_RELEASED = (0, 0)


@dataclass(frozen=True, slots=True)
class Release:
    """One version as its text says it; `numbers` without zeros at the end."""

    text: str
    mark: str  # letters that count another way than plain numbers do, such as r in r131
    numbers: tuple[int, ...]
    letter: str  # k of 1.0.2k
    stage: tuple[tuple[int, int], ...]  # before (negative) and after (1) the release itself, closed by (0, 0)
    revision: str | None  # of whoever packaged it: 4 of 1.36.1-r4
    snapshot: bool
    tail: str

    @property
    def dated(self) -> bool:
        """Whether it counts by the calendar: 2024.01, 20240131, 202012.00."""
        first = self.numbers[0] if self.numbers else 0
        return 1980 <= first <= 2099 or 198001 <= first <= 209912 or 19800101 <= first <= 20991231


@lru_cache(200_000)
def read_release(text: str) -> Release | None:
    """The release that a text names; None where it names none: a bare commit, a word, nothing."""
    said = text.strip().lower()
    if not said or len(said) > VERSION_CHARACTERS_MAX or _HASH.fullmatch(said):
        return None
    found = _START.fullmatch(said)
    if found is None:
        return None
    mark = "" if found["mark"] in NEUTRAL_MARKS else found["mark"]
    rest = found["rest"]
    if date := _DATE.match(rest):
        numbers, rest = list(map(int, date.groups())), rest[date.end() :]
    else:
        if "." not in rest:  # 2_1_3: a tag may not hold the points
            rest = re.sub(r"(?<=[0-9])_(?=[0-9])", ".", rest)
        counted = _NUMBERS.match(rest)
        numbers, rest = list(map(int, counted[0].split("."))), rest[counted.end() :]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    letter, stage, revision, snapshot, tail = _suffixes(rest)
    return Release(said, mark, tuple(numbers), letter, (*stage, _RELEASED), revision, snapshot, tail)


def _suffixes(rest: str) -> tuple[str, list[tuple[int, int]], str | None, bool, str]:
    letter, stage, revision, snapshot, first = "", [], None, False, True
    while rest:
        if found := _DESCRIBED.match(rest):
            snapshot = snapshot or int(found[1]) > 0
        elif found := _COMMIT.match(rest):
            snapshot = True
        elif found := _BEFORE.match(rest) or _SHORT.match(rest):
            stage.append((_STAGES[found[1]], int(found[2] or 0)))
        elif found := _AFTER.match(rest):
            stage.append((1, int(found[2])))
        elif first and (found := _LETTER.match(rest)):
            letter = found[1]
        elif found := _NEUTRAL.match(rest):
            pass
        elif found := _REVISION.match(rest):
            revision = found[1] or found[2]
        elif found := _BUILD.match(rest):
            pass
        else:
            break
        rest, first = rest[found.end() :], False
    return letter, stage, revision, snapshot, rest
