"""OSV records (JSON, and YAML as oss-fuzz keeps them): packages with ranges and listed versions, git ranges by commit.

An event list is read as pairs: each `introduced` opens a span, the next `fixed`, `last_affected` or `limit` closes it;
`introduced: 0` is open. Of a git range several `fixed` are the fixes of branches: they stand in one span, and whoever has
one of them is out. A record speaks of its CVE aliases, of each of them where it has several, else of itself.
Source: OSV schema 1.7.5, `affected`, `ranges`, `events`.
"""

from asbuilt.formats.advisory.cells import (
    branch,
    branches,
    fit,
    identifier,
    text,
    urls,
    when,
    word,
    words,
)
from asbuilt.formats.advisory.names import cve_name, name_key, purl_key, repository_key
from asbuilt.formats.advisory.records import Advisory, Criterion, RecordBroken, Score, VersionRange
from asbuilt.formats.advisory.scores import cwe, vector_version

ALIASES_MAX = 500
CRITERIA_MAX = 50_000
# OSV's ecosystems: purl type and namespace, how their versions compare (OSV schema 1.7.5, "Defined ecosystems")
_ECOSYSTEMS = {
    "npm": ("npm", "", "npm"), "pypi": ("pypi", "", "pypi"), "go": ("golang", "", "golang"),
    "crates.io": ("cargo", "", "semver"), "maven": ("maven", "", "maven"), "nuget": ("nuget", "", "nuget"),
    "packagist": ("composer", "", "composer"), "rubygems": ("gem", "", "gem"), "hex": ("hex", "", "semver"),
    "pub": ("pub", "", "semver"), "debian": ("deb", "debian", "deb"), "ubuntu": ("deb", "ubuntu", "deb"),
    "alpine": ("apk", "alpine", "apk"), "alpaquita": ("apk", "alpaquita", "apk"), "wolfi": ("apk", "wolfi", "apk"),
    "chainguard": ("apk", "chainguard", "apk"), "rocky linux": ("rpm", "rocky-linux", "rpm"),
    "almalinux": ("rpm", "almalinux", "rpm"), "red hat": ("rpm", "redhat", "rpm"), "suse": ("rpm", "suse", "rpm"),
    "opensuse": ("rpm", "opensuse", "rpm"), "openeuler": ("rpm", "openeuler", "rpm"), "mageia": ("rpm", "mageia", "rpm"),
    "oss-fuzz": ("generic", "", ""), "bitnami": ("bitnami", "", "semver"), "conancenter": ("conan", "", "generic"),
    "swifturl": ("swift", "", "semver"), "hackage": ("hackage", "", "generic"), "cran": ("cran", "", "generic"),
    "github actions": ("github", "", "semver"), "linux": ("generic", "", "generic"), "android": ("generic", "android", ""),
    "bioconductor": ("bioconductor", "", "generic"), "minimos": ("apk", "minimos", "apk"),
}  # fmt: skip


def read(record: dict) -> list[Advisory]:
    """What the record says, once for each vulnerability; RecordBroken where it cannot be read."""
    name = identifier(record, "id")
    notes: list[str] = []
    # `upstream` is how distributions name what they mend (schema 1.7); it is the same vulnerability to us
    others = dict.fromkeys(word for word in (*words(record, "aliases"), *words(record, "upstream")) if word)
    if len(others) > ALIASES_MAX:
        raise RecordBroken("aliases", f"has more than {ALIASES_MAX} entries")
    cves = dict.fromkeys(cve for cve in map(cve_name, (name, *others)) if cve)
    if cve_name(name):
        cves = {cve_name(name): None}
    criteria = tuple(_criteria(record, notes))
    scores = tuple(_scores(record))
    own = branch(record, "database_specific")
    said = []
    for vulnerability in cves or {name: None}:
        aliases = (name, *others) if len(cves) < 2 else (name,)
        said.append(
            Advisory(
                name,
                vulnerability,
                aliases=tuple(dict.fromkeys(one for one in aliases if one != vulnerability)),
                published_at=when(record, "published", notes),
                modified_at=when(record, "modified", notes),
                withdrawn_at=_withdrawn(record, notes),
                title=text(record, "summary", 500),
                text=text(record, "details"),
                references=urls(record, "references"),
                cwes=tuple(filter(None, map(cwe, _cwe_ids(own)))),
                scores=scores,
                criteria=criteria,
                notes=tuple(notes),
                source=word(own, "source")[:200] if isinstance(own.get("source"), str) else "",
            )
        )
    return said


def _cwe_ids(own: dict) -> list[str]:
    return (
        [one for one in own.get("cwe_ids") or () if isinstance(one, str)]
        if isinstance(own.get("cwe_ids"), list)
        else []
    )


