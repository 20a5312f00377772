"""A case as people and programs read it: clocks at a moment, gaps, the next step, and everything that was said, in order.

case_seen(actor, "C-1")  ->  dict for JSON; pages and commands show the same
"""

from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.answers.cases.handling import clocks
from asbuilt.answers.cases.handling.case_file import CaseFile, Run
from asbuilt.answers.cases.handling.computing import clock_told, duty_told, plain
from asbuilt.answers.cases.handling.happenings import HAPPENINGS, Happened
from asbuilt.answers.cases.handling.open_ends import open_ends
from asbuilt.answers.cases.handling.queries import case_file, case_files, owners, signals
from asbuilt.answers.cases.handling.roles import RECORD, recorded_role, said_of_us
from asbuilt.answers.cases.handling.statements import Line
from asbuilt.answers.cases.handling.words import NOT_REPORTABLE, local_words, report_word
from asbuilt.designed.parties.product_roles import MANUFACTURER, own_party, roles_of
from asbuilt.designed.parties.queries import codes_and_names, names, numbers_by_name
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger import clock as log_clock
from asbuilt.storage import reading

OPEN_TASKS = ("todo", "doing")
_LONG = ("texts", "sources", "text")  # of reports: whole texts, which stand with the report


def case_seen(actor: Actor, code: str) -> dict:
    """One case, whole."""
    with reading.snapshot():
        case = case_file(actor, code)
        more = [known(actor.tenant, case.code) for known in HAPPENINGS.values()]
        happened = [one for each in more for one in each.happened]
        parties, people = _parties(actor.tenant), _people(actor.tenant, [*case.lines, *happened])
        now = log_clock.now()
        duties = [_run(case, one, parties, people, now) for one in case.runs]
        gaps = _gaps(case, duties, _changed_roles(actor.tenant, case, now))
        gaps += [gap for each in more for gap in each.gaps]
        ends = open_ends(actor.tenant, case)
        timeline = [(line.happened_at, line.entry, _said(line, parties, people)) for line in case.lines]
        timeline += [(one.recorded_at, one.entry, _happened(one, parties, people)) for one in happened]
        return {
            **_head(case), "moments": {name: _said(line, parties, people) for name, line in case.moments.items()},
            "products": [
                {"product": name, "role": line.said["role"], "by": line.said["by"], "versions": line.said.get("versions", ""),
                 "manufacturer": parties.get(line.party)}
                for name, line in case.products.items()
            ],
            "measures": [
                {"measure": name, "kind": line.said["kind"], "available_at": plain(line.at), "manufacturer": parties.get(line.party), "why": line.why}
                for name, line in case.measures.items()
            ],
            "signals": case.signals,
            "answers": [{"answer": one.name, "sha256": one.said["sha256"], "question": one.said["question"], "why": one.why, "linked_at": plain(one.happened_at)} for one in case.answers],
            "findings": [
                {"finding": name, "words": line.why, "known": line.said["known"] == "yes", "by": people.get(line.person), "at": plain(line.happened_at)}
                for name, line in case.findings.items()
            ],
            "tasks": _tasks(actor.tenant, case, now),
            "duties": duties, "open_ends": [{"name": name, "words": words} for name, words in ends.items()],
            "gaps": gaps, "next": _next(case, duties, gaps, ends, {gap: step for each in more for gap, step in each.asks.items()}),
            "timeline": [said for _at, _entry, said in sorted(timeline, key=lambda one: one[:2])],
        }  # fmt: skip


def cases_told(actor: Actor, *, closed: bool = False) -> list[dict]:
    """Every open (or closed) case with its next deadline, those that are due first at the top."""
    with reading.snapshot():
        now = log_clock.now()
        found = []
        for case in case_files(actor, closed=closed):
            due = [one for run in case.runs for one in _open_clocks(run)]
            first = min((one.due_at for one in due), default=None)
            late = first is not None and first < now and not case.closed
            found.append({**_head(case), "next_due_at": plain(first), "late": late, "products": sorted(case.products)})
        return sorted(found, key=lambda one: (one["next_due_at"] is None, one["next_due_at"] or ""))


def signals_told(actor: Actor) -> list[dict]:
    """The signals, those that wait first."""
    return [
        {
            "signal": one.code, "source": one.source, "words": one.words, "reference": one.reference,
            "received_at": plain(one.received_at), "state": one.state, "case": one.case or None, "why": one.why,
        }
        for one in signals(actor)
    ]  # fmt: skip


