"""Scores and weaknesses as NVD and CVE 5 write them."""

import re

from asbuilt.formats.advisory.cells import branches, number, word
from asbuilt.formats.advisory.records import RecordBroken, Score

_CWE = re.compile(r"CWE-[0-9]{1,6}").fullmatch


def cvss(node: dict, source: str) -> Score | None:
    """A CVSS structure of any version, None where it holds neither vector nor score."""
    vector = word(node, "vectorString")
    version = word(node, "version") or vector_version(vector)
    base = number(node, "baseScore", 0, 10)
    return Score(source, version, vector, base) if vector or base is not None else None


def vector_version(vector: str) -> str:
    """The CVSS version that a vector is written in."""
    if vector.startswith("CVSS:"):
        return vector[5:].partition("/")[0]
    return "2.0" if vector.startswith(("AV:", "(AV:")) else ""


def ssvc(node: dict, source: str) -> Score | None:
    """CISA's decision points as a score of version `ssvc`: `Exploitation:poc/Automatable:no/…`."""
    said = []
    for option in branches(node, "options"):
        for key, value in option.items():
            if not isinstance(value, str):
                raise RecordBroken("options", "is no text")
            said.append(f"{key}:{value}"[:80])
    return Score(source, "ssvc", "/".join(said), None) if said else None


def cwe(text: str) -> str:
    """`CWE-79` where the text is one, else ""."""
    return text if _CWE(text) else ""
