"""One criterion against one subject that has its key: a ground for each range it names.

purl    the version in the purl, else the component's, by its ecosystem's rules; a criterion of one release of a distribution
        (Debian:12) fits a package of that release only
cpe     name matching after NISTIR 7696 for all attributes but the version, which is compared as a release; a criterion that
        asks for an attribute the component leaves open is unsure; an open part is no contradiction
git     tags that the record lists, or the very commit; ranges of commits alone need the history: unsure
hash    the same bytes
name    vendor and product, where a person confirmed that this is the component's name
bom     a BOM-Link that means the component; versions only where the record names some
part    maker and part number; lots, date codes and silicon revisions narrow it
mask    the same by a model number with wildcards

A criterion that names serial numbers speaks of single pieces, and nobody records which of a purchased part are where: at most unsure.
"""

from dataclasses import replace
from functools import lru_cache

from asbuilt.formats.matching import distributions, subjects
from asbuilt.formats.matching import grounds as why
from asbuilt.formats.matching.cpe_names import ANY, NA, CpeName, Relation, compare_values, has_wildcard, plain, read_cpe
from asbuilt.formats.matching.grounds import EVERY, Ground
from asbuilt.formats.matching.masks import fits
from asbuilt.formats.matching.parts import narrowed, narrowing
from asbuilt.formats.matching.subjects import Subject
from asbuilt.formats.versions.matches import Match
from asbuilt.formats.versions.order import UPSTREAM
from asbuilt.formats.versions.ranges import START, in_words, is_open, within
from asbuilt.formats.versions.releases import read_release
from asbuilt.formats.versions.schemes import scheme_of, upstream_version

SERIALS_SAID_MAX = 5
NO_VERSION_ASKED = "= -"
"""How a ground writes that a CPE name asks for no version (not applicable)."""

AFFECTED = "affected"  # what a criterion says of what it names, as judging's words for the others
_BESIDES = ("edition", "language", "sw_edition", "target_sw", "target_hw", "other")


def word_of(record: str, criterion, subject: Subject) -> list[Ground]:
    """What the criterion says of the subject, range by range; empty where it does not name it."""
    speaks = _SPEAKS.get(criterion.kind)
    found = speaks(record, criterion, subject) if speaks else []
    if not criterion.serials:
        return found
    return [replace(one, match=Match.UNSURE, cause=why.PIECES) if one.match == Match.YES else one for one in found]


def _ranges(record: str, criterion, scheme_of_range, version: str, limit: Match, cause: str) -> list[Ground]:
    """The strongest ground of the ranges that name versions, and of those that name all; lists of versions are long.

    `limit` is the most that the rest of the criterion allows, for `cause`.
    """
    if not criterion.ranges:
        match = min(limit, Match.UNSURE)
        return [Ground(record, criterion.kind, criterion.key, match, why.NO_VERSIONS_SAID, version)]
    best: dict[bool, tuple] = {}
    for bounds in criterion.ranges:
        scheme = scheme_of_range(bounds.scheme)
        match = within(scheme, version, bounds)
        kind = is_open(bounds)
        if kind not in best or match > best[kind][0]:
            best[kind] = match, scheme, bounds
    found = []
    for every, (match, scheme, bounds) in sorted(best.items()):
        if match == Match.YES:
            reason = why.EVERY_VERSION if every else why.IN_RANGE
        elif match == Match.NO:
            reason = why.OUTSIDE
        else:
            reason = why.NOT_COMPARABLE if version else why.NO_VERSION
        if limit < match:
            match, reason = limit, cause
        found.append(Ground(record, criterion.kind, criterion.key, match, reason, version, in_words(bounds), scheme))
    return found


def _purl(record: str, criterion, subject: Subject) -> list[Ground]:
    found = []
    for purl in subject.purls:
        if subjects.purl_head(purl) != criterion.key:
            continue
        type_, name = subjects.purl_type(purl), criterion.key.rpartition("/")[2]
        version = subjects.purl_version(purl) or subject.version
        limit = distributions.fits(criterion.ecosystem, subjects.purl_qualifier(purl, "distro"), version)
        if limit != Match.NO:
            words = _ranges(record, criterion, lambda said, t=type_, n=name: scheme_of(t, n, said), version, limit, why.RELEASE_UNSAID)  # fmt: skip
            found += _under(purl, subject.purls, words)
    return found


