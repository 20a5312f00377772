"""Texts of a draft that a person edits, each under its place: what products and statuses there are stays as it was drafted.

texts_of(advisory)                     -> [Text("title", "title", "…"), Text("v0.r1", "remedy", "Update to 1.1.0."), …]
with_texts(advisory, {"v0.r1": "…"})   -> the description with these texts, others as they were
with_words_of(fresh, last, then)       -> the fresh draft with what people wrote in the last one, which came of `then`
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from asbuilt.formats.csaf.advisory import Advisory, Note, Vulnerability

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


def with_words_of(fresh: Advisory, last: Advisory, then: Advisory) -> Advisory:
    """Title, notes, references, status and label as people made them since the record gave `then`; everything else as the record gives it now."""
    flaws = {one.name: one for one in last.vulnerabilities}
    before = {one.name: one for one in then.vulnerabilities}
    references = [one for one in last.references if one not in then.references and one not in fresh.references]
    return replace(
        fresh, title=_kept(fresh.title, last.title, then.title), notes=_notes(fresh.notes, last.notes, then.notes), status=last.status,
        tlp=last.tlp, references=(*fresh.references, *references),
        vulnerabilities=tuple(_flaw(one, flaws.get(one.name), before.get(one.name)) for one in fresh.vulnerabilities),
    )  # fmt: skip


def _flaw(fresh: Vulnerability, last: Vulnerability | None, then: Vulnerability | None) -> Vulnerability:
    if last is None or then is None:
        return fresh
    words = {
        name: _kept(getattr(fresh, name), getattr(last, name), getattr(then, name))
        for name in ("title", "cwe", "discovered_at", "released_at")
    }
    references = [one for one in last.references if one not in then.references and one not in fresh.references]
    return replace(
        fresh,
        notes=_notes(fresh.notes, last.notes, then.notes),
        references=(*fresh.references, *references),
        **words,
    )


def _notes(fresh: tuple[Note, ...], last: tuple[Note, ...], then: tuple[Note, ...]) -> tuple[Note, ...]:
    """Each as a person wrote it, else as the record gives it; those that a person added behind them."""
    drafted = {(one.category, one.title): one.text for one in then}
    written = {(one.category, one.title): one.text for one in last}
    found = []
    for one in fresh:
        key = (one.category, one.title)
        found.append(replace(one, text=_kept(one.text, written.get(key, drafted.get(key, "")), drafted.get(key, ""))))
    known = {(one.category, one.title) for one in fresh}
    return (*found, *(one for one in last if (one.category, one.title) not in {*known, *drafted}))


def _kept(fresh: str, last: str, then: str) -> str:
    return last if last != then else fresh
