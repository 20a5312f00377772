"""Whether security updates of a product cost its users anything, and until when: said by a person, with the paper that shows it.

    state_update_terms(actor, product="AB-100", free="yes", until_on="2035-12-31", why="…", content=b"%PDF…", name="terms.pdf")   -> the entry
    terms_of(lines)   -> what holds, or None where nobody said anything

`agreed`: what was agreed with a business user for whom the product is tailor-made. The words are the manufacturer's: where the house is not, the paper is
his, and its signature is one that nobody checked. Refused: without a paper, of a product of which nobody said who makes it, by the system account.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import COMPLIANCE_DECIDE
from asbuilt.answers.compliance.events import TERMS_STATED
from asbuilt.answers.compliance.judging.classes import day_of
from asbuilt.answers.compliance.judging.decision import NO, YES
from asbuilt.answers.compliance.lines import TERMS, Line, New
from asbuilt.answers.compliance.stating import file_said, kept_file, one_of, refuse_party, state, text
from asbuilt.designed.parties.product_roles import manufacturer_of, own_party
from asbuilt.designed.parties.queries import code_of
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger.recording import Entry

AGREED = "agreed"
ANSWERS = (YES, AGREED, NO)


@dataclass(frozen=True)
class UpdateTerms:
    """What was said last: free or not, until which day (empty where they are not), why, in which file of which manufacturer, when."""

    free: str
    until_on: str
    why: str
    file: str
    sha256: str
    manufacturer: str
    ours: bool
    said_on: str
    line: Line


def terms_of(lines: Sequence[Line]) -> UpdateTerms | None:
    """The terms that hold; a later statement supersedes."""
    line = next((one for one in reversed(lines) if one.kind == TERMS), None)
    if line is None:
        return None
    said = line.said
    return UpdateTerms(
        said["free"], said["until_on"], line.why, said["file"], said["sha256"], said["manufacturer"], said["ours"],
        format_instant(line.happened_at)[:10], line,
    )  # fmt: skip


def state_update_terms(
    actor: Actor,
    *,
    product: str,
    free: str,
    why: str,
    until_on: str = "",
    content: bytes | None = None,
    name: str = "",
    request_key: str | None = None,
) -> int:
    """Record it with its paper; returns the entry."""
    refuse_party(actor, product)
    actor.require(COMPLIANCE_DECIDE)
    if actor.person is None:
        said, remedy = (
            "What updates cost is said by a person, and the system account is none.",
            "Sign in, or say it with a token of your own.",
        )
        raise Refused("compliance.terms_no_person", said, {"product": product[:60]}, remedy)
    free, why = one_of("free", free, ANSWERS), text("why", why)
    until = "" if free == NO else day_of("until_on", until_on)
    if content is None:
        said = "What updates cost is shown by a paper: none came along."
        raise Invalid("compliance.terms_paper", said, {"field": "file"}, "Send the terms that users get.")
    with kept_file(actor.tenant, content, name) as kept:

        def lines(entry: Entry, _: list[Line]) -> list[New]:
            maker = manufacturer_of(entry.tenant, product, entry.recorded_at)
            if maker is None:
                unknown = f"Nobody said who makes {product}."
                remedy = "Say it in product_roles.csv, as role manufacturer."
                raise Refused("compliance.terms_maker", unknown, {"product": product}, remedy)
            ours = maker == own_party(entry.tenant, entry.recorded_at)
            said = {"free": free, "until_on": until, "manufacturer": code_of(entry.tenant, maker), "ours": ours}
            return [New(product, TERMS, name="", why=why, said={**said, **file_said(kept)})]

        asked = [free, until, why, name, file_said(kept)]
        return state(
            actor, TERMS_STATED, COMPLIANCE_DECIDE, product, asked, lines, attached=kept, request_key=request_key
        )
