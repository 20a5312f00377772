"""SPDX 2.2 and 2.3 RDF/XML -> the names of its JSON.

The usual form of SPDX's tools is read: typed nodes, nested or referred to by `rdf:about`, `rdf:resource` and `rdf:nodeID`. What is
said of a node in several places is put together. Licence sets become expressions. The converted document is checked by the
schema of the JSON, as the other forms are.
"""

from collections.abc import Iterator

from lxml import etree

from asbuilt.formats.sbom.identifiers import percent_decoded
from asbuilt.formats.sbom.refusing import refused

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SPDX = "http://spdx.org/rdf/terms#"
LICENCES = "http://spdx.org/licenses/"
STEPS_EACH, SETS_MAX = 4, 60
"""How often references are followed for each element, and how deep licences are made of others."""
_SETS = {"ConjunctiveLicenseSet": " AND ", "DisjunctiveLicenseSet": " OR "}
_SILENT = {"noassertion": "NOASSERTION", "none": "NONE"}
_LICENCE_NAMES = {
    "licenseConcluded": ("licenseConcluded", False), "licenseDeclared": ("licenseDeclared", False),
    "licenseInfoFromFiles": ("licenseInfoFromFiles", True), "licenseInfoInFile": ("licenseInfoInFiles", True),
    "licenseInfoInSnippet": ("licenseInfoInSnippets", True), "dataLicense": ("dataLicense", False),
}  # fmt: skip
# property -> (name in JSON, many)
_TEXTS = {
    "name": ("name", False), "versionInfo": ("versionInfo", False), "packageFileName": ("packageFileName", False),
    "supplier": ("supplier", False), "originator": ("originator", False), "downloadLocation": ("downloadLocation", False),
    "sourceInfo": ("sourceInfo", False), "licenseComments": ("licenseComments", False),
    "copyrightText": ("copyrightText", False), "summary": ("summary", False), "description": ("description", False),
    "comment": ("comment", False), "attributionText": ("attributionTexts", True), "releaseDate": ("releaseDate", False),
    "builtDate": ("builtDate", False), "validUntilDate": ("validUntilDate", False), "homepage": ("homepage", False),
    "fileName": ("fileName", False), "fileContributor": ("fileContributors", True), "noticeText": ("noticeText", False),
    "specVersion": ("spdxVersion", False), "created": ("created", False), "creator": ("creators", True),
    "licenseListVersion": ("licenseListVersion", False), "annotator": ("annotator", False),
    "annotationDate": ("annotationDate", False), "checksumValue": ("checksumValue", False),
    "referenceLocator": ("referenceLocator", False), "extractedText": ("extractedText", False),
    "licenseId": ("licenseId", False), "externalDocumentId": ("externalDocumentId", False),
    "packageVerificationCodeValue": ("packageVerificationCodeValue", False), "seeAlso": ("seeAlsos", True),
    "packageVerificationCodeExcludedFile": ("packageVerificationCodeExcludedFiles", True),
    "reviewer": ("reviewer", False), "reviewDate": ("reviewDate", False),
}  # fmt: skip
# property -> (name in JSON, many, what stands before the word in its resource)
_WORDS = {
    "algorithm": ("algorithm", False, "checksumAlgorithm_"), "fileType": ("fileTypes", True, "fileType_"),
    "annotationType": ("annotationType", False, "annotationType_"),
    "referenceCategory": ("referenceCategory", False, "referenceCategory_"),
    "primaryPackagePurpose": ("primaryPackagePurpose", False, "purpose_"),
    "relationshipType": ("relationshipType", False, "relationshipType_"),
}  # fmt: skip
_NODES = {
    "checksum": ("checksums", True), "annotation": ("annotations", True), "externalRef": ("externalRefs", True),
    "packageVerificationCode": ("packageVerificationCode", False), "creationInfo": ("creationInfo", False),
    "hasExtractedLicensingInfo": ("hasExtractedLicensingInfos", True), "reviewed": ("revieweds", True),
}  # fmt: skip
_LISTS = {
    "Package": "packages",
    "File": "files",
    "Snippet": "snippets",
    "ExtractedLicensingInfo": "hasExtractedLicensingInfos",
}


def is_rdf(root) -> bool:
    """Whether the root is that of RDF with an SPDX document in it."""
    return root.tag == f"{{{RDF}}}RDF" and root.find(f".//{{{SPDX}}}SpdxDocument") is not None


def parse(root) -> tuple[dict, dict[str, int]]:
    """The document and the lines of the parts of its lists by JSON pointer."""
    return _Graph(root).document()


