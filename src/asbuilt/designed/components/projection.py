"""Components and edges of an SBOM as rows, written from the document and compared with it again by `ledger verify`."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

from asbuilt.designed.components.package_versions import key_of, numbered
from asbuilt.formats.sbom.limits import Limits
from asbuilt.formats.sbom.model import SbomComponent, SbomDocument
from asbuilt.formats.sbom.read import READER, read_sbom
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.ledger import evidence
from asbuilt.storage import bulk, reading
from asbuilt.storage.transactions import write_tx

SUBJECT, TOP = 0, -1
COMPONENT_COLUMNS = (
    "tenant", "sbom", "place", "package_version", "parent", "ref", "kind", "scope", "supplier", "licences", "hashes", "said",
)  # fmt: skip
DEPENDENCY_COLUMNS = ("tenant", "sbom", "place", "on_place")
SAID = ("swid", "copyright", "description", "file_name", "executable", "archive", "structured")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def places(document: SbomDocument) -> list[tuple[int, SbomComponent]]:
    """Components with their places; the subject, where there is one, first."""
    subject = [(SUBJECT, document.subject)] if document.subject else []
    return subject + list(enumerate(document.components, 1))


def write_components(tenant: int, sbom: int, document: SbomDocument) -> None:
    """The rows of an SBOM that was just recorded."""
    listed = places(document)
    numbers = numbered(tenant, [one for _, one in listed])
    place_of = {one.ref: place for place, one in listed}
    rows = (
        (tenant, sbom, place, number, *component_row(one, place_of))
        for (place, one), number in zip(listed, numbers, strict=True)
    )
    bulk.insert_rows("components_sbom_component", COMPONENT_COLUMNS, rows)
    edges = ((tenant, sbom, *edge) for edge in edges_of(document, place_of))
    bulk.insert_rows("components_sbom_dependency", DEPENDENCY_COLUMNS, edges)


def component_row(one: SbomComponent, place_of: dict[str, int]) -> tuple:
    """parent, ref, kind, scope, supplier, licences, hashes, said."""
    said = {name: value for name in SAID if (value := getattr(one, name))}
    if one.more_identifiers:
        said["more_identifiers"] = one.more_identifiers
    if one.pedigree:
        said["pedigree"] = one.pedigree
    parent = place_of.get(one.parent, TOP) if one.parent else TOP
    licences = _encode(one.licences) if one.licences else "[]"
    hashes = _encode(one.hashes) if one.hashes else "[]"
    return parent, one.ref, one.kind, one.scope, one.supplier, licences, hashes, _encode(said) if said else "{}"


def edges_of(document: SbomDocument, place_of: dict[str, int]) -> Iterator[tuple[int, int]]:
    """Edges between components of the document, each once; those that lead out of it are in its bytes."""
    seen = set()
    for ref, targets in document.dependencies:
        if (place := place_of.get(ref)) is None:
            continue
        for target in targets:
            edge = (place, place_of.get(target, TOP))
            if edge[1] != TOP and edge not in seen:
                seen.add(edge)
                yield edge


def document_json(document: SbomDocument) -> str:
    """What the header of a document says, without its components."""
    return _encode(
        {
            "identity": document.identity,
            "document_version": document.document_version,
            "created_at": document.created_at.isoformat() if document.created_at else None,
            "authors": document.authors,
            "tools": document.tools,
            "lifecycle": document.lifecycle,
            "completeness": document.completeness,
            "vulnerabilities": document.vulnerabilities,
            "unread": document.unread,
            "doubts": document.doubts,
            "dependencies": sum(len(on) for _, on in document.dependencies),
        }
    )


def rows_digest(rows: Iterator[tuple], edges: Iterator[tuple[int, int]]) -> str:
    """SHA-256 over component rows in the order of their places (place, key of the package version, row) and sorted edges."""
    state = sha256()
    for row in rows:
        state.update(_encode([value.hex() if isinstance(value, bytes) else value for value in row]).encode())
    for edge in sorted(edges):
        state.update(_encode(edge).encode())
    return state.hexdigest()


def read_anew(tenant: int) -> int:
    """Read standing SBOMs anew that an older reader wrote the components of; returns how many. A transaction each, one statement where there
    is none. Of what is erased the rows that were kept are read; what is damaged or refused by today's reader stays as it is."""
    sql = "SELECT number, sha256 FROM components_sbom WHERE tenant = %s AND reader < %s AND until_entry IS NULL ORDER BY number"
    done = 0
    for number, digest in reading.fetch(sql, (tenant, READER)):
        row = evidence.evidence_row(tenant, digest)
        if row.key is None:
            with write_tx(tenant):
                _name_anew(tenant, number)
            done += 1
            continue
        if evidence.check(row) is not None:
            continue
        with suppress(AsbuiltError):
            document = read_sbom(b"".join(evidence.open_evidence(tenant, digest)), limits=Limits())
            with write_tx(tenant):
                for table in ("components_sbom_component", "components_sbom_dependency"):
                    bulk.run(f"DELETE FROM {table} WHERE tenant = %s AND sbom = %s", (tenant, number))
                write_components(tenant, number, document)
                sql = "UPDATE components_sbom SET reader = %s, components = %s, document = %s WHERE tenant = %s AND number = %s"
                said = (READER, len(document.components), document_json(document), tenant, number)
                bulk.run(sql, said)
            done += 1
    return done


