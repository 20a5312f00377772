"""Alternates of parts, their qualification runs, deviations and design reviews."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from asbuilt.access.rights import CONCESSION_AGREE, EVIDENCE_READ, SOURCING_DECIDE, SOURCING_WORK
from asbuilt.answers.gate import deviating, qualifying
from asbuilt.answers.gate.review_pdf import LANGUAGES, report_of
from asbuilt.designed.catalog.placements import placed
from asbuilt.designed.changes.qualifying import deviations as deviation_words
from asbuilt.designed.changes.qualifying import reviews as review_words
from asbuilt.designed.changes.qualifying import runs as run_words
from asbuilt.designed.changes.qualifying.actions import alternates, reviewing
from asbuilt.designed.changes.qualifying.rule_files import properties
from asbuilt.designed.parties.queries import codes_and_names
from asbuilt.doors.web.board_map import drawn
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.inspection import paper_bytes
from asbuilt.doors.web.posted import key_of, moment_of
from asbuilt.doors.web.words import register as words
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.questions.genealogy.seen.deviations import deviation_seen, deviations_seen
from asbuilt.questions.genealogy.seen.qualifying import review_seen, reviews_seen, sheet_seen, sheets_seen

STATES = {
    "stated": _("not qualified yet"), "running": _("in qualification"), "qualified": _("qualified"), "not_qualified": _("not qualified"),
    "revoked": _("revoked"), "current": _("in use"), "alternate": _("alternate"), "lower": _("lower"), "same": _("the same"),
    "higher": _("higher"), "different": _("different"), "unknown": _("not known"), "open": _("open"), "in_force": _("in force"),
    "over": _("over"), "closed": _("closed"), "done": _("done"), "accepted": _("accepted"),
}  # fmt: skip
KINDS = {
    "part": _("part"),
    "process": _("process"),
    "document": _("document"),
    "test": _("test"),
    "other": _("something else"),
}
FIELDS = {
    "functional": _("function"), "security": _("security"), "environmental": _("environment"), "accelerated": _("accelerated"),
    "process": _("process"), "dfm": _("manufacturability"), "dft": _("testability"), "own": _("own point"),
}  # fmt: skip
VERDICTS = {
    "pass": _("passed"),
    "fail": _("failed"),
    "ok": _("in order"),
    "finding": _("a finding"),
    "not_applicable": _("does not apply"),
}
LINES = {
    "sheet_opened": _("opened"), "candidate": _("candidate stated"), "candidate_run": _("run begun"), "candidate_judged": _("judged"),
    "run_started": _("begun"), "run_result": _("result taken"), "run_judged": _("judged"),
    "deviation_proposed": _("proposed"), "deviation_agreed": _("agreed"), "deviation_granted": _("in force"), "deviation_ended": _("ended"),
    "review_opened": _("opened"), "review_answered": _("answered"), "review_closed": _("closed"),
}  # fmt: skip
_ALL = {**FIELDS, **KINDS, **STATES, **VERDICTS, **LINES}
CRITERIA_SHOWN = 6
NUMBER_DIGITS_MAX = 7


@words.filter
def qualifying_word(said: str) -> str:
    """A word of these pages, as people say it."""
    return _ALL.get(said, said)


@words.filter
def yes_or_no(said: str) -> str:
    """What a sheet says of a property: yes and no as people say them, other words as they stand."""
    return {"yes": _("yes"), "no": _("no")}.get(said, said)


@words.filter
def listed_words(said: dict) -> str:
    """The words of a dated list in the reader's language, else in English."""
    return said.get((get_language() or "en").partition("-")[0]) or said.get("en", "")


