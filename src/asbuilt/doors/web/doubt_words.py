"""What is doubtful about an SBOM, in the language of the page: the sentence that its reader wrote, put together anew from the values in it.

Doubts are recorded with the SBOM, in English, so that every door and every export says the same; only the page of a person translates them.
A sentence that no form here fits stays as it was written.
"""

import re

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from asbuilt.doors.web.words import register as words

# a value may hold anything, the words around it are fixed; {fault} is a sentence part of FAULTS
SENTENCES = {
    "The document lists no component.": _("The document lists no component."),
    "The purl {value} {fault}.": _("The purl {value} {fault}."),
    "The CPE {value} {fault}.": _("The CPE {value} {fault}."),
    "The reference {value} stands in the document already.": _("The reference {value} stands in the document already."),
    "The reference {value} leads nowhere in the document.": _("The reference {value} leads nowhere in the document."),
    "The tag {value} is none of the specification.": _("The tag {value} is none of the specification."),
    "Categories of references are spelt as in another version than {value}.": _(
        "Categories of references are spelt as in another version than {value}."
    ),
    "Leaves out licences or copyright that SPDX 2.2 asks for; by SPDX 2.3 it is complete.": _(
        "Leaves out licences or copyright that SPDX 2.2 asks for; by SPDX 2.3 it is complete."
    ),
    "Names prefixes beside the context of SPDX; identifiers stand as they are written.": _(
        "Names prefixes beside the context of SPDX; identifiers stand as they are written."
    ),
    "{value} more places are like these.": _("{value} more places are like these."),
    "{value} is a time that no calendar has.": _("{value} is a time that no calendar has."),
    "{value} is no time with a time zone.": _("{value} is no time with a time zone."),
    "{value} names no time zone.": _("{value} names no time zone."),
    "{value} lies ahead of the clock here.": _("{value} lies ahead of the clock here."),
}
FAULTS = {
    "has a % that escapes nothing": _("has a % that escapes nothing"),
    "is no package URL": _("is no package URL"),
    "is no CPE 2.2 URI": _("is no CPE 2.2 URI"),
    "is no CPE name": _("is no CPE name"),
    "has {value} parts where CPE 2.3 has {parts}": _("has {value} parts where CPE 2.3 has {parts}"),
    "names neither an application, an operating system nor hardware": _(
        "names neither an application, an operating system nor hardware"
    ),
    "has a character in part {value} that needs a backslash": _(
        "has a character in part {value} that needs a backslash"
    ),
}
PLACES = {"created": _("created"), "/": _("the document")}


def _form(template: str) -> re.Pattern:
    fixed = re.split(r"\{(\w+)\}", template)
    faults = (
        "|".join(_form(one).pattern.replace("?P<value>", "").replace("?P<parts>", "") for one in FAULTS)
        if "{fault}" in template
        else ""
    )
    named = (f"(?P<fault>{faults})" if name == "fault" else f"(?P<{name}>.*)" for name in fixed[1::2])
    pairs = zip(fixed[::2], [*named, ""], strict=True)
    return re.compile("".join(re.escape(text) + value for text, value in pairs), re.DOTALL)


_SENTENCES = {text: _form(text) for text in SENTENCES}
_FAULTS = {text: _form(text) for text in FAULTS}


@words.filter
def sbom_doubt_word(sentence: str) -> str:
    """A doubt about an SBOM in the language of the page."""
    return _said(sentence, _SENTENCES)


def _said(sentence: str, forms: dict[str, re.Pattern]) -> str:
    for text, form in forms.items():
        if found := form.fullmatch(sentence):
            values = found.groupdict()
            if "fault" in values:
                values["fault"] = _said(values["fault"], _FAULTS)
            return gettext(text).format(**values)
    return sentence


@words.filter
def sbom_doubt_place(place: str) -> str:
    """Where in the file: a path into it, or a word."""
    return str(PLACES.get(place, place))
