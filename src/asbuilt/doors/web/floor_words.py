"""How floor screens call the fields of a package; added to the words that every template knows."""

from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from asbuilt.access import rights
from asbuilt.built.supply.standing import TO_DO, WHY
from asbuilt.doors.web.words import moment, register

# address name, label, the right that opens it, the place where it is used
FLOOR_PAGES = (
    ("station", _("Station"), rights.GATE_ASK, "line"),
    ("setup", _("Setup"), rights.SETUP_CHANGE, "line"),
    ("setup_by_hand", _("By hand"), rights.SETUP_CHANGE, "line"),
    ("programming", _("Programming"), rights.PACKAGE_PROGRAM, "line"),
    ("rework", _("Rework"), rights.REWORK, "line"),
    ("assembly", _("Assembly"), rights.REWORK, "line"),
    ("packing", _("Packing"), rights.PACK, "dispatch"),
    ("outside", _("Subcontractors"), rights.OUTSIDE_SEND, "dispatch"),
    ("goods_in", _("Goods-in"), rights.PACKAGE_RECEIVE, "stores"),
    ("store", _("Store"), rights.PACKAGE_HANDLE, "stores"),
    ("inspection", _("Incoming inspection"), rights.PACKAGE_INSPECT, "stores"),
    ("deliveries", _("Deliveries"), rights.PACKAGE_RECEIVE, "stores"),
)
FLOOR_PLACE_WORDS = {"line": _("At the line"), "stores": _("Stores"), "dispatch": _("Dispatch")}
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
EVENT_WORDS = {
    "opened": _("Opened"),
    "sealed": _("Sealed again"),
    "dry_in": _("Into the dry cabinet"),
    "dry_stored": _("Into dry storage, as a system says"),
    "dry_out": _("Out of the dry cabinet"),
    "baked": _("Baked"),
    "thawing": _("Taken out to thaw"),
    "applied": _("Put on the stencil"),
    "removed": _("Taken off the stencil"),
    "cooled": _("Back into the cold"),
    "discarded": _("Thrown away"),
    "split": _("Pieces went into another package"),
}
LIFE_WORDS = {
    "none": _("no clock"),
    "closed": _("closed"),
    "running": _("open at the floor"),
    "paused": _("kept dry"),
    "over": _("over"),
    "expired": _("expired"),
    "cold": _("cold"),
    "thawing": _("thawing"),
    "thawed": _("thawed"),
    "open": _("open"),
    "applied": _("on the stencil"),
    "discarded": _("thrown away"),
}
READING_WORDS = {
    "rh_percent_max": _("Humidity, % at most"),
    "temperature_c": _("Temperature, °C"),
    "hours": _("Hours"),
}
KNOWN_FROM_WORDS = {
    "label": _("read off the label"),
    "maker": _("said by the maker"),
    "device": _("read from a device"),
}
SEVERITY_WORDS = {"normal": _("normal"), "tightened": _("tightened")}
VERDICT_WORDS = {"accepted": _("Accepted"), "rejected": _("Rejected")}
CHECK_WORDS = {
    "marking": _("Marking"),
    "electrical": _("Electrical against the data sheet"),
    "xray": _("X-ray"),
    "decapsulation": _("Decapsulation"),
    "dimensions": _("Dimensions"),
    "solderability": _("Solderability"),
}
CHECK_VERDICT_WORDS = {"pass": _("Passed"), "fail": _("Failed"), "unsure": _("Not sure")}
STANDARD_WORDS = {"iso2859": "ISO 2859-1", "c0": _("zero acceptance"), "none": _("no inspection")}
PAPER_WORDS = {
    "coc": _("Certificate of conformity"),
    "authorisation": _("Authorisation"),
    "ce": _("CE marking"),
    "doc": _("EU declaration of conformity"),
    "sbom": _("SBOM"),
    "updates": _("Update history"),
    "provenance": _("Provenance"),
    "key": _("Public key"),
    "other": _("Other"),
}
STEP_RESULT_WORDS = {"completed": _("completed"), "failed": _("failed")}
TOLERANCE_WORDS = {
    "in_tolerance": _("in tolerance"),
    "out_of_tolerance": _("out of tolerance"),
    "not_checked": _("not checked"),
}


