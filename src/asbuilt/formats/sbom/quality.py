"""How much of what a profile asks for an SBOM says, field by field.

    evaluate(document, "bsi-tr-03183-2-2.1.0")   ->  Evaluation: for each field met, partly or not met, how many components, which, what to do

A profile is a dated file in `profiles/` with its source: which fields, of the document or of each component, how much they are
needed, and which check of this module looks for them. There is no verdict over all fields: a file shows what is written in it,
neither that it is true nor that nothing is missing. Vulnerabilities inside the file are flagged under every profile.

    required          the profile asks for it
    where it exists   asked for where there is such a thing; the file cannot tell whether there is
    useful, optional  not asked for

A field that a profile asks of files only is not asked of hardware; where a document is hardware alone it is `not asked`.

What stands as NOASSERTION, NONE or unknown is not said. Components are all of the file, and its subject where it names one.
"""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from asbuilt.formats.nearest import did_you_mean
from asbuilt.formats.sbom.model import SbomComponent, SbomDocument
from asbuilt.kernel.errors import NotFound

MET, PARTLY, NOT_MET, NOT_ASKED = "met", "partly", "not met", "not asked"
DOCUMENT, COMPONENT = "document", "component"
WHICH_MAX = 50
_FOLDER = Path(__file__).with_name("profiles")
_NOT_SAID = {"", "noassertion", "none", "unknown", "n/a", "-"}
_VERSIONED = re.compile(r"[\s@:/_-]v?\d")


@dataclass(frozen=True)
class FieldResult:
    """One field: how far it is met. Of components `met`, `partly` and `of` count them and `which` names up to 50 that lack it;
    of the document they are 0 or 1."""

    key: str
    name: str
    about: str
    need: str
    state: str
    met: int
    partly: int
    of: int
    which: tuple[str, ...]
    which_more: int
    remedy: str


@dataclass(frozen=True)
class Evaluation:
    """What a document says of a profile's fields. `flags` are warnings whatever the profile: (kind, count)."""

    profile: str
    name: str
    published_on: str
    source: str
    url: str
    note: str
    components: int
    fields: tuple[FieldResult, ...]
    flags: tuple[tuple[str, int], ...]

    def counts(self) -> dict[str, dict[str, int]]:
        """Need -> state -> how many fields. There is no sum over needs."""
        found: dict[str, dict[str, int]] = {}
        for one in self.fields:
            of_need = found.setdefault(one.need, dict.fromkeys((MET, PARTLY, NOT_MET, NOT_ASKED), 0))
            of_need[one.state] += 1
        return found

    def gaps(self) -> tuple[FieldResult, ...]:
        """The required fields that are not wholly met."""
        return tuple(one for one in self.fields if one.need == "required" and one.state in (PARTLY, NOT_MET))

    def as_dict(self) -> dict:
        """For programs."""
        said = asdict(self)
        said["flags"] = [{"kind": kind, "count": count} for kind, count in self.flags]
        return {**said, "counts": self.counts()}


# ---- the dated files


@cache
def profiles() -> dict[str, dict]:
    """Id -> profile as its file has it."""
    read = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(_FOLDER.glob("*.json"))]
    return {one["profile"]: one for one in read}


def profile_named(name: str) -> dict:
    """The profile with this id, or the only one that begins so; NotFound with those there are."""
    asked = name.strip().lower()
    known = profiles()
    if asked in known:
        return known[asked]
    fits = [one for one in known if asked and one.startswith(asked)]
    if len(fits) == 1:
        return known[fits[0]]
    listed = ", ".join(known)
    near = did_you_mean(asked, list(known))
    remedy = f"{near} Profiles: {listed}.".strip()
    raise NotFound("sbom.profile_unknown", f"There is no profile {name[:80]}.", {"profile": name[:80]}, remedy)


# ---- judging


class _Read:
    """A document with what the checks ask for again and again."""

    def __init__(self, document: SbomDocument):
        self.document = document
        subject = (document.subject,) if document.subject else ()
        mine = {one.ref for one in subject}
        self.components = (*subject, *(one for one in document.components if one.ref not in mine))
        self.depends = dict(document.dependencies)
        self.linked = set(self.depends) | {target for targets in self.depends.values() for target in targets}
        self.parents = {one.parent for one in document.components if one.parent}
        self.completeness = {ref for ref, said in document.completeness if _said(said)}

    def has_place(self, one: SbomComponent) -> bool:
        """Whether the file says what it depends on, is in, or contains."""
        return one.ref in self.linked or bool(one.parent) or one.ref in self.parents


