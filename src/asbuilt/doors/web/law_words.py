"""Where a rule stands in the law, as people of a language write it: rule files name their sources in English, word for word.

    {{ duty.source|law }}   -> Verordnung (EU) 2024/2847, Artikel 14 Absatz 1 und Absatz 2; Anwendung: Artikel 71 Absatz 2

A language whose catalog has no word for an article reads what the rule file says. So does everybody where a remark has no translation.
"""

import re

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from asbuilt.doors.web.words import register as words

REMARKS = (
    _("application"), _("National law may differ"), _("Not compared with the text on that day"), _("a corrective or mitigating measure"),
    _("one month after the notification was submitted"), _("one month from the notification"), _("The contract"), _("The contract with the brand owner"),
    _("the platform counts 48 hours from the early warning"), _("its hours stand in the case"), _("The platform shows no counter for this report"),
    _("The record of units, as frozen"), _("wording ours"), _("from the last unit placed"), _("after being supplied, and after supplying"),
    _("each unit by its own date"), _("not under its own name"), _("technical documentation public when placed on the market"),
    _("before, only Article 14 and Chapter IV apply"), _("that fines of Article 64 wait for it too is our reading, and national law may differ"),
    _("ENISA, questions and answers of 17 September 2026"), _("The house"), _("No body was notified under the CRA on 2026-10-01 (NANDO)"),
    _("No harmonised standard cited in the OJ, no common specification"), _("read on 2026-10-06"),
    _("No certification scheme is designated under Articles 8(1) and 27(9)"),
    _("phrases of Annexes V and VI are ours after the usual wording of Union law, to be checked against the Official Journal before use"),
)  # fmt: skip
KINDS = (
    _("Implementing Regulation"), _("Delegated Regulation"), _("Regulation"), _("Directive"), _("Commission guidance"), _("guidance"), _("Annexes"), _("Annex"),
    _("Commission FAQ on the CRA"), _("Our reading of"), _("OJ L"), _("as read in reference/cra.md, section 8"),
)  # fmt: skip
NUMBERED = (_("class %(n)s"), _("Part %(n)s"), _("points %(n)s"), _("point %(n)s"), _("question %(n)s"))
SUBPARAGRAPHS = (_("second subparagraph"), _("third subparagraph"))
ARTICLE, PARAGRAPH, LETTER, ROMAN = _("Article"), _("paragraph %(n)s"), _("letter %(n)s"), _("number %(n)s")
JOINTS = (_(" and "), _(" to "))
_PARTS = r"(?:\((?:\d+|[a-z]{1,4})\))"
_PLACE = rf"(?:\d+{_PARTS}*|{_PARTS}+)"
_ARTICLES = re.compile(rf"\bArticles? ({_PLACE}(?:(?:, | and | to ){_PLACE})*)")
_ONE = re.compile(r"\((\d+|[a-z]+)\)")
_N = r"([0-9IVX][0-9IVX.]*(?:-\d+| to \d+)?)"


@words.filter
def law(said: str) -> str:
    """A source of the law, or what is remarked of it, in the reader's language."""
    if not said or gettext(ARTICLE) == ARTICLE:
        return said
    known = {one: gettext(one) for one in REMARKS}
    return "".join(known.get(piece) or _cited(piece) for piece in re.split(r"(: |; |\. )", said))


def _cited(piece: str) -> str:
    piece = _ARTICLES.sub(lambda found: _places(found[1]), piece)
    for one in (*KINDS, *SUBPARAGRAPHS):
        piece = re.sub(rf"\b{re.escape(one)}\b", gettext(one), piece)
    for one in NUMBERED:
        piece = re.sub(rf"\b{one.replace('%(n)s', _N)}", lambda found, one=one: gettext(one) % {"n": _joined(found[1])}, piece)  # fmt: skip
    # what is joined to an article, or by its Roman number
    piece = re.sub(rf"(?: and | to )(?={gettext(ARTICLE)} |[IVX]+\b)", lambda found: gettext(found[0]), piece)
    # a letter that stands alone behind a subparagraph
    return re.sub(r", \(([a-z])\)$", lambda found: " " + gettext(LETTER) % {"n": found[1]}, piece)


def _places(said: str) -> str:
    """3(15), 18 -> Artikel 3 Absatz 15, Artikel 18; 18 to 22 -> Artikel 18 bis 22."""
    each = "(" in said  # else a number behind a comma could be a paragraph as well
    told = re.sub(_PLACE, lambda found: _place(found[0], each or not found.start()), said)
    return _joined(told)


def _joined(said: str) -> str:
    for one in JOINTS:
        said = said.replace(one, gettext(one))
    return said


def _place(said: str, named: bool) -> str:
    """14(2)(c)(i) -> Artikel 14 Absatz 2 Buchstabe c Ziffer i."""
    number, *_more = said.partition("(")
    told, letter = [gettext(ARTICLE), number] if number and named else [number] if number else [], False
    for part in _ONE.findall(said):
        kind = PARAGRAPH if part.isdigit() else ROMAN if letter else LETTER
        letter = letter or not part.isdigit()
        told.append(gettext(kind) % {"n": part})
    return " ".join(told)
