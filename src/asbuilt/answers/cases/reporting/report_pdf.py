"""A report on paper: PDF/A-2b with the fields in the recipient's order, gaps as gaps, and the hash of the exact text on every page.

    report_pdf(report_seen(actor, …))  -> bytes

Texts go into the page as text, whatever stands in them. Fonts come with the library, so that the page is the same everywhere. Standard: ISO 19005-2.
"""

import json
from pathlib import Path

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from asbuilt.answers.cases.handling.words import report_word
from asbuilt.kernel.errors import Invalid
from asbuilt.ledger import clock

_PAGE = Path(__file__).with_name("data") / "report.typ"
STANDARD = "a-2b"


def report_pdf(report: dict) -> bytes:
    """The page of a report as it was seen; about 0.1 s."""
    import typst  # 34 MB that nothing else needs

    said = {"said": json.dumps(_said(report), ensure_ascii=False)}
    try:
        return typst.compile(
            _PAGE.read_bytes(), format="pdf", pdf_standards=STANDARD, sys_inputs=said, ignore_system_fonts=True,
            timestamp=clock.now() // 1_000_000,
        )  # fmt: skip
    except typst.TypstError as refusal:
        told = "The report cannot be written as PDF."
        raise Invalid("cases.pdf_failed", told, {"cause": str(refusal)[:200]}, "Take it as JSON.") from None


def _said(report: dict) -> dict:
    heading = f"{report['case']} {report['title']}: {report_word(report['stage'])}"
    return {
        "lang": (get_language() or "en").partition("-")[0], "heading": heading, "sha256": f"SHA-256 {report['sha256']}",
        "words": {"gaps": _("Not known"), "fields": _("Fields")}, "facts": _facts(report), "gaps": report["gaps"],
        "fields": [_field(one) for one in report["fields"]],
    }  # fmt: skip


def _facts(report: dict) -> list[list[str]]:
    coordinator, approved = report["coordinator"], report["approved"]
    told = [
        [_("State"), report["state"]], [_("To"), report["to"]], [_("Manufacturer"), report["manufacturer"] or "–"],
        [_("Due by law"), report["clock"]["due_at"] or "–"], [_("Frozen answer"), report["answer"] or "–"],
        [_("Field matrix"), f"{report['matrix']}, {report['read_on']}"],
    ]  # fmt: skip
    if coordinator:
        told.append([_("Coordinator"), f"{coordinator['csirt']} ({coordinator['member_state']}): {coordinator['why']}"])
    if approved:
        told.append([_("Approved"), f"{approved['at']} {approved['by'] or ''} {approved['sha256']}"])
    for one in report["submitted"]:
        told.append([_("Submitted"), f"{one['submitted_at']} {one['reference']}"])
    return told


def _field(one: dict) -> dict:
    number = f"{one['number']} " if one["number"] else ""
    longest = max(one["lengths"], default=0)
    limit = f"{longest:,} / {one['most']:,}" if one["most"] else f"{longest:,}"
    sources = "; ".join(" ".join(each[name] for name in ("kind", "which", "what")) for each in one["sources"])
    written = one["written"]
    if written:
        sources = " ".join(part for part in (written["by"] or "", written["at"], written["why"]) if part)
    empty = _("required and empty") if one["gap"] else _("empty")
    # of several products each has its entry, also where nothing is said of it
    entries = [each or "–" for each in one["entries"]] if one["text"] else []
    return {"head": f"{number}{one['name']}", "limit": limit, "entries": entries, "empty": empty, "sources": sources}