def evaluate(document: SbomDocument, profile: str) -> Evaluation:
    """Each field of the profile against the document; NotFound for a profile that there is not."""
    said = profile_named(profile)
    read = _Read(document)
    fields = tuple(_judged(read, field) for field in said["fields"])
    flags = (("vulnerabilities", document.vulnerabilities),) if document.vulnerabilities else ()
    return Evaluation(
        said["profile"], said["name"], said["published_on"], said["source"], said["url"], said["note"],
        len(read.components), fields, flags,
    )  # fmt: skip


def _judged(read: _Read, field: dict) -> FieldResult:
    told = (field["key"], field["name"], field["of"], field["need"])
    asked = field.get("with", {})
    if field["of"] == DOCUMENT:
        state = _DOCUMENT_CHECKS[field["check"]](read, asked)
        return FieldResult(*told, state, int(state == MET), int(state == PARTLY), 1, (), 0, field["remedy"])
    check = _COMPONENT_CHECKS[field["check"]]
    kinds = field.get("not_for", ())
    states = [(one, check(read, one, asked)) for one in read.components if one.kind not in kinds]
    met = sum(state == MET for _, state in states)
    partly = sum(state == PARTLY for _, state in states)
    lacking = [_called(one) for one, state in states if state != MET]
    whole = MET if states and met == len(states) else PARTLY if met or partly else NOT_MET
    if not states and read.components:
        whole = NOT_ASKED
    which, more = tuple(lacking[:WHICH_MAX]), max(0, len(lacking) - WHICH_MAX)
    return FieldResult(*told, whole, met, partly, len(states), which, more, field["remedy"])


def _called(one: SbomComponent) -> str:
    named = " ".join(part for part in (one.group, one.name, one.version) if part)
    return (named or one.ref)[:200]


def _said(text: str) -> bool:
    return text.strip().lower() not in _NOT_SAID


def _any_said(texts) -> bool:
    return any(_said(text) for text in texts)


def _yes(holds: object) -> str:
    return MET if holds else NOT_MET


# ---- checks of the document: (what was read, what the profile asks) -> state


def _format(read: _Read, asked: dict) -> str:
    document = read.document
    least = asked.get(document.format)
    if least is None:
        return NOT_MET
    written_so = document.serialisation in asked.get("serialisations", (document.serialisation,))
    new = _numbers(document.spec_version) >= _numbers(least)
    return MET if new and written_so else NOT_MET


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _author(read: _Read, _asked: dict) -> str:
    return _yes(_any_said((*read.document.authors, *read.document.contacts)))


def _author_contact(read: _Read, asked: dict) -> str:
    if any(_is_contact(text) for text in (*read.document.contacts, *read.document.authors)):
        return MET
    return PARTLY if _author(read, asked) == MET else NOT_MET


def _is_contact(text: str) -> bool:
    return _said(text) and (re.search(r"[^\s@]+@[^\s@]+\.[^\s@]+", text) is not None or "://" in text)


def _tool_version(read: _Read, _asked: dict) -> str:
    tools = [tool for tool in read.document.tools if _said(tool)]
    versioned = [tool for tool in tools if _VERSIONED.search(tool)]
    if tools and len(versioned) == len(tools):
        return MET
    return PARTLY if versioned else NOT_MET


def _subject(read: _Read, _asked: dict) -> str:
    subject = read.document.subject
    if subject is None or not _said(subject.name):
        return NOT_MET
    return MET if _said(subject.version) else PARTLY


def _top_level(read: _Read, _asked: dict) -> str:
    subject = read.document.subject
    if subject is not None:
        contained = any(one.parent == subject.ref for one in read.document.components)
        if read.depends.get(subject.ref) or contained:
            return MET
    return PARTLY if read.document.components else NOT_MET


