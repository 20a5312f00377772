"""Identifiers of components, looked at: a wrong one is a doubt about the document, never a reason to refuse it.

purl: ECMA-427 as packageurl-python reads it. CPE: NISTIR 7695, the formatted string of 2.3 and the URI of 2.2.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from packageurl import PackageURL

CPE_PARTS = 13
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_PLAIN = re.compile(r"(?:[a-z0-9._\-]|\\[!-/:-@\[-`{-~])+", re.IGNORECASE)
_CPE_2_2 = re.compile(r"cpe:/[aho]?(?::(?:[a-z0-9._\-~%]*)){0,6}", re.IGNORECASE)
_BAD_PERCENT = re.compile(r"%(?![0-9a-fA-F]{2})")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_COMMIT = re.compile(r"(?:git\+)?(?P<url>[a-z+]+://[^\s#]+?)@(?P<commit>[0-9a-fA-F]{40,64})(?:#.*)?$")
REMEMBERED = 8_192


@lru_cache(REMEMBERED)
def canonical_purl(text: str) -> str:
    """The canonical form of a package URL; empty where the text is none."""
    try:
        return PackageURL.from_string(text).to_string()
    except (ValueError, AttributeError):
        return ""


def purl_fault(text: str) -> str:
    """What is wrong with a package URL in words, or empty."""
    if _BAD_PERCENT.search(text):
        return "has a % that escapes nothing"
    if not canonical_purl(text):
        return "is no package URL"
    return ""


def cpe_fault(text: str) -> str:
    """What is wrong with a CPE name in words, or empty."""
    if text.lower().startswith("cpe:/"):
        return "" if _CPE_2_2.fullmatch(text) else "is no CPE 2.2 URI"
    if not text.lower().startswith("cpe:2.3:"):
        return "is no CPE name"
    parts = _ESCAPED.sub("xx", text).split(":")
    if len(parts) != CPE_PARTS:
        return f"has {len(parts)} parts where CPE 2.3 has {CPE_PARTS}"
    if parts[2].lower() not in ("a", "o", "h", "*", "-"):
        return "names neither an application, an operating system nor hardware"
    at = 0
    for number, held in enumerate(parts):
        part = text[at : at + len(held)]
        at += len(held) + 1
        if number > 2 and part not in ("*", "-") and not _PLAIN.fullmatch(part.lstrip("?*").rstrip("?*") or "x"):
            return f"has a character in part {number + 1} that needs a backslash"
    return ""


def source_of(text: str) -> tuple[tuple[str, str], ...]:
    """Repository and commit of a download location such as `git+https://…@COMMIT`, as ("vcs", url), ("commit", hex)."""
    found = _COMMIT.match(text.strip()) if len(text) < 4_000 else None
    if not found:
        return ()
    return ("vcs", found["url"]), ("commit", found["commit"].lower())


def each_once(identifiers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The identifiers, each once, in order. A repository and the commit behind it are one: two commits of one repository stay with it."""
    found: dict[tuple, None] = {}
    for one in identifiers:
        last = next(reversed(found), ()) if one[0] == "commit" else ()
        if len(last) == 1 and last[0][0] == "vcs":
            del found[last]
            one = (last[0], one)
        else:
            one = (one,)
        found[one] = None
    return tuple(pair for pairs in found for pair in pairs)


def sources_in(identifiers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """(repository, commit) of each repository with the commit behind it, in order, each once."""
    found, address = {}, ""
    for kind, value in identifiers:
        if kind == "commit" and address:
            found[address, value] = None
        address = value if kind == "vcs" else ""
    return list(found)


TRIVY_SOURCE = {f"aquasecurity:trivy:Src{name}": name for name in ("Name", "Epoch", "Version", "Release")}
_DISTRIBUTIONS = ("pkg:deb/", "pkg:apk/", "pkg:rpm/")


def built_from(purl: str, said: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The source package that a package of a distribution was built from, as ("upstream", "openssl@1:3.0.7-16.el9").

    `said` holds Name, and Version, Epoch and Release where known, as trivy names them in its properties. Empty where the purl says it itself.
    """
    name, version = said.get("Name", "").strip(), said.get("Version", "").strip()
    if not name or not purl.lower().startswith(_DISTRIBUTIONS) or "upstream=" in purl or "@" in name:
        return ()
    if version and (release := said.get("Release", "").strip()):
        version += f"-{release}"
    if version and (epoch := said.get("Epoch", "").strip()) not in ("", "0"):
        version = f"{epoch}:{version}"
    return (("upstream", f"{name}@{version}" if version else name),)


_BUILT_FROM = re.compile(r"built package from: (?P<Name>[^\s@]+)(?: (?P<Version>\S+))?")


def built_from_words(purl: str, text: str) -> tuple[tuple[str, str], ...]:
    """The same out of the SPDX field sourceInfo, where trivy says it in words."""
    found = _BUILT_FROM.fullmatch(text.strip()) if len(text) < 1_000 else None
    return built_from(purl, {key: value for key, value in found.groupdict().items() if value}) if found else ()


def with_upstream(purl: str, source: str) -> str:
    """A canonical purl that says from which source package it was built; unchanged where it says so, or is none."""
    if not purl or not source:
        return purl
    try:
        said = PackageURL.from_string(purl)
        return said._replace(qualifiers={**said.qualifiers, "upstream": source}).to_string()
    except ValueError:
        return purl


def source_of_purl(text: str) -> tuple[tuple[str, str], ...]:
    """Repository and commit that a package URL names in its `vcs_url`, or none."""
    if "vcs_url=" not in text:
        return ()
    try:
        said = PackageURL.from_string(text).qualifiers
    except ValueError:
        return ()
    return source_of(said.get("vcs_url", ""))


def percent_decoded(text: str) -> str:
    """The text with `%20` and its like as what they stand for; what is no UTF-8 then stays as written."""
    try:
        return _PERCENT.sub(lambda found: bytes.fromhex(found[0].replace("%", "")).decode(), text)
    except UnicodeDecodeError:
        return text
