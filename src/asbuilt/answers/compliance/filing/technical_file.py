"""The technical file of a product, put together from the record at a moment: point by point what there is, and what is missing.

    technical_file(actor, "EG-200")   -> TechnicalFile            told(file)   -> dict for JSON

A point is `missing` where no source shows anything, has `gaps` where one says so, `not_applicable` where somebody said why, `nothing` where the matter
comes up in some cases alone (a request of an authority, a case) and none is recorded, else `evidence`. The last word means that the record shows something and no source knows of a gap; whether it is enough is for people to say. Reads; stores nothing.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import FILING_READ
from asbuilt.answers.compliance.filing import (  # noqa: F401 - they register their sources
    declarations,
    from_design,
    from_exceptions,
    from_floor,
    from_judgement,
    from_security,
    information,
    requests,
)
from asbuilt.answers.compliance.filing.file_rules import Asked, rules_on
from asbuilt.answers.compliance.filing.lines import REVISION, Line
from asbuilt.answers.compliance.filing.parts import (
    NOT_APPLICABLE,
    SOURCES,
    WITHDRAWN,
    Asking,
    Document,
    Part,
    Table,
    day_of,
    named,
    number,
    source,
)
from asbuilt.answers.compliance.filing.stating import no_party, product_of
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, sequencing
from asbuilt.storage import reading

MISSING, GAPS, NOTHING, EVIDENCE = "missing", "gaps", "nothing", "evidence"
ROWS_SHOWN = 20
STATED, REVISIONS = "stated", "revisions"


@dataclass(frozen=True)
class Filed:
    """A point with its parts and state."""

    asked: Asked
    state: str
    parts: tuple[Part, ...]

    @property
    def gaps(self) -> list[str]:
        """Everything that is not known of it."""
        if self.state == NOT_APPLICABLE:
            return []
        found = [gap for part in self.parts for gap in part.gaps]
        return found if found or self.state != MISSING else [_("Nothing is on file.")]


@dataclass(frozen=True)
class TechnicalFile:
    """A technical file as read at a moment, under a head of the log."""

    asking: Asking
    filed: tuple[Filed, ...]
    checkpoint: dict
    beside: tuple[Asked, ...] = ()
    """The points that are no part of it, where it was asked for in part."""

    @property
    def product(self) -> str:
        """The product's code."""
        return self.asking.product

    def only(self, points: Collection[str]) -> "TechnicalFile":
        """These points of it alone; the others are named."""
        mine = tuple(one for one in self.filed if one.asked.key in points)
        return replace(self, filed=mine, beside=tuple(one.asked for one in self.filed if one.asked.key not in points))

    def states(self, points: Iterable[str]) -> list[str]:
        """The states of these points."""
        wanted = set(points)
        return [one.state for one in self.filed if one.asked.key in wanted]


def technical_file(actor: Actor, product: str) -> TechnicalFile:
    """The file as the record shows it now. NotFound: no such product, or the reader is a party's person."""
    no_party(actor, product)
    actor.require(FILING_READ)
    with reading.snapshot():
        now = clock.now()
        asking = Asking(actor.tenant, product_of(actor.tenant, product), now, rules_on(format_instant(now)[:10]))
        _origin, size, root, _note = sequencing.head(actor.tenant)
        filed = tuple(_filed(asking, one) for one in asking.rules.points)
        return TechnicalFile(asking, filed, {"size": size, "root": bytes(root).hex()})


def _filed(asking: Asking, asked: Asked) -> Filed:
    said = [line for line in asking.stated.get(asked.key, ()) if line.said["state"] != WITHDRAWN]
    out = [line for line in said if line.said["state"] == NOT_APPLICABLE]
    if out:
        part = Part(STATED, (_("Does not apply: %(why)s") % {"why": out[-1].why},))
        return Filed(asked, NOT_APPLICABLE, (part,))
    parts = [_stated(asking, said)] if said else []
    parts += [part for one in SOURCES.get(asked.key, ()) if (part := one(asking)).shows or part.gaps or part.silent]
    shows = any(part.shows for part in parts)
    gaps, silent = any(part.gaps for part in parts), any(part.silent for part in parts)
    state = GAPS if shows and gaps else EVIDENCE if shows else NOTHING if silent and not gaps else MISSING
    return Filed(asked, state, tuple(parts))


def _stated(asking: Asking, said: list[Line]) -> Part:
    """What people stated, each with day and badge."""
    people = People(asking.tenant, 0).codes(line.person for line in said if line.person)
    words, documents = [], []
    for line in said:
        by = " ".join(part for part in (day_of(line.happened_at), people.get(line.person) or "") if part)
        if line.said.get("words"):
            words.append(f"{line.said['words']} ({by})")
        if line.said.get("sha256"):
            known = _("known from %(day)s") % {"day": day_of(line.at)} if line.at else ""
            documents.append(Document(line.said["file"], line.said["sha256"], ", ".join(part for part in (by, known) if part)))  # fmt: skip
    return Part(STATED, tuple(words), (), tuple(documents))