def _tried(request: HttpRequest, right: str, verb, show, **to) -> HttpResponse:
    """A form's verb, then the page `to`; what was refused is shown by `show` with what was typed."""
    request.actor.require(right)
    try:
        code = verb(request)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return show({"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect(to["page"], code=to.get("code") or code)


def _paper(request: HttpRequest) -> tuple[bytes | None, str]:
    file = request.FILES.get("file")
    return (paper_bytes(file), file.name) if file else (None, "")


def _number(field: str, said: str) -> int:
    text = said.strip()
    if text and not (text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX):
        raise Invalid("web.number_wrong", f"{field}: {text[:20]!a} is no count.", {"field": field}, "Write a number.")
    return int(text or 0)


# ---- alternates


@require_http_methods(["GET", "HEAD", "POST"])
def sheets_page(request: HttpRequest) -> HttpResponse:
    """Alternates sheets and qualification runs, the newest first; a POST opens a sheet."""

    def show(said: dict, status: int = 200) -> HttpResponse:
        shown = {
            "sheets": sheets_seen(request.actor), "runs": qualifying.runs_seen(request.actor), "of_house": True,
            "may_work": request.actor.may(SOURCING_WORK), "typed": request.GET, **said,
        }  # fmt: skip
        return render(request, "sourcing_alternates.html", shown, status=status)

    if request.method != "POST":
        return show({})
    said = {name: request.POST.get(name, "").strip() for name in ("part", "title", "notice")}

    def verb(_request: HttpRequest) -> str:
        return alternates.open_sheet(request.actor, **said, request_key=key_of(request))

    return _tried(request, SOURCING_WORK, verb, show, page="sourcing_alternate")


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_page(request: HttpRequest, code: str) -> HttpResponse:
    """One sheet, property by property; a POST states a candidate or starts a run."""
    one = sheet_seen(request.actor, code)

    def show(said: dict, status: int = 200) -> HttpResponse:
        shown = {
            "one": one, "of_house": True, "may_work": request.actor.may(SOURCING_WORK), "properties": properties()[1],
            "startable": [each for each in one["candidates"] if each["role"] == "alternate" and each["state"] not in ("running", "qualified")],
            "rows": range(1, CRITERIA_SHOWN + 1), "fields": run_words.FIELDS, "kinds": run_words.KINDS,
            "may_download": request.actor.may(EVIDENCE_READ), **said,
        }  # fmt: skip
        return render(request, "sourcing_alternate.html", shown, status=status)

    if request.method != "POST":
        return show({})
    if request.POST.get("verb") == "run":
        return _tried(request, SOURCING_WORK, lambda _: _start(request, code), show, page="sourcing_run")
    return _tried(
        request, SOURCING_WORK, lambda _: _candidate(request, code), show, page="sourcing_alternate", code=code
    )


def _candidate(request: HttpRequest, code: str) -> int:
    form, (content, name) = request.POST, _paper(request)
    said = {one.key: form.get(f"p-{one.key}", "").strip() for one in properties()[1]}
    return alternates.state_candidate(
        request.actor, sheet=code, mpn=form.get("mpn", ""), maker=form.get("maker", ""), role=form.get("role", "alternate"),
        properties={key: value for key, value in said.items() if value}, words=form.get("words", ""), content=content, name=name,
        request_key=key_of(request),
    )  # fmt: skip


def _start(request: HttpRequest, code: str) -> str:
    form = request.POST
    criteria = []
    for n in range(1, CRITERIA_SHOWN + 1):
        cells = {name: form.get(f"{name}-{n}", "").strip() for name in ("key", "field", "kind", "words", "plan")}
        if not cells["key"]:
            continue
        counts = {name: _number(name, form.get(f"{name}-{n}", "")) for name in ("units_min", "failed_max")}
        criteria.append({**cells, **counts})
    said = {name: form.get(name, "").strip() for name in ("mpn", "order", "why")}
    return qualifying.start_run(request.actor, sheet=code, **said, criteria=criteria, request_key=key_of(request))


@require_http_methods(["GET", "HEAD", "POST"])
def run_page(request: HttpRequest, code: str) -> HttpResponse:
    """One qualification run: what its criteria show; a POST takes a result or judges."""
    one = qualifying.run_seen(request.actor, code)

    def show(said: dict, status: int = 200) -> HttpResponse:
        may = request.actor.may
        shown = {
            "one": one, "of_house": True, "may_work": may(SOURCING_WORK), "may_decide": may(SOURCING_DECIDE), "may_download": may(EVIDENCE_READ),
            "outside": [each for each in one["criteria"] if each["kind"] == run_words.OUTSIDE],
            "verdicts": ("revoked",) if one["state"] == "qualified" else ("qualified", "not_qualified") if one["state"] == "running" else (),
            **said,
        }  # fmt: skip
        return render(request, "sourcing_run.html", shown, status=status)

    if request.method != "POST":
        return show({})
    form = request.POST
    if form.get("verb") == "judge":

        def judge(_request: HttpRequest) -> int:
            return qualifying.judge_run(
                request.actor, run=code, verdict=form.get("verdict", ""), why=form.get("why", ""), request_key=key_of(request)
            )  # fmt: skip

        return _tried(request, SOURCING_DECIDE, judge, show, page="sourcing_run", code=code)

    def take(_request: HttpRequest) -> int:
        content, name = _paper(request)
        said = {key: form.get(key, "") for key in ("criterion", "verdict", "words")}
        return alternates.take_result(
            request.actor, run=code, **said, content=content, name=name, request_key=key_of(request)
        )

    return _tried(request, SOURCING_WORK, take, show, page="sourcing_run", code=code)


# ---- deviations


@require_http_methods(["GET", "HEAD", "POST"])
def deviations_page(request: HttpRequest) -> HttpResponse:
    """Deviations, the newest first; a POST proposes one."""
    own = request.actor.party is None

    def show(said: dict, status: int = 200) -> HttpResponse:
        shown = {
            "found": deviations_seen(request.actor), "of_house": own, "may_work": request.actor.may(SOURCING_WORK) and own,
            "kinds": {kind: KINDS[kind] for kind in deviation_words.KINDS}, **said,
        }  # fmt: skip
        return render(request, "sourcing_deviations.html", shown, status=status)

    if request.method != "POST":
        return show({})

    def propose(_request: HttpRequest) -> str:
        form = request.POST
        said = {
            name: form.get(name, "").strip() for name in ("product", "kind", "subject", "why", "order", "part", "maker")
        }
        until = moment_of(form.get("until_at", "").strip())
        if until is None:
            raise Invalid("web.end_missing", "until_at: is empty.", {"field": "until_at"}, "Say when it ends.")
        places = {name: _number(name, form.get(name, "")) for name in ("first", "last")}
        return deviating.propose_deviation(request.actor, **said, **places, until_at=until, request_key=key_of(request))

    return _tried(request, SOURCING_WORK, propose, show, page="sourcing_deviation")


@require_http_methods(["GET", "HEAD", "POST"])
def deviation_page(request: HttpRequest, code: str) -> HttpResponse:
    """One deviation: who agreed, what is missing, what was built so; a POST agrees or ends it."""
    one = deviation_seen(request.actor, code)
    may, own = request.actor.may, request.actor.party is None

    def show(said: dict, status: int = 200) -> HttpResponse:
        shown = {
            "one": one, "of_house": own, "may_agree": one["state"] == "open" and (may(SOURCING_DECIDE) if own else may(CONCESSION_AGREE)),
            "may_end": one["state"] != "over" and own and may(SOURCING_DECIDE), "may_download": may(EVIDENCE_READ),
            "parties": codes_and_names(request.actor.tenant) if own else (), **said,
        }  # fmt: skip
        return render(request, "sourcing_deviation.html", shown, status=status)

    if request.method != "POST":
        return show({})
    form = request.POST
    if form.get("verb") == "end":

        def end(_request: HttpRequest) -> int:
            return deviating.end_deviation(
                request.actor, deviation=code, why=form.get("why", ""), request_key=key_of(request)
            )

        return _tried(request, SOURCING_DECIDE, end, show, page="sourcing_deviation", code=code)

    def agree(_request: HttpRequest) -> int:
        content, name = _paper(request)
        return deviating.agree_deviation(
            request.actor, deviation=code, why=form.get("why", ""), party=form.get("party", "").strip(), content=content, name=name,
            request_key=key_of(request),
        )  # fmt: skip

    right = SOURCING_DECIDE if own else CONCESSION_AGREE
    return _tried(request, right, agree, show, page="sourcing_deviation", code=code)


# ---- design reviews


@require_http_methods(["GET", "HEAD", "POST"])
def reviews_page(request: HttpRequest) -> HttpResponse:
    """Design reviews, the newest first; a POST opens one."""

    def show(said: dict, status: int = 200) -> HttpResponse:
        shown = {
            "found": reviews_seen(request.actor),
            "of_house": True,
            "may_work": request.actor.may(SOURCING_WORK),
            **said,
        }
        return render(request, "sourcing_reviews.html", shown, status=status)

    if request.method != "POST":
        return show({})
    said = {name: request.POST.get(name, "").strip() for name in ("product", "revision", "title")}

    def verb(_request: HttpRequest) -> str:
        return reviewing.open_review(request.actor, **said, request_key=key_of(request))

    return _tried(request, SOURCING_WORK, verb, show, page="sourcing_review")


@require_http_methods(["GET", "HEAD", "POST"])
def review_page(request: HttpRequest, code: str) -> HttpResponse:
    """One design review with its findings on the board; a POST answers a point or closes it."""
    one = review_seen(request.actor, code)

    def show(said: dict, status: int = 200) -> HttpResponse:
        may = request.actor.may
        shown = {
            "one": one, "of_house": True, "may_work": may(SOURCING_WORK) and one["state"] == "open", "may_decide": may(SOURCING_DECIDE) and one["state"] == "open",
            "may_download": may(EVIDENCE_READ), "sheets": _board(request, one), "verdicts": review_words.VERDICTS, "states": review_words.STATES, **said,
        }  # fmt: skip
        return render(request, "sourcing_review.html", shown, status=status)

    if request.method != "POST":
        return show({})
    form = request.POST
    if form.get("verb") == "close":

        def close(_request: HttpRequest) -> int:
            return reviewing.close_review(
                request.actor, review=code, why=form.get("why", ""), request_key=key_of(request)
            )

        return _tried(request, SOURCING_DECIDE, close, show, page="sourcing_review", code=code)

    def answer(_request: HttpRequest) -> int:
        content, name = _paper(request)
        said = {
            key: form.get(key, "").strip() for key in ("point", "verdict", "action", "owner", "due_on", "plan", "step")
        }
        return reviewing.answer_point(
            request.actor, review=code, **said, words_said=form.get("words", ""), refdes=form.get("refdes", "").split(),
            state_now=form.get("state", "open"), annex=form.get("annex", "").split(), content=content, name=name, request_key=key_of(request),
        )  # fmt: skip

    return _tried(request, SOURCING_WORK, answer, show, page="sourcing_review", code=code)


def _board(request: HttpRequest, one: dict) -> list:
    """The sides of the board, places of findings marked."""
    board = placed(request.actor.tenant, one["product"], one["revision"])
    if board is None:
        return []
    marks: dict[str, list[str]] = {}
    for each in one["points"]:
        answer = each["answer"]
        for refdes in answer["refdes"] if answer and answer["verdict"] == "finding" else ():
            marks.setdefault(refdes, []).append(each["point"])
    return drawn(board.components, {refdes: ", ".join(points) for refdes, points in marks.items()})


@require_safe
def review_report(request: HttpRequest, code: str) -> HttpResponse:
    """The review as PDF, in the reader's language."""
    language = (get_language() or "en").partition("-")[0]
    content = report_of(request.actor, code, language if language in LANGUAGES else "en")
    return download(content, "application/pdf", f"{code}.pdf")
