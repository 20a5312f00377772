"""Files that come with a package or a delivery: kept byte for byte as evidence, what they are told by their content.

A name or a type that the sender gives proves nothing; the first bytes say what a file is. Nothing of it is ever shown as
a page: it is served for download only, under a sandbox.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO

from asbuilt.kernel.errors import Invalid
from asbuilt.ledger import evidence
from asbuilt.ledger.evidence import Kept

FILE_BYTES_MAX = 32 * 1024**2
FILE_NAME_CHARACTERS_MAX = 120
CLASS = "traceability"
_SIGNATURES = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"PK\x03\x04", "zip"),
)
PICTURES = frozenset({"png", "jpeg", "gif", "tiff", "webp"})


def kind_of(content: bytes) -> str:
    """What the bytes are: pdf png jpeg gif tiff webp zip json xml text, else `other`."""
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    head = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] in (b"{", b"["):
        return "json"
    if head[:5] == b"<?xml":
        return "xml"
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return "other"
    return "text" if content and "\x00" not in text else "other"


def refuse_file(content: bytes, name: str) -> None:
    """Invalid where a file is empty or beyond the limit."""
    if not content:
        raise Invalid("supply.file_empty", f"The file {name[:80]} is empty.", {"file": name[:80]}, "Choose it again.")
    if len(content) > FILE_BYTES_MAX:
        raise Invalid(
            "supply.file_too_large",
            f"The file {name[:80]} has {len(content):,} bytes, the most is {FILE_BYTES_MAX:,}.",
            {"file": name[:80], "bytes": len(content)},
            "Send a smaller one.",
        )


def safe_name(name: str, otherwise: str = "file") -> str:
    """The name without folders and unprintable letters, as it is offered for download and written by an export."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*').strip(". ")
    return kept[-FILE_NAME_CHARACTERS_MAX:] or otherwise


def paper_cells(content: bytes | None, name: str) -> tuple[dict[str, str], list[tuple[str, bytes]]]:
    """The cells `file` and `sha256` that name a paper in a table, and the (name, bytes) to keep; empty where there is none. Invalid: empty, too large."""
    if content is None:
        return {"file": "", "sha256": ""}, []
    refuse_file(content, name)
    digest, kept = sha256(content).hexdigest(), safe_name(name)
    return {"file": f"files/{digest[:16]}-{kept}", "sha256": digest}, [(kept, content)]


@contextmanager
def kept_bytes(tenant: int, files: Sequence[tuple[str, bytes]]) -> Iterator[list[Kept]]:
    """Keep these (name, bytes) for the time of the block; those that no entry rests on at its end are removed."""
    kept: list[Kept] = []
    try:
        for name, content in files:
            kept.append(evidence.keep(tenant, BytesIO(content), name, CLASS))
        yield kept
    finally:
        for one in kept:
            evidence.forget(one)
