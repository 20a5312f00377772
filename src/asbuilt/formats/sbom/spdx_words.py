"""Words of SPDX in the one form: purposes, hash algorithms, kinds of references, relationships. Source: SPDX 2.2, 2.3 and 3.0.1."""

import re

PURPOSES = {
    "operating_system": "operating-system",
    "operatingsystem": "operating-system",
    "model": "machine-learning-model",
}
"""Purposes that CycloneDX calls otherwise; the others are the same word in lower case."""
SILENT = frozenset({"", "NOASSERTION", "NONE"})
_MAIL = re.compile(r"\(\s*([^()\s@]+@[^()\s]+)\s*\)\s*$")
_WHO = re.compile(r"(?:Person|Organization|Tool)\s*:\s*(?P<name>.*?)\s*(?:\(\s*\))?\s*$", re.DOTALL)

# (relationship) -> whether it runs from the one that needs to the one that is needed
NEEDS = {
    "DEPENDS_ON": True, "HAS_PREREQUISITE": True, "STATIC_LINK": True, "DYNAMIC_LINK": True,
    "DEPENDENCY_OF": False, "BUILD_DEPENDENCY_OF": False, "DEV_DEPENDENCY_OF": False, "OPTIONAL_DEPENDENCY_OF": False,
    "PROVIDED_DEPENDENCY_OF": False, "RUNTIME_DEPENDENCY_OF": False, "TEST_DEPENDENCY_OF": False, "PREREQUISITE_FOR": False,
}  # fmt: skip
CONTAINS = {"CONTAINS": True, "CONTAINED_BY": False, "PACKAGE_OF": False}
DESCRIBES = {"DESCRIBES": True, "DESCRIBED_BY": False}
PEDIGREE = {"PATCH_APPLIED": "patch", "PATCH_FOR": "patch", "ANCESTOR_OF": "ancestor", "VARIANT_OF": "variant"}
"""Relationships of which the second is what the first is a patch, an ancestor or a variant of."""


def kind_of(purpose: str) -> str:
    """CycloneDX's word for a purpose such as OPERATING_SYSTEM or operatingSystem; empty for none."""
    word = purpose.lower().replace("-", "_")
    return PURPOSES.get(word, word.replace("_", "-"))


def algorithm(name: str) -> str:
    """CycloneDX's name of a hash algorithm: SHA256 and sha256 are SHA-256."""
    upper = name.upper().replace("_", "-")
    if found := re.fullmatch(r"SHA-?(\d{1,3})", upper):
        return f"SHA-{found[1]}"
    if found := re.fullmatch(r"(BLAKE2B)-?(\d+)", upper):
        return f"BLAKE2b-{found[2]}"
    return upper


def said(text: str | None) -> str:
    """The text, empty where it only says that nothing is said."""
    return "" if text is None or text in SILENT else text


def who(text: str | None) -> str:
    """The name in `Organization: ACME (mail)`, empty where nobody is named."""
    found = _WHO.fullmatch(said(text))
    return found["name"] if found else said(text)


def contacts(text: str | None) -> tuple[str, ...]:
    """The e-mail address in `Organization: ACME (mail@example.com)`, if there is one."""
    found = _MAIL.search(text or "")
    return (found[1],) if found else ()
