"""Firmware: the release register, a release, the matrix of hardware revisions and versions, two releases compared."""

import csv

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from asbuilt.access.rights import FIRMWARE_DRAFT, FIRMWARE_RELEASE, RECORD_READ, SBOM_ADD, TRUST_SET
from asbuilt.answers.gate import releasing
from asbuilt.answers.gate.unrecorded import release_gaps
from asbuilt.designed.firmware import actions, matrix, recovery, register, retention, telling
from asbuilt.designed.vulnerability.deciding.building import add_build_configuration
from asbuilt.designed.vulnerability.deciding.builds import builds_seen
from asbuilt.doors.web.downloads import download
from asbuilt.doors.web.inspection import paper_bytes
from asbuilt.doors.web.posted import key_of
from asbuilt.doors.web.words import register as words
from asbuilt.formats.build_configurations import refuse_large
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed, NotFound

GET_AND_POST = require_http_methods(["GET", "HEAD", "POST"])
IMAGE_ROLES = ("app", "boot", "radio", "factory")
COLUMNS = (
    "product", "revision", "role", "version", "state", "security_relevant", "released_at", "signed", "unsaid", "sha256",
)  # fmt: skip
TRUST_ROLES = {
    "root": _("root"), "release-signer": _("signs releases"), "permit-issuer": _("issues permits"),
    "grant-issuer": _("issues grants"), "station": _("station"), "station-transfer": _("station, opens images"),
    "recovery": _("recovery"),
}  # fmt: skip
IMAGE_WORDS = {"app": _("application"), "boot": _("boot loader"), "radio": _("radio"), "factory": _("factory")}
BUILD_KINDS = {"kconfig": _("Kconfig"), "compiled": _("compiled files"), "excluded": _("files left out")}
FAULTS = {
    "no_firmware": _("No application firmware."),
    "all_withdrawn": _("Every release is withdrawn."),
    "revisions_unsaid": _("Names no hardware revision."),
    "newest_withdrawn": _("The newest release is withdrawn."),
    "newest_unsigned": _("The newest release has no signatures."),
    "older_than_security_update": _("Older than a security update and not withdrawn."),
}


@words.filter
def image_role_word(role: str) -> str:
    """An image role as people say it."""
    return IMAGE_WORDS.get(role, role)


@words.filter
def trust_role_word(role: str) -> str:
    """What keys of a role count for."""
    return TRUST_ROLES.get(role, role)


@words.filter
def build_kind_word(kind: str) -> str:
    """What a build configuration says."""
    return BUILD_KINDS.get(kind, kind)


@words.filter
def matrix_fault_word(code: str) -> str:
    """What the check of the matrix found."""
    return FAULTS.get(code, code)


def _rights(request: HttpRequest) -> dict:
    may = request.actor.may
    return {"may_draft": may(FIRMWARE_DRAFT), "may_release": may(FIRMWARE_RELEASE), "may_trust": may(TRUST_SET)}


def _typed(request: HttpRequest, *names: str) -> dict[str, str]:
    return {name: request.POST.get(name, "").strip() for name in names}


def _sent(request: HttpRequest, name: str) -> bytes | None:
    file = request.FILES.get(name)
    return paper_bytes(file) if file else None


@GET_AND_POST
def releases_page(request: HttpRequest) -> HttpResponse:
    """The register; a POST adds a draft."""
    if request.method != "POST":
        return _releases(request, {})
    request.actor.require(FIRMWARE_DRAFT)
    said = _typed(request, "product", "role", "version", "change_log", "built_by", "supported_until")
    listed = tuple(word.strip() for word in request.POST.get("revisions", "").split(";") if word.strip())
    boot = _typed(request, "boot", "boot_key")
    try:
        image = _sent(request, "image")
        if image is None:
            raise Invalid(
                "web.image_missing", "No image was chosen.", {"field": "image"}, "Choose the file that is programmed."
            )
        draft = actions.Draft(
            **said, revisions=listed, security_relevant=request.POST.get("security_relevant") == "true"
        )
        made = actions.add_release(
            request.actor, draft=draft, image=image, provenance=_sent(request, "provenance"),
            boot=actions.Boot(boot["boot"], boot["boot_key"]) if boot["boot"] else None,
            request_key=key_of(request),
        )  # fmt: skip
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _releases(request, {"error": refusal, "typed": request.POST, "form": "draft"}, refusal.http_status)
    return redirect("release", *made.key)


