"""How pages write certainty, states, days and links to questions; added to the words that every template knows."""

from datetime import UTC, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from asbuilt.doors.web.words import count, register

GRADES = ("certain", "possible", "unrecorded")
GRADE_WORDS = {"certain": _("certain"), "possible": _("possible"), "unrecorded": _("unrecorded")}
STATE_WORDS = {
    "planned": _("Planned"),
    "production": _("In production"),
    "outside": _("At a subcontractor"),
    "stock": _("In stock"),
    "shipped": _("Shipped"),
    "scrapped": _("Scrapped"),
    "skipped": _("Skipped position"),
}
STATUS_WORDS = {"released": _("Released"), "quarantine": _("In quarantine"), "rejected": _("Rejected")}
OUTCOME_WORDS = {"pass": _("Passed"), "fail": _("Failed"), "error": _("Error"), "aborted": _("Aborted")}


NAME_KINDS = {"serial": _("serial number"), "mac": "MAC", "uid": "UID", "customer": _("customer's number")}


@register.filter
def name_kind(kind: str) -> str:
    """What kind of name a unit has; a kind of the floor's own stands as it is."""
    return NAME_KINDS.get(kind, kind)


@register.filter
def grade_word(grade: str) -> str:
    """certain, possible, unrecorded as people say them."""
    return GRADE_WORDS.get(grade, grade)


@register.filter
def state_word(state: str) -> str:
    """Where a unit is, in a word or two."""
    return STATE_WORDS.get(state, state)


@register.filter
def status_word(status: str) -> str:
    """The status of a package."""
    return STATUS_WORDS.get(status, status)


@register.filter
def outcome_word(outcome: str) -> str:
    """How a test or a programming ended."""
    return OUTCOME_WORDS.get(outcome, outcome)


@register.filter
def svg(number) -> str:
    """A number for an SVG attribute: with a point in every language."""
    return f"{number:g}" if number < 1e6 else str(int(number))


@register.filter
def day(instant) -> str:
    """UTC microseconds as `6 Apr 2027` in the site's time zone."""
    if instant is None:
        return ""
    at = timezone.localtime(datetime.fromtimestamp(instant / 1e6, UTC))
    return format_html('<time datetime="{}">{}</time>', at.date().isoformat(), date_format(at, "j M Y"))


@register.filter
def when(instant) -> str:
    """UTC microseconds as a day with the time below it, for timelines."""
    at = datetime.fromtimestamp(instant / 1e6, UTC)
    local = timezone.localtime(at)
    shown = date_format(local, "j M Y"), date_format(local, "H:i")
    return format_html('<time datetime="{}">{}<br>{}</time>', at.isoformat(timespec="seconds"), *shown)


@register.simple_tag
def three(counts: dict) -> str:
    """`4,938 + 10 possible`: certain always, the others where there are some, each by its word."""
    parts = [count(counts["certain"])]
    parts += [f"+ {count(counts[grade])} {GRADE_WORDS[grade]}" for grade in ("possible", "unrecorded") if counts[grade]]
    return " ".join(parts)


@register.simple_tag
def three_short(counts: dict) -> str:
    """`4,938 + 10 + 2`: certain, possible, unrecorded, as far as there are any; beside a legend only."""
    last = max((place for place, grade in enumerate(GRADES) if counts[grade]), default=0)
    return " + ".join(count(counts[grade]) for grade in GRADES[: last + 1])


@register.simple_tag
def ask_query(question: str, as_of: str | None = "") -> str:
    """The part of an address that asks this question."""
    return urlencode({"q": question, **({"as_of": as_of} if as_of else {})})


@register.simple_tag
def span_units(spans) -> str:
    """How many units spans hold."""
    return count(sum(until - first for first, until in spans))
