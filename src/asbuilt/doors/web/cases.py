"""Cases: what is open with its next deadline, the signals that wait, and one case with clocks, gaps and everything that was said."""

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access import rights
from asbuilt.answers.cases.acting.seen import actions_told
from asbuilt.answers.cases.drilling.report import drill_report
from asbuilt.answers.cases.handling import clocks
from asbuilt.answers.cases.handling.actions import deciding, opening, saying, turning, working
from asbuilt.answers.cases.handling.actions.attaching import FILE_BYTES_MAX
from asbuilt.answers.cases.handling.affected import affected
from asbuilt.answers.cases.handling.case_file import MEASURE_KINDS
from asbuilt.answers.cases.handling.clocks import zone_named
from asbuilt.answers.cases.handling.duty_rules import rule_sets
from asbuilt.answers.cases.handling.seen import OPEN_TASKS, case_seen, cases_told, signals_told
from asbuilt.answers.cases.handling.words import local_moment, report_word
from asbuilt.answers.cases.publishing.tips import signals_with_tips
from asbuilt.answers.cases.reporting.actions.submitting import ask_report
from asbuilt.answers.cases.reporting.field_rules import field_named
from asbuilt.answers.cases.reporting.seen import reports_told
from asbuilt.doors.web import pictures
from asbuilt.doors.web.country_tiles import tiles_of
from asbuilt.doors.web.posted import key_of, moment_of
from asbuilt.doors.web.words import register as words
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger import clock

KINDS = {
    "aev": _("exploited vulnerability"), "incident": _("severe incident"), "vulnerability": _("vulnerability to be handled"),
    "quality": _("quality problem in the field"), "supplier": _("supplier's alert"), "authority": _("request of an authority"),
}  # fmt: skip
MOMENTS = {
    "aware_at": _("aware"), "signal_received_at": _("signal received"), "assessment_started_at": _("assessment started"),
    "assessment_concluded_at": _("assessment concluded"), "detected_at": _("detected"), "occurred_at": _("occurred"),
}  # fmt: skip
ROLES = {
    "manufacturer": _("manufacturer"), "ems": _("contract manufacturer"), "importer": _("importer"), "distributor": _("distributor"),
    "none": _("off the case"),
}  # fmt: skip
LINES = {
    "opened": _("opened"), "product": _("product"), "duty": _("duty of the house"), "moment": _("moment"), "measure": _("measure"),
    "decision": _("decision"), "answer": _("frozen answer"), "submitted": _("submitted"), "late_reason": _("why late"),
    "note": _("note"), "shown": _("clocks showed"), "closed": _("closed"), "reopened": _("reopened"), "taken": _("signal taken"),
    "finding": _("finding"), "task": _("task"), "kind": _("turned out to be"), "left_open": _("left open"), "field_action": _("field action"),
    "drafted": _("report drafted"), "field": _("field written"), "approved": _("report approved"), "platform_said": _("recipient said"),
    "asked": _("report asked for"), "not_submitted": _("was not submitted"), "escalated": _("clock called"),
    "notice_drafted": _("notice drafted"), "notice_reviewed": _("notice reviewed"), "notice_approved": _("notice approved"),
    "notice_held": _("notice held"), "notice_let_go": _("notice let go"), "notice_queued": _("notice sent"),
    "notice_again": _("notice sent again"), "notice_accepted": _("notice taken by a server"), "notice_delivered": _("notice delivered"),
    "notice_bounced": _("notice bounced"), "notice_failed": _("notice failed"), "notice_unknown": _("notice in doubt, sent again"),
    "notice_opened": _("notice opened"), "notice_acknowledged": _("notice acknowledged"), "notice_told": _("told otherwise"),
    "advisory": _("advisory drafted"), "advisory_approved": _("advisory approved"), "advisory_published": _("advisory published"),
}  # fmt: skip
STATES = {
    "running": _("running"), "not_started": _("not started"), "no_deadline": _("without undue delay"),
    "not_applicable": _("does not apply"), "ended": _("ended"), "customers": _("customers"), "reportable": _("reportable"), "not_reportable": _("not reportable"), "open": _("open"),
    "waiting": _("waiting"), "dismissed": _("dismissed"), "in_case": _("in a case"), "mitigating": _("workaround"),
    "corrective": _("fix"), "todo": _("to do"), "doing": _("in work"), "done": _("done"), "dropped": _("dropped"),
}  # fmt: skip
REPORTS = {
    "early_warning": _("early warning"), "notification": _("notification"), "final_report": _("final report"), "notice": _("notice"),
}  # fmt: skip
DUTIES = {
    "cra.aev": _("Actively exploited vulnerability"), "cra.incident": _("Severe incident"),
    "cra.importer": _("Importer tells the manufacturer"), "cra.distributor": _("Distributor tells the manufacturer"),
    "contract": _("Notice to the brand owner"), "nis2": _("Significant incident of an essential or important entity"),
    "gdpr": _("Personal data breach"),
}  # fmt: skip
SOURCES = {
    "feed": _("feed"), "kev": _("list of exploited vulnerabilities"), "mail": _("mail"), "customer": _("customer"), "supplier": _("supplier"),
    "authority": _("authority"), "station_alarm": _("alarm of a station"), "log_tamper": _("log was touched"), "tip": _("stranger's tip"),
    "other": _("somebody else"),
}  # fmt: skip
GROUNDS = {
    "exploited_in_product": _("exploited in our product"), "severe_incident": _("severe incident"), "contract_asks": _("the contract asks for it"),
    "manufacturer_told": _("the manufacturer has to learn of it"), "significant_incident": _("significant incident"),
    "personal_data_breach": _("personal data at risk"), "not_reachable": _("code not reachable in our product"),
    "not_exploited_in_product": _("not exploited in our product"), "good_faith_research": _("research in good faith"),
    "known_before": _("known before the duty applied"), "not_severe": _("not severe"), "not_our_product": _("no product of this party"),
    "contract_does_not_ask": _("the contract does not ask for it"), "manufacturer_knows": _("the manufacturer knows"),
    "not_significant": _("not significant"), "no_risk_to_people": _("no risk to people"),
}  # fmt: skip
WAITS = {
    "aware_at": _("Nobody has said since when this is known."),
    "measure_available_at": _("No workaround and no fix is available: the first one starts it."),
    "notification_submitted_at": _("The notification is not submitted: that starts it."),
}  # fmt: skip
ESTIMATED = _("The estimate takes it as submitted at its deadline; submitted earlier, this report is due earlier.")
# the house says of itself that it has these; the others follow from roles
SAID_DUTIES = ("contract", "nis2", "gdpr")
_ALL = {**SOURCES, **GROUNDS, **KINDS, **ROLES, **LINES, **STATES, **REPORTS, **DUTIES, **MOMENTS}