def _releases(request: HttpRequest, said: dict, status: int = 200) -> HttpResponse:
    product = request.GET.get("product", "").strip()
    found = [_shown(one) for one in telling.register_seen(request.actor, product or None)]
    said = {
        "found": found, "product": product, "roles": IMAGE_ROLES, "to_reseal": telling.images_to_reseal(request.actor), "trust": telling.trust_seen(request.actor)[::-1],
        **_rights(request), **said,
    }  # fmt: skip
    return render(request, "releases.html", said, status=status)


def _shown(one: register.Registered) -> dict:
    """A release for a page: instants as numbers, so that the page tells them in its own way."""
    released, withdrawn, kept = one.last(register.RELEASED), one.last(register.WITHDRAWN), retention.of_release(one)
    return {
        "one": one, "of": one.statement, "state": one.state, "released": released, "withdrawn": withdrawn,
        "keep_until": kept.until if kept else None, "question": telling.question(*one.key), "kept": kept,
    }  # fmt: skip


@require_safe
def release_page(request: HttpRequest, product: str, role: str, version: str) -> HttpResponse:
    """One release: what it is, who signed it, what may be done with it."""
    return _release(request, (product, role, version), {})


def _release(request: HttpRequest, key: tuple[str, str, str], said: dict, status: int = 200) -> HttpResponse:
    one = telling.release_seen(request.actor, *key)
    holders = telling.holders_seen(request.actor)
    signatures = [(holders.get(each.key_id, ""), each) for each in one.signatures]
    others = [
        other for other in telling.register_seen(request.actor, key[0]) if other.key[1] == key[1] and other.key != key
    ]
    ours = request.actor.party is None and request.actor.may(RECORD_READ)
    said = {
        "builds": builds_seen(request.actor, product=key[0], role=key[1], version=key[2]) if ours else None,
        "may_build": ours and request.actor.may(SBOM_ADD), "build_kinds": BUILD_KINDS,
        **_shown(one), "signatures": signatures, "image_kept": telling.image_kept(request.actor, one),
        "build": telling.provenance_seen(request.actor, one),
        "others": [other.key[2] for other in others], "key": one.key, "gaps": release_gaps(request.actor, *key, gettext=gettext), **_rights(request), **said,
    }  # fmt: skip
    return render(request, "release.html", said, status=status)


