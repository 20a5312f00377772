"""The one form that an SBOM of any format is read into."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SbomComponent:
    """One component as the document has it. Text stands as written; what the document leaves out is empty."""

    ref: str  # bom-ref, SPDXID or tag id; made up from its place where the document has none. Unique in the document
    parent: str = ""  # ref of the component that contains it, empty at the top
    kind: str = (
        ""  # library firmware application operating-system container device file framework data … (CycloneDX's words)
    )
    group: str = ""
    name: str = ""
    version: str = ""
    supplier: str = ""
    maker: str = ""  # manufacturer or originator
    purl: str = ""
    cpe: str = ""
    swid: str = ""
    more_identifiers: tuple[tuple[str, str], ...] = ()  # (kind, value): purl cpe swid gitoid swhid commit mpn …
    hashes: tuple[tuple[str, str], ...] = ()  # ("SHA-256", hex in lower case)
    licences: tuple[str, ...] = ()
    copyright: str = ""
    description: str = ""
    scope: str = ""  # required optional excluded
    file_name: str = ""
    executable: str = ""
    archive: str = ""
    structured: str = ""
    pedigree: tuple[tuple[str, str], ...] = ()  # (patch ancestor descendant variant commit, text)
    concluded: tuple[str, ...] = ()  # of the licences those that the document calls concluded
    declared: tuple[str, ...] = ()  # and those that it calls declared
    contacts: tuple[str, ...] = ()  # e-mail addresses and URLs of the maker
    references: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = ()  # (kind, URL, hashes); CycloneDX's kinds
    properties: tuple[tuple[str, str], ...] = ()  # (name, value)


@dataclass(frozen=True, slots=True)
class SbomDocument:
    """One document. `created_at` is aware, or None where the document does not say; components in the document's order."""

    format: str  # cyclonedx spdx swid
    spec_version: str
    serialisation: str  # json xml tag-value yaml rdf
    identity: str
    document_version: str = ""
    created_at: datetime | None = None
    authors: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    lifecycle: str = ""
    subject: SbomComponent | None = None
    components: tuple[SbomComponent, ...] = ()
    dependencies: tuple[tuple[str, tuple[str, ...]], ...] = ()
    completeness: tuple[tuple[str, str], ...] = ()  # (ref, complete incomplete unknown …)
    vulnerabilities: int = 0  # vulnerability entries that the file carries; flagged, not taken
    unread: tuple[str, ...] = ()  # what the file has that is kept only in its bytes
    doubts: tuple[tuple[str, str], ...] = ()  # (place, sentence): taken in, and cannot well be meant so
    contacts: tuple[str, ...] = ()  # e-mail addresses and URLs of the authors
    signed: bool = False  # whether a signature stands in the document