@words.filter
def case_word(said: str) -> str:
    """A word of a case, as people say it."""
    first, slash, second = said.partition("/")
    if slash and first in DUTIES:  # a duty towards a party: cra.aev/OW
        return f"{DUTIES[first]}, {second}"
    return _ALL.get(said) or (report_word(said) if said else said)


@words.filter
def line_word(line: dict) -> str:
    """What a line of a case names, as people say it: of a field of a report (early_warning/impact) what the recipient of its duty calls it."""
    stage, slash, field = line["name"].partition("/")
    called = field_named(field, line["duty"]) if slash else ""
    return f"{report_word(stage)}: {called}" if called else case_word(line["name"])


@words.filter
def at_instant(text: str | None) -> int | None:
    """An instant as records write it, as the number that other filters take."""
    return parse_instant(text) if text else None


@words.filter
def moment_in(said: str | None, zone: str) -> str:
    """An instant as records write it, as `6 Apr 2027, 16:00 +02:00` where its case is counted, in a <time> element."""
    if not said:
        return ""
    return format_html('<time datetime="{}">{}</time>', said, local_moment(parse_instant(said), zone_named(zone)))


@words.filter
def clock_note(clock: dict, applies_from: str | None) -> str:
    """Why a clock does not run, or from what it counts, in a sentence; empty where there is nothing to say."""
    state, found = clock["state"], []
    if state == clocks.NOT_APPLICABLE:
        found = [_("This duty applies from %(day)s on; awareness was before that day.") % {"day": applies_from}]
    elif state == clocks.NOT_STARTED:
        found = [WAITS[clock["starts"]], *([ESTIMATED] if clock["estimate_at"] else [])]
    elif state == clocks.NO_DEADLINE:
        found = [_("Due without undue delay; the rule names no hours.")]
    elif clock["starts"] == clocks.MEASURE and clock["note"] and state == clocks.RUNNING:
        found = [_("The measure was there before awareness; counted from awareness.")]
    return " ".join(str(one) for one in found)


