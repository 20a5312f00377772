"""Words of reports that pages and paper say: how far one is, and what a field's text comes from."""

from django.utils.translation import gettext_lazy as _

STATES = {
    "draft": _("draft"), "begun": _("in work"), "approved": _("approved"), "submitted": _("submitted"), "updated": _("submitted again"),
    "acknowledged": _("acknowledged"), "returned": _("returned"),
}  # fmt: skip
SOURCES = {
    "frozen_answer": _("frozen answer"), "case": _("line of the case, entry"), "feed": _("what feeds say of"), "rules": _("rules"),
    "submitted": _("as submitted in"), "record": _("the record,"),
    "judged": _("judgement, entry"), "support": _("support period, entry"),
}  # fmt: skip
