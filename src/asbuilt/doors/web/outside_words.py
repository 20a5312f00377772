"""What pages say about units outside: kinds of papers, results, what stops a note; added to the words that every template knows.

The remedies below stand word for word in the code that refuses; here they are marked, so that pages say them in their language.
"""

from django.utils.translation import gettext_lazy as _

from asbuilt.doors.web.words import REFUSALS, register

PAPER_WORDS = {"certificate": _("Certificate"), "measurements": _("Measurements"), "other": _("Other paper")}
RESULT_WORDS = {
    "completed": _("done there"),
    "failed": _("done there, and failed"),
    "aborted": _("came back undone"),
}
REFUSALS |= {
    "gate.outside": _("%(unit)s is outside: %(party)s has it since %(since)s, by delivery note %(note)s."),
    "gate.step_outside": _("%(step)s is done outside, by %(party)s."),
    "gate.step_in_house": _("%(step)s is done here by route %(routing)s."),
    "gate.note_two_orders": _(
        "A delivery note is of one order: %(first)s is of %(first_order)s, %(other)s of %(other_order)s."
    ),
    "gate.other_subcontractor": _("%(step)s is done by %(subcontractor)s."),
    "gate.note_taken": _("Note %(note)s left before, with other content."),
    "gate.not_on_note": _("%(total)s units did not go out with note %(note)s: %(listed)s."),
    "gate.back_already": _("%(total)s units came back already with note %(note)s: %(listed)s."),
    "gate.note_closed": _("Everything of note %(note)s came back."),
    "gate.evidence_missing": _("%(step)s comes back with papers; missing: %(listed)s."),
    "gate.step_missing": _("No step is named."),
    "gate.subcontractor_missing": _("Nobody is named who does the step."),
    "gate.outside_times": _("The step is done after the units left and before they came back."),
    "production.note_unknown": _("There is no delivery note %(note)s."),
    "parties.unknown": _("There is no party %(value)s."),
}
WAYS = (
    _("A delivery note is of one order."),
    _("Name the step that is done outside."),
    _("Name the subcontractor."),
    _("Name the subcontractor in routings.csv first."),
    _("Send it out with a delivery note, or let the routing say that it is done here."),
    _("Leave the note empty for the next number."),
    _("Scan the note they came with."),
    _("Scan the note that came with the units."),
    _("Leave it out."),
    _("Look at the note: nothing is outside with it."),
    _("Mend the times, or leave them empty."),
    _("Add the file, or record the units as failed or aborted."),
    _("Add the party to parties.csv first."),
    _("Scan a unit, a panel, or ORDER#1..ORDER#40."),
    _("Take the unit back with its delivery note first."),
)


@register.filter
def outside_paper(kind: str) -> str:
    """A kind of paper, as people say it."""
    return PAPER_WORDS.get(kind, kind)


@register.filter
def outside_result(result: str) -> str:
    """How a step outside ended, as people say it."""
    return RESULT_WORDS.get(result, result)
