"""Pages and files for everybody: the provider's folder, security.txt, the record of advisories, the policy, the form for reports.

No session, no cookie, no script. The host says whose they are (`ASBUILT_PUBLIC`); on another host there is nothing, and a stranger learns
nothing of what is not published. What does not change is cached by its hash. The form is without a secret against forgery: nobody is signed in
here, so that no page elsewhere could send anything in somebody's name.
"""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from asbuilt.access.rates import Rates
from asbuilt.answers.cases.publishing.actions.taking_tips import (
    ENDINGS,
    FILE_BYTES_MAX,
    FILES_MAX,
    Attached,
    take_tip,
)
from asbuilt.answers.cases.publishing.hosts import address_of, tenant_of_host
from asbuilt.answers.cases.publishing.public import (
    PublicFile,
    public_file,
    public_policy,
    public_record,
    public_security_txt,
)
from asbuilt.answers.cases.publishing.publisher import LANGUAGES, publisher_of
from asbuilt.answers.cases.publishing.tips import status_of
from asbuilt.doors.web.identity import client_address
from asbuilt.doors.web.posted import key_of
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotFound
from asbuilt.kernel.instants import format_instant, parse_instant
from asbuilt.ledger import clock

CACHE_SECONDS = 300
RECORD_PAGE = 50
RATES = Rates()
_FIELDS = ("product", "version", "words", "contact", "credit")


def _limited(request: HttpRequest, what: str, per_minute: int) -> HttpResponse | None:
    """The answer to who asks too often; None where there is room. The address is kept in memory alone."""
    wait = RATES.take(f"{what} {client_address(request)}", per_minute)
    if not wait:
        return None
    return HttpResponse(
        _("Too many requests.") + "\n", status=429, content_type="text/plain", headers={"Retry-After": str(wait)}
    )


def _for_everybody(view: Callable) -> Callable:
    """Whose host it is comes first; then the rate. What is not there is not there for anybody."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        try:
            tenant = tenant_of_host(request.get_host())
            if tenant is None:
                return _nothing()
            return _limited(request, "read", settings.PUBLIC_REQUESTS_PER_MINUTE) or view(
                request, tenant, *args, **kwargs
            )
        except NotFound:
            return _nothing()

    return answered


def _nothing() -> HttpResponse:
    return HttpResponse(_("Nothing here.") + "\n", status=404, content_type="text/plain; charset=utf-8")


def _file(request: HttpRequest, found: PublicFile) -> HttpResponse:
    tag = f'"{found.etag}"'
    if tag in (one.strip() for one in request.headers.get("If-None-Match", "").split(",")):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(found.content, content_type=found.media_type)
    response["ETag"] = tag
    response["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    # programs of other sites may read it: CSAF 2.0 asks for no wall around what is public
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    return response


@_for_everybody
@require_safe
def csaf_file(request: HttpRequest, tenant: int, path: str) -> HttpResponse:
    """A file of the provider's folder."""
    return _file(request, public_file(tenant, path))


@_for_everybody
@require_safe
def security_txt(request: HttpRequest, tenant: int) -> HttpResponse:
    """security.txt as it was signed."""
    return _file(request, public_security_txt(tenant))


@_for_everybody
@require_safe
def record_page(request: HttpRequest, tenant: int) -> HttpResponse:
    """Published advisories, the one changed last first, with the versions that fix."""
    record = public_record(tenant)
    asked = request.GET.get("page", "1")
    page = max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    shown = record[(page - 1) * RECORD_PAGE : page * RECORD_PAGE]
    more = page + 1 if len(record) > page * RECORD_PAGE else None
    return _page(request, tenant, "public_record.html", {"found": shown, "more": more, "total": len(record)})


@_for_everybody
@require_safe
def advisory_page(request: HttpRequest, tenant: int, identity: str) -> HttpResponse:
    """One advisory for people."""
    one = next((one for one in public_record(tenant) if one.identity == identity), None)
    return _nothing() if one is None else _page(request, tenant, "public_advisory.html", {"one": one})


