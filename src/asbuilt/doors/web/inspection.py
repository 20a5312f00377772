"""Incoming inspection: what waits, what each lot asks for, the checks with their pictures, the verdict; the plans.

Sample size and acceptance number come from the plan and the series so far; the verdict follows from the counts and checks.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from asbuilt.access.rights import PACKAGE_DECIDE, PACKAGE_INSPECT
from asbuilt.built.supply.actions.inspecting import Check, plan_inspection, record_inspection
from asbuilt.built.supply.files import FILE_BYTES_MAX
from asbuilt.built.supply.inspections import asked_of, plans, waiting
from asbuilt.built.supply.sampling import AQLS, LEVELS
from asbuilt.designed.parties.queries import names as party_names
from asbuilt.doors.web.posted import key_of
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed

CHECK_KINDS = ("marking", "electrical", "xray", "decapsulation", "dimensions", "solderability")
VERDICTS = ("pass", "fail", "unsure")


@require_http_methods(["GET", "HEAD", "POST"])
def inspection_page(request: HttpRequest) -> HttpResponse:
    """The packages that wait; with `?package=` what the inspection asks for; a POST records it."""
    request.actor.require(PACKAGE_INSPECT)
    if request.method == "POST":
        codes = request.POST.getlist("package")
        try:
            done = record_inspection(
                request.actor,
                packages=codes,
                nonconforming=whole_number(request.POST.get("nonconforming", "")),
                sample_size=whole_number(request.POST["sample_size"]) if request.POST.get("sample_size") else None,
                checks=_checks(request),
                reason=request.POST.get("reason", ""),
                request_key=key_of(request),
            )
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            return _page(request, codes, {"error": refusal, "typed": request.POST}, refusal.http_status)
        said = {"done": done.inspection, "verdict": done.verdict, "of": codes[0]}
        return redirect(f"{reverse('inspection')}?{urlencode(said)}")
    codes = [code.strip() for value in request.GET.getlist("package") for code in value.split(",") if code.strip()]
    return _page(request, codes, {name: request.GET.get(name, "")[:400] for name in ("done", "verdict", "of")})


@require_POST
def inspection_plan(request: HttpRequest) -> HttpResponse:
    """Plan how packages of a part and supplier are inspected from now on."""
    request.actor.require(PACKAGE_DECIDE)
    form = request.POST
    names = ("standard", "part", "supplier", "level", "aql", "limiting_quality", "severity")
    cells = {name: form.get(name, "").strip() for name in names}
    if cells["standard"] != "iso2859":
        cells |= {"level": "", "aql": ""}
    if cells["standard"] != "c0":
        cells["limiting_quality"] = ""
    try:
        plan_inspection(
            request.actor, checks=form.getlist("checks"), request_key=form.get("request_key") or None, **cells
        )
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _page(request, [], {"error": refusal, "planned": form}, refusal.http_status)
    return redirect("inspection")


def _page(request: HttpRequest, codes: list[str], said: dict, status: int = 200) -> HttpResponse:
    tenant, asked = request.actor.tenant, None
    if codes:
        try:
            asked = asked_of(tenant, codes)
        except AsbuiltError as refusal:
            said.setdefault("error", refusal)
            status = refusal.http_status if status == 200 else status
    said = {
        "codes": codes, "asked": asked, "waiting": waiting(tenant), "plans": plans(tenant),
        "suppliers": party_names(tenant), "check_kinds": CHECK_KINDS, "verdicts": VERDICTS, "levels": LEVELS, "aqls": AQLS,
        "may_plan": request.actor.may(PACKAGE_DECIDE), **said,
    }  # fmt: skip
    return render(request, "inspection.html", said, status=status)


def _checks(request: HttpRequest) -> list[Check]:
    found = []
    for kind in CHECK_KINDS:
        verdict = request.POST.get(f"verdict_{kind}", "")
        file = request.FILES.get(f"picture_{kind}")
        if verdict:
            found.append(
                Check(kind, verdict, {}, None if file is None else paper_bytes(file), file.name if file else "picture")
            )
        elif file is not None:
            raise Invalid(
                "web.check_without_verdict",
                f"{kind} has a picture and no verdict.",
                {"check": kind},
                "Say pass, fail or unsure.",
            )
    return found


def paper_bytes(file) -> bytes:
    """The bytes of an uploaded picture or paper; Invalid beyond the limit."""
    if file.size > FILE_BYTES_MAX:
        raise Invalid(
            "supply.file_too_large",
            f"The file {file.name[:80]} has {file.size:,} bytes, the most is {FILE_BYTES_MAX:,}.",
            {"file": file.name[:80], "bytes": file.size},
            "Send a smaller one.",
        )
    return b"".join(file.chunks())


def whole_number(text: str) -> int:
    """What was typed as a count; Invalid where it is none."""
    if not (text.strip().isascii() and text.strip().isdigit()) or len(text.strip()) > 10:
        raise Invalid("web.number_wrong", f"{text[:40]} is no number.", {"value": text[:40]}, "Type a count.")
    return int(text.strip())
