"""The as-built package of a shipment: its units, what they carry, what was tested, what they run, under which concessions,
deviations and dispositions, as alternates of which qualification runs; signed.

    shipment_package(actor, "SH-7")          -> the ZIP (kernel.shipment_packages)
    shipment_package(actor, "SH-7", (2, 3))  -> the second of three, of the units that follow; each stands for itself

It is made for the customer of the shipment and tells of its units alone, and what is inside them: no other customer's unit, no package that
another customer owns (it is counted, not named), no supplier, no person. Lots stand with their maker, part number, lot code and date code. Packages
that are only possible are marked so, and positions without a record are counted: a gap is reported, never filled. It never says more than the record.
It is of the moment at which the shipment left through the gate: what was recorded by that entry, however often and late it is asked for; what a
unit went through since (a return, another test) is another shipment's to tell. Of a shipment that came with tables nobody here knows that moment:
it tells what is recorded now. Which of the two it is stands in it (`recorded_by`).
What it would be larger than can be verified is not built: 5,000 units with three plans of 40 measurements have 86 MB and take 3 s (two cores of 2026).
A party reader gets the shipments that went to his party or hold its units alone; another one does not exist for him.
"""

import csv
import io
from collections.abc import Iterable

from asbuilt.access.actor import Actor
from asbuilt.designed.parties.queries import names_of as parties_named
from asbuilt.kernel import envelope
from asbuilt.kernel import shipment_packages as packages
from asbuilt.kernel.errors import Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, keyring, sequencing
from asbuilt.questions.genealogy.evaluating.view import joined
from asbuilt.questions.genealogy.seen.conformity import conformity_of, conformity_text
from asbuilt.questions.genealogy.seen.shipped_tables import (
    alternate_rows,
    concession_rows,
    deviation_rows,
    disposition_rows,
    firmware_rows,
    material_rows,
    test_rows,
    unit_rows,
)
from asbuilt.questions.genealogy.seen.shipped_units import ShippedUnits, read_shipment
from asbuilt.storage import reading

UNIT_BYTES = 200  # of a unit without a test


def shipment_package(actor: Actor, code: str, part: tuple[int, int] = (1, 1)) -> bytes:
    """The signed package of what left with a shipment, or of one part of so many. NotFound: no such shipment, or none of the reader's party.
    Refused: it would be larger than can be verified; the refusal says in how many parts it can be had."""
    with reading.snapshot():
        found = read_shipment(actor, code, part)
        told = _Told(found, part)
        told.refuse_beyond(_measurements_bytes(found) + UNIT_BYTES * len(found.units))
        origin, _size, _root, note = sequencing.head(actor.tenant)
        for name, (header, rows) in TABLES.items():
            told.add(name, header, rows(found))
        text = conformity_text(conformity_of(found))
        number, parts = part
        if parts > 1:
            text = f"Part {number} of {parts}: {len(found.outer):,} of the shipment's {found.total:,} units.\n\n{text}"
        told.files["conformity.txt"] = text.encode()
        customer = parties_named(actor.tenant, [found.row.customer]).get(found.row.customer, "")
        said = {
            "shipment": found.row.code, "customer": customer, "country": found.row.country,
            "shipped_at": format_instant(found.shipped_at), "units": len(found.outer), "made_at": format_instant(clock.now()),
            "recorded_by": found.left_by, "checkpoint": note, **({"part": number, "parts": parts} if parts > 1 else {}),
        }  # fmt: skip
    private = keyring.record_private(origin)
    return packages.build(said, told.files, lambda manifest: envelope.sign(packages.PACKAGE_TYPE, manifest, private))


TABLES = {
    "units.csv": (("serial", "order", "place", "product", "revision", "bom_version", "inside", "packed_in"), unit_rows),
    "materials.csv": (("order", "first_place", "last_place", "refdes", "maker", "mpn", "lot_code", "date_code", "certainty"), material_rows),
    "tests.csv": (("serial", "plan", "plan_version", "outcome", "started_at", "finished_at", "measurements"), test_rows),
    "firmware.csv": (("serial", "product", "role", "version", "sha256", "programmed_at"), firmware_rows),
    "concessions.csv": (("serial", "concession", "allows", "subject", "reason", "until_at", "agreed_by"), concession_rows),
    "deviations.csv": (("serial", "deviation", "kind", "subject", "why", "granted_at", "ended_at", "agreed_by"), deviation_rows),
    "alternates.csv": (("serial", "run", "state", "maker", "mpn", "certainty"), alternate_rows),
    "dispositions.csv": (("serial", "nonconformity", "disposition", "decision", "reason", "agreed_by", "decided_at"), disposition_rows),
}  # fmt: skip


class _Told:
    """The files of a package while they are written: it stops where it would grow beyond what can be verified."""

    def __init__(self, found: ShippedUnits, part: tuple[int, int]):
        self.found, self.parts, self.bytes, self.files = found, part[1], 0, {}

    def add(self, name: str, header: tuple[str, ...], rows: Iterable[tuple]) -> None:
        """One table as CSV."""
        out = io.BytesIO()
        text = io.TextIOWrapper(out, "utf-8", newline="", write_through=True)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        for number, row in enumerate(rows):
            writer.writerow(row)
            if number % 1000 == 0:
                self.refuse_beyond(self.bytes + out.tell())
        text.detach()
        self.files[name] = out.getvalue()
        self.bytes += len(self.files[name])
        self.refuse_beyond(self.bytes)

    def refuse_beyond(self, size: int) -> None:
        """Refused where so many bytes are too many."""
        most = packages.BYTES_MAX - packages.BESIDE_BYTES
        if size <= most:
            return
        code, units = self.found.row.code, self.found.total
        parts = min(self.parts * max(2, -(-size * 5 // (most * 4))), units)
        facts = {"shipment": code, "bytes": size, "limit": packages.BYTES_MAX, "parts": parts}
        said = f"The as-built package of {code} would have {size / 1024**2:,.0f} MiB or more; {packages.BYTES_MAX // 1024**2} MiB can be verified."
        remedy = f"Get it in {parts} parts, each a package of its own: `asbuilt shipment package {code} --part 1/{parts}` and so on."
        if parts <= self.parts:
            remedy = "Its units are as few as can be: get the tables with `asbuilt export`."
        raise Refused("question.package_too_large", said, facts, remedy)


def _measurements_bytes(found: ShippedUnits) -> int:
    """How large the measurements are, by far the most of a package. One statement for each joined span."""
    sql = "SELECT t.unit, length(t.measurements) FROM quality_test_run t WHERE t.tenant = %s AND t.unit >= %s AND t.unit < %s"
    return sum(
        length or 0
        for low, high in joined(found.units)
        for unit, length in reading.fetch(sql + found.view.seen("t"), (found.view.tenant, low, high))
        if unit in found.units
    )
