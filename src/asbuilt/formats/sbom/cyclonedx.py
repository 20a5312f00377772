"""CycloneDX 1.2-1.7 as JSON names it -> SbomDocument. XML is brought into the same names first (`cyclonedx_xml`).

The document passed its schema before. Components inside components are laid flat with their parent; a bom-ref is made up from
the place where there is none, so that it changes with the place and not with the reading. What a component carries beyond
the one form (evidence, release notes, cryptography …) is named once in `unread`.
"""

from collections.abc import Iterator
from datetime import datetime

from asbuilt.formats.sbom.fixes import property_claim
from asbuilt.formats.sbom.identifiers import (
    TRIVY_SOURCE,
    built_from,
    canonical_purl,
    cpe_fault,
    each_once,
    source_of,
    source_of_purl,
)
from asbuilt.formats.sbom.limits import Limits
from asbuilt.formats.sbom.model import SbomComponent, SbomDocument
from asbuilt.formats.sbom.refs import Refs
from asbuilt.formats.sbom.refusing import too_large

_READ = frozenset(
    ["$schema", "bomFormat", "specVersion", "serialNumber", "version", "metadata", "components", "dependencies", "compositions", "signature"]
)  # fmt: skip
_READ_METADATA = frozenset(
    ["timestamp", "lifecycles", "tools", "authors", "component", "manufacture", "manufacturer"]
)  # fmt: skip
_READ_COMPONENT = frozenset(
    [
        "type", "mime-type", "bom-ref", "supplier", "manufacturer", "author", "authors", "publisher", "group", "name",
        "version", "description", "scope", "hashes", "licenses", "copyright", "cpe", "purl", "omniborId", "swhid", "swid",
        "pedigree", "components", "properties", "externalReferences",
    ]
)  # fmt: skip
BSI = {
    "bsi:component:filename": "file_name",
    "bsi:component:executable": "executable",
    "bsi:component:archive": "archive",
    "bsi:component:structured": "structured",
}
"""Properties of BSI TR-03183-2 (taxonomy of the BSI) and where the one form keeps them."""
DEVICE = {
    "cdx:device:sku": "sku", "cdx:device:lotNumber": "lot", "cdx:device:manufacturerPartNumber": "mpn", "asbuilt:mpn": "mpn",
}  # fmt: skip
IDENTIFYING = {"syft:cpe23": "cpe"}
"""Properties that carry one more identifier: syft writes one for each CPE that it guesses."""
EVIDENCED = {"purl": "purl", "cpe": "cpe", "swid": "swid", "omniborId": "gitoid", "swhid": "swhid"}
"""Fields of `evidence.identity` (1.5 on) that name the component."""


