"""Refusals of this room."""

from asbuilt.kernel.errors import NotFound


def unknown_sbom(name: str) -> NotFound:
    """There is no such SBOM."""
    return NotFound(
        "components.sbom_unknown",
        f"There is no SBOM {name[:80]}.",
        {"sbom": name[:80]},
        "`asbuilt sbom show` without a name lists what there is.",
    )


def refuse_party(actor) -> None:
    """NotFound for a party's person: SBOMs are the house's own; a party reads its units, not this."""
    if actor.party is not None:
        raise NotFound("components.narrow_view", "A narrow view has no SBOMs.", remedy="Ask who keeps this record.")


def no_earlier(one) -> NotFound:
    """There is nothing to compare an SBOM with."""
    return NotFound(
        "components.no_earlier_sbom",
        f"{one.binding.name} has no SBOM before this one.",
        {"sbom": one.ulid},
        "Name another SBOM to compare with.",
    )
