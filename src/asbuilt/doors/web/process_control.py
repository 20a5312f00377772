"""Yield today, defects by how often they were found, and control charts: as pages, as PNG and as CSV."""

from datetime import UTC, date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from asbuilt.access import rights
from asbuilt.access.queries import time_zone_of
from asbuilt.answers.register.out_of_control import hold_signal, proposed_reason, raised_about
from asbuilt.built.quality import yields as read_yields
from asbuilt.built.quality.pareto import Pareto, pareto
from asbuilt.built.quality.process_control import EVERY, Control, control, last_points, units_at, whole
from asbuilt.built.quality.process_control import KINDS as CHART_KINDS
from asbuilt.built.quality.series import Scope, names_measured, steps_there_are
from asbuilt.doors.web import board_map, chart_pictures
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.posted import key_of
from asbuilt.doors.web.words import local
from asbuilt.doors.web.words import register as words
from asbuilt.kernel.control_charts import RULE_SETS
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.narrowing import written
from asbuilt.questions.genealogy.seen import orders as orders_seen
from asbuilt.questions.genealogy.seen.boards import order_board

DAYS_BEFORE = 5
SIGNALS_TOLD_MAX = 50
BY = {"l": ("line",), "s": ("step",), "p": ("product",), "ls": ("line", "step"), "t": ("station",)}
BY_WORDS = {"product": _("product"), "line": _("line"), "step": _("step"), "station": _("station")}
CHART_WORDS = {
    "individuals": _("single values"), "xbar_r": _("means of subgroups"), "p": _("share failed"), "u": _("defects per unit"),
}  # fmt: skip
EVERY_WORDS = {"hour": _("hour"), "shift": _("shift of 8 h"), "day": _("day"), "week": _("week")}
RULE_SET_WORDS = {"nelson": "Nelson", "western_electric": "Western Electric"}
RULE_WORDS = {
    "we_1": _("one value beyond 3 sigma"), "we_2": _("two of three beyond 2 sigma on one side"),
    "we_3": _("four of five beyond 1 sigma on one side"), "we_4": _("eight in a row on one side"),
    "nelson_1": _("one value beyond 3 sigma"), "nelson_2": _("nine in a row on one side"),
    "nelson_3": _("six in a row rising or falling"), "nelson_4": _("fourteen in a row up and down by turns"),
    "nelson_5": _("two of three beyond 2 sigma on one side"), "nelson_6": _("four of five beyond 1 sigma on one side"),
    "nelson_7": _("fifteen in a row within 1 sigma"), "nelson_8": _("eight in a row beyond 1 sigma on both sides"),
}  # fmt: skip


@words.filter
def rule_word(rule: str) -> str:
    """What a rule says is unusual."""
    return RULE_WORDS.get(rule, rule)


@words.filter
def chart_word(kind: str) -> str:
    """A kind of chart, of period or of group, as people say it."""
    return {**CHART_WORDS, **EVERY_WORDS, **BY_WORDS, **RULE_SET_WORDS}.get(kind, kind)


@words.filter
def figure(value) -> str:
    """Five digits of a measured value."""
    return "–" if value is None else local(f"{value:.5g}")


@words.filter
def defect_question(code: str) -> str:
    """The question for units with this defect."""
    return written("defect", code)


@require_safe
def yield_page(request: HttpRequest) -> HttpResponse:
    """First-pass yield of a day by line and step, against the five days before; the worst defect; who is silent."""
    whole(request.actor)
    by = request.GET.get("by", "ls")
    said: dict = {"by": by, "product": request.GET.get("product", "").strip()}
    status = 200
    try:
        day, since = _day(request, request.GET.get("day", ""))
        group = BY.get(by, BY["ls"])
        until = _next(request, day)
        now = read_yields.yields(request.actor, since=since, until=until, by=group, product=said["product"])
        before = read_yields.yields(
            request.actor, since=_next(request, day, -DAYS_BEFORE), until=since, by=group, product=said["product"]
        )
        earlier = {row.group: row for row in before.rows}
        rows = [(row, earlier.get(row.group)) for row in now.rows]
        worst = pareto(request.actor, Scope("", product=said["product"], since=since, until=until))
        said |= {"day": day, "found": now, "before": before.whole, "rows": rows, "worst": worst.codes[:3], "group": group}  # fmt: skip
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed) or refusal.code == "quality.narrow_view":
            raise
        said["error"], status = refusal, refusal.http_status
    return render(request, "yield.html", said, status=status)


