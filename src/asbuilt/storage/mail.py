"""Mail: plain text to lists of the house by name, over SMTP, through the outbox.

`ASBUILT_MAIL_LISTS` names them, `psirt=psirt@example.com,line-2=lead@example.com`; `ASBUILT_MAIL_SERVER` is host:port, `ASBUILT_MAIL_FROM`
the sender. Of their own, people send to no address that is not named there; no address stands in the record. With `ASBUILT_MAIL_USER` it signs in
with `ASBUILT_MAIL_PASSWORD`, never without TLS. Standard: RFC 5321, 5322, 3207.
"""

import os
import smtplib
import ssl
from email.message import EmailMessage

from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.storage.drills import refuse_outside
from asbuilt.storage.outbox import CHANNELS

CHANNEL = "mail"
SECONDS = 20
SUBJECT_CHARACTERS_MAX = 200
LOCAL_CHARACTERS_MAX, ADDRESS_CHARACTERS_MAX = 64, 254  # RFC 5321, 4.5.3.1: a path has 256 octets with its brackets
DATA_WANTED, FORGOTTEN = 354, 421  # RFC 5321: send it; I close the connection


def mail_lists() -> dict[str, str]:
    """Name -> address of every list of the house; Invalid where the setting is malformed."""
    found = {}
    for part in os.environ.get("ASBUILT_MAIL_LISTS", "").split(","):
        if not part.strip():
            continue
        name, _, address = part.strip().partition("=")
        if not name or address.count("@") != 1 or any(letter.isspace() for letter in address):
            said = f"ASBUILT_MAIL_LISTS holds {part.strip()[:60]}."
            remedy = "Write name=address, several with commas."
            raise Invalid("storage.mail_lists_malformed", said, {"part": part.strip()[:60]}, remedy)
        found[name] = address
    return found


def list_known(name: str) -> str:
    """The name itself; NotFound where the house has no such list."""
    known = mail_lists()
    if name not in known:
        facts = {"list": name[:60], "lists": sorted(known)}
        remedy = f"Lists are {', '.join(sorted(known))}." if known else "Name it in ASBUILT_MAIL_LISTS."
        raise NotFound("storage.mail_list_unknown", f"There is no mail list {name[:60]}.", facts, remedy)
    return name


def well_formed(address: str) -> bool:
    """Whether this is a mail address as the house takes them: one plain mailbox of a domain, no name beside it."""
    local, _, domain = address.rpartition("@")
    printable = address.isascii() and all("!" <= character <= "~" for character in address)
    return (
        bool(local) and "@" not in local and "." in domain and printable and len(local) <= LOCAL_CHARACTERS_MAX
        and len(address) <= ADDRESS_CHARACTERS_MAX and not any(character in address for character in '<>,;:"()[]\\')
    )  # fmt: skip


def letter(subject: str, text: str, token: str = "") -> bytes:
    """A mail without its addresses, as it waits in the outbox; with a token a repeat of it is known by its Message-ID."""
    message = EmailMessage()
    if token:
        domain = os.environ.get("ASBUILT_MAIL_FROM", "").rpartition("@")[2].strip("> ") or "asbuilt.invalid"
        message["Message-ID"] = f"<{token}@{domain}>"
    message["Subject"] = " ".join(subject.split())[:SUBJECT_CHARACTERS_MAX]
    message.set_content(text)
    return bytes(message)


def sender() -> str:
    """The sender of mails; OSError where the setting is missing."""
    return _settings()[2]


def _settings() -> tuple[str, int, str]:
    server, sent_by = os.environ.get("ASBUILT_MAIL_SERVER", ""), os.environ.get("ASBUILT_MAIL_FROM", "")
    host, _, port = server.rpartition(":")
    if not host or not port.isdigit() or not sent_by:
        raise OSError("ASBUILT_MAIL_SERVER (host:port) and ASBUILT_MAIL_FROM are needed.")
    return host.strip("[]"), int(port), sent_by


