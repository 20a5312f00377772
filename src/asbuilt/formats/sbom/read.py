"""Which format a file is in, by what stands in it, and the reader of that format.

    document = read_sbom(content, limits=Limits())

In this order: size, kind, counts, nesting, the official schema. Nothing of the file is believed before its schema was
checked, and no reader runs on a file that is larger or deeper than the limits.
"""

import json
import re
from collections.abc import Callable
from contextlib import suppress

import orjson

from asbuilt.formats.sbom import (
    counting,
    cyclonedx,
    cyclonedx_xml,
    schemas,
    spdx2,
    spdx3,
    spdx_rdf,
    spdx_tag,
    spdx_tolerance,
    spdx_xml,
    spdx_yaml,
    swid,
    xml,
)
from asbuilt.formats.sbom.identities_doubted import with_identifier_doubts
from asbuilt.formats.sbom.limits import BYTES_MAX, GRAPH_ELEMENTS_EACH, Limits
from asbuilt.formats.sbom.model import SbomDocument
from asbuilt.formats.sbom.refusing import refused, too_large

HEAD_BYTES = 65_536
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_YAML = re.compile(rb"^[\"']?spdxVersion[\"']?\s*:", re.MULTILINE)
_TAGGED = re.compile(rb"^\s*SPDXVersion\s*:", re.MULTILINE)
READER = 4
"""Version of the readers: raised when the same bytes would give other components."""
KINDS = "CycloneDX JSON or XML, SPDX JSON, tag-value, YAML, XML or RDF/XML, SWID"
_MARK = b"\xef\xbb\xbf"
SIDE_BY_SIDE = "Write components side by side with dependencies between them."
FORMAT_REMEDY = f"Give one of: {KINDS}."


def read_sbom(content: bytes, *, limits: Limits | None = None) -> SbomDocument:
    """The document that these bytes hold. Invalid with place and remedy where they hold none."""
    limits = limits or Limits()
    refuse_large(len(content), limits.bytes)
    text = content.removeprefix(_MARK).lstrip(b" \t\r\n")
    if not text:
        raise refused("sbom.empty", "/", "The file is empty.", FORMAT_REMEDY)
    return with_identifier_doubts(_reader_of(text)(text, limits), limits)


def refuse_large(size: int, most: int = BYTES_MAX) -> None:
    """Invalid where a file of this many bytes is not even opened."""
    if size > most:
        raise too_large("bytes", size, most)


def _reader_of(text: bytes) -> "Reader":
    if text[:1] == b"{":
        return _json
    if text[:1] == b"<" or text[:2] in _UTF16:
        return _xml
    if _TAGGED.search(text[:HEAD_BYTES]):
        return _tag_value
    if _YAML.search(text):
        return _yaml
    return _unknown


def _unknown(text: bytes, limits: Limits) -> SbomDocument:
    raise refused("sbom.format_unknown", "line 1", "This is no SBOM format that is read here.", FORMAT_REMEDY)


def _json(text: bytes, limits: Limits) -> SbomDocument:
    counting.refuse_many_json(text, limits)
    document = load_json(text)
    refuse_deep(document, limits)
    if document.get("bomFormat") == "CycloneDX" or "specVersion" in document:
        return _cyclonedx(document, limits)
    if str(document.get("spdxVersion", "")).startswith("SPDX-2."):
        return _spdx2(document, "json", limits)
    if "@graph" in document or "@context" in document:
        return _spdx3(document, limits)
    return _unknown(text, limits)


def _tag_value(text: bytes, limits: Limits) -> SbomDocument:
    counting.refuse_many_lines(text, limits)
    document, lines, doubts = spdx_tag.parse(_utf8(text))
    return _spdx2(document, "tag-value", limits, lines, doubts)


def _yaml(text: bytes, limits: Limits) -> SbomDocument:
    counting.refuse_many_yaml(text, limits)
    document, lines = spdx_yaml.parse(_utf8(text), limits)
    return _spdx2(document, "yaml", limits, lines)


def _xml(text: bytes, limits: Limits) -> SbomDocument:
    root = xml.parse(text, limits)
    version = cyclonedx_xml.version_of(root)
    if version is not None:
        if version not in schemas.CYCLONEDX_JSON:
            remedy = f"Read are CycloneDX XML {', '.join(schemas.CYCLONEDX_JSON)}."
            raise refused("sbom.version_unknown", "/bom", f"CycloneDX {version[:20]} is not read.", remedy)
        _refuse_many(root.findall("{*}components/{*}component"), limits.components, "components", "/bom/components")
        xml.check(xml.schema(version), root)
        return cyclonedx.Reader(cyclonedx_xml.as_json(root), "xml", limits).read()
    if swid.is_swid(root):
        return swid.read(root, limits)
    if spdx_xml.is_spdx(root):
        document, lines = spdx_xml.parse(root)
        return _spdx2(document, "xml", limits, lines)
    if spdx_rdf.is_rdf(root):
        document, lines = spdx_rdf.parse(root)
        spdx_tolerance.spell(document, str(document.get("spdxVersion", "")).removeprefix("SPDX-"))
        return _spdx2(document, "rdf", limits, lines)
    return _unknown(text, limits)


