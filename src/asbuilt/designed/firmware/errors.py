"""Refusals of this room."""

from asbuilt.kernel.errors import NotFound, Refused


def unknown_release(product: str, role: str, version: str) -> NotFound:
    """The register has no such image."""
    return NotFound(
        "firmware.release_unknown",
        f"The register holds no {role} {version} of {product}.",
        {"product": product, "role": role, "version": version},
        "`asbuilt firmware list` shows what it holds.",
    )


def wrong_state(name: str, state: str, wanted: str) -> Refused:
    """The release is not in the state that this needs."""
    return Refused(
        "firmware.release_state",
        f"{name} is {state}; this needs one that is {wanted}.",
        {"release": name, "state": state},
        "Look at the release: what was released or withdrawn stays so.",
    )


def refuse_party(actor) -> None:
    """NotFound for a party's person: the register is the house's own; a party reads its units, not this."""
    if actor.party is not None:
        raise NotFound(
            "firmware.narrow_view", "A narrow view has no release register.", remedy="Ask who keeps this record."
        )
