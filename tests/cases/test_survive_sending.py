"""What sending survives: a server that is down for a day, one that hangs up, a sender killed in the middle; none is lost, none goes twice unsaid."""

import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from case_floor import TABLES, bom, role
from notice_floor import Mails, contacts, drafted, mail_server, open_case, shipment

from asbuilt.kernel.instants import parse_instant

HOUR = 3_600_000_000
NOON = parse_instant("2026-11-29T12:00:00Z")


def sender():
    from asbuilt.answers.cases.telling import sending

    return sending


def queue(actor, **more) -> str:
    from asbuilt.answers.cases.telling.actions.queuing import send_notice

    code = drafted(actor, open_case(actor))
    send_notice(actor, notice=code, version=1, **more)
    return code


def states(actor, code: str) -> dict[str, str]:
    from asbuilt.answers.cases.telling.seen import notice_seen

    return {one["party"]: one["state"] for one in notice_seen(actor, code)["recipients"]}


def said_of(actor, code: str, party: str) -> list[str]:
    from asbuilt.answers.cases.telling.seen import notice_seen

    (one,) = [one for one in notice_seen(actor, code)["recipients"] if one["party"] == party]
    return [event["state"] for event in one["events"] if event["channel"] == "mail"]


def many(load, count: int):
    """As many customers as that, each with one unit and an address."""
    parties = [{"party": f"P-{n}", "name": f"Customer {n}", "roles": "customer", "country": "DE"} for n in range(count)]
    order = {**TABLES["orders"][0], "quantity": str(count)}
    units = [{"order": "WO-1", "serial": f"U-{n}", "panel": "", "position": "", "state": "built"} for n in range(count)]
    load(
        {
            **TABLES, "parties": TABLES["parties"] + parties, "orders": [order], "units": units, "bom": [bom("OWN-1")],
            "product_roles": [role("", "OW", "own"), role("OWN-1", "OW")],
            "shipments": [shipment(f"S-{n}", f"P-{n}", f"U-{n}", f"U-{n}") for n in range(count)],
        }
    )  # fmt: skip


