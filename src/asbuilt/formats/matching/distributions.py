"""Whether a package is of the release of a distribution that a record of OSV is about, and which releases records speak of.

    fits("Debian:12", "debian-12.4", "1.0-1")                          -> YES
    fits("Ubuntu:22.04:LTS", "jammy", "1.0-1")                         -> YES
    fits("SUSE:Linux Enterprise Server 15 SP5", "sles-15.6", "1.0-1")  -> NO
    fits("Red Hat:enterprise_linux:9::appstream", "", "1.0-1.el9")     -> UNSURE
    release_spoken_of("Alpine:v3.18")                                  -> "3.18"
    releases_told("alpine-3.18.4")                                     -> ("3.18.4", "3.18", "3")
    releases_told("openEuler-22.03", "1.1-2.oe2203sp3")                -> ("22.03.3", "22.03", "22")
    ecosystem_of("deb/ubuntu", "jammy")                                -> "Ubuntu:22.04"

`distro` is the qualifier of the package's purl: a number, or the name of a series of Debian or Ubuntu (data/distribution-releases.json, dated). A
record that names no release speaks of all of them. Source: OSV schema 1.7.5, "Defined ecosystems": Ubuntu's with Pro (the same versions, with
+esm), Red Hat's with a part of a CPE, SUSE's with the name of the product. openEuler's service packs each have packages of their own: 22.03-LTS-SP3
is 22.03.3 here, 22.03-LTS is 22.03.0, and 22.03 alone is any of them; tools leave the pack out of `distro`, so it is read off the package's
version too, whose last part is .oe2203sp3 (openEuler packaging guideline, dist tag).
"""

import json
import re
from functools import cache
from pathlib import Path

from asbuilt.formats.versions.matches import Match

_FILE = Path(__file__).parents[1] / "data" / "distribution-releases.json"
_SAID = re.compile(r"(?:^|[-_ ])v?([0-9]+(?:\.[0-9]+)*)")
_WORD = re.compile(r"[a-z]+")
_LEADING = re.compile(r"v?([0-9]+(?:\.[0-9]+)*)")
_UBUNTU = re.compile(r"(?:^|:)([0-9]{1,2}\.[0-9]{2})(?::|$)")
_RED_HAT = re.compile(r"(?:^|:)(?:enterprise_linux|rhel_[a-z0-9_]+):([0-9]+(?:\.[0-9]+)?)")
_EL = re.compile(r"\bel([0-9]+)")
_SUSE = re.compile(r"^(?:linux enterprise\b.*?|leap(?: micro)?) ([0-9]+)(?:\.([0-9]+)| sp([0-9]+))?(?:[- ]|$)")
_ROLLING = "tumbleweed"
_EULER = "openeuler"
_EULER_SAID = re.compile(r"([0-9]{2})\.?([0-9]{2})(?![0-9])([-_ (]*lts)?(?:[-_ ]*sp([0-9]+))?")
_EULER_BUILT = re.compile(r"\boe([0-9]{2})([0-9]{2})(?:sp([0-9]+))?(?![0-9a-z])")
# what of a version is the release whose packages are one: 12 of Debian's 12.4, 3.18 of Alpine's 3.18.4; 0 where a number is a day's image
_NUMBERS = {"debian": 1, "redhat": 1, "centos": 1, "almalinux": 1, "rocky-linux": 1, "rocky": 1, "fedora": 1, "oracle": 1, "wolfi": 0,
            "chainguard": 0, "minimos": 0, "arch": 0}  # fmt: skip
_NAMES = {"ubuntu": "Ubuntu", "debian": "Debian", "redhat": "Red Hat:enterprise_linux", "suse": "SUSE:Linux Enterprise Server",
          "opensuse": "openSUSE:Leap", "openeuler": "openEuler"}  # fmt: skip


