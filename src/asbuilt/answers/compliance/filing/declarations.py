"""EU declarations of conformity as their lines say them: versions, texts by language, what each lacks, with which shipments each went.

    declaration_of(tenant, "D-1")              -> its versions
    declaration_text(version, "de")            -> point by point of Annex V in that language, what is missing named
    declarations_told(actor, product)          -> declarations of a product, and shipments of which nobody said which went with them

A declaration is of one or more products, each with its variants. A version is never changed: a later one stands beside it.
"""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import FILING_READ
from asbuilt.answers.compliance.filing.file_rules import rules_on
from asbuilt.answers.compliance.filing.lines import ADDRESS, DECLARATION, WENT_WITH, Line, lines_of, lines_of_kind
from asbuilt.answers.compliance.filing.paper_rules import PaperPoint, PaperRules, papers_on
from asbuilt.answers.compliance.filing.parts import Asking, Document, Part, Table, named, source
from asbuilt.answers.compliance.filing.stating import no_party, product_of
from asbuilt.answers.compliance.filing.typesetting import NotSet, typeset
from asbuilt.answers.compliance.judging.decision import IN, OPEN, OUT
from asbuilt.answers.compliance.judging.seen import allowed_routes, not_judged
from asbuilt.answers.compliance.spoken import spoken
from asbuilt.answers.compliance.stating import one_of
from asbuilt.designed.parties.product_roles import manufacturer_of
from asbuilt.designed.parties.queries import code_of, names_of
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.storage import reading

FULL, SIMPLIFIED = "full", "simplified"
NOTHING = "none"
RELEASES = "declarations"
NOT_JUDGED = {
    "": gettext_noop("nobody judged %(products)s, so nobody knows by which route it may be declared"),
    OPEN: gettext_noop("whether the law applies to %(products)s is open"),
    OUT: gettext_noop("%(products)s is judged to be out of scope"),
    IN: gettext_noop("nobody said the class of %(products)s"),
}


@dataclass(frozen=True)
class Version:
    """A version of a declaration: its line, and under which rules it was issued."""

    line: Line
    rules: PaperRules

    @property
    def code(self) -> str:
        """D-1."""
        return self.line.about.partition("/")[2]

    @property
    def number(self) -> str:
        """1, 2, 3 …"""
        return self.line.name

    @property
    def products(self) -> list[str]:
        """The products it is of."""
        return [one["product"] for one in self.line.said["products"]]


def about_declaration(code: str) -> str:
    """What lines about a declaration say in `about`."""
    return f"declaration/{code}"


def declaration_of(tenant: int, code: str) -> list[Version]:
    """Its versions, the earliest first. NotFound: there is none of this code."""
    lines = [one for one in lines_of(tenant, [about_declaration(code[:20])]) if one.kind == DECLARATION]
    if not lines:
        said = f"There is no declaration {code[:20]}."
        raise NotFound("compliance.declaration_unknown", said, {"declaration": code[:20]}, "Look at the list.")
    return [_version(one) for one in lines]


def versions_of(tenant: int, product: str) -> list[Version]:
    """Every version of every declaration of a product, the earliest first."""
    found = [_version(one) for one in lines_of_kind(tenant, DECLARATION)]
    return [one for one in found if product in one.products]


def _version(line: Line) -> Version:
    return Version(line, papers_on(format_instant(line.happened_at)[:10]))


def declaration_text(version: Version, language: str) -> list[dict]:
    """The points of Annex V in that language: point, law, heading, text; `gap` names what is missing in it."""
    return [_point(version.line.said, one, language) for one in version.rules.declaration]


def simplified_text(version: Version, language: str) -> list[dict]:
    """The points of Annex VI in that language."""
    said = version.line.said
    kinds = ", ".join(_variants(one) for one in said["products"])
    found = []
    for point in version.rules.simplified:
        phrase = point.phrases.get(language, "")
        gap = "" if phrase else _("no text in %(language)s") % {"language": language}
        if point.key == "AVI.2" and not said.get("url"):
            gap = _("no internet address of the full declaration")
        text = phrase.format(maker=said["manufacturer"], type=kinds, url=said.get("url", ""))
        found.append({"point": point.key, "law": point.law, "heading": point.names.get(language, point.names["en"]), "text": text, "gap": gap, "origin": point.origin(language)})  # fmt: skip
    return found