@register.filter
def tolerance_word(state: str) -> str:
    """How an instrument was found or left."""
    return TOLERANCE_WORDS.get(state, state)


@register.filter
def step_done(text: str) -> str:
    """`B1 completed 1`, the result as people say it."""
    unit, *rest = text.rsplit(" ", 2)
    return " ".join([unit, *(str(STEP_RESULT_WORDS.get(word, word)) for word in rest)])


@register.filter
def words_of(text: str) -> list[str]:
    """The words of a text, for choices."""
    return text.split()


@register.filter
def event_word(event: str) -> str:
    """What happened to a package, in a word or two."""
    return EVENT_WORDS.get(event, event)


@register.filter
def life_word(state: str) -> str:
    """How its material stands."""
    return LIFE_WORDS.get(state, state)


@register.filter
def reading_word(name: str) -> str:
    """What is measured."""
    return READING_WORDS.get(name, name)


@register.filter
def known_from_word(source: str) -> str:
    """From where the revision of silicon is known."""
    return KNOWN_FROM_WORDS.get(source, source)


@register.filter
def severity_word(severity: str) -> str:
    """How strictly a lot is inspected."""
    return SEVERITY_WORDS.get(severity, severity)


@register.filter
def verdict_word(verdict: str) -> str:
    """The verdict of an inspection."""
    return VERDICT_WORDS.get(verdict, verdict)


@register.filter
def check_word(kind: str) -> str:
    """A check as people say it."""
    return CHECK_WORDS.get(kind, kind)


@register.filter
def check_verdict_word(verdict: str) -> str:
    """How a check ended."""
    return CHECK_VERDICT_WORDS.get(verdict, verdict)


@register.filter
def standard_word(standard: str) -> str:
    """After which rule packages are inspected."""
    return STANDARD_WORDS.get(standard, standard)


@register.filter
def paper_word(kind: str) -> str:
    """A kind of paper as people say it."""
    return PAPER_WORDS.get(kind, kind)


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


@register.filter
def floor_pages(actor) -> list[tuple[str, str]]:
    """(name, label) of the floor screens that this one may open."""
    return [(name, label) for name, label, _place in _open_pages(actor)]


@register.simple_tag(takes_context=True)
def floor_row(context) -> list[tuple[str, str, bool]]:
    """(name, label, is it this page) of the row at the top: the screens of the place where one stands, then one of each other place.

    Twelve screens in a row are two rows of targets for gloves, of which one needs four.
    """
    request = context["request"]
    here = request.resolver_match.url_name if request.resolver_match else ""
    pages = _open_pages(request.actor)
    stands = next((place for name, _label, place in pages if here.startswith(name)), pages[0][2] if pages else "")
    row = [(name, label, name == here) for name, label, place in pages if place == stands]
    others = {}
    for name, label, place in pages:
        if place != stands:
            others.setdefault(place, []).append((name, label))
    # a place with one screen is called by it
    row += [(of[0][0], FLOOR_PLACE_WORDS[place] if len(of) > 1 else of[0][1], False) for place, of in others.items()]
    return row


def _open_pages(actor) -> list[tuple[str, str, str]]:
    return [(name, label, place) for name, label, right, place in FLOOR_PAGES if actor and actor.may(right)]


@register.filter
def hindrance_words(one) -> str:
    """Why a package may not be mounted, in the language of the page, times in the site's zone."""
    facts = {name: moment(value) if name == "at" else value for name, value in one.facts.items()}
    return format_html(gettext(WHY[one.because]).replace("%(", "{").replace(")s", "}"), **facts)


@register.filter
def hindrance_way_on(one) -> str:
    """What to do then."""
    return gettext(TO_DO[one.because])
