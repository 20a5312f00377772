"""A drill runs on a copy of the record, says on every page that it is one, sends nothing, and tells how long each answer took."""

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
