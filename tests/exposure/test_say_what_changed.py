"""What changed since yesterday: found, gone, exploited, decided, lapsed; by product; and the mail of a watch list."""

import pytest
from vulnerable_factory import LWIP, MBEDTLS, component, osv

from asbuilt.kernel.errors import NotFound, Refused

DAY = 86_400_000_000


@pytest.fixture
def now():
    from asbuilt.ledger import clock

    return clock.now


@pytest.fixture
def changes(actor, now):
    from asbuilt.questions.exposure.changes import changes_between

    return lambda since, until=None, **more: [
        (one.kind, one.vulnerability, one.words) for one in changes_between(actor, since, until or now() + 1, **more)
    ]


def test_each_kind_of_change(security, changes, decide, now):
    since = now()
    assert changes(since) == []
    security.feed(osv(LWIP, "lwip", "2.1.3"), osv("CVE-2024-5", "lwip", "2.2.0"), name="more")
    assert changes(since) == [
        ("found", "CVE-2024-5", "lwip 2.1.3 in board app 1.0.0 is affected"),
        ("found", "CVE-2024-5", "lwip 2.1.3 in board app 1.1.0 is affected"),
    ]
    since = now()
    decide(version="1.0.0")
    assert changes(since) == [("decided", MBEDTLS, "board 1.0.0: not affected (VEX-1)")]
    since = now()
    security.exploited(MBEDTLS)
    assert sorted(changes(since)) == [
        ("exploited", MBEDTLS, "kev says that it is exploited"),
        ("lapsed", MBEDTLS, "board 1.0.0: VEX-1 lapsed, kev says that it is exploited"),
    ]
    since = now()
    security.feed(osv("CVE-2024-5", "lwip", "2.0.0", modified="2026-03-09T00:00:00Z"), name="more")
    assert [one[:2] for one in changes(since)] == [("gone", "CVE-2024-5")] * 2
    assert changes(since, products={"house"}) == []


def test_a_review_that_is_due_is_a_change_of_that_day(security, changes, decide):
    decide(version="1.0.0", review_on="2026-12-31")
    last, next_day = 1_798_761_599_000_000, 1_798_761_600_000_000
    assert changes(last - 1, last) == []
    assert changes(last, next_day) == [
        ("lapsed", MBEDTLS, "board 1.0.0: VEX-1 lapsed, its review was due on 2026-12-31")
    ]


@pytest.fixture
def lists(monkeypatch):
    monkeypatch.setenv("ASBUILT_MAIL_LISTS", "psirt=psirt@brand.example,line=lead@brand.example")


def test_a_watch_list_is_told_once_a_day_and_only_news(security, lists, actor, now):
    from asbuilt.answers.register.watching import tell, unwatch, watch, watched
    from asbuilt.storage import reading

    with pytest.raises(NotFound):
        watch(actor, product="board", mail_list="nobody")
    with pytest.raises(NotFound):
        watch(actor, product="bord", mail_list="psirt")
    watch(actor, product="board", mail_list="psirt")
    with pytest.raises(Refused):
        watch(actor, product="board", mail_list="psirt")
    watch(actor, product="house", mail_list="line")
    (board, house) = watched(actor)
    assert (board.product, board.mail_list, board.standing.open, board.standing.worst, board.standing.in_field) == (
        "board",
        "psirt",
        1,
        7.5,
        2,
    )
    assert house.standing.open == 0
    begun = now()
    assert tell(actor.tenant, begun + DAY - 60_000_000) == 0  # not a day yet
    security.feed(osv(LWIP, "lwip", "2.2.0"), name="more")
    assert tell(actor.tenant, begun + DAY + 1) == 1
    assert tell(actor.tenant, begun + DAY + 2) == 0
    assert tell(actor.tenant, begun + 2 * DAY + 3) == 0  # nothing new, no mail
    rows = reading.fetch("SELECT channel, target, payload FROM storage_outgoing WHERE tenant = %s", (actor.tenant,))
    (channel, target, payload) = rows[0]
    assert (len(rows), channel, target) == (1, "mail", "psirt")
    text = bytes(payload).decode()
    assert (
        "Subject: Vulnerabilities: 2 changed since" in text
        and f"{LWIP}  lwip 2.1.3 in board app 1.0.0 is affected" in text
    )
    assert "@" not in text.partition("\n\n")[2]
    unwatch(actor, product="board", mail_list="psirt")
    assert [one.product for one in watched(actor)] == ["house"]


def test_the_mail_reaches_a_server(security, lists, actor, monkeypatch, now):
    import socketserver
    import threading

    from asbuilt.answers.register.watching import tell, watch
    from asbuilt.storage import outbox

    taken = []

    class Talk(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 here\r\n")
            while line := self.rfile.readline():
                word = line[:4].upper()
                if word == b"DATA":
                    self.wfile.write(b"354 go\r\n")
                    body = []
                    while (said := self.rfile.readline()) != b".\r\n":
                        body.append(said)
                    taken.append(b"".join(body))
                    self.wfile.write(b"250 taken\r\n")
                elif word == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    taken.append(line) if word == b"RCPT" else None
                    self.wfile.write(b"250 ok\r\n")

    watch(actor, product="board", mail_list="psirt")
    begun = now()
    security.sbom(component("mbedtls", "2.28.1"), version="1.1.0", serial=2)
    assert tell(actor.tenant, begun + DAY + 1) == 1
    with socketserver.TCPServer(("127.0.0.1", 0), Talk) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("ASBUILT_MAIL_SERVER", f"127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("ASBUILT_MAIL_FROM", "asbuilt@brand.example")
        assert outbox.send_due(actor.tenant) == 1
        server.shutdown()
    assert b"<psirt@brand.example>" in taken[0] and MBEDTLS.encode() in taken[1]
