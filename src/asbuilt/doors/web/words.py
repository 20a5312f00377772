"""How pages write numbers, times and roles. Built into every template."""

import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from types import SimpleNamespace

from django import template
from django.utils import timezone
from django.utils.formats import date_format, get_format
from django.utils.html import format_html
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from asbuilt.doors.web.refusal_shapes import shaped
from asbuilt.kernel.identifiers import new_ulid
from asbuilt.ledger import clock

register = template.Library()

ROLE_WORDS = {
    "operator": _("operator"),
    "engineer": _("engineer"),
    "quality_lead": _("quality lead"),
    "release_signer": _("release signer"),
    "permit_issuer": _("permit issuer"),
    "psirt": _("product security"),
    "compliance": _("compliance"),
    "auditor": _("auditor"),
    "party_reader": _("party reader"),
    "administrator": _("administrator"),
    "station": _("station"),
    "machine": _("machine"),
}
ROLE_MEANINGS = {
    "operator": _("looks up units and lots"),
    "engineer": _("imports, asks, corrects, freezes answers"),
    "quality_lead": _("as engineer, and asks by operator"),
    "release_signer": _("signs firmware releases"),
    "permit_issuer": _("issues programming permits"),
    "psirt": _("asks and freezes answers"),
    "compliance": _("asks, freezes answers, erases people"),
    "auditor": _("reads and verifies everything, writes nothing"),
    "party_reader": _("sees one party's products only"),
    "administrator": _("people and settings, no records"),
}

