"""An as-built BOM as a file: plain in a form, or signed with the log's proof.

    bom_file(actor, "unit", "10842", form="cyclonedx-1.6")                 -> BomFile, signed
    bom_file(actor, "unit", "10842", form="spdx-3.0.1", signed=False)      -> the plain document

The signed one is an envelope (DSSE, `kernel.certificates`) around the exact text, the newest signed head of the log, and each entry
that recorded what stands in it (material, replacements, programming) with its way up to that head. Of more than two thousand entries the
newest are shown and the others counted; rows are not shown, for they would tell a customer what his BOM leaves out.
"""

from dataclasses import dataclass
from hashlib import sha256

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.built.programming.queries import came_programmed
from asbuilt.formats.sbom.writing import CYCLONEDX, form_named
from asbuilt.kernel import certificates
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import opened
from asbuilt.ledger import clock, proofs
from asbuilt.questions.boms.assembling import as_built_bom
from asbuilt.questions.genealogy.evaluating.view import View, joined
from asbuilt.storage import reading

ENTRIES_SHOWN_MAX = 2_000
SIGNED_BYTES_MAX = 16 * 1024**2
DSSE = "application/vnd.dsse.envelope.v1+json"


@dataclass(frozen=True)
class BomFile:
    """A file to be given: its bytes, media type, and name."""

    content: bytes
    media_type: str
    name: str


def bom_file(
    actor: Actor, kind: str, code: str, *, reader: str = "", form: str = CYCLONEDX, signed: bool = True
) -> BomFile:
    """The as-built BOM as a file. Raises what `as_built_bom` does; Invalid for a form that is not written, or too many bytes."""
    chosen = form_named(form)
    with reading.snapshot():
        bom = as_built_bom(actor, kind, code, reader)
        content = chosen.write(bom.document)
        name = f"{kind}-{plain_name(bom.asked.code)}.{chosen.ending}"
        if not signed:
            return BomFile(content, chosen.media_type, name)
        numbers = (
            _entries(bom.asked.view, bom.asked.units) | _of_packages(bom.asked.view, bom.packages) | bom.sbom_entries
        )
        about = {"kind": kind, "code": bom.asked.code, "reader": bom.asked.reader, "units": bom.units, "form": form}
        document = envelope_of(actor, content, about, numbers, (bom.origin, bom.size, bom.note))
    return BomFile(document, DSSE, f"{name}.dsse.json")


def envelope_of(actor: Actor, content: bytes, about: dict, numbers: set[int], head: tuple[str, int, str]) -> bytes:
    """A signed envelope around a document and the proofs of the entries it was made of; `head` is origin, size and signed head."""
    if len(content) > SIGNED_BYTES_MAX:
        said = f"The BOM has {len(content):,} bytes; {SIGNED_BYTES_MAX:,} are signed at the most."
        raise Invalid("question.bom_too_long", said, {"bytes": len(content)}, "Take it unsigned, or of a part of it.")
    origin, size, note = head
    shown = [number for number in sorted(numbers) if number <= size][-ENTRIES_SHOWN_MAX:]
    more = {
        "media_type": form_named(about["form"]).media_type, "made_at": format_instant(clock.now()),
        "entries_left_out": len(numbers) - len(shown),
    }  # fmt: skip
    said = {
        "format": certificates.BOM_FORMAT, "about": {**about, **more}, "bom": content.decode(), "sha256": sha256(content).hexdigest(),
        "checkpoint": note, "entries": [proofs.entry_proof(actor.tenant, number, size) for number in shown],
    }  # fmt: skip
    return proofs.signed_document(origin, certificates.BOM_TYPE, said)


def plain_name(code: str) -> str:
    """A code as a part of a file name."""
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in code)[
        :80
    ]


def _entries(view: View, units: BitMap) -> set[int]:
    """The entries that recorded material, replacements and programming of these units, and what is inside what."""
    columns = "t.entry, t.first_unit, t.until_unit, t.units"
    runs = view.rows_reached(columns, "production_material_run", view.reaches(units))
    found = {entry for entry, *run in runs if opened(*run).intersect(units)}
    for table, column in (
        ("production_replacement", "unit"), ("programming_record", "unit"), ("production_assembly", "parent"),
    ):  # fmt: skip
        found |= _of_units(view, table, column, units)
    return found


def _of_packages(view: View, packages: frozenset[int]) -> set[int]:
    """The entries that say what packages on the units came programmed with. One statement."""
    return {row.entry for row in came_programmed(view.tenant, packages, view.entry)} if packages else set()


def _of_units(view: View, table: str, column: str, units: BitMap) -> set[int]:
    sql = f"SELECT t.{column}, t.entry FROM {table} t WHERE t.tenant = %s AND t.{column} >= %s AND t.{column} < %s"
    return {
        entry
        for low, high in joined(units)
        for unit, entry in reading.fetch(sql + view.seen("t"), (view.tenant, low, high))
        if unit in units
    }
