"""A product's page: revisions with their panels drawn, serial rule, mark rule; for who may plan, the forms that set them."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from asbuilt.access.rights import FIELD_REPORT, FILING_READ, ORDER_PLAN
from asbuilt.designed.catalog import actions
from asbuilt.designed.catalog.panel_maps import PANEL_PLACES_MAX, grid
from asbuilt.designed.catalog.placement_files import record_placement
from asbuilt.doors.web import panels
from asbuilt.doors.web.posted import key_of
from asbuilt.formats.foreign import FILE_BYTES_MAX
from asbuilt.kernel.check_digits import SCHEMES
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotFound
from asbuilt.questions.evidence.levels import definitions
from asbuilt.questions.genealogy.seen.products import product_page as seen

SCHEME_WORDS = {
    "luhn": "Luhn", "mod11_2": "ISO 7064 mod 11,2", "mod11_10": "ISO 7064 mod 11,10", "mod37_2": "ISO 7064 mod 37,2",
    "mod37_36": "ISO 7064 mod 37,36", "mod97_10": "ISO 7064 mod 97,10",
}  # fmt: skip


@require_safe
def product_page(request: HttpRequest, code: str) -> HttpResponse:
    """One product."""
    return _page(request, code, {})


def _page(request: HttpRequest, code: str, more: dict, status: int = 200) -> HttpResponse:
    page = seen(request.actor, code)
    said = {
        "page": page, "may_file": request.actor.may(FILING_READ), "may_plan": request.actor.may(ORDER_PLAN), "may_report": request.actor.may(FIELD_REPORT), "schemes": [(one, SCHEME_WORDS.get(one)) for one in SCHEMES],
        "revisions": [(one, panels.drawings(one.panel) if one.panel else []) for one in page.revisions],
        **{f"{name}_levels": _levels(letter) for name, letter in (("material", "M"), ("process", "P"))}, **more,
    }  # fmt: skip
    return render(request, "product.html", said, status=status)


@require_POST
def serial_rule(request: HttpRequest, code: str) -> HttpResponse:
    """Units named from now on are numbered so."""
    said = request.POST
    words = {
        "prefix": said.get("prefix", ""),
        "width": _number(said.get("width", "")),
        "check": said.get("check", "none"),
    }
    return _done(
        request, code, "serial", lambda key: actions.set_serial_rule(
            request.actor, product=code, **words, first=_number(said.get("first", "")), request_key=key
        ),
    )  # fmt: skip


@require_POST
def mark_rule(request: HttpRequest, code: str) -> HttpResponse:
    """Marks hold this from now on."""
    said = request.POST
    words = {name: said.get(name, "").strip() for name in ("content", "gtin", "module_mm", "read_back")}
    digits = _number(said.get("company_digits", "")) or None
    return _done(
        request, code, "mark", lambda key: actions.set_mark_rule(
            request.actor, product=code, **words, company_digits=digits, request_key=key
        ),
    )  # fmt: skip


@require_POST
def panel(request: HttpRequest, code: str) -> HttpResponse:
    """A panel in columns and rows, both sides."""
    said = request.POST

    def verb(key: str | None) -> int:
        columns, rows = _number(said.get("columns", "")), _number(said.get("rows", ""))
        if not 1 <= columns * rows <= PANEL_PLACES_MAX:
            facts, remedy = (
                {"field": "columns"},
                f"Give columns and rows of at most {PANEL_PLACES_MAX:,} units together.",
            )
            raise Invalid("web.panel_size", f"{columns} by {rows} units are no panel.", facts, remedy)
        pitch = {f"pitch_{axis}_mm": _length(f"pitch_{axis}", said.get(f"pitch_{axis}", "")) for axis in "xy"}
        turned = "head-over" if said.get("turned") == "head-over" else "left-right"
        places = list(grid(columns=columns, rows=rows, turned=turned, **pitch))
        return actions.set_panel_map(
            request.actor, product=code, revision=said.get("revision", ""), panel=said.get("panel", "").strip(),
            places=places, request_key=key,
        )  # fmt: skip

    return _done(request, code, "panel", verb)


@require_POST
def record_demand(request: HttpRequest, code: str) -> HttpResponse:
    """The record of a revision is to reach these levels."""
    words = {name: request.POST.get(name, "").strip() for name in ("revision", "material", "process", "agreed_in")}
    return _done(
        request, code, "demand", lambda key: actions.set_record_demand(
            request.actor, product=code, **words, request_key=key
        ),
    )  # fmt: skip


@require_POST
def placement(request: HttpRequest, code: str) -> HttpResponse:
    """Where the components of a revision sit, from the file of a CAD tool."""
    file = request.FILES.get("file")
    name = "".join(filter(str.isprintable, file.name or ""))[:200] if file else ""
    recorded = []

    def verb(key: str | None) -> int:
        recorded.append(record_placement(
            request.actor, product=code, revision=request.POST.get("revision", ""),
            content=file.read(FILE_BYTES_MAX + 1) if file else b"", file=name or "placement.csv",
            placement=request.POST.get("placement", "").strip(), request_key=key,
        ))  # fmt: skip
        return recorded[0].entry

    answer = _done(request, code, "placement", verb)
    return _page(request, code, {"placement": recorded[0], "form": "placed"}) if recorded else answer


def _done(request: HttpRequest, code: str, form: str, verb: Callable[[str | None], int]) -> HttpResponse:
    request.actor.require(ORDER_PLAN)
    try:
        verb(key_of(request))
    except NotFound:
        raise
    except AsbuiltError as refusal:
        more = {"error": refusal, "wrong": refusal.facts.get("field"), "form": form, "typed": request.POST}
        return _page(request, code, more, refusal.http_status)
    return redirect("product", code=code)


def _levels(letter: str) -> list[tuple[str, str]]:
    return [(f"{letter}{one.level}", gettext(one.means)) for one in definitions(letter)[1:]]


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 13 else 0


def _length(field: str, text: str) -> float:
    try:
        length = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        length = Decimal(0)
    if not 0 < length <= 1000:
        facts = {"field": field, "value": text[:20]}
        raise Invalid("web.panel_pitch", f"{text[:20]} is no distance between units in mm.", facts, "Write it as 42.5.")
    return float(length)
