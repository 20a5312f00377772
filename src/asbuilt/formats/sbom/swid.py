"""SWID tags (ISO/IEC 19770-2:2015) -> SbomDocument: the software is the subject, what it links to as a component its components.

No locked package carries the schema, so what the standard demands is checked here: the root, its name, tag id and entities with
name and role, relations of links. Files of payload and evidence stay in the bytes.
"""

import re
from collections.abc import Iterator

from lxml import etree

from asbuilt.formats.sbom.identifiers import percent_decoded
from asbuilt.formats.sbom.limits import Limits
from asbuilt.formats.sbom.model import SbomComponent, SbomDocument
from asbuilt.formats.sbom.refs import Refs
from asbuilt.formats.sbom.refusing import Wrongs, too_large

NAMESPACES = (
    "http://standards.iso.org/iso/19770/-2/2015/schema.xsd",
    "http://standards.iso.org/iso/19770/-2/2015-current/schema.xsd",
    "http://standards.iso.org/iso/19770/-2/2014-DIS/schema.xsd",
)
COMPONENTS = frozenset(["component", "requires"])
_TAG_PATH = re.compile(r"swid:\s*", re.IGNORECASE)


def is_swid(root) -> bool:
    """Whether the root is that of a SWID tag."""
    return etree.QName(root).localname == "SoftwareIdentity"


def read(root, limits: Limits) -> SbomDocument:
    """The tag as a document. Invalid with line and path where it breaks the standard."""
    _check(root)
    refs, links = Refs(), _of(root, "Link")
    if len(links) > limits.components:
        raise too_large("links", len(links), limits.components, "/SoftwareIdentity")
    subject = _subject(root, refs)
    components, needs = list(_components(links, refs)), []
    needs += [one.ref for one in components]
    meta = _of(root, "Meta")
    unread = {etree.QName(one).localname for one in root if isinstance(one.tag, str)} - {"Entity", "Link", "Meta"}
    return SbomDocument(
        "swid",
        "2015",
        "xml",
        root.get("tagId"),
        document_version=root.get("tagVersion") or "",
        authors=tuple(_entities(root, "tagCreator")),
        tools=tuple(one.get("generator") for one in meta if one.get("generator")),
        subject=subject,
        components=tuple(components),
        dependencies=((subject.ref, tuple(dict.fromkeys(needs))),) if needs else (),
        unread=tuple(sorted(unread)),
        doubts=tuple(refs.doubts),
    )


def _of(root, name: str) -> list:
    return [one for one in root if isinstance(one.tag, str) and etree.QName(one).localname == name]


def _check(root) -> None:
    wrongs = Wrongs()
    namespace = etree.QName(root).namespace
    if namespace not in NAMESPACES:
        wrongs.add(
            "/SoftwareIdentity", f"The namespace {str(namespace)[:80]} is none of ISO/IEC 19770-2", line=root.sourceline
        )
    for name in ("name", "tagId"):
        if not (root.get(name) or "").strip():
            wrongs.add(f"/SoftwareIdentity/@{name}", "is missing", line=root.sourceline)
    entities = _of(root, "Entity")
    if not entities:
        wrongs.add("/SoftwareIdentity", "has no Entity", line=root.sourceline)
    for at, one in enumerate(entities, 1):
        for name in ("name", "role"):
            if not (one.get(name) or "").strip():
                wrongs.add(f"/SoftwareIdentity/Entity[{at}]/@{name}", "is missing", line=one.sourceline)
    for at, one in enumerate(_of(root, "Link"), 1):
        for name in ("rel", "href"):
            if not (one.get(name) or "").strip():
                wrongs.add(f"/SoftwareIdentity/Link[{at}]/@{name}", "is missing", line=one.sourceline)
    for name in ("corpus", "patch", "supplemental"):
        if root.get(name) not in (None, "true", "false", "0", "1"):
            wrongs.add(f"/SoftwareIdentity/@{name}", "is neither true nor false", line=root.sourceline)
    wrongs.raise_if_any()


def _entities(root, role: str) -> Iterator[str]:
    for one in _of(root, "Entity"):
        if role in one.get("role").split():
            yield one.get("name")


def _subject(root, refs: Refs) -> SbomComponent:
    meta = next(iter(_of(root, "Meta")), None)
    return SbomComponent(
        refs.take(root.get("tagId"), "/SoftwareIdentity"),
        kind="operating-system" if meta is not None and meta.get("product") == root.get("name") else "application",
        name=root.get("name"),
        version=root.get("version") or "",
        supplier=", ".join(_entities(root, "distributor")),
        maker=", ".join(_entities(root, "softwareCreator")),
        swid=root.get("tagId"),
        description=(meta.get("summary") or meta.get("description") or "") if meta is not None else "",
    )


def _components(links: list, refs: Refs) -> Iterator[SbomComponent]:
    """Each tag that the software links to as its component, once; the standard gives no name and version beside the tag id."""
    seen = set()
    for at, one in enumerate(links, 1):
        href = one.get("href").strip()
        tag = percent_decoded(_TAG_PATH.sub("", href, count=1))
        if one.get("rel") not in COMPONENTS or tag in seen:
            continue
        seen.add(tag)
        name, version = _split(tag)
        scope = {"required": "required", "recommended": "optional", "optional": "optional"}.get(
            one.get("use") or "", ""
        )
        place = f"/SoftwareIdentity/Link[{at}]"
        yield SbomComponent(refs.take(tag, place), kind="library", name=name, version=version, swid=tag, scope=scope)


def _split(tag: str) -> tuple[str, str]:
    """What a tag id such as `gnu-glibc-v2.11.1` says of name and version; a reading, the tag id stays beside it."""
    head, dash, tail = tag.rpartition("-")
    return (head, tail) if dash and re.match(r"[vV]?\d", tail) else (tag, "")
