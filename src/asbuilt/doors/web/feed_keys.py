"""Keys of feeds: whose signatures count for which feed, and whose bundles are taken in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from asbuilt.access.rights import FEED_TAKE
from asbuilt.designed.vulnerability.feeds import seen, trusting
from asbuilt.doors.web.posted import key_of
from asbuilt.formats.advisory.records import OWN
from asbuilt.kernel.errors import AsbuiltError, NotAllowed

FIELDS = ("feed", "fingerprint", "name")


@require_http_methods(["GET", "HEAD", "POST"])
def feed_keys_page(request: HttpRequest) -> HttpResponse:
    """Every key; a POST trusts one, takes the trust back, or shows what a provider proposes."""
    if request.method != "POST":
        return _page(request, {})
    request.actor.require(FEED_TAKE)
    typed = {name: request.POST.get(name, "").strip() for name in FIELDS}
    file = request.FILES.get("key") or request.FILES.get("metadata")
    content = file.read(trusting.KEY_BYTES_MAX + 1) if file else b""
    act = request.POST.get("act", "trust")
    try:
        if act == "propose":
            return _page(request, {"proposed": trusting.keys_proposed(request.actor, content)})
        if act == "distrust":
            said = {"feed": typed["feed"], "fingerprint": typed["fingerprint"]}
            trusting.distrust(request.actor, **said, request_key=key_of(request))
        else:
            trusting.trust(request.actor, content=content, **typed, request_key=key_of(request))
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _page(request, {"error": refusal, "typed": typed, "form": act}, refusal.http_status)
    return redirect("feed_keys")


def _page(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    rows = trusting.keys_seen(request.actor)
    names = [row.feed for row in seen.feeds_seen(request.actor) if row.kind != OWN and not row.closed]
    said = {"rows": rows, "feeds": names, "may_take": request.actor.may(FEED_TAKE), **said}
    return render(request, "feed_keys.html", said, status=status)
