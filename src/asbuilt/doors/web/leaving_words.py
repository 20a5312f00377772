"""How pages call what leaves: containers, returns, what is missing, on what basis it was placed on the market."""

from collections.abc import Iterable
from contextlib import suppress

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from asbuilt.doors.web.words import BRIEFLY, REFUSALS, WAYS, register

CONTAINER_WORDS = {"box": _("Box"), "pallet": _("Pallet"), "shipment": _("Shipment")}
CONTAINER_STATES = {"open": _("open"), "closed": _("closed"), "shipped": _("left")}
RETURN_WORDS = {
    "received": _("Came back"),
    "found": _("Found"),
    "repaired": _("Repaired"),
    "tested": _("Tested again"),
    "no_fault": _("No fault found"),
    "sent_back": _("Sent back"),
    "replaced": _("Replaced"),
    "stands_for": _("Stands for"),
    "scrapped": _("Scrapped"),
}
PLACING_WORDS = {"sale": _("sale"), "transfer": _("handed over"), "other": _("other")}
CONCESSION_STATES = {"open": _("waits for approval"), "holds": _("holds"), "over": _("over")}
MISSING_WORDS = {
    "route_open": _("a step is not recorded"),
    "step_failed": _("a step was not completed"),
    "test_missing": _("a test is missing"),
    "test_failed": _("a test failed"),
    "test_version": _("tested by another version of the plan"),
    "test_before_firmware": _("tested before its firmware"),
    "test_before_rework": _("tested before rework"),
    "test_in_doubt": _("a pass that its values contradict"),
    "test_plan_withdrawn": _("a test plan was taken back"),
    "test_repeated": _("failed again and again before it passed"),
    "no_test_plan": _("no test plan is in force"),
    "no_route": _("no route"),
    "calibration_unknown": _("calibration not known"),
    "firmware_failed": _("the last programming failed"),
    "firmware_ahead": _("the last programming has a time ahead of the clock"),
    "mark_not_read": _("the mark was not read back"),
    "firmware_missing": _("firmware is missing"),
    "firmware_other": _("another firmware"),
    "firmware_withdrawn": _("a withdrawn firmware"),
    "quarantine": _("a package that is not released"),
    "nonconformity": _("an open nonconformity"),
    "to_be_scrapped": _("to be scrapped"),
    "to_be_returned": _("to go back to its supplier"),
    "calibration": _("a calibration did not hold"),
    "vulnerability": _("an open vulnerability"),
    "change_boundary": _("on the wrong side of a change"),
    "change_suspended": _("a change whose approval was taken back"),
    "process_revision_run": _("a step passed by what was not approved"),
    "alternate_unqualified": _("an alternate that is not qualified"),
    "part_unapproved": _("a part that nobody approved"),
    "maker_unknown": _("a package of which nobody knows whose part it holds"),
    "other_part": _("another part than the BOM asks for"),
    "return_open": _("came back and was left as it was"),
    "no_sbom": _("a release without an SBOM"),
    "feeds": _("feeds missing or too old"),
    "not_matched": _("matching is behind"),
    "not_matchable": _("components without a name that feeds use"),
    "held": _("on hold"),
    "outside": _("at a subcontractor"),
    "inside": _("inside another unit"),
    "scrapped": _("scrapped"),
    "skipped_position": _("a skipped position"),
    "shipped_already": _("shipped already"),
    "not_begun": _("nothing is recorded"),
}
EVIDENCE_WORDS = {
    "positions without a material record": _("positions without a material record"),
    "material that is only possible": _("material that is only possible"),
    "a part neither approved nor qualified": _("a part neither approved nor qualified"),
    "another part than the BOM asks for": _("another part than the BOM asks for"),
    "no test recorded": _("no test recorded"),
    "a test in force without a run": _("a test in force without a run"),
    "the last run of a test did not pass": _("the last run of a test did not pass"),
    "not in the sample of a test": _("not in the sample of a test"),
    "no programming recorded": _("no programming recorded"),
}


@register.filter
def container_word(kind: str) -> str:
    """A kind of container."""
    return CONTAINER_WORDS.get(kind, kind)


@register.filter
def container_state(state: str) -> str:
    """Whether it is open."""
    return CONTAINER_STATES.get(state, state)


@register.filter
def return_word(event: str) -> str:
    """What happened to a unit that came back."""
    return RETURN_WORDS.get(event, event)


@register.filter
def placing_word(basis: str) -> str:
    """On what basis something was placed on the market."""
    return PLACING_WORDS.get(basis, basis)


@register.filter
def concession_state(state: str) -> str:
    """Whether a concession holds."""
    return CONCESSION_STATES.get(state, state)


def goes_under(verdicts: Iterable) -> list[dict]:
    """Under which concessions and waivers units with these verdicts (of the gate) go, each once: for `conceded.html`."""
    return list({one["concession"]: one for each in verdicts for one in each.conceded}.values())


@register.filter
def missing_word(reason: str) -> str:
    """What is missing, in a few words."""
    return MISSING_WORDS.get(reason.removeprefix("gate."), reason)


