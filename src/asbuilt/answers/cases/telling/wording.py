"""The words of a notice: what the house says in every language, and what a person wrote, for one party.

    case, makers = as_written(tenant, version, shares)
    letter = letter_of(version, case, share, makers, language="de", name="Halden", reference="AN-…", link="")

A version says what the case said when it was written, whenever it is sent or read: what a person reviewed is what leaves. A measure that was stated
towards one manufacturer stands in notices about its products only.

Headings and standing sentences come out of the catalogues (English, German, Polish, French). What happened, what to do, the update and whom to
ask are a person's words where some were written in that language; else the standing sentence for the kind of case, with the words of its
measures as they were written. What is not in the reader's language is named in `gaps`.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from asbuilt.answers.cases.handling.case_file import CaseFile, as_of
from asbuilt.answers.cases.handling.queries import standing_case
from asbuilt.answers.cases.handling.statements import Line
from asbuilt.answers.cases.telling.notices import Held, Version
from asbuilt.answers.cases.telling.recipients import MANUFACTURERS
from asbuilt.answers.cases.telling.whose import makers_of

ANY = ""  # words that were written for every language
FIELDS = ("happened", "measures", "update", "contact")
SECURITY = ("aev", "incident", "vulnerability")
HAPPENED = {
    "aev": gettext_noop("A vulnerability of this product is being exploited."),
    "incident": gettext_noop("A security incident may affect this product."),
    "vulnerability": gettext_noop("A vulnerability was found in this product."),
    "quality": gettext_noop("Some units of this product may not be as they should be."),
    "supplier": gettext_noop("A supplier warned of a part of this product."),
    "authority": gettext_noop("An authority asked us about this product."),
}
ATTACHMENT = "units.csv"


@dataclass(frozen=True)
class Letter:
    """A notice as one party reads it; `gaps` say what is not in its language."""

    language: str
    subject: str
    text: str
    gaps: tuple[str, ...]


def as_written(tenant: int, version: Version, shares: Iterable[Held]) -> tuple[CaseFile, dict[str, int | None]]:
    """The case as it was when the version was written, and the manufacturers of the products that these parties hold."""
    case = as_of(standing_case(tenant, version.case), version.entry)
    products = {code for share in shares for code in share.products}
    return case, makers_of(tenant, case, products, version.written_at)


def letter_of(
    version: Version, case: CaseFile, share: Held, makers: Mapping[str, int | None], *, language: str, name: str, reference: str, link: str, attached: bool = True
) -> Letter:  # fmt: skip
    """The notice for one party in its language; `case` as the version was written on. The case itself is not named."""
    gaps: list[str] = []
    mine = {None, *(makers.get(code) for code in share.products)}
    said = {field: _words(version, case, mine, field, language, gaps) for field in FIELDS}
    with translation.override(language):
        listed = ", ".join(_product(case, code) for code in share.products)
        parts = [
            f"{_('To')}: {name}\n{_('Reference')}: {reference}\n{_('Product')}: {listed}",
            _section(_("What happened"), said["happened"]),
            _section(_("Your units"), _units(share, attached)),
            _section(_("What you can do now"), said["measures"]),
            _section(_("Update"), said["update"]),
            _section(_("Whom to ask"), said["contact"]),
        ]
        if link:
            parts.append(_section(_("Confirm that you have read this"), link))
        return Letter(
            language, _subject(version.kind, case.gravest, share.products), "\n\n".join(parts) + "\n", tuple(gaps)
        )


def _subject(kind: str, case_kind: str, products: tuple[str, ...]) -> str:
    listed = ", ".join(products)
    if kind == MANUFACTURERS:
        return _("Notice to the manufacturer: %(products)s") % {"products": listed}
    if case_kind in SECURITY:
        return _("Security notice: %(products)s") % {"products": listed}
    return _("Quality notice: %(products)s") % {"products": listed}


def _section(heading: str, words: str) -> str:
    return f"{heading}\n{words}"


def _product(case: CaseFile, code: str) -> str:
    line = case.products.get(code)
    versions = line.said.get("versions", "") if line else ""
    return f"{code} ({versions})" if versions else code


def _units(share: Held, attached: bool) -> str:
    said = _("%(certain)s certainly affected, %(possible)s possibly, of %(unrecorded)s it is not recorded.") % {
        "certain": share.certain, "possible": share.possible, "unrecorded": share.unrecorded,
    }  # fmt: skip
    if attached:
        return f"{said} " + _("The serial numbers are in the attached file %(file)s.") % {"file": ATTACHMENT}
    return f"{said} " + _("The list of serial numbers is too long for a mail: it is on your page of this notice.")


def _words(
    version: Version, case: CaseFile, makers: set[int | None], field: str, language: str, gaps: list[str]
) -> str:
    """Words in the language, else those for every language, else the standing sentence."""
    mine = version.texts.get(language, {}).get(field)
    if mine:
        return mine
    if every := version.texts.get(ANY, {}).get(field):
        if field != "contact":
            gaps.append(field)
        return every
    with translation.override(language):
        if field == "happened":
            return _(HAPPENED[case.gravest])
        if field == "contact":
            return os.environ.get("ASBUILT_NOTICE_CONTACT", "")
        return _measures(case, makers, "mitigating" if field == "measures" else "corrective", field, gaps)


def _measures(case: CaseFile, makers: set[int | None], kind: str, field: str, gaps: list[str]) -> str:
    known = [line for line in case.measures.values() if line.said["kind"] == kind and line.at is not None]
    found = [line for line in known if line.party in makers]
    if not found:
        if kind == "mitigating":
            return _("There is no workaround yet. You are told as soon as there is one.")
        return _("There is no update yet. You are told as soon as there is one.")
    gaps.append(field)
    return "\n".join(_measure(line, kind) for line in found)


def _measure(line: Line, kind: str) -> str:
    day = date_format(datetime.fromtimestamp(line.at // 1_000_000, UTC), "DATE_FORMAT")
    if kind == "mitigating":
        return _("Workaround since %(day)s: %(words)s") % {"day": day, "words": line.why}
    return _("Update since %(day)s: %(words)s") % {"day": day, "words": line.why}
