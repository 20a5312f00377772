"""A provider's public folder: what a web server shows under `/.well-known/csaf/`, as paths and bytes.

    provider-metadata.json                     requirement 7
    openpgp/FINGERPRINT.asc                    requirement 20
    white/index.txt, white/changes.csv         requirements 12 and 13
    white/feed-tlp-white.json                  requirement 15, ROLIE (RFC 8322)
    white/2026/NAME.json, .sha256, .sha512, .asc    requirements 11, 18 and 19

Standard: OASIS CSAF 2.0, section 7. Public are final and interim documents of TLP:WHITE; others are left out and named. Refused: what is
no valid document, two of one identity, documents of several publishers. No clock: all dates are those of the documents.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256, sha512

from asbuilt.formats.csaf import draft_2_1
from asbuilt.formats.csaf.checking import check
from asbuilt.formats.csaf.findings import quoted
from asbuilt.formats.csaf.revisions import DRAFT, moment
from asbuilt.formats.csaf.writing import file_name
from asbuilt.kernel.errors import Invalid

DOCUMENTS_MAX = 100_000
WHITE = "WHITE"
# TLP 2.0, which CSAF 2.1 follows, calls it so
PUBLIC = (WHITE, "CLEAR")
FEED = "white/feed-tlp-white.json"
SCHEMA_URL = "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json"
_FORMATS = {
    "2.0": {"schema": SCHEMA_URL, "version": "2.0"}, draft_2_1.VERSION: {"schema": draft_2_1.SCHEMA_URL, "version": draft_2_1.VERSION},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Where the folder is shown: `base` is its https URL without an end slash, `fingerprint` that of the OpenPGP key, in capitals;
    `earlier` are (fingerprint, public key) of keys that signed before."""

    base: str
    fingerprint: str
    public_key: bytes
    listed: bool = True
    mirrored: bool = True
    earlier: tuple[tuple[str, bytes], ...] = ()

    @property
    def keys(self) -> tuple[tuple[str, bytes], ...]:
        """Every public key, the one that signs now first."""
        return ((self.fingerprint, self.public_key), *self.earlier)


@dataclass(frozen=True, slots=True)
class Published:
    """A document of the folder."""

    path: str
    content: bytes
    head: dict

    @property
    def tracking(self) -> dict:
        """Its /document/tracking."""
        return self.head["tracking"]


def provider_tree(
    documents: Iterable[tuple[str, bytes]],
    place: Place,
    sign: Callable[[bytes], bytes],
    *,
    checked: bool = False,
    draft: bool = False,
) -> tuple[dict[str, bytes], list[tuple[str, str]]]:
    """(path to bytes, in the order to write them; (name, why) of what is left out). `sign` gives a detached, armoured signature;
    `checked`: every document was checked when it was published; `draft`: documents of CSAF 2.1 are taken too."""
    if not place.base.startswith("https://"):
        raise Invalid(
            "csaf.no_https", f"{quoted(place.base)} is no https address.", {"field": "base"}, "Give the https URL."
        )
    published, left_out = _published(documents, checked, draft)
    if not published:
        raise Invalid(
            "csaf.nothing_public",
            "No document is public.",
            {"left_out": len(left_out)},
            "Give final documents of TLP:WHITE.",
        )
    files: dict[str, bytes] = {}
    for one in published:
        name = one.path.rpartition("/")[2]
        files[one.path] = one.content
        files[one.path + ".sha256"] = f"{sha256(one.content).hexdigest()}  {name}\n".encode()
        files[one.path + ".sha512"] = f"{sha512(one.content).hexdigest()}  {name}\n".encode()
        files[one.path + ".asc"] = sign(one.content)
    paths = [(one.path.removeprefix("white/"), one.tracking["current_release_date"]) for one in published]
    files["white/index.txt"] = "".join(f"{path}\n" for path, _ in paths).encode()
    files["white/changes.csv"] = "".join(f'"{path}","{date}"\n' for path, date in paths).encode()
    files[FEED] = _json(_feed(published, place))
    files.update((f"openpgp/{fingerprint}.asc", public) for fingerprint, public in place.keys)
    files["provider-metadata.json"] = _json(_metadata(published, place))
    return files, left_out