def _tasks(tenant: int, case: CaseFile, now: int) -> list[dict]:
    """Tasks, the open ones first, by when they are due."""
    owned = owners(tenant, case.tasks)
    told = [
        {
            "task": name, "words": line.why, "owner": owned.get(name), "due_at": plain(line.at), "state": line.said["state"],
            "late": line.at is not None and line.at < now and line.said["state"] in OPEN_TASKS,
        }
        for name, line in case.tasks.items()
    ]  # fmt: skip
    return sorted(told, key=lambda one: (one["state"] not in OPEN_TASKS, one["due_at"] is None, one["due_at"] or ""))


def _head(case: CaseFile) -> dict:
    return {
        "case": case.code, "kind": case.kind, "kinds": case.kinds, "title": case.title, "state": "closed" if case.closed else "open",
        "opened_at": plain(case.opened_at), "zone": case.zone_name,
    }  # fmt: skip


def _run(case: CaseFile, run: Run, parties: dict, people: dict, now: int) -> dict:
    decided = run.decision.said["decision"] if run.decision else None
    told = []
    for one in run.clocks:
        sent, back = run.submitted.get(one.stage), run.returned.get(one.stage)
        overdue = one.due_at is not None and (sent.at if sent and not back else now) > one.due_at
        late = overdue and (sent is not None or not run.over)
        told.append(
            {
                **clock_told(one, run.zone), "submitted_at": plain(sent.at) if sent else None,
                "reference": sent.said.get("reference", "") if sent else "", "late": late,
                "returned": None if back is None else {"at": plain(back.at), "why": back.why},
                "late_reason": run.late_reasons.get(one.stage) if late else None,
                "used": _used(one, now), "left_s": None if run.ended or not run.waits(one.stage) or one.due_at is None else (one.due_at - now) // clocks.SECOND_US,
            }
        )  # fmt: skip
    return {
        **duty_told(run.rules, run.duty), "zone": {"zone": run.zone_name, "of": run.zone_of}, "months_end_in": _months_end_in(run), "manufacturer": parties.get(run.party), "products": run.products,
        "aware": _said(run.aware, parties, people) if run.aware else None, "decided": decided,
        "decision": _said(run.decision, parties, people) if run.decision else None,
        "ended": _said(run.ended, parties, people) if run.ended else None, "clocks": told,
    }  # fmt: skip


def _months_end_in(run: Run) -> dict | None:
    """The zone in which months of this duty end, and whose it is: the coordinator's or the case's; None where it counts no month."""
    by_month = any(stage.months is not None for stage in run.duty.stages)
    return {"zone": run.zone_name, "of": run.zone_of} if by_month else None


