"""Versions of Alpine packages, as apk-tools orders them.

number{.number}[letter]{_suffix[number]}[~commit][-rN]. Suffixes _alpha _beta _pre _rc lie before the version without one, _cvs
_svn _git _hg _p after it. A number after the first that begins with 0 is compared as the digits after a decimal point.
"""

import re
from functools import lru_cache

_VERSION = re.compile(
    r"([0-9]+)((?:\.[0-9]+)*)([a-z]?)((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*)(?:~([0-9a-f]+))?(?:-r([0-9]+))?"
)
_SUFFIX = re.compile(r"_([a-z]+)([0-9]*)")
_RANKS = {"alpha": -4, "beta": -3, "pre": -2, "rc": -1, "cvs": 1, "svn": 2, "git": 3, "hg": 4, "p": 5}


@lru_cache(100_000)
def alpine_key(version: str) -> tuple | None:
    """What sorts versions as apk does; None where the text is no version to it."""
    found = _VERSION.fullmatch(version.strip())
    if found is None:
        return None
    first, more, letter, suffixes, commit, revision = found.groups()
    numbers = (int(first), *map(_number, more.split(".")[1:]))
    stages = tuple((_RANKS[word], int(count or 0)) for word, count in _SUFFIX.findall(suffixes))
    return numbers, letter, (*stages, (0, 0)), commit or "", int(revision or 0)


def _number(digits: str) -> tuple:
    # 1.06 < 1.1: a leading zero makes it a fraction, whose digits compare from the left
    if digits.startswith("0") and len(digits) > 1:
        return (0, digits)
    return (1, int(digits)) if digits != "0" else (0, "0")