@register.filter
def evidence_word(what: str) -> str:
    """A gap of the record."""
    return EVIDENCE_WORDS.get(what, what)


# what a stop says and what to do about it, by its reason; the names are those of its facts
STOPS = {
    "route_open": (_("%(step)s is missing."), _("Take it to %(step)s first.")),
    "step_failed": (_("%(step)s was not completed."), _("Take it to %(step)s again.")),
    "test_missing": (_("Test %(plan)s %(version)s is missing."), _("Test it with %(plan)s %(version)s first.")),
    "test_failed": (_("The last test %(plan)s failed."), _("Have the failure looked into, then test it again.")),
    "test_version": (
        _("Tested with %(plan)s %(detail)s; %(version)s is in force."),
        _("Test it with %(plan)s %(version)s."),
    ),
    "test_before_firmware": (
        _("Tested with %(plan)s before its firmware was loaded."),
        _("Test it with %(plan)s again."),
    ),
    "test_before_rework": (_("Tested with %(plan)s before it was reworked."), _("Test it with %(plan)s again.")),
    "test_in_doubt": (_("%(plan)s says passed, and %(detail)s."), _("Test it with %(plan)s again.")),
    "test_plan_withdrawn": (
        _("Test plan %(plan)s %(version)s was taken back, and none took its place: %(detail)s"),
        _("Put it aside. Have a version of %(plan)s approved."),
    ),
    "test_repeated": (
        _("It failed %(plan)s %(count)s times before it passed, and nobody looked into it."),
        _("Put it aside. Quality raises a nonconformity about it, or it is repaired and tested again."),
    ),
    "no_test_plan": (
        _("No test plan is in force for %(product)s %(revision)s: no test was asked of it."),
        _("Have a test plan approved, if it is to be tested."),
    ),
    "no_route": (
        _("%(product)s %(revision)s has no route: no step was asked of it."),
        _("Add the routing, if it has a way to go."),
    ),
    "calibration_unknown": (
        _("Test %(plan)s %(detail)s: the calibration of what measured is not known."),
        _("Record the station of the run, and the calibration of its instruments."),
    ),
    "firmware_failed": (
        _("The last programming (%(role)s) failed: nobody knows what it runs."),
        _("Program it again."),
    ),
    "firmware_ahead": (
        _("The last programming (%(role)s) lies ahead of when it was recorded: nobody knows when it was."),
        _("Set the clock that is wrong. Program it again, or correct the record."),
    ),
    "calibration": (_("Test %(plan)s: %(detail)s."), _("Test it again at an instrument whose calibration holds.")),
    "firmware_missing": (_("%(demand)s is not loaded."), _("Program it with %(demand)s.")),
    "firmware_other": (_("Another firmware than %(demand)s is loaded."), _("Program it with %(demand)s.")),
    "firmware_withdrawn": (_("It runs %(version)s, which was withdrawn."), _("Program it with a release that stands.")),
    "vulnerability": (
        _("%(vulnerability)s is open."),
        _("Put it aside. Product security decides about %(vulnerability)s."),
    ),
    "change_boundary": (
        _("By the boundary of %(eco)s it is built with %(wanted)s, not with %(found)s."),
        _("Put it aside; quality decides about it."),
    ),
    "change_boundary_possible": (
        _("By the boundary of %(eco)s it is built with %(wanted)s, and may have %(found)s: nobody knows which."),
        _("Put it aside; quality decides about it."),
    ),
    "return_open": (
        _("%(unit)s came back on %(since)s, and was neither repaired nor tested since."),
        _("Repair it and test it again. Where no fault was found, say so and have it pass a test."),
    ),
    "change_suspended": (_("%(eco)s is not approved any more."), _("Put it aside; quality decides about it.")),
    "process_revision_run": (
        _("%(step)s was passed by what was not approved. Approved is %(approved)s."),
        _("Put it aside; quality decides about it."),
    ),
    "alternate_unqualified": (
        _("It carries %(mpn)s, an alternate for %(part)s that is not qualified."),
        _("Put it aside; quality decides about it."),
    ),
    "alternate_unqualified_possible": (
        _("It may carry %(mpn)s, an alternate for %(part)s that is not qualified: nobody knows which."),
        _("Put it aside; quality decides about it."),
    ),
    "part_unapproved": (
        _("It carries %(mpn)s for %(part)s, which nobody approved. Approved are %(approved)s."),
        _("Put it aside; quality decides about it."),
    ),
    "part_unapproved_possible": (
        _("It may carry %(mpn)s for %(part)s, which nobody approved: nobody knows which. Approved are %(approved)s."),
        _("Put it aside; quality decides about it."),
    ),
    "maker_unknown": (
        _("Nobody recorded whose part is in package %(package)s; approved for %(part)s are %(approved)s."),
        _("Put it aside; quality decides about it."),
    ),
    "other_part": (
        _("It carries %(part)s at %(refdes)s, where %(wanted)s belongs."),
        _("Put it aside; quality decides about it."),
    ),
    "other_part_possible": (
        _("It may carry %(part)s at %(refdes)s, where %(wanted)s belongs: nobody knows which."),
        _("Put it aside; quality decides about it."),
    ),
    "no_sbom": (
        _("%(release)s has no SBOM: that nothing is found in it says nothing."),
        _("Put it aside. Product security adds the SBOM or has a waiver agreed to."),
    ),
    "feeds": (_("Feeds are missing or too old: that nothing is found says little."), _("Take the feeds.")),
    "not_matched": (_("Matching has not come to the newest records and components yet."), _("Match them first.")),
    "not_matchable": (
        _("%(release)s: %(count)s of %(total)s components have no name that feeds use."),
        _("Say what they are."),
    ),
    "nonconformity": (
        _("%(nonconformity)s is open: %(description)s"),
        _("The review board decides about %(nonconformity)s first."),
    ),
    "to_be_scrapped": (
        _("It is to be scrapped, by %(nonconformity)s."),
        _("Scan it at the bench and scrap it."),
    ),
    "to_be_returned": (
        _("It is to go back to its supplier, by %(nonconformity)s."),
        _("Put it into a shipment to its supplier, or have the board decide anew."),
    ),
    "shipped_already": (_("It was shipped with %(shipment)s."), _("Receive it as a return first, if it came back.")),
    "not_begun": (
        _("Nothing is recorded of it but that it was planned."),
        _("Look whether the right unit was scanned."),
    ),
    "inside": (_("It is inside another unit."), _("Scan the outer unit, or take it out first.")),
    "packed_already": (
        _("It is in %(container)s already."),
        _("Take it out of %(container)s first, or scan the next one."),
    ),
}


