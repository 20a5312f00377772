"""Compliance: products with class and routes, the guided decision, the matrix of Annex I with risks and revisions, support and clocks, a year's retention."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from asbuilt.access import rights
from asbuilt.answers.compliance.assessing import actions as assessing
from asbuilt.answers.compliance.assessing.revising import draft_revision, review_revision
from asbuilt.answers.compliance.assessing.risks import LEVELS
from asbuilt.answers.compliance.assessing.seen import assessment_told, revision_told
from asbuilt.answers.compliance.judging import actions as judging
from asbuilt.answers.compliance.judging.decision import CONNECTIONS, Answers
from asbuilt.answers.compliance.judging.seen import judgement_told, products_told, rules_told
from asbuilt.answers.compliance.judging.wording import local
from asbuilt.answers.compliance.keeping.actions import set_support
from asbuilt.answers.compliance.keeping.report import retention_report
from asbuilt.answers.compliance.keeping.seen import support_told, unit_clocks
from asbuilt.answers.compliance.keeping.terms import ANSWERS as TERMS_ANSWERS
from asbuilt.answers.compliance.keeping.terms import state_update_terms
from asbuilt.answers.compliance.spoken import spoken
from asbuilt.answers.compliance.stating import FILE_BYTES_MAX as PAPER_BYTES_MAX
from asbuilt.doors.web.posted import key_of
from asbuilt.doors.web.words import BRIEFLY, ENTRY_WORDS, WAYS
from asbuilt.doors.web.words import register as words
from asbuilt.kernel.errors import AsbuiltError, Invalid, NotAllowed
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock

# beside those of the rooms (`spoken`); two that a matrix says otherwise than a file
_WORDS = {
    "A": _("internal control (A)"), "B+C": _("EU-type examination (B+C)"), "H": _("full quality assurance (H)"), "cert": _("certification"),
    "manufacturer": _("manufacturer"), "importer": _("importer"), "distributor": _("distributor"), "ems": _("contract manufacturer"),
    "authorised_representative": _("authorised representative"), "steward": _("open-source steward"),
    "partly": _("partly proved"), "missing": _("no evidence"), "before": _("before the whole law"),
    "after": _("the whole law"), "support": _("support"), "documents": _("papers"), "update": _("update"),
    "supplied_by": _("supplied us"), "supplied_to": _("was supplied"), "scope": _("scope"), "class": _("class"),
    "routes": _("routes"), "requirements": _("requirements"), "gaps": _("gaps"), "product-def": _("digital elements"),
    "scope-connection": _("connection"), "market": _("EU market"),
}  # fmt: skip
TONES = {"proved": "ok", "partly": "warn", "missing": "stop", "unanswered": "stop", "approved": "ok", "refused": "stop"}
BRIEFLY |= {
    "compliance.evidence_missing": _("{edge}: {missing} is missing."), "compliance.rules_moved": _("The rules changed from {seen} to {in_force} in between."),
    "compliance.justification_missing": _("{requirement} does not apply, and no justification is given."),
    "compliance.requirement_always": _("{requirement} always applies."), "compliance.support_short": _("Support that starts on {start_on} ends on {least} at the earliest."),
    "compliance.words_missing": _("{field} is empty."), "compliance.words_long": _("{field} is too long."),
    "compliance.word_unknown": _("{field} is none that is known."), "compliance.day_wrong": _("{field} is no day."),
    "compliance.period_wrong": _("{field} is not after the start."), "compliance.revision_own": _("The revision is your own."),
    "compliance.revision_settled": _("The revision was reviewed."), "compliance.matrix_incomplete": _("Not said whether they apply: {requirements}."),
    "compliance.retention_runs": _("It must be kept until {until}."), "compliance.name_unknown": _("There is no {name}."),
    "compliance.no_own_party": _("Nobody said which party keeps this record."),
    "compliance.terms_no_person": _("The system account is no person."), "compliance.terms_paper": _("The paper that shows it is missing."),
    "compliance.terms_maker": _("Nobody said who makes {product}."),
}  # fmt: skip
WAYS |= {
    "compliance.evidence_missing": _("Fill every field, or leave the exclusion out."), "compliance.rules_moved": _("Look at it again under the new rules."),
    "compliance.justification_missing": _("Say why it does not apply."), "compliance.requirement_always": _("Say how it is met."),
    "compliance.support_short": _("Set a later end, or say for how many years it is expected to be used."),
    "compliance.revision_own": _("Let another person review it."), "compliance.revision_settled": _("Draft another one."),
    "compliance.matrix_incomplete": _("Say it of each, and draft another revision."),
    "compliance.no_own_party": _("Say it in product_roles.csv, as role own."),
    "compliance.terms_paper": _("Send the terms that users get."), "compliance.terms_maker": _("Say it in product_roles.csv, as role manufacturer."),
}  # fmt: skip
ENTRY_WORDS |= {
    "compliance.judged": _("Product judged"), "compliance.assessed": _("Risk assessment said"),
    "compliance.revision_drafted": _("Revision of a risk assessment drafted"),
    "compliance.revision_reviewed": _("Revision of a risk assessment reviewed"), "compliance.support_set": _("Support period set"),
    "compliance.update_terms_stated": _("What security updates cost was said"),
}  # fmt: skip


@words.filter
def compliance_word(said: str) -> str:
    """A word of compliance, as people say it."""
    return _WORDS.get(said) or spoken(said)


@words.filter
def compliance_tone(said: str) -> str:
    """How a state looks."""
    return TONES.get(said, "void")


@words.filter
def one_a_line(said: list[str]) -> str:
    """Texts as a field of several lines takes them; a template cannot write the end of a line in a tag."""
    return "\n".join(said)


@words.filter
def law_words(said: dict) -> str:
    """Words that stand in a dated file, in the reader's language."""
    return local(said)


