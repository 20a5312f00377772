"""Files that a statement rests on: kept byte for byte as evidence."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO

from asbuilt.kernel.errors import Invalid
from asbuilt.ledger import evidence

FILE_BYTES_MAX = 32 * 1024**2


def file_said(kept: Sequence[evidence.Kept]) -> list[tuple[str, str]]:
    """What a line says of its files."""
    return [pair for one in kept for pair in (("sha256", one.sha256), ("file", one.file_name))]


@contextmanager
def kept_file(tenant: int, content: bytes | None, name: str) -> Iterator[list[evidence.Kept]]:
    """The file as evidence, forgotten again where no entry rests on it; none where there is no content. Invalid: empty, too large."""
    if content is None:
        yield []
        return
    if not 0 < len(content) <= FILE_BYTES_MAX:
        said = f"The file has {len(content):,} bytes; 1 to {FILE_BYTES_MAX:,} are taken."
        raise Invalid("cases.file_size", said, {"field": "file"}, "Send another one.")
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*')[-120:].strip(". ")
    kept = evidence.keep(tenant, BytesIO(content), shown or "file", "traceability")
    try:
        yield [kept]
    finally:
        evidence.forget(kept)  # only what no entry rests on
