"""Versions: the order that SemVer gives them, for versions that are SemVer.

`2.10.0` lies behind `2.9.0` and `2.0.0-rc.1` before `2.0.0`; as text both would stand the other way round. A version
that is not SemVer (`v2.3`, `2027.03`, `R14`) has no order of its own here: whoever knows the releases orders them.
Build metadata (`+build.7`) tells two builds apart and orders nothing: their keys are equal.
Standard: Semantic Versioning 2.0.0, sections 9 to 11; the pattern is the one that semver.org suggests.
"""

import re
from functools import lru_cache

VERSION_CHARACTERS_MAX = 256
KEYS_REMEMBERED_MAX = 4_096

_NUMBER = r"0|[1-9][0-9]*"
_IDENTIFIER = rf"(?:{_NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_SEMVER = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})"
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)

SemverKey = tuple[int, int, int, tuple]
# section 11.3: a version with a pre-release lies before the one without
_RELEASED = ((2,),)


@lru_cache(KEYS_REMEMBERED_MAX)
def semver_key(version: str) -> SemverKey | None:
    """What sorts versions by precedence, equal where precedence is; None where the text is not SemVer 2.0.0."""
    if len(version) > VERSION_CHARACTERS_MAX:
        return None
    found = _SEMVER.fullmatch(version)
    if found is None:
        return None
    major, minor, patch, before = found.groups()
    if before is None:
        return int(major), int(minor), int(patch), _RELEASED
    return int(major), int(minor), int(patch), tuple(map(_identifier_key, before.split(".")))


def _identifier_key(identifier: str) -> tuple:
    # section 11.4: numbers by value, before all identifiers with letters, which go by their ASCII codes
    return (0, int(identifier)) if identifier.isdigit() else (1, identifier)
