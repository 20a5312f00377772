"""What the people in the war room know, do not know, and do.

    state_finding(actor, case="C-1", words="Exploited at two sites", known=True)                 -> "K-1"
    state_finding(actor, case="C-1", words="Who did it", known=False)                            -> "K-2"; said again with its code it is superseded
    set_task(actor, case="C-1", words="Call Halden", owner="045", due_at=…)                      -> "T-1"
    set_task(actor, case="C-1", task="T-1", task_state="done")

A task has an owner by badge. Refused: a code that is not in the case; Invalid: an owner whom nobody knows.
"""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CASE_WORK
from asbuilt.answers.cases import events
from asbuilt.answers.cases.handling import statements as kinds
from asbuilt.answers.cases.handling.actions.stating import NAME_CHARACTERS_MAX, one_of, state, text
from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.handling.statements import Line, New
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.ledger.recording import Entry
from asbuilt.storage import reading

TASK_STATES = ("todo", "doing", "done", "dropped")


def state_finding(
    actor: Actor, *, case: str, words: str, known: bool, finding: str = "", request_key: str | None = None
) -> str:
    """What is known, or not known yet; returns its code."""
    words = text("words", words)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        code = _code(before.findings, finding, "K-", case)
        return [New(case, kinds.FINDING, words, name=code, said={"known": "yes" if known else "no"})]

    asked = ["finding", words, known, finding]
    return _named(
        actor, kinds.FINDING, state(actor, events.STATED, CASE_WORK, asked, lines, case=case, request_key=request_key)
    )


def set_task(
    actor: Actor,
    *,
    case: str,
    words: str = "",
    owner: str = "",
    due_at: int | None = None,
    task_state: str = "",
    task: str = "",
    request_key: str | None = None,
) -> str:
    """A task, or what changed of one: what is left out stays as it was; returns its code."""
    words = text("words", words, NAME_CHARACTERS_MAX, needed=not task)
    if task_state:
        one_of("state", task_state, TASK_STATES)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        code = _code(before.tasks, task, "T-", case)
        old = before.tasks.get(code)
        said = {
            "state": task_state or (old.said["state"] if old else "todo"),
            "owner": str(_owner(entry.tenant, owner)) if owner else (old.said.get("owner", "") if old else ""),
        }
        said = {key: cell for key, cell in said.items() if cell}
        due = due_at if due_at is not None else (old.at if old else None)
        return [New(case, kinds.TASK, words or old.why, name=code, at=due, said=said)]

    asked = ["task", words, owner, due_at, task_state, task]
    return _named(
        actor, kinds.TASK, state(actor, events.STATED, CASE_WORK, asked, lines, case=case, request_key=request_key)
    )


def _code(known: dict[str, Line], named: str, prefix: str, case: str) -> str:
    if not named:
        return f"{prefix}{len(known) + 1}"
    if named not in known:
        said = f"{case} has no {named[:20]}."
        raise NotFound("cases.line_unknown", said, {"case": case, "code": named[:20]}, "Look at the case.")
    return named


def _owner(tenant: int, badge: str) -> int:
    sql = "SELECT number FROM access_person WHERE tenant = %s AND code = %s"
    row = reading.fetch_one(sql, (tenant, badge.strip()))
    if row is None:
        said = f"owner: nobody has the badge {badge[:40]!a}."
        raise Invalid("cases.owner_unknown", said, {"field": "owner"}, "Look at the page People.")
    return row[0]


def _named(actor: Actor, kind: str, entry: int) -> str:
    sql = "SELECT name FROM cases_statement WHERE tenant = %s AND entry = %s AND kind = %s"
    return reading.fetch_one(sql, (actor.tenant, entry, kind))[0]
