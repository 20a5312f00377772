"""The traveller of a work order: its steps in order, where each is done, which documents apply, how many units are through.

It is superseded once another routing of the hardware revision is in force, or a later revision of a document it names: then it says
so, and what took its place. A traveller printed earlier is asked for by its routing.
"""

from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.designed.catalog.routings import (
    DocumentRow,
    Routing,
    StepRow,
    documents,
    limit_words,
    limits_of,
    routings,
    superseded,
)
from asbuilt.designed.parties.queries import names_of
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.spans import bitmap_of
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.lookup import view_of
from asbuilt.questions.genealogy.evaluating.naming import numbers, unknown
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


@dataclass(frozen=True)
class Applying:
    """A document at a step: as the step asks for it, its title, and the revision that took its place since, or empty."""

    kind: str
    name: str
    title: str
    later: str
    sha256: str = ""
    file: str = ""


@dataclass(frozen=True)
class TravellerStep:
    """A step with how many units of the order are through it by their last run; `subcontractor` names who does it outside."""

    name: str
    place: str
    optional: bool
    documents: tuple[Applying, ...]
    limits: tuple[tuple[str, str], ...]
    units: int
    qualifications: tuple[str, ...] = ()
    subcontractor: str = ""


@dataclass
class Traveller:
    """What the page shows. `why` says in names what took the place of what."""

    order: str
    product: str
    revision: str
    bom_version: str
    quantity: int
    routing: str
    from_at: int | None
    others: tuple[str, ...]
    superseded: bool
    why: tuple[str, ...]
    steps: tuple[TravellerStep, ...]
    view: View = field(repr=False)


def traveller(actor: Actor, code: str, routing: str = "") -> Traveller:
    """The traveller of the order with this code, by the routing in force or by the one named. About 10 statements.

    NotFound where the reader sees no unit of the order, or the revision has no such routing.
    """
    with reading.snapshot():
        view = view_of(actor)
        number = numbers(view, "order", code, "production_order", ("code",))[0]
        sql = (
            "SELECT o.code, p.code, r.code, m.version, b.revision, b.first_unit, b.until_unit FROM production_order o "
            "JOIN production_block b ON b.tenant = o.tenant AND b.work_order = o.number "
            "JOIN catalog_product p ON p.tenant = b.tenant AND p.number = b.product "
            "JOIN catalog_revision r ON r.tenant = b.tenant AND r.number = b.revision "
            "JOIN catalog_bom m ON m.tenant = b.tenant AND m.number = b.bom WHERE o.tenant = %s AND o.number = %s"
        )
        rows = reading.fetch(sql + view.seen("o") + view.seen("b") + " ORDER BY b.first_unit", (view.tenant, number))
        units = view.without_skipped(view.limit(bitmap_of(row[5:7] for row in rows)))
        if not rows or (view.visible is not None and not units):
            raise unknown("order", code, ())
        order, product, revision, version, hardware = rows[0][:5]
        quantity = sum(until - first for *_, first, until in rows)
        known = routings(view.tenant, hardware)
        mine, now = _chosen(known, routing)
        papers = documents(view.tenant)
        at = clock.now()
        runs = _through(view, units)
        outside = (
            names_of(view.tenant, {step.subcontractor for step in mine.steps if step.subcontractor}) if mine else {}
        )
        steps = tuple(_step(step, papers, at, runs, outside) for step in mine.steps) if mine else ()
        why = [f"{now.name}"] if mine and now and mine.name != now.name else []
        why += list(dict.fromkeys(paper.later for step in steps for paper in step.documents if paper.later))
        others = tuple(one.name for one in known if mine and one.name != mine.name)
        said = (mine.name, mine.from_at) if mine else ("", None)
        return Traveller(order, product, revision, version, quantity, *said, others, bool(why), tuple(why), steps, view)


def _chosen(known: list[Routing], name: str) -> tuple[Routing | None, Routing | None]:
    """The routing asked for (else the one in force), and the one in force."""
    now = next((one for one in known if one.from_at <= clock.now()), None)
    if not name:
        return now, now
    found = next((one for one in known if one.name == name), None)
    if found is None:
        listed = ", ".join(one.name for one in known) or "none"
        raise NotFound(
            "gate.routing_unknown",
            f"There is no routing {name[:60]}.",
            {"routing": name[:60], "routings": listed},
            f"Routings: {listed}.",
        )
    return found, now


def _step(
    step: StepRow, papers: dict[str, DocumentRow], at: int, runs: dict[tuple[str, str], BitMap], outside: dict[int, str]
) -> TravellerStep:
    found = []
    for kind, name in step.documents.items():
        paper, later = papers.get(name), superseded(papers, name, at)
        said = (paper.title, later.name if later else "", paper.sha256, paper.file) if paper else ("", "", "", "")
        found.append(Applying(kind, name, *said))
    units = (
        runs.get((step.step, step.side), BitMap())
        if step.side
        else BitMap().union(*(there for (name, _), there in runs.items() if name == step.step))
    )
    limits = tuple((name, limit_words(*pair)) for name, pair in (limits_of(step.limits) or {}).items())
    party = outside.get(step.subcontractor, "")
    return TravellerStep(step.name, step.place, step.optional, tuple(found), limits, len(units), step.needed, party)


def _through(view: View, units: BitMap) -> dict[tuple[str, str], BitMap]:
    """(step, side) -> units whose last run of it completed. Two statements."""
    rows = view.rows_by_block(
        "t.step, t.side, t.first_unit, t.until_unit, t.result, t.finished_at, t.entry, t.number", "production_process_run",
        view.blocks_over(units),
    )  # fmt: skip
    names = FloorNames(view.tenant).names({row[0] for row in rows})
    found: dict[tuple[str, str], BitMap] = {}
    for step, side, first, until, result, *_ in sorted(rows, key=lambda row: row[5:]):
        there = found.setdefault((names[step], side), BitMap())
        span = BitMap(range(first, until)) & units
        there.update(span) if result == "completed" else there.difference_update(span)
    return found
