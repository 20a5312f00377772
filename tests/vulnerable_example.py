"""What is in the firmware of the example factory, and which of it a published record touches: counted by hand, beside the product.

SBOMs and records lie in examples/vulnerabilities. Which release has which component is read from the SBOMs as plain JSON; which version a record
means was looked up once for each (examples/README.md names the records) and stands in TOUCHED.
"""

import json
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "examples" / "vulnerabilities"
FEEDS = ("nvd", "cve5", "osv")
# file -> product, image role, version. EG-200 app 2.2.4, which no unit runs, has none
SBOMS = {
    "eg200-app-2.3.0.cdx.json": ("EG-200", "app", "2.3.0"),
    "eg200-app-2.3.1.cdx.json": ("EG-200", "app", "2.3.1"),
    "eg200-app-2.4.0.cdx.json": ("EG-200", "app", "2.4.0"),
    "mb200-boot-1.0.spdx.json": ("MB-200", "boot", "1.0"),
    "rb50-radio-1.7.9.cdx.json": ("RB-50", "radio", "1.7.9"),
    "rb50-radio-1.8.0.cdx.json": ("RB-50", "radio", "1.8.0"),
}
TOUCHED = {
    "CVE-2020-22284": {("lwip", "2.1.2")},
    "CVE-2022-48174": {("busybox", "1.36.1")},
    "CVE-2024-28115": {("freertos-kernel", "10.5.1")},
    "CVE-2024-28960": {("mbedtls", "2.28.7"), ("mbedtls", "3.5.2")},
    "CVE-2024-33453": {("esp-idf", "5.1")},
    "CVE-2024-57254": {("u-boot", "2024.01")},
    "CVE-2024-6442": {("zephyr", "3.6.0")},
    "CVE-2024-9143": {("openssl", "3.0.13"), ("openssl", "3.0.14")},
    "CVE-2025-27810": {("mbedtls", "2.28.7"), ("mbedtls", "2.28.8"), ("mbedtls", "3.5.2"), ("mbedtls", "3.6.0")},
}
NAMELESS = "CVE-2024-6442"  # Zephyr has neither purl nor CPE in our SBOMs: a person says what feeds call it
ZEPHYR = "cpe=cpe:2.3:o:zephyrproject:zephyr:*"


def listed(file: str) -> set[tuple[str, str]]:
    """(name, version) of what an SBOM lists below its subject, whatever lies in what."""
    said = json.loads((FOLDER / "sboms" / file).read_text())
    if "packages" in said:
        return {(one["name"], one["versionInfo"]) for one in said["packages"] if one["SPDXID"] != "SPDXRef-image"}
    left, found = list(said["components"]), set()
    while left:
        one = left.pop()
        found.add((one["name"], one["version"]))
        left += one.get("components", [])
    return found


def releases(vulnerability: str) -> dict[tuple[str, str], set[str]]:
    """(product, role) -> the versions that list something which the vulnerability touches."""
    found: dict[tuple[str, str], set[str]] = {}
    for file, (product, role, version) in SBOMS.items():
        if listed(file) & TOUCHED[vulnerability]:
            found.setdefault((product, role), set()).add(version)
    return found


def add_sboms(asbuilt) -> None:
    """asbuilt("sbom", "add", …) for each SBOM of ours."""
    for file, (product, role, version) in SBOMS.items():
        of = ("--product", product, "--role", role, "--version", version)
        asbuilt("sbom", "add", FOLDER / "sboms" / file, *of)


def take_feeds(asbuilt) -> None:
    """The feeds of our folder, set and taken by command."""
    for kind in FEEDS:
        asbuilt("vuln", "feed", "add", kind, "--kind", kind, "--source", FOLDER / "feeds" / kind)
    asbuilt("vuln", "feed", "take", "--all")


def add_sboms_here(actor) -> None:
    """The same SBOMs in this process."""
    from asbuilt.designed.components.actions import add_sbom
    from asbuilt.designed.components.bindings import Binding

    for file, (product, role, version) in SBOMS.items():
        content = (FOLDER / "sboms" / file).read_bytes()
        add_sbom(actor, binding=Binding(product, role, version, "", "", ""), content=content, file_name=file)


def take_feeds_here(actor) -> None:
    """The same feeds in this process, whose clock may be set."""
    from asbuilt.designed.vulnerability.feeds.setting import set_feed
    from asbuilt.designed.vulnerability.feeds.taking import take_feed

    for kind in FEEDS:
        set_feed(actor, name=kind, kind=kind, source=str(FOLDER / "feeds" / kind))
        assert take_feed(actor, kind).broken == 0
