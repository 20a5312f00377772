"""Any feed's document, read record by record: one table of kinds, each with its reader and where its records stand."""

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from asbuilt.formats.advisory import cve5, kev, nvd, osv, records
from asbuilt.formats.advisory.records import Advisory, BrokenRecord, RecordBroken
from asbuilt.formats.advisory.splitting import RawRecord, records_in


@dataclass(frozen=True)
class Kind:
    """How a kind of feed is read: one record into advisories, the id of a record, keys under which records stand."""

    read: Callable[[dict], list[Advisory]]
    identity: Callable[[dict], object]
    arrays: tuple[str, ...] = ()


def _at(*path: str) -> Callable[[dict], object]:
    def found(record: dict) -> object:
        for key in path:
            record = record.get(key) if isinstance(record, dict) else None
        return record

    return found


KINDS: dict[str, Kind] = {
    records.OSV: Kind(osv.read, _at("id"), ("vulns",)),
    records.NVD: Kind(nvd.read, lambda record: nvd.unwrapped(record).get("id"), ("vulnerabilities", "cve_items")),
    records.CVE5: Kind(cve5.read, _at("cveMetadata", "cveId")),
    records.KEV: Kind(kev.read, _at("cveID"), ("vulnerabilities",)),
}


def identity_of(raw: RawRecord, kind: str) -> str:
    """The id under which a record is known in its feed; one without gets the hash of its bytes."""
    found = KINDS[kind].identity(raw.parsed)
    if isinstance(found, str) and found.strip() and found.isprintable() and len(found) <= 300:
        return found.strip()
    return "sha256:" + hashlib.sha256(raw.raw).hexdigest()


def split(stream: BinaryIO, kind: str) -> Iterator[RawRecord | BrokenRecord]:
    """The records of a document, not yet read."""
    return records_in(stream, KINDS[kind].arrays)


def advisories_in(raw: RawRecord, kind: str) -> list[Advisory] | BrokenRecord:
    """What a record says, once for each vulnerability."""
    try:
        return KINDS[kind].read(raw.parsed)
    except RecordBroken as broken:
        place = f"{raw.place} {broken.place}".strip()
        return BrokenRecord(identity_of(raw, kind), place, broken.reason, raw.raw)


def read_advisories(content: bytes | BinaryIO, kind: str) -> Iterator[Advisory | BrokenRecord]:
    """Everything a document says, in a stream; a record that cannot be read is reported and the next one read."""
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    for raw in split(stream, kind):
        if isinstance(raw, BrokenRecord):
            yield raw
            continue
        read = advisories_in(raw, kind)
        if isinstance(read, BrokenRecord):
            yield read
        else:
            yield from read
