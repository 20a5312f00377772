"""A firmware release through the gate: what can be known today against it is asked, then the register's verb called, in one transaction.

    release(actor, product="WIDGET", role="app", version="2.3.1")   -> the release
    release_stops(tenant, product, role, version)                   -> everything that stops it, for pages

Signatures, threshold, two people and the boot signature are the register's own to refuse. The gate stops what other releases
say of these very bytes: an image of which every release was withdrawn would come back to stations under another version, for
their bulletins name withdrawn images by SHA-256. It stops a draft with an open vulnerability (`known`), and by the
rule set or the setting of the house one without an SBOM (`unrecorded`).
"""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import FIRMWARE_RELEASE
from asbuilt.answers.gate import known
from asbuilt.answers.gate.actions import refuse_stopped
from asbuilt.answers.gate.stops import Stop
from asbuilt.answers.gate.unrecorded import unrecorded_stops
from asbuilt.designed.firmware import register
from asbuilt.designed.firmware.actions import release_firmware
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import was_recorded
from asbuilt.storage.transactions import write_tx


def release(
    actor: Actor, *, product: str, role: str, version: str, request_key: str | None = None
) -> register.Registered:
    """The draft is released. Raises what `release_firmware` raises, Refused where the gate stops it."""
    actor.require(FIRMWARE_RELEASE)
    with write_tx(actor.tenant):
        if not was_recorded(actor.tenant, request_key):
            refuse_stopped(release_stops(actor.tenant, product, role, version))
        found = release_firmware(actor, product=product, role=role, version=version, request_key=request_key)
    sequencing.after_commit(actor.tenant)
    return found


def release_stops(tenant: int, product: str, role: str, version: str) -> list[Stop]:
    """What stops the release of this draft; NotFound where the register has none."""
    draft = register.release(tenant, product, role, version)
    same = [one for one in register.registered(tenant) if one.statement.sha256 == draft.statement.sha256]
    gone = [one for one in same if one.state == register.WITHDRAWN and one.key != draft.key]
    if draft.state != register.DRAFT:
        return []
    of = (tenant, product, role, version)
    return [*_withdrawn(draft, same, gone), *known.release_stops(*of), *unrecorded_stops(*of)]


def _withdrawn(
    draft: register.Registered, same: list[register.Registered], gone: list[register.Registered]
) -> list[Stop]:
    """The image is one of which every release was withdrawn."""
    if not gone or any(one.state == register.RELEASED for one in same):
        return []
    last = max(gone, key=lambda one: one.last(register.WITHDRAWN).entry)
    said = f"{draft.name} is the image of {last.name}, which was withdrawn: {last.last(register.WITHDRAWN).reason}"
    facts = {"release": draft.name, "withdrawn": sorted(one.name for one in gone), "sha256": draft.statement.sha256}
    return [Stop("gate.image_withdrawn", said, facts, "Build an image without the fault and add it as a draft.")]