@source(REVISIONS)
def kept_revisions(asking: Asking) -> Part:
    """When the file was kept, and whether it was before the newest change of the product's software."""
    found = revisions_told(asking.lines, asking.tenant)
    rows = [(one["revision"], one["at"][:10], one["by"] or "–", one["why"], one["sha256"]) for one in found]
    columns = (_("revision"), _("kept"), _("by"), _("why"), "SHA-256")
    gaps = () if rows else (_("No revision of this file was kept."),)
    return Part(STATED, (), (Table(_("Revisions"), columns, len(rows), lambda: rows),) if rows else (), (), gaps)


def completeness(file: TechnicalFile) -> dict[str, int]:
    """How many points stand how."""
    return {state: sum(1 for one in file.filed if one.state == state) for state in (MISSING, GAPS, NOTHING, EVIDENCE, NOT_APPLICABLE)}  # fmt: skip


def in_words(file: TechnicalFile) -> str:
    """How complete the file is, as a sentence; it says how much there is, never that it is enough."""
    counts = {name: number(count) for name, count in completeness(file).items()}
    return _("Of %(total)s points %(missing)s are missing, %(gaps)s have gaps, %(evidence)s have evidence without a known gap, of %(nothing)s nothing is recorded that would ask for any, %(not_applicable)s do not apply.") % {"total": number(len(file.filed)), **counts}  # fmt: skip


def told(file: TechnicalFile, rows: int | None = ROWS_SHOWN) -> dict:
    """The file as JSON, gaps first; `rows` of each table (None: all)."""
    asking = file.asking
    points = [_point_told(one, rows) for one in file.filed]
    whole, held = not file.beside, {one.asked.key for one in file.filed}
    order = {MISSING: 0, GAPS: 1, NOTHING: 2, EVIDENCE: 3, NOT_APPLICABLE: 4}
    return {
        "product": file.product, "made_at": format_instant(asking.now), "rule_set": asking.rules.rule_set, "read_on": asking.rules.read_on,
        "source": asking.rules.source, "checkpoint": file.checkpoint, "words": in_words(file), "completeness": completeness(file),
        "gaps": [{"point": one.asked.key, "law": one.asked.law, "name": one.asked.name, "gap": gap} for one in file.filed for gap in one.gaps],
        "points": sorted(points, key=lambda one: order[one["state"]]), "duties": [_duty_told(file, one) for one in asking.rules.duties if whole or held.issuperset(one.points)],
        "revisions": revisions_told(asking.lines, asking.tenant) if whole or REVISIONS in held else [],
        **({} if whole else {"not_part": [{"point": one.key, "law": one.law, "name": one.name} for one in file.beside]}),
    }  # fmt: skip


def _point_told(one: Filed, rows: int | None) -> dict:
    return {
        "point": one.asked.key, "law": one.asked.law, "name": one.asked.name, "asks": one.asked.question, "state": one.state, "gaps": one.gaps,
        "parts": [
            {
                "source": part.source, "words": [*part.words, *part.silent], "gaps": list(part.gaps),
                "documents": [{"name": each.name, "sha256": each.sha256, "what": each.what} for each in part.documents],
                "tables": [
                    {"heading": table.heading, "columns": list(table.columns), "count": table.count, "rows": _first(table.rows(), rows)}
                    for table in part.tables
                ],
            }
            for part in one.parts
        ],
    }  # fmt: skip


def _first(rows: Iterable[tuple], most: int | None) -> list[list]:
    found = []
    for row in rows:
        if most is not None and len(found) >= most:
            break
        found.append(list(row))
    return found


def _duty_told(file: TechnicalFile, duty: Asked) -> dict:
    """A duty of the law, and how the points stand that show evidence for it."""
    states = file.states(duty.points)
    worst = next((state for state in (MISSING, GAPS, NOTHING, EVIDENCE, NOT_APPLICABLE) if state in states), MISSING)
    return {"duty": duty.key, "law": duty.law, "asks": duty.question, "points": list(duty.points), "state": worst}


def revisions_told(lines: Iterable[Line], tenant: int) -> list[dict]:
    """The revisions of the file that were kept, the newest first."""
    kept = [line for line in lines if line.kind == REVISION]
    people = People(tenant, 0).codes(line.person for line in kept if line.person)
    return [
        {
            "revision": line.name, "at": format_instant(line.happened_at), "by": people.get(line.person), "why": line.why,
            "sha256": line.said["sha256"], "words": line.said["words"], "missing": named(line.said["missing"]),
        }
        for line in reversed(kept)
    ]  # fmt: skip