def fits(ecosystem: str, distro: str, version: str) -> Match:
    """Whether the package, with this `distro` and version, is of the ecosystem's release; UNSURE where that is not told."""
    release = _release(ecosystem)
    if release is None:
        return Match.UNSURE
    if not release:
        return Match.YES
    told = releases_told(distro, version, ecosystem)
    if not told:
        # one that says something else than the rolling release is of another
        return Match.NO if release == _ROLLING and distro else Match.UNSURE
    if release not in told:
        # a distribution that says its major release alone may be at any minor one
        return Match.UNSURE if release.startswith(told[0] + ".") else Match.NO
    if _is_fips(ecosystem) and "fips" not in version.lower():
        return Match.UNSURE  # packages of FIPS are built beside the others, with versions of their own
    return Match.YES


def release_spoken_of(ecosystem: str) -> str | None:
    """The release whose packages a record of the ecosystem is about, as `releases_told` has it; "" every one. None: packages may be any
    release's, or are a build of their own, so that nothing is told of a release as such."""
    return None if _is_fips(ecosystem) else _release(ecosystem)


def releases_told(distro: str, version: str = "", whose: str = "") -> tuple[str, ...]:
    """The release that a package says it is of, then what it is part of: 12.4 is of 12. Nothing where it says none. `whose` names the distribution
    where `distro` need not."""
    lowered = distro.lower()
    if _EULER in lowered or _EULER in whose.lower():
        return _packs_told(lowered, version)
    if _ROLLING in lowered:
        return (_ROLLING,)
    found = _SAID.search(lowered)
    numbers = (found[1] if found else _of_series(lowered)).split(".")
    return tuple(".".join(numbers[:count]) for count in range(len(numbers), 0, -1) if numbers[0])


def ecosystem_of(whose: str, distro: str) -> str:
    """The release that a purl of this distribution (`deb/debian`) names by its `distro`, as OSV writes ecosystems; "" where it names none."""
    name = whose.rpartition("/")[2].lower()
    told = releases_told(distro, "", whose)
    count = _NUMBERS.get(name, 2)
    if not told or not count:
        return ""
    if told[0] == _ROLLING:
        return f"openSUSE:{_ROLLING}"
    if name == _EULER:
        year, month, *pack = told[0].split(".")
        return f"openEuler:{year}.{month}" + (f"-LTS-SP{pack[0]}" if pack else "")
    release = ".".join(told[0].split(".")[:count])
    named = _NAMES.get(name, name)
    return f"{named}{' ' if named.endswith(('Server', 'Leap')) else ':'}{release}"


def _packs_told(distro: str, version: str) -> tuple[str, ...]:
    """The release of openEuler with its service pack, of which 0 is none; without it where neither `distro` nor the version says it."""
    said, built = _EULER_SAID.search(distro), _EULER_BUILT.search(version.lower())
    if said is None and built is None:
        return ()
    year, month = (said or built)[1], (said or built)[2]
    pack = said[4] if said else None
    if pack is None and built and (built[1], built[2]) == (year, month):
        pack = built[3] or "0"
    whole = f"{year}.{month}"
    return (*((f"{whole}.{int(pack)}",) if pack else ()), whole, year)


def _is_fips(ecosystem: str) -> bool:
    return "fips" in ecosystem.partition(":")[2].lower()


def _release(ecosystem: str) -> str | None:
    """The release in an ecosystem; "" where it names none, None where it names a product that runs on several."""
    base, _, suffix = ecosystem.lower().partition(":")
    if _ROLLING in suffix:
        return _ROLLING
    if base == _EULER:
        said = _EULER_SAID.search(suffix)
        pack = said and (said[4] or (said[3] and "0"))
        return "" if said is None else f"{said[1]}.{said[2]}" + (f".{int(pack)}" if pack else "")
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
    if found is not None:
        return found[1]
    if base in _series():
        return _of_series(suffix)
    # a product of SUSE or Red Hat whose release is not one of its Linux: its packages may be anywhere
    return None if suffix and base in ("suse", "red hat") else ""


def _of_series(text: str) -> str:
    """The release whose series is named in a text: bookworm is 12; empty where none is."""
    of_all = {word: number for series in _series().values() for word, number in series.items()}
    return next((of_all[word] for word in _WORD.findall(text) if word in of_all), "")


@cache
def _series() -> dict[str, dict[str, str]]:
    return json.loads(_FILE.read_text(encoding="utf-8"))["series"]