@words.filter
def in_order(shown: dict[str, dict]) -> list[tuple[str, dict]]:
    """Clocks of a duty by report, in the order in which reports are sent."""
    order = list(REPORTS)
    return sorted(shown.items(), key=lambda one: order.index(one[0]) if one[0] in order else len(order))


@words.filter
def hours_left(seconds: int | None) -> str:
    """4500 -> 1:15; what is past has a minus before it."""
    if seconds is None:
        return ""
    minutes = abs(seconds) // 60
    return f"{'-' if seconds < 0 else ''}{minutes // 60}:{minutes % 60:02}"


@words.filter
def drill_step(said: str) -> str:
    """A step of a drill: a kind of line, and the report of one that was submitted."""
    kind, _, stage = said.partition(" ")
    return f"{case_word(kind)} {case_word(stage)}".strip()


@words.filter
def time_left(seconds: int | None) -> str:
    """As a person says it: 13 d 18 h, 40 h 54 min, 12 min."""
    if seconds is None:
        return ""
    minutes = abs(seconds) // 60
    days, hours = minutes // 1440, minutes // 60
    if hours >= 72:
        return f"{days} d {hours % 24} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


@words.filter
def signed(number: int) -> str:
    """+12, -3, 0."""
    return f"{number:+,}" if number else "0"


@require_http_methods(["GET", "HEAD", "POST"])
def cases_page(request: HttpRequest) -> HttpResponse:
    """What is open and what waits; a POST opens a case."""
    if request.method != "POST":
        return _list(request, {})
    request.actor.require(rights.CASE_WORK)
    form = request.POST
    try:
        code = opening.open_case(
            request.actor, kind=form.get("kind", ""), title=form.get("title", ""), signals=form.get("signals", "").split(),
            request_key=key_of(request),
        )  # fmt: skip
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _list(request, {"error": refusal, "typed": form}, refusal.http_status)
    return redirect("case", code=code)


@require_POST
def signals_form(request: HttpRequest) -> HttpResponse:
    """A signal is noted, or dismissed."""
    noted = request.POST.get("verb") == "note"
    request.actor.require(rights.SIGNAL_NOTE if noted else rights.CASE_WORK)
    try:
        if noted:
            _note_signal(request)
            return redirect("cases")
        why = request.POST.get("why", "")
        opening.dismiss_signal(
            request.actor, signal=request.POST.get("signal", ""), why=why, request_key=key_of(request)
        )
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _list(request, {"error": refusal, "noted": request.POST}, refusal.http_status)
    return redirect("cases")


def _note_signal(request: HttpRequest) -> None:
    received_at = moment_of(request.POST.get("at", "").strip()) or clock.now()
    said = _text(request, "source", "words", "reference")
    opening.note_signal(request.actor, received_at=received_at, request_key=key_of(request), **said)


