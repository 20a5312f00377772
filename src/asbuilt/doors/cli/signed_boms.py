"""A signed BOM of ours as `asbuilt sbom check` opens it: the envelope, its signature where there is a key, the document inside."""

from pathlib import Path

from asbuilt.doors.cli.verifying import bom_told, keys_known
from asbuilt.kernel import canonical, certificates, envelope
from asbuilt.kernel.errors import Invalid

HEADS = (b'{"payload"', b'{"payloadType"')


def opened(content: bytes, key: Path | None) -> tuple[bytes, dict | None]:
    """(the document inside, what the signature proves); the bytes themselves and None where they are no envelope.

    The signature is checked by the key that was named, else by those of this installation; where there is none it is said to be unchecked.
    Invalid where it is the envelope of something else, or damaged; Tampered where it does not hold.
    """
    if not is_envelope(content):
        if key is not None:
            raise Invalid("cli.no_bom", "Only a signed BOM has a signature to check.", remedy="Leave --key away.")
        return content, None
    found = envelope.parse(content)
    if found.payload_type != certificates.BOM_TYPE:
        said = f"The envelope holds {found.payload_type[:80]}, no BOM."
        raise Invalid("cli.no_bom", said, {"payload_type": found.payload_type[:80]}, "Check it with `asbuilt verify`.")
    record_keys, vkeys = keys_known(key)
    if not record_keys:
        return _unchecked(found.payload), {"checked": False}
    checked = certificates.check_bom(content, record_keys=record_keys, log_vkeys=vkeys)
    return checked.bom, {"checked": True, **bom_told(checked)}


def is_envelope(content: bytes) -> bool:
    """Whether the file begins as an envelope does; its keys may stand in any order, and no SBOM has such."""
    if content[:1] not in (b"{", b" ", b"\n", b"\r", b"\t") or b'"payloadType"' not in content:
        return False
    if content.lstrip().startswith(HEADS):
        return True
    try:
        return bool(envelope.parse(content))
    except Invalid:
        return False  # an SBOM that speaks of one


def _unchecked(payload: bytes) -> bytes:
    said = canonical.parse_strict(payload)
    bom = said.get("bom") if isinstance(said, dict) else None
    if not isinstance(bom, str):
        raise Invalid("cli.no_bom", "The envelope holds no BOM.", remedy="Get the file again.")
    return bom.encode()
