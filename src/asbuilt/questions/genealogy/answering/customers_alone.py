"""Who must be told, and nothing besides: the customers of an answer with their three numbers.

    customers(actor, "lot:27A0418").customers     -> [{"customer": "Distributor X", "certain": 3000, "possible": 0, "unrecorded": 0}, …]

The numbers are those of the whole answer (`answers.ask`): affected, finished, by customer. Its other groupings, spans and serial numbers are
not read, and of what the record does not know only how much: each is named in the whole answer.
"""

import time
from contextlib import suppress
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_READ
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.genealogy.answering.answers import (
    by_customer,
    evaluated,
    finished_of,
    gaps_of,
    gone_astray,
    head_of,
    read_back,
    tops_of,
)
from asbuilt.questions.genealogy.evaluating import lot_at_once
from asbuilt.questions.genealogy.evaluating.history import sent_to
from asbuilt.questions.genealogy.words import language
from asbuilt.questions.genealogy.words.language import Term
from asbuilt.storage import reading


@dataclass
class CustomersAlone:
    """The customers of an answer. `gaps` counts what the record does not know of these units."""

    question: str
    readback: str
    as_of: str | None
    affected: UnitSet
    finished: UnitSet
    customers: list[dict]
    gaps: int
    notes: list[str]
    checkpoint: dict
    elapsed_ms: float = 0.0

    def as_dict(self) -> dict:
        """The JSON of an answer, as far as it goes."""
        return {
            "question": self.question,
            "as_of": self.as_of,
            "affected": self.affected.counts(),
            "finished": self.finished.counts(),
            "by": {"customer": self.customers},
            "gaps_found": self.gaps,
            "notes": self.notes,
            "checkpoint": self.checkpoint,
            "elapsed_ms": self.elapsed_ms,
        }


def customers(actor: Actor, question: str, *, as_of: str | None = None, gettext=None, number=None) -> CustomersAlone:
    """Who has the units of a question, as known now or at `as_of`. Reads one snapshot of the record; raises what `ask` raises."""
    actor.require(RECORD_READ)
    began = time.perf_counter()
    tree = language.parse(question, gettext=gettext or language.same)
    language.refuse_backwards(question, gettext=gettext or language.same)
    said = (actor, question, as_of, gettext, number)
    answer = None
    if as_of is None and actor.party is None and reading.vendor() != "sqlite" and (code := _one_lot(tree)) is not None:
        with suppress(reading.NothingMore), lot_at_once.read(actor.tenant, code) as at_once:
            answer = _told(*said, at_once)
    if answer is None:
        with reading.snapshot(plans_kept=not as_of):
            answer = _told(*said)
    answer.elapsed_ms = round((time.perf_counter() - began) * 1000, 2)
    return answer


def _one_lot(tree) -> str | None:
    """The code of a lot, where a question asks for nothing besides."""
    if isinstance(tree, Term) and tree.name == "lot" and len(tree.values) == 1:
        return tree.values[0].text
    return None


def _told(actor: Actor, question: str, as_of: str | None, gettext, number, at_once=None) -> CustomersAlone:
    view, affected, notes = evaluated(actor, question, as_of, gettext, number, states=False, at_once=at_once)
    finished = finished_of(affected, tops_of(view, affected))
    return CustomersAlone(
        question,
        read_back(question, gettext),
        as_of,
        affected,
        finished,
        by_customer(sent_to(view, finished.unrecorded), finished),
        len(gaps_of(view, affected)) + len(gone_astray(view, finished.unrecorded)),
        notes,
        head_of(view),
    )