@require_safe
def products_page(request: HttpRequest) -> HttpResponse:
    """Every product; those first whose result is another one today."""
    found = sorted(products_told(request.actor), key=lambda one: (one["difference"] is None, one["product"]))
    year, rules = format_instant(clock.now())[:4], rules_told(request.actor)
    return render(
        request,
        "compliance.html",
        {
            "found": found,
            "differing": sum(bool(one["difference"]) for one in found),
            "year": year,
            "dates": rules["dates"],
            "operators": rules["operators"],
        },
    )


@require_safe
def retention_page(request: HttpRequest) -> HttpResponse:
    """The retention report of a year, this one where none is asked for."""
    asked = request.GET.get("year", "").strip() or format_instant(clock.now())[:4]
    report = retention_report(request.actor, int(asked) if asked.isdecimal() and len(asked) < 5 else 0)
    return render(request, "compliance_retention.html", {"report": report})


@require_http_methods(["GET", "HEAD", "POST"])
def product_page(request: HttpRequest, code: str) -> HttpResponse:
    """The guided decision; a POST judges the product or a party's role."""
    return _page(
        request, code, "compliance_product", {"judge": _judge, "role": _role}, rights.COMPLIANCE_DECIDE, _product
    )


@require_http_methods(["GET", "HEAD", "POST"])
def assessment_page(request: HttpRequest, code: str) -> HttpResponse:
    """Risks and matrix; a POST says something of them."""
    return _page(request, code, "compliance_assessment", _ASSESSING, rights.COMPLIANCE_ASSESS, _assessment)


