"""Forms for permits: one for a permit of a work order, one for the grant that the brand owner signs offline.

Both are two steps without scripts: what it is about is chosen by address (order, grant, plan; product), the rest is one form.
"""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from asbuilt.access.rights import PERMIT_ISSUE
from asbuilt.answers.gate.permits import choices, issue
from asbuilt.built.programming import drafts, grant_drafts, permit_choices
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.permits import moments
from asbuilt.doors.web.posted import key_of, moment_of
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed, NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock

GET_AND_POST = require_http_methods(["GET", "HEAD", "POST"])
WEEK, MINUTE = 7 * 86_400_000_000, 60_000_000
TYPICAL_GRACE_HOURS, TYPICAL_ATTEMPTS = 72, 3


@GET_AND_POST
def permit_new(request: HttpRequest) -> HttpResponse:
    """Choose an order, its grant and plan; then stations with their shares, images, window. A POST issues the permit."""
    request.actor.require(PERMIT_ISSUE)
    said = request.POST if request.method == "POST" else request.GET
    order = said.get("order", "").strip()
    if not order:
        return render(request, "permit_new.html", {"orders": permit_choices.orders_to_permit(request.actor)})
    try:
        found = choices(request.actor, order)
    except NotFound as refusal:
        listed = permit_choices.orders_to_permit(request.actor)
        return render(
            request, "permit_new.html", {"orders": listed, "typed_order": order, "error": refusal}, status=404
        )
    if request.method != "POST":
        return render(request, "permit_new.html", _form(found, request.GET, {}))
    try:
        draft = drafts.read_draft(json.dumps(_draft(request, found)).encode())
        return redirect("permit", issue(request.actor, draft, request_key=key_of(request)).permit.permit_id)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        again = {**_form(found, request.POST, request.POST), "error": refusal}
        return render(request, "permit_new.html", again, status=refusal.http_status)


def _form(found: dict, chosen, typed) -> dict:
    """What the page shows: the choices, the grant and plan that are chosen, and each field with what stands in it."""
    grant = _chosen(found["grants"], "grant", chosen.get("grant", ""), lambda one: bool(one["left"]))
    plan = _chosen(found["plans"], "sha256", chosen.get("plan", ""), lambda _: True)
    answering = [one for one in found["releases"] if one["answers"]]
    said = {"found": moments(found), "answering": answering, "typed": typed, "grant": moments(grant), "plan": plan}
    if grant is None or plan is None:
        return said
    before = found["before"] or {"parts": [], "tools": []}
    known = {part["ref"]: part for part in before["parts"]}
    tools = {rule["tool"]: rule["version_min"] for rule in before["tools"]}
    at_site = [one for one in found["stations"] if (one["ems"], one["site"]) == (grant["ems"], grant["site"])]
    there = {tool["tool"] for one in at_site for tool in one["tools"]}
    parts = []
    for ref in dict.fromkeys(place["part"] for place in plan["places"]):
        one = known.get(ref, {})
        programmer = typed.get(
            f"programmer-{ref}", one.get("programmer") or permit_choices.usual_programmer(plan, ref, there)
        )
        parts.append(
            {
                "ref": ref, "programmer": programmer, "lacks": plan["lacks"][ref], "part": typed.get(f"part-{ref}", one.get("part", "")),
                "part_id": typed.get(f"id-{ref}", one.get("part_id", "")),
                "tool_min": typed.get(f"tool-{ref}", tools.get(programmer, "")),
            }
        )  # fmt: skip
    now = _this_minute()
    return {
        **said, "parts": parts,
        "places": [_place(found, grant, place, typed) for place in plan["places"]],
        "at_site": [
            {**one, "units": typed.get(f"units-{one['station']}", ""), "rework": typed.get(f"rework-{one['station']}", "")}
            for one in at_site
        ],
        "most": max(0, min(found["left"], grant["left"])),
        "window": {
            "not_before": typed.get("not_before") or _as_typed(format_instant(now)),
            "not_after": typed.get("not_after") or _as_typed(min(format_instant(now + WEEK), grant["not_after"])),
            "grace": typed.get("grace") or before.get("grace_offline_hours", TYPICAL_GRACE_HOURS),
            "attempts": typed.get("attempts") or before.get("attempts_per_unit", TYPICAL_ATTEMPTS),
        },
        "revisions": [
            (code, code in typed.getlist("revision") if typed else True)
            for code in found["revisions"]
            if code in grant["revisions"]
        ],
    }  # fmt: skip


def _this_minute() -> int:
    """The present minute in UTC microseconds: what people type has no seconds."""
    return clock.now() // MINUTE * MINUTE


def _as_typed(instant: str) -> str:
    """An instant as people write it: without a fraction that is none."""
    return instant.replace(".000000", "")


def _chosen(listed: list[dict], name: str, wanted: str, fits) -> dict | None:
    """The one that was chosen, else the first that fits."""
    by_name = next((one for one in listed if one[name] == wanted), None)
    return by_name or next((one for one in listed if fits(one)), None)


