"""Recovery keys set later: images that were sealed for others are sealed anew for those that count now.

    waiting(tenant)           -> how many images are not sealed for exactly the recovery keys in force
    reseal_images(actor)      -> Resealed: each such image opened under this home's keys, checked, its key sealed anew

One image is one transaction and one entry, so it goes on where it was interrupted. What is sealed for a key that no longer
counts (revoked, out of its term, left out of the trust store) goes; an archive written before still opens with it.
"""

from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import TRUST_SET
from asbuilt.designed.firmware import events, images, register
from asbuilt.kernel import trust
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.recording import recording


@dataclass(frozen=True)
class Resealed:
    """Images sealed anew, images that were sealed right, ids of the recovery keys that open all of them now."""

    sealed: int
    known: int
    keys: tuple[str, ...]


def waiting(tenant: int) -> int:
    """Images that are not sealed for exactly the recovery keys that count now; 0 without a trust store. Two statements."""
    chain = register.trust_chain(tenant)
    wanted = _ids(chain[-1], clock.now()) if chain else frozenset()
    return sum(keys != wanted for _, keys in images.sealed_for(tenant)) if wanted else 0


def reseal_images(actor: Actor) -> Resealed:
    """Seal every image anew whose recovery keys are others now. Raises what opening an image raises; those before stay sealed."""
    actor.require(TRUST_SET)
    store = register.newest_trust(actor.tenant)
    images.recovery_keys(store, clock.now())
    sealed = known = 0
    for sha256, keys in images.sealed_for(actor.tenant):
        if keys == _ids(store, clock.now()):
            known += 1
            continue
        with recording(actor, events.IMAGE_SEALED_ANEW) as entry:
            images.seal_anew(entry, sha256, store)
        sealed += 1
    sequencing.after_commit(actor.tenant)
    return Resealed(sealed, known, tuple(sorted(_ids(store, clock.now()))))


def _ids(store: trust.TrustStore, at: int) -> frozenset[str]:
    return frozenset(key.key.key_id for key in store.keys_of(trust.RECOVERY, at))
