"""XML of SBOMs through lxml: no document type, so no entities; no network; checked by XSD where there is one.

A document type can stand only before the root, so the prolog is looked at before anything is parsed. Encodings are those in
which that look cannot be deceived.
"""

import re
from functools import cache

from lxml import etree

from asbuilt.formats.sbom.counting import refuse_many_xml
from asbuilt.formats.sbom.limits import Limits
from asbuilt.formats.sbom.refusing import Wrongs, refused
from asbuilt.formats.sbom.schemas import cyclonedx_folder

_DECLARATION = re.compile(rb"<\?xml\s[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"'][^>]*?\?>", re.DOTALL)
_BEFORE_ROOT = re.compile(rb"\s+|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_ENCODINGS = frozenset(["utf-8", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252"])
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def parse(text: bytes, limits: Limits) -> etree._Element:
    """The root element. Invalid with the line where the text is no XML, has a document type, or nests too deep."""
    if text.startswith(_UTF16):
        try:
            text = re.sub(r"encoding\s*=\s*[\"'][^\"']*[\"']", "", text.decode("utf-16"), count=1).encode()
        except UnicodeDecodeError:
            raise refused("sbom.not_xml", "line 1", "Is no UTF-16.") from None
    declared = _DECLARATION.match(text)
    if declared and declared[1].decode().lower() not in _ENCODINGS:
        raise refused(
            "sbom.not_xml", "line 1", f"The encoding {declared[1].decode()} is not read.", "Write it in UTF-8."
        )
    _refuse_document_type(text)
    refuse_many_xml(text, limits)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise refused("sbom.not_xml", f"line {line}", f"{_plain(error.msg)}.") from None
    except ValueError:
        raise refused("sbom.not_xml", "line 1", "Is no XML.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _document_type()
    _refuse_deep(root, limits)
    return root


def _refuse_document_type(text: bytes) -> None:
    at = 0
    while found := _BEFORE_ROOT.match(text, at):
        at = found.end()
    if text[at : at + 9].upper() == b"<!DOCTYPE":
        raise _document_type()


def _document_type():
    return refused(
        "sbom.document_type", "line 1", "Has a document type; entities are never expanded here.", "Write it without."
    )


def _refuse_deep(root, limits: Limits) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > limits.nesting:
            raise refused(
                "sbom.nested_too_deep",
                "/",
                f"Nests more than {limits.nesting:,} levels.",
                "Write components side by side.",
            )


def _plain(message: str | None) -> str:
    return (message or "Is no XML").split(", line ")[0].rstrip(".")


@cache
def schema(version: str) -> etree.XMLSchema:
    """The XSD of a CycloneDX version."""
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    return etree.XMLSchema(etree.parse(str(cyclonedx_folder() / f"bom-{version}.SNAPSHOT.xsd"), parser))


def check(found: etree.XMLSchema, root) -> None:
    """Invalid with line and XPath of each place where the document breaks its schema."""
    if found.validate(root):
        return
    wrongs = Wrongs()
    for error in found.error_log:
        wrongs.add(error.path or "/", error.message.replace(f"{{{etree.QName(root).namespace}}}", ""), line=error.line)
    if not wrongs.total:
        wrongs.add("/", "does not fit the schema")
    wrongs.raise_if_any()
