"""Files that a statement rests on: kept byte for byte as evidence."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from asbuilt.kernel.errors import Invalid
from asbuilt.ledger import evidence

FILE_BYTES_MAX = 32 * 1024**2


def file_said(kept: Sequence[evidence.Kept]) -> list[tuple[str, str]]:
    """What a line says of its files."""
    return [pair for one in kept for pair in (("sha256", one.sha256), ("file", one.file_name))]


def kept_file(tenant: int, content: bytes | None, name: str) -> AbstractContextManager[list[evidence.Kept]]:
    """The file as evidence, none where there is no content. Invalid: empty, too large."""
    if content is not None and not 0 < len(content) <= FILE_BYTES_MAX:
        said = f"The file has {len(content):,} bytes; 1 to {FILE_BYTES_MAX:,} are taken."
        raise Invalid("cases.file_size", said, {"field": "file"}, "Send another one.")
    return evidence.uploaded(tenant, content, name)