# what an entry of the log records; tables are named by their file
ENTRY_WORDS = {
    "components.sbom_added": _("SBOM added"),
    "access.first_link_made": _("First one-time link made"),
    "access.person_invited": _("Person invited"),
    "access.link_renewed": _("One-time link renewed"),
    "access.link_accepted": _("One-time link used"),
    "access.roles_given": _("Roles given"),
    "access.login_closed": _("Login closed"),
    "access.login_opened": _("Login opened again"),
    "access.token_issued": _("Token issued"),
    "access.token_revoked": _("Token revoked"),
    "access.badge_issued": _("Badge issued"),
    "access.mail_set": _("Mail address of a person set"),
    "cases.portal_told": _("A party told that something waits"),
    "access.badge_revoked": _("Badge revoked"),
    "access.signed_in": _("Signed in"),
    "access.person_erased": _("Person erased"),
    "access.operator_questions_set": _("Questions by operator turned on or off"),
    "access.time_zone_set": _("Time zone of the house set"),
    "register.answer_frozen": _("Answer frozen"),
    "exchange.facts_withdrawn": _("Facts withdrawn"),
    "exchange.fact_corrected": _("Fact corrected"),
    "supply.packages_received": _("Packages received"),
    "supply.packages_quarantined": _("Packages put into quarantine"),
    "supply.packages_released": _("Packages released"),
    "supply.packages_rejected": _("Packages rejected"),
    "supply.packages_handled": _("Packages handled"),
    "supply.lives_said": _("Lives said"),
    "supply.declared": _("Paper recorded"),
    "supply.inspection_planned": _("Inspection planned"),
    "supply.inspected": _("Inspection recorded"),
    "supply.samples_kept": _("Sample kept"),
    "supply.silicon_said": _("Silicon revision said"),
    "supply.labels_printed": _("Labels printed"),
    "supply.package_split": _("Package split"),
    "production.order_opened": _("Work order opened"),
    "production.order_grown": _("Work order grown"),
    "production.order_split": _("Work order split"),
    "production.order_closed": _("Work order closed"),
    "production.mapping_said": _("Mapping said"),
    "messages.file_taken": _("File of a machine taken"),
    "messages.file_dismissed": _("File of a machine dismissed"),
    "messages.file_refused": _("File of a machine refused"),
    "messages.file_reread": _("File of a machine read anew"),
    "messages.reread": _("Tests of machines read anew"),
    "production.units_sent_out": _("Units sent out"),
    "production.units_taken_back": _("Units taken back"),
    "production.units_named": _("Units numbered"),
    "production.unit_tagged": _("Unit tagged"),
    "production.panel_filled": _("Units put on a panel"),
    "production.mark_read": _("Mark read back"),
    "production.instrument_calibrated": _("Instrument calibrated"),
    "production.person_qualified": _("Person qualified"),
    "production.area_said": _("Area of a machine said"),
    "production.environment_measured": _("Environment measured"),
    "production.alarm_closed": _("Alarm decided about"),
    "changes.notice_taken": _("Change notice taken"),
    "changes.notice_amended": _("Change notice amended"),
    "changes.notice_decided": _("Change notice decided"),
    "changes.notice_warned": _("Last days of change notices told"),
    "changes.life_cycles_taken": _("Life cycles taken"),
    "changes.sheet_opened": _("Alternates sheet opened"),
    "changes.candidate_stated": _("Candidate stated"),
    "changes.run_started": _("Qualification run started"),
    "changes.run_result_taken": _("Result of a qualification run taken"),
    "changes.run_judged": _("Qualification run judged"),
    "changes.deviation_proposed": _("Deviation proposed"),
    "changes.deviation_agreed": _("Deviation agreed to"),
    "changes.deviation_ended": _("Deviation ended"),
    "changes.review_opened": _("Design review opened"),
    "changes.review_stated": _("Point of a design review answered"),
    "changes.review_closed": _("Design review closed"),
    "quality.nonconformity_raised": _("Nonconformity raised"),
    "quality.units_added": _("Units added to a nonconformity"),
    "quality.cause_stated": _("Cause stated"),
    "quality.disposition_stated": _("Disposition decided about"),
    "quality.action_stated": _("Action stated"),
    "quality.nonconformity_stated": _("Nonconformity contained, closed or opened again"),
    "quality.effectiveness_planned": _("Check of effectiveness planned"),
    "quality.effectiveness_measured": _("Effectiveness measured"),
    "supply.package_tagged": _("Package tagged"),
    "catalog.serial_rule_set": _("Serial rule set"),
    "catalog.mark_rule_set": _("Mark rule set"),
    "catalog.panel_map_set": _("Panel map set"),
    "catalog.placement_recorded": _("Placement recorded"),
    "catalog.record_demand_set": _("Demand on the record set"),
    "catalog.test_plan_proposed": _("Test plan proposed"),
    "catalog.test_plan_decided": _("Test plan decided about"),
    "vulnerability.findings_changed": _("Components matched with feeds"),
    "vulnerability.identified": _("Said what feeds call a component"),
    "firmware.trust_set": _("Trust store set"),
    "firmware.release_drafted": _("Firmware draft added"),
    "firmware.release_signed": _("Firmware draft signed"),
    "firmware.released": _("Firmware released"),
    "firmware.release_withdrawn": _("Firmware release withdrawn"),
    "firmware.image_erased": _("Firmware image erased"),
    "firmware.archive_taken": _("Release taken from an archive"),
    "firmware.image_sealed_anew": _("Firmware image sealed for other recovery keys"),
    "changes.eco_proposed": _("ECO proposed"),
    "changes.eco_described": _("ECO described"),
    "changes.eco_assessed": _("ECO assessed"),
    "changes.eco_decided": _("ECO decided about"),
    "changes.boundary_set": _("Boundary of an ECO set"),
    "changes.eco_closed": _("ECO withdrawn"),
    "changes.process_controlled": _("Process put under control"),
    "programming.grant_recorded": _("Grant recorded"),
    "programming.plan_recorded": _("Programming plan recorded"),
    "programming.enrolment_opened": _("Code for a station made"),
    "programming.station_enrolled": _("Station enrolled"),
    "programming.station_closed": _("Station closed"),
    "programming.permit_issued": _("Permit issued"),
    "programming.permit_revoked": _("Permit revoked"),
    "programming.permit_ended": _("Permit ended"),
    "programming.records_uploaded": _("Records of a station"),
    "programming.alarm_released": _("Alarm of a station released"),
    "programming.configuration_said": _("Configuration said"),
    "programming.firmware_demanded": _("Firmware demanded"),
    "programming.modules_said": _("Firmware of modules said"),
    "programming.order_opened": _("Programming ordered"),
    "programming.order_done": _("Package programmed"),
    "programming.read_back_taken": _("Sample read back"),
    "programming.order_closed": _("Programming order closed"),
    "exchange.field_reports_imported": _("Field reports recorded"),
    "ledger.erased": _("Erased by the rules"),
    "ledger.restored": _("Restored from a backup"),
    "ledger.clock_jumped": _("Clock jumped"),
}