def _published(
    documents: Iterable[tuple[str, bytes]], checked: bool, draft: bool
) -> tuple[list[Published], list[tuple[str, str]]]:
    """Public documents, the one changed last first, and what is left out."""
    found: dict[str, Published] = {}
    left_out = []
    for number, (name, content) in enumerate(documents):
        if number >= DOCUMENTS_MAX:
            raise Invalid(
                "csaf.too_large",
                f"More than {DOCUMENTS_MAX:,} documents.",
                {"most": DOCUMENTS_MAX},
                "Split the folder.",
            )
        report = None if checked else check(content, draft=draft)
        if report is not None and not report.valid:
            said = f"{quoted(name)} is no valid CSAF 2.0 document: {', '.join(report.failed)}."
            raise Invalid("csaf.not_valid", said, {"file": name[:200], "failed": list(report.failed)}, "Mend it; `asbuilt csaf check` tells the places.")  # fmt: skip
        head = json.loads(content.removeprefix(b"\xef\xbb\xbf"))["document"]
        label = head.get("distribution", {}).get("tlp", {}).get("label", "")
        if label not in PUBLIC or head["tracking"]["status"] == DRAFT:
            left_out.append((name, "draft" if label in PUBLIC else f"TLP:{label}" if label else "no TLP label"))
            continue
        path = f"white/{head['tracking']['initial_release_date'][:4]}/{file_name(head['tracking']['id'])}"
        if path.lower() in found:
            said = f"Two documents are {quoted(head['tracking']['id'])}."
            raise Invalid("csaf.identity_twice", said, {"file": name[:200]}, "Keep the latest version alone.")
        found[path.lower()] = Published(path, content, head)
    publishers = {(one.head["publisher"]["name"], one.head["publisher"]["namespace"]) for one in found.values()}
    if len(publishers) > 1:
        said = f"The documents are of {len(publishers)} publishers."
        raise Invalid(
            "csaf.several_publishers", said, {"publishers": len(publishers)}, "Write a folder for each publisher."
        )
    newest_first = sorted(found.values(), key=lambda one: one.path)
    return sorted(newest_first, key=lambda one: -moment(one.tracking["current_release_date"])), left_out


def _json(said: dict) -> bytes:
    return (json.dumps(said, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()


def _feed(published: list[Published], place: Place) -> dict:
    return {
        "feed": {
            "id": "csaf-feed-tlp-white",
            "title": f"CSAF documents of {published[0].head['publisher']['name']} (TLP:WHITE)",
            "link": [{"rel": "self", "href": f"{place.base}/{FEED}"}],
            "category": [{"scheme": "urn:ietf:params:rolie:category:information-type", "term": "csaf"}],
            "updated": published[0].tracking["current_release_date"],
            "entry": [_entry(one, f"{place.base}/{one.path}") for one in published],
        }
    }


def _entry(one: Published, url: str) -> dict:
    said = {
        "id": one.tracking["id"],
        "title": one.head["title"],
        "link": [
            {"rel": "self", "href": url},
            {"rel": "hash", "href": f"{url}.sha256"},
            {"rel": "hash", "href": f"{url}.sha512"},
            {"rel": "signature", "href": f"{url}.asc"},
        ],
        "published": one.tracking["initial_release_date"],
        "updated": one.tracking["current_release_date"],
        "content": {"type": "application/json", "src": url},
        "format": _FORMATS[one.head["csaf_version"]],
    }
    summary = next((note["text"] for note in one.head.get("notes", ()) if note["category"] == "summary"), "")
    return said | ({"summary": {"content": summary}} if summary else {})


def _metadata(published: list[Published], place: Place) -> dict:
    feed = {"summary": "All TLP:WHITE documents.", "tlp_label": WHITE, "url": f"{place.base}/{FEED}"}
    publisher = {name: published[0].head["publisher"][name] for name in ("category", "name", "namespace")}
    return {
        "canonical_url": f"{place.base}/provider-metadata.json",
        "distributions": [{"directory_url": f"{place.base}/white/"}, {"rolie": {"feeds": [feed]}}],
        "last_updated": published[0].tracking["current_release_date"],
        "list_on_CSAF_aggregators": place.listed,
        "metadata_version": "2.0",
        "mirror_on_CSAF_aggregators": place.mirrored,
        "public_openpgp_keys": [
            {"fingerprint": fingerprint, "url": f"{place.base}/openpgp/{fingerprint}.asc"}
            for fingerprint, _ in place.keys
        ],
        "publisher": publisher,
        "role": "csaf_trusted_provider",
    }
