"""Sending what lies on the desk: mails over one connection, webhooks one by one; each row is taken into the hand before it goes.

    send_due(tenant)  -> how many were taken by a server

1. A row is committed as under way, together with the outcome of the one before: one commit a mail. So after a kill at most the one mail of the
   connection is in doubt; it goes again as the same message (same Message-ID, same bytes), and the log says that nobody knows whether it went.
2. Outcomes reach the log in groups of 50, or when a turn ends; a kill between loses none, the desk has them.
3. A server that is not reached costs no notice a try: the desk waits, a minute first, at most an hour, for five days (RFC 5321, 4.5.4.1). One
   that answers 4xx to a mail is asked again likewise; one that refuses for good (5xx) ends it.
4. Whatever is held stays, also where it was laid down before: asked inside the commit that takes the row.
"""

import logging
import os
import smtplib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from asbuilt.access.actor import Actor
from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.telling import desk, events
from asbuilt.answers.cases.telling import notices as reads
from asbuilt.answers.cases.telling.contacts import MAIL, WEBHOOK, contacts_of
from asbuilt.answers.cases.telling.deliveries import ACCEPTED, FAILED, UNKNOWN, Event, write_events
from asbuilt.answers.cases.telling.desk import Row
from asbuilt.answers.cases.telling.letters import fits, mail_of, webhook_of
from asbuilt.answers.cases.telling.tokens import reference_of, webhook_key
from asbuilt.answers.cases.telling.wording import Letter, as_written, letter_of
from asbuilt.designed.parties.queries import names
from asbuilt.kernel.errors import Invalid
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.recording import recording
from asbuilt.storage import bulk, mail, webhooks
from asbuilt.storage.transactions import try_lock, write_tx

SENT_BY = "system:notices"
SECONDS_A_TURN = 10.0
READ_AT_ONCE, LOGGED_AT_ONCE, MAILS_A_CONNECTION_MAX = 50, 50, 1_000
PAUSE_SECONDS, PAUSE_SECONDS_MAX, GIVE_UP_SECONDS = 60, 3_600, 5 * 86_400
SECOND_US = 1_000_000
UNKNOWN_SAID = (
    "The sender was stopped, or the connection broke, before an answer came: it goes again as the same message."
)
NO_ADDRESS_SAID = "There is no address any more."
_log = logging.getLogger(__name__)


def send_all_due(seconds: float = SECONDS_A_TURN) -> int:
    """Send what is due of every tenant; a turn ends after these seconds."""
    return sum(send_due(tenant, seconds=seconds) for tenant in desk.tenants_with_work(clock.now()))


def send_due(tenant: int, *, seconds: float | None = None) -> int:
    """Send what is due; returns how many a server took. Another sender's turn is left to it. None: until nothing is due."""
    with try_lock(f"cases.telling.{tenant}") as ours:
        if not ours:
            return 0
        until = None if seconds is None else monotonic() + seconds
        sender = _Sender(tenant, until)
        try:
            sender.take_up()
            sender.mails()
            sender.webhooks()
        finally:
            sender.log_outcomes()
        return sender.taken


@dataclass(frozen=True)
class _Worded:
    """A version with the case as it was written on, manufacturers of the products, and the parties' shares."""

    version: reads.Version
    case: CaseFile
    makers: dict[str, int | None]
    held: dict[int, reads.Held]


