"""Tests of the document's head: 6.1.12, 6.1.15, 6.1.26 and 6.1.28."""

import re

from asbuilt.formats.csaf.document import CsafDocument
from asbuilt.formats.csaf.findings import Findings, quoted
from asbuilt.formats.csaf.languages import exists

BASE = "csaf_base"
INCIDENT, INFORMATIONAL, ADVISORY, VEX = PROFILES = (
    "csaf_security_incident_response", "csaf_informational_advisory", "csaf_security_advisory", "csaf_vex",
)  # fmt: skip
_LEFT_OUT = re.compile(r"[-\s_]+")


def _plain(category: str) -> str:
    return _LEFT_OUT.sub("", category).lower()


_TAKEN = {_plain(name) for name in PROFILES} | {_plain(name.removeprefix("csaf_")) for name in PROFILES}


def languages_exist(document: CsafDocument, found: Findings) -> None:
    """6.1.12 Language."""
    for name in ("lang", "source_lang"):
        if name in document.head and not exists(document.head[name]):
            found.add("6.1.12", ("document", name), f"There is no language {quoted(document.head[name])}.")


def translators_name_the_source(document: CsafDocument, found: Findings) -> None:
    """6.1.15 Translator."""
    if document.head["publisher"]["category"] == "translator" and "source_lang" not in document.head:
        found.add("6.1.15", ("document",), "The publisher is a translator, and source_lang is missing.")


def category_is_no_other_profile(document: CsafDocument, found: Findings) -> None:
    """6.1.26 Prohibited Document Category Name."""
    category = document.category
    if category == BASE or category in PROFILES:
        return
    if category.lower().startswith("csaf_"):
        found.add("6.1.26", ("document", "category"), f"{quoted(category)} begins with csaf_ and is no profile.")
    elif _plain(category) in _TAKEN:
        found.add("6.1.26", ("document", "category"), f"{quoted(category)} is the name of a profile written otherwise.")


def translation_changes_the_language(document: CsafDocument, found: Findings) -> None:
    """6.1.28 Translation. Tags differ whatever their case (RFC 5646, 2.1.1)."""
    lang, source = document.head.get("lang"), document.head.get("source_lang")
    if lang is not None and source is not None and lang.lower() == source.lower():
        found.add("6.1.28", ("document", "source_lang"), f"lang and source_lang are both {quoted(lang)}.")
