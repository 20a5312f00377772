"""SPDX 2.2 and 2.3 tag-value -> the names of its JSON, line by line.

A tag begins a package, file, snippet, licence, annotation or review, or says something of the one that began last; text in
`<text>` may run over lines. Each part knows its line, so that a fault of the schema is told there. Refused: a line that is no
tag, text without end, a tag of a part that has not begun. A tag that the specification does not have is a doubt.
"""

import re
from dataclasses import dataclass, field

from asbuilt.formats.sbom.refusing import refused

_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_-]*)\s*:\s?(.*)", re.DOTALL)
_REFERENCE = re.compile(r"(\S+)\s+(\S+)\s+(.*\S)\s*", re.DOTALL)
_OPEN, _CLOSE = "<text>", "</text>"

# tag -> (name, many): of the document, a package, a file …
_DOCUMENT = {
    "SPDXVersion": ("spdxVersion", False), "DataLicense": ("dataLicense", False), "SPDXID": ("SPDXID", False),
    "DocumentName": ("name", False), "DocumentNamespace": ("documentNamespace", False), "DocumentComment": ("comment", False),
}  # fmt: skip
_CREATION = {
    "Creator": ("creators", True), "Created": ("created", False), "CreatorComment": ("comment", False),
    "LicenseListVersion": ("licenseListVersion", False),
}  # fmt: skip
_PACKAGE = {
    "SPDXID": ("SPDXID", False), "PackageVersion": ("versionInfo", False), "PackageFileName": ("packageFileName", False),
    "PackageSupplier": ("supplier", False), "PackageOriginator": ("originator", False),
    "PackageDownloadLocation": ("downloadLocation", False), "PackageHomePage": ("homepage", False),
    "PackageSourceInfo": ("sourceInfo", False), "PackageLicenseConcluded": ("licenseConcluded", False),
    "PackageLicenseInfoFromFiles": ("licenseInfoFromFiles", True), "PackageLicenseDeclared": ("licenseDeclared", False),
    "PackageLicenseComments": ("licenseComments", False), "PackageCopyrightText": ("copyrightText", False),
    "PackageSummary": ("summary", False), "PackageDescription": ("description", False), "PackageComment": ("comment", False),
    "PackageAttributionText": ("attributionTexts", True), "PrimaryPackagePurpose": ("primaryPackagePurpose", False),
    "ReleaseDate": ("releaseDate", False), "BuiltDate": ("builtDate", False), "ValidUntilDate": ("validUntilDate", False),
}  # fmt: skip
_FILE = {
    "SPDXID": ("SPDXID", False), "FileType": ("fileTypes", True), "LicenseConcluded": ("licenseConcluded", False),
    "LicenseInfoInFile": ("licenseInfoInFiles", True), "LicenseComments": ("licenseComments", False),
    "FileCopyrightText": ("copyrightText", False), "FileComment": ("comment", False), "FileNotice": ("noticeText", False),
    "FileContributor": ("fileContributors", True), "FileAttributionText": ("attributionTexts", True),
    "FileDependency": ("fileDependencies", True),
}  # fmt: skip
_SNIPPET = {
    "SnippetFromFileSPDXID": ("snippetFromFile", False), "SnippetLicenseConcluded": ("licenseConcluded", False),
    "LicenseInfoInSnippet": ("licenseInfoInSnippets", True), "SnippetLicenseComments": ("licenseComments", False),
    "SnippetCopyrightText": ("copyrightText", False), "SnippetComment": ("comment", False), "SnippetName": ("name", False),
    "SnippetAttributionText": ("attributionTexts", True),
}  # fmt: skip
_LICENCE = {
    "ExtractedText": ("extractedText", False), "LicenseName": ("name", False), "LicenseCrossReference": ("seeAlsos", True),
    "LicenseComment": ("comment", False),
}  # fmt: skip
_ANNOTATION = {
    "AnnotationDate": ("annotationDate", False), "AnnotationType": ("annotationType", False),
    "AnnotationComment": ("comment", False),
}  # fmt: skip
_REVIEW = {"ReviewDate": ("reviewDate", False), "ReviewComment": ("comment", False)}
_OF = {"package": _PACKAGE, "file": _FILE, "snippet": _SNIPPET, "licence": _LICENCE}
_BEGINS = {
    "PackageName": ("package", "packages", "name"),
    "FileName": ("file", "files", "fileName"),
    "SnippetSPDXID": ("snippet", "snippets", "SPDXID"),
    "LicenseID": ("licence", "hasExtractedLicensingInfos", "licenseId"),
}
_CHECKSUMS = {"PackageChecksum": "package", "FileChecksum": "file"}
_ARTIFACTS = frozenset(["ArtifactOfProjectName", "ArtifactOfProjectHomePage", "ArtifactOfProjectURI"])


