"""Units leave for a subcontractor's step and come back, in the shape of sent_out, taken_back and outside_papers .csv. Called by
the gate alone.

    send_out(actor, spans=[(1, 41)], party="COAT", step="COATING", transport="DHL 123", said=…)   -> ("DN-7", 4711)
    take_back(actor, note="DN-7", spans=[(1, 39)], run=Run(…), papers=[("certificate", "c.pdf", b"…")], said=…)   -> 4712

What came back, its papers and the process run of the step are one entry. A note that nobody numbers gets the next number of the
rule. `said` is what was asked, as JSON: the same request key with other words is a Conflict. Refused: what the tables refuse, a
paper that is empty or too large.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import OUTSIDE_SEND, OUTSIDE_TAKE_BACK
from asbuilt.built.production import events
from asbuilt.built.production.intake.outside import OutsidePapersIntake, SentOutIntake, TakenBackIntake
from asbuilt.built.production.intake.processes import ProcessesIntake
from asbuilt.built.production.orders import named_spans
from asbuilt.built.production.outside import next_note
from asbuilt.built.supply.actions.stating import state
from asbuilt.built.supply.files import refuse_file, safe_name
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import Span
from asbuilt.storage import reading

INTAKES = {intake.table: intake for intake in (SentOutIntake, TakenBackIntake, OutsidePapersIntake, ProcessesIntake)}
KINDS = ("certificate", "measurements", "other")
PAPERS_MAX = 20
Paper = tuple[str, str, bytes]
"""Kind, name of the file, its bytes."""


@dataclass(frozen=True)
class Run:
    """The step as it was done there: by whom (the party's code stands as machine), how it ended, when, what applied."""

    step: str
    side: str
    party: str
    result: str
    started_at: int
    finished_at: int
    applied: Mapping = field(default_factory=dict, hash=False)


def send_out(
    actor: Actor,
    *,
    spans: Sequence[Span],
    party: str,
    step: str,
    side: str = "",
    note: str = "",
    transport: str = "",
    said: object,
    request_key: str | None = None,
) -> tuple[str, int]:
    """These units left; returns the note's code and the entry. Invalid, Conflict as sent_out.csv."""
    actor.require(OUTSIDE_SEND)

    def rows(entry):
        code = note or next_note(actor.tenant)
        common = {
            "note": code, "party": party, "step": step, "side": side, "transport": transport, "operator": badge(actor),
            "sent_at": format_instant(entry.recorded_at),
        }  # fmt: skip
        return {"sent_out": [{**common, **ends} for ends in _ends(actor.tenant, spans)]}

    done = state(actor, events.UNITS_SENT_OUT, said, rows, intakes=INTAKES, request_key=request_key)
    sql = "SELECT note FROM production_sent_out WHERE tenant = %s AND entry = %s ORDER BY first_unit LIMIT 1"
    return reading.fetch_one(sql, (actor.tenant, done.entry))[0], done.entry


def take_back(
    actor: Actor,
    *,
    note: str,
    spans: Sequence[Span],
    run: Run | None,
    papers: Sequence[Paper] = (),
    back_at: int | None = None,
    said: object,
    request_key: str | None = None,
) -> int:
    """These units came back with their papers, and the step ended so; returns the entry. `run` is None where the request was
    recorded before. Invalid, Conflict as the tables."""
    actor.require(OUTSIDE_TAKE_BACK)
    files, cells = _papers(papers)

    def rows(entry):
        at = format_instant(entry.recorded_at if back_at is None else back_at)
        who = badge(actor)
        times = {"started_at": format_instant(run.started_at), "finished_at": format_instant(run.finished_at)}
        ends = _ends(actor.tenant, spans)
        said_there = {"outside": {"note": note, "party": run.party}}
        readings = json.dumps(({"applied": dict(run.applied)} if run.applied else {}) | said_there, ensure_ascii=False)
        ran = {
            "step": run.step, "side": run.side, "machine": run.party, "result": run.result, "operator": who,
            "readings": readings, **times,
        }  # fmt: skip
        back = {"note": note, "result": run.result, "operator": who, "back_at": at, **times}
        return {
            "taken_back": [{**back, **one} for one in ends],
            "outside_papers": [{"note": note, **one, "operator": who, "kept_at": at} for one in cells],
            "processes": [{**ran, **one} for one in ends],
        }

    return state(
        actor, events.UNITS_TAKEN_BACK, said, rows, files=files, intakes=INTAKES, request_key=request_key
    ).entry


def _ends(tenant: int, spans: Sequence[Span]) -> list[dict[str, str]]:
    return [
        {"order": first.rpartition("#")[0], "first_serial": first, "last_serial": last}
        for first, last in named_spans(tenant, spans)
    ]


def _papers(papers: Sequence[Paper]) -> tuple[list[tuple[str, bytes]], list[dict[str, str]]]:
    """The files to keep, and the cells that name them."""
    if len(papers) > PAPERS_MAX:
        said = f"{len(papers)} papers in one call; it takes up to {PAPERS_MAX}."
        raise Invalid("production.papers_count", said, {"field": "papers"}, "Pack them into one file.")
    files, cells = [], []
    for kind, name, content in papers:
        if kind not in KINDS:
            said = f"{kind[:40]} is no kind of paper."
            raise Invalid("production.paper_kind", said, {"field": "kind"}, f"One of {' '.join(KINDS)}.")
        refuse_file(content, name)
        digest, kept = sha256(content).hexdigest(), safe_name(name)
        files.append((kept, content))
        cells.append({"kind": kind, "file": f"files/{digest[:16]}-{kept}", "sha256": digest})
    return files, cells
