"""Mails to whom it concerns: people of a role and of a party by their own address, a party's contact, a list of the house; and the portal, which
tells once a day how much waits and not a word of what. A real mail server; down, killed, back."""

import os
import signal
import subprocess
import sys
import time
from email import message_from_bytes, policy

import change_floor
import pytest
from journeys.commands import here_json
from notice_floor import mail_server

from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused

DAY = 86_400 * 1_000_000


@pytest.fixture
def mailing(monkeypatch):
    """mailing(port) points the house at a mail server; the portal has an address."""

    def point(port: int) -> None:
        monkeypatch.setenv("ASBUILT_PORTAL", "https://record.ostwerk.example/")
        monkeypatch.setenv("ASBUILT_MAIL_FROM", "record@ostwerk.example")
        monkeypatch.setenv("ASBUILT_MAIL_SERVER", f"127.0.0.1:{port}")

    return point


@pytest.fixture
def cast(house, people):
    """Eva proposes; Ben, Lea and Kim may decide for quality; Hal and Nora are of Halden, Alp of Alpina."""
    said = {name: people(name, "quality_lead") for name in ("ben", "lea", "kim")} | {"eva": people("eva", "engineer")}
    return said | {name: people(name, "party_reader", party=party) for name, party in (("hal", "HAL"), ("nora", "HAL"), ("alp", "ALP"))}  # fmt: skip


def address(people, person, said: str, **more) -> int:
    from asbuilt.access.actions import set_mail

    return set_mail(people.administrator, person=person.person, address=said, **more)


def propose(eva) -> str:
    """An ECO of the board, assessed; it waits for the quality lead and for Halden."""
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, propose_eco

    code = propose_eco(eva, title="Secret module", why="PCN of the old one", products=["board"])
    add_change(eva, eco=code, kind="bom", product="board", subject=["A"], old="1", new="2")
    change_floor.assess(eva, code)
    return code


def told(actor, code: str) -> dict:
    """role or party -> [(to, whom, state)] as the ECO shows it."""
    from asbuilt.designed.changes.controlling.seen import eco_told

    return {
        one["role"] or one["party"]: [(each["to"], each["whom"], each["state"]) for each in one["told"]]
        for one in eco_told(actor, code)["approvals"]
    }


def test_an_eco_is_told_to_the_people_whom_it_concerns(cast, house, people, mailing, monkeypatch, tmp_path):
    from asbuilt.access.actions import close_login
    from asbuilt.answers.cases.telling.actions.contacts import set_contact
    from asbuilt.answers.portal.asking import ask_approval
    from asbuilt.storage import outbox

    code = propose(cast["eva"])
    # nobody has an address, and the house no list: that is said
    ask_approval(cast["eva"], eco=code, request_key="none")
    assert told(house, code) == {
        "quality_lead": [("list", "eco-quality_lead", "no_address")],
        "Halden": [("list", "eco-HAL", "no_address")],
    }
    # lists where nobody has an address; the contact of the party before its list
    monkeypatch.setenv("ASBUILT_MAIL_LISTS", "eco-quality_lead=quality@ostwerk.example,eco-HAL=list@halden.example")
    set_contact(house, party="HAL", channel="mail", address="psirt@halden.example", language="de")
    with mail_server(tmp_path / "mails") as (port, taken):
        mailing(port)
        ask_approval(cast["eva"], eco=code, request_key="lists")
        assert outbox.send_due(house.tenant) == 2 and sorted(taken.to()) == [
            "psirt@halden.example",
            "quality@ostwerk.example",
        ]
        # people before both; who wrote it does not decide it, whose login is closed gets nothing more
        for name in ("ben", "lea", "kim", "hal"):
            address(people, cast[name], f"{name}@mail.example")
        address(people, cast["nora"], "nora@mail.example")
        address(people, cast["nora"], "")
        close_login(people.administrator, person=cast["kim"].person)
        entry = ask_approval(cast["eva"], eco=code, request_key="people")
        assert ask_approval(cast["eva"], eco=code, request_key="people") == entry
        assert told(house, code)["quality_lead"] == [("person", "badge-ben", "waits"), ("person", "badge-lea", "waits")]
        close_login(people.administrator, person=cast["lea"].person)
        assert outbox.send_due(house.tenant) == 2
        assert sorted(taken.to()[2:]) == ["ben@mail.example", "hal@mail.example"]
        letters = {one["To"]: one.get_content() for one in taken.all()}
    seen = told(house, code)
    assert seen == {
        "quality_lead": [("person", "badge-ben", "sent"), ("person", "badge-lea", "waits")],
        "Halden": [("person", "badge-hal", "sent")],
    }
    assert "https://record.ostwerk.example/eco/ECO-1/" in letters["ben@mail.example"]
    assert "Entscheidung" in letters["hal@mail.example"] and not any("module" in one for one in letters.values())
    assert told(cast["hal"], code) == {"quality_lead": [], "Halden": []}  # no names of the house
    assert here_json("change", "show", code)["approvals"][0]["told"][0]["state"] == "sent"
    assert here_json("ledger", "verify")["findings"] == []


