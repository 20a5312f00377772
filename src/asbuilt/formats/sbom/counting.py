"""How much a file would be once it is read, seen in its bytes before anything is built out of them.

    refuse_many_json(text, limits)   -> None, or Invalid (`sbom.too_large`) with what there is too much of

A million components fit into 30 MB of text and stand in memory as 600 MB of objects. So whatever could break a limit is walked once as
bytes, token by token, and refused at the first component or value past it. Most files cannot by the mere number of their brackets and
commas, which is counted in a millisecond; they are not walked. The limits count what stands anywhere in the document: components inside
components, those of tools and pedigrees too.
"""

import json
import re

from asbuilt.formats.sbom.limits import GRAPH_ELEMENTS_EACH, Limits
from asbuilt.formats.sbom.refusing import too_large

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}\[\]]', re.DOTALL)
_XML_COMPONENT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(?:component|packages|Package)[\s/>]")
_TAGGED_PACKAGE = re.compile(rb"^[ \t]*PackageName[ \t]*:", re.MULTILINE)
_YAML_PACKAGE = re.compile(rb"[\s{,\"']downloadLocation[\"']?\s*:")
_GRAPH = b"@graph"
_LISTS = (b"components", b"packages", _GRAPH)


def refuse_many_json(text: bytes, limits: Limits) -> None:
    """Of JSON: components (CycloneDX), packages (SPDX 2), elements (SPDX 3), and values of any kind."""
    objects = text.count(b"{")
    if objects <= limits.components and objects + text.count(b"[") + text.count(b",") <= limits.values:
        return
    _Walk(limits).over(text)


class _Walk:
    """Counts the values of a JSON text, and the objects that stand in lists of components."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.values = 1
        self.listed = dict.fromkeys(_LISTS, 0)
        self.inside: list[bytes] = []
        """Of each open bracket the name of the list that it is, where that is one whose objects are counted."""

    def over(self, text: bytes) -> None:
        """The whole text, or up to the first value past a limit. What is no JSON is left to who reads it."""
        key, at = b"", 0
        for token in _TOKEN.finditer(text):
            begin, first = token.start(), text[token.start()]
            self.values += text.count(b",", at, begin)
            at = token.end()
            if first == 0x22:  # a string: a key where a colon follows
                key = _name(text[begin:at]) if token.end(1) > 0 else b""
                continue
            self._bracket(first, key)
            key = b""
            if self.values > self.limits.values:
                break
        self.values += text.count(b",", at) if self.values <= self.limits.values else 0
        if self.values > self.limits.values:
            raise too_large("values or more", self.values, self.limits.values)

    def _bracket(self, bracket: int, key: bytes) -> None:
        if bracket in b"}]":
            if self.inside:
                self.inside.pop()
            return
        self.values += 1
        if bracket == 0x7B and self.inside and (name := self.inside[-1]):
            self.listed[name] += 1
            most = self.limits.components * (GRAPH_ELEMENTS_EACH if name == _GRAPH else 1)
            if self.listed[name] > most:
                what = "elements or more" if name == _GRAPH else "components or more"
                raise too_large(what, self.listed[name], most, f"/{name.decode()}")
        self.inside.append(key if bracket == 0x5B and key in _LISTS else b"")


def _name(token: bytes) -> bytes:
    """The name of a key as it is meant: a letter of it may be written as an escape."""
    bare = token.rstrip(b": \t\r\n")
    if b"\\" not in bare or len(bare) > 100:
        return bare[1:-1]
    try:
        return json.loads(bare).encode("utf-8", "replace")
    except ValueError:
        return b""


def refuse_many_xml(text: bytes, limits: Limits) -> None:
    """Of XML: components and packages, and elements of any kind. The text is in an encoding whose letters are those of ASCII."""
    elements = text.count(b"<") - text.count(b"</")
    if elements > limits.components:
        _refuse_matches(_XML_COMPONENT, text, limits, "/")
    most = limits.components * GRAPH_ELEMENTS_EACH
    if elements > most:
        raise too_large("elements or more", elements, most)


def refuse_many_lines(text: bytes, limits: Limits) -> None:
    """Of tag-value: packages and lines."""
    _refuse_matches(_TAGGED_PACKAGE, text, limits, "PackageName")
    lines = text.count(b"\n")
    if lines > limits.values:
        raise too_large("lines", lines, limits.values)


def refuse_many_yaml(text: bytes, limits: Limits) -> None:
    """Of YAML: packages. Its values are counted while they are read, one after the other."""
    _refuse_matches(_YAML_PACKAGE, text, limits, "packages")


def _refuse_matches(pattern: re.Pattern, text: bytes, limits: Limits, place: str) -> None:
    for count, _ in enumerate(pattern.finditer(text), 1):
        if count > limits.components:
            raise too_large("components or more", count, limits.components, place)