def _filled(stop, place: int) -> str:
    reason = stop.code.removeprefix("gate.")
    words = STOPS.get(f"{reason}_{stop.facts.get('certainty')}") or STOPS.get(reason)
    with suppress(KeyError):
        if words:
            return gettext(words[place]) % stop.facts
    return stop.message if place == 0 else stop.remedy


@register.filter
def leaves_words(stop) -> bool:
    """Whether this page has words of its own for what stops a unit that wants to leave."""
    return stop.code.removeprefix("gate.") in STOPS


@register.filter
def stop_says(stop) -> str:
    """What stops a unit that wants to leave."""
    return _filled(stop, 0)


@register.filter
def stop_does(stop) -> str:
    """What to do about it."""
    return _filled(stop, 1)


REFUSALS.update(
    {
        "shipping.container_state": _("%(container)s is not in a state for this."),
        "shipping.container_empty": _("Nothing is in %(container)s."),
        "shipping.container_unknown": _("There is no container %(container)s."),
        "shipping.shipment_unknown": _("There is no shipment %(shipment)s."),
        "shipping.not_inside": _("Not everything named is in %(container)s."),
        "shipping.never_left": _("%(unit)s never left."),
        "shipping.back_already": _("%(unit)s is back already."),
        "question.package_too_large": _("The as-built package of %(shipment)s is larger than can be verified at once."),
        "question.package_part": _("There is no part %(part)s of %(parts)s: the shipment has %(units)s units."),
        "shipping.not_back": _("%(unit)s is not back."),
        "shipping.ahead": _("The moment lies in the future."),
        "shipping.back_before_left": _("%(unit)s cannot have come back at %(at)s: it left at %(since)s."),
        "shipping.back_before_taken_out": _(
            "%(unit)s cannot have come back at %(at)s: it was taken out of the unit in which it left at %(since)s."
        ),
        "shipping.said_before_back": _("%(unit)s was not back at %(at)s: it came back at %(since)s."),
        "shipping.replacement_product": _("%(unit)s is a %(other)s, and stands for a %(product)s."),
        "gate.packed_already": _("%(unit)s is in %(container)s already."),
        "gate.container_not_closed": _("%(container)s is not closed."),
        "gate.shipment_empty": _("Nothing is in %(shipment)s."),
        "quality.concession_over": _("%(concession)s is over."),
        "quality.approval_second_person": _("A second person has to approve it."),
        "quality.approval_no_person": _("The system account is no person."),
        "quality.concession_agreed": _("That was agreed to already."),
    }
)
BRIEFLY["web.packing_change"] = _("This is no change of a container.")
REFUSALS |= {
    "gate.change_boundary": STOPS["change_boundary"][0],
    "gate.change_suspended": STOPS["change_suspended"][0],
    "gate.process_revision": _("%(step)s was not done by what is approved: %(approved)s."),
}
WAYS |= {
    "gate.change_boundary": _("Take %(wanted)s."),
    "gate.change_suspended": _("Wait until %(eco)s is approved again."),
    "gate.process_revision": _("Set the machine to %(approved)s, or call process engineering."),
}
WAYS["question.package_too_large"] = _("Get it in %(parts)s parts, each a package of its own.")
WAYS["gate.packed_already"] = STOPS["packed_already"][1]
