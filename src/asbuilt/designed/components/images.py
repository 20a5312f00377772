"""Which image an SBOM of a firmware release is of, so that a later release of the same name with another image does not inherit it.

The one who adds it names the release, or the image by its SHA-256; or the document does, by the SHA-256 of its main component. However it
was named, the image that the release has at that moment is kept with the SBOM. A document that names another image than that of its release
is refused; one in a table of before images were kept is taken, with a warning.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from asbuilt.designed.components.bindings import EMPTY, Binding, of_image, releases_with_image
from asbuilt.designed.firmware.queries import APP, standing_release
from asbuilt.formats.sbom.model import SbomDocument
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.storage import reading

BY_NAME, BY_IMAGE, BY_DOCUMENT = "name", "image", "document"
SHA_256 = "SHA-256"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A binding with the image it stands for, in hex, and who named it; both empty of what has no image."""

    binding: Binding
    image: str = ""
    bound_by: str = ""


def images_of(tenant: int, product: str, role: str, version: str) -> set[str]:
    """The SHA-256 of the image of the standing release of this name, or of the draft where there is no release yet. Two statements."""
    release = standing_release(tenant, product, role or APP, version)
    if release is not None:
        return {release.sha256.hex()}
    sql = (
        "SELECT sha256 FROM firmware_release_draft WHERE tenant = %s AND product = %s AND role = %s AND version = %s "
        "AND until_entry IS NULL"
    )
    return {digest for (digest,) in reading.fetch(sql, (tenant, product, role or APP, version))}


def image_named_by(document: SbomDocument) -> set[str]:
    """The SHA-256 that a document gives of its main component; empty where it gives none."""
    return {value for kind, value in document.subject.hashes if kind == SHA_256} if document.subject else set()


def resolved(tenant: int, binding: Binding, image: str, document: SbomDocument) -> Resolved:
    """Release and image by what was named: release, image, or nothing but the document. NotFound: no release has the image."""
    named = image_named_by(document)
    if binding == EMPTY and not (image or named):
        said = "Nothing names what the SBOM is of: its main component has no SHA-256."
        remedy = "Give a release by product and version or by its image, or product and revision, or a part."
        raise Invalid("components.binding_unclear", said, {"field": "product"}, remedy)
    if binding == EMPTY:
        found = of_image(tenant, image) if image else _of_one(tenant, sorted(named))
        binding = replace(found, role=found.role or APP)
    if binding.kind != "release":
        return Resolved(binding, image.lower(), BY_IMAGE if image else "")
    known = images_of(tenant, binding.product, binding.role, binding.version)
    if image:
        return Resolved(binding, image.lower(), BY_IMAGE)
    if not known:
        return Resolved(binding)
    agreed = sorted(named & known)
    return Resolved(binding, agreed[0], BY_DOCUMENT) if agreed else Resolved(binding, sorted(known)[0], BY_NAME)


def _of_one(tenant: int, named: list[str]) -> Binding:
    """The release of the first of these images that one has."""
    for digest in named[:-1]:
        if releases_with_image(tenant, digest):
            return of_image(tenant, digest)
    try:
        return of_image(tenant, named[-1])
    except NotFound as refusal:
        said = f"The document's main component has SHA-256 {named[-1][:16]}…, which no release has."
        remedy = "Add the release first (`asbuilt firmware add`), or name what the SBOM is of."
        raise NotFound("components.image_unknown", said, {"image": named[-1]}, remedy) from refusal


def image_faults(
    tenant: int, binding: Binding, image: str, document: SbomDocument
) -> Iterable[tuple[str, str, str, str, str]]:
    """What is wrong about the image of a binding: (column, cell, code, reason, remedy)."""
    if binding.kind != "release":
        if image:
            reason = f"{binding.name} is no firmware release, and has no image"
            yield "image", image, "components.image_of_no_release", reason, "Leave the image out, or name the release."
        return
    known, named = images_of(tenant, binding.product, binding.role, binding.version), image_named_by(document)
    if image and image not in known:
        reason = f"{binding.name} has the image {_listed(known)}, not {_whose(tenant, image, binding)}"
        yield "image", image, "components.image_of_another", reason, "Name the release that has this image."
    elif named and not named & known:
        reason = f"The document's main component has SHA-256 {_whose(tenant, min(named), binding)}; {binding.name} has {_listed(known)}"
        remedy = "Take the SBOM that was made from this image, or name the release that it is of."
        yield "file", min(named), "components.document_of_another", reason, remedy


def _listed(digests: Iterable[str]) -> str:
    return ", ".join(f"{digest[:16]}…" for digest in sorted(digests)) or "none"


def _whose(tenant: int, digest: str, binding: Binding) -> str:
    """The beginning of a hash and whose image it is."""
    names = sorted(one.name for one in releases_with_image(tenant, digest) if one.name != binding.name)
    return f"{digest[:16]}…, the image of {', '.join(names[:3])}" if names else f"{digest[:16]}…, which no release has"
