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
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_XML_COMPONENT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?(?:component|packages|Package)[\s/>]")
_TAGGED_PACKAGE = re.compile(rb"^[ \t]*PackageName[ \t]*:", re.MULTILINE)
_YAML_PACKAGE = re.compile(rb"[\s{,\"']downloadLocation[\"']?\s*:")
_GRAPH = b"@graph"
_LISTS = (b"components", b"packages", _GRAPH)


def refuse_many_json(text: bytes, limits: Limits) -> None:
    """Of JSON: components (CycloneDX), packages (SPDX 2), elements (SPDX 3), and values of any kind."""
    objects = text.count(b"{")
    if objects + text.count(b"[") + text.count(b",") > limits.values:
        _refuse_values(text, limits.values)
    if objects > limits.components:
        _Walk(limits).over(text)


def _refuse_values(text: bytes, most: int) -> None:
    """Each value opens a bracket or follows a comma or a bracket; what stands inside of strings is none. From string to string."""
    values, at = 1, 0
    for string in _STRING.finditer(text):
        begin = string.start()
        values += sum(text.count(mark, at, begin) for mark in (b",", b"[", b"{"))
        at = string.end()
        if values > most:
            break
    else:
        values += sum(text.count(mark, at) for mark in (b",", b"[", b"{"))
    if values > most:
        raise too_large("values or more", values, most)


class _Walk:
    """Counts the objects that stand in lists of components of a JSON text."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.listed = dict.fromkeys(_LISTS, 0)
        self.inside: list[bytes] = []
        """Of each open bracket the name of the list that it is, where that is one whose objects are counted."""

    def over(self, text: bytes) -> None:
        """The whole text, or up to the first component past the limit. What is no JSON is left to who reads it."""
        key = b""
        for token in _TOKEN.finditer(text):
            first = text[token.start()]
            if first == 0x22:  # a string: a key where a colon follows
                key = _name(token[0]) if token.end(1) > 0 else b""
                continue
            self._bracket(first, key)
            key = b""

    def _bracket(self, bracket: int, key: bytes) -> None:
        if bracket in b"}]":
            if self.inside:
                self.inside.pop()
            return
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
