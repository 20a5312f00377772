"""A report on paper: PDF/A-2b with the fields in the recipient's order, gaps as gaps, and the hash of the exact text on every page.

    report_pdf(report_seen(actor, …))  -> bytes

Texts go into the page as text, whatever stands in them. Fonts come with the library, so that the page is the same everywhere. Standard: ISO 19005-2.
"""

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from asbuilt.answers.cases.handling.clocks import zone_named
from asbuilt.answers.cases.handling.words import local_words, report_word
from asbuilt.answers.cases.reporting.words import STATES, source_said
from asbuilt.formats.paper import NotSet, paper
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger import clock

_PAGE = Path(__file__).with_name("data") / "report.typ"


def report_pdf(report: dict) -> bytes:
    """The page of a report as it was seen; about 0.1 s."""
    try:
        return paper(_PAGE, _said(report), clock.now())
    except NotSet as refusal:
        told = "The report cannot be written as PDF."
        raise Invalid("cases.pdf_failed", told, {"cause": str(refusal)}, "Take it as JSON.") from None


def _said(report: dict) -> dict:
    heading = f"{report['case']} {report['title']}: {report_word(report['stage'])}"
    return {
        "lang": (get_language() or "en").partition("-")[0], "heading": heading, "sha256": f"SHA-256 {report['sha256']}",
        "words": {"gaps": _("Not known"), "fields": _("Fields")}, "facts": _facts(report), "gaps": report["gaps"],
        "fields": [_field(one, zone_named(report["zone"])) for one in report["fields"]],
    }  # fmt: skip


def _facts(report: dict) -> list[list[str]]:
    coordinator, approved, at = report["coordinator"], report["approved"], _local(report)
    told = [
        [_("State"), str(STATES.get(report["state"], report["state"]))], [_("To"), report["to"]], [_("Manufacturer"), report["manufacturer"] or "–"],
        [_("Due by law"), at(report["clock"]["due_at"])], [_("Frozen answer"), report["answer"] or "–"],
        [_("Field matrix"), f"{report['matrix']}, {report['read_on']}"],
    ]  # fmt: skip
    if coordinator:
        told.append([_("Coordinator"), f"{coordinator['csirt']} ({coordinator['member_state']}): {coordinator['why']}"])
    if approved:
        told.append([_("Approved"), f"{at(approved['at'])} {approved['by'] or ''} {approved['sha256']}"])
    for one in report["submitted"]:
        told.append([_("Submitted"), f"{at(one['submitted_at'])} {one['reference']}"])
    return told


def _local(report: dict) -> Callable[[str | None], str]:
    """Times as people say them where the duty is counted; a dash for none."""
    zone = zone_named(report["zone"])
    return lambda said: local_words(parse_instant(said), zone) if said else "–"


def _field(one: dict, zone: ZoneInfo) -> dict:
    number = f"{one['number']} " if one["number"] else ""
    longest = max(one["lengths"], default=0)
    limit = f"{longest:,} / {one['most']:,}" if one["most"] else f"{longest:,}"
    sources = "; ".join(" ".join(source_said(each, zone)) for each in one["sources"])
    written = one["written"]
    if written:
        at = local_words(parse_instant(written["at"]), zone)
        sources = " ".join(part for part in (written["by"] or "", at, written["why"]) if part)
    empty = _("required and empty") if one["gap"] else _("empty")
    # of several products each has its entry, also where nothing is said of it
    entries = [each or "–" for each in one["entries"]] if one["text"] else []
    return {"head": f"{number}{one['name']}", "limit": limit, "entries": entries, "empty": empty, "sources": sources}
