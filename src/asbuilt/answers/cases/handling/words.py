"""Words of a case that several modules say: reports as people call them."""

from django.utils.translation import gettext as _

NOT_REPORTABLE = "not_reportable"


def report_word(stage: str) -> str:
    """A report as people say it."""
    words = {
        "early_warning": _("early warning"),
        "notification": _("notification"),
        "final_report": _("final report"),
        "notice": _("notice"),
    }
    before, _split, number = stage.rpartition("_")
    if before == "intermediate":
        return _("report in between, no. %(number)s") % {"number": number}
    return words.get(stage, stage)
