"""What people say for the technical file of a product.

    state_point(actor, product="EG-200", point="AVII.1.a", words="Measures air in rooms")          words and a file; said again it supersedes
    state_point(actor, product="EG-200", point="AVII.1.c", file_state="not_applicable", why="…")     a point that does not apply, and why
    state_baseline(actor, product="EG-200", matter="firmware", known="partly", known_from_on="2024-05-01", why="…")
    keep_revision(actor, product="EG-200", why="…")                                                the file as it is now, kept as evidence

Refused: a product that no BOM names, a point or matter that the rules do not have. Invalid: nothing said, a day that is none.
"""

import json

from asbuilt.access.actor import Actor
from asbuilt.access.rights import FILING_DECIDE, FILING_WRITE
from asbuilt.answers.compliance.filing import events
from asbuilt.answers.compliance.filing.file_rules import known_key, rules_on
from asbuilt.answers.compliance.filing.lines import BASELINE, POINT, REVISION, New, lines_of
from asbuilt.answers.compliance.filing.parts import HOLDS, NOT_APPLICABLE, WITHDRAWN, about_product
from asbuilt.answers.compliance.filing.stating import (
    NAME_CHARACTERS_MAX,
    OWN_BYTES_MAX,
    day,
    no_party,
    product_of,
    state,
    text,
)
from asbuilt.answers.compliance.filing.technical_file import (
    MISSING,
    in_words,
    technical_file,
    told,
)
from asbuilt.answers.compliance.stating import file_said, kept_file, one_of
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.kernel.instants import format_instant, parse_instant
from asbuilt.ledger import clock
from asbuilt.ledger.recording import Entry

KNOWN = ("known", "partly", "unknown")


def state_point(
    actor: Actor,
    *,
    product: str,
    point: str,
    words: str = "",
    why: str = "",
    file_state: str = HOLDS,
    known_from_on: str = "",
    content: bytes | None = None,
    name: str = "",
    request_key: str | None = None,
) -> int:
    """Words, or a file, for a point; returns the entry. `withdrawn` takes the words, or the file of that name, out again."""
    no_party(actor, product)
    one_of("file_state", file_state, (HOLDS, WITHDRAWN, NOT_APPLICABLE))
    words = text("words", words, needed=False)
    why = text("why", why, needed=file_state != HOLDS)
    known_from = day("known_from_on", known_from_on, needed=False)
    name = text("name", name, NAME_CHARACTERS_MAX, needed=False)
    if file_state == HOLDS and not words and content is None:
        raise Invalid(
            "compliance.nothing_said", "Neither words nor a file.", {"field": "words"}, "Give one of the two."
        )

    with kept_file(actor.tenant, content, name) as kept:

        def lines(entry: Entry) -> list[New]:
            product_of(entry.tenant, product)
            known_key("point", point, rules_on(format_instant(entry.recorded_at)[:10]).points)
            file = file_said(kept)
            if file_state == WITHDRAWN and name:
                _refuse_unfiled(entry.tenant, product, point, name)
                file = {"file": name}
            said = {"state": file_state, **({"words": words} if words else {}), **file}
            at = parse_instant(f"{known_from}T00:00:00Z") if known_from else None
            return [New(about_product(product), POINT, name=point, why=why, at=at, said=said)]

        asked = [product, point, words, why, file_state, known_from, name, file_said(kept)]
        return state(actor, events.POINT_STATED, FILING_WRITE, asked, lines, attached=kept, request_key=request_key)


def _refuse_unfiled(tenant: int, product: str, point: str, name: str) -> None:
    lines = lines_of(tenant, [about_product(product)])
    if not any(line.kind == POINT and line.name == point and line.said.get("file") == name for line in lines):
        said = f"{point} has no file {name[:60]}."
        raise NotFound("compliance.file_unknown", said, {"point": point, "file": name[:60]}, "Look at the file's page.")


def state_baseline(
    actor: Actor,
    *,
    product: str,
    matter: str,
    known: str,
    why: str,
    known_from_on: str = "",
    content: bytes | None = None,
    name: str = "",
    request_key: str | None = None,
) -> int:
    """Of a product that was on the market before: what is known of a matter, since when, from which document; returns the entry."""
    no_party(actor, product)
    one_of("known", known, KNOWN)
    why = text("why", why)
    since = day("known_from_on", known_from_on, needed=known != "unknown")

    with kept_file(actor.tenant, content, name) as kept:

        def lines(entry: Entry) -> list[New]:
            product_of(entry.tenant, product)
            known_key("matter", matter, rules_on(format_instant(entry.recorded_at)[:10]).matters)
            at = parse_instant(f"{since}T00:00:00Z") if since else None
            if at is not None and at > entry.recorded_at:
                raise Invalid(
                    "compliance.ahead", "known_from_on: lies in the future.", {"field": "known_from_on"},
                    "Say since when something is known.",
                )  # fmt: skip
            return [
                New(
                    about_product(product),
                    BASELINE,
                    name=matter,
                    why=why,
                    at=at,
                    said={"known": known, **file_said(kept)},
                )
            ]

        asked = [product, matter, known, why, since, name, file_said(kept)]
        return state(actor, events.BASELINE_STATED, FILING_WRITE, asked, lines, attached=kept, request_key=request_key)


def keep_revision(actor: Actor, *, product: str, why: str, request_key: str | None = None) -> int:
    """Keep the file as it is now, whole, as evidence; returns the entry. Later revisions stand beside it, none is changed."""
    no_party(actor, product)
    actor.require(FILING_DECIDE)
    why = text("why", why)
    file = technical_file(actor, product)
    content = json.dumps(told(file, rows=None), ensure_ascii=False, indent=1).encode()
    missing = [one.asked.key for one in file.filed if one.state == MISSING]
    words, made_at = in_words(file), format_instant(clock.now())

    with kept_file(actor.tenant, content, f"technical-file-{product}.json", OWN_BYTES_MAX) as kept:

        def lines(entry: Entry) -> list[New]:
            before = sum(1 for one in lines_of(entry.tenant, [about_product(product)]) if one.kind == REVISION)
            said = {**file_said(kept), "words": words, "missing": missing, "rule_set": file.asking.rules.rule_set, "made_at": made_at}  # fmt: skip
            return [New(about_product(product), REVISION, name=str(before + 1), why=why, at=None, said=said)]

        # what is kept differs from second to second: the same request is told by its key alone
        return state(actor, events.FILE_KEPT, FILING_DECIDE, [product, why], lines, attached=kept, request_key=request_key)  # fmt: skip
