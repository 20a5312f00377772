"""Names that nobody outside can guess, and keys of webhooks: all derived from one secret of the keys folder, none stored.

`notice.key` (hex, 0600) is made with the first contact or notice; no backup holds it. Without it a repeat of a mail that is under way would
get another Message-ID, and webhooks another signature: put the keys folder back first.
"""

import hashlib
import hmac

from asbuilt.ledger import keyring, origins

KEY_FILE = "notice.key"
TOKEN_CHARACTERS = 32


def keyed(tenant: int, said: str) -> bytes:
    """A hash of the words under the tenant's secret, 32 bytes."""
    folder = keyring.folder_of(origins.origin(tenant))
    return hmac.digest(keyring.secret_of(folder / KEY_FILE, make=True), said.encode(), hashlib.sha256)


def sending_token(tenant: int, notice: str, version: int, party: int, channel: str, turn: int) -> str:
    """The name of a sending: the same for every try of it, so that a repeat is the same message."""
    return keyed(tenant, f"sending {notice} {version} {party} {channel} {turn}").hex()[:TOKEN_CHARACTERS]


def reference_of(tenant: int, notice: str, party: int) -> str:
    """What a customer calls its notice: names neither the case nor the others."""
    return "AN-" + keyed(tenant, f"reference {notice} {party}").hex()[:10].upper()


def webhook_key(tenant: int, party: int) -> bytes:
    """The key of a party's webhook, 32 bytes."""
    return keyed(tenant, f"webhook {party}")