def test_where_a_person_is_told(cast, house, people, stranger):
    from asbuilt.access.actions import erase_person, set_mail
    from asbuilt.access.queries import mail_of, who_sign_in
    from asbuilt.storage import reading

    ben = cast["ben"].person
    entry = address(people, cast["ben"], "ben@mail.example", request_key="once")
    assert address(people, cast["ben"], "ben@mail.example", request_key="once") == entry
    with pytest.raises(Exception, match="used before"):
        address(people, cast["ben"], "other@mail.example", request_key="once")
    for said in ("ben", "ben@mail", "a b@mail.example", "ben@mail.example,x@mail.example", "a" * 250 + "@mail.example"):
        with pytest.raises(Invalid) as refused:
            address(people, cast["ben"], said)
        assert refused.value.code == "access.mail_wrong" and "ben" not in refused.value.message
    with pytest.raises(NotAllowed):
        set_mail(cast["ben"], person=ben, address="x@mail.example")
    with pytest.raises(NotFound):
        set_mail(people.administrator, person=10_000, address="x@mail.example")
    with pytest.raises(NotFound):
        set_mail(stranger, person=ben, address="x@mail.example")
    assert mail_of(house.tenant, ben) == "ben@mail.example" and "ben@mail.example" not in repr(
        who_sign_in(house.tenant)
    )
    assert (
        next(one for one in here_json("person", "list")["people"] if one["number"] == ben)["mail"] == "ben@mail.example"
    )
    erase_person(people.administrator, person=ben)
    kept = reading.fetch(
        "SELECT value FROM ledger_hidden WHERE tenant = %s AND path = %s", (house.tenant, f"person/{ben}/mail")
    )
    assert kept == [(None,)] and mail_of(house.tenant, ben) == ""
    with pytest.raises(Refused) as refused:
        address(people, cast["ben"], "ben@mail.example")
    assert refused.value.code == "access.person_erased"
    assert here_json("ledger", "verify")["findings"] == []


def state_of(actor, party: str = "HAL") -> tuple[str, int, int]:
    from asbuilt.answers.portal.telling import looks

    one = next(each for each in looks(actor) if each["party"] == party)
    return one["state"], one["waits"], one["new"]


