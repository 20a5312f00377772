"""How people call the points of the policy and the lines of a publisher."""

from django.utils.translation import gettext_lazy as _

POINTS = {
    "contact": _("How to reach us"), "secure": _("Encrypted reports"), "anonymous": _("Anonymous reports"), "scope": _("Scope"),
    "report_contents": _("What a report says"), "ack_time": _("When you hear from us"), "assurance": _("What we promise reporters"),
    "conduct": _("What we ask of reporters"), "national_csirt": _("National CSIRT"), "embargo": _("When it becomes public"),
    "publication": _("How we publish"), "credit": _("Credit"), "bounty": _("Rewards"), "upstream": _("Components of others"),
    "multi_party": _("Several parties"), "end": _("How it ends"), "version": _("About this policy"),
}  # fmt: skip
LINES = {
    "name": _("Name of the house"), "namespace": _("Its namespace, such as https://brand.example"), "prefix": _("What identities of advisories begin with"),
    "psirt_mail": _("Mail for reports"), "other_channel": _("A channel where a person answers"), "csirt_mail": _("Mail of our CSIRT"),
    "csirt_key_url": _("Address of our CSIRT's key"), "csirt_name": _("National CSIRT"), "csirt_url": _("Its address"),
    "acknowledgments_url": _("Page that thanks reporters"), "owner": _("Who keeps the policy"), "review_on": _("Next review, as 2027-05-01"),
    "ack_days": _("Days until we acknowledge"), "triage_days": _("Days until we say what we found"), "update_days": _("Days between news"),
    "embargo_days": _("Days that we ask to wait"), "key": _("OpenPGP key"), "security_txt_days": _("Days that security.txt is valid"),
}  # fmt: skip
LANGUAGE_NAMES = {"en": _("English"), "de": _("German")}
