"""How a verb of this room says something of a product: authorised, checked, files kept as evidence, recorded in one entry.

A party's person finds no product here: assessments are of the house. Refused: a product that nobody planned, one with too many lines.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from asbuilt.access.actor import Actor
from asbuilt.access.rights import COMPLIANCE_READ
from asbuilt.answers.compliance.lines import Line, New, lines_of, write
from asbuilt.designed.catalog.queries import standing_products
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.ledger import evidence, sequencing
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording

LINES_MAX = 20_000
WORDS_CHARACTERS_MAX = 4_000
NAME_CHARACTERS_MAX = 200
FILE_BYTES_MAX = 32 * 1024**2
DOCUMENT, TRACEABILITY = "document", "traceability"  # classes of evidence: papers of a product, and all others


def state(
    actor: Actor,
    type: str,
    right: str,
    product: str,
    said: Sequence,
    lines: Callable[[Entry, list[Line]], list[New]],
    *,
    attached: Sequence[evidence.Kept] = (),
    request_key: str | None,
) -> int:
    """Record what `lines` gives of the product, after what was said of it before; returns the entry. `said` is the request's content, `attached`
    what it rests on."""
    refuse_party(actor, product)
    actor.require(right)
    content = digest(repr([type, product, *said]).encode())
    try:
        with recording(actor, type, request_key=request_key, content=content) as entry:
            refuse_unknown(actor.tenant, product)
            before = lines_of(actor.tenant, [product]).get(product, [])
            if len(before) >= LINES_MAX:
                full = f"{product} has {LINES_MAX:,} lines, the most there may be."
                raise Refused("compliance.lines_many", full, {"product": product}, "Say what changed only.")
            for kept in attached:
                kept.record(entry)
            write(entry, lines(entry, before), actor.person)
    except AlreadyRecorded as known:
        return known.number
    sequencing.after_commit(actor.tenant)
    return entry.number


def read_product(actor: Actor, product: str) -> list[Line]:
    """Everything said of a product, for a reader of this room; NotFound where nobody planned it, or not for this reader."""
    refuse_party(actor, product)
    actor.require(COMPLIANCE_READ)
    refuse_unknown(actor.tenant, product)
    return lines_of(actor.tenant, [product]).get(product, [])


def refuse_party(actor: Actor, product: str) -> None:
    """To a party's person nothing of this room is there."""
    if actor.party is not None:
        raise NotFound("compliance.product_unknown", f"There is no product {product[:60]}.", {"product": product[:60]})


def refuse_unknown(tenant: int, product: str) -> None:
    """NotFound where the product does not stand."""
    known = standing_products(tenant)
    if product not in known:
        remedy = did_you_mean(product, known) or "Load its BOM first."
        said = f"There is no product {product[:60]}."
        raise NotFound("compliance.product_unknown", said, {"product": product[:60]}, remedy)


def text(field: str, said: str, most: int = WORDS_CHARACTERS_MAX, *, needed: bool = True) -> str:
    """Words of a person without blanks around them; Invalid where they are missing, too long, or hold control characters."""
    said = said.strip()
    if needed and not said:
        raise Invalid("compliance.words_missing", f"{field}: is empty.", {"field": field}, "Say it in a few words.")
    if len(said) > most:
        reason = f"{field}: has {len(said):,} characters, the most is {most:,}."
        raise Invalid("compliance.words_long", reason, {"field": field}, "Shorten it.")
    if any(letter < " " and letter not in "\n\t" or letter == "\x7f" for letter in said):
        reason = f"{field}: holds control characters."
        raise Invalid("compliance.words_control", reason, {"field": field}, "Take them out.")
    return said


def one_of(field: str, said: str, known: Sequence[str]) -> str:
    """One of the words there are; Invalid with all of them."""
    if said not in known:
        reason = f"{field}: {said[:40]!a} is not known."
        raise Invalid("compliance.word_unknown", reason, {"field": field}, f"Say {', '.join(known)}.")
    return said


def kept_file(
    tenant: int, content: bytes | None, name: str, most: int = FILE_BYTES_MAX, evidence_class: str = DOCUMENT
) -> AbstractContextManager[list[evidence.Kept]]:
    """The file as evidence, none where there is no content: technical documentation, unless another class is named. Invalid: empty, too large."""
    if content is not None and not 0 < len(content) <= most:
        said = f"The file has {len(content):,} bytes; 1 to {most:,} are taken."
        raise Invalid("compliance.file_size", said, {"field": "file"}, "Send another one.")
    return evidence.uploaded(tenant, content, name, evidence_class)


def file_said(kept: Sequence[evidence.Kept]) -> dict[str, str]:
    """What a line says of its file."""
    return {"sha256": kept[0].sha256, "file": kept[0].file_name, "bytes": str(kept[0].size)} if kept else {}
