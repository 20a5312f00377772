"""The worker beside the web process: a thread that takes waiting runs, one tenant's at a time, and sends what lies in the outbox.

Each process has one; a lock of the tenant keeps two from taking the same run, and is free again when its process dies,
so the next one takes up what was left. Runs go by age within a tenant.
"""

import logging
import threading
import time

from django.db import connections

from asbuilt.built.exchange.each_day import EACH_DAY, EACH_MINUTE, EACH_TURN
from asbuilt.built.exchange.runs import RUNS, WAITS, work_run
from asbuilt.built.exchange.verify_runs import work_verification
from asbuilt.ledger import clock
from asbuilt.storage import house_webhooks, mail, outbox, printers, reading
from asbuilt.storage.transactions import try_lock

PAUSE_SECONDS = 1.0
_WORK = {"import": work_run, "verify": work_verification}
LOOKED_AT_SECONDS = 600
MINUTE_SECONDS = 60
_log = logging.getLogger(__name__)
_started = threading.Lock()


def work_runs() -> int:
    """Finish what waits now; returns how many runs this call finished. Another worker's are left to it."""
    finished = 0
    for tenant in sorted({tenant for tenant, _, _ in _waiting()}):
        with try_lock(f"exchange.worker.{tenant}") as ours:
            if not ours:
                continue
            for _, ulid, kind in [run for run in _waiting() if run[0] == tenant]:
                _WORK[kind](tenant, ulid)
                finished += 1
    return finished


def _waiting() -> list[tuple[int, str, str]]:
    sql = (
        "SELECT tenant, ulid, 'import' FROM exchange_import_run WHERE state IN (%s, %s) "
        "UNION ALL SELECT tenant, ulid, 'verify' FROM exchange_verify_run WHERE state IN (%s, %s) ORDER BY 1, 2"
    )
    return reading.fetch(sql, (WAITS, RUNS, WAITS, RUNS))


def start_worker() -> None:
    """Start this process' worker thread; the second call changes nothing."""
    outbox.CHANNELS[printers.CHANNEL] = printers.send
    outbox.CHANNELS[mail.CHANNEL] = mail.send
    outbox.CHANNELS[house_webhooks.CHANNEL] = house_webhooks.send
    if _started.acquire(blocking=False):
        threading.Thread(target=_work_on, name="asbuilt-worker", daemon=True).start()


def _work_on() -> None:
    pause = threading.Event()
    looked = minute = 0.0
    while True:
        try:
            work_runs()
            if time.monotonic() - minute > MINUTE_SECONDS:
                minute = time.monotonic()
                for each in EACH_MINUTE.values():
                    each(clock.now())
            if time.monotonic() - looked > LOOKED_AT_SECONDS:
                looked = time.monotonic()
                for each in EACH_DAY.values():
                    each(clock.now())
            outbox.send_all_due()
            for each in EACH_TURN.values():
                each(clock.now())
        except Exception:
            _log.exception("the worker goes on after an error")
            connections.close_all()
        pause.wait(PAUSE_SECONDS)
