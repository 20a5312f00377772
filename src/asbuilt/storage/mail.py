"""Mail: plain text to lists of the house by name, over SMTP, through the outbox.

`ASBUILT_MAIL_LISTS` names them, `psirt=psirt@example.com,line-2=lead@example.com`; `ASBUILT_MAIL_SERVER` is host:port, `ASBUILT_MAIL_FROM`
the sender. Nobody can send to an address that is not named there, and no address stands in the record. With `ASBUILT_MAIL_USER` it signs in
with `ASBUILT_MAIL_PASSWORD`, never without TLS. Standard: RFC 5321, 5322, 3207.
"""

import os
import smtplib
import ssl
from email.message import EmailMessage

from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.storage.outbox import CHANNELS

CHANNEL = "mail"
SECONDS = 20
SUBJECT_CHARACTERS_MAX = 200


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


def letter(subject: str, text: str) -> bytes:
    """A mail without its addresses, as it waits in the outbox."""
    message = EmailMessage()
    message["Subject"] = " ".join(subject.split())[:SUBJECT_CHARACTERS_MAX]
    message.set_content(text)
    return bytes(message)


def send(name: str, content: bytes) -> None:
    """Send a letter to a list; OSError where the server is not reached, or does not take it."""
    from email import message_from_bytes

    server, sender = os.environ.get("ASBUILT_MAIL_SERVER", ""), os.environ.get("ASBUILT_MAIL_FROM", "")
    address = mail_lists().get(name, "")
    host, _, port = server.rpartition(":")
    if not host or not port.isdigit() or not sender or not address:
        raise OSError(
            "ASBUILT_MAIL_SERVER (host:port), ASBUILT_MAIL_FROM and the list in ASBUILT_MAIL_LISTS are needed."
        )
    message = message_from_bytes(content)
    message["From"], message["To"] = sender, address
    user = os.environ.get("ASBUILT_MAIL_USER", "")
    try:
        with smtplib.SMTP(host.strip("[]"), int(port), timeout=SECONDS) as client:
            client.ehlo()
            if client.has_extn("starttls"):
                client.starttls(context=ssl.create_default_context())
                client.ehlo()
            elif user:
                raise OSError("The mail server offers no TLS, and a password is never sent without it.")
            if user:
                client.login(user, os.environ.get("ASBUILT_MAIL_PASSWORD", ""))
            client.send_message(message)
    except smtplib.SMTPException as refusal:
        # what the server answers may quote what was sent
        raise OSError(f"The mail server refused: {type(refusal).__name__}.") from None


CHANNELS[CHANNEL] = send