# refusals with something in them, put together anew from their facts in the language of the page
REFUSALS = {
    "question.unknown_name": _("There is no %(kind)s %(value)s."),
    "access.login_taken": _("The login %(login)s is taken."),
    "access.login_missing": _("Person %(person)s has no login."),
    "access.person_unknown": _("There is no person %(person)s."),
    "access.token_unknown": _("There is no token %(number)s."),
    "access.entry_unknown": _("The log has no entry %(entry)s."),
    "programming.permit_other_version": _(
        "%(by)s demands %(role)s %(demanded)s for revision %(revision)s; the permit has another version."
    ),
    "programming.permit_image_missing": _(
        "%(by)s demands %(role)s %(demanded)s for revision %(revision)s; the permit has no such image."
    ),
    "programming.permit_over_order": _("The order has %(units)s units, of which %(permitted)s are permitted already."),
    "kernel.permit_split_over_units": _("The permits would hold %(units)s units, the grant has %(granted)s."),
    "firmware.release_withdrawn": _("Release %(role)s %(version)s of %(product)s was withdrawn: %(reason)s"),
    "gate.image_withdrawn": _("%(release)s is an image that was withdrawn under another version."),
    "supply.package_unknown": _("There is no package %(package)s."),
    "supply.inspection_due": _("Package %(package)s is not inspected yet."),
    "supply.inspection_rejected": _("Inspection %(inspection)s rejected package %(package)s."),
    "supply.sample_too_small": _("The plan asks for %(sample_size)s pieces, %(looked_at)s were looked at."),
    "supply.no_inspection_plan": _("No inspection is planned for part %(part)s from this supplier."),
    "supply.inspection_stopped": _(
        "Five lots of %(part)s were rejected on tightened inspection: inspection has stopped."
    ),
    "storage.printer_unknown": _("There is no printer %(printer)s."),
    "production.order_unknown": _("There is no order %(value)s."),
    "production.order_closed": _("Order %(order)s is closed."),
    "production.split_too_large": _("Order %(order)s has %(units)s units; %(value)s cannot leave it."),
    "production.no_unit_waits": _("%(unnamed)s units of %(order)s wait for a serial number; more were to get one."),
    "production.serial_rule_missing": _("%(product)s has no serial rule."),
    "production.panel_taken": _("Units lie on panel %(value)s already."),
    "production.mark_wrong": _("%(unit)s should read %(expected)s; its mark reads %(read)s."),
    "production.mark_unreadable": _("Nothing could be read of the mark of %(unit)s."),
    "production.unit_unnamed": _("%(unit)s has no serial number."),
    "question.mark_panel_full": _("The panel has %(positions)s positions; %(units)s units do not fit one panel."),
    "gate.held": _("%(unit)s is on hold: %(reason)s"),
    "gate.not_qualified": _("%(operator)s lacks %(qualification)s, which %(step)s needs."),
    "gate.operator_unnamed": _("%(step)s needs %(qualification)s, and nobody is named who does it."),
    "production.not_qualified": _("%(operator)s lacks %(qualification)s, which %(step)s needs."),
    "production.operator_unnamed": _("%(step)s needs %(qualification)s, and nobody is named who does it."),
    "production.instrument_unknown": _("There is no instrument %(instrument)s."),
    "production.instrument_good": _("%(instrument)s was not found out of tolerance."),
    "production.alarm_unknown": _("There is no alarm %(alarm)s."),
    "production.alarm_closed": _("Alarm %(alarm)s was decided about already."),
    "gate.scrapped": _("%(unit)s was scrapped."),
    "firmware.release_state": _("%(release)s is in another state by now."),
    "firmware.release_unknown": _("The register holds no %(role)s %(version)s of %(product)s."),
    "firmware.release_needs_second": _("%(release)s was added by the same person and signed by one holder."),
    "firmware.release_no_person": _("%(release)s was signed by one holder, and the system account is no person."),
    "firmware.retention_runs": _("%(release)s must be kept until %(until)s: %(source)s."),
    "firmware.boot_signature_refused": _("%(tool)s refuses the image."),
    "firmware.trust_pin_missing": _("Version 1 of a trust store is trusted by its SHA-256; this one has %(sha256)s."),
    "firmware.signatures_missing": _("%(signed)s of the %(threshold)s holders needed signed %(release)s."),
    "gate.skipped_position": _("%(unit)s is a skipped position (X-out)."),
    "gate.mark_not_read": _("The mark of %(unit)s was not read back as its own."),
    "gate.quarantine": _("%(unit)s carries %(package)s, which is not released."),
    "gate.inside_already": _("%(unit)s is inside %(inside)s already."),
    "gate.inside_nothing": _("%(unit)s is inside nothing."),
    "gate.package_not_released": _("Package %(package)s is not released."),
    "gate.package_held": _("The lot of package %(package)s is on hold: %(reason)s"),
    "gate.package_in_question": _("Package %(package)s is on hold by a question: %(reason)s"),
    "gate.package_not_alive": _("The life of package %(package)s is over."),
    "gate.package_of_another": _("Package %(package)s belongs to another customer."),
    "gate.wrong_part": _("Package %(package)s is of part %(part)s; %(refdes)s of %(unit)s takes %(wanted)s."),
    "production.hold_lifted": _("Hold %(value)s is lifted already."),
    "production.hold_unknown": _("There is no hold %(hold)s."),
    "question.hold_unknown": _("There is no hold %(hold)s."),
}
# said in other languages than English, where the refusal's own sentence says more; and what to do then. Filled by refusal_words
BRIEFLY: dict = {}
WAYS: dict = {}
VALUES = re.compile(r"%\((\w+)\)s")
GUESS = re.compile(r"Did you mean (.+)\?").fullmatch

