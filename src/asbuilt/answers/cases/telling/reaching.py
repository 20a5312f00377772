"""Who of a role or of a party is reached by mail, and the mail for each: people who can sign in and have an address, else the party's contact, else
a list of the house.

    for one in reach_party(tenant, 7, lists=("eco-HAL", "HAL")):      -> Reached("person", "12", "de"), Reached("contact", "7", "de"), Reached("list", "eco-HAL")
        leave(tenant, one, letter)                                    inside the transaction of what is told

What waits in the outbox names the person, the party or the list; the address is looked up when the mail goes, so one that was erased or a login
that was closed meanwhile gets none. A mail whose address is gone is tried as any other, and stays as failed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.access.queries import Reader, mail_of, who_sign_in
from asbuilt.answers.cases.telling.contacts import FALLBACK, MAIL, contacts_of, language_of
from asbuilt.storage import mail, outbox

PERSON, CONTACT, LIST = "person", "contact", "list"
CHANNELS = {PERSON: "person", CONTACT: "contact", LIST: mail.CHANNEL}


@dataclass(frozen=True)
class Reached:
    """Somebody that a mail reaches: a person by number, a party's contact by the party's number, a list by its name; in which language."""

    kind: str
    whom: str
    language: str = FALLBACK


def reach_role(tenant: int, role: str, *, but: Iterable[int] = (), lists: Iterable[str] = ()) -> list[Reached]:
    """People of the house who have this role, but these; where none has an address, the first of the lists that the house has."""
    without = set(but)
    people = [
        one for one in who_sign_in(tenant) if role in one.roles and one.party is None and one.person not in without
    ]
    return _people(people, FALLBACK) or _lists(lists)


def reach_party(tenant: int, party: int, *, lists: Iterable[str] = ()) -> list[Reached]:
    """People of the party; where none has an address, its mail contact; else the first of the lists that the house has."""
    contacts = contacts_of(tenant, [party]).get(party, {})
    language = language_of(contacts)
    found = _people([one for one in who_sign_in(tenant) if one.party == party], language)
    if not found and MAIL in contacts and contacts[MAIL].address is not None:
        found = [Reached(CONTACT, str(party), contacts[MAIL].language)]
    return found or _lists(lists)


def _people(people: Iterable[Reader], language: str) -> list[Reached]:
    return [Reached(PERSON, str(one.person), language) for one in people if one.mail]


def _lists(names: Iterable[str]) -> list[Reached]:
    known = mail.mail_lists()
    return [Reached(LIST, name) for name in names if name in known][:1]


def leave(tenant: int, one: Reached, letter: bytes) -> int:
    """Leave a letter for whoever was reached; returns its number in the outbox."""
    target = one.whom if one.kind == LIST else f"{tenant}/{one.whom}"
    return outbox.leave(tenant, CHANNELS[one.kind], target, letter)


def send_to_person(target: str, content: bytes) -> None:
    """Hand a mail for a person to the server; OSError where it is not reached, or there is no address any more."""
    tenant, _slash, person = target.partition("/")
    _send(mail_of(int(tenant), int(person)), content)


def send_to_contact(target: str, content: bytes) -> None:
    """The same for a party's contact."""
    tenant, _slash, party = target.partition("/")
    contact = contacts_of(int(tenant), [int(party)]).get(int(party), {}).get(MAIL)
    _send(contact.address or "" if contact is not None else "", content)


def _send(address: str, content: bytes) -> None:
    if not address:
        raise OSError("There is no address any more.")
    mail.send_to(address, content)
