"""Model numbers with wildcards, as CSAF 2.0 and 2.1 write them: `?` is one character, `*` any number of them, also none; a backslash
before either, or before itself, takes that meaning away.

A mask is kept as `MAKER/PATTERN` with the maker escaped, so that one comparison tells whether a part MAKER/MPN is meant. Time is bounded by the
product of both lengths whatever the pattern, for feeds are written by strangers.
"""

MANY, ONE, ESCAPE = "*", "?", "\\"
_SPECIAL = frozenset((MANY, ONE, ESCAPE))


def tokens(pattern: str) -> list[str | None]:
    """The pattern sign by sign: a character, None for any one, "" for any number. Several `*` in a row are one."""
    found: list[str | None] = []
    signs = iter(pattern)
    for sign in signs:
        if sign == ESCAPE:
            after = next(signs, "")
            found += [after] if after in _SPECIAL and after else [ESCAPE, *after]
        elif sign == ONE:
            found.append(None)
        elif sign != MANY:
            found.append(sign)
        elif not found or found[-1] != "":
            found.append("")
    return found


def literal(pattern: str) -> str | None:
    """What a pattern without wildcards means; None where it has one."""
    found = tokens(pattern)
    return None if None in found or "" in found else "".join(found)


def escaped(text: str) -> str:
    """A text as a pattern that means just it."""
    return "".join(ESCAPE + sign if sign in _SPECIAL else sign for sign in text)


def beginning(mask: str) -> str:
    """What every key that fits begins with, up to its last slash: `ACME/` of `ACME/WM-0?C`."""
    found = tokens(mask)
    end = next((at for at, sign in enumerate(found) if not sign), len(found))
    return "".join(found[:end]).rpartition("/")[0] + "/"


def beginnings(key: str) -> list[str]:
    """The beginnings under which masks may be found that mean this key: up to each of its slashes, for makers may hold one."""
    return [key[: at + 1] for at, sign in enumerate(key) if sign == "/"]


def fits(mask: str, key: str) -> bool:
    """Whether the mask means the key, whole."""
    wanted = tokens(mask)
    at = place = 0
    star, resume = -1, 0
    while at < len(key):
        if place < len(wanted) and wanted[place] != "" and wanted[place] in (None, key[at]):
            at, place = at + 1, place + 1
        elif place < len(wanted) and wanted[place] == "":
            star, resume, place = place, at, place + 1
        elif star >= 0:
            resume += 1
            at, place = resume, star + 1
        else:
            return False
    return all(sign == "" for sign in wanted[place:])
