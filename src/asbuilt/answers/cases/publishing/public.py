"""What strangers see: the provider's folder, the record of published advisories, the policy. Nothing here asks who reads.

    public_file(tenant, "white/index.txt")  -> PublicFile; NotFound for everything that is not published
    public_record(tenant)                   -> published advisories of TLP:WHITE, the newest first, with the versions that fix

The folder is laid out once for every change and kept in the process; documents stay where they are, under their hash. Signatures are those of
the day of publication: no key is needed to serve.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256

import orjson

from asbuilt.answers.cases.publishing import said as kinds
from asbuilt.answers.cases.publishing.advisories import Publication, Seen, advisories_of
from asbuilt.answers.cases.publishing.hosts import csaf_base
from asbuilt.answers.cases.publishing.keys import public_keys
from asbuilt.answers.cases.publishing.policy_rules import points
from asbuilt.answers.cases.publishing.publisher import Publisher, publisher_of
from asbuilt.answers.cases.publishing.security_txt import served
from asbuilt.formats.csaf.provider import WHITE, Place, provider_tree
from asbuilt.formats.csaf.writing import file_name
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.storage.drills import drill

TENANTS_KEPT_MAX = 50
TYPES = {
    "json": "application/json", "csv": "text/csv; charset=utf-8", "txt": "text/plain; charset=utf-8", "asc": "application/pgp-signature",
    "sha256": "text/plain; charset=utf-8", "sha512": "text/plain; charset=utf-8",
}  # fmt: skip


@dataclass(frozen=True)
class PublicFile:
    """A file as it is served: its bytes, media type and the hash that is its ETag."""

    content: bytes
    media_type: str
    etag: str


@dataclass(frozen=True)
class PublicAdvisory:
    """A published advisory for people; product names by status, remedies in words."""

    identity: str
    path: str
    title: str
    summary: str
    published: str
    updated: str
    version: str
    status: str
    language: str
    vulnerabilities: tuple[dict, ...]
    history: tuple[dict, ...]

    @property
    def fixed(self) -> list[str]:
        """The versions that fix, each once: firmware as such, not every unit it runs on."""
        return list(dict.fromkeys(name for one in self.vulnerabilities for name in one["fixed"]))

    @property
    def names(self) -> list[str]:
        """The vulnerabilities it speaks of."""
        return [one["name"] for one in self.vulnerabilities]


@dataclass
class _Laid:
    """A tenant's public side as of one entry. `documents` maps paths to hashes of documents, `files` to bytes."""

    as_of: tuple
    documents: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    record: list[PublicAdvisory] = field(default_factory=list)


_KEPT: OrderedDict[int, _Laid] = OrderedDict()
_TURN = threading.Lock()


def public_file(tenant: int, path: str) -> PublicFile:
    """A file of the provider's folder by its path. One statement, and the bytes of a document."""
    laid = _laid(tenant)
    content = laid.files.get(path)
    if content is None and path in laid.documents:
        content = kinds.document(tenant, laid.documents[path])
    if content is None:
        raise nothing()
    kind = "application/pgp-keys" if path.startswith("openpgp/") else TYPES.get(path.rpartition(".")[2], "text/plain")
    return PublicFile(content, kind, sha256(content).hexdigest())


def public_record(tenant: int) -> list[PublicAdvisory]:
    """Every published advisory, the one changed last first."""
    return _laid(tenant).record


def public_security_txt(tenant: int) -> PublicFile:
    """security.txt as it was signed."""
    found = served(tenant)
    if found is None:
        raise nothing()
    return PublicFile(found.text, "text/plain; charset=utf-8", sha256(found.text).hexdigest())


def public_policy(tenant: int, language: str) -> tuple[Publisher, list[tuple[str, str]], str]:
    """The publisher, (point, text) of what is said in that language, and the fingerprint of the key. What is missing is left out."""
    publisher = publisher_of(tenant)
    if publisher is None:
        raise nothing()
    known = public_keys(tenant)
    found = []
    for point in points():
        if point.texts:
            text = publisher.texts.get(point.point, {}).get(language, "").strip()
            if text:
                found.append((point.point, text))
        elif all(name == "key" or getattr(publisher, name) for name in point.fields[:1]):
            found.append((point.point, ""))
    return publisher, [one for one in found if one[0] != "secure" or known], known[0].fingerprint if known else ""


def published_documents(tenant: int) -> list[tuple[str, bytes]]:
    """(file name, bytes) of the newest version of every published advisory, of whatever label."""
    return [
        (file_name(seen.identity), kinds.document(tenant, seen.publications[-1].sha256)) for seen in _published(tenant)
    ]


