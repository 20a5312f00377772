"""XML without its dangers: elements, attributes and text, and nothing that reaches outside of the file.

A document type is refused, so no entity is ever declared, expanded or fetched. Limits: nesting, elements, attributes, characters of text.
Names lose their namespace prefix: what a tester calls `tr:Test` is `Test`. Each element knows its line.
"""

from dataclasses import dataclass, field
from xml.parsers import expat

from asbuilt.kernel.errors import Invalid

NESTING_MAX = 60
ELEMENTS_MAX = 200_000
ATTRIBUTES_MAX = 100
TEXT_CHARACTERS_MAX = 1_000_000


class XmlRefused(Invalid):
    """A file that is not XML, or XML that we do not take; `line` is where."""

    def __init__(self, reason: str, line: int):
        super().__init__("results.xml", f"The file {reason}.", {"line": line}, "Look whether the file is whole.")
        self.reason, self.line = reason, line


@dataclass
class Element:
    """An element: its name, line, attributes, text before its first child, children."""

    name: str
    line: int
    attributes: dict[str, str]
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def get(self, name: str) -> str:
        """An attribute without blanks around it, empty where it is not there."""
        return self.attributes.get(name, "").strip()

    def all(self, *names: str) -> list["Element"]:
        """The children of these names."""
        return [child for child in self.children if child.name in names]

    def find(self, *path: str) -> "Element | None":
        """The first child by child along a path."""
        here: Element | None = self
        for name in path:
            here = next((child for child in here.children if child.name == name), None) if here else None
        return here

    def said(self, *path: str) -> str:
        """The text of the element along a path, empty where there is none."""
        found = self.find(*path)
        return " ".join(found.text.split()) if found else ""


class _Builder:
    def __init__(self, parser):
        self.parser, self.open, self.root, self.count, self.characters = parser, [], None, 0, 0
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = self.characters_of, self.doctype

    def refuse(self, reason: str) -> XmlRefused:
        return XmlRefused(reason, self.parser.CurrentLineNumber)

    def doctype(self, *_) -> None:
        raise self.refuse("declares a document type, which we do not read")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > ELEMENTS_MAX or len(self.open) >= NESTING_MAX or len(attributes) > ATTRIBUTES_MAX:
            raise self.refuse(f"has more than {ELEMENTS_MAX:,} elements, or they nest deeper than {NESTING_MAX}")
        plain = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        one = Element(name.rpartition(":")[2], self.parser.CurrentLineNumber, plain)
        if self.open:
            self.open[-1].children.append(one)
        else:
            self.root = one
        self.open.append(one)

    def end(self, name: str) -> None:
        self.open.pop()

    def characters_of(self, text: str) -> None:
        self.characters += len(text)
        if self.characters > TEXT_CHARACTERS_MAX * 20:
            raise self.refuse("holds too much text")
        here = self.open[-1]
        if not here.children and len(here.text) < TEXT_CHARACTERS_MAX:
            here.text += text


def elements_of(payload: bytes) -> Element:
    """The outermost element; XmlRefused where this is not XML, or XML that we do not take."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    builder = _Builder(parser)
    try:
        parser.Parse(payload, True)
    except expat.ExpatError as lack:
        raise XmlRefused(f"is not XML: {expat.ErrorString(lack.code)} on line {lack.lineno}", lack.lineno) from None
    except (LookupError, ValueError, UnicodeError):
        raise XmlRefused("is XML in an encoding that we do not read", 1) from None
    return builder.root
