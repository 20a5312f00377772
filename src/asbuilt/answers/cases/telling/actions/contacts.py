"""Where a party is told: set, removed, erased.

    set_contact(actor, party="HAL", channel="mail", address="psirt@halden.example", language="de")
    set_contacts(actor, contacts=[("HAL", "mail", "psirt@halden.example", "de"), …])
    webhook_secret(actor, party="HAL")                the key that the signature of its webhook is checked with; derived, stored nowhere
    remove_contact(actor, party="HAL", channel="mail", why="moved")
    erase_contacts(actor, party="HAL")                every address this party ever had

An address belongs to somebody: it is hidden in the entry (a salted hash stands in the log) and goes for good when it is erased. Refused: an
address that is none, a webhook that is not https, carries a password or leads into a network that is not public and not named.
"""

import base64
from collections.abc import Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CONTACT_SET, NOTICE_SEND, PERSON_ERASE
from asbuilt.answers.cases.handling.actions.stating import one_of, text
from asbuilt.answers.cases.handling.queries import refuse_party
from asbuilt.answers.cases.handling.roles import party_named
from asbuilt.answers.cases.telling import tokens
from asbuilt.answers.cases.telling.contacts import CHANNELS, LANGUAGES, MAIL, contacts_of
from asbuilt.answers.cases.telling.events import CONTACT, CONTACT_REMOVED, contact_path
from asbuilt.answers.cases.telling.events import CONTACT_SET as SET
from asbuilt.designed.parties.queries import numbers_by_name
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import erasure, sequencing
from asbuilt.ledger.intake import row_text
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording
from asbuilt.storage import bulk, mail, reading, webhooks
from asbuilt.storage.transactions import write_tx

URL_CHARACTERS_MAX = 1_000
CONTACTS_MAX = 50_000
IN_ONE_ENTRY = 400  # an entry has at most 64 KiB, and names the hash of every address
RULE = "gdpr.17-1"
COLUMNS = ("tenant", "entry", "row", "party", "channel", "language", "stands", "person", "happened_at")


def set_contact(
    actor: Actor, *, party: str, channel: str, address: str, language: str = "en", request_key: str | None = None
) -> int:
    """The party is told there from now on, in that language; what was set before is superseded. Returns the entry."""
    return set_contacts(actor, contacts=[(party, channel, address, language)], request_key=request_key)


def set_contacts(actor: Actor, *, contacts: Sequence[tuple[str, str, str, str]], request_key: str | None = None) -> int:
    """Many at once, all or none: (party, channel, address, language). Returns the entry."""
    refuse_party(actor, "")
    actor.require(CONTACT_SET)
    if not 0 < len(contacts) <= CONTACTS_MAX:
        said = f"{len(contacts):,} contacts; 1 to {CONTACTS_MAX:,} are taken at once."
        raise Invalid("cases.contacts_many", said, {"field": "contacts"}, "Bring them in parts.")
    numbers, found = numbers_by_name(actor.tenant), {}
    for party, channel, address, language in contacts:
        one_of("channel", channel, CHANNELS)
        one_of("language", language, LANGUAGES)
        said = _mail_address(address) if channel == MAIL else webhooks.check(address, URL_CHARACTERS_MAX)
        key = (numbers[party] if party in numbers else party_named(actor.tenant, party), channel)
        if key in found:
            raise Invalid("cases.contact_twice", f"{party[:60]} has two {channel} contacts here.", {"party": party[:60]}, "Give one.")  # fmt: skip
        found[key] = (said, language)
    # the request is told apart by a keyed hash: the log shall not confirm a guessed address
    content = tokens.keyed(actor.tenant, repr(sorted(found.items())))
    listed, entry = list(found.items()), 0
    try:
        with write_tx(actor.tenant):
            for first in range(0, len(listed), IN_ONE_ENTRY):
                part = dict(listed[first : first + IN_ONE_ENTRY])
                entry = _record(actor, SET, part, content, None if first else request_key)
    except AlreadyRecorded as known:
        return known.number
    sequencing.after_commit(actor.tenant)
    return entry


