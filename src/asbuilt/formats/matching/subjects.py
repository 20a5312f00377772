"""What is matched: a package version or a hardware part, with every name it has, and the keys its criteria are found under.

A key is (kind, text). Kinds: `purl` without version, `cpe` as product:vendor:part (an application also as an operating system), `git` repository, `hash` ALGORITHM:hex,
`name` vendor/product, `bom` a BOM-Link (formats.bom_links) that was resolved, `part` MAKER/MPN, `mask` the beginning of MAKER/PATTERN (masks). A CPE that leaves part or vendor open has the beginning of a key (`cpe~`): busybox:
finds every vendor's busybox.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from asbuilt.formats.matching import distributions
from asbuilt.formats.matching.cpe_names import ANY, NA, CpeName, has_wildcard, plain, read_cpe
from asbuilt.formats.matching.masks import beginnings as beginnings_of_part
from asbuilt.formats.matching.spellings import folded
from asbuilt.formats.percent_encoding import decoded, encoded

PURL, CPE, CPE_OPEN, GIT, HASH, NAME, PART, MASK = "purl", "cpe", "cpe~", "git", "hash", "name", "part", "mask"
BOM = "bom"
FROM = "from"
"""The kind of what coverage alone looks up: whose packages a package of a distribution is among (`origins_of`)."""
KINDS = (PURL, CPE, CPE_OPEN, GIT, HASH, NAME, PART, MASK, BOM)
TYPES_OF_DISTRIBUTIONS = ("alpm", "apk", "deb", "rpm")
"""Purl types that many distributions share, each with packages and records of its own; the namespace says which."""
# one catalog calls an embedded system an application, the other an operating system: such a name is looked up as both
OTHER_PART = {"a": "o", "o": "a"}
_HOSTS = {"github": "https://github.com/", "gitlab": "https://gitlab.com/", "bitbucket": "https://bitbucket.org/"}


@dataclass(frozen=True, slots=True)
class Subject:
    """A component as its SBOM calls it, with the names that a person confirmed for it; or a part of the board.

    `purls` are canonical with version and qualifiers; `cpes` whole CPE names, of an identity with the version left open;
    `repositories` (address, commit or ""); `hashes` ALGORITHM:hex; `names` vendor/product in lower case; `parts` MAKER/MPN; `links` are BOM-Links that
    mean it.
    """

    name: str
    version: str
    purls: tuple[str, ...] = ()
    cpes: tuple[str, ...] = ()
    repositories: tuple[tuple[str, str], ...] = ()
    hashes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@lru_cache(200_000)
def purl_type(purl: str) -> str:
    """`deb` of pkg:deb/debian/openssl@1."""
    return purl[4:].lstrip("/").partition("/")[0].lower() if purl[:4].lower() == "pkg:" else ""


@lru_cache(200_000)
def purl_ecosystem(head: str) -> str:
    """Whose packages the key of a purl is among: its type; of a distribution's package with the distribution, because no record of Debian is
    found in a package of Ubuntu. `npm` of pkg:npm/@a/b, `deb/debian` of pkg:deb/debian/openssl, `deb` where no distribution is said.
    """
    type_ = purl_type(head)
    return head[4:].rpartition("/")[0] if type_ in TYPES_OF_DISTRIBUTIONS else type_


@lru_cache(200_000)
def purl_head(purl: str) -> str:
    """The purl without version, qualifiers and subpath, as names of its ecosystem are compared: the key of a canonical one."""
    return folded(_head(purl))


def origins_of(subject: Subject) -> list[str]:
    """Whose packages the subject's purls of distributions are among, each once: of the distribution, then of its release as far as they tell
    it. `deb/debian` `deb/debian:12.4` `deb/debian:12` of pkg:deb/debian/openssl@1?distro=debian-12.4."""
    found: dict[str, None] = {}
    for purl in subject.purls:
        if purl_type(purl) in TYPES_OF_DISTRIBUTIONS:
            whose = purl_ecosystem(purl_head(purl))
            releases = distributions.releases_told(
                purl_qualifier(purl, "distro"), purl_version(purl) or subject.version, whose
            )
            found |= dict.fromkeys((whose, *(f"{whose}:{release}" for release in releases)))
    return list(found)


def origin_spoken_of(head: str, ecosystem: str) -> str:
    """Whose packages a record speaks of that gives a package this key and, where it is OSV's, this ecosystem: as `purl_ecosystem`, and of a
    distribution's package of one release `deb/debian:12`. `rpm/suse:` of a product that runs on several, which no package tells."""
    whose = purl_ecosystem(head)
    if purl_type(head) not in TYPES_OF_DISTRIBUTIONS:
        return whose
    release = distributions.release_spoken_of(ecosystem)
    return whose if release == "" else f"{whose}:{release or ''}"


def purl_name(purl: str) -> str:
    """The name in a purl as it is written, decoded."""
    return _head(purl).rpartition("/")[2]


