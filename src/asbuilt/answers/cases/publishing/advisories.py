"""Advisories as they stand: drafted, approved, published; what a draft would fail; the document that a publication would be.

    advisory_of(tenant, "A-1")          -> Seen, NotFound where there is none
    completed(seen, publisher, …)       -> the description with identity, publisher and revisions, ready to be written

A state follows from the lines: `published` where the newest draft is what was published, `approved` where it is what was approved.
"""

import json
from dataclasses import asdict, dataclass, field, replace

from asbuilt.answers.cases.handling.statements import Line, codes_of, lines_of
from asbuilt.answers.cases.publishing import said as kinds
from asbuilt.answers.cases.publishing.hosts import csaf_base
from asbuilt.answers.cases.publishing.publisher import Publisher, namespaces_of
from asbuilt.formats.csaf.advisory import Advisory, Reference, Revision
from asbuilt.formats.csaf.description import read_description
from asbuilt.formats.csaf.writing import file_name
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.storage import reading

ADVISORIES_MAX = 10_000
SHORT = {"advisory": "SA", "vex": "VX", "informational": "IN"}
DRAFTED, APPROVED, PUBLISHED = "draft", "approved", "published"


@dataclass(frozen=True)
class Publication:
    """A version that was published; the hashes name document and signature."""

    version: int
    sha256: str
    signature: str
    fingerprint: str
    draft: str
    status: str
    tlp: str
    summary: str
    date: str
    entry: int


@dataclass
class Seen:
    """An advisory with everything that holds of it now."""

    code: str
    identity: str
    kind: str
    case: str
    lines: list[Line]
    draft: str = ""
    from_record: str = ""  # the draft as the record gave it last, before people wrote in it
    answers: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    approved: str = ""
    publications: list[Publication] = field(default_factory=list)

    @property
    def state(self) -> str:
        """draft, approved or published."""
        if self.publications and self.publications[-1].draft == self.draft:
            return PUBLISHED
        return APPROVED if self.draft == self.approved else DRAFTED


def advisory_of(tenant: int, code: str) -> Seen:
    """The advisory with this code. One statement."""
    lines = kinds.lines_about(tenant, code, kinds.ADVISORY)
    if not lines:
        said = f"There is no advisory {code[:20]}."
        raise NotFound("cases.advisory_unknown", said, {"advisory": code[:20]}, "Look at the list of advisories.")
    return _seen(lines)


def advisories_of(tenant: int) -> list[Seen]:
    """Every advisory, the newest first. Two statements."""
    codes = codes_of(tenant, kinds.ADVISORY, ADVISORIES_MAX)
    lines = lines_of(tenant, codes)
    return [_seen(lines[code]) for code in codes]


def published_identities(tenant: int) -> dict[str, frozenset[str]]:
    """Identity -> namespaces of what was published: by these it is known where a feed brings it back. One statement; two more where there is any."""
    sql = (
        "SELECT a.name FROM cases_statement a WHERE a.tenant = %s AND a.kind = %s AND EXISTS (SELECT 1 FROM cases_statement p "
        "WHERE p.tenant = a.tenant AND p.about = a.about AND p.kind = %s)"
    )
    names = [name for (name,) in reading.fetch(sql, (tenant, kinds.ADVISORY, kinds.PUBLISHED))]
    return dict.fromkeys(names, namespaces_of(tenant)) if names else {}


def _seen(lines: list[Line]) -> Seen:
    first = lines[0]
    seen = Seen(first.about, first.name, first.said["kind"], first.said.get("case", ""), lines)
    seen.answers = first.said.get("answers", [])
    for line in lines:
        if line.kind == kinds.DRAFT:
            seen.from_record = line.said.get("record") or seen.from_record or line.said["sha256"]
            seen.draft, seen.gaps = line.said["sha256"], line.said.get("gaps", [])
            seen.answers = line.said.get("answers", seen.answers)
        elif line.kind == kinds.APPROVED:
            seen.approved = line.said["sha256"]
        elif line.kind == kinds.PUBLISHED:
            said = line.said
            seen.publications.append(
                Publication(
                    int(said["version"]), said["sha256"], said["signature"], said["fingerprint"], said["draft"], said["status"], said["tlp"],
                    line.why, said["date"], line.entry,
                )
            )  # fmt: skip
    return seen


def description_of(tenant: int, seen: Seen) -> Advisory:
    """The newest draft as a description, without what publishing adds."""
    return read_description(kinds.document(tenant, seen.draft))


def stored(advisory: Advisory) -> bytes:
    """A description as it is kept: what publishing adds is left out, so that equal drafts are equal bytes."""
    bare = replace(advisory, identity="", revisions=(), publisher="", namespace="", contact="")
    return (json.dumps(asdict(bare), ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def completed(
    tenant: int, seen: Seen, advisory: Advisory, publisher: Publisher, at: int, summary: str, *, status: str = ""
) -> Advisory:
    """The description as the next version: identity, publisher, its own address, the history continued at this instant."""
    earlier = tuple(Revision(one.version, one.date, one.summary) for one in seen.publications)
    date = max([format_instant(at)[:19] + "Z", *(one.date for one in earlier)])
    revisions = (*earlier, Revision(len(earlier) + 1, date, summary))
    references = tuple(one for one in advisory.references if one.category != "self")
    if base := csaf_base(tenant):
        url = f"{base}/white/{revisions[0].date[:4]}/{file_name(seen.identity)}"
        references = (Reference(url, seen.identity, "self"), *references)
    return replace(
        advisory, identity=seen.identity, publisher=publisher.name, namespace=publisher.namespace, contact=publisher.psirt_mail,
        revisions=revisions, references=references, status=status or advisory.status,
    )  # fmt: skip
