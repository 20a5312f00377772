"""Why access refuses: one function a reason, so that the words stand in one place."""

from asbuilt.kernel.errors import Conflict, Invalid, NotFound, NotSignedIn, Refused, Unavailable


def wrong_sign_in() -> NotSignedIn:
    """The same answer for an unknown login, a wrong password and a closed login."""
    return NotSignedIn(
        "access.wrong_sign_in",
        "Login or password is wrong.",
        remedy="Type both again. An administrator can make a new one-time link.",
    )


def too_many_attempts(seconds: int) -> Unavailable:
    """Attempts ran out for this login or from this address."""
    return Unavailable(
        "access.too_many_attempts",
        "Too many attempts to sign in.",
        {"retry_after_seconds": seconds},
        f"Wait {max(1, -(-seconds // 60))} min, then try again.",
        seconds,
    )


def link_unusable() -> NotFound:
    """The same answer for a link that never was, was used, or is over."""
    return NotFound(
        "access.link_unusable",
        "This one-time link cannot be used: it was used before, is over, or never was.",
        remedy="An administrator can make a new one on the page People; without one, start `asbuilt serve` again.",
    )


def token_unusable() -> NotSignedIn:
    """The same answer for a token that never was, was revoked, or is over."""
    return NotSignedIn(
        "access.token_unusable",
        "This token is not valid.",
        remedy="Issue a new one on the page People.",
    )


def person_unknown(person: int) -> NotFound:
    """No such person in this tenant."""
    return NotFound(
        "access.person_unknown", f"There is no person {person}.", {"person": person}, "Look at the page People."
    )


def person_erased(person: int) -> Refused:
    """Nothing is said of who was erased."""
    said = f"Person {person} was erased."
    return Refused("access.person_erased", said, {"person": person}, "Invite the person anew.")


def mail_wrong() -> Invalid:
    """What was given is no mail address; the words do not repeat it."""
    remedy = "Write one such as ben@example.com, or leave it empty."
    return Invalid("access.mail_wrong", "This is no mail address.", {"field": "mail"}, remedy)


def token_unknown(number: int) -> NotFound:
    """No such token in this tenant."""
    return NotFound(
        "access.token_unknown", f"There is no token {number}.", {"token": number}, "Look at the page People."
    )


def role_unknown(role: str, known: list[str]) -> Invalid:
    """A role that the design does not have, or that people or tokens of this kind cannot have."""
    return Invalid(
        "access.role_unknown",
        f"There is no role {role} to give here.",
        {"role": role},
        f"Roles are {', '.join(known)}.",
    )


def party_reader_alone() -> Invalid:
    """A party reader sees one party's products; another role would see all."""
    return Invalid(
        "access.party_reader_alone",
        "A party reader has one party and no other role.",
        remedy="Choose the party, and take the other roles away.",
    )


def login_taken(login: str) -> Conflict:
    """Another person of this tenant signs in with that name."""
    return Conflict("access.login_taken", f"The login {login} is taken.", {"login": login}, "Choose another login.")


def login_missing(person: int) -> Refused:
    """The person cannot sign in, so there is nothing to change."""
    return Refused(
        "access.login_missing",
        f"Person {person} has no login.",
        {"person": person},
        "Make a one-time link for this person first.",
    )


def code_missing(person: int) -> Refused:
    """A station's record names people by their code."""
    return Refused(
        "access.code_missing",
        f"The floor knows person {person} by no code.",
        {"person": person},
        "Invite the person with the code that the floor knows, then issue the badge.",
    )


def last_administrator() -> Refused:
    """Without an administrator nobody could let anybody in."""
    return Refused(
        "access.last_administrator",
        "This is the last administrator.",
        remedy="Give another person the role administrator first.",
    )


def field_wrong(field: str, reason: str) -> Invalid:
    """A field of a form; `facts.field` names it."""
    return Invalid("access.field_wrong", reason, {"field": field}, "Mend this field and send again.")