@_for_everybody
@require_safe
def atom(request: HttpRequest, tenant: int) -> HttpResponse:
    """The same as an Atom feed."""
    record, home = public_record(tenant), address_of(tenant)
    publisher = publisher_of(tenant)
    if publisher is None:
        return _nothing()
    here = home + reverse("public_record")
    feed = Atom1Feed(
        title=_("Security advisories of %(name)s") % {"name": publisher.name}, link=here, description="", author_name=publisher.name,
        feed_url=home + reverse("public_atom"),
    )  # fmt: skip
    for one in record[:RECORD_PAGE]:
        address = home + reverse("public_advisory", args=[one.identity])
        feed.add_item(
            title=f"{one.identity} {one.title}", link=address, description=one.summary, unique_id=address, pubdate=_when(one.published),
            updateddate=_when(one.updated), categories=one.names,
        )  # fmt: skip
    content = feed.writeString("utf-8").encode()
    from hashlib import sha256

    return _file(request, PublicFile(content, "application/atom+xml; charset=utf-8", sha256(content).hexdigest()))


def _when(text: str):
    from datetime import datetime

    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@_for_everybody
@require_safe
def policy_page(request: HttpRequest, tenant: int) -> HttpResponse:
    """How to report, what the house promises, how it discloses."""
    language = _language(request, tenant)
    _publisher, points, fingerprint = public_policy(tenant, language)
    return _page(request, tenant, "public_policy.html", {"points": points, "fingerprint": fingerprint})


@_for_everybody
@require_http_methods(["GET", "HEAD", "POST"])
def report_page(request: HttpRequest, tenant: int) -> HttpResponse:
    """The form for reports; a POST keeps one and shows reference and code, this once."""
    said = {"endings": ", ".join(ENDINGS), "files_max": FILES_MAX, "bytes_max": FILE_BYTES_MAX // 1024**2}
    if request.method != "POST":
        return _page(request, tenant, "public_report.html", said)
    if refused := _limited(request, "report", settings.PUBLIC_TIPS_PER_MINUTE):
        return refused
    try:
        typed = {name: request.POST.get(name, "") for name in _FIELDS}
        files = [Attached(one.name or "", one.size or 0, one.file) for one in request.FILES.getlist("files")]
        reference, code = take_tip(tenant, **typed, files=files, request_key=key_of(request))
    except (SuspiciousOperation, MultiPartParserError):
        wrong = Invalid("cases.tip_too_large", _("This is more than the form takes."), {}, _("Send less at once."))
        return _page(request, tenant, "public_report.html", {**said, "error": wrong}, 413)
    except AsbuiltError as refusal:
        return _page(
            request, tenant, "public_report.html", {**said, "error": refusal, "typed": typed}, refusal.http_status
        )
    return _page(request, tenant, "public_reported.html", {"reference": reference, "code": code}, 201)


@_for_everybody
@require_http_methods(["GET", "HEAD", "POST"])
def status_page(request: HttpRequest, tenant: int) -> HttpResponse:
    """How a report stands, for who has its code; the code travels in the form, never in an address."""
    if request.method != "POST":
        return _page(request, tenant, "public_status.html", {})
    if refused := _limited(request, "status", settings.PUBLIC_TIPS_PER_MINUTE * 3):
        return refused
    try:
        found = status_of(tenant, request.POST.get("reference", ""), request.POST.get("code", ""))
    except NotFound as refusal:
        return _page(request, tenant, "public_status.html", {"error": refusal}, 404)
    late = (
        bool(found["ack_due_at"]) and not found["acknowledged_at"] and parse_instant(found["ack_due_at"]) < clock.now()
    )
    return _page(request, tenant, "public_status.html", {"one": found, "late": late})


def _language(request: HttpRequest, tenant: int) -> str:
    publisher = publisher_of(tenant)
    offered = publisher.languages if publisher is not None else LANGUAGES[:1]
    asked = request.GET.get("language", "")
    here = asked if asked in offered else translation.get_language() or ""
    return here if here in offered else offered[0]


def _page(request: HttpRequest, tenant: int, template: str, said: dict, status: int = 200) -> HttpResponse:
    publisher = publisher_of(tenant)
    if publisher is None:
        return _nothing()
    language = _language(request, tenant)
    with translation.override(language):
        shown = {
            "publisher": publisher,
            "language": language,
            "said_on": format_instant(publisher.said_at)[:10],
            **said,
        }
        response = render(request, template, shown, status=status)
    response["Content-Language"] = language
    # a form's answer shows a code once; pages are the same for everybody, in their language
    if request.method in ("GET", "HEAD") and status == 200 and template != "public_report.html":
        response["Cache-Control"] = f"public, max-age={CACHE_SECONDS}"
    return response