def _head(purl: str) -> str:
    head = purl.partition("#")[0].partition("?")[0]
    path, slash, last = head.rpartition("/")
    at = last.rfind("@")
    return decoded(path + slash + (last[:at] if at > 0 else last))


@lru_cache(200_000)
def purl_version(purl: str) -> str:
    """The version in a purl, decoded; empty where it has none. Of an RPM with the epoch that stands in a qualifier: records write it before
    the version."""
    last = purl.partition("#")[0].partition("?")[0].rpartition("/")[2]
    at = last.rfind("@")
    version = decoded(last[at + 1 :]) if at > 0 else ""
    if version and ":" not in version and "epoch=" in purl and purl_type(purl) == "rpm":
        epoch = purl_qualifier(purl, "epoch")
        return f"{epoch}:{version}" if epoch.isdigit() and epoch != "0" else version
    return version


def purl_qualifier(purl: str, name: str) -> str:
    """A qualifier of a purl, decoded; empty where it has none of that name."""
    for pair in purl.partition("#")[0].partition("?")[2].split("&"):
        key, _, value = pair.partition("=")
        if key.lower() == name:
            return decoded(value)
    return ""


def source_package(purl: str) -> str:
    """The purl of the source package that a package of a distribution was built from, where its `upstream` says so; else "".

    Distributions name flaws by the source (openssl), images hold what was built from it (libssl3). As syft writes it: a name,
    name@version, or the file of a source RPM.
    """
    said = purl_qualifier(purl, "upstream")
    if not said or purl_type(purl) not in ("deb", "apk", "rpm"):
        return ""
    name, _, version = said.partition("@")
    if said.endswith(".src.rpm"):
        name, *rest = said.removesuffix(".src.rpm").rsplit("-", 2)
        version = "-".join(rest)
    namespace = purl_head(purl).rpartition("/")[0]
    distro = purl_qualifier(purl, "distro")
    made = f"{namespace}/{encoded(name)}@{encoded(version or purl_version(purl), ':')}"
    return made + (f"?distro={encoded(distro)}" if distro else "")


def cpe_key(name: CpeName) -> tuple[str, str] | None:
    """The key of a CPE name, or the beginning of keys where it leaves part or vendor open; None without a product."""
    if name.product in (ANY, NA) or has_wildcard(name.product):
        return None
    product = plain(name.product)
    if name.vendor in (ANY, NA) or has_wildcard(name.vendor):
        return CPE_OPEN, f"{product}:"
    if name.part == ANY:
        return CPE_OPEN, f"{product}:{plain(name.vendor)}:"
    return CPE, f"{product}:{plain(name.vendor)}:{name.part}"


@lru_cache(200_000)
def _key_of_cpe(text: str) -> tuple[str, str] | None:
    name = read_cpe(text)
    return None if name is None else cpe_key(name)


def let_go() -> None:
    """Forget the names that were read: they are asked for again and again while one document or feed is matched, and hardly ever after."""
    for one in (purl_type, purl_ecosystem, purl_head, purl_version, _key_of_cpe, read_cpe):
        one.cache_clear()


def keys_of(subject: Subject) -> list[tuple[str, str]]:
    """All keys under which a criterion may speak of the subject, each once."""
    return list(dict.fromkeys(_keys(subject)))


def _keys(subject: Subject) -> Iterator[tuple[str, str]]:
    for purl in subject.purls:
        yield PURL, purl_head(purl)
    for cpe in subject.cpes:
        if (key := _key_of_cpe(cpe)) is not None:
            yield key
            if key[0] == CPE and key[1][-1] in OTHER_PART:
                yield CPE, f"{key[1][:-1]}{OTHER_PART[key[1][-1]]}"
    for address in repositories_of(subject):
        yield GIT, address
    for text in subject.hashes:
        yield HASH, text
    for name in subject.names:
        yield NAME, name
    for link in subject.links:
        yield BOM, link
    for part in subject.parts:
        yield PART, part
        for begin in beginnings_of_part(part):
            yield MASK, begin


def repositories_of(subject: Subject) -> dict[str, tuple[str, ...]]:
    """Repository address -> its commits, ("",) where none is said, also of purls that name a host of sources."""
    found: dict[str, tuple[str, ...]] = {}
    for address, commit in subject.repositories:
        if address:
            found[address] = tuple(dict.fromkeys((*found.get(address, ()), commit.lower())))
    for purl in subject.purls:
        if address := repository_of(purl):
            found.setdefault(address, ("",))
    return found


def repository_of(purl: str) -> str:
    """The address of the repository that a purl of a host of sources names; empty for any other."""
    host = _HOSTS.get(purl_type(purl))
    return host + purl_head(purl).partition("/")[2].lower() if host else ""


def beginnings(key: str) -> tuple[str, str]:
    """The two beginnings under which an open CPE is kept that this whole CPE key fits: `product:` and `product:vendor:`."""
    head = key.rpartition(":")[0]
    return head[: head.find(":") + 1], head + ":"
