"""Serial numbers and marks on the pages: number an order's units, download marks, read a mark back, tag a unit."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from asbuilt.access.rights import MARK_READ, ORDER_PLAN
from asbuilt.built.production.actions import marks, naming, panels, tags
from asbuilt.doors.web.downloads import saved_as
from asbuilt.doors.web.order import order_said
from asbuilt.doors.web.posted import key_of
from asbuilt.doors.web.unit import unit_said
from asbuilt.formats.marks import IMAGE_BYTES_MAX
from asbuilt.kernel.errors import AsbuiltError, NotFound
from asbuilt.questions.genealogy.seen import marks as marks_seen


@require_POST
def by_rule(request: HttpRequest, code: str) -> HttpResponse:
    """The next units without a serial number get one."""
    text = request.POST.get("count", "").strip()
    count = None if not text else int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    return _named(
        request, code, lambda: naming.name_units(request.actor, order=code, count=count, request_key=key_of(request))
    )


@require_POST
def from_list(request: HttpRequest, code: str) -> HttpResponse:
    """The customer's serial numbers, line by line."""
    file = request.FILES.get("file")
    content = file.read(naming.LIST_BYTES_MAX + 1) if file else b""
    name = "".join(filter(str.isprintable, file.name or ""))[:200] if file else ""
    return _named(
        request, code,
        lambda: naming.name_units_from_list(
            request.actor, order=code, content=content, file=name or "serials.csv", request_key=key_of(request)
        ),
    )  # fmt: skip


def _named(request: HttpRequest, code: str, verb: Callable[[], naming.Named]) -> HttpResponse:
    request.actor.require(ORDER_PLAN)
    try:
        named = verb()
    except NotFound:
        raise
    except AsbuiltError as refusal:
        rows = list(getattr(refusal, "rows", ()))[:200]
        said = {
            "error": refusal,
            "wrong": refusal.facts.get("field"),
            "form": "serials",
            "typed": request.POST,
            "rows": rows,
        }
        return order_said(request, code, said, refusal.http_status)
    return order_said(request, code, {"named": named})


@require_POST
def on_panel(request: HttpRequest, code: str) -> HttpResponse:
    """The next units lie on this panel."""
    request.actor.require(MARK_READ)
    positions, skipped = (
        request.POST.get("positions", "").strip(),
        request.POST.get("skipped", "").replace(",", " ").split(),
    )
    words = {"panel": request.POST.get("panel", "").strip(), "positions": _whole(positions) if positions else None}
    try:
        done = panels.put_on_panel(
            request.actor,
            order=code,
            **words,
            skipped=[_whole(text) for text in skipped[:2000]],
            request_key=key_of(request),
        )
    except NotFound:
        raise
    except AsbuiltError as refusal:
        said = {"error": refusal, "wrong": refusal.facts.get("field"), "form": "panel", "typed": request.POST}
        return order_said(request, code, said, refusal.http_status)
    return order_said(request, code, {"on_panel": done, "form": "panel"})


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


@require_safe
def order_marks(request: HttpRequest, code: str) -> HttpResponse:
    """A laser file of some places of the order."""
    first, last = (
        int(text) if (text := request.GET.get(name, "")).isdecimal() and len(text) < 10 else 0
        for name in ("first", "last")
    )
    kind = request.GET.get("format", "dxf")
    written = marks_seen.order_marks_file(
        request.actor, code, kind, first=first, last=last, side=request.GET.get("side", "top")
    )
    return _file(written, kind, "marks")


@require_safe
def unit_mark(request: HttpRequest, code: str) -> HttpResponse:
    """The mark of one unit."""
    kind = request.GET.get("format", "svg")
    return _file(marks_seen.unit_mark_file(request.actor, code, kind), kind, "mark" if "save" in request.GET else "")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=marks_seen.KINDS[kind])
    if name:
        answer["Content-Disposition"] = saved_as(f"{name}.{kind}")
    return answer


@require_POST
def read_mark(request: HttpRequest, code: str) -> HttpResponse:
    """The mark is the unit's own, or the page says what was read instead."""
    file = request.FILES.get("picture")
    given = {"picture": file.read(IMAGE_BYTES_MAX + 1)} if file else {"read": request.POST.get("read", "")}
    station = request.POST.get("station", "").strip()

    def verb() -> str:
        found = marks.read_mark(request.actor, unit=code, **given, station=station, request_key=key_of(request))
        return _("The mark is its own: %(read)s") % {"read": found.read}

    return _marked(request, code, verb)


@require_POST
def tag(request: HttpRequest, code: str) -> HttpResponse:
    """An RFID tag is one more name."""
    epc = request.POST.get("epc", "").strip() or None

    def verb() -> str:
        done = tags.tag_unit(request.actor, unit=code, epc=epc, request_key=key_of(request))
        return _("Tagged: %(epc)s") % {"epc": done.epc}

    return _marked(request, code, verb)


def _marked(request: HttpRequest, code: str, verb: Callable[[], str]) -> HttpResponse:
    request.actor.require(MARK_READ)
    try:
        done = verb()
    except NotFound:
        raise
    except AsbuiltError as refusal:
        return unit_said(request, code, {"error": refusal}, refusal.http_status)
    return unit_said(request, code, {"done": done})
