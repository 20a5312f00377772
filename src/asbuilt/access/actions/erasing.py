"""Erasing a person: name, code, badge, login, password and tokens go; the number stays in facts and entries and names nobody.

Two steps: access first, in one transaction with its entry; then each value that an entry hid (ledger.erasure). Whatever
stops it in between, asking again goes on where it stopped.
"""

from asbuilt.access import events
from asbuilt.access.actions.logins import refuse_last_administrator
from asbuilt.access.actions.requests import asked
from asbuilt.access.actor import Actor
from asbuilt.access.queries import person_there
from asbuilt.access.rights import PERSON_ERASE
from asbuilt.ledger import erasure, sequencing
from asbuilt.ledger.evidence_classes import check_erasure_rule, rule_set
from asbuilt.ledger.recording import recording
from asbuilt.storage import bulk, reading

RULE = "gdpr.17-1"


def erase_person(actor: Actor, *, person: int, rule: str = RULE, request_key: str | None = None) -> int:
    """Erase who stands behind this number; returns the number of the entry that says so."""
    actor.require(PERSON_ERASE)
    check_erasure_rule(rule)
    number = person_there(actor.tenant, person).erased_by
    if number is None:
        content = asked(person, rule)
        with recording(actor, events.PERSON_ERASED, request_key=request_key, content=content) as entry:
            refuse_last_administrator(actor.tenant, person)
            _empty(actor.tenant, person, entry.number)
            entry.notes = {"person": person, "rule": rule, "rules": rule_set()}
        number = entry.number
    for hidden, path in _hidden(actor.tenant, person):
        erasure.erase_hidden(actor, entry=hidden, path=path, rule=rule)
    sequencing.after_commit(actor.tenant)
    return number


def _empty(tenant: int, person: int, entry: int) -> None:
    who = (tenant, person)
    bulk.run(
        "UPDATE access_person SET code = NULL, name = NULL, mail_entry = NULL, erased_by = %s WHERE tenant = %s AND number = %s",
        (entry, *who),
    )
    bulk.run("DELETE FROM access_login WHERE tenant = %s AND person = %s", who)
    bulk.run("UPDATE access_one_time_link SET expires_at = 0 WHERE tenant = %s AND person = %s", who)
    bulk.run(
        "UPDATE access_badge SET revoked_by = coalesce(revoked_by, %s) WHERE tenant = %s AND person = %s", (entry, *who)
    )
    bulk.run(
        "UPDATE access_api_token SET name = '', revoked_by = coalesce(revoked_by, %s) "
        "WHERE tenant = %s AND person = %s",
        (entry, *who),
    )


def _hidden(tenant: int, person: int) -> list[tuple[int, str]]:
    sql = (
        "SELECT entry, path FROM ledger_hidden WHERE tenant = %s AND path LIKE %s AND value IS NOT NULL "
        "ORDER BY entry, path"
    )
    return reading.fetch(sql, (tenant, events.hidden_path(person, "%")))