class Reader:
    """One document on its way into the one form."""

    def __init__(self, document: dict, serialisation: str, limits: Limits):
        self.document, self.serialisation, self.limits = document, serialisation, limits
        self.refs = Refs()
        self.unread: set[str] = set()
        self.doubts: list[tuple[str, str]] = []

    def read(self) -> SbomDocument:
        """The whole document. Invalid where it breaks a limit."""
        document = self.document
        metadata = document.get("metadata") or {}
        subject, components = self._components(metadata.get("component"), document.get("components") or ())
        self.unread.update(sorted(set(document) - _READ - {"vulnerabilities"}))
        self.unread.update(f"metadata.{name}" for name in sorted(set(metadata) - _READ_METADATA))
        waiting = list(document.get("services") or ())
        while waiting:
            service = waiting.pop()
            self.refs.also_known(service.get("bom-ref"))
            waiting += service.get("services") or ()
        return SbomDocument(
            "cyclonedx",
            document["specVersion"],
            self.serialisation,
            document.get("serialNumber") or "",
            document_version=str(document.get("version") or ""),
            created_at=self._moment(metadata.get("timestamp")),
            authors=tuple(self._authors(metadata)),
            tools=tuple(_tools(metadata.get("tools"))),
            lifecycle=";".join(one.get("phase") or one.get("name") or "" for one in metadata.get("lifecycles") or ()),
            subject=subject,
            components=tuple(components),
            dependencies=tuple(self._dependencies()),
            completeness=tuple(_completeness(document.get("compositions") or ())),
            vulnerabilities=len(document.get("vulnerabilities") or ()),
            unread=tuple(sorted(self.unread)),
            doubts=tuple(self.doubts + self.refs.doubts),
            contacts=tuple(_authors_contacts(metadata)),
            signed=bool(document.get("signature")),
        )

    def _components(self, top: dict | None, listed) -> tuple[SbomComponent | None, list[SbomComponent]]:
        """Subject and components in the document's order, each container before what it contains."""
        subject, found = None, []
        waiting = [_each(listed, "/components", "")]
        if top is not None:
            ref = self.refs.take(top.get("bom-ref"), "/metadata/component")
            subject = self._component(top, ref, "", "/metadata/component")
            waiting.append(_each(top.get("components"), "/metadata/component/components", ref))
        while waiting:
            if (met := next(waiting[-1], None)) is None:
                waiting.pop()
                continue
            one, place, parent = met
            if len(found) >= self.limits.components:
                raise too_large("components or more", len(found) + 1, self.limits.components, place)
            ref = self.refs.take(one.get("bom-ref"), place)
            found.append(self._component(one, ref, parent, place))
            if inside := one.get("components"):
                waiting.append(_each(inside, f"{place}/components", ref))
        return subject, found

    def _component(self, one: dict, ref: str, parent: str, place: str) -> SbomComponent:
        if not _READ_COMPONENT.issuperset(one):
            self.unread.update(f"components.{name}" for name in set(one) - _READ_COMPONENT)
        said, properties, source = {}, [], {}
        more = list(_more_identifiers(one))
        for each in one.get("properties") or ():
            name = each.get("name")
            if name in BSI:
                said[BSI[name]] = each.get("value") or ""
            elif name in DEVICE:
                more.append((DEVICE[name], each.get("value") or ""))
            elif name in IDENTIFYING:
                more.append((IDENTIFYING[name], each.get("value") or ""))
            else:
                properties.append((name or "", each.get("value") or ""))
                if name in TRIVY_SOURCE:
                    source[TRIVY_SOURCE[name]] = each.get("value") or ""
        if source:
            more += built_from(one.get("purl") or "", source)
        pedigree = [
            *_pedigree(one.get("pedigree") or {}),
            *filter(None, (property_claim(*each) for each in properties)),
        ]
        licences = one.get("licenses")
        swid = one.get("swid") or {}
        return SbomComponent(
            ref,
            parent,
            one.get("type") or "",
            one.get("group") or "",
            one.get("name") or "",
            one.get("version") or "",
            _name(one.get("supplier")),
            _name(one.get("manufacturer")) or one.get("publisher") or one.get("author") or "",
            one.get("purl") or "",
            one.get("cpe") or "",
            swid.get("tagId") or "",
            more_identifiers=each_once(more),
            hashes=tuple((each["alg"], (each.get("content") or "").lower()) for each in one.get("hashes") or ()),
            licences=tuple(_licences(licences)),
            copyright=one.get("copyright") or "",
            description=one.get("description") or "",
            scope=one.get("scope") or "",
            pedigree=tuple(pedigree),
            concluded=tuple(_licences(licences, "concluded")),
            declared=tuple(_licences(licences, "declared")),
            contacts=tuple(_contacts(one.get("manufacturer"))),
            references=tuple(_references(one.get("externalReferences"))),
            properties=tuple(properties),
            **said,
        )

    def _dependencies(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        listed, edges = self.document.get("dependencies") or (), 0
        for at, one in enumerate(listed):
            ref, on = one["ref"], tuple(dict.fromkeys(one.get("dependsOn") or ()))
            edges += len(on)
            if edges > self.limits.dependencies:
                place = f"/dependencies/{at}"
                raise too_large("dependencies or more", edges, self.limits.dependencies, place)
            self.refs.use(ref, f"/dependencies/{at}/ref")
            for to, each in enumerate(on):
                self.refs.use(each, f"/dependencies/{at}/dependsOn/{to}")
            yield ref, on

    def _moment(self, text: str | None) -> datetime | None:
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            self.doubts.append(("/metadata/timestamp", f"{text[:60]} is a time that no calendar has."))
            return None
        if found.tzinfo is None:
            self.doubts.append(("/metadata/timestamp", f"{text[:60]} names no time zone."))
            return None
        return found

    def _authors(self, metadata: dict) -> Iterator[str]:
        for one in metadata.get("authors") or ():
            yield one.get("name") or one.get("email") or ""
        for name in ("manufacturer", "manufacture"):
            if said := _name(metadata.get(name)):
                yield said


def _each(listed, place: str, parent: str) -> Iterator[tuple[dict, str, str]]:
    """(component, its place, the ref of what contains it). A list is let go of as it is read: a long one would stand in memory twice."""
    for at, one in enumerate(listed or ()):
        if isinstance(listed, list):
            listed[at] = None
        yield one, f"{place}/{at}", parent


def _name(organisation: dict | None) -> str:
    return (organisation or {}).get("name") or ""


def _tools(tools) -> Iterator[str]:
    """Names and versions of tools: a list up to 1.4, components and services from 1.5 on."""
    listed = tools if isinstance(tools, list) else [each for kind in (tools or {}).values() for each in kind]
    for one in listed:
        yield " ".join(part for part in (one.get("vendor"), one.get("name"), one.get("version")) if part)


def _licences(choices, acknowledged: str = "") -> Iterator[str]:
    """All licences, or those alone that the document acknowledges so (since 1.6)."""
    for one in choices or ():
        licence = one.get("license") or one
        if acknowledged and licence.get("acknowledgement") != acknowledged:
            continue
        if "expression" in one:
            yield one["expression"]
        elif "license" in one:
            yield licence.get("id") or licence.get("name") or ""


def _contacts(organisation: dict | None) -> Iterator[str]:
    """E-mail addresses and URLs of a company; a reader of another serialisation may have looked at neither."""
    said = organisation or {}
    for contact in said["contact"] if isinstance(said.get("contact"), list) else ():
        if mail := contact.get("email"):
            yield mail
    urls = said.get("url")
    yield from urls if isinstance(urls, list) else [urls] if isinstance(urls, str) and urls else ()


def _authors_contacts(metadata: dict) -> Iterator[str]:
    for one in metadata.get("authors") or ():
        if mail := one.get("email"):
            yield mail
    for name in ("manufacturer", "manufacture"):
        yield from _contacts(metadata.get(name))


def _references(listed) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
    for one in listed or ():
        kind, given = one.get("type") or "", one.get("hashes")
        given = given if isinstance(given, list) else ()
        hashes = tuple((each["alg"], (each.get("content") or "").lower()) for each in given)
        comment = one.get("comment")
        named = comment if kind == "other" and isinstance(comment, str) and comment else kind
        yield named, one.get("url") or "", hashes


def _more_identifiers(one: dict) -> Iterator[tuple[str, str]]:
    for value in one.get("omniborId") or ():
        yield "gitoid", value
    for value in one.get("swhid") or ():
        yield "swhid", value
    if purl := one.get("purl"):
        yield from source_of_purl(purl)
    for reference in one.get("externalReferences") or ():
        if reference.get("type") in ("vcs", "source-distribution", "distribution"):
            yield from source_of(reference.get("url") or "")
    identities = (one.get("evidence") or {}).get("identity") or []
    for identity in identities if isinstance(identities, list) else [identities]:
        field = identity.get("field")
        for value in _concluded(identity) if field in EVIDENCED else ():
            if value != one.get(field):
                yield EVIDENCED[field], value


def _concluded(identity: dict) -> Iterator[str]:
    """What an identity was concluded to be; 1.5 has no field for it, there the values of its methods that are such names count."""
    if value := identity.get("concludedValue"):
        yield value
        return
    names = {"purl": canonical_purl, "cpe": lambda text: not cpe_fault(text)}.get(identity.get("field"))
    for method in identity.get("methods") or ():
        value = method.get("value") or ""
        if names is not None and names(value):
            yield value


def _pedigree(pedigree: dict) -> Iterator[tuple[str, str]]:
    for name, kind in (("ancestors", "ancestor"), ("descendants", "descendant"), ("variants", "variant")):
        for one in pedigree.get(name) or ():
            yield (
                kind,
                one.get("purl") or " ".join(filter(None, (one.get("group"), one.get("name"), one.get("version")))),
            )
    for one in pedigree.get("commits") or ():
        yield "commit", " ".join(filter(None, (one.get("uid"), one.get("url"), one.get("message"))))
    for one in pedigree.get("patches") or ():
        resolved = [each.get(name) or "" for each in one.get("resolves") or () for name in ("id", "name")]
        issues = " ".join(dict.fromkeys(filter(None, resolved)))
        where = (one.get("diff") or {}).get("url") or ""
        yield "patch", " ".join(filter(None, (one.get("type"), issues, where)))
    if pedigree.get("notes"):
        yield "note", pedigree["notes"]


def _completeness(compositions) -> Iterator[tuple[str, str]]:
    for one in compositions:
        refs = [*(one.get("assemblies") or ()), *(one.get("dependencies") or ())]
        for ref in refs or [""]:
            yield ref, one.get("aggregate") or ""
