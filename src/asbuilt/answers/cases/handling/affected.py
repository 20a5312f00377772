"""The affected units of a case: as its answers were frozen, and as the newest question answers now, with what the record does not know of them.

affected(actor, "C-1")  ->  {"now": {"question", "certain", "possible", …, "customers": […], "countries": {…}, "gaps": […]}, "frozen": […], "changed": …}
"""

from collections import Counter
from collections.abc import Iterable
from functools import partial

from django.utils.formats import number_format
from django.utils.translation import gettext
from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.answers.cases.handling.case_file import CaseFile, submissions
from asbuilt.answers.cases.handling.computing import plain
from asbuilt.answers.cases.handling.queries import case_file
from asbuilt.answers.cases.handling.statements import Line
from asbuilt.formats.countries import tidy
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.kernel.spans import UnitSet
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.answers import Answer, ask, entry_known_at, finished_of
from asbuilt.questions.genealogy.evaluating.came_out import left_with, with_customers
from asbuilt.questions.genealogy.evaluating.history import LineRow
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

APPROVED = "approved"  # the kind of line that approves a report, of the room of reports above this one
COUNTS = ("certain", "possible", "unrecorded")
HERE = ("planned", "production", "stock", "returned")


def affected(actor: Actor, code: str) -> dict:
    """The numbers of the case; `now` is None where nothing was frozen, and says why where the question is refused today."""
    with reading.snapshot():
        case = case_file(actor, code)
        frozen = [_frozen(case, line) for line in case.answers]
        if not frozen:
            return {"now": None, "frozen": [], "changed": None}
        now = _now(actor, frozen[-1]["question"])
        changed = (
            None
            if "refused" in now
            else {name: now[name] - frozen[-1].get(name, 0) for name in COUNTS if name in frozen[-1]}
        )
        return {"now": now, "frozen": frozen, "changed": changed}


def as_frozen(actor: Actor, said: dict, entry: int) -> View:
    """The record as an answer that this entry froze saw it."""
    return View(actor, entry=entry_known_at(View(actor), said["as_of"]) if said["as_of"] else entry)


def astray_of(actor: Actor, said: dict, entry: int) -> dict[int, int]:
    """Customer -> finished units of an answer that this entry froze which came out of what was with it then: the answer counts them as not shipped."""
    affected, view = UnitSet.of_graded(said["spans"]), as_frozen(actor, said, entry)
    return _astray(view, finished_of(affected, view.outermost(affected.unrecorded)).unrecorded)


def _astray(view: View, finished: BitMap) -> dict[int, int]:
    found: Counter[int] = Counter()
    for line, units in left_with(view, finished):
        found[line.customer] += len(units)
    return dict(found)


def counts_said(said: dict, astray: dict[int, int]) -> dict:
    """What a line of the case keeps of a frozen answer (design, section 6): its numbers, customers, how many are here, the log's size. What is `astray` is
    not here and with nobody."""
    gone = sum(astray.values())
    states = {row["state"]: sum(row[name] for name in COUNTS) for row in said["by"]["state"]}
    return {
        **{name: said["affected"][name] for name in COUNTS},
        "outside": sum(sum(row[name] for name in COUNTS) for row in said["by"]["customer"] if row["customer"] is not None),
        "customers": sum(row["customer"] is not None for row in said["by"]["customer"]),
        "here": sum(states.get(name, 0) for name in HERE) - gone, "size": said["checkpoint"]["size"], **({"astray": gone} if gone else {}),
    }  # fmt: skip


def _frozen(case: CaseFile, line: Line) -> dict:
    numbers = {
        name: line.said[name]
        for name in (*COUNTS, "outside", "customers", "here", "size", "astray")
        if name in line.said
    }
    reports = [one.name for one in submissions(case.lines) if _answer_of(case, one) == line.name]
    return {
        "answer": line.name, "question": line.said["question"], "why": line.why, "at": plain(line.happened_at), "reports": reports, **numbers,
    }  # fmt: skip


def _answer_of(case: CaseFile, submitted: Line) -> str:
    """The answer that the submitted text was drafted from, as its approval says; of a text that was not drafted here the newest one by then."""
    key, sha256 = (submitted.party, submitted.duty, submitted.name), submitted.said.get("sha256")
    for line in reversed(case.lines):
        same = line.kind == APPROVED and (line.party, line.duty, line.name) == key and line.entry < submitted.entry
        if same and sha256 and line.said["sha256"] == sha256:
            return line.said["answer"]
    before = [line.name for line in case.answers if line.happened_at <= submitted.at]
    return before[-1] if before else ""


def _now(actor: Actor, question: str) -> dict:
    try:
        answer = ask(
            actor, question, gettext=gettext, number=partial(number_format, use_l10n=True, force_grouping=True)
        )
    except AsbuiltError as refusal:  # a name of it may be gone since
        return {"question": question, "at": plain(clock.now()), "refused": refusal.message}
    said = counts_said(answer.as_dict(), _astray(answer.view, answer.finished.unrecorded))
    return {
        "question": question,
        "at": plain(clock.now()),
        **said,
        "by_customer": _customers(answer),
        "countries": _countries(answer),
        "gaps": answer.gaps,
    }


def _customers(answer: Answer) -> list[dict]:
    return [{"customer": row["customer"], **{name: row[name] for name in COUNTS}} for row in answer.by["customer"]]


def _countries(answer: Answer) -> dict[str, int]:
    """Country -> finished units that went there last; those of which a country is not known are left out."""
    view, finished = answer.view, answer.finished.unrecorded
    found = countries_of(view, with_customers(view, finished))
    return dict(sorted(((code, n) for code, n in found.items() if code), key=lambda one: (-one[1], one[0])))


def countries_of(view: View, lines: Iterable[tuple[LineRow, BitMap]]) -> dict[str, int]:
    """Country -> units of these shipment lines; where a shipment names none its customer's home, empty where that is not known either. One statement,
    none where all name one."""
    lines = list(lines)
    home = _home_countries(view, {line.customer for line, _ in lines if not line.country})
    found: Counter[str] = Counter()
    for line, units in lines:
        found[tidy(line.country or home.get(line.customer, ""))] += len(units)
    return dict(found)


def _home_countries(view: View, customers: set[int]) -> dict[int, str]:
    if not customers:
        return {}
    sql = f"SELECT p.number, p.country FROM parties_party p WHERE p.tenant = %s AND {reading.any_of('p.number')}"
    return dict(reading.fetch(sql + view.seen("p"), (view.tenant, reading.list_param(sorted(customers)))))
