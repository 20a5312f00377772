"""Whose rules the versions of a package follow: its ecosystem's, else the project's own, else plain source."""

from asbuilt.formats.versions.order import FREERTOS, GENERIC, GIT, OPENSSL, UBOOT, UPSTREAM, ZEPHYR

_OF_PURL_TYPE = {
    "deb": "deb", "rpm": "rpm", "apk": "apk", "alpm": "alpm", "ebuild": "ebuild", "pypi": "pypi", "npm": "npm", "maven": "maven",
    "nuget": "nuget", "gem": "gem", "composer": "composer", "cargo": "cargo", "golang": "golang", "conan": "conan", "hex": "hex",
    "swift": "swift", "pub": "pub", "github": GIT, "gitlab": GIT, "bitbucket": GIT,
}  # fmt: skip
_OF_NAME = {
    "openssl": OPENSSL, "zephyr": ZEPHYR, "zephyr-rtos": ZEPHYR, "u-boot": UBOOT, "uboot": UBOOT, "das-u-boot": UBOOT,
    "freertos": FREERTOS, "freertos-kernel": FREERTOS, "freertos_kernel": FREERTOS,
}  # fmt: skip
_NAMED = {
    "semver": "semver",
    "ecosystem": "",
    "git": GIT,
    "custom": "",
    "python": "pypi",
    "dpkg": "deb",
    "alpine": "apk",
}


def scheme_of(purl_type: str, name: str, said: str = "") -> str:
    """The scheme for a package of this purl type ("" where it has none) and name; `said` is what a range itself names.

    A project with rules of its own keeps them below a host of sources, not below a distribution, whose versions are its own.
    """
    named = _NAMED.get(said.lower(), said.lower())
    of_type = _OF_PURL_TYPE.get(purl_type.lower(), "")
    if named in _OF_PURL_TYPE.values() and named not in UPSTREAM:
        return named
    if of_type and of_type not in UPSTREAM:
        return of_type
    of_name = _OF_NAME.get(name.lower(), "")
    return of_name or (named if named in UPSTREAM or named == "semver" else "") or of_type or GENERIC


def upstream_version(scheme: str, version: str) -> str:
    """The version of the source inside a distribution's: without epoch and packager's revision (1:1.36.1-3+b1 -> 1.36.1)."""
    if scheme not in ("deb", "rpm", "apk", "alpm", "ebuild"):
        return version
    after_epoch = version.partition(":")[2] if version.partition(":")[0].isdigit() and ":" in version else version
    upstream = after_epoch.rpartition("-")[0] or after_epoch
    return upstream.partition("+")[0] or upstream
