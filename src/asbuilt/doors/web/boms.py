"""As-built BOM: of a unit, an order or a shipment, what it holds, what it cannot say, how far a profile is met; and as a file."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.words import count
from asbuilt.formats.sbom.quality import profiles
from asbuilt.formats.sbom.writing import FORMS
from asbuilt.kernel.errors import NotFound
from asbuilt.questions.boms.asked import KINDS
from asbuilt.questions.boms.assembling import as_built_bom
from asbuilt.questions.boms.redaction import CUSTOMER, HOUSE, PUBLIC
from asbuilt.questions.boms.release import release_sbom
from asbuilt.questions.boms.signed import bom_file

PROFILE = "bsi-tr-03183-2-2.1.0"
GAPS_SHOWN = 12


@require_safe
def bom_page(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """What the BOM says, and its files."""
    _known(kind)
    profile = request.GET.get("profile", "").strip() or PROFILE
    bom = as_built_bom(request.actor, kind, code, request.GET.get("for", "").strip(), profile)
    gaps = [gap.text(gettext, count) for gap in bom.gaps]
    said = {
        "bom": bom, "kind": kind, "code": bom.asked.code, "reader": bom.asked.reader, "gaps": gaps[:GAPS_SHOWN], "folded": gaps[GAPS_SHOWN:],
        "fields": quality_fields(bom.quality), "quality": bom.quality, "note": gettext(bom.quality.note), "forms": list(FORMS),
        "profiles": [(one["profile"], one["name"]) for one in profiles().values()],
        "readers": [CUSTOMER, PUBLIC] if request.actor.party is not None else [HOUSE, CUSTOMER, PUBLIC],
    }  # fmt: skip
    return render(request, "bom.html", said)


def quality_fields(quality) -> list[dict]:
    """The fields of a profile with their words in the reader's language."""
    return [
        {
            "name": gettext(one.name), "need": one.need, "state": one.state, "about": one.about, "met": one.met, "partly": one.partly,
            "of": one.of, "which": one.which[:20], "more": len(one.which) - len(one.which[:20]) + one.which_more,
            "remedy": gettext(one.remedy) if one.state in ("partly", "not met") else "",
        }
        for one in quality.fields
    ]  # fmt: skip


@require_safe
def bom_download(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """The file in the form that was chosen, signed unless asked otherwise."""
    _known(kind)
    asked = request.GET
    signed = asked.get("signed", "yes") != "no"
    form = asked.get("form", "").strip() or "cyclonedx-1.6"
    reader = asked.get("for", "").strip()
    found = bom_file(request.actor, kind, code, reader=reader, form=form, signed=signed)
    return download(found.content, found.media_type, found.name)


@require_safe
def release_download(request: HttpRequest, product: str, role: str, version: str) -> HttpResponse:
    """The SBOM of a firmware release in the form that was chosen."""
    form = request.GET.get("form", "").strip() or "cyclonedx-1.6"
    signed = request.GET.get("signed", "no") == "yes"
    of = {"product": product, "role": role, "version": version}
    found = release_sbom(request.actor, **of, form=form, signed=signed)
    return download(found.content, found.media_type, found.name)


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise NotFound(
            "question.bom_kind", "There is no as-built BOM of that.", remedy="Take a unit, an order or a shipment."
        )