@require_http_methods(["GET", "HEAD", "POST"])
def revision_page(request: HttpRequest, code: str, revision: str) -> HttpResponse:
    """A revision as it was frozen; a POST reviews it."""

    def shown(request: HttpRequest, code: str) -> tuple[str, dict]:
        one = revision_told(request.actor, code, revision)
        return "compliance_revision.html", {"one": one, "may_review": request.actor.may(rights.COMPLIANCE_DECIDE)}

    def review(request: HttpRequest, code: str) -> None:
        approved = request.POST.get("decision") == "approve"
        why = request.POST.get("why", "")
        review_revision(
            request.actor, product=code, revision=revision, approved=approved, why=why, request_key=key_of(request)
        )

    verbs = {"review": review}
    return _page(request, code, "compliance_revision", verbs, rights.COMPLIANCE_DECIDE, shown, revision=revision)


@require_http_methods(["GET", "HEAD", "POST"])
def support_page(request: HttpRequest, code: str) -> HttpResponse:
    """Support and clocks; a POST sets a period, or says what updates cost."""
    return _page(
        request,
        code,
        "compliance_support",
        {"support": _support, "terms": _terms},
        rights.COMPLIANCE_DECIDE,
        _supported,
    )


def _page(
    request: HttpRequest, code: str, name: str, verbs: dict[str, Callable], right: str, shown: Callable, **place: str
) -> HttpResponse:
    if request.method != "POST":
        return _shown(request, code, shown, {})
    verb = verbs.get(request.POST.get("verb", ""))
    if verb is None:
        raise Invalid(
            "web.form_unknown", "This form says nothing that is known.", {"field": "verb"}, "Open the page anew."
        )
    shown(request, code)  # one that the reader does not see is not there
    request.actor.require(right)
    try:
        verb(request, code)
    except AsbuiltError as refusal:
        if isinstance(refusal, NotAllowed) or refusal.code == "compliance.product_unknown":
            raise
        return _shown(request, code, shown, {"error": refusal, "typed": request.POST}, refusal.http_status)
    return redirect(name, code=code, **place)


def _shown(request: HttpRequest, code: str, shown: Callable, said: dict, status: int = 200) -> HttpResponse:
    template, found = shown(request, code)
    may = {
        "may_decide": request.actor.may(rights.COMPLIANCE_DECIDE),
        "may_assess": request.actor.may(rights.COMPLIANCE_ASSESS),
        "may_file": request.actor.may(rights.FILING_READ),
    }
    return render(request, template, {"code": code, **may, **found, **said}, status=status)


def _product(request: HttpRequest, code: str) -> tuple[str, dict]:
    one = judgement_told(request.actor, code)
    given = (one["judgement"] or {}).get("answers", {})
    edges = [
        {**edge, "evidence": [{**field, "value": given.get("edges", {}).get(edge["key"], {}).get(field["field"], "")} for field in edge["evidence"]]}
        for edge in rules_told(request.actor)["edges"] if edge["kind"] != "condition"
    ]  # fmt: skip
    standards = "\n".join(_standard_line(each) for each in given.get("standards", ()))
    return "compliance_product.html", {
        "one": one, "rules": rules_told(request.actor), "given": given, "edges": edges, "standards": standards, "connections": CONNECTIONS,
    }  # fmt: skip


def _standard_line(one: dict) -> str:
    return " ".join([one["extent"], one["reference"], *(["|", *one["requirements"]] if one["requirements"] else [])])


def _assessment(request: HttpRequest, code: str) -> tuple[str, dict]:
    return "compliance_assessment.html", {"one": assessment_told(request.actor, code), "levels": LEVELS}


def _supported(request: HttpRequest, code: str) -> tuple[str, dict]:
    serial = request.GET.get("serial", "").strip()
    said = {"one": support_told(request.actor, code), "serial": serial, "terms_answers": TERMS_ANSWERS}
    if serial:
        try:
            said["unit"] = unit_clocks(request.actor, serial)
        except AsbuiltError as refusal:
            said["error"] = refusal
    return "compliance_support.html", said


