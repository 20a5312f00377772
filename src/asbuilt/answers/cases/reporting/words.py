"""Words of reports that pages and paper say: how far one is, and what a field's text comes from.

source_said({"kind": "feed", "which": "CVE-2027-1", "what": "CVSS vector"}, zone)   -> ("what feeds say of", "CVE-2027-1", "CVSS vector")
"""

from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from asbuilt.answers.cases.handling.words import local_words, report_word
from asbuilt.kernel.instants import parse_instant

STATES = {
    "draft": _("draft"), "begun": _("in work"), "approved": _("approved"), "submitted": _("submitted"), "updated": _("submitted again"),
    "acknowledged": _("acknowledged"), "returned": _("returned"),
}  # fmt: skip
SOURCES = {
    "frozen_answer": _("frozen answer"), "case": _("the case, entry"), "feed": _("what feeds say of"), "rules": _("rules"),
    "submitted": _("as submitted in"), "record": _("the record,"),
    "judged": _("judgement, entry"), "support": _("support period, entry"),
}  # fmt: skip
WHAT = {
    "title": _("title"), "names": _("names"), "name": _("name"), "product": _("product"), "decision": _("decision"), "asked": _("what it asks for"),
    "units, shipments": _("units, shipments"), "shipments": _("shipments"), "firmware, revisions": _("firmware, revisions"), "hash": _("hash"),
    "findings": _("components found"), "CVSS vector": _("CVSS vector"), "title, exploited": _("title, exploited"),
    "CVSS, EPSS, exploited": _("CVSS, EPSS, exploited"), "aware_at": _("aware"), "occurred_at": _("occurred"),
    "assessment_started_at": _("assessment started"), "assessment_concluded_at": _("assessment concluded"), "parties": _("parties"),
}  # fmt: skip
EARLIER = "submitted"  # a text that was copied from a report before
UNITS_OF = "units of "  # followed by a question


def source_said(source: dict, zone: ZoneInfo) -> tuple[str, str, str]:
    """The three parts of a source as people say them; what has no word is itself, such as the name of a measure."""
    kind, which, what = source["kind"], source["which"], source["what"]
    if kind == EARLIER:
        at, _space, reference = what.partition(" ")
        return str(SOURCES[kind]), report_word(which), f"{local_words(parse_instant(at), zone)} {reference}".strip()
    if what.startswith(UNITS_OF):
        what = str(_("units of %(question)s")) % {"question": what.removeprefix(UNITS_OF)}
    return str(SOURCES.get(kind, kind)), str(WHAT.get(which, which)), str(WHAT.get(what, what))
