"""Deliveries: the papers that came with them. Who said it, until when it holds, the file as evidence, told by its content."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from asbuilt.access.rights import EVIDENCE_READ, PACKAGE_RECEIVE
from asbuilt.built.supply.actions.declaring import KINDS, declare
from asbuilt.built.supply.declarations import declarations
from asbuilt.designed.parties.queries import names as party_names
from asbuilt.designed.parties.queries import numbers_by_name
from asbuilt.doors.web.inspection import paper_bytes
from asbuilt.doors.web.posted import key_of
from asbuilt.kernel.errors import AsbuiltError, NotAllowed

TYPED = ("kind", "supplier", "manufacturer", "delivery", "part", "said_by", "valid_until")


@require_http_methods(["GET", "HEAD", "POST"])
def deliveries_page(request: HttpRequest) -> HttpResponse:
    """Papers, narrowed by supplier, delivery and part; a POST records one."""
    request.actor.require(PACKAGE_RECEIVE)
    if request.method == "POST":
        typed = {name: request.POST.get(name, "").strip() for name in TYPED}
        file = request.FILES.get("file")
        try:
            content = None if file is None else paper_bytes(file)
            declare(
                request.actor,
                content=content,
                name=file.name if file else "file",
                request_key=key_of(request),
                **typed,
            )
        except AsbuiltError as refusal:
            if isinstance(refusal, NotAllowed):
                raise
            return _page(request, typed, {"error": refusal}, refusal.http_status)
        keep = {name: typed[name] for name in ("supplier", "delivery") if typed[name]}
        return redirect(f"{reverse('deliveries')}?{urlencode(keep)}")
    return _page(request, {name: request.GET.get(name, "").strip() for name in TYPED}, {})


def _page(request: HttpRequest, typed: dict, said: dict, status: int = 200) -> HttpResponse:
    tenant = request.actor.tenant
    number = numbers_by_name(tenant).get(typed["supplier"], -1) if typed["supplier"] else None
    names = party_names(tenant)
    found = declarations(tenant, supplier=number, delivery=typed["delivery"], part=typed["part"])
    rows = [(row, names.get(row.supplier, "")) for row in found]
    said = {"typed": typed, "rows": rows, "kinds": KINDS, "may_download": request.actor.may(EVIDENCE_READ), **said}
    return render(request, "deliveries.html", said, status=status)