def _judge(request: HttpRequest, code: str) -> None:
    form = request.POST
    edges: dict[str, dict[str, str]] = {}
    for edge in rules_told(request.actor)["edges"]:
        if form.get(f"edge_{edge['key']}"):
            edges[edge["key"]] = {
                one["field"]: form.get(f"edge_{edge['key']}_{one['field']}", "") for one in edge["evidence"]
            }
    answers = Answers(
        form.get("digital_elements", ""), form.get("connection", ""), form.get("market", ""), edges, form.getlist("functions"),
        bool(form.get("foss")), [_standard_typed(line) for line in form.get("standards", "").splitlines() if line.strip()],
    )  # fmt: skip
    judging.judge(
        request.actor, product=code, answers=answers, why=form.get("why", ""), rule_set=form.get("rule_set", ""), request_key=key_of(request),
    )  # fmt: skip


def _standard_typed(line: str) -> dict:
    """`full EN 40000-1-2:2027 | I.2.a I.2.b`."""
    named, _bar, keys = line.partition("|")
    extent, _blank, reference = named.strip().partition(" ")
    return {"extent": extent, "reference": reference, "requirements": keys.split()}


def _role(request: HttpRequest, code: str) -> None:
    form = request.POST
    said = {"party": form.get("party", "").strip(), "facts": form.getlist("facts"), "why": form.get("why", "")}
    judging.judge_role(
        request.actor, product=code, **said, rule_set=form.get("rule_set", ""), request_key=key_of(request)
    )


def _support(request: HttpRequest, code: str) -> None:
    said = {name: request.POST.get(name, "").strip() for name in ("start_on", "end_on", "why")}
    set_support(request.actor, product=code, expected_years=_years(request), request_key=key_of(request), **said)


def _terms(request: HttpRequest, code: str) -> None:
    said = {name: request.POST.get(name, "").strip() for name in ("free", "until_on", "why")}
    file = request.FILES.get("file")
    proof = {"content": file.read(PAPER_BYTES_MAX + 1), "name": file.name or "terms"} if file is not None else {}
    state_update_terms(request.actor, product=code, request_key=key_of(request), **said, **proof)


def _years(request: HttpRequest) -> int | None:
    typed = request.POST.get("expected_years", "").strip()
    if typed and not (typed.isdecimal() and len(typed) < 4):
        raise Invalid(
            "compliance.years_wrong", "expected_years: is no number.", {"field": "expected_years"}, "Say whole years."
        )
    return int(typed) if typed else None


def _said(verb: Callable, *names: str, lists: tuple[str, ...] = (), fixed: dict | None = None) -> Callable:
    """A verb that takes cells of the form as they are; `lists` are codes with blanks between."""

    def act(request: HttpRequest, code: str) -> None:
        cells = {name: request.POST.get(name, "").strip() for name in names}
        cells |= {name: request.POST.get(name, "").split() for name in lists}
        verb(request.actor, product=code, request_key=key_of(request), **cells, **(fixed or {}))

    return act


def _context(request: HttpRequest, code: str) -> None:
    said = {name: request.POST.get(name, "") for name in ("purpose", "foreseeable_use", "conditions")}
    assessing.say_context(
        request.actor, product=code, expected_years=_years(request), request_key=key_of(request), **said
    )


def _requirement(request: HttpRequest, code: str) -> None:
    said = {name: request.POST.get(name, "").strip() for name in ("requirement", "applies", "how", "why")}
    questions = [line.strip() for line in request.POST.get("questions", "").splitlines() if line.strip()]
    assessing.say_requirement(request.actor, product=code, questions=questions, request_key=key_of(request), **said)


_ASSESSING: dict[str, Callable[[HttpRequest, str], None]] = {
    "context": _context,
    "asset": _said(assessing.say_asset, "words"),
    "threat": _said(assessing.say_threat, "words", "likelihood", "impact", lists=("assets",)),
    "measure": _said(assessing.say_measure, "words", lists=("threats", "requirements")),
    "residual": _said(assessing.say_residual, "threat", "likelihood", "impact", "why", fixed={"accepted": True}),
    "requirement": _requirement,
    "draft": _said(draft_revision, "why"),
}
