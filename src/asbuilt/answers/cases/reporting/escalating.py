"""Clocks that call out: at set parts of its time a clock tells a mail list and a webhook of the house, each part once for a deadline.

    escalate(tenant, now)       -> how many clocks called; by the worker each minute, or `asbuilt case escalate`

`ASBUILT_ESCALATION_LIST` names a list of ASBUILT_MAIL_LISTS, `ASBUILT_ESCALATION_WEBHOOK` one of ASBUILT_WEBHOOKS; without both nobody is told. The
parts stand in `data/escalation.json`; `ASBUILT_ESCALATION_PERCENT` says others. Mails are in `ASBUILT_ESCALATION_LANGUAGE`, English without it. What was told is a line of the case, written in the transaction that
leaves the message in the outbox: a restart tells nothing twice. Where several parts passed at once only the last is told; a deadline that moves is
another deadline, and calls again. A report that was submitted, and not returned, and a duty that is not to be followed or was ended call nobody; a case that was closed while
they were neither calls on.
"""

import json
import logging
import os
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext as _

from asbuilt.access.actor import local_system
from asbuilt.answers.cases import events
from asbuilt.answers.cases.handling import statements as kinds
from asbuilt.answers.cases.handling.case_file import CaseFile, Run
from asbuilt.answers.cases.handling.clocks import Clock, local_time
from asbuilt.answers.cases.handling.computing import plain
from asbuilt.answers.cases.handling.queries import standing_cases
from asbuilt.answers.cases.handling.statements import New, write
from asbuilt.answers.cases.handling.words import local_words, report_word
from asbuilt.designed.parties.queries import names
from asbuilt.kernel.errors import AsbuiltError, Invalid
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import recording
from asbuilt.storage import house_webhooks, mail, outbox, reading
from asbuilt.storage.transactions import write_tx

_FILE = Path(__file__).with_name("data") / "escalation.json"
_log = logging.getLogger(__name__)
ESCALATED = "escalated"
MAIL_LANGUAGES = ("en", "de")
MESSAGE_FORMAT = "asbuilt.escalation/1"
CLOCKS_AT_ONCE_MAX = 500


def fractions() -> tuple[int, ...]:
    """Percent of a clock's time at which somebody is told, ascending; Invalid where the setting is malformed."""
    said = os.environ.get("ASBUILT_ESCALATION_PERCENT", "").strip()
    if not said:
        return _set()
    parts = [part.strip() for part in said.split(",")]
    if not all(part.isascii() and part.isdigit() and 0 < int(part) <= 200 for part in parts) or len(parts) > 20:
        told = f"ASBUILT_ESCALATION_PERCENT holds {said[:60]}."
        raise Invalid(
            "cases.escalation_percent", told, {}, "Write whole numbers from 1 to 200 with commas, at most 20."
        )
    return tuple(sorted({int(part) for part in parts}))


def language() -> str:
    """The language of its mails; Invalid where the setting names none of those that the office reads."""
    said = os.environ.get("ASBUILT_ESCALATION_LANGUAGE", "").strip() or MAIL_LANGUAGES[0]
    if said not in MAIL_LANGUAGES:
        told = f"ASBUILT_ESCALATION_LANGUAGE holds {said[:60]}."
        raise Invalid("cases.escalation_language", told, {}, f"Say {' or '.join(MAIL_LANGUAGES)}.")
    return said


@cache
def _set() -> tuple[int, ...]:
    return tuple(sorted(json.loads(_FILE.read_text(encoding="utf-8"))["fractions_percent"]))


def whom() -> dict[str, str]:
    """Channel -> name of the list or webhook that is told; empty: nobody. NotFound where a setting names what is not there."""
    named = {
        mail.CHANNEL: (os.environ.get("ASBUILT_ESCALATION_LIST", "").strip(), mail.list_known),
        house_webhooks.CHANNEL: (
            os.environ.get("ASBUILT_ESCALATION_WEBHOOK", "").strip(),
            house_webhooks.webhook_known,
        ),
    }
    return {channel: known(name) for channel, (name, known) in named.items() if name}