def _day(request: HttpRequest, text: str) -> tuple[date, int]:
    """A day as it was asked for, else today, and when it began in the site's zone."""
    zone = time_zone_of(request.actor.tenant)
    try:
        day = (
            date.fromisoformat(text)
            if text
            else datetime.fromtimestamp(clock.now() / 1_000_000, UTC).astimezone(zone).date()
        )
        start = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
        return day, int(start.timestamp()) * 1_000_000
    except (ValueError, OverflowError):
        raise Invalid("web.day_wrong", f"{text[:40]} is no day.", {"field": "day"}, "Write 2027-03-15.") from None


def _next(request: HttpRequest, day: date, days: int = 1) -> int:
    """When the day so many days later begins: a day of the site is of 23 or 25 hours when its clocks are changed."""
    try:
        return _day(request, (day + timedelta(days=days)).isoformat())[1]
    except OverflowError:
        raise Invalid("web.day_wrong", f"{day} is no day.", {"field": "day"}, "Write 2027-03-15.") from None


@require_safe
def defects_page(request: HttpRequest) -> HttpResponse:
    """Defects by how often, in a table and as bars; whose board maps show the places."""
    said: dict = {"asked": request.GET}
    status = 200
    try:
        scope = _scope(request, step=request.GET.get("step", "").strip())
        found = pareto(request.actor, scope)
        said |= {"found": found, "may_raise": request.actor.may(rights.NONCONFORMITY_RAISE), **_board(request, found)}
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed) or refusal.code == "quality.narrow_view":
            raise
        said["error"], status = refusal, refusal.http_status
    return render(request, "defects.html", said, status=status)


def _board(request: HttpRequest, found: Pareto) -> dict:
    """The board map of the order that is asked for, else of the one with the most findings, by its defects."""
    asked = request.GET.get("order", "").strip()[:200]
    order = asked or next((code for code, _ in found.orders), "")
    if not order:
        return {"board": None}
    request.GET = request.GET.copy()
    request.GET.setdefault("map", "defect")
    board = order_board(orders_seen.order_page(request.actor, order))
    return {**board_map.said(request, board), "board_order": order}


@require_safe
def control_page(request: HttpRequest) -> HttpResponse:
    """A control chart with its broken rules in words; without a step, which steps there are."""
    whole(request.actor)
    return _control(request, {})


