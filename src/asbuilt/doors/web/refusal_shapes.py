"""Refusals with values in them, in the language of the page: the catalog knows the sentence by its shape.

    "F-1 is closed."  ->  the catalog's "… is closed."  ->  "F-1 ist geschlossen."

A shape is a text of the catalog with … where the refusal has a value; its translation has as many, in the same order. Of several that fit, the
one with most words of its own is meant. `tests/policy/test_texts.py` finds each refusal's shape in the source and asks for its German.
"""

import re
from functools import cache

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import translation

HOLE = "…"
OWN_LETTERS_MIN = 3
SAID_CHARACTERS_MAX = 1000  # a refusal with more in it stays as it is: shapes are tried one by one
# how a refusal calls a field of a form, where it says what is wrong with it
FIELDS = {
    "title": _("Title"), "why": _("Why"), "words": _("Words"), "question": _("Question"), "product": _("Product"), "at": _("When"),
    "owner": _("Owner"), "remedy": _("What to do"), "reference": _("Reference"), "kind": _("Kind"), "duty": _("Duty"),
    "manufacturer": _("Manufacturer"), "role": _("Role"), "party": _("Party"), "language": _("Language"), "task": _("Task"),
    "finding": _("Finding"), "rule": _("Rule"), "aware_at": _("aware"),
}  # fmt: skip


def shaped(said: str) -> str:
    """The refusal's own words in the language of the page, its values as they stood; empty where no shape of the catalog fits."""
    for pattern, shape in _shapes(get_language() or "en") if len(said) <= SAID_CHARACTERS_MAX else ():
        if found := pattern.fullmatch(said):
            values = [str(FIELDS.get(value, value)) for value in found.groups()]
            first, *rest = gettext(shape).split(HOLE)
            return first + "".join(value + part for value, part in zip(values, rest, strict=True))
    return ""


@cache
def _shapes(language: str) -> list[tuple[re.Pattern, str]]:
    """(what it looks like, the shape), those with most letters of their own first."""
    texts = [key for key, _said in translation(language)._catalog.items() if isinstance(key, str) and HOLE in key]
    own = {text: len(re.findall(r"[^\W\d_]", text)) for text in texts}
    told = sorted((text for text in texts if own[text] >= OWN_LETTERS_MIN), key=lambda text: (-own[text], text))
    return [(re.compile("(.+?)".join(map(re.escape, text.split(HOLE))), re.DOTALL), text) for text in told]
