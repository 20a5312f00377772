"""Files of messages: one message, an array, each perhaps gzip; a folder of such files in the order of their names.

Messages are recorded in groups as over the line. A file that is no CFX at all becomes one dead letter, so nothing that
arrives is lost; the same file again changes nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from asbuilt.access.actor import Actor
from asbuilt.access.rights import MESSAGE_RECORD
from asbuilt.built.messages.arriving import Arrived, message
from asbuilt.built.messages.groups import GROUP_MESSAGES_MAX, Report, record_messages
from asbuilt.formats.cfx.envelope import CLEAR_BYTES_MAX, identity_of, split
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.ledger import clock

ENDINGS = (".json", ".json.gz", ".gz")
FILES_MAX = 100_000


@dataclass
class FileReport:
    """What became of the messages of one file."""

    file: str
    report: Report = field(default_factory=Report)


def import_messages(
    actor: Actor, path: Path, *, on_file: Callable[[FileReport], None] | None = None
) -> list[FileReport]:
    """Record the messages of a file, or of the files of a folder that end in .json or .json.gz."""
    actor.require(MESSAGE_RECORD)
    reports = []
    for file in _files(path):
        reports.append(_import_file(actor, file))
        if on_file:
            on_file(reports[-1])
    return reports


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(file for file in path.iterdir() if file.is_file() and file.name.lower().endswith(ENDINGS))
        if not found:
            raise NotFound(
                "messages.no_files",
                f"No file of messages lies in {path}.",
                {"folder": str(path)},
                "Files of messages end in .json or .json.gz.",
            )
        return found[:FILES_MAX]
    if not path.is_file():
        raise NotFound("messages.no_files", f"There is no file {path}.", {"file": str(path)}, "Look at name and place.")
    return [path]


def _import_file(actor: Actor, file: Path) -> FileReport:
    if file.stat().st_size > CLEAR_BYTES_MAX:
        raise Invalid(
            "messages.file_too_large",
            f"{file.name} has more than {CLEAR_BYTES_MAX:,} bytes.",
            {"file": file.name},
            "Give it in parts.",
        )
    told = FileReport(file.name)
    group: list[Arrived] = []
    for one in _messages(file.read_bytes(), file.name):
        group.append(one)
        if len(group) >= GROUP_MESSAGES_MAX:
            told.report.add(record_messages(actor, group))
            group = []
    if group:
        told.report.add(record_messages(actor, group))
    return told


def _messages(payload: bytes, name: str) -> Iterator[Arrived]:
    origin, received_at = f"file {name}", clock.now()
    try:
        pieces = split(payload)
    except Invalid as refusal:
        yield Arrived(payload, received_at, origin, identity_of("", payload), refused=refusal)
        return
    for piece in pieces:
        yield message(piece, received_at, origin, live=False)
