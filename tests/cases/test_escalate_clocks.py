"""Clocks call a mail list and a webhook at set parts of their time: each part once for a deadline, to real servers on this machine."""

import base64
import hashlib
import hmac
import json

import pytest
from case_floor import AT, HOUR
from listening import hook_server, mail_server

from asbuilt.kernel.errors import Invalid, NotFound

SECRET = "a secret of the house, long enough"


@pytest.fixture
def case(house):
    """An exploited vulnerability of OWN-1, known since 20 November, 08:00: due on the 21st (24 h) and the 23rd (72 h)."""
    from asbuilt.answers.cases.handling.actions import opening, saying

    code = opening.open_case(house, kind="aev", title="Overflow")
    saying.add_product(house, case=code, product="OWN-1")
    saying.state_moment(house, case=code, moment="aware_at", at=AT, why="seen")
    return code


@pytest.fixture
def told(monkeypatch):
    """The list psirt is told; no webhook."""
    monkeypatch.setenv("ASBUILT_MAIL_LISTS", "psirt=psirt@brand.example")
    monkeypatch.setenv("ASBUILT_ESCALATION_LIST", "psirt")


def escalate(actor, at):
    from asbuilt.answers.cases.reporting.escalating import escalate

    return escalate(actor.tenant, at)


def calls(actor, code):
    """(report, percent) of every call that the case has, in order."""
    from asbuilt.answers.cases.handling.seen import case_seen

    return [
        (one["name"], one["said"]["percent"])
        for one in case_seen(actor, code)["timeline"]
        if one["kind"] == "escalated"
    ]


def subjects(actor):
    from asbuilt.storage import reading

    rows = reading.fetch("SELECT payload FROM storage_outgoing WHERE tenant = %s ORDER BY number", (actor.tenant,))
    return [bytes(row[0]).decode().split("\n")[0] for row in rows]


def test_each_part_calls_once_and_only_the_last_of_several(house, case, told):
    assert escalate(house, AT + 12 * HOUR - 1) == 0
    assert escalate(house, AT + 12 * HOUR) == 1  # half of 24 h
    assert escalate(house, AT + 12 * HOUR + 1) == 0
    assert escalate(house, AT + 22 * HOUR) == 1  # 75 % at 18 h and 90 % at 21:36 are both gone: one call
    assert escalate(house, AT + 24 * HOUR) == 1
    assert calls(house, case) == [("early_warning", "50"), ("early_warning", "90"), ("early_warning", "100")]
    assert subjects(house) == [
        "Subject: C-1: early warning, 50 % of the time is gone",
        "Subject: C-1: early warning, 90 % of the time is gone",
        "Subject: C-1: early warning, LATE",
    ]
    assert escalate(house, AT + 36 * HOUR) == 1  # half of 72 h
    assert calls(house, case)[-1] == ("notification", "50")


def test_nobody_is_told_of_what_is_submitted_or_not_reportable_and_a_closed_case_calls_on(house, case, told):
    from asbuilt.answers.cases.handling.actions import deciding, opening

    deciding.submit(house, case=case, duty="cra.aev", stage="early_warning", at=AT + 2 * HOUR)
    assert escalate(house, AT + 24 * HOUR) == 0
    said = {"reportable": False, "ground": "not_exploited_in_product", "why": "w", "content": b"logs"}
    deciding.decide(house, case=case, duty="cra.aev", **said)
    assert escalate(house, AT + 90 * HOUR) == 0
    deciding.decide(house, case=case, duty="cra.aev", reportable=True, ground="exploited_in_product", why="w")
    opening.close_case(house, case=case, why="w", left_open={"cra.aev/OW": "w"})
    assert escalate(house, AT + 90 * HOUR) == 1 and calls(house, case) == [("notification", "100")]