class _Graph:
    """The nodes of one document by their names."""

    def __init__(self, root):
        self.root = root
        self.lines: dict[str, int] = {}
        self.by_name: dict[str, etree._Element] = {}
        self.steps = 0
        self.elsewhere: dict[str, str] = {}
        self.open: list[etree._Element] = []
        for node in root.iter():
            if isinstance(node.tag, str) and (name := _name(node)) and len(node):
                self.by_name.setdefault(name, node)
            self.steps += STEPS_EACH

    def document(self) -> tuple[dict, dict[str, int]]:
        """Everything in the names of JSON."""
        node = self.root.find(f".//{{{SPDX}}}SpdxDocument")
        about = node.get(f"{{{RDF}}}about") or ""
        found = {"SPDXID": _fragment(about), "documentNamespace": about.partition("#")[0], **self._fields(node)}
        found.pop("hasExtractedLicensingInfos", None)
        external = [self._external(one) for one in self._values(node, "externalDocumentRef")]
        self.elsewhere = {one["spdxDocument"]: one["externalDocumentId"] for one in external}
        if external:
            found["externalDocumentRefs"] = external
        for kind, name in _LISTS.items():
            listed = self._listed(kind, name)
            if listed:
                found[name] = listed
        relations = list(self._relationships())
        if relations:
            found["relationships"] = relations
        return found, self.lines

    def _listed(self, kind: str, name: str) -> list[dict]:
        """The nodes of a kind, each once, what is said of it in several places put together."""
        found: dict[str, dict] = {}
        for node in self.root.iter(f"{{{SPDX}}}{kind}"):
            spdx_id = _fragment(_name(node))
            one = found.setdefault(spdx_id, {})
            one.setdefault("licenseId" if kind == "ExtractedLicensingInfo" else "SPDXID", spdx_id)
            for key, value in self._fields(node).items():
                one.setdefault(key, value)
            if kind == "Snippet":
                self._snippet(node, one)
            self.lines.setdefault(f"/{name}/{len(found) - 1}", node.sourceline)
        return list(found.values())

    def _fields(self, node) -> dict:
        found: dict = {}
        for child in node:
            if not isinstance(child.tag, str):
                continue
            name = etree.QName(child).localname
            if name in _TEXTS:
                _put(found, *_TEXTS[name], self._text(child))
            elif name in _WORDS:
                key, many, before = _WORDS[name]
                _put(found, key, many, _word(child, before, name))
            elif name in _LICENCE_NAMES:
                _put(found, *_LICENCE_NAMES[name], self._licence(child))
            elif name in _NODES:
                for one in self._nodes(child):
                    if len(self.open) > SETS_MAX or one in self.open:
                        raise refused("sbom.references_grow", f"line {child.sourceline}", "A part is made of itself.")
                    self.open.append(one)
                    _put(found, *_NODES[name], self._fields(one))
                    self.open.pop()
            elif name == "referenceType":
                found["referenceType"] = (child.get(f"{{{RDF}}}resource") or self._text(child)).rsplit("/", 1)[-1]
            elif name == "filesAnalyzed":
                found["filesAnalyzed"] = self._text(child).lower() == "true"
        return found

    def _text(self, child) -> str:
        resource = child.get(f"{{{RDF}}}resource")
        if resource is not None:
            word = resource.removeprefix(SPDX)
            return _SILENT.get(word, resource)
        return (child.text or "").strip()

    def _nodes(self, child) -> Iterator[etree._Element]:
        """The node that a property holds, or refers to."""
        self.steps -= 1
        if self.steps < 0:  # names that lead to each other: sets of sets would grow without end
            raise refused(
                "sbom.references_grow", f"line {child.sourceline}", "References lead to each other again and again."
            )
        inside = [one for one in child if isinstance(one.tag, str)]
        name = child.get(f"{{{RDF}}}resource") or child.get(f"{{{RDF}}}nodeID")
        if inside:
            yield from inside
        elif name in self.by_name:
            yield self.by_name[name]

    def _values(self, node, name: str) -> Iterator[etree._Element]:
        for child in node.findall(f"{{{SPDX}}}{name}"):
            yield from self._nodes(child)

    def _licence(self, child) -> str:
        resource = child.get(f"{{{RDF}}}resource")
        if resource is not None and resource not in self.by_name:
            return _licence_name(resource)
        for node in self._nodes(child):
            if len(self.open) > SETS_MAX or node in self.open:
                raise refused("sbom.references_grow", f"line {child.sourceline}", "A licence is made of itself.")
            self.open.append(node)
            found = self._expression(node)
            self.open.pop()
            return found
        return _licence_name(resource or (child.text or "").strip())

    def _expression(self, node) -> str:
        kind = etree.QName(node).localname
        if kind in _SETS:
            members = [self._licence(one) for one in node.findall(f"{{{SPDX}}}member")]
            return f"({_SETS[kind].join(sorted(members))})"
        if kind == "WithExceptionOperator":
            licence = next((self._licence(one) for one in node.findall(f"{{{SPDX}}}member")), "")
            exception = next((_name(one) for one in self._values(node, "licenseException")), "")
            return f"{licence} WITH {exception.rsplit('/', 1)[-1]}"
        if kind == "OrLaterOperator":
            return next((self._licence(one) for one in node.findall(f"{{{SPDX}}}member")), "") + "+"
        return _licence_name(_name(node))

    def _relationships(self) -> Iterator[dict]:
        for holder in self.root.iter(f"{{{SPDX}}}relationship"):
            first = _fragment(_name(holder.getparent()))
            for node in self._nodes(holder):
                related = node.find(f"{{{SPDX}}}relatedSpdxElement")
                kind = node.find(f"{{{SPDX}}}relationshipType")
                if related is None or kind is None:
                    continue
                second = related.get(f"{{{RDF}}}resource") or next((_name(one) for one in self._nodes(related)), "")
                word = _SILENT.get(second.removeprefix(SPDX)) or self._reference(second)
                relation = _word(kind, "relationshipType_", "relationshipType")
                yield {"spdxElementId": first, "relationshipType": relation, "relatedSpdxElement": word}

    def _reference(self, name: str) -> str:
        """The reference of an element, with that of its document in front where it lies in another one."""
        document = self.elsewhere.get(name.partition("#")[0])
        return f"{document}:{_fragment(name)}" if document else _fragment(name)

    def _external(self, node) -> dict:
        checksum = next((self._fields(one) for one in self._values(node, "checksum")), {})
        document = node.find(f"{{{SPDX}}}spdxDocument")
        said = self._text(document) if document is not None else ""
        identity = self._fields(node).get("externalDocumentId", _fragment(_name(node)))
        return {"externalDocumentId": identity, "checksum": checksum, "spdxDocument": said}

    def _snippet(self, node, one: dict) -> None:
        """The file of a snippet and its ranges, whose numbers come from pointers."""
        of = node.find(f"{{{SPDX}}}snippetFromFile")
        if of is not None:
            named = of.get(f"{{{RDF}}}resource") or next((_name(each) for each in self._nodes(of)), "")
            one["snippetFromFile"] = _fragment(named)
        for pair in node.iter("{http://www.w3.org/2009/pointers#}StartEndPointer"):
            ends = {}
            for side in ("startPointer", "endPointer"):
                for number in pair.findall(f"{{http://www.w3.org/2009/pointers#}}{side}//*"):
                    name = etree.QName(number).localname
                    if name in ("offset", "lineNumber") and (number.text or "").strip().isdigit():
                        ends[side] = {"reference": one.get("snippetFromFile", ""), name: int(number.text.strip()[:18])}
            one.setdefault("ranges", []).append(ends)


