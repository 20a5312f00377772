"""User information (Annex II) as checked texts, language by language: who wrote each, who checked it, which are missing.

    write_text(actor, product="EG-200", point="AII.4", language="de", words="…")
    check_text(actor, product="EG-200", point="AII.4", language="de")          another person than the writer
    information_told(actor, "EG-200")                                          -> points x languages, gaps named

A text that was written anew is unchecked until somebody checks it again. Refused: a check by the writer, or by nobody (the account of the command line).
"""

from hashlib import sha256

from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import FILING_DECIDE, FILING_READ, FILING_WRITE
from asbuilt.answers.compliance.filing import events
from asbuilt.answers.compliance.filing.lines import CHECKED, TEXT, Line, New, lines_of
from asbuilt.answers.compliance.filing.paper_rules import PaperRules, papers_on
from asbuilt.answers.compliance.filing.parts import Asking, Part, Table, about_product, source
from asbuilt.answers.compliance.filing.stating import no_party, product_of, state, text
from asbuilt.answers.compliance.stating import one_of
from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.ledger.recording import Entry
from asbuilt.storage import reading

MISSING, WRITTEN, OK, OPTIONAL = "missing", "written", "checked", "optional"
STATED = "stated"
INFORMATION = "AVII.1.d"
"""The point of the technical file that these texts stand under."""


def texts_of(lines: list[Line]) -> dict[tuple[str, str], tuple[Line, Line | None]]:
    """(point, language) -> the text that holds, and the check of exactly these words, where there is one."""
    written: dict[tuple[str, str], Line] = {}
    checks: dict[tuple[str, str], Line] = {}
    for line in lines:
        if line.kind in (TEXT, CHECKED):
            point, _slash, language = line.name.partition("/")
            (written if line.kind == TEXT else checks)[point, language] = line
    return {key: (line, checks[key] if key in checks and checks[key].said["sha256"] == digest_of(line) else None) for key, line in written.items()}  # fmt: skip


def digest_of(line: Line) -> str:
    """Stands for the words of a text."""
    return sha256(line.said["words"].encode()).hexdigest()


def write_text(
    actor: Actor, *, product: str, point: str, language: str, words: str, why: str = "", request_key: str | None = None
) -> int:
    """The words of a point in a language; returns the entry."""
    no_party(actor, product)
    words, why = text("words", words), text("why", why, needed=False)

    def lines(entry: Entry) -> list[New]:
        _refuse_unknown(entry, product, point, language)
        return [New(about_product(product), TEXT, name=f"{point}/{language}", why=why, at=None, said={"words": words})]

    asked = [product, point, language, words, why]
    return state(actor, events.TEXT_WRITTEN, FILING_WRITE, asked, lines, request_key=request_key)


def check_text(
    actor: Actor, *, product: str, point: str, language: str, why: str = "", request_key: str | None = None
) -> int:
    """A person says that the words are right; returns the entry."""
    no_party(actor, product)
    actor.require(FILING_DECIDE)
    why = text("why", why, needed=False)

    def lines(entry: Entry) -> list[New]:
        _refuse_unknown(entry, product, point, language)
        found = texts_of(lines_of(entry.tenant, [about_product(product)])).get((point, language))
        if found is None:
            told = f"{point} has no text in {language}."
            raise NotFound("compliance.text_missing", told, {"point": point, "language": language}, "Write it first.")
        if actor.person is None or actor.person == found[0].person:
            told = f"{point}: the writer cannot check it."
            raise Refused("compliance.checked_alone", told, {"point": point}, "Ask another person, signed in.")
        return [
            New(
                about_product(product),
                CHECKED,
                name=f"{point}/{language}",
                why=why,
                at=None,
                said={"sha256": digest_of(found[0])},
            )
        ]

    asked = [product, point, language, why]
    return state(actor, events.TEXT_CHECKED, FILING_DECIDE, asked, lines, request_key=request_key)


def _refuse_unknown(entry: Entry, product: str, point: str, language: str) -> None:
    rules = papers_on(format_instant(entry.recorded_at)[:10])
    product_of(entry.tenant, product)
    one_of("point", point, [one.key for one in rules.information])
    one_of("language", language, rules.languages)


def information_told(actor: Actor, product: str) -> dict:
    """Every point in every language: missing, written or checked, with its words; gaps name point and language."""
    no_party(actor, product)
    actor.require(FILING_READ)
    with reading.snapshot():
        product_of(actor.tenant, product)
        lines = lines_of(actor.tenant, [about_product(product)])
        rules = papers_on(format_instant(clock.now())[:10])
        found = texts_of(lines)
        people = People(actor.tenant, 0).codes(line.person for pair in found.values() for line in pair if line and line.person)  # fmt: skip
        return {
            "product": product, "rule_set": rules.rule_set, "source": rules.source, "languages": list(rules.languages),
            "points": [
                {
                    "point": one.key, "law": one.law, "name": one.name, "asks": one.asks, "needed": one.needed,
                    "texts": {language: _told(found.get((one.key, language)), one.needed, people) for language in rules.languages},
                }
                for one in rules.information
            ],
            "gaps": gaps_of(found, rules),
        }  # fmt: skip


def _told(found: tuple[Line, Line | None] | None, needed: bool, people: dict[int, str]) -> dict:
    if found is None:
        return {"state": MISSING if needed else OPTIONAL, "words": "", "by": None, "at": None, "checked_by": None, "checked_at": None}  # fmt: skip
    line, check = found
    return {
        "state": OK if check else WRITTEN, "words": line.said["words"], "by": people.get(line.person), "at": format_instant(line.happened_at),
        "checked_by": people.get(check.person) if check else None, "checked_at": format_instant(check.happened_at) if check else None,
    }  # fmt: skip


def gaps_of(found: dict, rules: PaperRules) -> list[str]:
    """What is missing or unchecked: a point once, with its languages."""
    gaps = []
    for one in rules.information:
        there = [language for language in rules.languages if (one.key, language) in found]
        lacking = [language for language in rules.languages if language not in there]
        # a point that is not always needed: only where it was begun do the other languages lack it
        if lacking and (one.needed or there):
            gaps.append(_("%(point)s %(name)s: no text in %(languages)s.") % {"point": one.key, "name": one.name, "languages": ", ".join(lacking)})  # fmt: skip
        unchecked = [language for language in there if found[one.key, language][1] is None]
        if unchecked:
            gaps.append(_("%(point)s %(name)s: not checked in %(languages)s.") % {"point": one.key, "name": one.name, "languages": ", ".join(unchecked)})  # fmt: skip
    return gaps


@source(INFORMATION)
def user_information(asking: Asking) -> Part:
    """The texts of Annex II, and which of them are missing in which language."""
    rules = papers_on(format_instant(asking.now)[:10])
    found = texts_of(asking.lines)
    rows = [(point, language, line.said["words"], _("checked") if check else _("not checked")) for (point, language), (line, check) in sorted(found.items())]  # fmt: skip
    columns = (_("point"), _("language"), _("text"), _("state"))
    tables = (Table(_("User information"), columns, len(rows), lambda: rows),) if rows else ()
    return Part(STATED, (), tables, (), tuple(gaps_of(found, rules)))
