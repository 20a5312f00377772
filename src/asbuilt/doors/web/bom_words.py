"""What pages say about BOMs and SBOM quality: readers, forms, states of a field; added to the words that every template knows."""

from django.utils.translation import gettext_lazy as _

from asbuilt.doors.web.words import REFUSALS, register

READER_WORDS = {"house": _("the house"), "customer": _("a customer"), "public": _("everybody")}
FORM_WORDS = {
    "cyclonedx-1.6": "CycloneDX 1.6 JSON",
    "cyclonedx-1.7": "CycloneDX 1.7 JSON",
    "cyclonedx-1.6-xml": "CycloneDX 1.6 XML",
    "spdx-3.0.1": "SPDX 3.0.1 JSON-LD",
}
STATE_WORDS = {"met": _("met"), "partly": _("partly met"), "not met": _("not met"), "not asked": _("not asked")}
NEED_WORDS = {
    "required": _("required"),
    "where it exists": _("where it exists"),
    "useful": _("useful"),
    "optional": _("optional"),
}
REFUSALS |= {
    "question.bom_nothing_built": _("No unit of %(order)s was begun."),
    "question.bom_of_the_house": _("What only the house sees is not for you."),
    "question.bom_too_large": _("This as-built BOM would have more than %(most)s components."),
    "question.bom_too_many_units": _("%(units)s units are too many for one as-built BOM."),
    "sbom.profile_unknown": _("There is no profile %(profile)s."),
    "sbom.form_unknown": _("SBOMs are not written as %(form)s."),
    "question.bom_reader": _("There is no reader %(reader)s."),
}


@register.filter
def bom_reader(reader: str) -> str:
    """Who a BOM is for."""
    return READER_WORDS.get(reader, reader)


@register.filter
def bom_form(form: str) -> str:
    """A form, by the name that its makers gave it."""
    return FORM_WORDS.get(form, form)


@register.filter
def field_state(state: str) -> str:
    """How far a field of a profile is met."""
    return STATE_WORDS.get(state, state)


@register.filter
def field_need(need: str) -> str:
    """How much a profile asks for a field."""
    return NEED_WORDS.get(need, need)
