"""Sign-in sessions: in the database, signed, ended by whatever ends the login.

A session names tenant and person and holds a stamp of the password's hash; it is good as long as that login is there,
active and has that password. So a new password, a closed login or an erasure ends every session at once.
Saving one waits its turn among the writers, like every other write.
"""

from django.contrib.sessions.backends import db
from django.utils.crypto import constant_time_compare, salted_hmac

from asbuilt.access.models import Login
from asbuilt.access.queries import login_of_person
from asbuilt.storage.transactions import write_tx

WHO = "who"
NO_TENANT = 0


class SessionStore(db.SessionStore):
    """Django's database sessions, written in turn."""

    def save(self, must_create=False):
        with write_tx(NO_TENANT):
            super().save(must_create)

    def delete(self, session_key=None):
        with write_tx(NO_TENANT):
            super().delete(session_key)


def begin(session, login: Login) -> None:
    """This session is that person's from now on, under a new key."""
    session.flush()
    session[WHO] = [login.tenant, login.person, _stamp(login)]


def login_of(session) -> Login | None:
    """Whose session it is, or None where nobody's, or where the login changed since. One statement."""
    said = session.get(WHO)
    if not isinstance(said, list) or len(said) != 3:
        return None
    tenant, person, stamp = said
    login = login_of_person(tenant, person)
    if login is None or not login.active or not constant_time_compare(stamp, _stamp(login)):
        return None
    return login


def _stamp(login: Login) -> str:
    said = f"{login.tenant}/{login.person}/{login.password}"
    return salted_hmac("asbuilt.access.session", said, algorithm="sha256").hexdigest()