def _under(identifier: str, among: tuple[str, ...], words: list[Ground]) -> list[Ground]:
    """These words with the identifier that they were said of, where the subject has several of its kind."""
    return [replace(one, identifier=identifier) for one in words] if len(among) > 1 else words


def _cpe(record: str, criterion, subject: Subject) -> list[Ground]:
    wanted = read_cpe(criterion.cpe) if criterion.cpe else None
    if wanted is None:
        return []
    found = []
    for text in subject.cpes:
        name = read_cpe(text)
        if name is None:
            continue
        limit = _attributes_fit(wanted, name, criterion.cpe)
        if limit == Match.NO:
            continue
        version = _cpe_version(name) or _plain_version(subject)
        scheme = scheme_of("", plain(wanted.product))
        found += _under(text, subject.cpes, _cpe_ranges(record, criterion, wanted, scheme, version, limit))
    return found


@lru_cache(100_000)
def _asks_no_more(text: str) -> bool:
    """Whether a CPE name leaves everything open but part, vendor, product and version."""
    name = read_cpe(text)
    return all(getattr(name, attribute) == ANY for attribute in ("update", *_BESIDES))


def _attributes_fit(wanted: CpeName, name: CpeName, text: str) -> Match:
    """How far all but the versions fit; `text` is what the wanted name was read from."""
    limit = Match.YES
    if name.part not in (wanted.part, ANY):
        if subjects.OTHER_PART.get(name.part) != wanted.part:
            return Match.NO
        limit = Match.UNSURE
    if (wanted.vendor, wanted.product) == (name.vendor, name.product) and _asks_no_more(text):
        return limit  # nearly all of NVD's
    for attribute in ("vendor", "product", *_BESIDES):
        relation = compare_values(getattr(wanted, attribute), getattr(name, attribute))
        if relation is Relation.DISJOINT:
            return Match.NO
        if relation not in (Relation.EQUAL, Relation.SUPERSET):
            limit = Match.UNSURE
    return limit


def _cpe_version(name: CpeName) -> str:
    if name.version in (ANY, NA) or has_wildcard(name.version):
        return ""
    update = "" if name.update in (ANY, NA) or has_wildcard(name.update) else f"-{plain(name.update)}"
    return plain(name.version) + update


def _plain_version(subject: Subject) -> str:
    """The component's own version; of a package of a distribution the version of the source inside."""
    for purl in subject.purls:
        scheme = scheme_of(subjects.purl_type(purl), "")
        if scheme not in UPSTREAM:
            return upstream_version(scheme, subjects.purl_version(purl) or subject.version)
    return subject.version


def _cpe_ranges(record, criterion, wanted: CpeName, scheme: str, version: str, limit: Match) -> list[Ground]:
    if wanted.part == "h" and wanted.version in (ANY, NA):
        # a device has no version to most who write a CPE of it
        return [Ground(record, criterion.kind, criterion.key, limit, why.EVERY_VERSION, version, EVERY, scheme)]
    if wanted.version == NA:
        said = Match.UNSURE if not version else Match.NO
        cause = why.NO_VERSION if not version else why.OUTSIDE
        return [Ground(record, criterion.kind, criterion.key, said, cause, version, NO_VERSION_ASKED, scheme)]
    if has_wildcard(wanted.version):
        relation = compare_values(wanted.version, version.lower() or ANY)
        match = {Relation.DISJOINT: Match.NO, Relation.SUPERSET: limit}.get(relation, Match.UNSURE)
        cause = why.IN_RANGE if match == Match.YES else why.OUTSIDE if match == Match.NO else why.NO_VERSION
        return [Ground(record, criterion.kind, criterion.key, match, cause, version, f"= {wanted.version}", scheme)]
    if wanted.update not in (ANY, NA):
        criterion = replace(criterion, ranges=tuple(_with_update(bounds, wanted) for bounds in criterion.ranges))
    if wanted.update == ANY and wanted.version != ANY:
        version = _without_update(version, plain(wanted.version))
    return _ranges(record, criterion, lambda _: scheme, version, limit, why.ATTRIBUTES_OPEN)


