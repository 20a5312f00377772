"""Who publishes, with which key, and security.txt.

say_publisher(actor, content=b"{…}")        the whole description of the house; a later one supersedes
take_key(actor, secret=b"…") · make_key(actor)   the OpenPGP key: secret in the keys folder, public in the record
renew_security_txt(actor)                    written from the publisher, clear-signed, with the day it expires
"""

from datetime import UTC, datetime, timedelta

from asbuilt.access.actor import Actor
from asbuilt.access.rights import ADVISORY_PUBLISH
from asbuilt.answers.cases import events
from asbuilt.answers.cases.handling.actions.stating import state
from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.handling.statements import New
from asbuilt.answers.cases.publishing import keys
from asbuilt.answers.cases.publishing import said as kinds
from asbuilt.answers.cases.publishing.policy_rules import profile
from asbuilt.answers.cases.publishing.publisher import publisher_of, read_publisher
from asbuilt.answers.cases.publishing.security_txt import fields_for, refuse_unfit
from asbuilt.formats.security_txt import write
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.kernel.instants import DAY_US, format_instant
from asbuilt.ledger import clock
from asbuilt.ledger.recording import Entry, refuse_reused_key, was_recorded
from asbuilt.storage import reading
from asbuilt.tokens.openpgp import KEY_BYTES_MAX, OpenPgpKey, new_key, valid_until

EVIDENCE = "document"
KEY_DAYS = 3 * 365


def say_publisher(actor: Actor, *, content: bytes, request_key: str | None = None) -> int:
    """Who publishes, as a JSON document; returns the entry."""
    kinds.refuse_party(actor)
    actor.require(ADVISORY_PUBLISH)
    read_publisher(content)

    def lines(entry: Entry, _: CaseFile | None) -> list[New]:
        return [New(kinds.PUBLISHER_CODE, kinds.PUBLISHER, said={"sha256": kept[0].sha256})]

    with kinds.kept(actor.tenant, [(content, "publisher.json")], EVIDENCE) as kept:
        asked = ["publisher", kept[0].sha256]
        return state(
            actor, events.PUBLISHER_SAID, ADVISORY_PUBLISH, asked, lines, attached=kept, request_key=request_key
        )


def make_key(actor: Actor, *, request_key: str | None = None) -> str:
    """A new OpenPGP key for the publisher's mail address, valid three years; returns its fingerprint."""
    kinds.refuse_party(actor)
    actor.require(ADVISORY_PUBLISH)
    if known := _taken_under(actor.tenant, request_key):
        return known
    publisher = publisher_of(actor.tenant)
    if publisher is None:
        raise _no_publisher()
    secret = new_key(f"{publisher.name} <{publisher.psirt_mail}>", KEY_DAYS)
    return take_key(actor, secret=secret, request_key=request_key)


def take_key(actor: Actor, *, secret: bytes, request_key: str | None = None) -> str:
    """This OpenPGP secret key signs from now on; returns its fingerprint. Taking it again changes nothing."""
    kinds.refuse_party(actor)
    actor.require(ADVISORY_PUBLISH)
    if not 0 < len(secret) <= KEY_BYTES_MAX:
        raise Invalid(
            "cases.openpgp_key_size", "This is no OpenPGP key.", {"field": "key"}, "Give the exported secret key."
        )
    under = _taken_under(actor.tenant, request_key)

    def refuse(key: OpenPgpKey) -> None:
        # before the key lies in its place: one that the record does not name must never sign
        if under not in ("", key.fingerprint):
            refuse_reused_key(request_key)
        _refuse_key_age(key)

    key = keys.put_key(actor.tenant, secret, refuse)
    known = [line.name for line in kinds.publisher_lines(actor.tenant) if line.kind == kinds.OPENPGP]
    if known and known[-1] == key.fingerprint:
        return key.fingerprint

    def lines(entry: Entry, _: CaseFile | None) -> list[New]:
        said = {"sha256": kept[0].sha256}
        return [New(kinds.PUBLISHER_CODE, kinds.OPENPGP, name=key.fingerprint, said=said)]

    with kinds.kept(actor.tenant, [(key.public, f"{key.fingerprint}.asc")], EVIDENCE) as kept:
        asked = ["openpgp", key.fingerprint]
        state(actor, events.OPENPGP_KEY_TAKEN, ADVISORY_PUBLISH, asked, lines, attached=kept, request_key=request_key)
    return key.fingerprint


def _taken_under(tenant: int, request_key: str | None) -> str:
    """The fingerprint of the key that this request took; empty where it is new. Conflict where it was another request's."""
    if not was_recorded(tenant, request_key):
        return ""
    sql = (
        "SELECT s.name FROM cases_statement s JOIN ledger_entry e ON e.tenant = s.tenant AND e.number = s.entry "
        "WHERE s.tenant = %s AND e.request_key = %s AND s.kind = %s"
    )
    found = reading.fetch_one(sql, (tenant, request_key, kinds.OPENPGP))
    return found[0] if found else refuse_reused_key(request_key)


def _refuse_key_age(key: OpenPgpKey) -> None:
    until = valid_until(key.public)
    years = profile().key_years_max
    last = datetime.fromtimestamp(clock.now() // 1_000_000, UTC) + timedelta(days=years * 366)
    if until is None or until > last:
        said = f"The key is valid for more than {years} years."
        raise Invalid(
            "cases.openpgp_key_long", said, {"fingerprint": key.fingerprint}, "Give it an end, and take it again."
        )


def renew_security_txt(actor: Actor, *, request_key: str | None = None) -> int:
    """Write and sign security.txt anew; returns the entry. Refused where the publisher does not say what it needs."""
    kinds.refuse_party(actor)
    actor.require(ADVISORY_PUBLISH)
    publisher = publisher_of(actor.tenant)
    if publisher is None:
        raise _no_publisher()
    key = keys.signing_key(actor.tenant)
    expires = clock.now() + min(publisher.security_txt_days, profile().expires_days_max) * DAY_US
    expires -= expires % 1_000_000
    fields = fields_for(actor.tenant, publisher, key.fingerprint, format_instant(expires))
    text = write(fields)
    signed = key.clear_sign(text)
    refuse_unfit(signed.decode())

    def lines(entry: Entry, _: CaseFile | None) -> list[New]:
        said = {"sha256": kept[0].sha256, "publisher": publisher.sha256, "fingerprint": key.fingerprint}
        return [New(kinds.PUBLISHER_CODE, kinds.SECURITY_TXT, at=expires, said=said)]

    with kinds.kept(actor.tenant, [(signed, "security.txt")], EVIDENCE) as kept:
        asked = ["security.txt"]
        return state(
            actor, events.SECURITY_TXT_RENEWED, ADVISORY_PUBLISH, asked, lines, attached=kept, request_key=request_key
        )


def _no_publisher() -> NotFound:
    return NotFound("cases.no_publisher", "Nobody said who publishes.", {}, "Run `asbuilt publisher set FILE`.")
