"""The `affected` list of CVE 5 records, which NVD repeats as `affectedData`: product, versions, status each.

Each entry gives a criterion for every name it has (purl, CPE names, git repository, vendor and product) and every status.
A version without an upper bound names itself; `*`, `0` and a bare `-` as lower bound are open. What defaultStatus says of
the versions not listed is a criterion over every version; where two of one record meet, the one with bounds is narrower
and wins. Versions that name nothing (n/a, unspecified) leave a criterion without range: unsure.
Source: CVE record format 5.2, `product` and `versions`; docs/versions.md there.
"""

from dataclasses import replace

from asbuilt.formats.advisory.cells import branches, listed, word, words
from asbuilt.formats.advisory.names import cpe_key, name_key, purl_ecosystem, purl_key, repository_key, split_cpe
from asbuilt.formats.advisory.records import (
    AFFECTED,
    NOT_AFFECTED,
    UNKNOWN,
    Criterion,
    RecordBroken,
    VersionRange,
)
from asbuilt.formats.advisory.version_words import ranges_in

STATUS = {"affected": AFFECTED, "unaffected": NOT_AFFECTED, "unknown": UNKNOWN}
EVERY = VersionRange()
CHANGES_MAX = 1_000
MODULE, ROUTINE = "module", "routine"
FILES_MAX, FILE_CHARACTERS_MAX = 200, 300
_NOTHING = {"n/a", "unspecified", "unknown", ""}
_OPEN = {"*", "0", "-", "0.0", "unspecified", "n/a", "all", ""}
_SCHEMES = {"semver": "semver", "python": "pypi", "pypi": "pypi", "maven": "maven", "rpm": "rpm", "dpkg": "deb", "npm": "npm",
            "git": "git", "golang": "golang", "apk": "apk"}  # fmt: skip


def criteria_of(products, notes: list[str]) -> list[Criterion]:
    """The criteria of these product entries."""
    found: list[Criterion] = []
    for product in products:
        names = _names(product, notes)
        if not names:
            continue
        said = _ranges_by_status(product, notes)
        for kind, key, cpe in names:
            for status, ranges in said:
                mine = _for_kind(kind, cpe, status, ranges)
                if mine is not None:
                    release = purl_ecosystem(word(product, "packageURL")) if kind == "purl" else ""
                    found.append(Criterion(kind, key, mine, cpe, status=status, ecosystem=release))
    return found


def files_of(products) -> list[tuple[str, str]]:
    """(product as the record calls it, in lower case; source file) of each file that these product entries name as affected."""
    found = []
    for product in products:
        name = (word(product, "packageName") or word(product, "product")).lower()
        named = product.get("programFiles")
        # a hint beside what is matched: one that is no path is passed over, the record is not broken by it
        for file in named[:FILES_MAX] if isinstance(named, list) else ():
            path = file.strip().replace("\\", "/").lstrip("./") if isinstance(file, str) else ""
            if path and path.isprintable() and len(path) <= FILE_CHARACTERS_MAX:
                found.append((name, path))
    return list(dict.fromkeys(found))


def named_of(products) -> list[tuple[str, str, str]]:
    """(product as the record calls it, in lower case; module or routine; its name) of what these product entries name as affected."""
    found = []
    for product in products:
        name = (word(product, "packageName") or word(product, "product")).lower()
        modules, routines = product.get("modules"), product.get("programRoutines")
        said = [(MODULE, one) for one in modules[:FILES_MAX]] if isinstance(modules, list) else []
        for one in routines[:FILES_MAX] if isinstance(routines, list) else ():
            said.append((ROUTINE, one.get("name") if isinstance(one, dict) else one))
        for kind, one in said:
            text = " ".join(one.split()) if isinstance(one, str) else ""
            if text and text.isprintable() and len(text) <= FILE_CHARACTERS_MAX:
                found.append((name, kind, text.removesuffix("()") if kind == ROUTINE else text))
    return list(dict.fromkeys(found))