@dataclass
class _Tags:
    """The document as it grows. `lines` tells where each part of a list began, by its JSON pointer."""

    document: dict = field(default_factory=lambda: {"creationInfo": {}})
    lines: dict[str, int] = field(default_factory=dict)
    doubts: list[tuple[str, str]] = field(default_factory=list)
    open: dict[str, dict] = field(default_factory=dict)
    last: str = ""  # package, file, snippet or licence, whichever began last
    reference: dict | None = None
    relationship: dict | None = None
    annotation: dict | None = None
    review: dict | None = None
    elements: dict[str, dict] = field(default_factory=dict)

    def append(self, name: str, one: dict, line: int) -> dict:
        """A new part of one of the document's lists."""
        listed = self.document.setdefault(name, [])
        self.lines[f"/{name}/{len(listed)}"] = line
        listed.append(one)
        return one


def parse(text: str) -> tuple[dict, dict[str, int], list[tuple[str, str]]]:
    """The document in the names of JSON, the lines of its parts by JSON pointer, doubts."""
    found = _Tags()
    for line, tag, value in _tags(text):
        _take(found, line, tag, value)
    _place_annotations(found)
    return found.document, found.lines, found.doubts


def _tags(text: str):
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _TAG.fullmatch(line)
        if not match:
            raise refused("sbom.not_a_tag", f"line {number}", f"`{stripped[:60]}` is no tag with a value.")
        tag, value = match[1], match[2].strip()
        if value.startswith(_OPEN):
            value = value[len(_OPEN) :]
            parts, began = [], number
            while _CLOSE not in value:
                parts.append(value)
                number, value = next(lines, (0, None))
                if value is None:
                    raise refused("sbom.text_open", f"line {began}", f"The text of {tag} has no end.")
            parts.append(value.split(_CLOSE, 1)[0])
            yield began, tag, "\n".join(parts)
        else:
            yield number, tag, value


def _take(found: _Tags, line: int, tag: str, value: str) -> None:
    if tag in _BEGINS:
        _begin(found, line, tag, value)
    elif tag in _DOCUMENT and not (tag == "SPDXID" and found.last):
        _set(found.document, _DOCUMENT[tag], value, line, tag)
        if tag == "SPDXID":
            found.elements[value] = found.document
    elif tag in _CREATION:
        _set(found.document["creationInfo"], _CREATION[tag], value, line, tag)
    elif _take_part(found, line, tag, value) or _take_line(found, line, tag, value):
        pass
    elif tag not in _ARTIFACTS:
        found.doubts.append((f"line {line}", f"The tag {tag[:60]} is none of the specification."))


def _begin(found: _Tags, line: int, tag: str, value: str) -> None:
    kind, listed, name = _BEGINS[tag]
    one = found.append(listed, {name: value}, line)
    found.open[kind] = one
    found.last = kind
    if kind == "file" and "package" in found.open and found.open["package"].get("SPDXID"):
        # a file after a package belongs to it (specification 2.3, 8.1)
        found.lines.setdefault("/files", line)
    if kind == "snippet":
        found.elements[value] = one
    found.reference = None


def _take_part(found: _Tags, line: int, tag: str, value: str) -> bool:
    """What a package, file, snippet or licence says of itself."""
    for kind in (found.last, *_OF):
        if kind and tag in _OF[kind]:
            if kind not in found.open:
                raise _early(line, tag, kind)
            one = found.open[kind]
            _set(one, _OF[kind][tag], value, line, tag)
            if tag == "SPDXID":
                found.elements[value] = one
            return True
    if tag in _CHECKSUMS:
        kind = _CHECKSUMS[tag]
        if kind not in found.open:
            raise _early(line, tag, kind)
        found.open[kind].setdefault("checksums", []).append(_checksum(value, line, tag))
        return True
    return False


def _take_line(found: _Tags, line: int, tag: str, value: str) -> bool:
    """Tags with a form of their own."""
    form = _FORMS.get(tag)
    if form is None:
        return False
    form(found, line, tag, value)
    return True


def _external_document(found: _Tags, line: int, tag: str, value: str) -> None:
    parts = value.split()
    if len(parts) < 4 or not parts[2].endswith(":"):
        raise _formed(line, tag, "an id, a namespace, and a checksum such as `SHA1: …`")
    checksum = {"algorithm": parts[2][:-1], "checksumValue": parts[3]}
    one = {"externalDocumentId": parts[0], "spdxDocument": parts[1], "checksum": checksum}
    found.append("externalDocumentRefs", one, line)


def _external_reference(found: _Tags, line: int, tag: str, value: str) -> None:
    parts = _REFERENCE.fullmatch(value)
    if not parts:
        raise _formed(line, tag, "a category, a type and a locator")
    if "package" not in found.open:
        raise _early(line, tag, "package")
    found.reference = {
        "referenceCategory": parts[1], "referenceType": parts[2], "referenceLocator": parts[3],
    }  # fmt: skip
    found.open["package"].setdefault("externalRefs", []).append(found.reference)


