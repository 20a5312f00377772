"""Images for stations: sealed for the station's key, so that they lie on no disk in clear."""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import IMAGE_READ
from asbuilt.designed.firmware import images, register
from asbuilt.kernel import releases, sealing
from asbuilt.kernel.keys import PublicKey


def sealed_image(actor: Actor, *, product: str, role: str, version: str, recipient: PublicKey) -> bytes:
    """The image of a release that may be programmed, sealed for the holder of this key (kernel.sealing)."""
    actor.require(IMAGE_READ)
    found = register.permittable(actor.tenant, product, role, version)
    image = images.open_image(actor.tenant, found.statement.sha256)
    releases.check_image(found.statement, image)
    return sealing.seal(image, recipient, sealing.IMAGE)
