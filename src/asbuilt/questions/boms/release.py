"""The SBOM of a firmware release as we give it out: what its current SBOM lists, in another form, under the image that was released.

    release_sbom(actor, product="EG-200", role="app", version="2.3.1", form="spdx-3.0.1")   -> BomFile

The supplier's file is never rewritten: this is a document of its own that names it by its SHA-256, states the image by the one that the
register has, and carries no vulnerabilities. A release without an SBOM gives a document with the image alone, and says so. What a form
has no place for stands as a property or is left out; the kept file has it. NotFound for a release that there is not, and for a party.
"""

import uuid
from dataclasses import replace
from datetime import UTC, datetime

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_READ
from asbuilt.designed.components.errors import refuse_party
from asbuilt.designed.components.queries import Sbom, documents_of_release
from asbuilt.designed.firmware import register
from asbuilt.designed.firmware.queries import standing_release
from asbuilt.designed.parties.product_roles import own_party
from asbuilt.designed.parties.queries import names_of as parties_named
from asbuilt.formats.sbom.model import SbomComponent, SbomDocument
from asbuilt.formats.sbom.writing import CYCLONEDX, form_named
from asbuilt.ledger import clock, sequencing
from asbuilt.questions.boms.assembling import TOOL
from asbuilt.questions.boms.signed import DSSE, BomFile, envelope_of, plain_name
from asbuilt.questions.boms.software import read_kept
from asbuilt.questions.genealogy.evaluating.naming import unknown
from asbuilt.storage import reading


def release_sbom(
    actor: Actor, *, product: str, role: str = "app", version: str, form: str = CYCLONEDX, signed: bool = False
) -> BomFile:
    """The SBOM of a release in a form, plain unless `signed`. Invalid for a form that is not written."""
    actor.require(RECORD_READ)
    refuse_party(actor)
    chosen = form_named(form)
    with reading.snapshot():
        known, digests = _digests(actor.tenant, product, role, version)
        kept = documents_of_release(actor.tenant, product, role, version)
        if not known and not kept:
            raise unknown("firmware release", f"{product} {role} {version}"[:200], ())
        sbom = kept[0] if kept else None
        origin, size, _root, note = sequencing.head(actor.tenant)
        given = _document(actor.tenant, (product, role, version), digests, sbom, origin)
        content = chosen.write(given)
        name = f"{plain_name(f'{product}-{role}-{version}')}.{chosen.ending}"
        if not signed:
            return BomFile(content, chosen.media_type, name)
        about = {"kind": "release", "code": f"{product} {role} {version}", "reader": "house", "units": 0, "form": form}
        entries = {sbom.entry} if sbom else set()
        document = envelope_of(actor, content, about, entries, (origin, size, note))
    return BomFile(document, DSSE, f"{name}.dsse.json")


def _digests(tenant: int, product: str, role: str, version: str) -> tuple[bool, dict[str, str]]:
    """Whether there is such a release or draft, and the hashes of its image: of the register, or of firmware.csv."""
    found: dict[str, str] = {}
    drafts = register.registered(tenant, product, role, version)
    if drafts:
        found = {"SHA-256": drafts[0].statement.sha256, "SHA-512": drafts[0].statement.sha512}
    release = standing_release(tenant, product, role, version)
    if release:
        found["SHA-256"] = release.sha256.hex()
    return bool(drafts or release), found


def _document(
    tenant: int, named: tuple[str, str, str], digests: dict[str, str], sbom: Sbom | None, origin: str
) -> SbomDocument:
    product, role, version = named
    own = own_party(tenant, clock.now())
    author = parties_named(tenant, [own]).get(own, "") if own is not None else ""
    read = read_kept(tenant, sbom) if sbom else None
    subject = _image(named, digests, sbom, read.subject if read else None)
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{origin}/sbom/{product}/{role}/{version}")
    at = datetime.fromtimestamp(clock.now() / 1_000_000, UTC).replace(microsecond=0)
    head = {
        "identity": f"urn:uuid:{identity}", "document_version": str(sbom.place if sbom else 1), "created_at": at,
        "authors": (author or origin,), "tools": (TOOL,), "subject": subject, "vulnerabilities": 0, "contacts": (), "signed": False,
    }  # fmt: skip
    if read is None:
        return SbomDocument(
            "cyclonedx", "1.6", "json", lifecycle="build", completeness=((subject.ref, "unknown"),), **head
        )
    listed = tuple(one for one in read.components if one.ref != subject.ref)
    lifecycle = (read.lifecycle or "build").partition(";")[0]
    return replace(read, components=listed, lifecycle=lifecycle, unread=(), doubts=(), **head)


def _image(
    named: tuple[str, str, str], digests: dict[str, str], sbom: Sbom | None, read: SbomComponent | None
) -> SbomComponent:
    """The image of the release; what the kept SBOM says of its subject stands beside what the register knows."""
    product, role, version = named
    told: list[tuple[str, str]] = [("asbuilt:image_role", role)]
    if sbom:
        told += [("asbuilt:sbom", sbom.ulid), ("asbuilt:sbom_sha256", sbom.sha256)]
    else:
        told.append(("asbuilt:gap", "The release has no SBOM: what is in it is not listed."))
    said = read or SbomComponent("image")
    if read and (read.name, read.version) != (product, version):
        told.append(("asbuilt:named_in_sbom", f"{read.name} {read.version}".strip()))
    other = [value for algorithm, value in said.hashes if algorithm == "SHA-256"]
    if digests and other and digests["SHA-256"] not in other:
        told.append(("asbuilt:sha256_in_sbom", other[0]))
    hashes = (*digests.items(), *(pair for pair in said.hashes if pair[0] not in digests))
    return replace(
        said, parent="", kind="firmware", group="", name=product, version=version, properties=(*said.properties, *told), hashes=hashes,
    )  # fmt: skip
