"""The as-built package of a shipment: its units, what they carry, what was tested, what they run, under which concessions,
deviations and dispositions, as alternates of which qualification runs; signed.

    shipment_package(actor, "SH-7")      -> the ZIP (kernel.shipment_packages)

It is made for the customer of the shipment and tells of its units alone, and what is inside them: no other customer's unit, no package that
another customer owns (it is counted, not named), no supplier, no person. Lots stand with their maker, part number, lot code and date code. Packages
that are only possible are marked so, and positions without a record are counted: a gap is reported, never filled. It never says more than the record.
It is of the moment at which the shipment left through the gate: what was recorded by that entry, however often and late it is asked for; what a
unit went through since (a return, another test) is another shipment's to tell. Of a shipment that came with tables nobody here knows that moment:
it tells what is recorded now. Which of the two it is stands in it (`recorded_by`).
A party reader gets the shipments that went to his party or hold its units alone; another one does not exist for him.
"""

import csv
import io
from collections.abc import Iterable

from asbuilt.access.actor import Actor
from asbuilt.designed.parties.queries import names_of as parties_named
from asbuilt.kernel import envelope
from asbuilt.kernel import shipment_packages as packages
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, keyring, sequencing
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
from asbuilt.questions.genealogy.seen.shipped_units import read_shipment
from asbuilt.storage import reading


def shipment_package(actor: Actor, code: str) -> bytes:
    """The signed package of what left with a shipment. NotFound: no such shipment, or none of the reader's party."""
    with reading.snapshot():
        found = read_shipment(actor, code)
        origin, _size, _root, note = sequencing.head(actor.tenant)
        files = {
            "units.csv": _csv(("serial", "order", "place", "product", "revision", "bom_version", "inside", "packed_in"), unit_rows(found)),
            "materials.csv": _csv(
                ("order", "first_place", "last_place", "refdes", "maker", "mpn", "lot_code", "date_code", "certainty"), material_rows(found)
            ),
            "tests.csv": _csv(("serial", "plan", "plan_version", "outcome", "started_at", "finished_at", "measurements"), test_rows(found)),
            "firmware.csv": _csv(("serial", "product", "role", "version", "sha256", "programmed_at"), firmware_rows(found)),
            "concessions.csv": _csv(("serial", "concession", "allows", "subject", "reason", "until_at", "agreed_by"), concession_rows(found)),
            "deviations.csv": _csv(("serial", "deviation", "kind", "subject", "why", "granted_at", "ended_at", "agreed_by"), deviation_rows(found)),
            "alternates.csv": _csv(("serial", "run", "state", "maker", "mpn", "certainty"), alternate_rows(found)),
            "dispositions.csv": _csv(
                ("serial", "nonconformity", "disposition", "decision", "reason", "agreed_by", "decided_at"), disposition_rows(found)
            ),
            "conformity.txt": conformity_text(conformity_of(found)).encode(),
        }  # fmt: skip
        customer = parties_named(actor.tenant, [found.row.customer]).get(found.row.customer, "")
        said = {
            "shipment": found.row.code, "customer": customer, "country": found.row.country,
            "shipped_at": format_instant(found.shipped_at), "units": len(found.outer), "made_at": format_instant(clock.now()),
            "recorded_by": found.left_by, "checkpoint": note,
        }  # fmt: skip
    private = keyring.record_private(origin)
    return packages.build(said, files, lambda manifest: envelope.sign(packages.PACKAGE_TYPE, manifest, private))


def _csv(header: tuple[str, ...], rows: Iterable[tuple]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()
