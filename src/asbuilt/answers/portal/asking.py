"""Whoever has not agreed to an ECO is told: people of the role, people of the manufacturer, each with a link to the signed-in page.

    ask_approval(actor, eco="ECO-1")      -> the entry; whom a mail reaches, and who has no address, are lines of the ECO

A role is asked of the people who have it and may still decide; a party of its people, else of its contact. `eco-ROLE` and `eco-PARTY` of
ASBUILT_MAIL_LISTS are told where nobody has an address. A mail says little: what it is about stands behind the sign-in.
"""

import os

from django.utils import translation
from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.answers.cases.telling.reaching import LIST, Reached, leave, reach_party, reach_role
from asbuilt.designed.changes.controlling.actions import deciding
from asbuilt.designed.changes.controlling.eco import Eco
from asbuilt.designed.parties.queries import code_of, names_of
from asbuilt.storage import mail

LIST_PREFIX = "eco-"


def ask_approval(actor: Actor, *, eco: str, request_key: str | None = None) -> int:
    """Tell whoever has not agreed yet; returns the entry. NotFound, NotAllowed, Refused as for any line of an ECO."""

    def tell(before: Eco, role: str, party: int | None) -> list[dict]:
        return _tell(actor.tenant, before, role, party)

    return deciding.ask_approval(actor, eco=eco, tell=tell, request_key=request_key)


def _tell(tenant: int, eco: Eco, role: str, party: int | None) -> list[dict]:
    if party is None:
        name = LIST_PREFIX + role
        reached = reach_role(tenant, role, but=eco.authors, lists=[name])
    else:
        name = LIST_PREFIX + code_of(tenant, party)
        reached = reach_party(tenant, party, lists=[name])
    to = names_of(tenant, [party]).get(party, "") if party is not None else ""
    said = []
    for one in reached:
        number = leave(tenant, one, _letter(eco.code, to, one))
        said.append({"to": one.kind, one.kind: one.whom, "state": "queued", "mail": str(number)})
    return said or [{"to": LIST, LIST: name, "state": "no_address"}]


def _letter(eco: str, to: str, one: Reached) -> bytes:
    link = os.environ.get("ASBUILT_PORTAL", "").rstrip("/")
    with translation.override(one.language):
        said = {"eco": eco, "party": to, "link": f"{link}/eco/{eco}/"}
        first = _("%(eco)s waits for your decision, %(party)s.") if to else _("%(eco)s waits for your decision.")
        second = _("Sign in and open %(link)s") if link else _("Sign in and open the page Changes, %(eco)s.")
        return mail.letter(_("%(eco)s: your decision is asked") % said, f"{first % said}\n{second % said}\n")
