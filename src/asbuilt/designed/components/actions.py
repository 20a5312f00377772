"""Verbs: add an SBOM."""

from hashlib import sha256
from io import BytesIO

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import SBOM_ADD
from asbuilt.designed.components import events, sbom_followers
from asbuilt.designed.components.bindings import Binding
from asbuilt.designed.components.images import resolved
from asbuilt.designed.components.intake import prepared
from asbuilt.designed.components.queries import Sbom, sbom_named
from asbuilt.formats.sbom.identifiers import canonical_purl
from asbuilt.formats.sbom.limits import Limits
from asbuilt.formats.sbom.read import read_sbom
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, evidence, sequencing
from asbuilt.ledger.one_row import checked_rows, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording
from asbuilt.storage import bulk, reading

NOT_THERE = frozenset(
    {"catalog.product_unknown", "catalog.revision_unknown", "catalog.part_unknown", "firmware.release_unknown"}
)
NOTHING_NEW = frozenset({"components.sbom_is_current"})
FILE_NAME_CHARACTERS = 200


def add_sbom(
    actor: Actor, *, binding: Binding, content: bytes, file_name: str, image: str = "", request_key: str | None = None
) -> Sbom:
    """The SBOM of a release, hardware revision or part; it supersedes the one before. The bytes are kept as they are.

    A release is named by the binding, by the SHA-256 of its image, by both, or, where neither is said, by the hash of the document's main
    component. Invalid with the place where the file is none, or speaks of another image; NotFound where the binding is to nothing; Refused
    where these bytes are the current SBOM of the binding already.
    """
    actor.require(SBOM_ADD)
    digest_hex = sha256(content).hexdigest()
    documents = {digest_hex: read_sbom(content, limits=Limits())}
    asked = binding, image
    of = resolved(actor.tenant, binding, image, documents[digest_hex])
    binding = of.binding
    components = len(documents[digest_hex].components)
    name = _plain(file_name)
    row = {
        "product": binding.product, "role": binding.role, "version": binding.version, "revision": binding.revision,
        "part": binding.part, "lot": binding.lot, "file": f"sboms/{digest_hex[:16]}/{name}", "sha256": digest_hex,
        "operator": badge(actor), "happened_at": format_instant(clock.now()),
        "image": of.image, "bound_by": of.bound_by,
    }  # fmt: skip
    said = repr((*vars_of(asked[0]), asked[1], name)).encode()
    kept = evidence.keep(actor.tenant, BytesIO(content), name, "document")
    try:
        with recording(actor, events.SBOM_ADDED, request_key=request_key, content=digest(content, said)) as entry:
            kept.record(entry)
            intake, rows = prepared(documents), checked_rows("sboms", [row])
            state_rows(entry, intake, rows, missing=NOT_THERE, refused=NOTHING_NEW)
            entry.notes = {
                "of": binding.name,
                "sha256": digest_hex,
                "components": components,
                "image": of.image,
                "bound_by": of.bound_by,
            }
            number = entry.number
    except AlreadyRecorded as known:
        number = known.number
    finally:
        evidence.forget(kept)
        documents.clear()  # a class ends only when somebody looks for cycles, and the intake's would hold the document until then
    sequencing.after_commit(actor.tenant)
    for follow in sbom_followers.ADDED.values():
        follow(actor)
    canonical_purl.cache_clear()
    bulk.pages_let_go()
    sql = "SELECT ulid FROM components_sbom WHERE tenant = %s AND entry = %s"
    return sbom_named(actor.tenant, reading.fetch_one(sql, (actor.tenant, number))[0])


def vars_of(binding: Binding) -> tuple[str, ...]:
    """The cells of a binding."""
    return binding.product, binding.role, binding.version, binding.revision, binding.part, binding.lot


def _plain(name: str) -> str:
    """A file name without folders and control characters."""
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in bare if letter.isprintable())[-FILE_NAME_CHARACTERS:] or "sbom"