def _spdx2(
    document: dict, serialisation: str, limits: Limits, lines: dict[str, int] | None = None, doubts: list | None = None
) -> SbomDocument:
    """A document in the names of SPDX 2's JSON, whichever way it was written."""
    version = str(document.get("spdxVersion", "")).removeprefix("SPDX-")
    if version not in ("2.2", "2.3"):
        raise refused(
            "sbom.version_unknown",
            "/spdxVersion",
            f"SPDX {version[:20]} is not read.",
            "Read are SPDX 2.2, 2.3 and 3.0.1.",
        )
    _refuse_many(document.get("packages"), limits.components, "components", "/packages")
    found = doubts or []
    spdx_tolerance.check(document, version, lines, found)
    reader = spdx2.Reader(document, serialisation, limits)
    reader.doubts += found
    return reader.read()


def _spdx3(document: dict, limits: Limits) -> SbomDocument:
    doubts: list[tuple[str, str]] = []
    checked = spdx3.with_plain_context(document, doubts)
    _refuse_many(document.get("@graph"), GRAPH_ELEMENTS_EACH * limits.components, "elements", "/@graph")
    schemas.check(schemas.spdx("3.0.1"), checked)
    reader = spdx3.Reader(document, limits)
    reader.doubts += doubts
    return reader.read()


def _utf8(text: bytes) -> str:
    try:
        found = text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise refused("sbom.not_utf8", f"line {line}", "Has bytes that are no UTF-8.") from None
    if "\0" in found:
        line = found.count("\n", 0, found.index("\0")) + 1
        raise refused("sbom.not_utf8", f"line {line}", "Has a NUL byte.")
    return found


def load_json(text: bytes) -> dict:
    """The JSON object that the text holds; Invalid with line and column where it is none."""
    if b"\\u0000" in text:  # PostgreSQL takes no NUL; the bytes keep it
        text = _NUL.sub(rb"\1\\ufffd", text)
    try:
        found = orjson.loads(text)
        _refuse_doubled(text)
        return found
    except orjson.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        # the parser's own words; by release it counts levels, or says that it recursed too often
        if "depth limit" in error.msg.lower() or "recursion" in error.msg.lower():
            raise refused("sbom.nested_too_deep", place, "Nests more than a thousand levels.", SIDE_BY_SIDE) from None
        raise refused("sbom.not_json", place, f"{error.msg}.") from None


def _refuse_doubled(text: bytes) -> None:
    """Invalid where an object has a key twice: one reader takes the first, another the last, and neither shows what the other saw."""

    def once(pairs: list) -> None:
        names = [name for name, _ in pairs]
        if len(set(names)) != len(names):
            name = next(one for at, one in enumerate(names) if one in names[:at])
            raise refused("sbom.doubled_key", f"/{name[:60]}", "An object has this key twice.", "Write each key once.")

    # nothing of it is kept: the hook gives nothing back; what nests too deep for it is refused after this
    with suppress(RecursionError, ValueError):
        json.loads(text, object_pairs_hook=once)


def refuse_deep(document, limits: Limits) -> None:
    """Invalid where lists and objects nest deeper than the limit."""
    level, depth = [document], 0
    while level:
        depth += 1
        if depth > limits.nesting:
            raise refused(
                "sbom.nested_too_deep",
                "/",
                f"Nests more than {limits.nesting:,} levels.",
                SIDE_BY_SIDE,
            )
        below = []
        for one in level:
            for each in one.values() if type(one) is dict else one:
                kind = type(each)
                if (kind is dict or kind is list) and each:
                    below.append(each)
        level = below


def _cyclonedx(document: dict, limits: Limits) -> SbomDocument:
    version = document.get("specVersion")
    if version not in schemas.CYCLONEDX_JSON:
        raise refused(
            "sbom.version_unknown",
            "/specVersion",
            f"CycloneDX {str(version)[:20]} is not read.",
            f"Read are CycloneDX JSON {', '.join(schemas.CYCLONEDX_JSON)}.",
        )
    _refuse_many(document.get("components"), limits.components, "components", "/components")
    schemas.check(schemas.cyclonedx(version), document)
    return cyclonedx.Reader(document, "json", limits).read()


def _refuse_many(listed, most: int, what: str, place: str) -> None:
    if isinstance(listed, list) and len(listed) > most:
        raise too_large(what, len(listed), most, place)


Reader = Callable[[bytes, Limits], SbomDocument]
