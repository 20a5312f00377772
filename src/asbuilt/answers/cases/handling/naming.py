"""Vulnerabilities that words of people name: a title, a question."""

import re

_VULNERABILITY = re.compile(r"\b(?:CVE-\d{4}-\d{4,12}|EUVD-\d{4}-\d{1,12}|GHSA(?:-[0-9a-z]{4}){3})\b", re.IGNORECASE)


def vulnerabilities_named(words: str, most: int) -> list[str]:
    """Their names in order, none twice, at most so many."""
    return list(dict.fromkeys(name.upper() for name in _VULNERABILITY.findall(words)))[:most]
