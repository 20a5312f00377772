"""Feeds with their age, a feed's takes and broken records, what feeds say of a vulnerability, and own entries."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access.rights import FEED_TAKE
from asbuilt.designed.vulnerability.feeds import covering, seen
from asbuilt.designed.vulnerability.feeds.noting import note
from asbuilt.designed.vulnerability.feeds.setting import set_feed
from asbuilt.designed.vulnerability.feeds.taking import NOTHING_READ, NOTHING_THERE, take_feed, take_uploaded
from asbuilt.designed.vulnerability.feeds.unbundling import take_uploaded_bundle
from asbuilt.doors.web.inspection import paper_bytes
from asbuilt.doors.web.posted import key_of
from asbuilt.doors.web.words import register as words
from asbuilt.formats.advisory.records import EPSS, KINDS, OWN
from asbuilt.kernel.errors import AsbuiltError, NotAllowed, NotFound
from asbuilt.ledger import clock

OLD_SECONDS = 7 * 86_400  # a feed that was not taken for longer is marked
ENDED = {
    NOTHING_READ: _("Nothing of it could be read."),
    NOTHING_THERE: _("Nothing is there, and records were before."),
}
COVERS = {
    covering.SOURCE: _("its source"),
    covering.CHANGES: _("what changed at its source"),
    covering.MET: _("every record that stands"),
    covering.SAID: _("all of it, as was said"),
    covering.PART: _("a part"),
}
AFFECTED = ("purl", "cpe", "maker", "mpn", "versions")
SAID = ("id", "vulnerability", "title", "text", "told_by")


@words.filter
def feed_ended(said: str) -> str:
    """Why a take does not count as read to its end."""
    return ENDED.get(said, said)


@words.filter
def feed_covers(said: str) -> str:
    """What of its feed a take covered."""
    return COVERS.get(said, "–")


@require_http_methods(["GET", "HEAD", "POST"])
def feeds_page(request: HttpRequest) -> HttpResponse:
    """Every feed with its age; a POST sets one."""
    if request.method != "POST":
        return _feeds(request, {})
    request.actor.require(FEED_TAKE)
    typed = {name: request.POST.get(name, "").strip() for name in ("name", "kind", "source", "key")}
    try:
        set_feed(request.actor, **typed, request_key=key_of(request))
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _feeds(request, {"error": refusal, "typed": typed, "form": "feed"}, refusal.http_status)
    return redirect("feed", feed=typed["name"])


def _feeds(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    old = clock.now() - OLD_SECONDS * 1_000_000
    rows = [
        {"feed": one, "state": "closed" if one.closed else "never" if one.taken_at is None else "old" if one.taken_at < old else "fresh"}
        for one in seen.feeds_seen(request.actor)
    ]  # fmt: skip
    kinds = [kind for kind in KINDS if kind != OWN]
    said = {
        "rows": rows,
        "kinds": kinds,
        "may_take": request.actor.may(FEED_TAKE),
        "asked": request.GET.get("name", "")[:100],
        **said,
    }
    return render(request, "feeds.html", said, status=status)


@require_safe
def feed_page(request: HttpRequest, feed: str) -> HttpResponse:
    """One feed: its takes, and what the last one could not read."""
    return _feed(request, feed, {})


@require_POST
def feed_take(request: HttpRequest, feed: str) -> HttpResponse:
    """Take from a feed: the file that was chosen, or its source."""
    request.actor.require(FEED_TAKE)
    file = request.FILES.get("file")
    try:
        taken = (
            take_uploaded(
                request.actor, feed, file.name or "feed", file.chunks(), whole=bool(request.POST.get("whole"))
            )
            if file
            else take_feed(request.actor, feed)
        )
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed | NotFound):
            raise
        return _feed(request, feed, {"error": refusal}, refusal.http_status)
    return _feed(request, feed, {"taken": taken})


@require_POST
def bundle_take(request: HttpRequest) -> HttpResponse:
    """Take in a bundle of feeds that was carried here."""
    request.actor.require(FEED_TAKE)
    file = request.FILES.get("bundle")
    try:
        taken = take_uploaded_bundle(request.actor, file.chunks() if file else [])
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _feeds(request, {"error": refusal, "form": "bundle"}, refusal.http_status)
    return _feeds(request, {"bundle": taken})


def _feed(request: HttpRequest, name: str, said: dict, status: int = 200) -> HttpResponse:
    feed, takes, broken = seen.feed_seen(request.actor, name)
    said = {
        "feed": feed, "takes": takes, "broken": broken, "is_epss": feed.kind == EPSS,
        "may_take": request.actor.may(FEED_TAKE) and not feed.closed and feed.kind != OWN, **said,
    }  # fmt: skip
    return render(request, "feed.html", said, status=status)


@require_safe
def vulnerability_page(request: HttpRequest, vulnerability: str) -> HttpResponse:
    """What the feeds say of a vulnerability."""
    found = seen.vulnerability_seen(request.actor, vulnerability)
    percent = None if found.threat.probability is None else found.threat.probability * 100
    return render(request, "vulnerability.html", {"found": found, "percent": percent})


@require_POST
def note_page(request: HttpRequest) -> HttpResponse:
    """Enter what reached us otherwise."""
    request.actor.require(FEED_TAKE)
    typed = {name: request.POST.get(name, "").strip() for name in (*SAID, *AFFECTED)}
    record: dict = {name: typed[name] for name in SAID if typed[name]}
    affected = {name: typed[name] for name in AFFECTED if typed[name]}
    if affected:
        record["affected"] = [affected]
    file = request.FILES.get("paper")
    try:
        paper = (file.name or "paper", paper_bytes(file)) if file else None
        noted = note(request.actor, record=record, paper=paper, request_key=key_of(request))
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _feeds(request, {"error": refusal, "typed": typed, "form": "note"}, refusal.http_status)
    return redirect("vulnerability", vulnerability=noted.vulnerability)
