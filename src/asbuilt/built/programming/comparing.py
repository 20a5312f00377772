"""The key by which stations compare passwords of units: one of the tenant's own, out of which each product has another.

It lies in `compare.key` of the keys folder (hex, 0600; made when it is first needed) and nowhere else; stations get the product's key, sealed
for them. No backup holds it: where it is lost a new one is made, and passwords are compared from then on.
"""

from asbuilt.kernel import commitments
from asbuilt.ledger import keyring, origins
from asbuilt.storage.transactions import write_tx

KEY_FILE = "compare.key"


def key_of(tenant: int, product: str) -> bytes:
    """The key of a product, 32 bytes."""
    file = keyring.folder_of(origins.origin(tenant)) / KEY_FILE
    if not file.exists():
        # of two that make it at once the second finds the first one's
        with write_tx(tenant):
            return commitments.comparison_key(keyring.secret_of(file, make=True), product)
    return commitments.comparison_key(keyring.secret_of(file, make=False), product)
