"""Words of a case that several modules say: reports as people call them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
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


def local_moment(instant: int, zone: ZoneInfo) -> str:
    """20 Nov 2026, 09:00 +01:00: with its offset, as an hour comes twice when clocks are put back."""
    at = datetime.fromtimestamp(instant / 1e6, UTC).astimezone(zone)
    return f"{date_format(at, 'j M Y, H:i')} {at.isoformat()[-6:]}"


def local_words(instant: int, zone: ZoneInfo) -> str:
    """20 Nov 2026, 09:00 +01:00 (Europe/Berlin): an instant as people say it where its duty is counted."""
    return f"{local_moment(instant, zone)} ({zone.key})"