def _control(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    asked = _asked(request)
    said = {
        "asked": asked, "steps": steps_there_are(request.actor.tenant), "kinds": CHART_KINDS, "everies": list(EVERY),
        "rule_sets": list(RULE_SETS), "may_decide": request.actor.may(rights.NONCONFORMITY_WORK) and request.actor.may(rights.HOLD_PLACE),
        **said,
    }  # fmt: skip
    if asked["step"]:
        try:
            said["names"] = names_measured(request.actor.tenant, _scope(request, step=asked["step"]))
            if asked["name"] or asked["kind"] in ("p", "u"):
                found = _chart(request)
                shown = last_points(found, chart_pictures.POINTS_SHOWN_MAX)
                said |= {"found": found, "shown": shown, "picture": chart_pictures.picture(shown), "told": _told(request.actor.tenant, found, shown),
                         "broken": sum(map(len, found.signals)),
                         "query": urlencode(asked), "rows": _rows(shown)}  # fmt: skip
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            said, status = {**said, "error": refusal}, refusal.http_status
    return render(request, "control.html", said, status=status)


def _told(tenant: int, found: Control, shown: Control) -> list[dict]:
    """The signals of the points shown as the list says them, each to be decided about."""
    told = []
    for number, place, signal in chart_pictures.numbered_signals(shown)[-SIGNALS_TOLD_MAX:]:
        offset = len(shown.points) - len(shown.panels[place].points)
        point = shown.points[signal.point + offset]
        units, proposed = units_at(found, signal.rule, point.at, place), proposed_reason(shown, signal, place)
        told.append({
            "number": number, "rule": signal.rule, "of_ranges": place == 1, "at": point.at, "point": shown.before + signal.point + offset + 1,
            "value": shown.panels[place].points[signal.point], "units": len(units), "reason": proposed,
            "raised": raised_about(tenant, proposed, units),
        })  # fmt: skip
    return told


def _rows(shown: Control) -> list[tuple]:
    """(number, point, value, range) for the table beside the picture."""
    if not shown.panels:
        return []
    ranges = shown.panels[1].points if len(shown.panels) > 1 else ()
    offset = len(shown.points) - len(ranges)
    return [
        (shown.before + n + 1, point, shown.panels[0].points[n], ranges[n - offset] if ranges and n >= offset else None)
        for n, point in enumerate(shown.points)
    ]


def _asked(request: HttpRequest) -> dict[str, str]:
    """What the address asks for, with defaults."""
    source = request.POST if request.method == "POST" else request.GET
    usual = {"kind": "individuals", "rules": "nelson", "every": "day", "subgroup": "5"}
    names = ("step", "name", "product", "line", "machine", "side", "since", "until", *usual)
    return {name: source.get(name, "").strip()[:200] or usual.get(name, "") for name in names}


def _scope(request: HttpRequest, *, step: str) -> Scope:
    asked = _asked(request)
    since = _day(request, asked["since"])[1] if asked["since"] else None
    until = _next(request, _day(request, asked["until"])[0]) if asked["until"] else None
    return Scope(step, asked["product"], asked["line"], asked["machine"], asked["side"], since, until)


def _chart(request: HttpRequest) -> Control:
    asked = _asked(request)
    return control(request.actor, _scope(request, step=asked["step"]), asked["name"], **_how(asked))


def _how(asked: dict[str, str]) -> dict:
    subgroup = asked["subgroup"]
    if not (subgroup.isascii() and subgroup.isdigit() and len(subgroup) < 4):
        raise Invalid("quality.chart_subgroup", f"{subgroup[:20]} is no size.", {"field": "subgroup"}, "Five is usual.")
    return {"kind": asked["kind"], "rules": asked["rules"], "every": asked["every"], "subgroup": int(subgroup)}


@require_safe
def chart_png(request: HttpRequest) -> HttpResponse:
    """The chart as a picture."""
    found = last_points(_chart(request), chart_pictures.POINTS_SHOWN_MAX)
    asked = _asked(request)
    title = " · ".join(filter(None, (asked["step"], asked["name"], asked["machine"], asked["line"], asked["product"])))
    return HttpResponse(chart_pictures.png(found, title), content_type="image/png")


@require_safe
def chart_csv(request: HttpRequest) -> HttpResponse:
    """The chart's points as a table."""
    return download(chart_pictures.table(_chart(request)), "text/csv; charset=utf-8", "chart.csv")


@require_POST
def chart_hold(request: HttpRequest) -> HttpResponse:
    """Hold the units of a signal and open a nonconformity."""
    request.actor.require(rights.NONCONFORMITY_WORK)
    request.actor.require(rights.HOLD_PLACE)
    whole(request.actor)
    asked = _asked(request)
    at = request.POST.get("at", "")
    try:
        code, _hold = hold_signal(
            request.actor,
            _scope(request, step=asked["step"]),
            asked["name"],
            rule=request.POST.get("rule", ""),
            of_ranges=request.POST.get("of_ranges") == "yes",
            at=int(at) if at.isascii() and at.isdigit() and len(at) < 20 else 0,
            reason=request.POST.get("reason", ""),
            request_key=key_of(request),
            **_how(asked),
        )
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed) or refusal.http_status == 404:
            raise
        return _control(request, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("nonconformity", code=code)