def _with_update(bounds, wanted: CpeName):
    """`1.0.2` with update `beta1` is the version 1.0.2-beta1."""
    if not bounds.exact or wanted.update in (ANY, NA) or has_wildcard(wanted.update):
        return bounds
    return replace(bounds, exact=f"{bounds.exact}-{plain(wanted.update)}")


def _without_update(version: str, exact: str) -> str:
    """The version without its stage where that is what a criterion with any update asks for: 3.5.0-rc1 is a 3.5.0."""
    mine, named = read_release(version), read_release(exact)
    if mine is None or named is None or mine.snapshot or named.stage != ((0, 0),):
        return version
    same = (mine.mark, mine.numbers, mine.letter, mine.tail) == (named.mark, named.numbers, named.letter, named.tail)
    return exact if same else version


def versions_named(kind: str, key: str, subject: Subject) -> list[str] | None:
    """The versions under which criteria of this key look at the subject; None where more than versions decides."""
    if kind == subjects.PURL:
        return [
            subjects.purl_version(purl) or subject.version for purl in subject.purls if subjects.purl_head(purl) == key
        ]
    if kind != subjects.CPE:
        return None
    names = [name for cpe in subject.cpes if (name := read_cpe(cpe)) is not None]
    keys = {key, f"{key[:-1]}{subjects.OTHER_PART.get(key[-1], key[-1])}"}
    return [
        _cpe_version(name) or _plain_version(subject)
        for name in names
        if (said := subjects.cpe_key(name)) is not None
        and (said[1] in keys if said[0] == kind else any(one.startswith(said[1]) for one in keys))
    ]


def _git(record: str, criterion, subject: Subject) -> list[Ground]:
    commits = subjects.repositories_of(subject).get(criterion.key)
    if commits is None:
        return []
    said = [version for purl in subject.purls if (version := subjects.purl_version(purl))]
    # purls of this very repository go before others
    of_it = [
        version
        for purl in subject.purls
        if subjects.repository_of(purl) == criterion.key and (version := subjects.purl_version(purl))
    ]
    versions = dict.fromkeys(of_it or said[:1] or [subject.version])
    return [word for commit in commits for version in versions for word in _git_at(record, criterion, commit, version)]


def _git_at(record: str, criterion, commit: str, version: str) -> list[Ground]:
    """The word about one version out of the repository."""
    tags = [bounds for bounds in criterion.ranges if bounds.exact]
    spans = [bounds for bounds in criterion.ranges if not bounds.exact]
    base = Ground(record, criterion.kind, criterion.key, Match.UNSURE, why.COMMITS, commit or version)
    named = {bounds.exact.lower() for bounds in tags}
    last = {end for bounds in spans if bounds.high_included for end in bounds.high.lower().split()}
    if commit and (commit in named or commit in last or any(commit == bounds.low.lower() for bounds in spans)):
        return [replace(base, match=Match.YES, cause=why.SAME_COMMIT, versions=f"= {commit}")]
    for bounds in spans:
        if commit and commit in bounds.high.lower().split():
            return [replace(base, match=Match.NO, cause=why.OUTSIDE, versions=in_words(bounds))]
    plain_spans = [bounds for bounds in spans if bounds.scheme != "git"]
    if plain_spans:  # of releases; single ones beside them are among the ranges
        adapted = replace(criterion, ranges=(*plain_spans, *(replace(bounds, scheme="") for bounds in tags)))
        name = criterion.key.rpartition("/")[2]
        return _ranges(record, adapted, lambda said: scheme_of("github", name, said), version, Match.YES, why.COMMITS)
    if tags:
        found = _among_tags(base, tags, criterion, version)
        # a range without an end goes on behind the last tag that the record lists
        going_on = [bounds for bounds in spans if not bounds.high]
        if found.match == Match.NO and going_on:
            every = any(bounds.low in ("", START) for bounds in going_on)
            found = replace(
                found, match=Match.YES if every else Match.UNSURE, cause=why.EVERY_VERSION if every else why.COMMITS
            )
        return [found]
    if spans and all(not bounds.low and not bounds.high for bounds in spans):
        return [replace(base, match=Match.YES, cause=why.EVERY_VERSION, versions=EVERY)]
    return [replace(base, versions=in_words(spans[0]) if spans else "")]