def _reference_comment(found: _Tags, line: int, tag: str, value: str) -> None:
    if found.reference is None:
        raise _early(line, tag, "external reference")
    found.reference["comment"] = value


def _files_analyzed(found: _Tags, line: int, tag: str, value: str) -> None:
    if "package" not in found.open:
        raise _early(line, tag, "package")
    if value.lower() not in ("true", "false"):
        raise _formed(line, tag, "true or false")
    found.open["package"]["filesAnalyzed"] = value.lower() == "true"


def _verification_code(found: _Tags, line: int, tag: str, value: str) -> None:
    if "package" not in found.open:
        raise _early(line, tag, "package")
    code, _, excluded = value.partition("(")
    one = {"packageVerificationCodeValue": code.strip()}
    if excluded:
        names = excluded.rstrip(") ").removeprefix("excludes:").split(",")
        one["packageVerificationCodeExcludedFiles"] = [name.strip() for name in names if name.strip()]
    found.open["package"]["packageVerificationCode"] = one


def _relationship(found: _Tags, line: int, tag: str, value: str) -> None:
    parts = value.split()
    if len(parts) != 3:
        raise _formed(line, tag, "an element, a relationship and another element")
    one = {"spdxElementId": parts[0], "relationshipType": parts[1], "relatedSpdxElement": parts[2]}
    found.relationship = found.append("relationships", one, line)


def _relationship_comment(found: _Tags, line: int, tag: str, value: str) -> None:
    if found.relationship is None:
        raise _early(line, tag, "relationship")
    found.relationship["comment"] = value


def _annotator(found: _Tags, line: int, tag: str, value: str) -> None:
    found.annotation = found.append("annotations", {"annotator": value}, line)


def _annotated(found: _Tags, line: int, tag: str, value: str) -> None:
    if found.annotation is None:
        raise _early(line, tag, "annotation")
    if tag == "SPDXREF":
        found.annotation["SPDXREF"] = value
    else:
        _set(found.annotation, _ANNOTATION[tag], value, line, tag)


def _reviewer(found: _Tags, line: int, tag: str, value: str) -> None:
    found.review = found.append("revieweds", {"reviewer": value}, line)


def _reviewed(found: _Tags, line: int, tag: str, value: str) -> None:
    if found.review is None:
        raise _early(line, tag, "review")
    _set(found.review, _REVIEW[tag], value, line, tag)


def _snippet_range(found: _Tags, line: int, tag: str, value: str) -> None:
    if "snippet" not in found.open:
        raise _early(line, tag, "snippet")
    first, _, last = value.partition(":")
    if not (first.strip().isdigit() and last.strip().isdigit()) or len(value) > 40:
        raise _formed(line, tag, "two numbers with a colon between")
    one, name = found.open["snippet"], "offset" if tag == "SnippetByteRange" else "lineNumber"
    ends = [{"reference": one.get("snippetFromFile", ""), name: int(number)} for number in (first, last)]
    one.setdefault("ranges", []).append({"startPointer": ends[0], "endPointer": ends[1]})


_FORMS = {
    "ExternalDocumentRef": _external_document, "ExternalRef": _external_reference, "ExternalRefComment": _reference_comment,
    "FilesAnalyzed": _files_analyzed, "PackageVerificationCode": _verification_code, "Relationship": _relationship,
    "RelationshipComment": _relationship_comment, "Annotator": _annotator, "SPDXREF": _annotated, "Reviewer": _reviewer,
    "SnippetByteRange": _snippet_range, "SnippetLineRange": _snippet_range,
    **dict.fromkeys(_ANNOTATION, _annotated), **dict.fromkeys(_REVIEW, _reviewed),
}  # fmt: skip


def _set(one: dict, into: tuple[str, bool], value: str, line: int, tag: str) -> None:
    name, many = into
    if many:
        one.setdefault(name, []).append(value)
    elif name in one:
        raise refused("sbom.tag_doubled", f"line {line}", f"{tag} is said twice of the same element.")
    else:
        one[name] = value


def _checksum(value: str, line: int, tag: str) -> dict:
    algorithm, colon, digest = value.partition(":")
    if not colon:
        raise _formed(line, tag, "an algorithm, a colon and a digest")
    return {"algorithm": algorithm.strip(), "checksumValue": digest.strip()}


def _place_annotations(found: _Tags) -> None:
    """An annotation stands in the element that it names; the document's own stay where they are."""
    kept = []
    for one in found.document.get("annotations", ()):
        of = found.elements.get(one.pop("SPDXREF", ""), found.document)
        if of is found.document:
            kept.append(one)
        else:
            of.setdefault("annotations", []).append(one)
    if "annotations" in found.document:
        found.document["annotations"] = kept


def _early(line: int, tag: str, kind: str):
    return refused("sbom.tag_misplaced", f"line {line}", f"{tag} speaks of a {kind}, and none has begun.")


def _formed(line: int, tag: str, wanted: str):
    return refused("sbom.tag_malformed", f"line {line}", f"{tag} takes {wanted}.")