def _used(one: clocks.Clock, now: int) -> int | None:
    """How much of a clock's time is gone, in percent; None where it does not run."""
    if one.due_at is None or one.started_at is None or one.due_at <= one.started_at:
        return None
    return max(0, min(100, 100 * (now - one.started_at) // (one.due_at - one.started_at)))


def _open_clocks(run: Run) -> list:
    if run.over:
        return []
    return [one for one in run.clocks if one.due_at is not None and run.waits(one.stage)]


def _gaps(case: CaseFile, duties: list[dict], changed: list[str]) -> list[str]:
    """What is not known, in words; never filled."""
    found = list(changed)
    if not any(line.said["role"] != "none" for line in case.products.values()):
        found.append(_("No product is named."))
    if not case.answers:
        found.append(_("No answer of affected units is frozen."))
    for one in duties:
        of = _of(one)
        if not one["products"] and one["manufacturer"] and one["ended"] is None:
            found.append(_("%(of)s: no product of the case asks for it any more.") % {"of": of})
        if one["aware"] is None:
            found.append(_("%(of)s: nobody said since when we are aware.") % {"of": of})
        if one["decided"] is None and one["ended"] is None:
            found.append(_("%(of)s: not decided whether it is reportable.") % {"of": of})
        for clock in one["clocks"]:
            if clock["returned"] and not _over(one):
                told = {"of": of, "report": report_word(clock["stage"]), "why": clock["returned"]["why"]}
                found.append(_("%(of)s: %(report)s was returned: %(why)s") % told)
            if clock["late"] and not clock["late_reason"]:
                found.append(
                    _("%(of)s: %(report)s is late, and no reason is given.")
                    % {"of": of, "report": report_word(clock["stage"])}
                )
    return found


def _next(case: CaseFile, duties: list[dict], gaps: list[str], ends: dict[str, str], asks: dict[str, str]) -> str:
    """The next step in one sentence. `asks`: gap -> what comes as soon as the report that was due first is on its way, before later ones that are not late."""
    if case.closed:
        return _("Nothing: the case is closed.")
    told = [(one, clock) for one in duties if not _over(one) for clock in one["clocks"]]
    due = [
        (
            clock["due_at"],
            report_word(clock["stage"]),
            _of(one),
            one["zone"]["zone"],
            clock["late"] or clock["returned"],
        )
        for one, clock in told
        if clock["due_at"] and (clock["returned"] or not clock["submitted_at"])
    ]
    if due:
        at, stage, of, zone, presses = min(due, key=lambda one: one[:3])
        if asks and not presses and any(clock["submitted_at"] for _one, clock in told):
            return next(iter(asks.values()))
        by = local_words(parse_instant(at), clocks.zone_named(zone))
        return _("Submit: %(report)s, %(of)s, by %(at)s.") % {"report": stage, "of": of, "at": by}
    if gaps:
        return asks.get(gaps[0], gaps[0])
    running = {run.duty.duty for run in case.runs}
    # a field action, a notice: what is open of a duty waits for what starts its clock
    left = next(((name, words) for name, words in ends.items() if name.partition("/")[0] not in running), None)
    if left is not None:
        return _("Go on with %(name)s: %(words)s.") % {"name": left[0], "words": left[1]}
    return _("Close the case, or wait for what starts the next clock.")


def _over(one: dict) -> bool:
    """Whether nothing is owed of a duty any more: it was decided so, or the house said that it does not have it."""
    return one["decided"] == NOT_REPORTABLE or one["ended"] is not None


def _of(one: dict) -> str:
    name = _(one["name"])  # a name of the rule set; languages know those of the rule sets there are
    return f"{name} ({one['manufacturer']})" if one["manufacturer"] else name


def _changed_roles(tenant: int, case: CaseFile, now: int) -> list[str]:
    """Products whose role or manufacturer by the record is another one now than when it was taken into the case."""
    taken = {name: line for name, line in case.products.items() if line.said["by"] == RECORD}
    if not taken:
        return []
    makers, rows = {}, roles_of(tenant, taken)
    for row in rows:
        if row.role == MANUFACTURER and row.happened_at <= now:
            makers[row.product] = row.party
    own = own_party(tenant, now)
    ours = said_of_us(rows, own, now)
    return [
        _("%(product)s: the record of roles says otherwise by now; add the product again.") % {"product": name}
        for name, line in taken.items()
        if (makers.get(name), recorded_role(tenant, makers.get(name), own, ours.get(name, "")))
        != (line.party, line.said["role"])
    ]


def _said(line: Line, parties: dict, people: dict) -> dict:
    """A line for JSON: what, when it happened, when and by whom it was said, why."""
    return {
        "kind": line.kind, "name": line.name, "at": plain(line.at), "duty": line.duty, "manufacturer": parties.get(line.party),
        "why": line.why, "said": {name: told for name, told in line.said.items() if name not in _LONG}, "by": people.get(line.person), "recorded_at": plain(line.happened_at), "entry": line.entry,
    }  # fmt: skip


def _happened(one: Happened, parties: dict, people: dict) -> dict:
    """The same of what a room above the file knows."""
    return {
        "kind": one.kind, "name": one.name, "at": plain(one.at), "duty": "", "manufacturer": parties.get(one.party), "why": one.why,
        "said": one.said, "by": people.get(one.person), "recorded_at": plain(one.recorded_at), "entry": one.entry,
    }  # fmt: skip


def _parties(tenant: int) -> dict[int, str]:
    """Number -> code of every party that stands, the name of those that do not."""
    codes = numbers_by_name(tenant)
    found = names(tenant)
    found.update({codes[code]: code for code, _ in codes_and_names(tenant)})
    return found


def _people(tenant: int, lines) -> dict[int, str]:
    return People(tenant, 0).codes(line.person for line in lines)
