"""What floor screens say of refusals that name a value, and what to do then; added to the words that every template knows.

A refusal's own sentence is English with its values in it; here it is put together anew from its facts in the language of the page.
`WAYS` does so for what to do. Where a fact is not there the refusal's own words stay.
"""

from django.utils.translation import gettext_lazy as _

from asbuilt.doors.web.words import REFUSALS, WAYS

_WHY_BRIEFLY = _("Say why, in a few words.")
REFUSALS |= {
    "catalog.part_unknown": _("There is no part %(value)s."),
    "catalog.product_unknown": _("There is no product %(value)s."),
    "gate.codes": _("Too many codes at once, or one is too long."),
    "gate.note_units": _("Too many units for one delivery note."),
    "gate.panel_units": _("%(units)s units of panel %(panel)s could go on."),
    "gate.routing_unknown": _("There is no routing %(routing)s."),
    "gate.step_not_on_route": _("%(step)s is not on the route of this unit, or not without its side."),
    "gate.step_skipped": _("A step before this one is missing."),
    "gate.stretch": _("%(value)s ends no stretch of one order."),
    "production.assembly_cycle": _("%(value)s would be inside itself."),
    "production.assembly_depth": _("%(value)s would be inside itself."),
    "production.back_before_sent": _("They come back before they leave."),
    "production.grey_pieces": _("%(value)s pieces are no grey zone."),
    "production.hold_lifter_other": _("The hold is lifted by another role."),
    "production.hold_reason": _("The reason is missing, or too long."),
    "production.materials_overlap": _("Another package is recorded here as certain."),
    "production.paper_kind": _("This is no kind of paper."),
    "production.papers_count": _("Too many papers at once."),
    "production.placing_text": _("No position is named, or too many at once."),
    "production.position_unknown": _("%(value)s is no position of this BOM."),
    "production.replacement_doubled": _("A replacement at this very time is recorded already."),
    "production.replacement_not_there": _("%(value)s was not there."),
    "production.position_long": _("The position is too long."),
    "production.serial_ambiguous": _("This names several units."),
    "production.serial_unknown": _("There is no unit %(value)s."),
    "production.setup_text": _("Something was not scanned, or is too long."),
    "production.span_backwards": _("The span runs backwards."),
    "production.span_outside_order": _("The span leaves its order."),
    "production.step_text": _("Something was not scanned, or is too long."),
    "programming.count_missing": _("How many pieces the package holds is not known."),
    "programming.count_wrong": _("%(value)s pieces are not what was ordered."),
    "programming.release_unknown": _("There is no release %(value)s."),
    "programming.sample_unknown": _("There is no sample %(value)s."),
    "register.lot_ambiguous": _("This names several lots."),
    "register.lot_unknown": _("There is no lot %(lot)s."),
    "register.no_span": _("%(span)s is no span of one order."),
    "register.too_many_units": _("Too many units are named."),
    "supply.check_missing": _("The plan asks for more checks."),
    "supply.checks_many": _("Too many checks in one inspection."),
    "supply.file_empty": _("The file %(file)s is empty."),
    "supply.file_kind": _("%(file)s is no picture and no report."),
    "supply.file_missing": _("This paper needs its file."),
    "supply.file_too_large": _("The file %(file)s is too large."),
    "supply.inspection_unknown": _("There is no inspection %(value)s."),
    "supply.labels_count": _("Too many labels at once."),
    "supply.lot_size_wrong": _("No sampling plan fits a lot of this size."),
    "supply.quantity_unknown": _("How many pieces the package holds is not known."),
    "supply.reading_missing": _("A reading is missing."),
    "supply.reason_missing": _("The reason is missing, or too long."),
    "supply.receipt_incomplete": _("Not received yet: something is missing."),
    "supply.receipts_count": _("Too many packages at once."),
    "supply.rows_count": _("Too many packages at once."),
    "tables.cell_too_long": _("The text is too long."),
    "web.check_without_verdict": _("A check with a picture has no verdict."),
    "web.not_scanned": _("There is no package and no programming order %(code)s."),
    "web.number_wrong": _("This is no number."),
}
WAYS |= {
    "gate.held": _("Put it into the hold cage. Hold %(hold)s is lifted by: %(lifted_by)s."),
    "gate.inside_already": _("Take it out of %(inside)s first."),
    "gate.other_subcontractor": _("Send the units to %(subcontractor)s, or name the other party in the routing first."),
    "gate.package_held": _("Take another one. The hold is lifted by: %(lifted_by)s."),
    "gate.package_in_question": _(
        "Put it into the hold cage and take another package. Hold %(hold)s is lifted by: %(lifted_by)s."
    ),
    "gate.routing_unknown": _("Routings: %(routings)s."),
    "gate.scrap_reason": _WHY_BRIEFLY,
    "gate.step_not_on_route": _("Its steps are %(steps)s."),
    "gate.wrong_part": _("Take a package of %(wanted)s."),
    "production.rework_reason": _WHY_BRIEFLY,
    "production.serial_ambiguous": _("Say which: %(units)s."),
    "supply.sample_too_small": _("Look at more."),
}
