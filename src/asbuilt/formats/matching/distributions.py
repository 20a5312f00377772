"""Whether a package is of the release of a distribution that a record of OSV is about.

    fits("Debian:12", "debian-12.4", "1.0-1")                          -> YES
    fits("SUSE:Linux Enterprise Server 15 SP5", "sles-15.6", "1.0-1")  -> NO
    fits("Red Hat:enterprise_linux:9::appstream", "", "1.0-1.el9")     -> UNSURE

`distro` is the qualifier of the package's purl. A record that names no release speaks of all of them. Source: OSV schema 1.7.5, "Defined
ecosystems": Ubuntu's with Pro (the same versions, with +esm), Red Hat's with a part of a CPE, SUSE's with the name of the product.
"""

import re

from asbuilt.formats.versions.matches import Match

_SAID = re.compile(r"(?:^|[-_ ])v?([0-9]+(?:\.[0-9]+)*)")
_LEADING = re.compile(r"v?([0-9]+(?:\.[0-9]+)*)")
_UBUNTU = re.compile(r"(?:^|:)([0-9]{1,2}\.[0-9]{2})(?::|$)")
_RED_HAT = re.compile(r"(?:^|:)(?:enterprise_linux|rhel_[a-z0-9_]+):([0-9]+(?:\.[0-9]+)?)")
_EL = re.compile(r"\bel([0-9]+)")
_SUSE = re.compile(r"^(?:linux enterprise\b.*?|leap(?: micro)?) ([0-9]+)(?:\.([0-9]+)| sp([0-9]+))?(?:[- ]|$)")
_ROLLING = "tumbleweed"


def fits(ecosystem: str, distro: str, version: str) -> Match:
    """Whether the package, with this `distro` and version, is of the ecosystem's release; UNSURE where that is not told."""
    base, _, suffix = ecosystem.lower().partition(":")
    if _ROLLING in suffix:
        return Match.UNSURE if not distro else Match.YES if _ROLLING in distro.lower() else Match.NO
    release = _release(base, suffix)
    if not release:
        # a product of SUSE or Red Hat whose release is not one of its Linux: its packages may be anywhere
        return Match.UNSURE if suffix and base in ("suse", "red hat") else Match.YES
    said = _SAID.search(distro)
    if said is None:
        return Match.UNSURE
    # alpine-3.18.4 is of release 3.18
    if said[1] != release and not said[1].startswith(release + "."):
        # a distribution that says its major release alone may be at any minor one
        return Match.UNSURE if release.startswith(said[1] + ".") else Match.NO
    if "fips" in suffix and "fips" not in version.lower():
        return Match.UNSURE  # packages of FIPS are built beside the others, with versions of their own
    return Match.YES


def _release(base: str, suffix: str) -> str:
    if base == "ubuntu":
        found = _UBUNTU.search(suffix)
    elif base == "red hat":
        found = _RED_HAT.search(suffix) or _EL.search(suffix)
    elif base in ("suse", "opensuse"):
        found = _SUSE.match(suffix) or (None if base == "suse" else _LEADING.match(suffix))
        if found is not None and found.re is _SUSE:
            minor = found[2] or found[3]
            return f"{found[1]}.{minor}" if minor else found[1]
    else:
        found = _LEADING.match(suffix)
    return found[1] if found else ""