def connect() -> smtplib.SMTP:
    """A connection that is ready to send, over TLS where the server offers it; OSError where there is none."""
    refuse_outside()
    host, port, _ = _settings()
    user = os.environ.get("ASBUILT_MAIL_USER", "")
    try:
        client = smtplib.SMTP(host, port, timeout=SECONDS)
        try:
            client.ehlo()
            if client.has_extn("starttls"):
                client.starttls(context=ssl.create_default_context())
                client.ehlo()
            elif user:
                raise OSError("The mail server offers no TLS, and a password is never sent without it.")
            if user:
                client.login(user, os.environ.get("ASBUILT_MAIL_PASSWORD", ""))
        except BaseException:
            client.close()
            raise
    except smtplib.SMTPException as refusal:
        # what the server answers may quote what was sent
        raise OSError(f"The mail server refused: {type(refusal).__name__}.") from None
    return client


class NotTaken(Exception):
    """The server answered that it does not take this mail; `lasting`: nor will it later (a code of 500 and above)."""

    def __init__(self, code: int):
        super().__init__(code)
        self.code, self.lasting = code, code >= 500


class Unanswered(OSError):
    """The mail went out whole, and no answer came: it may have been taken or not."""


def hand_over(client: smtplib.SMTP, address: str, content: bytes, token: str) -> int:
    """Hand one mail to the server over an open connection; returns its code, which begins with 2. NotTaken, Unanswered, OSError.

    Where the server knows delivery reports (RFC 3461) they are asked for, under the token, with the headers only. Where it takes commands
    together (RFC 2920) they go together: two waits a mail in place of four.
    """
    reports = client.has_extn("dsn")
    commands = (
        f"MAIL FROM:{_path(os.environ.get('ASBUILT_MAIL_BOUNCES', '') or sender())}{f' RET=HDRS ENVID={token}' if reports else ''}",
        f"RCPT TO:{_path(address)}{' NOTIFY=SUCCESS,FAILURE' if reports else ''}",
        "DATA",
    )
    try:
        codes = _told(client, commands)
    except smtplib.SMTPException as broken:
        raise OSError(f"The mail server broke off: {type(broken).__name__}.") from None
    refused = next((code for code in codes if not 200 <= code < 400), None)
    try:
        # it may wait for a mail although it refused the recipient: then it gets an empty one
        if codes[-1] == DATA_WANTED:
            client.send(_dotted(content) if refused is None else b".\r\n")
            code, _said = client.getreply()
            if refused is None and 200 <= code < 300:
                return code
            refused = refused or code
        elif codes[-1] != FORGOTTEN:
            client.rset()
    except (smtplib.SMTPException, OSError) as broken:
        if refused is None:
            raise Unanswered(f"No answer came after the mail was sent: {type(broken).__name__}.") from None
        raise OSError(f"The mail server broke off: {type(broken).__name__}.") from None
    raise NotTaken(refused or codes[-1])


def _told(client: smtplib.SMTP, commands: tuple[str, ...]) -> list[int]:
    """The codes of the server's answers; without pipelining what follows a refusal is not said."""
    if client.has_extn("pipelining"):
        client.send("".join(f"{command}\r\n" for command in commands))
        return [client.getreply()[0] for _ in commands]
    codes: list[int] = []
    for command in commands:
        codes.append(client.docmd(command)[0])
        if not 200 <= codes[-1] < 400:
            break
    return codes


def _path(address: str) -> str:
    return f"<{address.strip('<> ')}>"


def _dotted(content: bytes) -> bytes:
    """As DATA writes it (RFC 5321, 4.5.2): lines that begin with a dot get another, and a dot ends it."""
    dotted = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
    return dotted + (b"" if dotted.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def send(name: str, content: bytes) -> None:
    """Send a letter to a list; OSError where the server is not reached, or does not take it."""
    address = mail_lists().get(name, "")
    if not address:
        raise OSError("The list in ASBUILT_MAIL_LISTS is needed.")
    send_to(address, content)


def send_to(address: str, content: bytes) -> None:
    """Send a letter to an address that a room keeps; OSError as above."""
    from email import message_from_bytes

    message = message_from_bytes(content)
    message["From"], message["To"] = sender(), address
    try:
        with connect() as client:
            client.send_message(message)
    except smtplib.SMTPException as refusal:
        raise OSError(f"The mail server refused: {type(refusal).__name__}.") from None


CHANNELS[CHANNEL] = send
