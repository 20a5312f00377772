"""The find box: any scanned or typed code leads to its page; several candidates are listed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from asbuilt.kernel.errors import Invalid

CODE_CHARACTERS_MAX = 400


@require_safe
def find_page(request: HttpRequest) -> HttpResponse:
    """One hit: go there. Several: which one. None: say so, with the way on."""
    from asbuilt.questions.genealogy.seen.finding import find, near

    code = request.GET.get("code", "").strip()
    if len(code) > CODE_CHARACTERS_MAX:
        raise Invalid(
            "web.code_too_long",
            gettext("A code has at most %(n)s characters.") % {"n": CODE_CHARACTERS_MAX},
            remedy=gettext("Scan or type one code."),
        )
    hits = find(request.actor, code) if code else []
    places = [(hit, address(hit)) for hit in hits]
    if len(places) == 1:
        return redirect(places[0][1])
    said = {"code": code, "places": places, "near": near(request.actor, code) if code and not places else []}
    return render(request, "find.html", said, status=200 if places or not code else 404)


def address(hit) -> str:
    """The page of a hit: its kind is the address' name."""
    if isinstance(hit.url_args, dict):
        return reverse(hit.kind, kwargs=hit.url_args)
    return reverse(hit.kind, args=hit.url_args)
