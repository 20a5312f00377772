"""Who publishes, as a form: names, addresses, times, the texts of the policy, and the OpenPGP key."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from asbuilt.access import rights
from asbuilt.answers.cases.publishing.actions import presenting
from asbuilt.answers.cases.publishing.policy_rules import points
from asbuilt.answers.cases.publishing.policy_words import LINES
from asbuilt.answers.cases.publishing.publisher import DAYS, LANGUAGES
from asbuilt.answers.cases.publishing.seen import publisher_seen
from asbuilt.doors.web.posted import key_of
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.tokens.openpgp import KEY_BYTES_MAX

NEEDED = ("name", "namespace", "prefix", "psirt_mail")


@require_http_methods(["GET", "HEAD", "POST"])
def publisher_page(request: HttpRequest) -> HttpResponse:
    """What the house says of itself; a POST says it anew, whole."""
    found = publisher_seen(request.actor)
    request.actor.require(rights.ADVISORY_PUBLISH)
    if request.method != "POST":
        return _page(request, found, found["publisher"] or {"languages": list(LANGUAGES[:1]), "security_txt_days": 180})
    typed = _typed(request)
    try:
        presenting.say_publisher(request.actor, content=json.dumps(typed).encode(), request_key=key_of(request))
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _page(request, found, typed, refusal)
    return redirect("publishing")


@require_POST
def key_form(request: HttpRequest) -> HttpResponse:
    """A new OpenPGP key, or the one in the file, signs from now on."""
    found = publisher_seen(request.actor)
    request.actor.require(rights.ADVISORY_PUBLISH)
    verb = {"make": _make, "take": _take}.get(request.POST.get("verb", ""))
    if verb is None:
        raise Invalid(
            "web.form_unknown", "This form says nothing that is known.", {"field": "verb"}, "Open the page anew."
        )
    try:
        verb(request)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _page(request, found, found["publisher"] or {}, refusal)
    return redirect("publishing_publisher")


def _make(request: HttpRequest) -> None:
    presenting.make_key(request.actor, request_key=key_of(request))


def _take(request: HttpRequest) -> None:
    file = request.FILES.get("key")
    if file is None:
        raise Invalid("web.file_missing", "No file was chosen.", {"field": "key"}, "Choose the exported secret key.")
    presenting.take_key(request.actor, secret=file.read(KEY_BYTES_MAX + 1), request_key=key_of(request))


def _typed(request: HttpRequest) -> dict:
    form = request.POST
    said: dict = {name: form.get(name, "").strip() for name in LINES if name not in (*DAYS, "key")}
    for name in DAYS:
        days = form.get(name, "").strip() or "0"
        said[name] = int(days) if days.isascii() and days.isdigit() and len(days) < 6 else days
    texts = {
        point.point: {code: form.get(f"{point.point}.{code}", "").replace("\r\n", "\n").strip() for code in LANGUAGES}
        for point in points()
        if point.texts
    }
    texts = {point: {code: text for code, text in by.items() if text} for point, by in texts.items()}
    return {**said, "languages": form.getlist("languages"), "texts": {point: by for point, by in texts.items() if by}}


def _page(request: HttpRequest, found: dict, typed: dict, error: AsbuiltError | None = None) -> HttpResponse:
    texts = typed.get("texts", {})
    rows = [
        (point.point, point.needed, [(code, texts.get(point.point, {}).get(code, "")) for code in LANGUAGES])
        for point in points()
        if point.texts
    ]
    lines = [
        (name, word, typed.get(name, ""), name in NEEDED, name in DAYS) for name, word in LINES.items() if name != "key"
    ]
    shown = {
        "house": found, "lines": lines, "texts": rows, "offered": LANGUAGES, "spoken": typed.get("languages", ()), "error": error,
    }  # fmt: skip
    return render(request, "publishing_publisher.html", shown, status=error.http_status if error else 200)