KIND_WORDS = {
    "unit": _("unit"),
    "lot": _("lot"),
    "package": _("package"),
    "order": _("work order"),
    "panel": _("panel"),
    "shipment": _("shipment"),
}


@register.filter
def kind_word(kind: str) -> str:
    """What a found code names, as people say it."""
    return KIND_WORDS.get(kind, kind)


DOCUMENT_WORDS = {
    "instruction": _("Work instruction"),
    "criteria": _("Inspection criteria"),
    "procedure": _("Test procedure"),
}
STEP_WORDS = {"done": _("done"), "failed": _("failed"), "open": _("to do"), "optional": _("optional")}


@register.filter
def document_word(kind: str) -> str:
    """A kind of document, as people say it."""
    return DOCUMENT_WORDS.get(kind, kind)


@register.filter
def step_word(state: str) -> str:
    """How far a step of a route is."""
    return STEP_WORDS.get(state, state)


@register.filter
def sentence(error) -> str:
    """What a refusal says, in the language of the page where it is known there."""
    return _told(REFUSALS, error) or _elsewhere(error.message, BRIEFLY, error)


def _elsewhere(own: str, words: dict, error) -> str:
    """A refusal's own words in the language of the page; where that has none for them, those for its code, English the own ones."""
    told = gettext(own) if own else ""
    english = (get_language() or "en").split("-")[0] == "en"
    return told if english or told != own else _told(words, error) or shaped(own) or own


