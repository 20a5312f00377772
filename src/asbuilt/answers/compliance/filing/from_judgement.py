"""What judging, assessing, keeping and changes under control show: class and standards, risks and the matrix, support period, ECOs and approved processes."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from asbuilt.access.actor import local_system
from asbuilt.answers.compliance.assessing.seen import assessment_told
from asbuilt.answers.compliance.filing.declarations import versions_of
from asbuilt.answers.compliance.filing.parts import Asking, Part, Table, named, number, source
from asbuilt.answers.compliance.judging.seen import judgement_told
from asbuilt.answers.compliance.judging.wording import local
from asbuilt.answers.compliance.keeping.seen import support_told
from asbuilt.answers.compliance.spoken import spoken
from asbuilt.designed.changes.controlling.eco import IN_FORCE, SUSPENDED, WITHDRAWN, Eco
from asbuilt.designed.changes.controlling.queries import asked_of, ecos_of
from asbuilt.designed.changes.controlling.seen import controls_told
from asbuilt.kernel.instants import format_instant

JUDGING, ASSESSING, KEEPING, CHANGES = "judging", "assessing", "keeping", "changes"


@source("AVII.5")
def standards(asking: Asking) -> Part:
    """Scope, class, routes and the standards that were named, as judged; what the judgement lacks."""
    found = judgement_told(local_system(asking.tenant), asking.product)
    said, gaps = found["judgement"], tuple(found["gaps"])
    if said is None:
        return Part(JUDGING, (), (), (), gaps)
    words = [_("Judged on %(day)s by rules %(rules)s: %(scope)s, class %(class)s.") % {"day": said["on"], "rules": said["rule_set"], "scope": spoken(said["scope"]), "class": said["class"] or "–"}, *said["rests_on"]]  # fmt: skip
    if said["why"]:
        words.append(_("Why: %(why)s") % {"why": said["why"]})
    routes = [(one["route"], _("yes") if one["allowed"] else _("no"), _("yes") if one["available"] else _("no"), " ".join(local(why) for why in one["why"])) for one in said["routes"]]  # fmt: skip
    named_ = [(one["reference"], spoken(one["extent"]), named(one["requirements"], 40) or _("all")) for one in said["answers"]["standards"]]  # fmt: skip
    tables = []
    if routes:
        columns = (_("route"), _("allowed"), _("available"), _("why"))
        tables.append(Table(_("Conformity routes"), columns, len(routes), lambda: routes))
    if named_:
        columns = (_("standard"), _("applied"), _("requirements"))
        tables.append(Table(_("Standards"), columns, len(named_), lambda: named_))
    if found["changed"]:
        gaps += (_("Today's rules give another result: %(what)s.") % {"what": named(found["changed"]["changed"])},)
    return Part(JUDGING, tuple(words), tuple(tables), (), gaps)


def _assessment(asking: Asking) -> dict:
    return assessment_told(local_system(asking.tenant), asking.product)


@source("AVII.3")
def risks(asking: Asking) -> Part:
    """Threats with what was left of them, the matrix of Annex I with its evidence, revisions."""
    found = asking.once("assessment", _assessment)
    matrix = [
        (row["key"], row["name"], spoken(row["applies"]) or _("not said"), spoken(row["state"]), " ".join(filter(None, (row["how"], row["why"]))), " ".join(one["says"] for one in row["evidence"]))
        for row in found["matrix"]
    ]  # fmt: skip
    threats = [
        (one["threat"], str(one.get("words", "")), spoken(str(one["risk"])), named(one["measures"]), spoken(str(one["residual"]["risk"])) if one["residual"] else _("not said"))
        for one in found["threats"]
    ]  # fmt: skip
    revised = [(one["revision"], spoken(one["state"]), one["drafted_at"][:10], one["reviewed_by"], one["sha256"]) for one in found["revisions"]]  # fmt: skip
    begun = threats or revised or found["context"] or any(row["applies"] for row in found["matrix"])
    if not begun:
        return Part(ASSESSING, (), (), (), tuple(found["gaps"]))
    columns = (_("requirement"), _("name"), _("applies"), _("state"), _("how, or why not"), _("evidence"))
    tables = [Table(_("Requirements of Annex I"), columns, len(matrix), lambda: matrix)]
    if threats:
        columns = (_("threat"), _("what"), _("risk"), _("measures"), _("risk that is left"))
        tables.append(Table(_("Threats"), columns, len(threats), lambda: threats))
    if revised:
        columns = (_("revision"), _("state"), _("drafted"), _("reviewed by"), "SHA-256")
        tables.append(Table(_("Revisions of the risk assessment"), columns, len(revised), lambda: revised))
    return Part(ASSESSING, (), tuple(tables), (), tuple(found["gaps"]))


@source("AVII.1.a")
def purpose(asking: Asking) -> Part:
    """Intended purpose and foreseeable use, as the risk assessment says them."""
    context = asking.once("assessment", _assessment)["context"]
    if not context:
        return Part(ASSESSING)
    words = [_("Intended purpose: %(words)s") % {"words": context["purpose"]}]
    for text, key in ((_("Foreseeable use: %(words)s"), "foreseeable_use"), (_("Conditions: %(words)s"), "conditions")):
        if context.get(key):
            words.append(text % {"words": context[key]})
    return Part(ASSESSING, tuple(words))


@source("AVII.4")
def support(asking: Asking) -> Part:
    """The support periods that were set, with their reasons; until when documents and updates are kept."""
    found = support_told(local_system(asking.tenant), asking.product)
    rows = [(one["start_on"], one["end_on"], str(one["expected_years"] or "–"), one["set_on"], one["by"], one["why"]) for one in found["periods"]]  # fmt: skip
    words = []
    if rows and found["documents"]:
        words.append(_("Papers are kept until %(day)s (%(source)s).") % {"day": found["documents"]["until"], "source": found["documents"]["source"]})  # fmt: skip
    for one in found["regimes"]:
        if rows and one["units"]:
            words.append(_("%(n)s units: %(name)s (%(source)s).") % {"n": number(one["units"]), "name": one["name"], "source": one["source"]})  # fmt: skip
    updates = [(one["release"], one["issued_on"], one["until"]) for one in found["updates"]]
    tables = []
    if rows:
        columns = (_("from"), _("until"), _("years of use expected"), _("set"), _("by"), _("why"))
        tables.append(Table(_("Support periods"), columns, len(rows), lambda: rows))
    if updates:
        columns = (_("release"), _("issued"), _("to be available until"))
        tables.append(Table(_("Security updates"), columns, len(updates), lambda: updates))
    return Part(KEEPING, tuple(words), tuple(tables), (), tuple(found["gaps"]))


@source("changes")
def engineering_changes(asking: Asking) -> Part:
    """Every ECO of the product: whether it touches security or is substantial, how it stands, from which unit on."""
    found = [(one, one.state(asked_of(asking.tenant, one))) for one in ecos_of(asking.tenant, asking.product)]
    rows = []
    for one, state in found:
        touches = _("yes") if one.touches_security else _("not said") if one.unanswered else _("no")
        substantial = _("not said") if one.substantial is None else _("yes") if one.is_substantial else _("no")
        what = "; ".join(f"{each.kind} {' '.join(each.subject)}: {each.old} → {each.new}" for each in one.changes.values() if each.product == asking.product)  # fmt: skip
        at = format_instant(one.proposed_at)[:10]
        boundary = one.boundary.value if one.boundary else "–"
        rows.append((one.code, at, one.title, touches, substantial, spoken(state), boundary, what))
    columns = (_("ECO"), _("day"), _("title"), _("touches security"), _("substantial modification"), _("state"), _("from"), _("what changed"))  # fmt: skip
    tables = (Table(_("Engineering changes"), columns, len(rows), lambda: rows),) if rows else ()
    return Part(CHANGES, (), tables, (), tuple(_open_changes(asking, found)))


def _open_changes(asking: Asking, found: list[tuple[Eco, str]]) -> Iterator[str]:
    """What is not finished of changes, and substantial ones behind which no declaration was drawn up anew."""
    since = [one.line.happened_at for one in versions_of(asking.tenant, asking.product)]
    substantial = [
        one.code
        for one, state in found
        if state in (IN_FORCE, SUSPENDED) and one.is_substantial and one.substantial.happened_at > max(since, default=0)
    ]
    for said, codes in (
        (_("Changes that are not in force yet: %(names)s."), [one.code for one, state in found if state not in (IN_FORCE, SUSPENDED, WITHDRAWN)]),
        (_("Changes whose approval was taken back: %(names)s."), [one.code for one, state in found if state == SUSPENDED]),
        (_("Substantial modifications since which no declaration was issued: %(names)s."), substantial),
    ):  # fmt: skip
        if codes:
            yield said % {"names": named(codes)}


@source("AVII.2.c")
def controlled(asking: Asking) -> Part:
    """Which programs and settings of the process are under control, with what is approved now."""
    found = controls_told(local_system(asking.tenant), asking.product)
    rows = [
        (one["step"], one["side"], one["aspect"], one["value"], one["since"][:10], ", ".join(each["eco"] for each in one["changes"]))
        for one in found
    ]  # fmt: skip
    columns = (_("step"), _("side"), _("what"), _("approved"), _("since"), _("changes"))
    gaps = () if rows else (_("No process of this product is under change control."),)
    tables = (Table(_("Process under change control"), columns, len(rows), lambda: rows),) if rows else ()
    return Part(CHANGES, (), tables, (), gaps)