class _Sender:
    """One turn of sending for one tenant."""

    def __init__(self, tenant: int, until: float | None):
        self.tenant, self.until, self.taken, self.open_outcomes = tenant, until, 0, 0
        self.notices: dict[tuple[str, int], _Worded] = {}
        self.names = names(tenant)
        self.lists: dict[tuple[str, int, int], bytes] = {}
        self.link = os.environ.get("ASBUILT_PORTAL", "").rstrip("/")

    def over(self) -> bool:
        """Whether the turn has to be given back."""
        return self.until is not None and monotonic() > self.until

    # ---- the desk

    def take_up(self) -> None:
        """What a sender had in its hand when it stopped goes again at once, and the log says so."""
        found = desk.under_way(self.tenant)
        if found:
            self._unknown(found, clock.now())

    def _unknown(self, rows: Sequence[Row], now: int) -> None:
        with recording(_actor(self.tenant), events.DELIVERED) as entry:
            write_events(entry, [_event(row, UNKNOWN, now, said=UNKNOWN_SAID) for row in rows])
            for row in rows:
                desk.set_row(self.tenant, row.number, state=desk.WAITS, due_at=now, tries=row.tries + 1, error=UNKNOWN_SAID)  # fmt: skip

    def _into_hand(self, row: Row | None, before: tuple[Row, dict] | None) -> bool:
        """Commit the outcome of the row before, and that this one is under way; False where it may not leave."""
        if row is None and before is None:
            return False
        now = clock.now()
        with write_tx(self.tenant):
            if before is not None:
                desk.set_row(self.tenant, before[0].number, **before[1])
            if row is None:
                return False
            return desk.take_into_hand(self.tenant, row, self._notice(row).case.code, now)

    def _outcome(self, row: Row, code: int) -> dict:
        self.taken += 1
        self.open_outcomes += 1
        return {"state": desk.TAKEN, "code": str(code), "error": "", "ended_at": clock.now(), "tries": row.tries + 1}

    def _refused(self, row: Row, code: str, said: str, lasting: bool) -> dict:
        """Given up, or asked again later."""
        now = clock.now()
        if lasting or now - row.queued_at > GIVE_UP_SECONDS * SECOND_US:
            self.open_outcomes += 1
            return {"state": desk.REFUSED, "code": code, "error": said, "ended_at": now, "tries": row.tries + 1}
        later = now + pause(row.tries) * SECOND_US
        return {"state": desk.WAITS, "code": code, "error": said, "due_at": later, "tries": row.tries + 1}

    def log_outcomes(self) -> None:
        """What is done and in no entry yet, in groups."""
        while rows := desk.not_logged(self.tenant, LOGGED_AT_ONCE):
            with recording(_actor(self.tenant), events.DELIVERED) as entry:
                write_events(
                    entry,
                    [
                        _event(row, ACCEPTED if row.state == desk.TAKEN else FAILED, row.ended_at, row.code, row.error)
                        for row in rows
                    ],
                )
                for row in rows:
                    desk.set_row(self.tenant, row.number, state=desk.SENT if row.state == desk.TAKEN else desk.FAILED)
            sequencing.after_commit(self.tenant)
        self.open_outcomes = 0

    def _each(self, channel: str) -> Iterator[tuple[Row, str | None]]:
        """Rows that are due with the address of the party, in order, until the turn is over; a row that stays due comes once."""
        after = 0
        while not self.over():
            rows = desk.due(self.tenant, channel, clock.now(), READ_AT_ONCE, after)
            if not rows:
                return
            known = contacts_of(self.tenant, {row.party for row in rows})
            self.lists = reads.packed_lists(self.tenant, rows)
            for row in rows:
                after = row.number
                if self.over():
                    return
                contact = known.get(row.party, {}).get(channel)
                yield row, contact.address if contact else None
            if self.open_outcomes >= LOGGED_AT_ONCE:
                self.log_outcomes()

    # ---- mails

    def mails(self) -> None:
        """Mails over one connection; where it breaks, a new one is opened once, then the desk waits."""
        client, on_it, before, broken = None, 0, None, 0
        try:
            for row, address in self._each(MAIL):
                if address is None:
                    before = self._without_address(row, before)
                    continue
                if client is None:
                    try:
                        client, on_it = mail.connect(), 0
                    except OSError as refusal:
                        self._not_reached(MAIL, row, str(refusal))
                        return
                if not self._into_hand(row, before):
                    before = None
                    continue
                before, lost = self._mail(client, row, address)
                on_it += 1
                if lost:
                    _close(client)
                    client, broken = None, broken + 1
                    if broken > 1:
                        return
                elif on_it >= MAILS_A_CONNECTION_MAX:
                    _close(client)
                    client = None
        finally:
            self._into_hand(None, before)
            if client is not None:
                _close(client)

    def _mail(self, client, row: Row, address: str) -> tuple[tuple[Row, dict] | None, bool]:
        """Hand it over: what the desk has to say of it with the next commit, and whether the connection is lost."""
        try:
            letter, units_csv = self.letter(row)
            content = mail_of(row, letter, units_csv, sender=mail.sender(), address=address)
            return (row, self._outcome(row, mail.hand_over(client, address, content, row.token))), False
        except mail.NotTaken as refusal:
            said = f"The mail server answered {refusal.code}."
            # 421: it is closing the connection (RFC 5321, 3.8)
            return (row, self._refused(row, str(refusal.code), said, refusal.lasting)), refusal.code == 421
        except mail.Unanswered as broken:
            self._unknown([row], clock.now() + pause(row.tries) * SECOND_US)
            _log.warning("notice %s: %s", row.notice, broken)
            return None, True
        except OSError as broken:
            return (row, self._refused(row, "", str(broken)[: desk.ERROR_CHARACTERS_MAX], False)), True

    def _without_address(self, row: Row, before: tuple[Row, dict] | None) -> tuple[Row, dict]:
        self._into_hand(None, before)
        return row, self._refused(row, "", NO_ADDRESS_SAID, True)

    def _not_reached(self, channel: str, row: Row, said: str) -> None:
        """The whole desk of the channel waits; what waits for five days is given up."""
        now = clock.now()
        oldest = now - GIVE_UP_SECONDS * SECOND_US
        with write_tx(self.tenant):
            waiting = "WHERE tenant = %s AND state = %s AND channel = %s AND due_at <= %s"
            which = (self.tenant, desk.WAITS, channel, now)
            bulk.run(
                f"UPDATE cases_notice_sending SET state = %s, error = %s, ended_at = %s {waiting} AND queued_at < %s",
                (desk.REFUSED, said[: desk.ERROR_CHARACTERS_MAX], now, *which, oldest),
            )
            bulk.run(
                f"UPDATE cases_notice_sending SET due_at = %s, error = %s, tries = tries + 1 {waiting}",
                (now + pause(row.tries) * SECOND_US, said[: desk.ERROR_CHARACTERS_MAX], *which),
            )

    # ---- webhooks

    def webhooks(self) -> None:
        """Webhooks, each to its own server."""
        before = None
        for row, address in self._each(WEBHOOK):
            if address is None:
                before = self._without_address(row, before)
                continue
            if not self._into_hand(row, before):
                before = None
                continue
            before = (row, self._webhook(row, address))
        self._into_hand(None, before)

    def _webhook(self, row: Row, address: str) -> dict:
        try:
            letter, units_csv = self.letter(row)
            body = webhook_of(row, letter, units_csv, reference_of(self.tenant, row.notice, row.party))
            key = webhook_key(self.tenant, row.party)
            return self._outcome(
                row, webhooks.post(address, body, key=key, token=row.token, at=clock.now() // SECOND_US)
            )
        except webhooks.Refusal as refusal:
            # asked too often and trouble of the server pass; other refusals last
            lasting = refusal.code < 500 and refusal.code not in (408, 425, 429)
            return self._refused(row, str(refusal.code), f"The server answered {refusal.code}.", lasting)
        except Invalid as refusal:
            return self._refused(row, "", refusal.message, True)
        except OSError as broken:
            return self._refused(row, "", str(broken)[: desk.ERROR_CHARACTERS_MAX], False)

    # ---- what is sent

    def _notice(self, row: Row) -> "_Worded":
        key = (row.notice, row.version)
        if key not in self.notices:
            version, shares = reads.version_of(self.tenant, *key), reads.shares(self.tenant, *key)
            case, makers = as_written(self.tenant, version, shares)
            self.notices[key] = _Worded(version, case, makers, {one.party: one for one in shares})
        return self.notices[key]

    def letter(self, row: Row) -> tuple[Letter, bytes]:
        """The notice of this row in its language, and its list."""
        worded = self._notice(row)
        packed = self.lists.get((row.notice, row.version, row.party))
        units_csv = reads.unpacked(packed) if packed else b""
        link = f"{self.link}/own-notices/{row.notice}/" if self.link else ""
        letter = letter_of(
            worded.version, worded.case, worded.held[row.party], worded.makers, language=row.language, name=self.names.get(row.party, ""), link=link,
            reference=reference_of(self.tenant, row.notice, row.party), attached=fits(units_csv),
        )  # fmt: skip
        return letter, units_csv


def pause(tries: int) -> int:
    """Seconds until the next try: 60, 120, 240 … at most an hour."""
    return min(PAUSE_SECONDS * 2 ** min(tries, 10), PAUSE_SECONDS_MAX)


def _actor(tenant: int) -> Actor:
    return Actor(tenant, SENT_BY)


def _event(row: Row, state: str, at: int, code: str = "", said: str = "") -> Event:
    return Event(row.notice, row.version, row.party, row.channel, state, at, code, said)


def _close(client) -> None:
    with suppress(OSError, smtplib.SMTPException):
        client.quit()
