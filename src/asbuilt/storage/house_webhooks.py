"""Webhooks: JSON by HTTPS POST to addresses of the house by name, signed, through the outbox.

`ASBUILT_WEBHOOKS` names them, `oncall=https://hooks.example.com/asbuilt`; nobody can send to an address that is not named there, and no address stands
in the record. Messages are signed with `ASBUILT_WEBHOOK_SECRET` as `webhooks` says; without the secret nothing is sent. One may arrive twice; its
`webhook-id` stays the same.
"""

import os
from hashlib import sha256

from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.storage.outbox import CHANNELS
from asbuilt.storage.webhooks import Refusal, check, post

CHANNEL = "webhook"
SECRET_CHARACTERS_MIN = 16
ADDRESS_CHARACTERS_MAX = 2_000
TOKEN_CHARACTERS = 32


def webhooks() -> dict[str, str]:
    """Name -> address of every webhook of the house; Invalid where the setting is malformed."""
    found = {}
    for part in os.environ.get("ASBUILT_WEBHOOKS", "").split(","):
        if not part.strip():
            continue
        name, _, address = part.strip().partition("=")
        try:
            if not name:
                raise Invalid("storage.webhook_refused", "address: has no name.", {}, "")
            check(address, ADDRESS_CHARACTERS_MAX)
        except Invalid as refusal:
            # the address may carry a token in its path: only the name is said
            said = f"ASBUILT_WEBHOOKS: {name[:60] or 'a part'}: {refusal.message}"
            remedy = "Write name=https://host/path, several with commas; name hosts of the own network in ASBUILT_WEBHOOK_HOSTS."
            raise Invalid("storage.webhooks_malformed", said, {"webhook": name[:60]}, remedy) from None
        found[name] = address
    return found


def webhook_known(name: str) -> str:
    """The name itself; NotFound where the house has no such webhook."""
    known = webhooks()
    if name not in known:
        facts = {"webhook": name[:60], "webhooks": sorted(known)}
        remedy = f"Webhooks are {', '.join(sorted(known))}." if known else "Name it in ASBUILT_WEBHOOKS."
        raise NotFound("storage.webhook_unknown", f"There is no webhook {name[:60]}.", facts, remedy)
    return name


def send(name: str, body: bytes) -> None:
    """Post a body to a webhook; OSError where it is not set, not reached, not public, or does not take it."""
    secret = os.environ.get("ASBUILT_WEBHOOK_SECRET", "")
    try:
        address = webhooks().get(name, "")
    except Invalid as refusal:  # a setting that is wrong keeps the message waiting
        raise OSError(refusal.message) from None
    if not address or len(secret) < SECRET_CHARACTERS_MIN:
        said = f"The webhook in ASBUILT_WEBHOOKS and ASBUILT_WEBHOOK_SECRET ({SECRET_CHARACTERS_MIN} characters or more) are needed."
        raise OSError(said)
    try:
        post(address, body, key=secret.encode(), token=sha256(body).hexdigest()[:TOKEN_CHARACTERS])
    except Refusal as refusal:  # a redirect too: what is behind it was not named
        raise OSError(f"The webhook answered {refusal.code}.") from None


CHANNELS[CHANNEL] = send
