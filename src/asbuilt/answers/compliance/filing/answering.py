"""Noting what an authority asked, and recording what was sent.

    note_request(actor, case="C-7", authority="BNetzA", member_state="DE", legal_basis="13(22)", product="EG-200", demanded=["AVII.2.b"], due_at=…, …)   -> "1"
    send_answer(actor, case="C-7", request="1", to="cra@authority.example", sent_at=…)     the points asked for as they are now, with their gaps, or a file

The case has to be of kind `authority` and open. The package is made in the language of the request where its texts exist in it; else in English,
and that is one of the gaps. It holds the points that were asked for and names the others. What is sent is kept as evidence; its gaps go with it and are recorded: completeness is never claimed.
"""

import re
from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.access.rights import FILING_DECIDE, FILING_WRITE
from asbuilt.answers.cases.handling.actions.stating import refuse_closed
from asbuilt.answers.cases.handling.queries import refuse_party, standing_case
from asbuilt.answers.compliance.filing import events
from asbuilt.answers.compliance.filing.file_rules import rules_on
from asbuilt.answers.compliance.filing.lines import REQUEST, SENT, New, line_of_entry, lines_of
from asbuilt.answers.compliance.filing.package import part_of_file
from asbuilt.answers.compliance.filing.paper_rules import papers_on
from asbuilt.answers.compliance.filing.requests import about_case, request_of, requests_of
from asbuilt.answers.compliance.filing.stating import NAME_CHARACTERS_MAX, OWN_BYTES_MAX, product_of, state, text
from asbuilt.answers.compliance.filing.technical_file import technical_file
from asbuilt.answers.compliance.stating import TRACEABILITY, file_said, kept_file, one_of
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.instants import format_instant, parse_instant
from asbuilt.ledger.recording import Entry

_COUNTRY = re.compile(r"[A-Z]{2}").fullmatch
DEMANDED_MAX = 100
GAPS_MAX = 500
SPOKEN, OTHERWISE = ("en", "de"), "en"
"""The languages in which every text of the technical file exists, and the one that it is in where another is asked for."""


def note_request(
    actor: Actor,
    *,
    case: str,
    authority: str,
    member_state: str,
    legal_basis: str,
    words: str,
    product: str,
    demanded: Sequence[str],
    received_at: int,
    due_at: int,
    language: str = "en",
    content: bytes | None = None,
    name: str = "",
    request_key: str | None = None,
) -> str:
    """What an authority asked, with its letter; returns the number of the request in its case. `demanded`: points of the technical file."""
    refuse_party(actor, case)
    said = {"authority": text("authority", authority, NAME_CHARACTERS_MAX), "member_state": member_state, "words": text("words", words), "language": text("language", language, 20)}  # fmt: skip
    if not _COUNTRY(member_state):
        raise Invalid("compliance.country_wrong", f"member_state: {member_state[:10]!a} is no country code.", {"field": "member_state"}, "Write DE.")  # fmt: skip
    wanted = list(dict.fromkeys(demanded))[: DEMANDED_MAX + 1]
    if not 0 < len(wanted) <= DEMANDED_MAX:
        raise Invalid("compliance.demanded_wrong", f"demanded: 1 to {DEMANDED_MAX}.", {"field": "demanded"}, "Name what is asked for.")  # fmt: skip
    if due_at < received_at:
        raise Invalid("compliance.due_before", "due_at: lies before received_at.", {"field": "due_at"}, "Look at both.")

    with kept_file(actor.tenant, content, name, evidence_class=TRACEABILITY) as kept:

        def lines(entry: Entry) -> list[New]:
            day = format_instant(entry.recorded_at)[:10]
            if received_at > entry.recorded_at:
                raise Invalid("compliance.ahead", "received_at: lies in the future.", {"field": "received_at"}, "Look at the time and its offset.")  # fmt: skip
            _authority_case(entry.tenant, case)
            product_of(entry.tenant, product)
            one_of("legal_basis", legal_basis, papers_on(day).request_bases)
            for key in wanted:
                one_of("demanded", key, [one.key for one in rules_on(day).points])
            number = len(requests_of(lines_of(entry.tenant, [about_case(case)]))) + 1
            more = {"legal_basis": legal_basis, "product": product, "demanded": wanted, "received_at": format_instant(received_at)}  # fmt: skip
            return [
                New(
                    about_case(case),
                    REQUEST,
                    name=str(number),
                    why="",
                    at=due_at,
                    said={**said, **more, **file_said(kept)},
                )
            ]

        asked = [case, said, legal_basis, product, wanted, received_at, due_at, name, file_said(kept)]
        entry = state(actor, events.REQUEST_NOTED, FILING_WRITE, asked, lines, attached=kept, request_key=request_key)
    return line_of_entry(actor.tenant, entry).name


