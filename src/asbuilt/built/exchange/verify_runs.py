"""Verification runs: the whole record checked by a worker, the newest result kept for every page to show."""

import json
import logging
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from asbuilt.access.actor import Actor
from asbuilt.access.rights import LOG_VERIFY
from asbuilt.built.exchange.models import VerifyRun
from asbuilt.built.exchange.runs import DONE, PROGRESS_SECONDS, RUNS, WAITS
from asbuilt.kernel.identifiers import new_ulid
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.verifying import Report, verify
from asbuilt.storage import databases, reading
from asbuilt.storage.transactions import write_tx

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checked:
    """The newest verification: state, times, log size, faults and the report (empty while it runs)."""

    state: str
    begun_at: int
    finished_at: int | None
    person: int | None
    size: int | None
    faults: int | None
    report: dict
    percent: int = 0

    @property
    def open(self) -> bool:
        """Whether it is not finished yet."""
        return self.state in (WAITS, RUNS)


def begin_verification(actor: Actor) -> str:
    """Queue a verification; returns its ULID. One that is open already is the answer."""
    actor.require(LOG_VERIFY)
    with write_tx(actor.tenant):
        known = VerifyRun.objects.of(actor.tenant).filter(state__in=(WAITS, RUNS)).first()
        if known:
            return known.ulid
        ulid = new_ulid(clock.now(), os.urandom(10))
        said = {"state": WAITS, "begun_at": clock.now(), "person": actor.person, "report": ""}
        VerifyRun.objects.create(tenant=actor.tenant, ulid=ulid, **said)
    return ulid


def newest(tenant: int, *, finished: bool = False) -> Checked | None:
    """The newest verification, or the newest finished one; None where there was none. One statement."""
    rows = VerifyRun.objects.of(tenant).order_by("-ulid")
    row = (rows.filter(state=DONE) if finished else rows).first()
    if row is None:
        return None
    report = json.loads(row.report) if row.report else {}
    percent = 0
    if row.state in (WAITS, RUNS):
        with suppress(OSError, ValueError):
            percent = int(_beside(row.ulid).read_text())
    return Checked(row.state, row.begun_at, row.finished_at, row.person, row.size, row.faults, report, percent)


def last_result(tenant: int) -> tuple[int, int] | None:
    """(when the newest verification ended, how many faults it found), for the foot of every page. One statement."""
    sql = "SELECT finished_at, faults FROM exchange_verify_run WHERE tenant = %s AND state = %s ORDER BY ulid DESC LIMIT 1"
    return reading.fetch_one(sql, (tenant, DONE))


def work_verification(tenant: int, ulid: str) -> None:
    """Verify the tenant's record; whoever calls holds the tenant's worker lock."""
    rows = VerifyRun.objects.of(tenant).filter(ulid=ulid)
    with write_tx(tenant):
        rows.update(state=RUNS)
    sequencing.after_commit(tenant)
    size = sequencing.head(tenant)[1]
    try:
        report = verify(tenant, progress=_progress(ulid))
    except Exception:
        # what stops the check itself is a finding too; the run must end, or it would be begun again for ever
        _log.exception("verification %s", ulid)
        report = Report()
        report.add(
            "ledger.check_stopped", "The verification itself broke. Run `asbuilt ledger verify` and tell support."
        )
    said = {"state": DONE, "finished_at": clock.now(), "size": size, "faults": report.total}
    with write_tx(tenant):
        rows.update(**said, report=json.dumps(report.as_json(), ensure_ascii=False))
    _beside(ulid).unlink(missing_ok=True)


def _beside(ulid: str) -> Path:
    # how far it is stands beside the database: its one writer may be busy, and it is no part of the record
    return databases.home() / "incoming" / f"{ulid}.percent"


def _progress(ulid: str):
    last = 0.0

    def note(percent: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_SECONDS:
            last = time.monotonic()
            _beside(ulid).parent.mkdir(mode=0o700, exist_ok=True)
            _beside(ulid).write_text(str(percent))

    return note
