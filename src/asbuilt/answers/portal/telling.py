"""When something begins to wait for a party, its people hear that it does: how many things, a link to the signed-in page, and no word of what they are.

    looks(actor)            -> by party: what waits, what of it nobody was told of, whether a mail is due, or why not
    tell(tenant, now)       -> how many parties were told; by the worker every ten minutes, or `asbuilt portal --tell`

A party has one mail a day at most for each of its people; where none of them has an address, its contact gets it, else the list of ASBUILT_MAIL_LISTS
that has the party's code as name. Nobody is told without ASBUILT_PORTAL: a mail without the way in says nothing. What was told is a line, written in
the transaction that leaves the mails: a restart tells nothing twice. Where every mail of a line failed for good, it is told anew six hours later.
"""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.queries import who_sign_in
from asbuilt.access.rights import PARTY_READER, PEOPLE_MANAGE, ROLES
from asbuilt.answers.cases.events import PORTAL_TOLD
from asbuilt.answers.cases.handling.statements import KEPT, Line, New
from asbuilt.answers.cases.telling.reaching import Reached, leave, reach_party
from asbuilt.answers.portal.waiting import Wait, waiting
from asbuilt.designed.parties.queries import code_of, names_of
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.recording import digest, recording
from asbuilt.storage import mail, outbox, reading
from asbuilt.storage.transactions import write_tx

TOLD = "portal_told"
ABOUT = "PORTAL-"
HOUR_US = 3_600 * 1_000_000
DAY_US, AFTER_FAILED_US = 24 * HOUR_US, 6 * HOUR_US
NOTHING, KNOWN, TODAY, LATER, NO_ADDRESS, NO_PORTAL, DUE = (
    "nothing_waits", "told", "told_today", "failed", "no_address", "no_portal", "due",
)  # fmt: skip
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Look:
    """How a party stands: how many things wait, how many of them nobody was told of; `state` says whether a mail is due, or why none is."""

    party: int
    state: str
    waits: int = 0
    new: int = 0
    told_at: int | None = None
    keys: tuple[str, ...] = field(default=(), repr=False)
    reached: tuple[Reached, ...] = field(default=(), repr=False)


def looks(actor: Actor) -> list[dict]:
    """Every party with people who sign in, as it stands now; for who may invite them."""
    actor.require(PEOPLE_MANAGE)
    with reading.snapshot():
        found = [_look(actor.tenant, party, _lines(actor.tenant), clock.now()) for party in _parties(actor.tenant)]
        names = names_of(actor.tenant, {one.party for one in found})
        return [
            {"party": code_of(actor.tenant, one.party), "name": names.get(one.party, ""), "waits": one.waits, "new": one.new,
             "state": one.state, "told_at": one.told_at}
            for one in found
        ]  # fmt: skip


def tell(tenant: int, now: int) -> int:
    """Tell whom something new waits for at this instant (UTC µs); returns how many parties."""
    lines = _lines(tenant)
    # looked at without the writer's lock first: mostly nothing is to be told
    due = [party for party in _parties(tenant) if _look(tenant, party, lines, now).state == DUE]
    if not due:
        return 0
    with write_tx(tenant):
        lines = _lines(tenant)  # another worker may have told them meanwhile
        found = [one for party in due if (one := _look(tenant, party, lines, now)).state == DUE]
        if not found:
            return 0
        with recording(local_system(tenant), PORTAL_TOLD) as entry:
            KEPT.write(entry, [_told(tenant, one, entry.number) for one in found], None)
    sequencing.after_commit(tenant)
    return len(found)


def tell_everybody(now: int) -> int:
    """The same for every tenant; one that cannot holds up no other."""
    count = 0
    for (tenant,) in reading.fetch("SELECT DISTINCT tenant FROM access_login WHERE party IS NOT NULL AND active", ()):
        try:
            count += tell(tenant, now)
        except AsbuiltError as refusal:
            _log.warning("portal: %s", refusal.message)
    return count


def _parties(tenant: int) -> list[int]:
    """Parties of which somebody can sign in. One statement."""
    return sorted({one.party for one in who_sign_in(tenant) if one.party is not None})


def _lines(tenant: int) -> dict[int, list[Line]]:
    """What was told so far, by party, the earliest first. One statement."""
    found: dict[int, list[Line]] = {}
    for line in KEPT.of_kinds(tenant, [TOLD]):
        found.setdefault(line.party, []).append(line)
    return found


def _look(tenant: int, party: int, lines: dict[int, list[Line]], now: int) -> Look:
    """Whether its people are to be told; what costs most is asked last."""
    last, failed = _last(tenant, lines.get(party, ()))
    told_at = last.happened_at if last else None
    waits = waiting(Actor(tenant, "", ROLES[PARTY_READER], None, party, frozenset({PARTY_READER})))
    keys = tuple(_key(one) for one in waits)
    known = frozenset(last.said["keys"].split()) if last else frozenset()
    new = sum(key not in known for key in keys)
    state, reached = DUE, ()
    if not new:
        state = KNOWN if waits else NOTHING
    elif last and now < last.happened_at + DAY_US:
        state = TODAY
    elif failed is not None and now < failed + AFTER_FAILED_US:
        state = LATER
    elif not os.environ.get("ASBUILT_PORTAL", ""):
        state = NO_PORTAL
    else:
        reached = tuple(reach_party(tenant, party, lists=[code_of(tenant, party)]))
        state = DUE if reached else NO_ADDRESS
    return Look(party, state, len(waits), new, told_at, keys, reached)


def _last(tenant: int, lines: Sequence[Line]) -> tuple[Line | None, int | None]:
    """The last line of which not every mail failed, and when the last one after it was written whose mails all did."""
    failed = None
    for line in reversed(lines):
        mails = outbox.outgoing(tenant, [int(number) for number in line.said["mails"].split()])
        if any(one.state != outbox.FAILED for one in mails):
            return line, failed
        failed = failed or line.happened_at
    return None, failed


def _key(one: Wait) -> str:
    return digest(repr((one.kind, one.code, one.part, one.since_at)).encode()).hex()[:16]


def _told(tenant: int, one: Look, entry: int) -> New:
    """Leave the mails; the line that says so."""
    mails = [leave(tenant, each, _letter(tenant, one, each, entry)) for each in one.reached]
    said = {
        "waits": str(one.waits), "new": str(one.new), "keys": " ".join(one.keys), "mails": " ".join(map(str, mails)),
        "to": " ".join(sorted({each.kind for each in one.reached})),
    }  # fmt: skip
    return New(f"{ABOUT}{one.party}", TOLD, party=one.party, said=said)


def _letter(tenant: int, one: Look, to: Reached, entry: int) -> bytes:
    """How many things wait, and the way in."""
    link = os.environ.get("ASBUILT_PORTAL", "").rstrip("/")
    # a repeat after a kill is the same message
    token = digest(repr((tenant, entry, one.party, to.kind, to.whom)).encode()).hex()[:32]
    with translation.override(to.language):
        said = ngettext("%(count)s thing waits for you.", "%(count)s things wait for you.", one.waits) % {
            "count": one.waits
        }
        way = _("Sign in and open %(link)s") % {"link": f"{link}/portal/"}
        end = _("You get at most one such mail a day.")
        return mail.letter(said, f"{said}\n{way}\n\n{end}\n", token)