def _variants(one: dict) -> str:
    return f"{one['product']} ({', '.join(one['variants'])})" if one.get("variants") else one["product"]


def _point(said: dict, point: PaperPoint, language: str) -> dict:
    text, gap = point.phrases.get(language, ""), ""
    missing = point.phrases and not text
    if point.texts:
        text = said.get("texts", {}).get(language, "")
        missing = not text
    if missing:
        gap = _("no text in %(language)s") % {"language": language}
    value = _value(said, point.field)
    if point.field and not point.texts:
        text = f"{text} {value}".strip()
        if point.needed and not value:
            gap = _("not said")
        elif point.names_law and not re.search(rf"(?<!\d){re.escape(point.names_law)}(?!\d)", value):
            gap = _("does not name %(law)s") % {"law": point.names_law}
    return {"point": point.key, "law": point.law, "heading": point.names.get(language, point.names["en"]), "text": text, "gap": gap, "origin": point.origin(language)}  # fmt: skip


def _value(said: dict, field: str) -> str:
    if field == "products":
        return "; ".join(_variants(one) for one in said["products"])
    if field == "manufacturer":
        return ", ".join(part for part in (said.get("manufacturer", ""), said.get("address", "")) if part) if said.get("address") else ""  # fmt: skip
    if field in ("laws", "standards"):
        return "; ".join(said.get(field, []))
    if field == "body":
        return ", ".join(said[name] for name in ("body", "procedure", "certificate") if said.get(name))
    if field == "signature":
        parts = [said.get(name, "") for name in ("place", "signed_on", "signatory", "function")]
        return ", ".join(parts) if all(parts) else ""
    return ""


def gaps_of(version: Version) -> list[str]:
    """What a version lacks, point by point, and in which of the languages that it should be in."""
    found = []
    for language in version.line.said["languages"]:
        for one in declaration_text(version, language):
            if one["gap"]:
                found.append(f"{one['point']} ({language}): {one['gap']}")
    return list(dict.fromkeys(found))


def not_official(version: Version) -> list[str]:
    """The points whose phrase is not the text of the Official Journal, each with the languages that it is so in, of those of the version."""
    found = []
    for point in (*version.rules.declaration, *version.rules.simplified):
        languages = [language for language in version.line.said["languages"] if point.origin(language)]
        if languages:
            found.append(f"{point.key} ({', '.join(languages)})")
    return found


def bodies_missing(tenant: int, version: Version) -> list[str]:
    """Points that the class of a product makes needed: without route A a body or a certificate is named, or it is a gap. So is a product without a class."""
    said, found = version.line.said, []
    unknown = not_judged(tenant, version.products)
    allowed = allowed_routes(tenant, version.products)
    for point in version.rules.declaration:
        for state, words in NOT_JUDGED.items() if point.unless_route else ():
            if codes := [code for code, found_so in unknown.items() if found_so == state]:
                found.append(f"{point.key}: {_(words) % {'products': named(codes)}}")
        bound = sorted(
            code for code, routes in allowed.items() if point.unless_route and point.unless_route not in routes
        )
        if bound and not said.get("body") and not said.get("certificate"):
            names = {"point": point.key, "products": named(bound), "route": point.unless_route}
            found.append(_("%(point)s: %(products)s may not be declared by route %(route)s alone, and no body or certificate is named") % names)  # fmt: skip
    return found


def went_with(tenant: int, product: str) -> dict[str, Line]:
    """Shipment -> the last word about which declaration of this product went with it: a shipment may hold units of several."""
    # a version may leave out a product that another one of the same declaration names
    mine = {(one.line.about, one.number) for one in versions_of(tenant, product)}
    return {line.name: line for line in lines_of_kind(tenant, WENT_WITH) if (line.about, line.said["version"]) in mine}


