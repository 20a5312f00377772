"""Lot: who made it, its packages, the units that carry it, who has them. A package leads to its lot and is marked there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from asbuilt.access.rights import FACT_WITHDRAW, PACKAGE_HANDLE, PACKAGE_RECEIVE
from asbuilt.doors.web import pictures
from asbuilt.doors.web.words import count
from asbuilt.questions.genealogy.seen.lots import LotPage
from asbuilt.questions.genealogy.seen.lots import lot_page as read_lot
from asbuilt.questions.genealogy.seen.lots import package_page as read_package


@require_safe
def lot_page(request: HttpRequest, code: str) -> HttpResponse:
    """The lot, or the lots of this code."""
    return _page(request, read_lot(request.actor, code, gettext=gettext, number=count))


@require_safe
def package_page(request: HttpRequest, code: str) -> HttpResponse:
    """The package's lot."""
    return _page(request, read_package(request.actor, code, gettext=gettext, number=count))


def _page(request: HttpRequest, page: LotPage) -> HttpResponse:
    said = {"page": page, "may_see_facts": request.actor.party is None, "may_correct": request.actor.may(FACT_WITHDRAW)}
    said["may_say_silicon"] = request.actor.may(PACKAGE_RECEIVE) and request.actor.may(PACKAGE_HANDLE)
    if page.lot is None:
        return render(request, "lot_several.html", said)
    if page.answer is not None:
        most = max((pictures.total(row) for row in page.answer.by["customer"]), default=1)
        said["counts"] = page.answer.affected.counts()
        said["customers"] = [(row["customer"], row, pictures.bar(row, most)) for row in page.answer.by["customer"]]
    said["statuses"] = sorted({one.status for one in page.packages if one.status})
    return render(request, "lot.html", said)