def send_answer(
    actor: Actor,
    *,
    case: str,
    request: str,
    to: str,
    sent_at: int,
    why: str = "",
    content: bytes | None = None,
    name: str = "",
    request_key: str | None = None,
) -> int:
    """What was sent, and its gaps; returns the entry. Without `content` the signed package of the points asked for, as they are now, is kept and named."""
    refuse_party(actor, case)
    actor.require(FILING_DECIDE)
    to, why = text("to", to, NAME_CHARACTERS_MAX), text("why", why, needed=False)
    _authority_case(actor.tenant, case)
    asked_for = request_of(actor.tenant, case, request).line.said
    if sent_at < parse_instant(asked_for["received_at"]):
        raise Invalid("compliance.sent_before", "sent_at: lies before the request came.", {"field": "sent_at", "received_at": asked_for["received_at"]}, "Look at the time and its offset.")  # fmt: skip
    given, wanted, spoken = content is not None, set(asked_for["demanded"]), _spoken(asked_for["language"])
    with translation.override(
        spoken or OTHERWISE
    ):  # whoever sends reads his own; the authority reads what it asked for
        file = technical_file(actor, asked_for["product"])
        gaps = [f"{one.asked.key}: {gap}" for one in file.filed if one.asked.key in wanted for gap in one.gaps]
        missing = sorted(wanted & {one.asked.key for one in file.filed if one.state == "missing"})
        if not given:
            made = part_of_file(actor, asked_for["product"], wanted)
            content, name = made.content, f"technical-file-{asked_for['product']}.zip"
            gaps += made.left_out
            if not spoken:
                told = _("Asked for in %(language)s; this file is in English.")
                gaps.insert(0, told % {"language": asked_for["language"]})

    with kept_file(actor.tenant, content, name, OWN_BYTES_MAX) as kept:

        def lines(entry: Entry) -> list[New]:
            _authority_case(entry.tenant, case)
            if sent_at > entry.recorded_at:
                raise Invalid("compliance.ahead", "sent_at: lies in the future.", {"field": "sent_at"}, "Look at the time and its offset.")  # fmt: skip
            said = {"to": to, "gaps": gaps[:GAPS_MAX], "not_sent": missing, **file_said(kept)}
            return [New(about_case(case), SENT, name=request, why=why, at=sent_at, said=said)]

        # a package made here differs from second to second: the same request is told by its key alone
        asked = [case, request, to, sent_at, why, file_said(kept) if given else ""]
        return state(actor, events.REQUEST_ANSWERED, FILING_DECIDE, asked, lines, attached=kept, request_key=request_key)  # fmt: skip


def _spoken(language: str) -> str:
    """The language of a request, such as de of `de-AT`, where the technical file speaks it; else empty."""
    wanted = language.strip().replace("_", "-").partition("-")[0].lower()
    return wanted if wanted in SPOKEN else ""


def _authority_case(tenant: int, case: str) -> None:
    found = standing_case(tenant, case)
    if found.kind != "authority":
        told = f"{case} is no request of an authority."
        raise Refused("compliance.case_other", told, {"case": case}, "Open a case of kind authority.")
    refuse_closed(found)
