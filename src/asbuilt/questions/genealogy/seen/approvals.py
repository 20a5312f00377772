"""Approvals that are missing, in the reader's language: of concessions, waivers and deviations alike.

told(gap)   -> "Halden is the manufacturer of AB-100 and has not agreed."
"""

from django.utils.translation import gettext as _

from asbuilt.built.quality.approvals import Missing


def told(gap: Missing) -> str:
    """What is missing, in a sentence; a reason that has no words here stands as it was said."""
    words = {
        "quality.approval_no_person": _("The system account proposed it; it is no person."),
        "quality.manufacturer_unknown": _("Nobody said who is the manufacturer of %(product)s."),
        "quality.approval_of_manufacturer": _("%(party)s is the manufacturer of %(product)s and has not agreed."),
        "quality.document_second_person": _("What %(party)s signed was recorded by somebody who proposed or approved the same thing."),
        "quality.manufacturer_third_person": _("That we are the manufacturer of %(product)s was recorded by somebody who proposed or approved the same thing."),
    }  # fmt: skip
    if gap.code == "quality.approval_second_person":
        return _("A second person of the house has not agreed.")
    said = words.get(gap.code)
    return said % gap.facts if said is not None else gap.message
