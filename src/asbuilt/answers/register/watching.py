"""Watch lists: products whose known vulnerabilities a mail list is told about once a day, and their standing now.

    watch(actor, product="EG-200", mail_list="psirt")
    unwatch(actor, product="EG-200", mail_list="psirt")
    watched(actor)              -> each product with its open vulnerabilities and the units in the field
    tell(tenant, now)           -> mails of what changed since each list was told last; called by the worker

A list is a name in ASBUILT_MAIL_LISTS; addresses stand in no record. A list whose day brought nothing gets no mail.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.queries import time_zone_of
from asbuilt.access.rights import VEX_DECIDE, VULNERABILITY_READ
from asbuilt.answers.register.events import WATCH
from asbuilt.designed.catalog.queries import standing_products
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.kernel.instants import DAY_US, format_instant, minute_in
from asbuilt.ledger import sequencing
from asbuilt.ledger.intake import row_text
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording
from asbuilt.questions.exposure.changes import Change, changes_between
from asbuilt.questions.exposure.inbox import ProductStanding, standing_of_products
from asbuilt.storage import bulk, mail, outbox, reading
from asbuilt.storage.transactions import write_tx

CHANGES_MAILED_MAX = 200
ON, OFF = "watch", "unwatch"


@dataclass(frozen=True)
class Watched:
    """A product on a watch list, and how it stands."""

    product: str
    mail_list: str
    since_at: int
    standing: ProductStanding


def watch(actor: Actor, *, product: str, mail_list: str, request_key: str | None = None) -> int:
    """The list is told about the product from now on; returns the entry. NotFound: no such product or list."""
    actor.require(VEX_DECIDE)
    known = standing_products(actor.tenant)
    if product not in known:
        remedy = did_you_mean(product, known) or "Add its BOM to bom.csv first."
        raise NotFound(
            "catalog.product_unknown", f"There is no product {product[:60]}.", {"product": product[:60]}, remedy
        )
    mail.list_known(mail_list)
    return _say(actor, ON, product, mail_list, request_key)


def unwatch(actor: Actor, *, product: str, mail_list: str, request_key: str | None = None) -> int:
    """The list is told no more; returns the entry. Refused: it is not watched."""
    actor.require(VEX_DECIDE)
    return _say(actor, OFF, product, mail_list, request_key)


def _say(actor: Actor, action: str, product: str, mail_list: str, request_key: str | None) -> int:
    content = digest(action.encode(), product.encode(), mail_list.encode())
    try:
        with recording(actor, f"register.{action}", request_key=request_key, content=content) as entry:
            stands = any(row[:2] == (product, mail_list) for row in _watches(entry.tenant))
            if stands == (action == ON):
                said = f"{product} is {'on' if stands else 'not on'} the list {mail_list}."
                facts = {"product": product, "list": mail_list}
                raise Refused("register.watched", said, facts, "Nothing is to do.")
            at = format_instant(entry.recorded_at)
            text = row_text([product, mail_list, action, at])
            place = entry.facts(WATCH).add([text], [digest(text)[:8]])
            if action == ON:
                row = (entry.tenant, product, mail_list, entry.recorded_at, entry.number, place)
                columns = ("tenant", "product", "mail_list", "since_at", "entry", "row")
                bulk.insert_rows("register_watch", columns, [row])
            else:
                sql = (
                    "UPDATE register_watch SET until_entry = %s WHERE tenant = %s AND product = %s AND mail_list = %s "
                    "AND until_entry IS NULL"
                )
                bulk.run(sql, (entry.number, entry.tenant, product, mail_list))
    except AlreadyRecorded as known:
        return known.number
    sequencing.after_commit(actor.tenant)
    return entry.number


def _watches(tenant: int) -> list[tuple[str, str, int]]:
    sql = "SELECT product, mail_list, since_at FROM register_watch WHERE tenant = %s AND until_entry IS NULL ORDER BY product, mail_list"
    return [tuple(row) for row in reading.fetch(sql, (tenant,))]


def watched(actor: Actor) -> list[Watched]:
    """Every product on a list, with what is open on it. NotFound for a party's person: lists are the house's own."""
    if actor.party is not None:
        raise NotFound("register.answers_none", "There are no watch lists for you.")
    actor.require(VULNERABILITY_READ)
    with reading.snapshot():
        rows = _watches(actor.tenant)
        standing = standing_of_products(actor, {product for product, _, _ in rows})
        return [Watched(*row, standing[row[0]]) for row in rows]


def tell(tenant: int, now: int) -> int:
    """Leave a mail in the outbox for each list with something new since it was told last; returns how many. A list that was never told
    begins with its first watch."""
    left = 0
    with write_tx(tenant):
        told = dict(reading.fetch("SELECT mail_list, told_until FROM register_watch_told WHERE tenant = %s", (tenant,)))
        lists: dict[str, list[tuple[str, int]]] = {}
        for product, name, since in _watches(tenant):
            lists.setdefault(name, []).append((product, since))
        known = mail.mail_lists()
        for name, products in sorted(lists.items()):
            since = told.get(name, min(at for _, at in products))
            if now - since < DAY_US or name not in known:
                continue
            found = changes_between(local_system(tenant), since, now, products={product for product, _ in products})
            if found:
                subject = f"Vulnerabilities: {len(found)} changed since {minute_in(since, time_zone_of(tenant))}"
                outbox.leave(tenant, mail.CHANNEL, name, mail.letter(subject, text_of(found)))
                left += 1
            _told(tenant, name, now, name in told)
    return left


def _told(tenant: int, name: str, now: int, before: bool) -> None:
    if before:
        sql = "UPDATE register_watch_told SET told_until = %s WHERE tenant = %s AND mail_list = %s"
        bulk.run(sql, (now, tenant, name))
    else:
        bulk.insert_rows("register_watch_told", ("tenant", "mail_list", "told_until"), [(tenant, name, now)])


def text_of(changes: Iterable[Change]) -> str:
    """Changes as plain text, a line each."""
    listed = list(changes)
    lines = [f"{one.vulnerability}  {one.words}" for one in listed[:CHANGES_MAILED_MAX]]
    if len(listed) > CHANGES_MAILED_MAX:
        lines.append(f"and {len(listed) - CHANGES_MAILED_MAX} more on the page Changes")
    return "\n".join(lines) + "\n"


def tell_everybody(now: int) -> int:
    """The same for every tenant with a watch list."""
    rows = reading.fetch("SELECT DISTINCT tenant FROM register_watch WHERE until_entry IS NULL")
    return sum(tell(tenant, now) for (tenant,) in rows)