def test_the_portal_tells_once_a_day_how_much_waits(cast, house, people, mailing, monkeypatch, tmp_path):
    from asbuilt.answers.cases.telling.actions.contacts import set_contact
    from asbuilt.answers.portal.telling import tell
    from asbuilt.answers.portal.waiting import waiting
    from asbuilt.designed.changes.controlling.actions.deciding import decide
    from asbuilt.designed.changes.controlling.actions.proposing import answer_question
    from asbuilt.ledger import clock
    from asbuilt.storage import outbox

    begun = clock.now()

    def go(at: int) -> tuple[int, int]:
        clock.set_clock(lambda: begun + at)
        return tell(house.tenant, clock.now()), outbox.send_due(house.tenant)

    assert state_of(house) == ("nothing_waits", 0, 0) and go(1) == (0, 0)
    first = propose(cast["eva"])
    assert state_of(house) == ("no_portal", 1, 1) and go(2) == (0, 0)
    with mail_server(tmp_path / "mails") as (port, taken):
        mailing(port)
        assert state_of(house) == ("no_address", 1, 1) and go(3) == (0, 0)
        set_contact(house, party="HAL", channel="mail", address="psirt@halden.example", language="pl")
        assert go(4) == (1, 1) and state_of(house) == ("told", 1, 0) and state_of(house, "ALP")[0] == "nothing_waits"
        assert go(5) == (0, 0)
        # one more within the day waits for the next; then each person who has an address hears how many there are
        propose(cast["eva"])
        assert go(DAY // 2) == (0, 0) and state_of(house) == ("told_today", 2, 1)
        address(people, cast["hal"], "hal@mail.example")
        address(people, cast["nora"], "nora@mail.example")
        assert go(DAY + 5) == (1, 2) and taken.to() == ["psirt@halden.example", "hal@mail.example", "nora@mail.example"]
        # agreed to, then changed: it waits anew
        decide(cast["hal"], eco=first, decision="approved")
        assert go(2 * DAY + 6) == (0, 0) and state_of(house) == ("told", 1, 0)
        answer_question(cast["eva"], eco=first, question="same_uid", answer="yes", why="measured")
        assert go(2 * DAY + 7) == (1, 2)
        letters = taken.all()
    assert [one["Subject"] for one in letters[1:3]] == ["2 rzeczy czekają na Ciebie."] * 2
    for one in letters:
        assert "https://record.ostwerk.example/portal/" in one.get_content()
        assert not any(word in one.as_string() for word in ("ECO", "board", "odule", "Halden", "Ostwerk GmbH"))
    assert len(waiting(cast["hal"])) == 2
    assert here_json("ledger", "verify")["findings"] == []


def test_a_server_that_is_down_and_a_sender_that_is_killed(cast, house, home, people, mailing, tmp_path):
    """Nothing is lost, nothing is told twice: what went and was not answered goes again as the same message."""
    from asbuilt.storage import outbox, reading

    address(people, cast["hal"], "hang@mail.example")
    propose(cast["eva"])
    mailing(1)  # nobody listens there
    said = here_json("portal", "--tell")
    assert (said["told"], said["sent"]) == (1, 0) and here_json("portal", "--tell")["told"] == 0
    (waits,) = outbox.outgoing(
        house.tenant, [number for (number,) in reading.fetch("SELECT number FROM storage_outgoing", ())]
    )
    assert (waits.state, waits.tries, waits.channel) == (
        "waits",
        1,
        "person",
    ) and waits.target == f"{house.tenant}/{cast['hal'].person}"
    with mail_server(tmp_path / "mails") as (port, taken):
        mailing(port)
        env = {
            **home.env(),
            **{name: os.environ[name] for name in ("ASBUILT_PORTAL", "ASBUILT_MAIL_FROM", "ASBUILT_MAIL_SERVER")},
        }
        until = time.monotonic() + 60
        while not taken.to():  # five seconds after the first try it is due again
            command = [sys.executable, "-m", "asbuilt.doors.cli.main", "portal", "--tell"]
            sender = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            while sender.poll() is None and not taken.to():
                time.sleep(0.05)
            assert time.monotonic() < until
        sender.send_signal(signal.SIGKILL)  # the server has it, and did not answer yet
        sender.communicate()
        address(people, cast["hal"], "hal@mail.example")
        assert here_json("portal", "--tell") == {
            "told": 0,
            "sent": 1,
            "parties": here_json("portal")["parties"],
        }
        first, second = (message_from_bytes(one, policy=policy.default) for one in taken.raw())
        assert first["Message-ID"] == second["Message-ID"] and first.get_content() == second.get_content()
        assert here_json("portal", "--tell")["sent"] == 0 and len(taken.to()) == 2
    assert here_json("ledger", "verify")["findings"] == []
