"""A verification beside somebody who records names nothing: what was signed after its snapshot is no lost tail.

The story: `ledger verify` said *Tampered*, the log is shorter than the newest head, while a listener wrote. It had read the file with the newest
head inside an older snapshot; an alarm of a log tampered with opens cases, so a false one is as bad as none.
"""

import threading

from django.db import connections

RUNS = 40


def test_a_head_signed_meanwhile_is_no_lost_tail(actor, home):
    from asbuilt.ledger import sequencing
    from asbuilt.ledger.recording import recording
    from asbuilt.ledger.verifying import verify

    done, failed, written = threading.Event(), [], [0]

    def write():
        try:
            while not done.is_set():
                with recording(actor, "test.recorded"):
                    pass
                sequencing.sequence(actor.tenant)
                written[0] += 1
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        found = [
            finding.code
            for _ in range(RUNS)
            for finding in verify(actor.tenant, blobs=False, projections=False).findings
        ]
    finally:
        done.set()
        writer.join()
    assert found == [] and failed == [] and written[0] > 5
