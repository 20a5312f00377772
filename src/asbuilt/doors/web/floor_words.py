"""How floor screens call the fields of a package; added to the words that every template knows."""

from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from asbuilt.doors.web.words import register

FIELD_WORDS = {
    "part": _("Part"),
    "mpn": _("MPN"),
    "manufacturer": _("Maker"),
    "lot_code": _("Lot code"),
    "date_code": _("Date code"),
    "quantity": _("Pieces"),
}
PACKAGE_KIND_WORDS = {
    "reel": _("Reel"),
    "tray": _("Tray"),
    "tube": _("Tube"),
    "stick": _("Stick"),
    "bag": _("Bag"),
    "box": _("Box"),
    "other": _("Other"),
}


@register.filter
def field_word(name: str) -> str:
    """A field of a package as people say it."""
    return FIELD_WORDS.get(name, name)


@register.filter
def package_kind_word(kind: str) -> str:
    """A kind of package as people say it."""
    return PACKAGE_KIND_WORDS.get(kind, kind)


@register.filter
def words(text: str) -> list[str]:
    """A text's words, for a loop over a few names."""
    return text.split()


@register.filter
def get(known: dict, name: str):
    """What a mapping holds under a name, or an empty text."""
    return known.get(name, "")


@register.simple_tag
def floor_body() -> str:
    """What makes a page a floor screen: big type, no letter keys."""
    return mark_safe(' class="floor"')
