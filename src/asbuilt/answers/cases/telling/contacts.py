"""Where parties are told of what happened: reads. The address stands hidden in the entry that set it, and nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CASE_READ, CONTACT_SET
from asbuilt.answers.cases.handling.queries import refuse_party
from asbuilt.designed.parties.queries import codes_and_names, names, numbers_by_name
from asbuilt.kernel.instants import format_instant
from asbuilt.storage import reading

MAIL, WEBHOOK, PORTAL = "mail", "webhook", "portal"
CHANNELS = (MAIL, WEBHOOK)  # of the portal nothing is to be known: the party's people sign in
LANGUAGES = ("en", "de", "pl", "fr")
FALLBACK = "en"


@dataclass(frozen=True)
class Contact:
    """A contact that stands; `address` is None once it was erased."""

    party: int
    channel: str
    language: str
    address: str | None = field(repr=False)
    entry: int
    since_at: int


def contacts_of(tenant: int, parties: Iterable[int] | None = None) -> dict[int, dict[str, Contact]]:
    """Party -> channel -> the contact that stands; of all parties where none is named. One statement."""
    sql = (
        "SELECT c.party, c.channel, c.language, h.value, c.entry, c.happened_at, c.stands FROM cases_contact c "
        "LEFT JOIN ledger_hidden h ON h.tenant = c.tenant AND h.entry = c.entry "
        "AND h.path = 'contact/' || c.party || '/' || c.channel WHERE c.tenant = %s"
    )
    params: tuple = (tenant,)
    if parties is not None:
        wanted = sorted(set(parties))
        if not wanted:
            return {}
        sql, params = f"{sql} AND {reading.any_of('c.party')}", (tenant, reading.list_param(wanted))
    last: dict[tuple[int, str], tuple] = {}
    for row in reading.fetch(sql + ' ORDER BY c.entry, c."row"', params):
        last[row[0], row[1]] = row
    found: dict[int, dict[str, Contact]] = {}
    for (party, channel), row in last.items():
        if row[6]:
            found.setdefault(party, {})[channel] = Contact(*row[:6])
    return found


def language_of(contacts: dict[str, Contact]) -> str:
    """The language that the newest contact of a party says; English where nobody said."""
    newest = max(contacts.values(), key=lambda one: one.entry, default=None)
    return newest.language if newest else FALLBACK


def reachable(contacts: dict[str, Contact]) -> bool:
    """Whether something can be sent there."""
    return any(one.address is not None for one in contacts.values())


def contacts_told(actor: Actor) -> list[dict]:
    """Every party with how it is told; the address itself only for who may set it. Three statements. NotFound for a party's person."""
    refuse_party(actor, "")
    actor.require(CASE_READ)
    numbers, known = numbers_by_name(actor.tenant), contacts_of(actor.tenant)
    standing = [(numbers[code], code, name) for code, name in codes_and_names(actor.tenant)]
    all_names = names(actor.tenant)
    gone = [(number, all_names.get(number, ""), all_names.get(number, "")) for number in set(known) - {n for n, *_ in standing}]  # fmt: skip
    return [
        {
            "party": code, "name": name, "language": language_of(known.get(number, {})), "reachable": reachable(known.get(number, {})),
            "contacts": [
                {"channel": one.channel, "address": one.address if actor.may(CONTACT_SET) else None, "erased": one.address is None, "language": one.language, "since_at": format_instant(one.since_at), "entry": one.entry}
                for one in sorted(known.get(number, {}).values(), key=lambda each: each.channel)
            ],
        }
        for number, code, name in [*standing, *gone]
    ]  # fmt: skip
