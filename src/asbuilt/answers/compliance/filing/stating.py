"""How a verb of filing writes its lines: who may, checked words, one entry."""

from collections.abc import Callable, Sequence
from datetime import date

from asbuilt.access.actor import Actor
from asbuilt.answers.compliance.filing.lines import New, lines_of, write
from asbuilt.answers.compliance.stating import text as words_of
from asbuilt.designed.catalog.errors import unknown_product
from asbuilt.designed.catalog.queries import standing_products
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.ledger import evidence, sequencing
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording

WORDS_CHARACTERS_MAX = 20_000
NAME_CHARACTERS_MAX = 200
LINES_MAX = 5_000
OWN_BYTES_MAX = 256 * 1024**2


def state(
    actor: Actor,
    type: str,
    right: str,
    asked: Sequence,
    lines: Callable[[Entry], list[New]],
    *,
    attached: Sequence[evidence.Kept] = (),
    request_key: str | None,
) -> int:
    """Record what `lines` gives; returns the entry. `asked` is the request's content. A party's person finds nothing here."""
    actor.require(right)
    content = digest(repr([type, *asked]).encode())
    try:
        with recording(actor, type, request_key=request_key, content=content) as entry:
            for kept in attached:
                kept.record(entry)
            given = lines(entry)
            _refuse_full(entry.tenant, given)
            write(entry, given, actor.person)
    except AlreadyRecorded as known:
        return known.number
    sequencing.after_commit(actor.tenant)
    return entry.number


def _refuse_full(tenant: int, given: Sequence[New]) -> None:
    about = sorted({one.about for one in given})
    if len(lines_of(tenant, about)) + len(given) > LINES_MAX:
        said = f"{about[0]} has {LINES_MAX:,} lines, the most there may be."
        raise Refused("compliance.lines_many", said, {"about": about[0]}, "Keep what changes often in a file.")


def product_of(tenant: int, code: str) -> str:
    """The code of a product that stands. NotFound: there is none."""
    known = standing_products(tenant)
    if code not in known:
        raise unknown_product(code[:60], did_you_mean(code, known))
    return code


def no_party(actor: Actor, product: str) -> None:
    """To a party's person no file is there: what he gets is sent to him."""
    if actor.party is not None:
        raise unknown_product(product[:60])


def text(field: str, said: str, most: int = WORDS_CHARACTERS_MAX, *, needed: bool = True) -> str:
    """Words of a paper, which may be longer than those of a judgement."""
    return words_of(field, said, most, needed=needed)


def day(field: str, said: str, *, needed: bool = True) -> str:
    """A day as YYYY-MM-DD; empty where none is needed."""
    if not said and not needed:
        return ""
    try:
        return date.fromisoformat(said).isoformat()
    except ValueError:
        reason = f"{field}: {said[:40]!a} is not a day."
        raise Invalid("compliance.day_wrong", reason, {"field": field}, "Write 2027-12-11.") from None