def _withdrawn(record: dict, notes: list[str]) -> int | None:
    if not word(record, "withdrawn"):
        return None
    found = when(record, "withdrawn", notes)
    return 0 if found is None else found


def _scores(record: dict) -> list[Score]:
    found = [(severity, "") for severity in branches(record, "severity")]
    found += [(severity, "") for one in branches(record, "affected") for severity in branches(one, "severity")]
    scores = {}
    for severity, source in found:
        vector = word(severity, "score")
        if vector:
            scores[Score(source, vector_version(vector) or word(severity, "type")[:20], vector, None)] = None
    return list(scores)


def _criteria(record: dict, notes: list[str]):
    count = 0
    for n, one in enumerate(branches(record, "affected")):
        for criterion in _of_package(one, f"affected/{n}", notes):
            count += 1
            if count > CRITERIA_MAX:
                raise RecordBroken("affected", f"has more than {CRITERIA_MAX} criteria")
            yield criterion


def _of_package(one: dict, place: str, notes: list[str]):
    package = branch(one, "package")
    ecosystem = word(package, "ecosystem")
    key, scheme = _package_key(package, ecosystem)
    ranges, gits = [], {}
    for n, span in enumerate(branches(one, "ranges")):
        kind = word(span, "type").upper()
        found = list(_spans(span, kind, "semver" if kind == "SEMVER" else scheme, f"{place}/ranges/{n}", notes))
        if kind == "GIT":
            repository = repository_key(word(span, "repo"))
            if repository:
                gits.setdefault(repository, []).extend(found)
            else:
                notes.append(f"{place}/ranges/{n}: a git range without repository")
        else:
            ranges += found
    versions = [VersionRange(scheme, exact=version) for version in words(one, "versions") if version]
    if key:
        yield Criterion("purl", key, tuple(dict.fromkeys(ranges + versions)), ecosystem=ecosystem)
    elif word(package, "name"):
        notes.append(f"{place}: ecosystem {ecosystem[:40]} is not known")
        yield Criterion(
            "name", name_key(ecosystem, word(package, "name")), tuple(ranges + versions), ecosystem=ecosystem
        )
    for repository, spans in gits.items():
        yield Criterion("git", repository, tuple(dict.fromkeys(spans + versions)), ecosystem=ecosystem)


def _package_key(package: dict, ecosystem: str) -> tuple[str, str]:
    """The purl key and how versions compare; the key is "" where the ecosystem is not known and no purl given."""
    type_, namespace, scheme = _ECOSYSTEMS.get(ecosystem.partition(":")[0].lower(), ("", "", ""))
    key = purl_key(word(package, "purl"))
    name = word(package, "name")
    if key or not type_ or not name:
        return key, scheme
    if type_ == "maven":
        name = name.replace(":", "/", 1)
    path = "/".join(part for part in (namespace, name) if part).replace("@", "%40").replace(" ", "%20")
    return purl_key(f"pkg:{type_}/{path}"), scheme


def _spans(span: dict, kind: str, scheme: str, place: str, notes: list[str]):
    scheme = "git" if kind == "GIT" else scheme
    lows, opened, ends = [""], False, []
    for event in branches(span, "events"):
        for name, value in event.items():
            value = fit(value.strip()) if isinstance(value, str) else str(value)[:100]
            if name == "introduced":
                value = "" if value == "0" else value
                if opened and not ends:
                    lows.append(value)
                    continue
                if opened:
                    yield from _between(scheme, lows, ends)
                lows, opened, ends = [value], True, []
            elif name in ("fixed", "last_affected", "limit") and value not in ("", "*"):
                if not opened:
                    notes.append(f"{place}: ends without a beginning")
                    opened = True
                ends.append((value, name == "last_affected"))
    if opened:
        yield from _between(scheme, lows, ends)


def _between(scheme: str, lows: list[str], ends: list[tuple[str, bool]]):
    """The spans of beginnings that stand before all of these ends: events may come in any order, so as many of both belong together
    one by one; else what begins later lies inside of what began first."""
    if scheme == "git" or len(lows) == 1:
        yield _closed(scheme, lows[0], ends)
    elif len(lows) == len(ends):
        for low, end in zip(lows, ends, strict=True):
            yield _closed(scheme, low, [end])
    else:
        yield _closed(scheme, lows[0], ends[-1:])


def _closed(scheme: str, low: str, ends: list[tuple[str, bool]]) -> VersionRange:
    if not ends:
        return VersionRange(scheme, low)
    if scheme == "git":
        return VersionRange(scheme, low, True, " ".join(end for end, _ in ends), ends[0][1])
    return VersionRange(scheme, low, True, *ends[0])
