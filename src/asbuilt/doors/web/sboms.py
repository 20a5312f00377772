"""SBOMs: which are in force and what has none, one with its tree and licences, two compared; where a component is used."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from asbuilt.access.rights import EVIDENCE_READ, SBOM_ADD
from asbuilt.designed.components import actions, bindings, telling
from asbuilt.designed.components.tree import DEPTH_SHOWN_MAX, tree
from asbuilt.doors.web.boms import quality_fields
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.posted import key_of
from asbuilt.doors.web.words import register as words
from asbuilt.formats.sbom.limits import BYTES_MAX
from asbuilt.formats.sbom.quality import profiles
from asbuilt.formats.sbom.read import refuse_large
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.kernel.instants import parse_instant
from asbuilt.questions.exposure.component_use import component_use

ROWS_A_PAGE = 200
FORMATS = {"cyclonedx": "CycloneDX", "spdx": "SPDX", "swid": "SWID"}
GAPS = {
    "no_sbom": _("No SBOM was added."),
    "other_image": _("The SBOM is of another image than the release has."),
    "bom_changed": _("The BOM changed after the newest SBOM."),
}
KINDS = {"release": _("firmware release"), "revision": _("hardware revision"), "part": _("purchased part")}
BOUND_BY = {
    "name": _("named by the release"),
    "image": _("named by its SHA-256"),
    "document": _("named by the document's own hash"),
}
DIFFERS = {
    "version": _("version"), "purl": _("purl"), "cpe": _("CPE"), "maker": _("maker"), "supplier": _("supplier"),
    "further": _("further names"), "licences": _("licences"), "hashes": _("hashes"),
}  # fmt: skip
COLUMNS = ("product", "role", "version", "revision", "part", "lot")


@words.filter
def sbom_format_word(name: str) -> str:
    """The format of an SBOM by its own name."""
    return FORMATS.get(name, name)


@words.filter
def sbom_gap_word(code: str) -> str:
    """What is missing of an SBOM."""
    return GAPS.get(code, code)


@words.filter
def sbom_kind_word(kind: str) -> str:
    """What an SBOM is of."""
    return KINDS.get(kind, kind)


@words.filter
def sbom_bound_word(code: str) -> str:
    """Who named the image that an SBOM is of."""
    return BOUND_BY.get(code, "")


@words.filter
def sbom_differs_word(name: str) -> str:
    """What differs of a component."""
    return DIFFERS.get(name, name)


@require_http_methods(["GET", "HEAD", "POST"])
def sboms_page(request: HttpRequest) -> HttpResponse:
    """The SBOMs in force and the gaps; a POST adds one."""
    if request.method != "POST":
        return _sboms(request, {})
    request.actor.require(SBOM_ADD)
    said = {name: request.POST.get(name, "").strip() for name in COLUMNS}
    image = request.POST.get("image", "").strip()
    try:
        file = request.FILES.get("file")
        if file is None:
            raise Invalid("web.sbom_missing", "No file was chosen.", {"field": "file"}, "Choose the SBOM.")
        refuse_large(file.size, BYTES_MAX)
        made = actions.add_sbom(
            request.actor, binding=bindings.Binding(**said), image=image, content=b"".join(file.chunks()), file_name=file.name or "sbom",
            request_key=key_of(request),
        )  # fmt: skip
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _sboms(request, {"error": refusal, "typed": request.POST, "form": "add"}, refusal.http_status)
    return redirect("sbom", made.ulid)


def _sboms(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    found = [_at(one) for one in telling.sboms_seen(request.actor)]
    said = {
        "found": found, "gaps": telling.gaps_seen(request.actor), "may_add": request.actor.may(SBOM_ADD),
        "typed": request.GET, "form": "add" if "product" in request.GET else "", **said,
    }  # fmt: skip
    return render(request, "sboms.html", said, status=status)


def _at(one: dict) -> dict:
    """An SBOM for a page: its instant as a number, so that the page tells it in its own way."""
    return {**one, "at": parse_instant(one["added_at"])}


@require_safe
def sbom_page(request: HttpRequest, ulid: str) -> HttpResponse:
    """One SBOM: what it is of, its components as a tree, licences, what changed."""
    one = telling.sbom_seen(request.actor, ulid)
    rows, first = _tree(one), _first(request)
    shown = rows[first : first + ROWS_A_PAGE]
    older = [other for other in one["others"] if other["place"] < one["place"]]
    changed = telling.difference_seen(request.actor, one["ulid"], older[0]["ulid"]) if older else None
    said = {
        "one": _at(one), "rows": shown, "all": len(rows), "first": first + 1, "last": first + len(shown),
        "before": max(first - ROWS_A_PAGE, 0) if first else None,
        "after": first + ROWS_A_PAGE if first + ROWS_A_PAGE < len(rows) else None,
        "profiles": [(name, said["name"]) for name, said in profiles().items()], **_quality(request, one["ulid"]),
        "changed": changed, "may_download": request.actor.may(EVIDENCE_READ),
    }  # fmt: skip
    return render(request, "sbom.html", said)


def _quality(request: HttpRequest, ulid: str) -> dict:
    """The profile that was chosen, field by field."""
    profile = request.GET.get("profile", "").strip()[:80]
    if not profile:
        return {}
    found = telling.quality_seen(request.actor, ulid, profile)
    return {"profile": found.profile, "quality": found, "fields": quality_fields(found), "note": gettext(found.note)}


def _first(request: HttpRequest) -> int:
    typed = request.GET.get("from", "0")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else 0


def _tree(one: dict) -> list[dict]:
    of_place = {each["place"]: each for each in one["listed"]}
    walk = tree([(each["place"], each["parent"]) for each in one["listed"]], one["depends"])
    return [{**of_place[place], "depth": depth, "shown": min(depth, DEPTH_SHOWN_MAX)} for place, depth in walk]


@require_safe
def sbom_file(request: HttpRequest, ulid: str) -> HttpResponse:
    """The bytes as they came, for download only."""
    name, content = telling.bytes_seen(request.actor, ulid)
    return download(content, "application/octet-stream", name)


@require_safe
def sbom_difference(request: HttpRequest, ulid: str) -> HttpResponse:
    """What changed up to this SBOM, from the one before or from the one that is named."""
    found = telling.difference_seen(request.actor, ulid, request.GET.get("before", "").strip())
    return render(request, "sbom_difference.html", {"found": found, **found})


@require_safe
def components_page(request: HttpRequest) -> HttpResponse:
    """Where a component is used: in which versions, releases, revisions and parts, on how many units, in the field and not."""
    name = request.GET.get("name", "").strip()[:200]
    found = component_use(request.actor, name)
    return render(request, "components.html", {"name": name, "found": found if name else None})