def _list(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    closed = request.GET.get("closed") == "yes"
    shown = {
        "found": cases_told(request.actor, closed=closed), "closed": closed, "kinds": KINDS,
        "signals": signals_with_tips(request.actor, [one for one in signals_told(request.actor) if one["state"] == "waiting"]),
        "may_work": request.actor.may(rights.CASE_WORK), "may_handle": request.actor.may(rights.TIP_HANDLE),
        "may_note": request.actor.may(rights.SIGNAL_NOTE), "sources": SOURCES, **said,
    }  # fmt: skip
    return render(request, "cases.html", shown, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def case_page(request: HttpRequest, code: str) -> HttpResponse:
    """One case; a POST says something of it."""
    if request.method != "POST":
        return _one(request, code, {})
    verb = _VERBS.get(request.POST.get("verb", ""))
    if verb is None:
        raise Invalid(
            "web.form_unknown", "This form says nothing that is known.", {"field": "verb"}, "Open the page anew."
        )
    return _done(request, code, rights.CASE_WORK, verb)


@require_POST
def decision_form(request: HttpRequest, code: str) -> HttpResponse:
    """Whether it is to be reported, with the file that it rests on where one is sent."""
    return _done(request, code, rights.CASE_DECIDE, _decide)


def _done(request: HttpRequest, code: str, right: str, verb: Callable[[HttpRequest, str], None]) -> HttpResponse:
    case_seen(request.actor, code)  # one that the reader does not see is not there
    request.actor.require(right)
    try:
        verb(request, code)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed) or refusal.code == "cases.unknown":
            raise
        return _one(request, code, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("case", code=code)


@require_safe
def drill_page(request: HttpRequest) -> HttpResponse:
    """How long each answer of a drill took; on the record there is no such page."""
    return render(request, "drill.html", {"found": drill_report(request.actor)})


def _one(request: HttpRequest, code: str, said: dict, status: int = 200) -> HttpResponse:
    may = request.actor.may
    moments = (
        MOMENTS if may(rights.CASE_DECIDE) else {name: word for name, word in MOMENTS.items() if name != "aware_at"}
    )
    one, numbers = case_seen(request.actor, code), affected(request.actor, code)
    now = numbers["now"] or {}
    most = max((pictures.total(row) for row in now.get("by_customer", ())), default=1) or 1
    shown = {
        "numbers": numbers, "frozen_newest_first": numbers["frozen"][::-1], "tiles": tiles_of(now.get("countries", {})),
        "customers": [(row["customer"], row, pictures.bar(row, most)) for row in now.get("by_customer", ())],
        "makers": sorted({duty["manufacturer"] for duty in one["duties"] if duty["manufacturer"]}), "late": _unexplained(one),
        "standing_measures": [each for each in one["measures"] if each["available_at"]],
        "open_tasks": sum(task["state"] in OPEN_TASKS for task in one["tasks"]),
        "one": one, "closing": _closing(one, said.get("typed")), "may_work": may(rights.CASE_WORK), "may_decide": may(rights.CASE_DECIDE),
        "grounds": _grounds(one), "said_duties": SAID_DUTIES, "moments": moments, "roles": ROLES, "kinds": {name: word for name, word in KINDS.items() if name not in one["kinds"]}, "reports": reports_told(request.actor, code), "actions": actions_told(request.actor, case=code), **said,
    }  # fmt: skip
    return render(request, "case.html", shown, status=status)


def _closing(one: dict, typed: Mapping[str, str] | None) -> dict:
    """What is open, with the reasons that somebody typed where closing was refused: they are not typed twice."""
    mine = typed if typed is not None and typed.get("verb") == "close" else {}
    ends = [{**each, "typed": mine.get(f"left.{each['name']}", "")} for each in one["open_ends"]]
    return {"why": mine.get("why", ""), "ends": ends}


def _unexplained(one: dict) -> list[tuple[str, str, str]]:
    """(duty, manufacturer, report) of what is late without a reason."""
    return [
        (duty["duty"], duty["manufacturer"] or "", each["stage"])
        for duty in one["duties"] for each in duty["clocks"] if each["late"] and not each["late_reason"]
    ]  # fmt: skip


def _grounds(one: dict) -> dict[str, list[tuple[str, str]]]:
    """Decision -> (ground, duties it is of) that the duties of this case may rest on."""
    running = {duty["duty"] for duty in one["duties"]}
    found: dict[str, list[tuple[str, str]]] = {"reportable": [], "not_reportable": []}
    for ground in rule_sets()[-1].grounds:
        of = [duty for duty in ground.duties if duty in running]
        if of or not ground.duties:
            found[ground.decision].append((ground.ground, ", ".join(str(DUTIES[duty]) for duty in of)))
    return found


def _text(request: HttpRequest, *names: str) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in names}


def _verb(function: Callable, *names: str, at: bool = False) -> Callable:
    """A verb that takes cells of the form as they are; `at`: and a time, the present one where none was typed."""

    def act(request: HttpRequest, code: str) -> None:
        said: dict = _text(request, *names)
        if at:
            said["at"] = moment_of(request.POST.get("at", "").strip()) or clock.now()
        function(request.actor, case=code, request_key=key_of(request), **said)

    return act


def _finding(request: HttpRequest, code: str) -> None:
    known = request.POST.get("known") == "yes"
    working.state_finding(
        request.actor, case=code, known=known, request_key=key_of(request), **_text(request, "words", "finding")
    )


def _task(request: HttpRequest, code: str) -> None:
    due = moment_of(request.POST.get("due", "").strip())
    said = _text(request, "words", "owner", "task", "task_state")
    working.set_task(request.actor, case=code, due_at=due, request_key=key_of(request), **said)


def _measure_off(request: HttpRequest, code: str) -> None:
    """A measure that is none after all: kind and manufacturer stay as they were stated."""
    said = _text(request, "measure", "why")
    known = next((one for one in case_seen(request.actor, code)["measures"] if one["measure"] == said["measure"]), None)
    of = {"kind": known["kind"], "manufacturer": known["manufacturer"] or ""} if known else {"kind": MEASURE_KINDS[0]}
    saying.state_measure(request.actor, case=code, request_key=key_of(request), at=None, **said, **of)


def _run(request: HttpRequest) -> dict[str, str]:
    """The duty that a form chose, with its manufacturer; empty: all that run."""
    duty, _split, manufacturer = request.POST.get("run", "").strip().partition(" ")
    return {"duty": duty, "manufacturer": manufacturer}


def _decide(request: HttpRequest, code: str) -> None:
    decision, _split, ground = request.POST.get("ground", "").partition(" ")
    file = request.FILES.get("evidence")
    proof = {"content": file.read(FILE_BYTES_MAX + 1), "name": file.name or "evidence"} if file is not None else {}
    said = {**_run(request), **_text(request, "why", "vex", "answer"), **proof, "ground": ground}
    deciding.decide(request.actor, case=code, reportable=decision == "reportable", request_key=key_of(request), **said)


def _duty(request: HttpRequest, code: str) -> None:
    hours = request.POST.get("hours", "").strip()
    # what is no number of hours is 0, which no contract has
    number = int(hours) if hours.isascii() and hours.isdigit() and len(hours) < 6 else 0
    said = {**_text(request, "duty", "party", "why"), "hours": number if hours else None}
    saying.say_duty(request.actor, case=code, on=request.POST.get("on") != "no", request_key=key_of(request), **said)


def _moment(request: HttpRequest, code: str) -> None:
    """Awareness of all duties that run, or of the one that the form chose."""
    at = moment_of(request.POST.get("at", "").strip()) or clock.now()
    said = {**_run(request), **_text(request, "moment", "why")}
    saying.state_moment(request.actor, case=code, at=at, request_key=key_of(request), **said)


def _late(request: HttpRequest, code: str) -> None:
    """The form names report, duty and manufacturer in one choice."""
    stage, duty, manufacturer = [*request.POST.get("late", "").strip().split(" ", 2), "", ""][:3]
    which = {"stage": stage, "duty": duty, "manufacturer": manufacturer}
    deciding.say_why_late(request.actor, case=code, request_key=key_of(request), **which, **_text(request, "why"))


def _asked(request: HttpRequest, code: str) -> None:
    """An authority asks for a report: asked now where no time was typed, due when it said."""
    due_at = moment_of(request.POST.get("due_at", "").strip())
    if due_at is None:
        raise Invalid("cases.due_missing", "due_at: is missing.", {"field": "due_at"}, "Say until when.")
    times = {"asked_at": moment_of(request.POST.get("at", "").strip()) or clock.now(), "due_at": due_at}
    said = {**_run(request), **_text(request, "words"), **times}
    ask_report(request.actor, case=code, request_key=key_of(request), **said)


def _close(request: HttpRequest, code: str) -> None:
    """Beside the reason a form has a field for each thing that is open."""
    given = {name.removeprefix("left."): said for name, said in request.POST.items() if name.startswith("left.")}
    left = {name: said for name, said in given.items() if said.strip()}
    opening.close_case(request.actor, case=code, left_open=left, request_key=key_of(request), **_text(request, "why"))


_VERBS: dict[str, Callable[[HttpRequest, str], None]] = {
    "asked": _asked,
    "duty": _duty,
    "product": _verb(saying.add_product, "product", "role", "manufacturer", "why"),
    "moment": _moment,
    "measure": _verb(saying.state_measure, "kind", "why", "manufacturer", at=True),
    "measure_off": _measure_off,
    "late": _late,
    "freeze": _verb(deciding.freeze, "question", "why"),
    "submit": _verb(deciding.submit, "duty", "stage", "reference", "manufacturer", "why", at=True),
    "finding": _finding,
    "task": _task,
    "note": _verb(saying.note, "words"),
    "kind": _verb(turning.add_kind, "kind", "why", at=True),
    "close": _close,
    "reopen": _verb(opening.reopen_case, "why"),
}