def _place(found: dict, grant: dict, place: dict, typed) -> dict:
    """A region of the plan with the images it may take: granted releases, what is demanded first and chosen."""
    granted = {(image["role"], image["version"]) for image in grant["images"]}
    options = [one for one in found["releases"] if (one["role"], one["version"]) in granted]
    options.sort(key=lambda one: not one["demanded"])
    likely = [one for one in options if one["role"] == place["kind"] and one["answers"]]
    field = f"image-{place['part']}-{place['region']}"
    usual = f"{likely[0]['role']} {likely[0]['version']}" if likely else ""
    return {**place, "field": field, "options": options, "value": typed.get(field, usual)}


def _draft(request: HttpRequest, found: dict) -> dict:
    """What was typed, as a draft of a permit; whoever reads it names what is wrong."""
    said = request.POST
    plan = next((one for one in found["plans"] if one["sha256"] == said.get("plan")), None)
    places = plan["places"] if plan else []
    images = [
        {"role": role, "version": version, "part": place["part"], "region": place["region"]}
        for place in places
        for role, _, version in [said.get(f"image-{place['part']}-{place['region']}", "").partition(" ")]
        if role
    ]
    parts, tools = [], {}
    for ref in dict.fromkeys(image["part"] for image in images):
        programmer = said.get(f"programmer-{ref}", "")
        part = {"ref": ref, "programmer": programmer, "part": said.get(f"part-{ref}", "").strip()}
        parts.append({**part, "part_id": said.get(f"id-{ref}", "").strip()})
        tools[programmer] = {
            "tool": programmer,
            "version_min": said.get(f"tool-{ref}", "").strip(),
            "sha256_allowed": [],
        }
    boms = found["bom_versions"]
    return {
        "grant": said.get("grant", ""), "order": found["order"], "revisions": said.getlist("revision"),
        "bom_version": boms[0] if len(boms) == 1 else "", "not_before": _moment(said, "not_before"),
        "not_after": _moment(said, "not_after"), "grace_offline_hours": _number(said, "grace"),
        "attempts_per_unit": _number(said, "attempts"), "plan": said.get("plan", ""), "parts": parts, "images": images,
        "tools": list(tools.values()), "stations": _shares(said, found), "lock": plan["lock"] if plan else "none",
    }  # fmt: skip


def _shares(said, found: dict) -> list[dict]:
    shares = []
    for one in found["stations"]:
        name = one["station"]
        units, rework = _number(said, f"units-{name}", 0), _number(said, f"rework-{name}", 0)
        if units or rework:
            shares.append({"station": name, "units": units, "rework_units": rework})
    if not shares:
        raise Invalid("web.share_missing", "No station has a share.", {"field": "units"}, "Give a station some units.")
    return shares


def _moment(said, name: str) -> str:
    at = moment_of(said.get(name, "").strip())
    return format_instant(clock.now() if at is None else at)


def _number(said, name: str, empty: int | None = None) -> int:
    text = said.get(name, "").strip()
    if not text and empty is not None:
        return empty
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Invalid("web.number_wrong", f"{text[:40] or name} is no number.", {"field": name}, "Type a whole number.")
    return int(text)


@GET_AND_POST
def grant_new(request: HttpRequest) -> HttpResponse:
    """Choose a product; then images, revisions, units, place, issuers. A POST gives the file that the brand owner signs."""
    request.actor.require(PERMIT_ISSUE)
    said = request.POST if request.method == "POST" else request.GET
    product = said.get("product", "").strip()
    listed = {"products": grant_drafts.products_to_grant(request.actor), "product": product}
    if not product:
        return render(request, "grant_new.html", listed)
    try:
        found = grant_drafts.grant_choices(request.actor, product)
    except NotFound as refusal:
        return render(request, "grant_new.html", {**listed, "error": refusal}, status=404)
    page = {**listed, "found": found, "until": _as_typed(format_instant(_this_minute() + 4 * WEEK))}
    if request.method != "POST":
        return render(request, "grant_new.html", page)
    try:
        name, document = grant_drafts.grant_draft(request.actor, asked=_asked(request, product))
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        again = {"typed": said, **{name: said.getlist(name) for name in ("revision", "image", "issuer")}}
        return render(request, "grant_new.html", {**page, **again, "error": refusal}, status=refusal.http_status)
    return download(document, "application/json", name)


def _asked(request: HttpRequest, product: str) -> grant_drafts.GrantAsked:
    said = request.POST
    until = moment_of(said.get("not_after", "").strip())
    ems, _, site = said.get("site", "").rpartition("|")
    return grant_drafts.GrantAsked(
        said.get("brand_owner", "").strip(), ems, site, product, tuple(said.getlist("revision")),
        tuple(tuple(text.partition(" ")[::2]) for text in said.getlist("image")), _number(said, "units"),
        clock.now() if until is None else until, tuple(said.getlist("issuer")), _number(said, "threshold", 1),
    )  # fmt: skip