def remove_contact(actor: Actor, *, party: str, channel: str, why: str, request_key: str | None = None) -> int:
    """The party is no longer told there; returns the entry."""
    refuse_party(actor, "")
    actor.require(CONTACT_SET)
    one_of("channel", channel, CHANNELS)
    why = text("why", why)
    number = party_named(actor.tenant, party)
    known = contacts_of(actor.tenant, [number]).get(number, {})
    if channel not in known:
        said = f"{party[:60]} has no {channel} contact."
        raise Refused("cases.contact_none", said, {"party": party[:60], "channel": channel}, "Look at its contacts.")
    content = digest(b"remove", channel.encode(), str(number).encode(), why.encode())
    language = known[channel].language
    try:
        entry = _record(actor, CONTACT_REMOVED, {(number, channel): ("", language)}, content, request_key, why)
    except AlreadyRecorded as known_entry:
        return known_entry.number
    sequencing.after_commit(actor.tenant)
    return entry


def _record(
    actor: Actor, type: str, found: dict[tuple[int, str], tuple[str, str]], content: bytes, request_key: str | None, why: str = ""
) -> int:  # fmt: skip
    with recording(actor, type, request_key=request_key, content=content) as entry:
        _write(entry, found, actor.person)
        for (party, channel), (address, _language) in found.items():
            if address:
                entry.hide(contact_path(party, channel), address)
        if why:
            entry.notes = {"why": why}
    return entry.number


def _write(entry: Entry, found: dict[tuple[int, str], tuple[str, str]], person: int | None) -> None:
    at, facts, rows = entry.recorded_at, [], []
    for (party, channel), (address, language) in found.items():
        facts.append(row_text([party, channel, language, "yes" if address else "no", person, format_instant(at)]))
        rows.append((party, channel, language, bool(address), person, at))
    ids = [digest(fact, entry.number.to_bytes(8, "big"))[:8] for fact in facts]
    first = entry.facts(CONTACT).add(facts, ids)
    bulk.insert_rows(
        "cases_contact", COLUMNS, [(entry.tenant, entry.number, first + n, *row) for n, row in enumerate(rows)]
    )


def erase_contacts(actor: Actor, *, party: str, rule: str = RULE, request_key: str | None = None) -> int:
    """Every address this party ever had is destroyed; returns how many. Asked again it goes on where it stopped."""
    refuse_party(actor, "")
    actor.require(PERSON_ERASE)
    number = party_named(actor.tenant, party)
    sql = "SELECT entry, path FROM ledger_hidden WHERE tenant = %s AND path LIKE %s AND value IS NOT NULL ORDER BY entry, path"
    found = reading.fetch(sql, (actor.tenant, contact_path(number, "%")))
    for entry, path in found:
        erasure.erase_hidden(actor, entry=entry, path=path, rule=rule)
    sequencing.after_commit(actor.tenant)
    return len(found)


def webhook_secret(actor: Actor, *, party: str) -> str:
    """The secret that a party checks signatures with, in the form of Standard Webhooks: `whsec_` and base64."""
    refuse_party(actor, "")
    actor.require(NOTICE_SEND)
    key = tokens.webhook_key(actor.tenant, party_named(actor.tenant, party))
    return "whsec_" + base64.b64encode(key).decode()


def _mail_address(said: str) -> str:
    said = said.strip()
    if len(said) > mail.ADDRESS_CHARACTERS_MAX or len(said.rpartition("@")[0]) > mail.LOCAL_CHARACTERS_MAX:
        raise Invalid("cases.address_long", "address: is too long.", {"field": "address"}, "A mail address has at most 254 characters.")  # fmt: skip
    if not mail.well_formed(said):
        raise Invalid("cases.address_wrong", "address: is no mail address.", {"field": "address"}, "Write one such as psirt@example.com.")  # fmt: skip
    return said
