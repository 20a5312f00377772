"""Test plans: versions, what each changes, who approved it; the test history of a unit; files of results, dropped on the page Import."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access.queries import names_of
from asbuilt.access.rights import EVIDENCE_READ, MESSAGE_RECORD, TEST_PLAN_APPROVE, TEST_PLAN_PROPOSE
from asbuilt.built.messages.file_groups import record_files
from asbuilt.designed.catalog import test_plan_actions as actions
from asbuilt.designed.catalog import test_plans as plans
from asbuilt.designed.catalog.requirements import rule_sets
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.inspection import paper_bytes
from asbuilt.doors.web.posted import key_of
from asbuilt.doors.web.words import REFUSALS
from asbuilt.doors.web.words import register as words
from asbuilt.formats.machine_files import FILE_BYTES_MAX
from asbuilt.formats.results.reading import KINDS
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.questions.genealogy.seen.attached import attached
from asbuilt.questions.genealogy.seen.tests import test_history

STATES = {"proposed": _("proposed"), "in_force": _("in force"), "replaced": _("replaced"), "withdrawn": _("withdrawn")}
REFUSALS["catalog.test_plan_own_approval"] = _("You proposed version %(version)s of %(plan)s.")
FILES_AT_ONCE_MAX = 100
CRITICALITIES = {"critical": _("critical"), "major": _("major"), "minor": _("minor")}
DOUBTS = {
    "outside_limits": _("outside of its limits"), "step_failed": _("a step failed, the run says pass"), "without_evidence": _("not measured, and the plan needs it"),
    "version_unknown": _("the plan has no such version"), "not_approved": _("the plan was not approved then"), "not_in_force": _("another version was in force"),
    "other_revision": _("the plan is for other revisions"), "clock_wrong": _("the tester's clock was ahead by"), "units_differ": _("value and limits have units that do not compare"), "shared": _("a key or password is also on"),
    "before_order": _("it began before its order was opened, at"), "part_unknown": _("the tester named a part number that no product here has:"),
    "defect_confirmed": _("a person confirmed a defect:"), "said_otherwise": _("a step in it did not pass, and its tester calls the run"),
}  # fmt: skip


@words.filter
def plan_state_word(state: str) -> str:
    """The state of a version."""
    return STATES.get(state, state)


@words.filter
def criticality_word(said: str) -> str:
    """How much a step matters."""
    return CRITICALITIES.get(said, said)


@words.filter
def doubt_word(code: str) -> str:
    """What speaks against a run."""
    return DOUBTS.get(code, code)


@require_http_methods(["GET", "HEAD", "POST"])
def plans_page(request: HttpRequest) -> HttpResponse:
    """The plans with their versions; a POST proposes one."""
    if request.method != "POST":
        return _plans(request, {})
    request.actor.require(TEST_PLAN_PROPOSE)
    try:
        file = request.FILES.get("document")
        if file is None:
            raise Invalid("web.file_missing", "No file was chosen.", {"field": "document"}, "Choose the file.")
        changes = request.POST.get("changes", "").strip()
        found = actions.propose_test_plan(
            request.actor, document=paper_bytes(file), changes=changes, request_key=key_of(request)
        )
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _plans(request, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("testplan", plan=found.plan, version=found.version)


def _plans(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    said = {"found": plans.plans_told(request.actor), "may_propose": request.actor.may(TEST_PLAN_PROPOSE), **said}
    return render(request, "test_plans.html", said, status=status)


@require_safe
def plan_page(request: HttpRequest, plan: str, version: str) -> HttpResponse:
    """One version."""
    return _plan(request, plan, version, {})


def _plan(request: HttpRequest, plan: str, version: str, said: dict, status: int = 200) -> HttpResponse:
    told = plans.plan_told(request.actor, plan, version)
    since = request.GET.get("since", "")[:60]
    before, changes = plans.changes_since(request.actor, plan, version, since)
    people = {told["operator"], *(one["operator"] for one in told["decisions"])} - {None}
    rules = rule_sets().get(told["rules"])
    said = {
        "plan": told, "before": before, "changes": changes, "names": names_of(request.actor.tenant, people), "rules": rules,
        "may_approve": request.actor.may(TEST_PLAN_APPROVE), **said,
    }  # fmt: skip
    return render(request, "test_plan.html", said, status=status)


@require_POST
def decide(request: HttpRequest, plan: str, version: str) -> HttpResponse:
    """Approved, or withdrawn."""
    request.actor.require(TEST_PLAN_APPROVE)
    words_of = {name: request.POST.get(name, "").strip() for name in ("decision", "reason")}
    try:
        actions.decide_test_plan(request.actor, plan=plan, version=version, request_key=key_of(request), **words_of)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed) or refusal.http_status == 404:
            raise
        return _plan(request, plan, version, {"error": refusal, "typed": words_of}, refusal.http_status)
    return redirect("testplan", plan=plan, version=version)


@require_safe
def document(request: HttpRequest, plan: str, version: str) -> HttpResponse:
    """The bytes that the plan's SHA-256 names."""
    found = plans.test_plan(request.actor, plan, version)
    return download(found.document, "application/json", f"plan-{found.sha256[:16]}.json")


@require_safe
def history_page(request: HttpRequest, code: str) -> HttpResponse:
    """The test history of a unit."""
    as_of = request.GET.get("as_of", "").strip()
    found = test_history(request.actor, code, as_of or None)
    said = {
        "found": found, "who": found.who, "as_of": as_of, "may_see_plans": request.actor.party is None,
        "may_see_bytes": request.actor.may(EVIDENCE_READ),
        "failed": any(run.last and run.outcome != "pass" for run in found.runs),
    }  # fmt: skip
    return render(request, "unit_tests.html", said)


@require_safe
def piece(request: HttpRequest, code: str, sha256: str) -> HttpResponse:
    """A picture, log or file that a test run of the unit brought, to be kept."""
    found = attached(request.actor, code, sha256)
    return download(found.content, "application/octet-stream", found.file_name)


@require_POST
def result_files(request: HttpRequest) -> HttpResponse:
    """Files of results: each taken, or kept refused; the page says which."""
    request.actor.require(MESSAGE_RECORD)
    said: dict = {"kinds": list(KINDS)}
    status = 200
    try:
        given = [
            (file.name or "", file.read(FILE_BYTES_MAX + 1))
            for file in request.FILES.getlist("files")[:FILES_AT_ONCE_MAX]
        ]
        said["seen"] = record_files(request.actor, given, kind=request.POST.get("kind", ""))
    except Invalid as refusal:
        said["error"], status = refusal, refusal.http_status
    return render(request, "result_files.html", said, status=status)