def test_a_server_that_is_down_for_a_day_loses_no_notice(told, tmp_path, monkeypatch):
    from asbuilt.answers.cases.telling.seen import notice_seen
    from asbuilt.ledger import clock

    monkeypatch.setenv("ASBUILT_MAIL_FROM", "notices@ostwerk.example")
    monkeypatch.setenv("ASBUILT_MAIL_SERVER", "127.0.0.1:1")  # nobody listens there
    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    clock.set_clock(lambda: NOON)
    code = queue(told)
    tries = 0
    for minute in range(0, 26 * 60, 5):
        clock.set_clock(lambda minute=minute: NOON + minute * HOUR // 60)
        tries += bool(sender().desk.due(told.tenant, "mail", clock.now(), 1))
        assert sender().send_due(told.tenant) == 0
    assert tries > 20  # the outbox of the house would have given up after twelve
    assert states(told, code) == {"HAL": "queued", "ALP": "queued"}
    shown = notice_seen(told, code)["recipients"][0]
    assert "refused" in shown["waits_because"] and shown["next_try_at"] > "2026-11-30T13:00"
    with mail_server(tmp_path / "up") as (port, taken):
        monkeypatch.setenv("ASBUILT_MAIL_SERVER", f"127.0.0.1:{port}")
        clock.set_clock(lambda: NOON + 27 * HOUR)
        assert sender().send_due(told.tenant) == 2
        assert sorted(taken.to()) == ["psirt@alpina.example", "psirt@halden.example"]
    assert states(told, code) == {"HAL": "accepted", "ALP": "accepted"}


def test_where_no_mail_server_is_set_the_command_and_the_german_page_say_what_is_missing(home, told, monkeypatch):
    from django.utils.translation import override

    from asbuilt.answers.cases.telling.seen import notice_seen

    for name in ("ASBUILT_MAIL_FROM", "ASBUILT_MAIL_SERVER"):
        monkeypatch.delenv(name, raising=False)
    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    code = queue(told)
    command = [Path(sys.executable).with_name("asbuilt"), "case", "notices", "deliver"]
    done = subprocess.run(command, env=home.env(), capture_output=True, text=True, check=True)
    assert "2 wait: ASBUILT_MAIL_SERVER (host:port) and ASBUILT_MAIL_FROM are needed." in done.stdout + done.stderr
    with override("de"):
        gaps = notice_seen(told, code)["gaps"]
    assert [gap for gap in gaps if "ASBUILT_MAIL_SERVER (Host:Port) und ASBUILT_MAIL_FROM fehlen" in gap] == gaps


def test_what_waited_of_an_older_version_goes_to_nobody_once_a_newer_one_is_sent(told, tmp_path, monkeypatch):
    """The server was away; meanwhile version 2 left Alpina out, whose unit was wrongly in the first answer."""
    from asbuilt.answers.cases.handling.actions.deciding import freeze
    from asbuilt.answers.cases.handling.queries import case_file
    from asbuilt.answers.cases.telling.actions import writing
    from asbuilt.answers.cases.telling.actions.queuing import send_notice
    from asbuilt.answers.cases.telling.seen import notice_seen
    from asbuilt.ledger import clock
    from asbuilt.ledger.verifying import verify

    monkeypatch.setenv("ASBUILT_MAIL_FROM", "notices@ostwerk.example")
    monkeypatch.setenv("ASBUILT_MAIL_SERVER", "127.0.0.1:1")  # nobody listens there
    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    clock.set_clock(lambda: NOON)
    code = queue(told)
    assert sender().send_due(told.tenant) == 0
    case = notice_seen(told, code)["case"]
    first = case_file(told, case).answers[-1].name
    freeze(told, case=case, question="product:OWN-1 -unit:WO-1-3", why="not that one", supersedes=first)
    writing.revise_notice(told, notice=code, why="corrected")
    writing.review_notice(told, notice=code, version=2)
    send_notice(told, notice=code, version=2)
    with mail_server(tmp_path / "up") as (port, taken):
        monkeypatch.setenv("ASBUILT_MAIL_SERVER", f"127.0.0.1:{port}")
        clock.set_clock(lambda: NOON + 3 * HOUR)
        assert sender().send_due(told.tenant) == 1
        assert taken.to() == ["psirt@halden.example"]  # once, the newer one
    assert states(told, code) == {"HAL": "accepted"}
    # the log says what became of the older one
    assert said_of(told, code, "HAL") == ["queued", "queued", "failed", "accepted"]
    assert verify(told.tenant).findings == []


def test_a_server_that_is_down_for_five_days_fails_with_its_reason(told, monkeypatch):
    from asbuilt.ledger import clock

    monkeypatch.setenv("ASBUILT_MAIL_FROM", "notices@ostwerk.example")
    monkeypatch.setenv("ASBUILT_MAIL_SERVER", "127.0.0.1:1")
    contacts(told, HAL="psirt@halden.example")
    clock.set_clock(lambda: NOON)
    code = queue(told)
    sender().send_due(told.tenant)
    clock.set_clock(lambda: NOON + 5 * 24 * HOUR + 1)
    sender().send_due(told.tenant)
    assert said_of(told, code, "HAL") == ["queued", "failed"] and states(told, code)["HAL"] == "failed"


@pytest.mark.parametrize("server", [(), ("plain",)], ids=["together", "one by one"])
def test_a_refusal_for_good_ends_it_and_one_for_now_is_asked_again(told, tmp_path, monkeypatch, server):
    monkeypatch.setenv("ASBUILT_MAIL_FROM", "notices@ostwerk.example")
    with mail_server(tmp_path / "mails", *server) as (port, taken):
        monkeypatch.setenv("ASBUILT_MAIL_SERVER", f"127.0.0.1:{port}")
        refused_and_asked_again(told, taken)


def refused_and_asked_again(told, mails):
    from asbuilt.answers.cases.telling.actions.queuing import send_again
    from asbuilt.answers.cases.telling.seen import notice_seen
    from asbuilt.ledger import clock

    clock.set_clock(lambda: NOON)
    contacts(told, HAL="refused@halden.example", ALP="later@alpina.example")
    code = queue(told)
    assert sender().send_due(told.tenant) == 0
    assert states(told, code) == {"HAL": "failed", "ALP": "queued"}
    failed = next(one for one in notice_seen(told, code)["recipients"] if one["party"] == "HAL")["events"][-1]
    assert (failed["code"], failed["said"]) == ("550", "The mail server answered 550.")
    contacts(told, HAL="psirt@halden.example", ALP="psirt@alpina.example")
    send_again(told, notice=code, customer="HAL", why="the mailbox was closed")
    clock.set_clock(lambda: NOON + HOUR)
    assert sender().send_due(told.tenant) == 2
    assert states(told, code) == {"HAL": "accepted", "ALP": "accepted"}
    first, second = mails.all()
    assert first["Message-ID"] != second["Message-ID"] and set(mails.to()) == {
        "psirt@halden.example",
        "psirt@alpina.example",
    }


def start(home, port: int) -> subprocess.Popen:
    """The sender as a command of its own, in a group of its own."""
    asbuilt = Path(sys.executable).with_name("asbuilt")
    env = {**home.env(), "ASBUILT_MAIL_SERVER": f"127.0.0.1:{port}", "ASBUILT_MAIL_FROM": "notices@ostwerk.example"}
    return subprocess.Popen([asbuilt, "case", "notices", "deliver"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip


def wait_for(taken: Mails, count: int) -> None:
    until = time.monotonic() + 60
    while len(taken.to()) < count:
        assert time.monotonic() < until, f"{len(taken.to())} of {count} mails came"
        time.sleep(0.002)


@pytest.mark.parametrize("killed_after", [1, 15])
def test_a_sender_killed_in_the_middle_loses_none_and_says_what_went_again(home, load, actor, tmp_path, killed_after):
    many(load, 24)
    contacts(actor, **{f"P-{n}": f"c{n}@customer.example" for n in range(24)})
    code = queue(actor)
    with mail_server(tmp_path / "mails") as (port, taken):
        first = start(home, port)
        wait_for(taken, killed_after)
        first.send_signal(signal.SIGKILL)
        first.wait()
        again = start(home, port)
        assert again.wait(60) == 0, again.stderr.read()
        ids = Counter(mail["Message-ID"] for mail in taken.all())
        to = Counter(taken.to())
    assert set(to) == {f"c{n}@customer.example" for n in range(24)} and len(ids) == 24
    twice = [address for address, times in to.items() if times > 1]
    assert len(twice) <= 1 and max(to.values()) <= 2 and max(ids.values()) <= 2
    unsure = [party for party in (f"P-{n}" for n in range(24)) if "unknown" in said_of(actor, code, party)]
    assert len(unsure) <= 1
    assert {address.partition("@")[0].replace("c", "P-") for address in twice} <= set(
        unsure
    )  # whatever went twice is said
    assert set(states(actor, code).values()) == {"accepted"}


def test_a_mail_whose_answer_never_came_goes_again_as_the_same_bytes(home, told, tmp_path):
    contacts(told, HAL="hang@halden.example", ALP="psirt@alpina.example")
    code = queue(told)
    with mail_server(tmp_path / "mails") as (port, taken):
        first = start(home, port)
        wait_for(taken, taken_until_hang(told))
        first.send_signal(signal.SIGKILL)
        first.wait()
        contacts(told, HAL="psirt@halden.example")
        again = start(home, port)
        assert again.wait(60) == 0, again.stderr.read()
        mine = [raw for raw in taken.raw() if b"@halden.example" in raw]
    assert len(mine) == 2
    first, second = (raw.replace(b"hang@halden", b"psirt@halden") for raw in mine)
    assert first == second and first.count(b"Message-ID: <") == 1
    assert said_of(told, code, "HAL") == ["queued", "unknown", "accepted"]
    assert said_of(told, code, "ALP") == ["queued", "accepted"]


def taken_until_hang(actor) -> int:
    """How many mails the server has when it hangs: those of parties with a lower number go first, and the one that hangs."""
    from asbuilt.designed.parties.queries import numbers_by_name

    known = numbers_by_name(actor.tenant)
    return 1 + (known["ALP"] < known["HAL"])


def test_a_line_that_is_a_dot_ends_no_mail(told, mails):
    from asbuilt.answers.cases.telling.actions import queuing, writing

    contacts(told, HAL="psirt@halden.example")
    code = writing.draft_notice(
        told, case=open_case(told), texts={"": {"contact": "c", "measures": ".\n..\nunplug it"}}
    )
    writing.review_notice(told, notice=code, version=1)
    queuing.send_notice(told, notice=code, version=1)
    assert sender().send_due(told.tenant) == 1
    assert "\n.\n..\nunplug it\n" in mails.all()[0].get_body().get_content().replace("\r\n", "\n")


def test_the_record_verifies_after_all_that(told, mails):
    from asbuilt.answers.cases.telling.rebuilding import rebuild
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    contacts(told, HAL="psirt@halden.example", ALP="refused@alpina.example")
    queue(told)
    sender().send_due(told.tenant)
    assert list(rebuild(told.tenant)) == []
    with write_tx(told.tenant):
        bulk.run("UPDATE cases_notice_delivery SET state = 'delivered' WHERE state = 'accepted'")
        bulk.run("UPDATE cases_notice_recipient SET units_csv = %s WHERE party = 1 OR party > 1", (b"x",))
    assert {found.code for found in rebuild(told.tenant)} == {"ledger.projection_row_changed"}
    assert len(list(rebuild(told.tenant))) == 3
