"""Files of machines: those taken, refused and dismissed; one file, what became of it, and what may be done with it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from asbuilt.access.queries import names_of
from asbuilt.access.rights import DEAD_LETTER_RETRY, EVIDENCE_READ, FACT_WITHDRAW
from asbuilt.built.messages import dismissing, refused_files
from asbuilt.built.messages.rereading import reread_file
from asbuilt.doors.web.posted import key_of
from asbuilt.kernel.errors import AsbuiltError, NotAllowed

PAGE = 50
USES = {"": _("All"), "taken": _("Taken"), "refused": _("Refused"), "dismissed": _("Dismissed")}


@require_safe
def files_page(request: HttpRequest) -> HttpResponse:
    """The files, newest first; of one use or machine where asked for."""
    use, machine, after = (request.GET.get(name, "")[:200] for name in ("use", "machine", "after"))
    use = use if use in USES else ""
    last = int(after) if after.isdecimal() and len(after) < 10 else None
    found = refused_files.machine_files(request.actor, use=use, machine=machine, after=last, limit=PAGE + 1)
    older = found[PAGE - 1].entry if len(found) > PAGE else None
    said = {"files": found[:PAGE], "use": use, "machine": machine, "older": older, "uses": USES.items(), "words": USES}
    return render(request, "machine_files.html", said)


@require_safe
def file_page(request: HttpRequest, file: str) -> HttpResponse:
    """One file."""
    return _page(request, file)


def _page(request: HttpRequest, file: str, status: int = 200, **said) -> HttpResponse:
    row, actor = refused_files.machine_file(request.actor, file), request.actor
    history = dismissing.file_history(actor, row.file)
    said |= {
        "row": row, "use_word": USES[row.use], "history": history, "may_see": actor.may(EVIDENCE_READ),
        "names": names_of(actor.tenant, {one.operator for one in history} - {None}),
        "may_mend": actor.may(DEAD_LETTER_RETRY), "may_reread": actor.may(FACT_WITHDRAW),
    }  # fmt: skip
    return render(request, "machine_file.html", said, status=status)


@require_POST
def dismiss(request: HttpRequest, file: str) -> HttpResponse:
    """It need not be taken."""
    reason, key = request.POST.get("reason", "").strip(), key_of(request)
    return _done(request, file, lambda: dismissing.dismiss_file(request.actor, file, reason=reason, request_key=key))


@require_POST
def reread(request: HttpRequest, file: str) -> HttpResponse:
    """Read it by the mapping of today."""
    reason = request.POST.get("reason", "").strip()
    return _done(request, file, lambda: reread_file(request.actor, file, reason=reason))


def _done(request: HttpRequest, file: str, verb) -> HttpResponse:
    try:
        verb()
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed) or refusal.http_status == 404:
            raise
        return _page(request, file, refusal.http_status, error=refusal, typed=request.POST.get("reason", ""))
    return redirect("machine_file", file)