def _told(words: dict, error) -> str:
    """A refusal's words with its facts in them; empty where there are none, or a fact is missing."""
    if error.code not in words:
        return ""
    facts = {name: _listed(value) if isinstance(value, list | tuple) else value for name, value in error.facts.items()}
    facts |= {"kind": KIND_WORDS.get(facts.get("kind"), facts.get("kind"))}
    if "lifted_by" in facts:
        facts["lifted_by"] = role_word(facts["lifted_by"])
    text = str(words[error.code])
    if len(named := set(VALUES.findall(text))) == 1 and "value" in facts:
        facts.setdefault(named.pop(), facts["value"])  # a row's refusal calls what it is about its value
    with suppress(KeyError):
        return text % facts
    return ""


def _listed(values: list | tuple) -> str:
    return ", ".join(str(one.get("field", "")) if isinstance(one, dict) else str(one) for one in values)


@register.filter
def way_on(error) -> str:
    """What to do about a refusal, in the language of the page where it is known there."""
    guess = GUESS(error.remedy)
    if guess:
        return gettext("Did you mean %(names)s?") % {"names": guess[1].replace(" or ", f" {gettext('or')} ")}
    return _elsewhere(error.remedy, WAYS, error)


@register.filter
def row_sentence(row) -> str:
    """Why a row of a file is refused, as `sentence` says a refusal."""
    return _elsewhere(row.reason, {**REFUSALS, **BRIEFLY}, _as_refusal(row))


@register.filter
def row_way_on(row) -> str:
    """How to mend it, as `way_on` says it."""
    return way_on(_as_refusal(row))


def _as_refusal(row) -> SimpleNamespace:
    return SimpleNamespace(code=row.code, facts={"value": row.value}, remedy=row.remedy)


@register.filter
def entry_word(type: str) -> str:
    """What an entry records, as people say it: `materials.csv loaded`."""
    table = type.removeprefix("exchange.").removesuffix("_imported")
    if type == f"exchange.{table}_imported":
        return gettext("%(table)s.csv loaded") % {"table": table}
    return ENTRY_WORDS.get(type, "")


@register.filter
def count(number) -> str:
    """15001 -> 15,001, in German 15.001, because there 15,001 is a little more than fifteen."""
    return "" if number is None else local(f"{number:,}")


def local(text: str) -> str:
    """A number written with 1,234.5's marks, with those of the page's language."""
    marks = {",": get_format("THOUSAND_SEPARATOR"), ".": get_format("DECIMAL_SEPARATOR")}
    return "".join(marks.get(sign, sign) for sign in text)


@register.filter
def megabytes(size) -> str:
    """Bytes as B, kB or MB, the larger two with one decimal."""
    if size < 1000:
        return f"{size} B"
    return local(f"{size / 1e6:,.1f}") + " MB" if size >= 1e6 else local(f"{size / 1e3:,.1f}") + " kB"


@register.filter
def acted(entry) -> str:
    """Who made an entry: the name, `this machine` for its own account, else the label."""
    return entry.who or (_("this machine") if entry.label == "system:local" else entry.label)


@register.filter
def moment(instant) -> str:
    """UTC microseconds as `6 Apr 2027, 16:00` in the site's time zone, in a <time> element."""
    if instant is None:
        return ""
    at = datetime.fromtimestamp(instant / 1e6, UTC)
    shown = date_format(timezone.localtime(at), "j M Y, H:i")
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), shown)


@register.filter
def role_word(role: str) -> str:
    """A role as people say it."""
    return ROLE_WORDS.get(role, role)


@register.filter
def role_meaning(role: str) -> str:
    """What a role may do, in a few words."""
    return ROLE_MEANINGS.get(role, "")


@register.simple_tag
def icon(name: str) -> str:
    """An icon of the sprite; a word always stands beside it."""
    return format_html('<svg class="i" aria-hidden="true" focusable="false"><use href="#i-{}"/></svg>', name)


@register.simple_tag
def request_key() -> str:
    """A hidden field that makes sending the form twice one request."""
    return format_html('<input type="hidden" name="request_key" value="{}">', new_ulid(clock.now(), os.urandom(10)))