def _name(node) -> str:
    return node.get(f"{{{RDF}}}about") or node.get(f"{{{RDF}}}nodeID") or node.get(f"{{{RDF}}}ID") or ""


def _fragment(name: str) -> str:
    """`SPDXRef-Package` of an address that ends so; with DocumentRef in front where it leads into another document."""
    return percent_decoded(name.rpartition("#")[2])


def _licence_name(resource: str) -> str:
    word = resource.removeprefix(SPDX)
    if word in _SILENT:
        return _SILENT[word]
    if resource.startswith(LICENCES):
        return resource.removeprefix(LICENCES)
    return _fragment(resource)


def _word(child, before: str, name: str) -> str:
    """A word of SPDX's JSON from its resource: `relationshipType_dynamicLink` is DYNAMIC_LINK, `checksumAlgorithm_sha1` SHA1."""
    word = (child.get(f"{{{RDF}}}resource") or child.text or "").strip().removeprefix(SPDX).removeprefix(before)
    if name == "relationshipType":
        return "".join(f"_{letter}" if letter.isupper() else letter for letter in word).upper()
    if name == "referenceCategory":
        spaced = "".join(f"_{letter}" if letter.isupper() else letter for letter in word).upper()
        return spaced.replace("-", "_") if spaced else word
    if name == "algorithm":
        return {"blake2b256": "BLAKE2b-256", "blake2b384": "BLAKE2b-384", "blake2b512": "BLAKE2b-512"}.get(
            word, word.upper().replace("SHA3_", "SHA3-")
        )
    return word.upper()


def _put(found: dict, name: str, many: bool, value) -> None:
    if many:
        found.setdefault(name, []).append(value)
    else:
        found.setdefault(name, value)