def escalate(tenant: int, now: int) -> int:
    """Tell what has to be told at this instant (UTC µs); returns how many clocks called."""
    told = whom()
    if not told:
        return 0
    parts, _language = fractions(), language()  # what is set wrongly is said before anything is due
    # looked at without the writer's lock first: most minutes nothing is to be told
    if not any(_due(case, parts, now) for case in _cases(tenant)):
        return 0
    with write_tx(tenant):
        calls = [call for case in _cases(tenant) for call in _due(case, parts, now)][:CLOCKS_AT_ONCE_MAX]
        if not calls:  # another worker told them meanwhile
            return 0
        parties = names(tenant)
        with recording(local_system(tenant), events.ESCALATED) as entry:
            lines = []
            for case, run, clock, part in calls:
                body = _body(case, run, clock, part, parties, now)
                if mail.CHANNEL in told:
                    outbox.leave(tenant, mail.CHANNEL, told[mail.CHANNEL], _post(case, run, clock, body))
                if house_webhooks.CHANNEL in told:
                    message = json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
                    outbox.leave(tenant, house_webhooks.CHANNEL, told[house_webhooks.CHANNEL], message)
                said = {"percent": str(part), "due_at": body["due_at"], **told}
                lines.append(
                    New(case.code, ESCALATED, party=run.party, duty=run.duty.duty, name=clock.stage, said=said)
                )
            write(entry, lines, None)
    sequencing.after_commit(tenant)
    return len(calls)


def _cases(tenant: int) -> list[CaseFile]:
    """Every case: closing one stops no clock of the law. Two statements."""
    sql = "SELECT DISTINCT about FROM cases_statement WHERE tenant = %s AND kind = %s"
    codes = [code for (code,) in reading.fetch(sql, (tenant, kinds.OPENED))]
    return standing_cases(tenant, codes)


def _due(case: CaseFile, parts: tuple[int, ...], now: int) -> list[tuple[CaseFile, Run, Clock, int]]:
    """The clocks of a case that have to call now, each with the part that it calls at."""
    told: dict[tuple, int] = {}
    # what came back, or was never submitted, calls anew
    returned = {
        (*run.key, stage): line.entry for run in case.runs for stage, line in {**run.taken_back, **run.returned}.items()
    }
    for line in case.lines:
        # what was told before a report came back does not tell that it is owed again
        if line.kind == ESCALATED and line.entry > returned.get((line.party, line.duty, line.name), 0):
            key = (line.party, line.duty, line.name, line.said["due_at"])
            told[key] = max(told.get(key, 0), int(line.said["percent"]))
    found = []
    for run in case.runs:
        if run.over:
            continue
        for clock in run.clocks:
            if clock.due_at is None or clock.started_at is None or not run.waits(clock.stage):
                continue
            length = clock.due_at - clock.started_at
            passed = [part for part in parts if clock.started_at + length * part // 100 <= now]
            key = (*run.key, clock.stage, plain(clock.due_at))
            if passed and passed[-1] > told.get(key, 0):
                found.append((case, run, clock, passed[-1]))
    return found


def _body(case: CaseFile, run: Run, clock: Clock, part: int, parties: dict[int, str], now: int) -> dict:
    """What a webhook is told; `id` is the same for the same call."""
    said = {
        "format": MESSAGE_FORMAT, "case": case.code, "title": case.title, "duty": run.duty.duty, "duty_name": run.duty.name,
        "manufacturer": parties.get(run.party, "") if run.party is not None else "", "stage": clock.stage, "percent": part,
        "due_at": plain(clock.due_at), "due_local": local_time(clock.due_at, run.zone), "late": clock.due_at <= now, "source": clock.source,
    }  # fmt: skip
    named = json.dumps([case.code, run.party, run.duty.duty, clock.stage, said["due_at"], part])
    return {"id": sha256(named.encode()).hexdigest()[:32], **said}


def _post(case: CaseFile, run: Run, clock: Clock, body: dict) -> bytes:
    """The mail, in the language that the house reads, with the time where the duty is counted."""
    with translation.override(language()):
        report, duty = report_word(clock.stage), _(run.duty.name)  # duties by the names of the rule sets
        gone = _("%(percent)s %% of the time is gone") % {"percent": body["percent"]}
        due = {"at": local_words(clock.due_at, run.zone), "source": clock.source}
        lines = [
            f"{case.code} {case.title}",
            _("Report: %(report)s (%(of)s)") % {"report": report, "of": ", ".join(part for part in (duty, body["manufacturer"]) if part)},
            _("Due: %(at)s, %(source)s") % due,
            _("It is late. Submit it now; then say why it was late.") if body["late"] else f"{gone}.",
            _("Call %(id)s") % {"id": body["id"]},
        ]  # fmt: skip
        return mail.letter(f"{case.code}: {report}, {_('LATE') if body['late'] else gone}", "\n".join(lines) + "\n")


def escalate_everybody(now: int) -> int:
    """The same for every tenant with a case; one that cannot holds up no other."""
    count = 0
    for (tenant,) in reading.fetch("SELECT DISTINCT tenant FROM cases_statement WHERE kind = %s", (kinds.OPENED,)):
        try:
            count += escalate(tenant, now)
        except AsbuiltError as refusal:
            _log.warning("escalation: %s", refusal.message)
    return count
