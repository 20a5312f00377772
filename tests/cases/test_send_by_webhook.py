"""Webhooks: a real HTTPS server takes a signed notice; into our own network, along a redirect or to a stranger's certificate none goes."""

import base64
import hashlib
import hmac
import json
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from notice_floor import drafted, open_case

from asbuilt.kernel.instants import parse_instant

NOON = parse_instant("2026-11-29T12:00:00Z")
HOUR = 3_600_000_000


def certificate(folder) -> None:
    """A certificate for localhost and its key, as files."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    no = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no)
    )


@pytest.fixture
def hook(tmp_path, monkeypatch):
    """A real HTTPS server on this machine, which answers what `answers` says, and keeps what it got."""
    certificate(tmp_path)
    got, answers = [], []

    class Take(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.path, dict(self.headers), body))
            code = answers.pop(0) if answers else 204
            self.send_response(code)
            if code == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *said):
            pass

    server = HTTPServer(("127.0.0.1", 0), Take)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    monkeypatch.setenv("ASBUILT_WEBHOOK_HOSTS", f"localhost:{server.server_port}")
    yield f"https://localhost:{server.server_port}/psirt", got, answers
    server.shutdown()
    server.server_close()


def queue(actor, address: str) -> str:
    from asbuilt.answers.cases.telling.actions.contacts import set_contact
    from asbuilt.answers.cases.telling.actions.queuing import send_notice
    from asbuilt.ledger import clock

    clock.set_clock(lambda: NOON)
    set_contact(actor, party="HAL", channel="webhook", address=address, language="pl")
    code = drafted(actor, open_case(actor))
    send_notice(actor, notice=code, version=1)
    return code


def events(actor, code: str) -> list[tuple[str, str]]:
    from asbuilt.answers.cases.telling.seen import notice_seen

    (one,) = [one for one in notice_seen(actor, code)["recipients"] if one["party"] == "HAL"]
    return [(event["state"], event["code"]) for event in one["events"] if event["channel"] == "webhook"]


def due(actor) -> int:
    from asbuilt.answers.cases.telling.sending import send_due

    return send_due(actor.tenant)


def test_a_signed_notice_reaches_the_server(told, hook):
    from asbuilt.answers.cases.telling.actions.contacts import webhook_secret

    address, got, _ = hook
    code = queue(told, address)
    assert due(told) == 1
    ((path, headers, body),) = got
    said = json.loads(body)["data"]
    assert path == "/psirt" and said["subject"] == "Zawiadomienie o bezpieczeństwie: OWN-1"
    assert (
        [unit["serial_number"] for unit in said["units"]] == ["WO-1-1", "WO-1-2"]
        and b"WO-1-3" not in body
        and b"C-1" not in body
    )
    # as a receiver checks it, by the text of Standard Webhooks
    key = base64.b64decode(webhook_secret(told, party="HAL").removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == expected and headers["webhook-timestamp"] == str(NOON // 1_000_000)
    assert events(told, code) == [("queued", "pl"), ("accepted", "204")]


def test_trouble_of_the_server_is_asked_again_as_the_same_message(told, hook):
    from asbuilt.ledger import clock

    address, got, answers = hook
    answers += [503, 429, 200]
    code = queue(told, address)
    assert due(told) == 0
    assert due(told) == 0 and len(got) == 1  # not before its time
    for hours, taken in ((1, 0), (2, 1)):
        clock.set_clock(lambda hours=hours: NOON + hours * HOUR)
        assert due(told) == taken
    assert len({headers["webhook-id"] for _, headers, _ in got}) == 1 and len({body for *_, body in got}) == 1
    assert events(told, code)[-1] == ("accepted", "200")


@pytest.mark.parametrize("code", [302, 404, 410])
def test_a_refusal_or_a_redirect_ends_it(told, hook, code):
    address, got, answers = hook
    answers.append(code)
    notice = queue(told, address)
    assert due(told) == 0 and len(got) == 1 and events(told, notice)[-1] == ("failed", str(code))


def test_a_name_that_leads_into_our_own_network_is_not_called(told, hook, monkeypatch):
    address, got, _ = hook
    code = queue(told, address)
    monkeypatch.setenv("ASBUILT_WEBHOOK_HOSTS", "")  # named when it was set, and no more
    assert due(told) == 0 and got == [] and events(told, code)[-1][0] == "failed"


def test_a_host_whose_name_is_looked_up_to_a_private_address(told, hook, monkeypatch):
    import socket

    from asbuilt.answers.cases.telling.seen import notice_seen

    _, got, _ = hook
    port = hook[0].split(":")[2].split("/")[0]
    real = socket.getaddrinfo
    # the resolver is a stranger's: it answers one public and one private address
    answer = [(2, 1, 6, "", (place, int(port))) for place in ("8.8.8.8", "127.0.0.1")]
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *more, **said: answer if host == "psirt.halden.example" else real(host, *more, **said),
    )
    code = queue(told, f"https://psirt.halden.example:{port}/psirt")
    assert due(told) == 0 and got == []
    (one,) = [one for one in notice_seen(told, code)["recipients"] if one["party"] == "HAL"]
    assert one["waits_because"] == "The host leads into a network that is not public."


def test_a_certificate_of_a_stranger_is_not_trusted(told, hook, monkeypatch):
    address, got, _ = hook
    monkeypatch.delenv("SSL_CERT_FILE")
    code = queue(told, address)
    assert due(told) == 0 and got == [] and events(told, code) == [("queued", "pl")]