def provider_files(tenant: int, base: str) -> tuple[dict[str, bytes], list[tuple[str, str]]]:
    """The provider's folder under this address, whole, and what is left out. Invalid where nothing is public."""
    if drill() is not None:
        said = "What is published in a drill is for nobody outside."
        raise Refused("cases.drill_publishes", said, {}, "`asbuilt advisory document` prints it.")
    known = public_keys(tenant)
    publications = {one.sha256: one for seen in _published(tenant) for one in seen.publications[-1:]}
    if not known:
        raise Invalid("cases.openpgp_no_key", "No OpenPGP key is recorded.", {}, "Run `asbuilt publisher key`.")

    def signature(content: bytes) -> bytes:
        return kinds.document(tenant, publications[sha256(content).hexdigest()].signature)

    earlier = tuple((one.fingerprint, one.public) for one in known[1:])
    place = Place(base, known[0].fingerprint, known[0].public, earlier=earlier)
    return provider_tree(published_documents(tenant), place, signature, checked=True)


def nothing() -> NotFound:
    """A stranger learns nothing of what is not published."""
    return NotFound("web.not_found", "Nothing here under this code for you.")


def _published(tenant: int) -> list[Seen]:
    return [seen for seen in advisories_of(tenant) if seen.publications]


def _laid(tenant: int) -> _Laid:
    as_of = (kinds.newest_public(tenant), csaf_base(tenant))
    with _TURN:
        known = _KEPT.get(tenant)
    if known is not None and known.as_of == as_of:
        return known
    laid = _lay(tenant, as_of)
    with _TURN:
        _KEPT[tenant] = laid
        _KEPT.move_to_end(tenant)
        while len(_KEPT) > TENANTS_KEPT_MAX:
            _KEPT.popitem(last=False)
    return laid


def _lay(tenant: int, as_of: tuple) -> _Laid:
    laid = _Laid(as_of)
    for one in public_keys(tenant):
        laid.files[f"openpgp/{one.fingerprint}.asc"] = one.public
    public: list[tuple[Publication, Seen]] = []
    for seen in _published(tenant):
        last = seen.publications[-1]
        if last.tlp == WHITE:
            public.append((last, seen))
            path = f"white/{seen.publications[0].date[:4]}/{file_name(seen.identity)}"
            laid.documents[path] = last.sha256
            laid.record.append(_told(path, orjson.loads(kinds.document(tenant, last.sha256))))
    laid.record.sort(key=lambda one: (one.updated, one.identity), reverse=True)
    if public and laid.files:
        files, _left_out = provider_files(tenant, as_of[1])
        laid.files = {path: content for path, content in files.items() if path not in laid.documents}
    return laid


def _told(path: str, whole: dict) -> PublicAdvisory:
    head, tracking = whole["document"], whole["document"]["tracking"]
    names = _names(whole.get("product_tree", {}))
    summary = next((one["text"] for one in head.get("notes", ()) if one["category"] == "summary"), "")
    return PublicAdvisory(
        tracking["id"], path, head["title"], summary, tracking["initial_release_date"], tracking["current_release_date"],
        tracking["version"], tracking["status"], head.get("lang", "en"),
        tuple(_vulnerability(one, names) for one in whole.get("vulnerabilities", ())), tuple(reversed(tracking["revision_history"])),
    )  # fmt: skip


def _vulnerability(one: dict, names: dict[str, tuple[str, bool]]) -> dict:
    held = one.get("product_status", {})

    def named(status: str, *, versions: bool = False) -> list[str]:
        return [names[key][0] for key in held.get(status, ()) if key in names and (names[key][1] or not versions)]

    score = next((each for each in one.get("scores", ())), {})
    score = next((each["content"] for each in one.get("metrics", ())), score)  # CSAF 2.1
    rated = score.get("cvss_v3") or score.get("cvss_v2") or {}
    return {
        "name": one.get("cve") or next((each["text"] for each in one.get("ids", ())), ""), "title": one.get("title", ""),
        "description": next((each["text"] for each in one.get("notes", ()) if each["category"] == "description"), ""),
        "affected": named("known_affected"), "investigated": named("under_investigation"), "not_affected": named("known_not_affected"),
        "fixed": named("fixed", versions=True), "score": rated.get("baseScore"), "severity": rated.get("baseSeverity", ""),
        "vector": rated.get("vectorString", ""), "exploited": any(each["category"] == "exploit_status" for each in one.get("threats", ())),
        "remedies": [{"category": each["category"], "text": each["details"], "url": each["url"] if each.get("url", "").startswith("https://") else ""} for each in one.get("remediations", ())],
    }  # fmt: skip


def _names(tree: dict) -> dict[str, tuple[str, bool]]:
    """Product id -> its name, and whether it is a product as such rather than one installed on another."""
    found: dict[str, tuple[str, bool]] = {}
    waiting = list(tree.get("branches", ()))
    while waiting:
        one = waiting.pop()
        waiting += one.get("branches", ())
        if product := one.get("product"):
            found[product["product_id"]] = (product["name"], True)
    for one in (*tree.get("relationships", ()), *tree.get("product_paths", ())):  # 2.0, 2.1
        product = one["full_product_name"]
        found[product["product_id"]] = (product["name"], False)
    return found