def shipments_of(tenant: int, product_number: int) -> list[tuple[str, int, str]]:
    """(code, shipped at, country) of the shipments that hold units of a product themselves. One statement."""
    sql = (
        "SELECT DISTINCT s.code, l.shipped_at, s.country FROM shipping_line l JOIN shipping_shipment s ON s.tenant = l.tenant AND s.number = l.shipment "
        "JOIN production_block b ON b.tenant = l.tenant AND b.until_entry IS NULL AND b.first_unit < l.until_unit AND b.until_unit > l.first_unit "
        "WHERE l.tenant = %s AND l.until_entry IS NULL AND b.product = %s ORDER BY l.shipped_at, s.code"
    )
    return reading.fetch(sql, (tenant, product_number))


def declarations_told(actor: Actor, product: str) -> dict:
    """Every version of a product's declarations with its gaps, and each shipment with the version that went with it."""
    no_party(actor, product)
    actor.require(FILING_READ)
    with reading.snapshot():
        now = clock.now()
        asking = Asking(actor.tenant, product_of(actor.tenant, product), now, rules_on(format_instant(now)[:10]))
        found = versions_of(actor.tenant, product)
        people = People(actor.tenant, 0).codes(one.line.person for one in found if one.line.person)
        sent, gone = went_with(actor.tenant, product), []
        for code, at, country in shipments_of(actor.tenant, asking.number):
            line = sent.get(code)
            gone.append(
                {
                    "shipment": code, "shipped_at": format_instant(at), "country": country, "declaration": line.about.partition("/")[2] if line else None,
                    "version": line.said["version"] if line else None, "form": line.said["form"] if line else None,
                }
            )  # fmt: skip
        return {
            "product": product,
            "declarations": [_told(actor.tenant, one, people) for one in reversed(found)],
            "shipments": gone,
        }


def _told(tenant: int, one: Version, people: dict[int, str]) -> dict:
    said = one.line.said
    return {
        "declaration": one.code, "version": one.number, "products": said["products"], "languages": said["languages"], "manufacturer": said["manufacturer"],
        "address": said.get("address", ""), "url": said.get("url", ""), "issued_at": format_instant(one.line.happened_at), "by": people.get(one.line.person),
        "why": one.line.why, "rule_set": one.rules.rule_set, "file": said.get("file", ""), "sha256": said.get("sha256", ""), "gaps": [*gaps_of(one), *bodies_missing(tenant, one)],
        "not_official": not_official(one),
        "texts": {language: declaration_text(one, language) for language in said["languages"]},
        "simplified": {language: simplified_text(one, language) for language in said["languages"]},
    }  # fmt: skip


@source("AVII.7")
def copies(asking: Asking) -> Part:
    """The declarations of the product, each version with its hash and gaps."""
    found = versions_of(asking.tenant, asking.product)
    if not found:
        return Part(RELEASES)
    last = found[-1]
    rows = [(one.code, one.number, format_instant(one.line.happened_at)[:10], ", ".join(one.products), ", ".join(one.line.said["languages"]), one.line.said.get("sha256", "")) for one in found]  # fmt: skip
    columns = (_("declaration"), _("version"), _("issued"), _("products"), _("languages"), "SHA-256")
    documents = tuple(Document(one.line.said["file"], one.line.said["sha256"], f"{one.code} {one.number}") for one in found if one.line.said.get("sha256"))  # fmt: skip
    gaps = [f"{last.code} {last.number}: {gap}" for gap in (*gaps_of(last), *bodies_missing(asking.tenant, last))]
    gaps += _in_the_name_of(asking, last)
    if not last.line.said.get("sha256"):
        gaps.append(_("%(code)s %(number)s: no signed copy is on file.") % {"code": last.code, "number": last.number})
    foreign = not_official(last)
    words = [_("Phrases that are not the text of the Official Journal, to be compared with it: %(points)s.") % {"points": named(foreign)}] if foreign else []  # fmt: skip
    if documents:
        words.append(_("Whose signature the signed copies bear was not checked by Asbuilt."))
    return Part(
        RELEASES, tuple(words), (Table(_("Declarations"), columns, len(rows), lambda: rows),), documents, tuple(gaps)
    )


