"""Any feed's document, read record by record: one table of kinds, each with its reader and where its records stand."""

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from asbuilt.formats.advisory import csaf, cve5, cyclonedx, epss, euvd, kev, nvd, openvex, osv, own, records
from asbuilt.formats.advisory.documents import XML_BYTES_MAX, YAML_BYTES_MAX, yaml_document
from asbuilt.formats.advisory.records import Advisory, BrokenRecord, RecordBroken, Tree
from asbuilt.formats.advisory.splitting import RawRecord, deep, records_in


@dataclass(frozen=True)
class Kind:
    """How a kind of feed is read: one record into advisories, the id of a record, keys under which records stand; whether its
    documents may be XML or YAML."""

    read: Callable[[dict], list[Advisory]]
    identity: Callable[[dict], object]
    arrays: tuple[str, ...] = ()
    xml: bool = False
    yaml: bool = False


def _at(*path: str) -> Callable[[dict], object]:
    def found(record: dict) -> object:
        for key in path:
            record = record.get(key) if isinstance(record, dict) else None
        return record

    return found


KINDS: dict[str, Kind] = {
    records.OSV: Kind(osv.read, _at("id"), ("vulns",), yaml=True),
    records.NVD: Kind(nvd.read, lambda record: nvd.unwrapped(record).get("id"), ("vulnerabilities", "cve_items")),
    records.CVE5: Kind(cve5.read, _at("cveMetadata", "cveId")),
    records.KEV: Kind(kev.read, _at("cveID"), ("vulnerabilities",)),
    records.EPSS: Kind(epss.read, _at("cve")),
    records.EUVD: Kind(euvd.read, _at("id"), ("items",)),
    records.CSAF: Kind(csaf.read, _at("document", "tracking", "id")),
    records.OPENVEX: Kind(openvex.read, _at("@id")),
    records.CYCLONEDX: Kind(cyclonedx.read, cyclonedx.identity, xml=True),
    records.OWN: Kind(own.read, _at("id")),
}


def identity_of(raw: RawRecord, kind: str, document: str = "") -> str:
    """The id under which a record is known in its feed. A CycloneDX document without a serial number is known by the name of
    its file, so that the next version takes its place; anything else without an id by the hash of its bytes."""
    found = KINDS[kind].identity(raw.parsed)
    if isinstance(found, str) and found.strip() and found.isprintable() and len(found) <= 300:
        return found.strip()
    if kind == records.CYCLONEDX and document:
        return f"file:{document}"[-300:]
    return "sha256:" + hashlib.sha256(raw.raw).hexdigest()


class _Peeked:
    """A stream whose first bytes were looked at."""

    def __init__(self, stream: BinaryIO):
        self._stream, self.head = stream, b""
        while len(self.head) < 4096 and (piece := stream.read(4096 - len(self.head))):
            self.head += piece

    def read(self, size: int) -> bytes:
        held, self.head = self.head[:size], self.head[size:]
        return held or self._stream.read(size)

    def whole(self, most: int) -> bytes:
        """Everything, at most one byte more than allowed."""
        found = bytearray()
        while len(found) <= most and (piece := self.read(1 << 20)):
            found += piece
        return bytes(found[: most + 1])


def split(stream: BinaryIO, kind: str) -> Iterator[RawRecord | BrokenRecord]:
    """The records of a document, not yet read."""
    if kind == records.EPSS:
        for row in epss.raw_rows(stream):
            yield row if isinstance(row, BrokenRecord) else RawRecord(*row)
        return
    peeked = _Peeked(stream)
    first = peeked.head.lstrip(b" \t\r\n\xef\xbb\xbf")[:1]
    if KINDS[kind].xml and first == b"<":
        yield _whole(peeked.whole(XML_BYTES_MAX), XML_BYTES_MAX, kind)
    elif KINDS[kind].yaml and first and first not in b"[{":
        yield _whole(peeked.whole(YAML_BYTES_MAX), YAML_BYTES_MAX, kind)
    else:
        yield from records_in(peeked, KINDS[kind].arrays)


def _whole(raw: bytes, most: int, kind: str) -> RawRecord | BrokenRecord:
    if len(raw) > most:
        return BrokenRecord("", "1", f"is larger than {most >> 20} MiB", raw[: 1 << 16])
    try:
        parsed = parse(raw, kind)
        if deep(parsed):
            raise RecordBroken("", "is nested too deep")
    except RecordBroken as broken:
        return BrokenRecord("", f"1 {broken.place}".strip(), broken.reason, raw[: 1 << 16])
    return RawRecord("1", raw, parsed)


def parse(raw: bytes, kind: str) -> dict:
    """The structure of a record's bytes, as `split` handed it out; RecordBroken, ValueError where they are none."""
    first = raw.lstrip(b" \t\r\n\xef\xbb\xbf")[:1]
    if KINDS[kind].xml and first == b"<":
        return cyclonedx.from_xml(raw)
    if KINDS[kind].yaml and first not in b"[{":
        return yaml_document(raw)
    return json.loads(raw, strict=False)


def advisories_in(raw: RawRecord, kind: str) -> list[Advisory] | BrokenRecord:
    """What a record says, once for each vulnerability."""
    try:
        return _by_vulnerability(KINDS[kind].read(raw.parsed))
    except RecordBroken as broken:
        place = f"{raw.place} {broken.place}".strip()
        return BrokenRecord(identity_of(raw, kind), place, broken.reason, raw.raw)


def _by_vulnerability(said: list[Advisory]) -> list[Advisory]:
    """One advisory a vulnerability: what a document says of one in several places is put together, in their order."""
    found: dict[str, Advisory] = {}
    for one in said:
        before = found.get(one.vulnerability)
        found[one.vulnerability] = one if before is None else _together(before, one)
    return list(found.values())


def _together(first: Advisory, second: Advisory) -> Advisory:
    offset = len(first.criteria)
    more = {
        name: tuple(dict.fromkeys((*getattr(first, name), *getattr(second, name))))
        for name in ("aliases", "references", "cwes", "scores", "statements", "notes")
    }
    withdrawn = None if None in (first.withdrawn_at, second.withdrawn_at) else first.withdrawn_at
    trees = (*first.trees, *(_moved(tree, offset) for tree in second.trees))
    return replace(first, criteria=first.criteria + second.criteria, trees=trees, withdrawn_at=withdrawn, **more)


def _moved(tree: Tree, offset: int) -> Tree:
    children = tuple(child + offset if isinstance(child, int) else _moved(child, offset) for child in tree.children)
    return replace(tree, children=children)


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
