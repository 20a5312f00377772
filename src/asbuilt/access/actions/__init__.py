"""Verbs of access: links and invitations, logins and roles, signing in, tokens, badges, settings, erasing a person."""

from asbuilt.access.actions.addresses import set_mail
from asbuilt.access.actions.badges import issue_badge, revoke_badge
from asbuilt.access.actions.erasing import erase_person
from asbuilt.access.actions.links import accept_link, first_link, invite, link_open, renew_link
from asbuilt.access.actions.logins import close_login, give_roles, open_login
from asbuilt.access.actions.settings import set_operator_questions, set_time_zone, time_zones
from asbuilt.access.actions.signing_in import sign_in
from asbuilt.access.actions.tokens import issue_token, revoke_token

__all__ = [
    "accept_link",
    "close_login",
    "erase_person",
    "first_link",
    "give_roles",
    "invite",
    "issue_badge",
    "issue_token",
    "link_open",
    "open_login",
    "renew_link",
    "revoke_badge",
    "revoke_token",
    "set_mail",
    "set_operator_questions",
    "set_time_zone",
    "sign_in",
    "time_zones",
]
