"""What a profile asks of a document: 6.1.27.1 to 6.1.27.11."""

from asbuilt.formats.csaf.document import CsafDocument
from asbuilt.formats.csaf.findings import Findings, quoted
from asbuilt.formats.csaf.head import ADVISORY, INCIDENT, INFORMATIONAL, VEX

TELLING_NOTES = ("description", "details", "general", "summary")
VEX_STATUSES = ("fixed", "known_affected", "known_not_affected", "under_investigation")


def notes_tell(document: CsafDocument, found: Findings) -> None:
    """6.1.27.1 Document Notes."""
    if document.category in (INFORMATIONAL, INCIDENT) and not any(
        note["category"] in TELLING_NOTES for note in document.head.get("notes", ())
    ):
        said = f"No note of the document is one of {', '.join(TELLING_NOTES)}."
        found.add("6.1.27.1", ("document", *_there(document.head, "notes")), said)


def references_lead_out(document: CsafDocument, found: Findings) -> None:
    """6.1.27.2 Document References; a reference without a category is external, as the schema has it."""
    if document.category in (INFORMATIONAL, INCIDENT) and not any(
        one.get("category", "external") == "external" for one in document.head.get("references", ())
    ):
        found.add("6.1.27.2", ("document", *_there(document.head, "references")), "No reference is external.")


def informational_names_no_vulnerability(document: CsafDocument, found: Findings) -> None:
    """6.1.27.3 Vulnerabilities."""
    if document.category == INFORMATIONAL and "vulnerabilities" in document.whole:
        found.add("6.1.27.3", ("vulnerabilities",), "An informational advisory has no vulnerabilities.")


def product_tree_exists(document: CsafDocument, found: Findings) -> None:
    """6.1.27.4 Product Tree."""
    if document.category in (ADVISORY, VEX) and "product_tree" not in document.whole:
        found.add("6.1.27.4", (), "The product_tree is missing.")


def vulnerabilities_have_notes(document: CsafDocument, found: Findings) -> None:
    """6.1.27.5 Vulnerability Notes."""
    if document.category in (ADVISORY, VEX):
        _each_has(document, found, "6.1.27.5", ("notes",), "The vulnerability has no notes.")


def vulnerabilities_have_a_status(document: CsafDocument, found: Findings) -> None:
    """6.1.27.6 Product Status."""
    if document.category == ADVISORY:
        _each_has(document, found, "6.1.27.6", ("product_status",), "The vulnerability has no product_status.")


def vex_says_a_status(document: CsafDocument, found: Findings) -> None:
    """6.1.27.7 VEX Product Status."""
    if document.category != VEX:
        return
    for number, one in enumerate(document.vulnerabilities):
        status = one.get("product_status", {})
        if not any(name in status for name in VEX_STATUSES):
            place = ("vulnerabilities", number, *_there(one, "product_status"))
            found.add("6.1.27.7", place, f"The product_status has none of {', '.join(VEX_STATUSES)}.")


def vex_names_the_vulnerability(document: CsafDocument, found: Findings) -> None:
    """6.1.27.8 Vulnerability ID."""
    if document.category == VEX:
        _each_has(document, found, "6.1.27.8", ("cve", "ids"), "The vulnerability has neither cve nor ids.")


def not_affected_has_an_impact_statement(document: CsafDocument, found: Findings) -> None:
    """6.1.27.9 Impact Statement: a flag, or a threat of the category impact."""
    if document.category != VEX:
        return
    for number, one in enumerate(document.vulnerabilities):
        threats = [threat for threat in one.get("threats", ()) if threat["category"] == "impact"]
        _each_told(document, found, "6.1.27.9", number, "known_not_affected", [*one.get("flags", ()), *threats])


def affected_has_an_action_statement(document: CsafDocument, found: Findings) -> None:
    """6.1.27.10 Action Statement."""
    if document.category != VEX:
        return
    for number, one in enumerate(document.vulnerabilities):
        _each_told(document, found, "6.1.27.10", number, "known_affected", one.get("remediations", ()))


def vulnerabilities_exist(document: CsafDocument, found: Findings) -> None:
    """6.1.27.11 Vulnerabilities."""
    if document.category in (ADVISORY, VEX) and "vulnerabilities" not in document.whole:
        found.add("6.1.27.11", (), "The vulnerabilities are missing.")


def _there(part: dict, name: str) -> tuple[str, ...]:
    """The rest of a place: the part where it stands, else what it is missing from."""
    return (name,) if name in part else ()


def _each_has(document: CsafDocument, found: Findings, test: str, names: tuple[str, ...], said: str) -> None:
    for number, one in enumerate(document.vulnerabilities):
        if not any(name in one for name in names):
            found.add(test, ("vulnerabilities", number), said)


def _each_told(document: CsafDocument, found: Findings, test: str, number: int, status: str, by: list) -> None:
    """Every product of this status is named by one of these statements."""
    listed = document.vulnerabilities[number].get("product_status", {}).get(status, ())
    if not listed:
        return
    told = set().union(*(document.named_by(one) for one in by))
    for at, product in enumerate(listed):
        if product not in told:
            place = ("vulnerabilities", number, "product_status", status, at)
            kind = "impact" if test == "6.1.27.9" else "action"
            found.add(test, place, f"The product {quoted(product)} has no {kind} statement.")