def _among_tags(base: Ground, tags, criterion, version: str) -> Ground:
    """The record lists the affected tags: a release that is not among them is out, a state between tags is unsure."""
    scheme = scheme_of("github", criterion.key.rpartition("/")[2])
    read = read_release(version)
    matches = [within(scheme, version, replace(bounds, scheme="")) for bounds in tags] if version else []
    ground = replace(base, version=version, scheme=scheme, versions=f"{len(tags)} tags")
    if Match.YES in matches:
        at = matches.index(Match.YES)
        return replace(ground, match=Match.YES, cause=why.IN_RANGE, versions=f"= {tags[at].exact}")
    if read is None:
        return replace(ground, cause=why.NO_VERSION if not version else why.NOT_COMPARABLE)
    if read.snapshot or read.tail or all(match == Match.UNSURE for match in matches):
        return replace(ground, cause=why.NOT_COMPARABLE)
    return replace(ground, match=Match.NO, cause=why.OUTSIDE)


def _hash(record: str, criterion, subject: Subject) -> list[Ground]:
    if criterion.key not in subject.hashes:
        return []
    return [Ground(record, criterion.kind, criterion.key, Match.YES, why.SAME_HASH, subject.version)]


def _name(record: str, criterion, subject: Subject) -> list[Ground]:
    if criterion.key not in subject.names:
        return []
    product = criterion.key.rpartition("/")[2].replace(" ", "-")
    return _ranges(record, criterion, lambda said: scheme_of("", product, said), _plain_version(subject), Match.YES, "")


def _link(record: str, criterion, subject: Subject) -> list[Ground]:
    if criterion.key not in subject.links:
        return []
    purl = next(iter(subject.purls), "")
    type_, name = subjects.purl_type(purl), subjects.purl_head(purl).rpartition("/")[2]
    version = subject.version or subjects.purl_version(purl)
    found = _ranges(record, criterion, lambda said: scheme_of(type_, name, said), version, Match.YES, "")
    return [replace(one, cause=why.LINKED) if one.cause == why.EVERY_VERSION else one for one in found]


def _part(record: str, criterion, subject: Subject) -> list[Ground]:
    if criterion.kind == subjects.MASK:
        if not any(fits(criterion.key, part) for part in subject.parts):
            return []
    elif criterion.key not in subject.parts:
        return []
    limit = Match.UNSURE if narrowed(criterion) else Match.YES
    pieces = narrowing(criterion, sure=criterion.status == AFFECTED)
    if not criterion.ranges:
        said = "; ".join(filter(None, (
            criterion.lots and "lot " + ", ".join(criterion.lots),
            criterion.date_codes and "date code " + ", ".join(criterion.date_codes),
            criterion.silicon_revisions and "silicon " + ", ".join(criterion.silicon_revisions),
            criterion.serials and "serial number " + ", ".join(criterion.serials[:SERIALS_SAID_MAX]),
        )))  # fmt: skip
        cause = why.PIECES if narrowed(criterion) else why.EVERY_VERSION
        return [Ground(record, criterion.kind, criterion.key, limit, cause, subject.version, said, pieces=pieces)]
    found = _ranges(record, criterion, lambda said: scheme_of("", "", said), subject.version, limit, why.PIECES)
    return [replace(one, pieces=pieces) if one.match != Match.NO else one for one in found]


_SPEAKS = {
    subjects.PURL: _purl, subjects.CPE: _cpe, subjects.GIT: _git, subjects.HASH: _hash, subjects.NAME: _name, subjects.BOM: _link,
    subjects.PART: _part, subjects.MASK: _part,
}  # fmt: skip
