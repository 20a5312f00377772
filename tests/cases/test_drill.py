"""A drill runs on a copy of the record, says on every page that it is one, sends nothing, and tells how long each answer took."""

import json
import os
import socket
import subprocess
import sys

import pytest

from asbuilt.kernel.errors import Invalid, NotFound

MAIL = {"ASBUILT_MAIL_FROM": "a@example.com", "ASBUILT_MAIL_LISTS": "psirt=psirt@example.com"}
IN_THE_COPY = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "asbuilt.site.settings"
import django
django.setup()
from asbuilt.access.actor import local_system
from asbuilt.answers.cases.drilling.report import drill_report
from asbuilt.answers.cases.handling.actions.deciding import freeze
from asbuilt.answers.cases.handling.actions.opening import open_case
from asbuilt.ledger.verifying import verify
from asbuilt.storage import mail, outbox
from asbuilt.storage.transactions import write_tx
actor = local_system(1)
code = open_case(actor, kind="quality", title="Profile")
freeze(actor, case=code, question="order:WO-1", why="first look")
with write_tx(1):
    mine = outbox.leave(1, mail.CHANNEL, "psirt", mail.letter("s", "t"))
outbox.send_all_due()
print([(one.state, one.error) for one in outbox.outgoing(1, [1, mine])])
print(drill_report(actor))
"""


@pytest.fixture
def server(monkeypatch):
    """A listening socket in the place of a mail server: whoever connects is seen."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        monkeypatch.setenv("ASBUILT_MAIL_SERVER", f"127.0.0.1:{listening.getsockname()[1]}")
        for name, value in MAIL.items():
            monkeypatch.setenv(name, value)
        yield listening


