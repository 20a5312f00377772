"""Issuing declarations and saying which went with which shipment.

    declare(actor, products=[{"product": "EG-200", "variants": ["EG-200-EU"]}], manufacturer="…", …)   -> ("D-1", "1"); a later version with its code
    send_declaration(actor, declaration="D-1", version="1", shipments=["S-1"], form="simplified")

Refused: a version that lacks a point of Annex V, or a language it should be in, with all of them named; one that was signed on a day that has not come; a shipment without units of its products, or one that left before the version was signed.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from asbuilt.access.actor import Actor
from asbuilt.access.queries import time_zone_of
from asbuilt.access.rights import FILING_DECIDE
from asbuilt.answers.compliance.filing import events
from asbuilt.answers.compliance.filing.declarations import (
    FULL,
    SIMPLIFIED,
    Version,
    about_declaration,
    bodies_missing,
    declaration_of,
    gaps_of,
    shipments_of,
    simplified_text,
)
from asbuilt.answers.compliance.filing.drafted import read_draft
from asbuilt.answers.compliance.filing.lines import (
    DECLARATION,
    KEPT,
    WENT_WITH,
    New,
    line_of_entry,
    lines_of_kind,
)
from asbuilt.answers.compliance.filing.paper_rules import papers_on
from asbuilt.answers.compliance.filing.stating import no_party, product_of, state, text
from asbuilt.answers.compliance.stating import file_said, kept_file, one_of
from asbuilt.designed.catalog.queries import product_number
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger.recording import Entry

SHIPMENTS_MAX = 1_000


def declare(
    actor: Actor,
    *,
    products: Sequence[dict],
    said: dict,
    languages: Sequence[str],
    texts: dict[str, str],
    why: str,
    declaration: str = "",
    content: bytes | None = None,
    name: str = "",
    request_key: str | None = None,
) -> tuple[str, str]:
    """A version of a declaration; returns (code, version). `said`: the words of `drafted.WORDS`, `laws`, `standards`, `signed_on`. `content`: the signed copy."""
    no_party(actor, "")
    actor.require(FILING_DECIDE)
    why = text("why", why)
    draft = read_draft(products, said, languages, texts)

    with kept_file(actor.tenant, content, name) as kept:

        def lines(entry: Entry) -> list[New]:
            rules = papers_on(format_instant(entry.recorded_at)[:10])
            for one in draft.products:
                product_of(entry.tenant, one["product"])
            for language in [*draft.languages, *draft.texts] or [""]:
                one_of("languages", language, rules.languages)
            _refuse_ahead(entry, draft.said.get("signed_on", ""))
            code, number = _next(entry.tenant, declaration)
            particulars = {"manufacturer": "", **draft.said, "products": draft.products, "languages": draft.languages, "texts": draft.texts, **file_said(kept)}  # fmt: skip
            new = New(about_declaration(code), DECLARATION, name=number, why=why, at=None, said=particulars)
            _refuse_gaps(entry, new, rules)
            return [new]

        asked = [draft.products, draft.said, draft.languages, draft.texts, why, declaration, name, file_said(kept)]
        entry = state(actor, events.DECLARED, FILING_DECIDE, asked, lines, attached=kept, request_key=request_key)
    line = line_of_entry(actor.tenant, entry)
    return line.about.partition("/")[2], line.name


def _next(tenant: int, declaration: str) -> tuple[str, str]:
    if declaration:
        return declaration, str(len(declaration_of(tenant, declaration)) + 1)
    codes = {line.about for line in lines_of_kind(tenant, DECLARATION)}
    return f"D-{len(codes) + 1}", "1"


def _refuse_ahead(entry: Entry, signed: str) -> None:
    """What nobody has signed yet is not issued as signed."""
    today = datetime.fromtimestamp(entry.recorded_at // 1_000_000, UTC).astimezone(time_zone_of(entry.tenant)).date().isoformat()  # fmt: skip
    if signed > today:
        told = f"signed_on: {signed} lies ahead; today is {today}."
        raise Invalid("compliance.signed_ahead", told, {"field": "signed_on", "today": today}, "Issue it once it is signed.")  # fmt: skip


def _refuse_gaps(entry: Entry, new: New, rules) -> None:
    """Nothing is issued with a hole in it: each point and language that lacks something is named."""
    version = Version(KEPT.as_read(entry, 0, new), rules)
    gaps = [*gaps_of(version), *bodies_missing(entry.tenant, version)]
    if gaps:
        told = f"The declaration lacks {len(gaps)} points: {'; '.join(gaps)[:600]}."
        raise Refused("compliance.declaration_gaps", told, {"gaps": gaps[:100]}, "Say what is named, then issue it.")


def send_declaration(
    actor: Actor,
    *,
    declaration: str,
    version: str,
    shipments: Sequence[str],
    form: str,
    why: str = "",
    request_key: str | None = None,
) -> int:
    """This version went with these shipments, in full or simplified; returns the entry. Said again it supersedes."""
    no_party(actor, "")
    actor.require(FILING_DECIDE)
    one_of("form", form, (FULL, SIMPLIFIED))
    why = text("why", why, needed=False)
    wanted = list(dict.fromkeys(shipments))
    if not 0 < len(wanted) <= SHIPMENTS_MAX:
        raise Invalid("compliance.shipments_wrong", f"shipments: 1 to {SHIPMENTS_MAX:,}.", {"field": "shipments"}, "Name them.")  # fmt: skip

    def lines(entry: Entry) -> list[New]:
        versions = {one.number: one for one in declaration_of(entry.tenant, declaration)}
        one_of("version", version, list(versions))
        found = versions[version]
        if form == SIMPLIFIED and any(one["gap"] for language in found.line.said["languages"] for one in simplified_text(found, language)):  # fmt: skip
            told = f"{declaration} {version} has no internet address of the full text."
            raise Refused("compliance.no_address", told, {"declaration": declaration}, "Issue a version with its url.")
        held = {code: at for product in found.products for code, at, _country in shipments_of(entry.tenant, product_number(entry.tenant, product))}  # fmt: skip
        foreign = [code for code in wanted if code not in held]
        if foreign:
            told = f"Without units of its products: {', '.join(foreign[:10])}."
            raise Refused("compliance.shipment_foreign", told, {"shipments": foreign[:10]}, "Look at the shipment.")
        _refuse_left_before(entry.tenant, found, {code: held[code] for code in wanted})
        return [New(about_declaration(declaration), WENT_WITH, name=code, why=why, at=None, said={"version": version, "form": form}) for code in wanted]  # fmt: skip

    asked = [declaration, version, wanted, form, why]
    return state(actor, events.DECLARATION_SENT, FILING_DECIDE, asked, lines, request_key=request_key)


def _refuse_left_before(tenant: int, version: Version, shipped: Mapping[str, int]) -> None:
    """What was signed after the goods had left did not go with them."""
    signed, zone = version.line.said.get("signed_on", ""), time_zone_of(tenant)
    left = {code: datetime.fromtimestamp(at // 1_000_000, UTC).astimezone(zone).date().isoformat() for code, at in shipped.items()}  # fmt: skip
    before = sorted(code for code, day in left.items() if day < signed)
    if before:
        told = f"{version.code} {version.number} was signed on {signed}; {before[0]} had left on {left[before[0]]}."
        facts = {"declaration": version.code, "version": version.number, "signed_on": signed, "shipments": before[:10]}
        raise Refused("compliance.declaration_later", told, facts, "Name the version that went with it.")
