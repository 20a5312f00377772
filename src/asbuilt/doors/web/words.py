"""How pages write numbers, times and roles. Built into every template."""

import os
from datetime import UTC, datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from asbuilt.kernel.identifiers import new_ulid
from asbuilt.ledger import clock

register = template.Library()

ROLE_WORDS = {
    "operator": _("operator"),
    "engineer": _("engineer"),
    "quality_lead": _("quality lead"),
    "release_signer": _("release signer"),
    "permit_issuer": _("permit issuer"),
    "psirt": _("product security"),
    "compliance": _("compliance"),
    "auditor": _("auditor"),
    "party_reader": _("party reader"),
    "administrator": _("administrator"),
    "station": _("station"),
    "machine": _("machine"),
}
ROLE_MEANINGS = {
    "operator": _("looks up units and lots"),
    "engineer": _("imports, asks, corrects, freezes answers"),
    "quality_lead": _("as engineer, and asks by operator"),
    "release_signer": _("signs firmware releases"),
    "permit_issuer": _("issues programming permits"),
    "psirt": _("asks and freezes answers"),
    "compliance": _("asks, freezes answers, erases people"),
    "auditor": _("reads and verifies everything, writes nothing"),
    "party_reader": _("sees one party's products only"),
    "administrator": _("people and settings, no records"),
}

KIND_WORDS = {
    "unit": _("unit"),
    "lot": _("lot"),
    "package": _("package"),
    "order": _("work order"),
    "panel": _("panel"),
    "shipment": _("shipment"),
}


@register.filter
def kind_word(kind: str) -> str:
    """What a found code names, as people say it."""
    return KIND_WORDS.get(kind, kind)


DOCUMENT_WORDS = {
    "instruction": _("Work instruction"),
    "criteria": _("Inspection criteria"),
    "procedure": _("Test procedure"),
}
STEP_WORDS = {"done": _("done"), "failed": _("failed"), "open": _("to do"), "optional": _("optional")}


@register.filter
def document_word(kind: str) -> str:
    """A kind of document, as people say it."""
    return DOCUMENT_WORDS.get(kind, kind)


@register.filter
def step_word(state: str) -> str:
    """How far a step of a route is."""
    return STEP_WORDS.get(state, state)


@register.filter
def count(number) -> str:
    """15001 -> 15,001."""
    return "" if number is None else f"{number:,}"


@register.filter
def megabytes(size) -> str:
    """Bytes as B, kB or MB, the larger two with one decimal."""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"


@register.filter
def acted(entry) -> str:
    """Who made an entry: the name, `this machine` for its own account, else the label."""
    return entry.who or (_("this machine") if entry.label == "system:local" else entry.label)


@register.filter
def moment(instant) -> str:
    """UTC microseconds as `6 Apr 2027, 16:00` in the site's time zone, in a <time> element."""
    if instant is None:
        return ""
    at = datetime.fromtimestamp(instant / 1e6, UTC)
    shown = date_format(timezone.localtime(at), "j M Y, H:i")
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), shown)


@register.filter
def role_word(role: str) -> str:
    """A role as people say it."""
    return ROLE_WORDS.get(role, role)


@register.filter
def role_meaning(role: str) -> str:
    """What a role may do, in a few words."""
    return ROLE_MEANINGS.get(role, "")


@register.simple_tag
def icon(name: str) -> str:
    """An icon of the sprite; a word always stands beside it."""
    return format_html('<svg class="i" aria-hidden="true" focusable="false"><use href="#i-{}"/></svg>', name)


@register.simple_tag
def floor_body() -> str:
    """What makes a page a floor screen: big type, no letter keys."""
    return mark_safe(' class="floor"')


@register.simple_tag
def request_key() -> str:
    """A hidden field that makes sending the form twice one request."""
    return format_html('<input type="hidden" name="request_key" value="{}">', new_ulid(clock.now(), os.urandom(10)))