def _names(product: dict, notes: list[str]) -> list[tuple[str, str, str]]:
    names = []
    purl = word(product, "packageURL")
    if purl:
        key = purl_key(purl)
        if key:
            names.append(("purl", key, ""))
        else:
            notes.append(f"affected: {purl[:80]} is no package URL")
    for cpe in words(product, "cpes"):
        key = cpe_key(cpe)
        if key:
            names.append(("cpe", key, cpe))
        else:
            notes.append(f"affected: {cpe[:80]} is no CPE name")
    repository = repository_key(word(product, "repo"))
    if repository:
        names.append(("git", repository, ""))
    key = name_key(word(product, "vendor"), word(product, "product"))
    if key:
        names.append(("name", key, ""))
    package = name_key(word(product, "vendor"), word(product, "packageName"))
    if package and package != key:
        names.append(("name", package, ""))
    return list(dict.fromkeys(names))


def _for_kind(kind: str, cpe: str, status: str, ranges: tuple[VersionRange, ...]) -> tuple[VersionRange, ...] | None:
    """The ranges that mean something for a name of this kind; None where nothing is left to say."""
    commits = tuple(one for one in ranges if one.scheme == "git" and _commit(one))
    if kind == "git":
        return commits or ranges
    # what says git and gives a tag is a version to every other kind of name
    rest = tuple(replace(one, scheme="") if one.scheme == "git" else one for one in ranges if one not in commits)
    if ranges and not rest:
        return None
    if kind == "cpe" and rest in ((), (EVERY,)):
        version = split_cpe(cpe)[3]
        if version not in ("*", "-"):
            return (VersionRange(exact=version),)
    return rest


def _commit(one: VersionRange) -> bool:
    return all(
        len(end) >= 7 and not set(end) - set("0123456789abcdef") for end in (one.low, one.high, one.exact) if end
    )


def _ranges_by_status(product: dict, notes: list[str]) -> list[tuple[str, tuple[VersionRange, ...]]]:
    said: dict[str, list[VersionRange]] = {}
    unclear: list[str] = []
    for version in branches(product, "versions"):
        status = _status(word(version, "status") or "unknown", notes)
        found = _spans(version, status, notes)
        if not found:
            unclear.append(status)
        for its, span in found:
            said.setdefault(its, []).append(span)
    default = word(product, "defaultStatus").lower()
    if default:
        said.setdefault(_status(default, notes), []).append(EVERY)
    elif not listed(product, "versions"):
        return [(UNKNOWN, ())]
    result = [(status, tuple(dict.fromkeys(ranges))) for status, ranges in said.items()]
    return result + [(status, ()) for status in dict.fromkeys(unclear)]


def _status(written: str, notes: list[str]) -> str:
    found = STATUS.get(written.lower())
    if found is None:
        notes.append(f"affected: status {written[:40]} is not known")
        return UNKNOWN
    return found


def _spans(version: dict, status: str, notes: list[str]) -> list[tuple[str, VersionRange]]:
    """One `versions` entry as spans with their status; empty where it names no version."""
    low = word(version, "version")
    before, through = word(version, "lessThan"), word(version, "lessThanOrEqual")
    scheme = _SCHEMES.get(word(version, "versionType").lower(), "")
    changes = list(branches(version, "changes"))
    if len(changes) > CHANGES_MAX:
        raise RecordBroken("affected/versions/changes", f"has more than {CHANGES_MAX} entries")
    high = "" if (before or through) == "*" else before or through
    if not (before or through):
        if not changes:
            if low.lower() in _NOTHING:
                return []
            if set(low) & set("<>≤≥"):  # GitHub writes ">= 3.0.0, < 3.5.2" as one version
                return [(status, replace(one, scheme=scheme or one.scheme)) for one in ranges_in(low, notes)]
            return [(status, VersionRange(scheme) if low in ("*", "all") else VersionRange(scheme, exact=low))]
        high = ""
    low = "" if low.lower() in _OPEN else low
    spans, begin = [], low
    for change in changes:
        at = word(change, "at")
        if not at:
            continue
        spans.append((status, VersionRange(scheme, begin, True, at, False)))
        status, begin = _status(word(change, "status") or "unknown", notes), at
    spans.append((status, VersionRange(scheme, begin, True, high, bool(through) and high != "")))
    return spans
