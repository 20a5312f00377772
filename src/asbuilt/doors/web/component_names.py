"""What feeds call components and parts: suggestions to confirm or reject, what was said, and how much could be matched."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from asbuilt.access.rights import IDENTITY_CONFIRM
from asbuilt.designed.vulnerability.matching import seen
from asbuilt.designed.vulnerability.matching.naming import Decision, decide_identities
from asbuilt.doors.web.posted import key_of
from asbuilt.kernel.errors import AsbuiltError, NotAllowed

KINDS = ("cpe", "purl", "git", "name")
SILENT = {
    "no_feed": _("No feed is set: nothing is known of any vulnerability."),
    "feed_never_taken": _("No feed was ever taken."),
    "feed_empty": _("The feeds hold no record."),
    "not_matchable": _("Some components have no name that feeds use."),
    "not_covered": _("Some components have a kind of name that no feed speaks of."),
    "pending": _("Matching has not come to its end."),
}
"""Why no finding may not mean that there is nothing."""


@require_http_methods(["GET", "HEAD", "POST"])
def names_page(request: HttpRequest) -> HttpResponse:
    """Suggestions and decisions; a POST decides about the values that were ticked."""
    if request.method != "POST":
        return _page(request, {})
    request.actor.require(IDENTITY_CONFIRM)
    confirmed = request.POST.get("verb") != "reject"
    typed = {name: request.POST.get(name, "").strip() for name in ("name", "maker", "basis")}
    pairs = [tuple(text.partition("=")[::2]) for text in request.POST.getlist("value")]
    own = request.POST.get("own_value", "").strip()
    if own:
        pairs.append((request.POST.get("own_kind", "cpe"), own))
    try:
        decisions = [Decision(kind, value, confirmed) for kind, value in pairs]
        decide_identities(request.actor, **typed, decisions=decisions, request_key=key_of(request))
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _page(request, {"error": refusal, "typed": typed}, refusal.http_status)
    return redirect("component_names")


def _page(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    coverage = seen.coverage_seen(request.actor)
    said = {
        "coverage": coverage,
        "silent": [SILENT[code] for code in coverage.silent],
        "suggestions": seen.suggestions_seen(request.actor),
        "identities": seen.identities_seen(request.actor),
        "aliases": seen.aliases_table(),
        "kinds": KINDS,
        "may_decide": request.actor.may(IDENTITY_CONFIRM),
        **said,
    }
    return render(request, "component_names.html", said, status=status)
