"""Language tags: whether each subtag of a tag exists.

    exists("de-AT")  True     exists("EZ")  False

Standard: BCP 47 (RFC 5646), IANA's registry of subtags. Tags for private use are tags.
"""

import re
from functools import lru_cache

from asbuilt.formats.csaf.official import language_registry

_PRIVATE = re.compile(r"x(?:-[a-z0-9]{1,8})+")
_EXTLANGS_MAX = 3


@lru_cache(1_024)
def exists(tag: str) -> bool:
    """Whether the tag is well formed and all its subtags are registered."""
    tag = tag.lower()
    known = language_registry()
    if tag in known["grandfathered"] or _PRIVATE.fullmatch(tag):
        return True
    parts = tag.split("-")
    if not _registered("language", parts.pop(0)):
        return False
    for _ in range(_EXTLANGS_MAX):
        if parts and parts[0] in known["extlang"]:
            parts.pop(0)
    if parts and len(parts[0]) == 4 and parts[0].isalpha() and not _registered("script", parts.pop(0)):
        return False
    if parts and _is_region(parts[0]) and not _registered("region", parts.pop(0)):
        return False
    seen = set()
    while parts and len(parts[0]) > 1:
        if parts[0] not in known["variant"] or parts[0] in seen:
            return False
        seen.add(parts.pop(0))
    return _extended(parts)


def _is_region(part: str) -> bool:
    return (len(part) == 2 and part.isalpha()) or (len(part) == 3 and part.isdigit())


def _registered(kind: str, part: str) -> bool:
    known = language_registry()
    return part in known[kind] or any(
        first <= part <= last and len(part) == len(first) for first, last in known["ranges"].get(kind, ())
    )


def _extended(parts: list[str]) -> bool:
    """Extensions `u-co-phonebk` and a tail for private use `x-…`."""
    singletons = set()
    while parts:
        if parts[0] == "x":
            return bool(_PRIVATE.fullmatch("-".join(parts)))
        singleton, length = parts.pop(0), 0
        if len(singleton) != 1 or not singleton.isalnum() or singleton in singletons:
            return False
        singletons.add(singleton)
        while parts and len(parts[0]) > 1:
            if not (len(parts[0]) <= 8 and parts.pop(0).isalnum()):
                return False
            length += 1
        if not length:
            return False
    return True
