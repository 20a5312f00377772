"""Kinds of lines of this room, and documents that lines name by hash: a description, a CSAF document, a policy, a tip.

    A-1   advisory: the first line names its identity; `draft`, `approved`, `published` name documents
    PUB   the publisher: who we are (`publisher`), the OpenPGP keys (`openpgp`), security.txt (`security_txt`)
    TIP-1   a tip that a stranger sent: `tip`, then `tip_answered`

Bytes are evidence and stand under their SHA-256; a line commits to them by its entry.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO

from asbuilt.access.actor import Actor
from asbuilt.answers.cases.handling.queries import CODE_CHARACTERS_MAX
from asbuilt.answers.cases.handling.statements import Line, lines_of
from asbuilt.kernel.errors import NotFound
from asbuilt.ledger import evidence
from asbuilt.storage import reading

PUBLISHER_CODE = "PUB"
ADVISORY, DRAFT, APPROVED, PUBLISHED = "advisory", "advisory_draft", "advisory_approved", "advisory_published"
PUBLISHER, OPENPGP, SECURITY_TXT = "publisher", "openpgp", "security_txt"
TIP, ANSWERED = "tip", "tip_answered"
PUBLIC_KINDS = (PUBLISHED, PUBLISHER, OPENPGP, SECURITY_TXT)


def publisher_lines(tenant: int) -> list[Line]:
    """What was said of the publisher, the earliest first. One statement."""
    return lines_of(tenant, [PUBLISHER_CODE]).get(PUBLISHER_CODE, [])


def lines_about(tenant: int, code: str, kind: str) -> list[Line]:
    """The lines of one advisory or tip, the first of that kind; empty where there is none. One statement."""
    found = lines_of(tenant, [code[:CODE_CHARACTERS_MAX]]).get(code[:CODE_CHARACTERS_MAX], [])
    return found if found and found[0].kind == kind else []


def newest_public(tenant: int) -> tuple[int, int]:
    """(entry, when it was recorded) of the last change of what strangers see; zeros where there is none. One statement."""
    sql = (
        f"SELECT entry, happened_at FROM cases_statement WHERE tenant = %s AND {reading.any_of('kind', 'text')} "
        "ORDER BY entry DESC LIMIT 1"
    )
    return reading.fetch_one(sql, (tenant, reading.list_param(PUBLIC_KINDS))) or (0, 0)


def document(tenant: int, sha256: str) -> bytes:
    """The bytes that a line names, checked."""
    return b"".join(evidence.open_evidence(tenant, sha256))


@contextmanager
def kept(tenant: int, contents: Sequence[tuple[bytes | BinaryIO, str]], of_class: str) -> Iterator[list[evidence.Kept]]:
    """These (bytes or stream, file name) as evidence for the time of the block; forgotten again where no entry rests on them."""
    found: list[evidence.Kept] = []
    try:
        for content, name in contents:
            stream = BytesIO(content) if isinstance(content, bytes) else content
            found.append(evidence.keep(tenant, stream, name, of_class))
        yield found
    finally:
        for one in found:
            evidence.forget(one)


def refuse_party(actor: Actor) -> None:
    """To a party's person nothing of this room is there: what we say to everybody is on the public pages."""
    if actor.party is not None:
        raise NotFound("cases.unknown", "There is nothing of this name.", {}, "Look at the public pages.")
