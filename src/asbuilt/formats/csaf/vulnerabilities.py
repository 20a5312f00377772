"""Tests of the vulnerabilities but their scores: 6.1.6, 6.1.11, 6.1.23, 6.1.24, 6.1.29, 6.1.32 and 6.1.33."""

from asbuilt.formats.csaf.document import CsafDocument
from asbuilt.formats.csaf.findings import Findings, quoted
from asbuilt.formats.csaf.official import weaknesses
from asbuilt.formats.csaf.revisions import moment
from asbuilt.formats.vex.statements import JUSTIFICATIONS

CONTRADICTING = {
    "affected": ("first_affected", "known_affected", "last_affected"),
    "not affected": ("known_not_affected",),
    "fixed": ("first_fixed", "fixed"),
    "under investigation": ("under_investigation",),
}


def statuses_do_not_contradict(document: CsafDocument, found: Findings) -> None:
    """6.1.6 Contradicting Product Status."""
    for number, vulnerability in enumerate(document.vulnerabilities):
        said: dict[str, str] = {}
        for group, names in CONTRADICTING.items():
            for name in names:
                for at, product in enumerate(vulnerability.get("product_status", {}).get(name, ())):
                    before = said.setdefault(product, group)
                    if before != group:
                        place = ("vulnerabilities", number, "product_status", name, at)
                        found.add("6.1.6", place, f"The product {quoted(product)} is both {before} and {group}.")


def weaknesses_exist(document: CsafDocument, found: Findings) -> None:
    """6.1.11 CWE: the number exists, and the name is one that it has or had."""
    for number, vulnerability in enumerate(document.vulnerabilities):
        cwe = vulnerability.get("cwe")
        if cwe is None:
            continue
        names, place = weaknesses().get(cwe["id"]), ("vulnerabilities", number, "cwe")
        if names is None:
            found.add("6.1.11", (*place, "id"), f"CWE has no weakness {quoted(cwe['id'])}.")
        elif cwe["name"] not in names:
            found.add("6.1.11", (*place, "name"), f"{cwe['id']} is not called {quoted(cwe['name'])}.")


def cves_stand_once(document: CsafDocument, found: Findings) -> None:
    """6.1.23 Multiple Use of Same CVE."""
    seen = set()
    for number, vulnerability in enumerate(document.vulnerabilities):
        cve = vulnerability.get("cve")
        if cve in seen:
            found.add("6.1.23", ("vulnerabilities", number, "cve"), f"{cve} has a vulnerability of its own already.")
        elif cve is not None:
            seen.add(cve)


def parties_are_involved_once_a_date(document: CsafDocument, found: Findings) -> None:
    """6.1.24 Multiple Definition in Involvements; no date is a date of its own."""
    for number, vulnerability in enumerate(document.vulnerabilities):
        seen = set()
        for at, one in enumerate(vulnerability.get("involvements", ())):
            key = (one["party"], moment(one["date"]) if "date" in one else None)
            if key in seen:
                place = ("vulnerabilities", number, "involvements", at)
                found.add("6.1.24", place, f"The party {quoted(one['party'])} is involved twice at one date.")
            seen.add(key)


def remediations_name_products(document: CsafDocument, found: Findings) -> None:
    """6.1.29 Remediation without Product Reference."""
    for place, one in document.parts("remediations"):
        if "product_ids" not in one and "group_ids" not in one:
            found.add("6.1.29", place, "The remediation names no product and no group.")


def flags_name_products(document: CsafDocument, found: Findings) -> None:
    """6.1.32 Flag without Product Reference."""
    for place, one in document.parts("flags"):
        if "product_ids" not in one and "group_ids" not in one:
            found.add("6.1.32", place, "The flag names no product and no group.")


def justifications_are_one_a_product(document: CsafDocument, found: Findings) -> None:
    """6.1.33 Multiple Flags with VEX Justification Codes per Product."""
    seen: dict[int, set[str]] = {}
    for place, one in document.parts("flags"):
        if one["label"] not in JUSTIFICATIONS:
            continue
        before, named = seen.setdefault(place[1], set()), document.named_by(one)
        for product in sorted(before & named):
            found.add("6.1.33", place, f"The product {quoted(product)} has two flags that justify its status.")
        before |= named
