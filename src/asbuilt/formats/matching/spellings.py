"""How names of an ecosystem are spelled when they are compared: what its rules, or those of package URLs, call the same name is one.

    folded("pkg:pypi/Ruamel_Yaml.clib")    -> "pkg:pypi/ruamel-yaml-clib"
    folded("pkg:rpm/rocky/NetworkManager") -> "pkg:rpm/rocky-linux/networkmanager"

Only keys are folded: whatever was written stands as it was written. Nobody rules how generic names are written, so they are blind to case. Maven, RubyGems, Hackage, CRAN and CocoaPods tell capitals apart.
Sources: ECMA-427 and its type definitions; PEP 503; NuGet's and crates.io's rules for package ids; ids of /etc/os-release, which syft writes
as namespaces, beside the families that trivy writes and the names of OSV's ecosystems.
"""

import re

_BLIND_TO_CASE = frozenset(
    (
        "alpm", "apk", "bitbucket", "bitnami", "cargo", "composer", "conan", "deb", "generic", "github", "gitlab", "golang", "hex", "luarocks",
        "npm", "nuget", "oci", "opam", "pub", "pypi", "rpm", "swift", "yocto",
    )
)  # fmt: skip
_RUN = re.compile(r"[-_.]+")
_DISTRIBUTIONS = {
    "rocky": "rocky-linux", "rockylinux": "rocky-linux", "alma": "almalinux", "alma-linux": "almalinux", "rhel": "redhat", "red-hat": "redhat",
    "sles": "suse", "sled": "suse", "sle-micro": "suse", "sl-micro": "suse", "sle_hpc": "suse", "opensuse-leap": "opensuse",
    "opensuse.leap": "opensuse", "opensuse-tumbleweed": "opensuse", "opensuse.tumbleweed": "opensuse", "opensuse-leap-micro": "opensuse",
    "opensuse-microos": "opensuse",
}  # fmt: skip
"""Namespaces of RPM packages that mean one distribution, with the one that OSV's records are kept under."""


def folded(head: str) -> str:
    """A purl without version, qualifiers and subpath, decoded, in the one spelling that its ecosystem compares."""
    type_, slash, rest = head[4:].lstrip("/").partition("/")
    type_ = type_.lower()
    if head[:4].lower() != "pkg:" or not slash:
        return head
    if type_ in _BLIND_TO_CASE:
        rest = rest.lower()
    if type_ == "pypi":
        rest = _RUN.sub("-", rest)
    elif type_ == "cargo":
        rest = rest.replace("_", "-")
    elif type_ == "rpm":
        namespace, slash, name = rest.partition("/")
        rest = f"{_DISTRIBUTIONS.get(namespace, namespace)}/{name}" if slash else rest
    return f"pkg:{type_}/{rest}"
