"""Delivery reports: what RFC 3464 says of a mail that came back, matched by Message-ID or envelope id; everything else is left alone.

The reports follow the examples of RFC 3464, appendix E, with the names of the mail that is meant.
"""

import mailbox

import pytest
from notice_floor import contacts, drafted, open_case

REPORT = """\
From: Mail Delivery Subsystem <MAILER-DAEMON@CS.UTK.EDU>
Subject: Returned mail: Cannot send message for 5 days
To: <notices@ostwerk.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="RAA14128.773615765/CS.UTK.EDU"

--RAA14128.773615765/CS.UTK.EDU

The original message was received at Sat, 2 Jul 1994 17:10:28 -0400

--RAA14128.773615765/CS.UTK.EDU
content-type: message/delivery-status

Reporting-MTA: dns; cs.utk.edu
{envelope}
Original-Recipient: rfc822;psirt@halden.example
Final-Recipient: rfc822;psirt@halden.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 426 connection to <psirt@halden.example> timed out
Last-Attempt-Date: Thu, 7 Jul 1994 17:15:49 -0400

--RAA14128.773615765/CS.UTK.EDU
content-type: {kind}

Date: Sat, 2 Jul 1994 17:10:28 -0400
Message-ID: {message_id}
To: psirt@halden.example
{returned}

--RAA14128.773615765/CS.UTK.EDU--
"""


def report(message_id: str = "", *, envelope: str = "", action="failed", status="4.0.0", kind="message/rfc822", returned="\nHello") -> bytes:  # fmt: skip
    said = {
        "action": action,
        "status": status,
        "kind": kind,
        "returned": returned,
        "message_id": message_id or "<none@cs.utk.edu>",
    }
    return REPORT.format(**said, envelope=f"Original-Envelope-Id: {envelope}\n" if envelope else "").encode()


@pytest.fixture
def sent(told, mails):
    """A notice at two customers; gives its code and the Message-ID of the mail to Halden."""
    from asbuilt.answers.cases.telling.actions.queuing import send_notice
    from asbuilt.answers.cases.telling.sending import send_due

    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    code = drafted(told, open_case(told))
    send_notice(told, notice=code, version=1)
    assert send_due(told.tenant) == 2
    return code, next(mail["Message-ID"] for mail in mails.all() if "halden" in mail["To"])


def take(actor, *messages: bytes) -> tuple[int, int, int]:
    from asbuilt.answers.cases.telling.actions.bouncing import take_reports

    taken = take_reports(actor, messages)
    return taken.reports, taken.new, taken.others


def states(actor, code: str) -> dict[str, str]:
    from asbuilt.answers.cases.telling.seen import notice_seen

    return {one["party"]: one["state"] for one in notice_seen(actor, code)["recipients"]}


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_bounce_is_matched_by_the_message_that_came_back(told, sent, seen, kind):
    from asbuilt.answers.cases.telling.seen import notice_seen

    code, message_id = sent
    assert take(told, report(message_id, kind=kind)) == (1, 1, 0)
    assert states(told, code) == {"HAL": "bounced", "ALP": "accepted"}
    event = next(one for one in notice_seen(told, code)["recipients"] if one["party"] == "HAL")["events"][-1]
    assert event["code"] == "4.0.0" and "426 connection to … timed out" in event["said"]  # the address is struck out
    assert "N-1 has not reached Halden: tell them by other means, and say so." in seen("C-1")["gaps"]
    assert any(one["kind"] == "notice_bounced" for one in seen("C-1")["timeline"])


def test_by_the_envelope_where_nothing_came_back(told, sent):
    code, message_id = sent
    assert take(told, report(envelope=message_id.strip("<>").split("@")[0], action="delivered", status="2.0.0")) == (
        1,
        1,
        0,
    )
    assert states(told, code)["HAL"] == "delivered"


def test_taking_it_twice_changes_nothing(told, sent):
    from asbuilt.storage import reading

    one = report(sent[1])
    assert take(told, one, one) == (2, 1, 0)
    before = reading.fetch_one("SELECT count(*) FROM ledger_entry")
    assert take(told, one) == (1, 0, 0)
    assert reading.fetch_one("SELECT count(*) FROM ledger_entry") == before


def test_a_delay_says_nothing_yet(told, sent):
    code, message_id = sent
    assert take(told, report(message_id, action="delayed", status="4.4.1")) == (1, 0, 0)
    assert states(told, code)["HAL"] == "accepted"


@pytest.mark.parametrize(
    "message",
    [
        b"", b"\x00" * 100, b"Subject: hello\r\n\r\nI am away", report("<1234@mail.test>"), report("<" + "0" * 32 + "@ostwerk.example>"),
        report(action="exploded"), report(status="9.9.9"), report(status=""), b"Content-Type: multipart/report\r\n\r\nno parts",
        b"Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n\r\n--x--",
        b"Content-Type: multipart/mixed; boundary=x\r\n" + b"\r\n--x\r\nContent-Type: multipart/mixed; boundary=x\r\n" * 500,
        report("<" + "a" * 100_000 + ">"), b"A" * (2 * 1024**2 + 1),
    ],
)  # fmt: skip
def test_other_messages_are_left_alone(told, sent, message):
    assert take(told, message) == (0, 0, 1)
    assert states(told, sent[0]) == {"HAL": "accepted", "ALP": "accepted"}


def test_a_folder_and_a_mailbox_by_command(home, told, sent, tmp_path):
    import json
    import subprocess
    import sys
    from pathlib import Path

    box = mailbox.mbox(tmp_path / "inbox")
    for one in (report(sent[1]), b"Subject: hello\n\nFrom here to there\n"):
        box.add(one)
    box.flush()
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "1.eml").write_bytes(report(sent[1]))
    asbuilt = Path(sys.executable).with_name("asbuilt")
    told_of = []
    for place in (tmp_path / "inbox", folder):
        command = [asbuilt, "case", "notices", "reports", place, "--format", "json"]
        told_of.append(json.loads(subprocess.run(command, env=home.env(), capture_output=True, check=True).stdout))
    assert told_of == [{"reports": 1, "new": 1, "others": 1}, {"reports": 1, "new": 0, "others": 0}]


def test_a_report_of_another_tenant_is_nobodys_here(told, sent):
    from dataclasses import replace

    from asbuilt.access.opening import open_tenant
    from asbuilt.kernel.errors import NotAllowed

    elsewhere = open_tenant("elsewhere", "Elsewhere").number
    assert take(replace(told, tenant=elsewhere), report(sent[1])) == (0, 0, 1)
    with pytest.raises(NotAllowed):
        take(replace(told, rights=frozenset({"case.read"})), report(sent[1]))


def test_a_bounce_that_reached_the_log_before_the_acceptance_it_followed_still_counts():
    """The sender logs what servers took in groups; a quick bounce is read in between: the customer was not told."""
    from asbuilt.answers.cases.telling.deliveries import ACCEPTED, BOUNCED, QUEUED, Event, reached, standing_state

    events = [
        Event("N-1", 1, 7, "mail", QUEUED, 100, entry=1),
        Event("N-1", 1, 7, "mail", BOUNCED, 300, entry=2),
        Event("N-1", 1, 7, "mail", ACCEPTED, 200, entry=3),
    ]
    assert standing_state(events) == BOUNCED and not reached(events)
    again = [
        *events,
        Event("N-1", 1, 7, "mail", QUEUED, 400, entry=4),
        Event("N-1", 1, 7, "mail", ACCEPTED, 500, entry=5),
    ]
    assert standing_state(again) == ACCEPTED