def test_a_drill_copies_the_record_sends_nothing_and_tells_how_long_it_took(house, server, tmp_path):
    from asbuilt.answers.cases.drilling.copying import start
    from asbuilt.answers.cases.drilling.report import drill_report
    from asbuilt.storage import mail, outbox, reading
    from asbuilt.storage.transactions import write_tx

    with write_tx(house.tenant):  # waits in the record: the copy must not send it either
        outbox.leave(house.tenant, mail.CHANNEL, "psirt", mail.letter("s", "t"))
    home = start(tmp_path / "drill", scenario="wrong profile")
    with pytest.raises(Invalid):
        start(tmp_path / "drill", scenario="again")
    # as the command says it: on PostgreSQL the shell still names the database of the record
    said = {**os.environ, "ASBUILT_HOME": str(home), "ASBUILT_KEYS": str(home.with_name("keys"))}
    done = subprocess.run([sys.executable, "-c", IN_THE_COPY], env=said, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    outgoing, report = (eval(line) for line in done.stdout.splitlines())
    assert outgoing == [("waits", "This is a drill: nothing leaves it.")] * 2
    with pytest.raises(TimeoutError):
        server.accept()
    (case,) = report["cases"]
    assert report["scenario"] == "wrong profile" and case["case"] == "C-1"
    assert [one["step"] for one in case["steps"]] == ["opened", "answer"] and "submitted" in case["missing"]
    assert all(0 <= one["minutes"] < 5 for one in case["steps"])
    # the record knows nothing of it
    assert reading.fetch_one("SELECT count(*) FROM cases_statement WHERE kind = 'opened'", ())[0] == 0
    with pytest.raises(NotFound):
        drill_report(house)


def test_what_is_published_in_a_drill_is_on_no_public_host_and_in_no_folder_of_a_web_server(house, monkeypatch):
    from publishing_floor import set_up

    from asbuilt.answers.cases.publishing.hosts import tenant_of_host
    from asbuilt.answers.cases.publishing.public import provider_files
    from asbuilt.kernel.errors import Refused
    from asbuilt.ledger import clock
    from asbuilt.storage import drills
    from asbuilt.storage.databases import home

    monkeypatch.setenv("ASBUILT_PUBLIC", "psirt.brand.example=main")
    set_up(house)
    assert tenant_of_host("psirt.brand.example") == house.tenant
    drills.mark(home(), "exercise", clock.now())
    try:
        assert tenant_of_host("psirt.brand.example") is None
        with pytest.raises(Refused) as refused:
            provider_files(house.tenant, "https://psirt.brand.example/.well-known/csaf")
        assert refused.value.code == "cases.drill_publishes"
    finally:
        (home() / drills.MARKER).unlink()
        drills._drill.cache_clear()


@pytest.fixture
def exercise(house):
    """The home is a drill's for the time of a test."""
    from asbuilt.ledger import clock
    from asbuilt.storage import drills
    from asbuilt.storage.databases import home

    drills.mark(home(), "exercise", clock.now())
    yield house
    (home() / drills.MARKER).unlink()
    drills._drill.cache_clear()


@pytest.fixture
def broker():
    """A listening socket in the place of the factory's broker, or of a feed's server."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)
        yield listening


@pytest.mark.parametrize("module", ("asbuilt.doors.cli.main", "asbuilt.doors.machines"))
def test_a_drill_takes_no_message_away_from_the_broker_of_the_factory(exercise, broker, module):
    url = f"amqp://127.0.0.1:{broker.getsockname()[1]}"
    words = ["machines", "listen", "--broker", url, "--from", "/queue/cfx-in"]
    if module.endswith("machines"):  # as a service file may start it
        words = [json.dumps({"at": "", "broker": url, "sources": ["/queue/cfx-in"], "handle": "Asbuilt.Record.1"})]
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 4 and "takes nothing from outside" in done.stderr
    with pytest.raises(TimeoutError):
        broker.accept()


def test_a_drill_listens_at_no_address_and_leaves_the_files_of_machines_where_they_lie(exercise, tmp_path):
    from asbuilt.doors.machines.listening import Door, listen
    from asbuilt.doors.machines.watching import Watch, watch_folder
    from asbuilt.kernel.errors import Refused

    with pytest.raises(Refused):
        listen(Door(exercise, "Asbuilt.Record.1", at="127.0.0.1:0"))
    dropped = tmp_path / "dropped"
    dropped.mkdir()
    (dropped / "OFEN_17.csv").write_text("a;b\n")
    with pytest.raises(Refused) as refused:
        watch_folder(Watch(exercise, dropped, settle=0.05), once=True)
    assert refused.value.code == "storage.drill_takes_nothing"
    assert [one.name for one in dropped.iterdir()] == ["OFEN_17.csv"]


def test_a_drill_asks_no_feed_and_takes_no_report_of_a_mail_server(exercise, broker, monkeypatch, tmp_path):
    import time

    from asbuilt.answers.cases.telling.actions.bouncing import take_reports
    from asbuilt.designed.vulnerability.feeds import fetching
    from asbuilt.kernel.errors import Refused

    root = f"http://127.0.0.1:{broker.getsockname()[1]}"
    monkeypatch.setenv("ASBUILT_FEED_HOSTS", root)
    with pytest.raises(Refused) as refused:
        fetching.get(f"{root}/feed.json", tmp_path / "feed", time.monotonic() + 1)
    assert refused.value.code == "storage.drill_takes_nothing"
    with pytest.raises(TimeoutError):
        broker.accept()
    with pytest.raises(Refused):
        take_reports(exercise, [b"Subject: x\r\n\r\n"])


def test_a_drill_is_not_backed_up_for_restored_elsewhere_it_would_send(exercise, tmp_path):
    from asbuilt.kernel.errors import Refused
    from asbuilt.ledger.backup import backup

    with pytest.raises(Refused) as refused:
        backup(tmp_path / "kept.zip")
    assert refused.value.code == "ledger.backup_of_drill" and refused.value.remedy
    assert list(tmp_path.glob("*kept*")) == []
