"""Texts of a draft that a person edits, each under its place: what products and statuses there are stays as it was drafted.

texts_of(advisory)                     -> [Text("title", "title", "…"), Text("v0.r1", "remedy", "Update to 1.1.0."), …]
with_texts(advisory, {"v0.r1": "…"})   -> the description with these texts, others as they were
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from asbuilt.formats.csaf.advisory import Advisory

PARTS = {"n": "notes", "r": "remedies", "t": "threats"}
WORDS = {"n": "note", "r": "remedy", "t": "threat"}


@dataclass(frozen=True)
class Text:
    """A text: its place in the description, what kind it is, of which vulnerability (empty: of the whole), and the words."""

    place: str
    kind: str
    of: str
    category: str
    words: str


def texts_of(advisory: Advisory) -> list[Text]:
    """Every text, in the order of the document."""
    found = [Text("title", "title", "", "", advisory.title)]
    found += [Text(f"n{at}", "note", "", one.category, one.text) for at, one in enumerate(advisory.notes)]
    for number, flaw in enumerate(advisory.vulnerabilities):
        for letter, name in PARTS.items():
            found += [
                Text(f"v{number}.{letter}{at}", WORDS[letter], flaw.name, one.category, one.text)
                for at, one in enumerate(getattr(flaw, name))
            ]
    return found


def with_texts(advisory: Advisory, said: Mapping[str, str], *, status: str = "", tlp: str = "") -> Advisory:
    """The description with these texts; a place that there is not is left alone."""
    words = {place: text.replace("\r\n", "\n").strip() for place, text in said.items()}
    flaws = []
    for number, flaw in enumerate(advisory.vulnerabilities):
        parts = {}
        for letter, name in PARTS.items():
            parts[name] = tuple(
                replace(one, text=words.get(f"v{number}.{letter}{at}", one.text))
                for at, one in enumerate(getattr(flaw, name))
            )
        flaws.append(replace(flaw, **parts))
    notes = tuple(replace(one, text=words.get(f"n{at}", one.text)) for at, one in enumerate(advisory.notes))
    return replace(
        advisory, title=words.get("title", advisory.title), notes=notes, vulnerabilities=tuple(flaws),
        status=status or advisory.status, tlp=tlp or advisory.tlp,
    )  # fmt: skip
