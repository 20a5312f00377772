"""Frozen answers: an answer kept word for word with its question, the log's head and its hash, and its signed file."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from asbuilt.answers.register.actions import answer_document, freeze_answer
from asbuilt.answers.register.queries import PAGE_MAX, frozen_answer, frozen_answers
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.posted import key_of

SERIALS_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
def answers_page(request: HttpRequest) -> HttpResponse:
    """The frozen answers, newest first; POST freezes one."""
    if request.method == "POST":
        frozen = freeze_answer(
            request.actor,
            request.POST.get("question", ""),
            as_of=request.POST.get("as_of") or None,
            request_key=key_of(request),
        )
        return redirect("answer", ulid=frozen.ulid)
    before = request.GET.get("before", "")
    found = frozen_answers(request.actor, before=int(before) if before.isdecimal() and len(before) < 10 else None)
    older = found[-1].number if len(found) == PAGE_MAX else None
    rows = [(frozen, json.loads(frozen.answer)["affected"]) for frozen in found]
    return render(request, "answers.html", {"answers": rows, "older": older, "cursor": before})


@require_safe
def answer_page(request: HttpRequest, ulid: str) -> HttpResponse:
    """One frozen answer as it was said."""
    frozen = frozen_answer(request.actor, ulid)
    said = json.loads(frozen.answer)
    serials = said.get("serials", [])
    return render(
        request,
        "answer.html",
        {
            "frozen": frozen, "said": said, "sha256": bytes(frozen.sha256).hex(), "serials": serials[:SERIALS_SHOWN],
            "serials_total": len(serials),
        },
    )  # fmt: skip


@require_safe
def answer_file(request: HttpRequest, ulid: str) -> HttpResponse:
    """The signed document that anybody with the public key checks."""
    return download(answer_document(request.actor, ulid), "application/json", f"answer-{ulid}.json")