def _name_anew(tenant: int, sbom: int) -> None:
    """The components of an SBOM whose bytes are erased, called by all identifiers that its rows kept; inside a write transaction."""
    sql = (
        'SELECT c.place, c.package_version, v.purl, v.cpe, v."group", v.name, v.version, v.maker, c.kind, c.said '
        "FROM components_sbom_component c JOIN components_package_version v ON v.tenant = c.tenant AND v.number = c.package_version "
        "WHERE c.tenant = %s AND c.sbom = %s ORDER BY c.place"
    )
    rows = reading.fetch(sql, (tenant, sbom))
    listed = []
    for _, _, purl, cpe, group, name, version, maker, kind, said in rows:
        more = tuple((of, value) for of, value in json.loads(said).get("more_identifiers", ()))
        named = SbomComponent("", kind=kind, group=group, name=name, version=version, maker=maker, purl=purl, cpe=cpe)
        listed.append(replace(named, more_identifiers=more))
    moved = [
        (number, tenant, sbom, place)
        for (place, known, *_), number in zip(rows, numbered(tenant, listed), strict=True)
        if number != known
    ]
    sql = "UPDATE components_sbom_component SET package_version = %s WHERE tenant = %s AND sbom = %s AND place = %s"
    bulk.run_many(sql, moved)
    sql = "UPDATE components_sbom SET reader = %s WHERE tenant = %s AND number = %s"
    bulk.run(sql, (READER, tenant, sbom))


def changed_sboms(tenant: int) -> Iterator[tuple[str, str]]:
    """(ULID, what is wrong) of SBOMs whose rows are not what their bytes say. Erased bytes and older readers are passed over."""
    sql = "SELECT number, ulid, sha256, reader FROM components_sbom WHERE tenant = %s ORDER BY number"
    for number, ulid, digest, reader in reading.fetch(sql, (tenant,)):
        row = evidence.evidence_row(tenant, digest)
        if row.key is None or reader != READER:
            continue
        if evidence.check(row) is not None:
            continue  # the check of the evidence says so itself
        document = read_sbom(b"".join(evidence.open_evidence(tenant, digest)), limits=Limits())
        listed = places(document)
        place_of = {one.ref: place for place, one in listed}
        expected = ((place, key_of(one), *component_row(one, place_of)) for place, one in listed)
        said = rows_digest(expected, edges_of(document, place_of))
        if said != rows_digest(_rows_kept(tenant, number), _edges_kept(tenant, number)):
            yield ulid, "its components are not those that its bytes list"


def _rows_kept(tenant: int, sbom: int) -> Iterator[tuple]:
    sql = (
        "SELECT c.place, v.key, c.parent, c.ref, c.kind, c.scope, c.supplier, c.licences, c.hashes, c.said "
        "FROM components_sbom_component c LEFT JOIN components_package_version v ON v.tenant = c.tenant "
        "AND v.number = c.package_version WHERE c.tenant = %s AND c.sbom = %s ORDER BY c.place"
    )
    for place, key, *said in reading.stream(sql, (tenant, sbom)):
        yield (place, bytes(key or b""), *said)


def _edges_kept(tenant: int, sbom: int) -> Iterator[tuple[int, int]]:
    sql = "SELECT place, on_place FROM components_sbom_dependency WHERE tenant = %s AND sbom = %s"
    yield from reading.fetch(sql, (tenant, sbom))
