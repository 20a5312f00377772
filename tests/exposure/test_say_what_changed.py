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


def test_a_new_sbom_with_a_component_that_is_known_to_be_vulnerable_is_news(security, changes, now, actor):
    """The finding was of the component, and weeks old: that a further release listed it was told to nobody."""
    since = now()
    security.sbom(component("mbedtls", "2.28.7"), component("lwip", "2.1.3"), version="1.1.0", serial=2)
    came = ("found", MBEDTLS, "mbedtls 2.28.7 in board app 1.1.0 is affected")
    assert changes(since) == [came] == changes(since, products={"board"})
    assert changes(since, products={"house"}) == []
    assert changes(now()) == []
    since = now()
    last = security.sbom(component("mbedtls", "2.28.7"), version="1.1.0", serial=3)  # lists it as the one before did
    assert changes(since) == []
    security.sbom(component("mbedtls", "2.28.8"), version="1.0.0", serial=2)
    gone = ("gone", MBEDTLS, "mbedtls 2.28.7 in board app {} no longer: its SBOM was superseded or withdrawn")
    assert changes(since) == [(*gone[:2], gone[2].format("1.0.0"))]
    since = now()
    _withdraw(actor, last)
    assert changes(since) == []  # the one before lists it too
    security.sbom(component("mbedtls", "2.28.8"), version="1.1.0", serial=4)
    assert changes(since) == [(*gone[:2], gone[2].format("1.1.0"))]
    # what was first found since is told once, however it came
    since = now()
    security.sbom(component("mbedtls", "2.28.1"), version="1.1.0", serial=5)
    assert changes(since) == [("found", MBEDTLS, "mbedtls 2.28.1 in board app 1.1.0 is affected")]


def _withdraw(actor, sbom):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.ledger.facts import fact_id

    fact = fact_id(actor.tenant, sbom.entry, "components.sbom/2", sbom.row)
    withdraw_facts(actor, [Withdraw(fact, "another build", "045", 1_800_000_000_000_000, None, None)])


def test_who_watches_a_product_is_told_of_its_silicon_and_of_its_modules(security, changes, decide, now, actor):
    """A part on the board and the SBOM of a bought module are of no product by name; lists that watch the products they come into heard nothing, and
    the product stood as if nothing were open."""
    from asbuilt.designed.vulnerability.feeds.noting import note
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up
    from asbuilt.questions.exposure.inbox import inbox, standing_of_products

    decide(version="1.0.0")
    assert standing_of_products(actor, ["board"])["board"].open == 0
    since = now()
    noted = note(actor, record={"title": "Radio leaks", "affected": [{"maker": "Acme", "mpn": "AX-1", "lots": ["L1"]}]})
    catch_up(actor)
    board = {"products": {"board"}}
    assert [one[:2] for one in changes(since, **board)] == [("found", noted.vulnerability)]
    security.sbom(component("mbedtls", "2.28.7"), part="MOD")
    said = ("found", MBEDTLS, "mbedtls 2.28.7 in MOD is affected")
    assert said in changes(since, **board)
    assert changes(since, products={"house"}) == []
    standing = standing_of_products(actor, ["board", "house"])
    assert (set(standing["board"].names), standing["house"].open) == ({noted.vulnerability, MBEDTLS}, 0)
    assert {one.vulnerability: one.products for one in inbox(actor).listed} == {
        MBEDTLS: ("board",),
        noted.vulnerability: ("board",),
    }
    since = now()
    decide(part="MOD", product="")
    decide(question="unit:S0001", vulnerability=noted.vulnerability, product="")
    assert {(kind, name) for kind, name, _ in changes(since, **board)} == {
        ("decided", MBEDTLS),
        ("decided", noted.vulnerability),
    }
    assert changes(since, products={"house"}) == []
