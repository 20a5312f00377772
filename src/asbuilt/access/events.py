"""Ledger entry types of access. Entries name people by number; names and logins stand hidden, so they can be erased."""

FIRST_LINK_MADE = "access.first_link_made"
PERSON_INVITED = "access.person_invited"
LINK_RENEWED = "access.link_renewed"
LINK_ACCEPTED = "access.link_accepted"
ROLES_GIVEN = "access.roles_given"
LOGIN_CLOSED = "access.login_closed"
LOGIN_OPENED = "access.login_opened"
TOKEN_ISSUED = "access.token_issued"
TOKEN_REVOKED = "access.token_revoked"
BADGE_ISSUED = "access.badge_issued"
BADGE_REVOKED = "access.badge_revoked"
SIGNED_IN = "access.signed_in"
MAIL_SET = "access.mail_set"
PERSON_ERASED = "access.person_erased"
OPERATOR_QUESTIONS_SET = "access.operator_questions_set"
TIME_ZONE_SET = "access.time_zone_set"


def hidden_path(person: int, what: str) -> str:
    """Under which path an entry hides a personal value of this person (`mail`: the address that he is told at); erasing a person finds them by it."""
    return f"person/{person}/{what}"