_DOCUMENT_CHECKS: dict[str, Callable[[_Read, dict], str]] = {
    "format": _format,
    "format_version": lambda read, _: _yes(_said(read.document.spec_version)),
    "no_vulnerabilities": lambda read, _: _yes(not read.document.vulnerabilities),
    "author": _author,
    "author_contact": _author_contact,
    "signed": lambda read, _: _yes(read.document.signed),
    "created_at": lambda read, _: _yes(read.document.created_at is not None),
    "identity": lambda read, _: _yes(_said(read.document.identity)),
    "document_version": lambda read, _: _yes(_said(read.document.document_version)),
    "lifecycle": lambda read, _: _yes(_said(read.document.lifecycle)),
    "tool": lambda read, _: _yes(_any_said(read.document.tools)),
    "tool_version": _tool_version,
    "subject": _subject,
    "top_level": _top_level,
}


# ---- checks of a component: (what was read, the component, what the profile asks) -> state


def _maker_contact(_read: _Read, one: SbomComponent, _asked: dict) -> str:
    if any(_is_contact(text) for text in (*one.contacts, one.maker)):
        return MET
    return PARTLY if _any_said((one.maker, one.supplier)) else NOT_MET


def _identifier(_read: _Read, one: SbomComponent, asked: dict) -> str:
    kinds = asked.get("kinds") or ()
    known = (("purl", one.purl), ("cpe", one.cpe), ("swid", one.swid), *one.more_identifiers)
    return _yes(any(_said(value) and (not kinds or kind in kinds) for kind, value in known))


def _hash(read: _Read, one: SbomComponent, asked: dict) -> str:
    wanted = asked.get("algorithms") or ()
    own = any(not wanted or algorithm in wanted for algorithm, _ in one.hashes)
    if not asked.get("deployable") or read.document.format != "cyclonedx":
        return _yes(own)
    given_out = [hashes for kind, _, hashes in one.references if kind == "distribution"]
    if any(algorithm in wanted for hashes in given_out for algorithm, _ in hashes):
        return MET
    # a hash of the component alone does not say that it is of the file that is delivered
    return PARTLY if own else NOT_MET


def _licence_concluded(_read: _Read, one: SbomComponent, _asked: dict) -> str:
    if _any_said(one.concluded):
        return MET
    return PARTLY if _any_said(one.licences) else NOT_MET


def _licence_declared(_read: _Read, one: SbomComponent, _asked: dict) -> str:
    if _any_said(one.declared):
        return MET
    unsaid = set(one.licences) - set(one.concluded)
    return PARTLY if _any_said(unsaid) else NOT_MET


def _dependencies_with_completeness(read: _Read, one: SbomComponent, _asked: dict) -> str:
    if not read.has_place(one):
        return PARTLY if one.ref in read.completeness else NOT_MET
    return MET if one.ref in read.completeness else PARTLY


def _reference(_read: _Read, one: SbomComponent, asked: dict) -> str:
    return _yes(any(kind in asked["kinds"] and _said(url) for kind, url, _ in one.references))


def _reference_hash(_read: _Read, one: SbomComponent, asked: dict) -> str:
    return _yes(any(kind in asked["kinds"] and hashes for kind, _, hashes in one.references))


def _property(_read: _Read, one: SbomComponent, asked: dict) -> str:
    return _yes(any(name in asked["names"] and _said(value) for name, value in one.properties))


_COMPONENT_CHECKS: dict[str, Callable[[_Read, SbomComponent, dict], str]] = {
    "name": lambda _, one, __: _yes(_said(one.name)),
    "version": lambda _, one, __: _yes(_said(one.version)),
    "producer": lambda _, one, __: _yes(_any_said((one.maker, one.supplier))),
    "maker_contact": _maker_contact,
    "identifier": _identifier,
    "hash": _hash,
    "licence": lambda _, one, __: _yes(_any_said((*one.licences, *one.concluded, *one.declared))),
    "licence_concluded": _licence_concluded,
    "licence_declared": _licence_declared,
    "dependencies": lambda read, one, _: _yes(read.has_place(one)),
    "dependencies_with_completeness": _dependencies_with_completeness,
    "file_name": lambda _, one, __: _yes(_said(one.file_name)),
    "executable": lambda _, one, __: _yes(one.executable in ("executable", "non-executable")),
    "archive": lambda _, one, __: _yes(one.archive in ("archive", "no archive")),
    "structured": lambda _, one, __: _yes(one.structured in ("structured", "unstructured")),
    "reference": _reference,
    "reference_hash": _reference_hash,
    "property": _property,
}
