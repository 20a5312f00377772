"""The mail address of a person: where somebody is told that something waits for him. Set, changed, removed by who manages people.

    set_mail(actor, person=12, address="ben@ostwerk.example")     empty: no address any more

The address stands hidden in the entry that set it, and nowhere else; erasing the person erases every one he ever had. Refused: what is no address,
somebody who was erased.
"""

from asbuilt.access import errors, events
from asbuilt.access.actions.requests import asked, same_names
from asbuilt.access.actor import Actor
from asbuilt.access.queries import person_there
from asbuilt.access.rights import PEOPLE_MANAGE
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import AlreadyRecorded, recording
from asbuilt.storage import bulk, mail

SET_BEFORE = "SELECT value FROM ledger_hidden WHERE tenant = %s AND entry = %s"


def set_mail(actor: Actor, *, person: int, address: str, request_key: str | None = None) -> int:
    """The person is told there from now on; returns the entry. Invalid for what is no address, NotFound, Refused."""
    actor.require(PEOPLE_MANAGE)
    address = address.strip()
    if address and not mail.well_formed(address):
        raise errors.mail_wrong()
    if person_there(actor.tenant, person).erased_by is not None:
        raise errors.person_erased(person)
    content = asked(person, bool(address))
    try:
        with (
            same_names(actor.tenant, request_key, SET_BEFORE, address),
            recording(actor, events.MAIL_SET, request_key=request_key, content=content) as entry,
        ):
            if address:
                entry.hide(events.hidden_path(person, "mail"), address)
            sql = "UPDATE access_person SET mail_entry = %s WHERE tenant = %s AND number = %s"
            bulk.run(sql, (entry.number if address else None, actor.tenant, person))
            entry.notes = {"person": person, "stands": bool(address)}
    except AlreadyRecorded as known:
        return known.number
    sequencing.after_commit(actor.tenant)
    return entry.number