def _in_the_name_of(asking: Asking, version: Version) -> list[str]:
    """A declaration is the manufacturer's: one in another name is a gap, as long as nobody says otherwise of the product."""
    party = manufacturer_of(asking.tenant, asking.product, asking.now)
    if party is None:  # that nobody said who it is, is a gap of its own
        return []
    name, code = names_of(asking.tenant, [party])[party], code_of(asking.tenant, party)
    on_paper = [
        line.said.get("name", "") for line in lines_of(asking.tenant, [f"party/{code}"]) if line.kind == ADDRESS
    ]
    said = version.line.said["manufacturer"].casefold()
    if any(one and (one in said or said in one) for one in (known.casefold() for known in (name, *on_paper[-1:]))):
        return []
    words = {"code": version.code, "number": version.number, "name": version.line.said["manufacturer"], "party": name}
    return [_("%(code)s %(number)s is in the name of %(name)s; the record calls %(party)s the manufacturer.") % words]


@source("market")
def sent_with(asking: Asking) -> Part:
    """Which version of which declaration went with which shipment."""
    sent = went_with(asking.tenant, asking.product)
    rows, bare = [], []
    for code, at, country in shipments_of(asking.tenant, asking.number):
        line = sent.get(code)
        if line is None:
            bare.append(code)
            continue
        rows.append((code, format_instant(at)[:10], country, line.about.partition("/")[2], line.said["version"], spoken(line.said["form"])))  # fmt: skip
    columns = (_("shipment"), _("shipped"), _("country"), _("declaration"), _("version"), _("form"))
    gaps = (_("Nobody said which declaration went with: %(names)s.") % {"names": named(bare)},) if bare else ()
    tables = (Table(_("Declarations with shipments"), columns, len(rows), lambda: rows),) if rows else ()
    return Part(RELEASES, (), tables, (), gaps)


def declaration_paper(actor: Actor, code: str, number: str, language: str, form: str) -> bytes:
    """A version in one language as PDF/A, in full or simplified; what is missing in it stands there as missing. NotFound: no such version; Invalid: a
    language or form that the rules do not have."""
    no_party(actor, "")
    actor.require(FILING_READ)
    version = next((one for one in declaration_of(actor.tenant, code) if one.number == number), None)
    if version is None:
        said = f"{code[:20]} has no version {number[:10]}."
        raise NotFound("compliance.declaration_unknown", said, {"declaration": code[:20]}, "Look at the list.")
    one_of("language", language, version.rules.languages)
    one_of("form", form, (FULL, SIMPLIFIED))
    points = (simplified_text if form == SIMPLIFIED else declaration_text)(version, language)
    title = version.rules.simplified[0].names if form == SIMPLIFIED else version.rules.title
    title = f"{title[language]} {code} {number}" if form == FULL else title[language]
    blocks = [{"kind": "h1", "text": title}]
    for one in points:
        blocks += [
            {"kind": "h3", "text": one["heading"]},
            {"kind": "text", "text": one["text"] or "–"},
            *([{"kind": "gap", "text": one["gap"]}] if one["gap"] else []),
        ]
    made = version.line.happened_at
    foot = f"{code} {number}, {format_instant(made)[:10]}, {version.rules.rule_set}"
    try:
        return typeset({"title": title, "lang": language, "foot": foot, "made_at": made // 1_000_000, "blocks": blocks})
    except NotSet as refusal:
        said = "The declaration cannot be written as PDF."
        raise Invalid("compliance.pdf_failed", said, {"cause": str(refusal)[:200]}, "Take it as JSON.") from None
