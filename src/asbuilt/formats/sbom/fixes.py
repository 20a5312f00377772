"""What an SBOM says about vulnerabilities that were dealt with in a component: patches, commits, and what build systems note of them.

    claims(component.pedigree)   -> Claim("CVE-2024-1", "fixed", "", "patch: backport CVE-2024-1 https://…")

Read are, each where its format has it: CycloneDX `pedigree.patches` and `commits`; SPDX 2 PATCH_FOR and PATCH_APPLIED, external references
of category SECURITY and type `fix`, and the line `CVEs fixed:` in which Yocto's create-spdx lists them; SPDX 3 `patchedBy`, VEX
assessments, which Yocto writes since 5.1; properties that carry Yocto's `CVE_STATUS`. A claim is what a document says: evidence for a
person who decides, never a decision.

Sources: CycloneDX 1.7 (pedigree), SPDX 2.3 annex F.2 and clause 11, SPDX 3.0.1 (Security), Yocto's cve-check-map.conf (reasons).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from asbuilt.formats.vex.statements import FIXED, JUSTIFICATIONS, NOT_AFFECTED

PATCH, COMMIT, FIX, STATUS, VEX = "patch", "commit", "fix", "cve-status", "vex"
SPEAKING = (PATCH, COMMIT, FIX, STATUS, VEX)
"""Kinds of pedigree that may speak of vulnerabilities."""
CLAIM_CHARACTERS_MAX = 500
_NAME = re.compile(r"\b(CVE-\d{4}-\d{4,19}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3})\b", re.IGNORECASE)
_PROPERTY = re.compile(r"(?:^|[:._-])cve[-_]?(?:status|check)(?:[\[:](?P<name>[^\]]+)\]?)?$", re.IGNORECASE)
_FIXED_LINE = re.compile(r"^CVEs fixed:\s*(.+)$", re.MULTILINE)
_REASONS = {
    "backported-patch": (FIXED, ""),
    "cpe-stable-backport": (FIXED, ""),
    "fixed-version": (FIXED, ""),
    "cpe-incorrect": (NOT_AFFECTED, "component_not_present"),
    "not-applicable-config": (NOT_AFFECTED, "vulnerable_code_not_present"),
    "not-applicable-platform": (NOT_AFFECTED, "vulnerable_code_not_present"),
}
"""Reasons of CVE_STATUS that say something of the product. `ignored`, `disputed` and `upstream-wontfix` say that somebody looks away."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a document says of one vulnerability in a component; `text` as the document has it."""

    vulnerability: str
    status: str
    justification: str
    kind: str
    text: str


def claims(pedigree: Iterable[tuple[str, str]]) -> Iterator[Claim]:
    """The claims of a component's pedigree."""
    for kind, text in pedigree:
        if kind not in SPEAKING:
            continue
        status, justification = FIXED, ""
        if kind in (STATUS, VEX):
            said = _REASONS.get(_reason(text)) if kind == STATUS else _assessed(text)
            if said is None:
                continue
            status, justification = said
        for name in dict.fromkeys(_NAME.findall(text)):
            yield Claim(_written(name), status, justification, kind, text[:CLAIM_CHARACTERS_MAX])


def _written(name: str) -> str:
    return name.upper() if name[:3].upper() == "CVE" else f"GHSA{name[4:].lower()}"


def _reason(text: str) -> str:
    """The reason in `CVE-2024-1 backported-patch: text`."""
    rest = _NAME.sub("", text, count=1).strip(" :=\"'")
    return rest.partition(":")[0].strip().lower()


def _assessed(text: str) -> tuple[str, str] | None:
    """Status and justification in `CVE-2024-1 not_affected vulnerable_code_not_present text`."""
    words = text.split(" ", 3)
    if len(words) < 2 or words[1] not in (FIXED, NOT_AFFECTED):
        return None
    return words[1], words[2] if words[1] == NOT_AFFECTED and len(words) > 2 and words[2] in JUSTIFICATIONS else ""


def property_claim(name: str, value: str) -> tuple[str, str] | None:
    """A property as Yocto's layers write CVE_STATUS, as a line of a pedigree; None for any other."""
    found = _PROPERTY.search(name)
    if found is None:
        return None
    text = f"{found['name']} {value}" if found["name"] else value
    return (STATUS, text) if _NAME.search(text) else None


def fixed_line(text: str) -> Iterator[tuple[str, str]]:
    """Yocto's line in an SPDX 2 package's source information."""
    for found in _FIXED_LINE.finditer(text):
        yield FIX, f"CVEs fixed: {found[1].strip()}"
