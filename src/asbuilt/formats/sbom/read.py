"""Which format a file is in, by what stands in it, and the reader of that format.

    document = read_sbom(content, limits=Limits())

In this order: size, kind, nesting, the official schema, counts. Nothing of the file is believed before its schema was
checked, and no reader runs on a file that is larger or deeper than the limits.
"""

from collections.abc import Callable

import orjson

from asbuilt.formats.sbom import cyclonedx, schemas
from asbuilt.formats.sbom.identities_doubted import with_identifier_doubts
from asbuilt.formats.sbom.limits import Limits
from asbuilt.formats.sbom.model import SbomDocument
from asbuilt.formats.sbom.refusing import refused, too_large

READER = 1
"""Version of the readers: raised when the same bytes would give other components."""
KINDS = "CycloneDX JSON"
_MARK = b"\xef\xbb\xbf"
FORMAT_REMEDY = f"Give one of: {KINDS}."


def read_sbom(content: bytes, *, limits: Limits | None = None) -> SbomDocument:
    """The document that these bytes hold. Invalid with place and remedy where they hold none."""
    limits = limits or Limits()
    if len(content) > limits.bytes:
        raise too_large("bytes", len(content), limits.bytes)
    text = content.removeprefix(_MARK).lstrip(b" \t\r\n")
    if not text:
        raise refused("sbom.empty", "/", "The file is empty.", FORMAT_REMEDY)
    reader = _json if text[:1] == b"{" else _unknown
    return with_identifier_doubts(reader(text, limits))


def _unknown(text: bytes, limits: Limits) -> SbomDocument:
    raise refused("sbom.format_unknown", "line 1", "This is no SBOM format that is read here.", FORMAT_REMEDY)


def _json(text: bytes, limits: Limits) -> SbomDocument:
    document = load_json(text)
    refuse_deep(document, limits)
    if document.get("bomFormat") == "CycloneDX" or "specVersion" in document:
        return _cyclonedx(document, limits)
    return _unknown(text, limits)


def load_json(text: bytes) -> dict:
    """The JSON object that the text holds; Invalid with line and column where it is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if "recursion" in str(error).lower():
            raise refused("sbom.nested_too_deep", "/", "Nests more than a thousand levels.") from None
        place = f"line {error.lineno}, column {error.colno}"
        raise refused("sbom.not_json", place, f"{error.msg}.") from None


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
                "Write components side by side with dependencies between them.",
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
