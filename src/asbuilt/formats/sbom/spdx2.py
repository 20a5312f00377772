"""SPDX 2.2 and 2.3 in the names of its JSON -> SbomDocument. Tag-value, YAML, XML and RDF are brought into these names first.

Components are the packages. Files stay in the bytes and are counted, unless the document describes a file, or has no package
at all: then they are its components. One described element is the subject.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from asbuilt.formats.sbom import spdx_words as words
from asbuilt.formats.sbom.fixes import FIX, fixed_line
from asbuilt.formats.sbom.identifiers import built_from_words, each_once, source_of, source_of_purl
from asbuilt.formats.sbom.limits import Limits
from asbuilt.formats.sbom.model import SbomComponent, SbomDocument
from asbuilt.formats.sbom.refs import Refs
from asbuilt.formats.sbom.refusing import too_large

DOCUMENT = "SPDXRef-DOCUMENT"
_READ = frozenset(
    [
        "SPDXID", "spdxVersion", "name", "documentNamespace", "creationInfo", "documentDescribes", "packages", "files",
        "relationships", "dataLicense",
    ]
)  # fmt: skip
_READ_PACKAGE = frozenset(
    [
        "SPDXID", "name", "versionInfo", "supplier", "originator", "externalRefs", "checksums", "licenseConcluded",
        "licenseDeclared", "copyrightText", "description", "packageFileName", "primaryPackagePurpose", "downloadLocation",
        "filesAnalyzed", "hasFiles", "homepage",
    ]
)  # fmt: skip
_VULNERABLE = frozenset(["advisory", "fix", "url", "security-other"])


class Reader:
    """One document on its way into the one form."""

    def __init__(self, document: dict, serialisation: str, limits: Limits):
        self.document, self.serialisation, self.limits = document, serialisation, limits
        self.refs = Refs()
        self.unread: set[str] = set()
        self.doubts: list[tuple[str, str]] = []
        self.vulnerabilities = 0
        self.described: list[str] = list(document.get("documentDescribes") or ())
        self.parents: dict[str, str] = {}
        self.needs: dict[str, dict[str, None]] = defaultdict(dict)
        self.pedigree: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self.names = _names_of_patches(document)

    def read(self) -> SbomDocument:
        """The whole document. Invalid where it breaks a limit."""
        document = self.document
        self.unread.update(set(document) - _READ)
        self._relationships()
        components = list(self._components())
        self._use_refs()
        known = {one.ref for one in components}
        top = list(dict.fromkeys(ref for ref in self.described if ref in known))
        subject = next((one for one in components if one.ref == top[0]), None) if len(top) == 1 else None
        creation = document.get("creationInfo") or {}
        creators = creation.get("creators") or ()
        return SbomDocument(
            "spdx",
            document["spdxVersion"].removeprefix("SPDX-"),
            self.serialisation,
            document.get("documentNamespace") or "",
            created_at=moment(creation.get("created"), "/creationInfo/created", self.doubts),
            authors=tuple(words.who(one) for one in creators if not one.startswith("Tool:")),
            tools=tuple(words.who(one) for one in creators if one.startswith("Tool:")),
            subject=replace(subject, parent="") if subject else None,
            components=tuple(one for one in components if subject is None or one.ref != subject.ref),
            dependencies=tuple((ref, tuple(on)) for ref, on in self.needs.items()),
            vulnerabilities=self.vulnerabilities,
            unread=tuple(sorted(self.unread)),
            doubts=tuple(self.doubts + self.refs.doubts),
            contacts=tuple(mail for one in creators for mail in words.contacts(one)),
        )

    def _relationships(self) -> None:
        listed = self.document.get("relationships") or ()
        if len(listed) > self.limits.dependencies:
            raise too_large("relationships", len(listed), self.limits.dependencies, "/relationships")
        others = Counter()
        for one in listed:
            first, second, kind = one["spdxElementId"], one["relatedSpdxElement"], one["relationshipType"]
            if second in words.SILENT:
                continue
            if kind in words.NEEDS:
                needing, needed = (first, second) if words.NEEDS[kind] else (second, first)
                self.needs[needing][needed] = None
            elif kind in words.DESCRIBES:
                about, what = (first, second) if words.DESCRIBES[kind] else (second, first)
                if about == DOCUMENT:
                    self.described.append(what)
            elif kind in words.CONTAINS:
                outer, inner = (first, second) if words.CONTAINS[kind] else (second, first)
                if outer != DOCUMENT and outer != inner:
                    self.parents.setdefault(inner, outer)
            elif kind in words.PEDIGREE:
                name = self.names.get(first, "") if kind in ("PATCH_FOR", "PATCH_APPLIED") else ""
                self.pedigree[second].append((words.PEDIGREE[kind], f"{first} {name}".rstrip()))
            elif kind == "DESCENDANT_OF":
                self.pedigree[first].append(("ancestor", second))
            else:
                others[kind] += 1
        self.unread.update(f"relationships.{kind}" for kind in others)

    def _components(self) -> Iterator[SbomComponent]:
        packages, files = self.document.get("packages") or (), self.document.get("files") or ()
        described = set(self.described)
        taken = [(at, one) for at, one in enumerate(files) if not packages or one.get("SPDXID") in described]
        if len(taken) < len(files):
            self.unread.add("files")
            mine = {at for at, _ in taken}
            for at, one in enumerate(files):
                if at not in mine:
                    self.refs.also_known(one.get("SPDXID"))
        if len(packages) + len(taken) > self.limits.components:
            raise too_large("components", len(packages) + len(taken), self.limits.components, "/packages")
        ids = {one["SPDXID"] for one in (*packages, *(file for _, file in taken))}
        for at, one in enumerate(packages):
            yield self._package(one, f"/packages/{at}", ids)
        for at, one in taken:
            yield self._file(one, f"/files/{at}", ids)

    def _package(self, one: dict, place: str, ids: set[str]) -> SbomComponent:
        self.unread.update(f"packages.{name}" for name in set(one) - _READ_PACKAGE)
        spdx_id = one["SPDXID"]
        found = self._external(one.get("externalRefs") or ())
        location = words.said(one.get("downloadLocation"))
        pedigree = [*self.pedigree.get(spdx_id, ()), *found["fixes"], *fixed_line(one.get("sourceInfo") or "")]
        more = [*found["more"], *source_of(location), *source_of_purl(found["purl"])]
        more += built_from_words(found["purl"], one.get("sourceInfo") or "")
        return SbomComponent(
            self.refs.take(spdx_id, place),
            self._parent(spdx_id, ids),
            words.kind_of(one.get("primaryPackagePurpose") or ""),
            "",
            one.get("name") or "",
            words.said(one.get("versionInfo")),
            words.who(one.get("supplier")),
            words.who(one.get("originator")),
            found["purl"],
            found["cpe"],
            found["swid"],
            more_identifiers=each_once(more),
            hashes=_hashes(one),
            licences=_licences(one.get("licenseConcluded"), one.get("licenseDeclared")),
            copyright=words.said(one.get("copyrightText")),
            description=one.get("description") or "",
            file_name=one.get("packageFileName") or "",
            pedigree=tuple(pedigree),
            concluded=_licences(one.get("licenseConcluded")),
            declared=_licences(one.get("licenseDeclared")),
            contacts=words.contacts(one.get("originator")),
            references=tuple(_references(one, location)),
        )

    def _file(self, one: dict, place: str, ids: set[str]) -> SbomComponent:
        spdx_id = one["SPDXID"]
        return SbomComponent(
            self.refs.take(spdx_id, place),
            self._parent(spdx_id, ids),
            "file",
            name=one.get("fileName") or "",
            hashes=_hashes(one),
            licences=_licences(one.get("licenseConcluded"), None),
            copyright=words.said(one.get("copyrightText")),
            file_name=one.get("fileName") or "",
            pedigree=tuple(self.pedigree.get(spdx_id, ())),
            concluded=_licences(one.get("licenseConcluded")),
        )

    def _parent(self, spdx_id: str, ids: set[str]) -> str:
        parent = self.parents.get(spdx_id, "")
        return parent if parent in ids else ""

    def _external(self, listed) -> dict:
        found = {"purl": "", "cpe": "", "swid": "", "more": [], "fixes": []}
        for one in listed:
            kind, value = one["referenceType"].rsplit("/", 1)[-1], one["referenceLocator"]
            name = {"cpe23Type": "cpe", "cpe22Type": "cpe"}.get(kind, kind)
            if name in ("purl", "cpe", "swid"):
                if not found[name]:
                    found[name] = value
                else:
                    found["more"].append((name, value))
            elif one["referenceCategory"].upper() == "SECURITY" and kind in _VULNERABLE:
                self.vulnerabilities += 1
                if kind == "fix":
                    found["fixes"].append((FIX, f"{value} {one.get('comment') or ''}".rstrip()))
            else:
                found["more"].append(({"swh": "swhid"}.get(kind, kind), value))
        return found

    def _use_refs(self) -> None:
        known = {DOCUMENT}
        known.update(one.get("SPDXID") for one in self.document.get("snippets") or ())
        for ref in known:
            self.refs.also_known(ref)
        for at, one in enumerate(self.document.get("relationships") or ()):
            self.refs.use(one["spdxElementId"], f"/relationships/{at}/spdxElementId")
            self.refs.use(one["relatedSpdxElement"], f"/relationships/{at}/relatedSpdxElement")


def _names_of_patches(document: dict) -> dict[str, str]:
    """SPDXID -> name of what is called a patch of something: Yocto names a patch by the vulnerability that it mends."""
    listed = document.get("relationships") or ()
    wanted = {one["spdxElementId"] for one in listed if one["relationshipType"] in ("PATCH_FOR", "PATCH_APPLIED")}
    return {
        one["SPDXID"]: one.get("name") or one.get("fileName") or ""
        for kind in (("packages", "files") if wanted else ())
        for one in document.get(kind) or ()
        if one.get("SPDXID") in wanted
    }


def moment(text: str | None, place: str, doubts: list[tuple[str, str]]) -> datetime | None:
    """An instant with its offset; a doubt where the text is none."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        doubts.append((place, f"{text[:60]} is no time with a time zone."))
        return None
    return found


def _hashes(one: dict) -> tuple[tuple[str, str], ...]:
    return tuple(
        (words.algorithm(each["algorithm"]), each["checksumValue"].lower()) for each in one.get("checksums") or ()
    )


def _references(one: dict, location: str) -> Iterator[tuple[str, str, tuple]]:
    """Where the package comes from and is at home, in CycloneDX's kinds."""
    if location:
        yield "vcs" if location.startswith(("git+", "hg+", "svn+", "bzr+")) else "distribution", location, ()
    if homepage := words.said(one.get("homepage")):
        yield "website", homepage, ()


def _licences(*written: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in written if words.said(one)))