def test_a_deadline_that_moves_calls_anew_and_one_that_stays_does_not(house, case, told):
    from asbuilt.answers.cases.handling.actions.saying import note, state_moment

    assert escalate(house, AT + 13 * HOUR) == 1
    note(house, case=case, words="nothing moved")
    assert escalate(house, AT + 13 * HOUR) == 0
    state_moment(house, case=case, moment="aware_at", at=AT - 10 * HOUR, why="earlier logs")
    assert escalate(house, AT + 13 * HOUR) == 1  # 23 of 24 hours are gone by the earlier awareness
    assert calls(house, case)[-1] == ("early_warning", "90")


def test_a_mail_is_in_the_language_of_the_house_with_the_time_of_the_duty_and_its_offset(
    house, case, told, monkeypatch
):
    """25 October 2026, 02:30 comes twice in Berlin: the offset says which one is meant."""
    from email import message_from_bytes, policy

    from asbuilt.answers.cases.handling.actions.saying import state_moment
    from asbuilt.kernel.instants import parse_instant
    from asbuilt.storage import reading

    aware = parse_instant("2026-10-24T01:30:00Z")
    state_moment(house, case=case, moment="aware_at", at=aware, why="earlier logs")
    monkeypatch.setenv("ASBUILT_ESCALATION_LANGUAGE", "de")
    assert escalate(house, aware + 12 * HOUR) == 1 and escalate(house, aware + 24 * HOUR) == 1
    rows = reading.fetch("SELECT payload FROM storage_outgoing WHERE tenant = %s ORDER BY number", (house.tenant,))
    half, late = (message_from_bytes(bytes(row[0]), policy=policy.default) for row in rows)
    assert half["Subject"] == "C-1: Frühwarnung, 50 % der Zeit ist vorbei"
    assert half.get_content().splitlines()[1:4] == [
        "Bericht: Frühwarnung (Aktiv ausgenutzte Schwachstelle, Ostwerk)",
        "Fällig: 25 Okt 2026, 02:30 +01:00 (Europe/Berlin), Article 14(2)(a)",
        "50 % der Zeit ist vorbei.",
    ]
    assert late["Subject"] == "C-1: Frühwarnung, ZU SPÄT"
    assert "Der Bericht ist verspätet. Jetzt einreichen; dann sagen, warum." in late.get_content()
    monkeypatch.setenv("ASBUILT_ESCALATION_LANGUAGE", "tlh")
    with pytest.raises(Invalid) as wrong:
        escalate(house, aware + 72 * HOUR)
    assert wrong.value.code == "cases.escalation_language" and "en or de" in wrong.value.remedy


def test_parts_are_a_setting_and_a_wrong_setting_is_said(house, case, told, monkeypatch):
    monkeypatch.setenv("ASBUILT_ESCALATION_PERCENT", "25, 150")
    assert escalate(house, AT + 6 * HOUR) == 1
    assert escalate(house, AT + 24 * HOUR) == 1  # 25 % of 72 h, which are gone at 18 h; nothing at 100 %
    assert escalate(house, AT + 36 * HOUR) == 1 and calls(house, case)[-1] == ("early_warning", "150")
    monkeypatch.setenv("ASBUILT_ESCALATION_PERCENT", "half")
    with pytest.raises(Invalid):
        escalate(house, AT + 40 * HOUR)
    monkeypatch.setenv("ASBUILT_ESCALATION_LIST", "nobody")
    with pytest.raises(NotFound):
        escalate(house, AT + 40 * HOUR)
    monkeypatch.delenv("ASBUILT_ESCALATION_LIST")
    assert escalate(house, AT + 40 * HOUR) == 0  # without a list and a webhook nobody is told, and nothing is recorded


