"""Versions in words and in the VERS notation, as CSAF, EUVD and CycloneDX write them: `<V2.4`, `1.0 <2.0`, `vers:npm/>=1|<2`.

What is not understood gives no range, and a note: unsure, never safe. Source: VERS specification (vers:type/constraints).
"""

import re

from asbuilt.formats.advisory.names import unquote
from asbuilt.formats.advisory.records import VersionRange

CONSTRAINTS_MAX = 5_000
_COMPARED = re.compile(r"(!=|<=|>=|=<|=>|≤|≥|<|>|==|=)\s*([^\s,;|&<>=≤≥!]+)")
_ALL = re.compile(r"(all|all versions|any|\*|vers:all/\*)", re.IGNORECASE)
_NOTHING = {"", "n/a", "unspecified", "unknown", "-", "none"}
_LOW, _HIGH = {">=": True, "=>": True, "≥": True, ">": False}, {"<=": True, "=<": True, "≤": True, "<": False}
_SCHEMES = {"semver": "semver", "npm": "npm", "deb": "deb", "rpm": "rpm", "pypi": "pypi", "maven": "maven", "gem": "gem",
            "golang": "golang", "apk": "apk", "alpine": "apk", "nuget": "nuget", "cargo": "semver", "generic": "generic"}  # fmt: skip


def ranges_in(words: str, notes: list[str]) -> tuple[VersionRange, ...]:
    """The versions that these words name; empty where they name none that can be read."""
    words = words.strip()
    if _ALL.fullmatch(words):
        return (VersionRange(),)
    if words.lower() in _NOTHING:
        return ()
    if words.lower().startswith("vers:"):
        return _vers(words, notes)
    found = _COMPARED.findall(words)
    if not found:
        if len(words) > 100 or " " in words.removeprefix("version ").removeprefix("Version ").strip():
            notes.append(f"versions {words[:80]} are not understood")
            return ()
        return (VersionRange(exact=words.removeprefix("version ").removeprefix("Version ").strip()),)
    before = words[: words.index(found[0][0])].strip().rstrip(",;")
    bare = before if re.fullmatch(r"[vV]?[0-9][^\s]*", before) else ""
    if before and not bare and not _ALL.fullmatch(before) and "version" not in before.lower():
        notes.append(f"versions {words[:80]} are not understood")
        return ()
    constraints = ([(">=", bare)] if bare else []) + found
    return tuple(_paired(constraints, ""))


def _vers(words: str, notes: list[str]) -> tuple[VersionRange, ...]:
    kind, slash, rest = words[5:].partition("/")
    parts = [part for part in rest.split("|") if part.strip()]
    if not slash or not parts or len(parts) > CONSTRAINTS_MAX:
        notes.append(f"versions {words[:80]} are not understood")
        return ()
    constraints = []
    for part in parts:
        part = part.strip()
        operator = next((one for one in (">=", "<=", "!=", "<", ">", "=") if part.startswith(one)), "=")
        constraints.append((operator, unquote(part.removeprefix(operator).strip())))
    if constraints == [("=", "*")]:
        return (VersionRange(),)
    return tuple(_paired(constraints, _SCHEMES.get(kind.lower(), "")))


def _paired(constraints: list[tuple[str, str]], scheme: str):
    """Comparisons in their order as ranges: a lower bound opens one, the next upper bound closes it; a version that is left out splits the
    range that it lies in, and leaves all others where nothing else is said."""
    low: tuple[str, bool] | None = None
    bounds = [operator for operator, _ in constraints if operator in _LOW or operator in _HIGH]
    if not bounds and any(operator == "!=" for operator, _ in constraints):
        low = ("", True)
    for operator, version in constraints:
        if operator in _LOW:
            bounds.pop(0)
            if low is not None:
                yield VersionRange(scheme, low[0], low[1])
            low = (version, _LOW[operator])
        elif operator in _HIGH:
            bounds.pop(0)
            begin = low or ("", True)
            yield VersionRange(scheme, begin[0], begin[1], version, _HIGH[operator])
            low = None
        elif operator == "!=":
            if low is not None or (bounds and bounds[0] in _HIGH):
                begin = low or ("", True)
                yield VersionRange(scheme, begin[0], begin[1], version, False)
                low = (version, False)
        else:
            yield VersionRange(scheme, exact=version)
    if low is not None:
        yield VersionRange(scheme, low[0], low[1])