def _done(request: HttpRequest, key: tuple[str, str, str], verb, **said) -> HttpResponse:
    """Do what a form asks for; back to the release, or the page with why not."""
    product, role, version = key
    try:
        verb(
            request.actor, product=product, role=role, version=version,
            request_key=key_of(request), **said,
        )  # fmt: skip
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed | NotFound):
            raise
        return _release(request, key, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect("release", *key)


@require_POST
def release_signatures(request: HttpRequest, product: str, role: str, version: str) -> HttpResponse:
    """An envelope that was signed elsewhere."""
    request.actor.require(FIRMWARE_RELEASE)
    document = _sent(request, "envelope") or b""
    return _done(request, (product, role, version), actions.sign_release, document=document)


@require_POST
def release_build(request: HttpRequest, product: str, role: str, version: str) -> HttpResponse:
    """A file that says with what it was built."""
    request.actor.require(SBOM_ADD)
    file = request.FILES.get("file")
    said = {"kind": request.POST.get("kind", "").strip(), "project": request.POST.get("project", "").strip()}
    try:
        if file is None:
            raise Invalid(
                "web.build_missing", "No file was chosen.", {"field": "file"}, "Choose the .config or the list."
            )
        refuse_large(file.size)
        content = b"".join(file.chunks())
    except Invalid as refusal:
        key = (product, role, version)
        return _release(request, key, {"error": refusal, "typed": request.POST}, refusal.http_status)
    verb = add_build_configuration
    return _done(request, (product, role, version), verb, content=content, name=file.name or "build", **said)


@require_POST
def release_release(request: HttpRequest, product: str, role: str, version: str) -> HttpResponse:
    """The signed draft is released."""
    request.actor.require(FIRMWARE_RELEASE)
    return _done(request, (product, role, version), releasing.release)


@require_POST
def release_withdraw(request: HttpRequest, product: str, role: str, version: str) -> HttpResponse:
    """The release is withdrawn for good."""
    request.actor.require(FIRMWARE_RELEASE)
    reason = request.POST.get("reason", "").strip()
    return _done(request, (product, role, version), actions.withdraw_release, reason=reason)


@require_safe
def release_statement(request: HttpRequest, product: str, role: str, version: str) -> HttpResponse:
    """The envelope that signers sign and anybody checks."""
    content = telling.statement_bytes(request.actor, product, role, version)
    return download(content, "application/json", f"{product}-{role}-{version}.dsse.json")


@require_safe
def release_provenance(request: HttpRequest, product: str, role: str, version: str) -> HttpResponse:
    """The provenance statement of the build, byte for byte as it came."""
    content = telling.provenance_bytes(request.actor, product, role, version)
    return download(content, "application/json", f"{product}-{role}-{version}.provenance.json")


@require_POST
def releases_reseal(request: HttpRequest) -> HttpResponse:
    """Images are sealed for the recovery keys in force."""
    request.actor.require(TRUST_SET)
    try:
        recovery.reseal_images(request.actor)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _releases(request, {"error": refusal}, refusal.http_status)
    return redirect("releases")


@require_POST
def releases_trust(request: HttpRequest) -> HttpResponse:
    """The next version of the trust store."""
    request.actor.require(TRUST_SET)
    try:
        said = {"document": _sent(request, "document") or b"", "pin": request.POST.get("pin", "").strip()}
        actions.set_trust_store(request.actor, **said, request_key=key_of(request))
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed):
            raise
        return _releases(request, {"error": refusal, "typed": request.POST, "form": "trust"}, refusal.http_status)
    return redirect("releases")


@require_safe
def releases_matrix(request: HttpRequest) -> HttpResponse:
    """Hardware revisions and versions, and what is wrong with that."""
    product = request.GET.get("product", "").strip()
    said = {
        "lines": matrix.lines(request.actor, product or None), "wrongs": matrix.faults(request.actor, product or None),
        "product": product, **_rights(request),
    }  # fmt: skip
    return render(request, "releases_matrix.html", said)


@require_safe
def releases_matrix_csv(request: HttpRequest) -> HttpResponse:
    """The matrix as a table for a spreadsheet."""
    answer = download(b"", "text/csv; charset=utf-8", "firmware-matrix.csv")
    out = csv.writer(answer, lineterminator="\r\n")
    out.writerow(COLUMNS)
    for line in matrix.lines(request.actor, request.GET.get("product", "").strip() or None):
        said = telling.line_told(line)
        out.writerow([_cell(said[name]) for name in COLUMNS])
    return answer


@require_safe
def releases_compare(request: HttpRequest) -> HttpResponse:
    """What changed between two releases of a product and role."""
    said = {name: request.GET.get(name, "").strip() for name in ("product", "role", "first", "second")}
    found = matrix.compared(request.actor, **{**said, "role": said["role"] or "app"})
    changes = [_shown(one) for one in found.between]
    return render(request, "releases_compare.html", {"found": found, "changes": changes, **_rights(request)})


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "" if value is None else str(value)
    # a spreadsheet would run a cell that begins so
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