def test_the_call_reaches_a_mail_server_and_a_webhook_signed(house, case, told, monkeypatch, tmp_path):
    from asbuilt.storage import outbox

    with mail_server() as (place, letters), hook_server(tmp_path / "hook") as (address, authority, posts):
        for name, value in {
            "ASBUILT_MAIL_SERVER": place, "ASBUILT_MAIL_FROM": "asbuilt@brand.example", "ASBUILT_WEBHOOKS": f"oncall={address}?key=1",
            "ASBUILT_ESCALATION_WEBHOOK": "oncall", "ASBUILT_WEBHOOK_SECRET": SECRET, "ASBUILT_WEBHOOK_HOSTS": "127.0.0.1,localhost",
            "ASBUILT_WEBHOOK_CA": str(authority),
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        assert escalate(house, AT + 24 * HOUR) == 1
        assert outbox.send_due(house.tenant) == 2
        assert outbox.send_due(house.tenant) == 0 and escalate(house, AT + 24 * HOUR) == 0
    assert (
        letters[0][0] == [b"rcpt TO:<psirt@brand.example>"]
        and b"Due: 21 Nov 2026, 09:00 +01:00 (Europe/Berlin), Article 14(2)(a)" in letters[0][1]
    )
    path, headers, body = posts[0]
    said = json.loads(body)
    assert path == "/cases?key=1" and len(posts) == 1
    assert (said["case"], said["stage"], said["percent"], said["late"]) == (case, "early_warning", 100, True)
    token, at = headers["webhook-id"], headers["webhook-timestamp"]
    signed = hmac.new(SECRET.encode(), f"{token}.{at}.".encode() + body, hashlib.sha256).digest()
    proof, expected = headers["webhook-signature"], "v1," + base64.b64encode(signed).decode()
    assert proof == expected


def test_a_webhook_follows_no_redirect_and_reaches_private_addresses_only_where_set(monkeypatch, tmp_path):
    from asbuilt.storage import house_webhooks

    monkeypatch.setenv("ASBUILT_WEBHOOK_SECRET", SECRET)
    with hook_server(tmp_path / "hook", 302, {"Location": "/elsewhere"}) as (address, authority, posts):
        monkeypatch.setenv("ASBUILT_WEBHOOKS", f"oncall={address}")
        with pytest.raises(OSError, match="not public"):
            house_webhooks.send("oncall", b"{}")
        monkeypatch.setenv("ASBUILT_WEBHOOK_HOSTS", "127.0.0.1,localhost")
        with pytest.raises(OSError, match="certificate verify failed"):
            house_webhooks.send("oncall", b"{}")
        assert posts == []
        monkeypatch.setenv("ASBUILT_WEBHOOK_CA", str(authority))
        with pytest.raises(OSError, match="answered 302"):
            house_webhooks.send("oncall", b"{}")
        assert [one[0] for one in posts] == ["/cases"]
        monkeypatch.setenv("ASBUILT_WEBHOOK_SECRET", "short")
        with pytest.raises(OSError, match="ASBUILT_WEBHOOK_SECRET"):
            house_webhooks.send("oncall", b"{}")


@pytest.mark.parametrize(
    "address", ["http://a.example/", "https://u:p@a.example/", "https://", "ftp://a.example/", "https://a.example/#x"]
)
def test_a_webhook_is_an_https_address_without_a_password(address, monkeypatch):
    from asbuilt.storage import house_webhooks

    monkeypatch.setenv("ASBUILT_WEBHOOKS", f"ok=https://b.example/,oncall={address}")
    with pytest.raises(Invalid) as refused:
        house_webhooks.webhooks()
    assert "p@" not in refused.value.message


def test_the_worker_looks_each_minute(house, case, told):
    from asbuilt.built.exchange.each_day import EACH_MINUTE

    EACH_MINUTE["cases"](AT + 24 * HOUR)
    assert calls(house, case) == [("early_warning", "100")]


def test_workers_that_look_at_once_tell_once(house, case, told):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    def look(_):
        try:
            return escalate(house, AT + 24 * HOUR)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as workers:
        assert sorted(workers.map(look, range(4))) == [0, 0, 0, 1]
    assert len(subjects(house)) == 1 and len(calls(house, case)) == 1
