"""The technical file as one signed ZIP: its text, every table whole, the documents it rests on, and proofs of what people stated.

    technical_package(actor, "EG-200")                         -> the ZIP (kernel.shipment_packages), which `asbuilt verify` checks without a database
    part_of_file(actor, "EG-200", ["AVII.2.b", "AVII.8"])      -> PartOfFile: a ZIP of these points alone, and which documents it leaves out

`file.json` is the file, gaps first; `gaps.txt` says them in lines; `…​.csv` are the tables; `document-…` are SBOMs and what people filed, as long as there is
room, and one that is left out is a gap by its name, and in the manifest by its hash; which points were not asked for stands first in `gaps.txt`; `proofs.json` is a certificate of every statement with its way into the log. Nothing is filled.
"""

import csv
import io
import json
import re
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.access.rights import EVIDENCE_READ, FILING_READ
from asbuilt.answers.compliance.filing.events import FILED
from asbuilt.answers.compliance.filing.information import INFORMATION
from asbuilt.answers.compliance.filing.lines import CHECKED, POINT, REVISION, TEXT
from asbuilt.answers.compliance.filing.parts import about_product
from asbuilt.answers.compliance.filing.stating import no_party
from asbuilt.answers.compliance.filing.technical_file import (
    REVISIONS,
    Filed,
    TechnicalFile,
    completeness,
    technical_file,
    told,
)
from asbuilt.kernel import envelope
from asbuilt.kernel import shipment_packages as packages
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.ledger import evidence, keyring, proofs, sequencing
from asbuilt.ledger.facts import FactRow, fact_row
from asbuilt.storage import reading

DOCUMENTS_BYTES_MAX = 128 * 1024**2
DOCUMENTS_MAX = 500
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class PartOfFile:
    """A package, and what it lacks of the documents of its points, in words."""

    content: bytes
    left_out: tuple[str, ...]


def technical_package(actor: Actor, product: str) -> bytes:
    """The signed package of the file as the record shows it now. NotFound: no such product, or the reader is a party's person."""
    return part_of_file(actor, product, ()).content


def part_of_file(actor: Actor, product: str, points: Collection[str]) -> PartOfFile:
    """The signed package of these points of the file (of all where none is named), and of nothing else. Raises what `technical_package` raises."""
    no_party(actor, product)
    actor.require(FILING_READ)
    actor.require(EVIDENCE_READ)
    sequencing.sequence(actor.tenant)  # what was said last has its place in the log
    with reading.snapshot():
        file = technical_file(actor, product)
        file = file.only(points) if points else file
        origin, _size, _root, note = sequencing.head(actor.tenant)
        seen = told(file)
        documents, left = _documents(actor.tenant, file)
        lacks = [
            {"point": one.asked.key, "law": one.asked.law, "name": one.asked.name, "gap": said}
            for one, said, _sha256 in left
        ]
        seen["gaps"] += lacks
        files = {
            "file.json": json.dumps(seen, ensure_ascii=False, indent=1).encode(), "gaps.txt": gaps_text(seen).encode(),
            **_tables(file), **documents, **_proofs(actor.tenant, file),
        }  # fmt: skip
        said = {
            "product": file.product, "made_at": seen["made_at"], "rule_set": seen["rule_set"], "completeness": completeness(file),
            "gaps": len(seen["gaps"]), "left_out": sorted({sha256 for _one, _said, sha256 in left}), "checkpoint": note,
        }  # fmt: skip
        if file.beside:
            said |= {"points": [one.asked.key for one in file.filed], "not_part": [one.key for one in file.beside]}
    private = keyring.record_private(origin)
    content = packages.build(
        said, files, lambda manifest: envelope.sign(packages.TECHNICAL_FILE.type, manifest, private),
        packages.TECHNICAL_FILE,
    )  # fmt: skip
    return PartOfFile(content, tuple(f"{one['point']}: {one['gap']}" for one in lacks))


def gaps_text(seen: dict) -> str:
    """The gaps as plain lines, the first thing to read; before them what of the file was not asked for."""
    lines = [seen["words"], "", *(f"{one['point']} {one['name']}: {one['gap']}" for one in seen["gaps"])]
    if beside := seen.get("not_part"):
        held = ", ".join(f"{one['point']} {one['name']}" for one in seen["points"])
        others = ", ".join(f"{one['point']} {one['name']}" for one in beside)
        told_first = (
            _("This is part of the technical file: %(points)s."),
            _("Not asked for, and not part of it: %(points)s."),
        )
        lines = [told_first[0] % {"points": held}, told_first[1] % {"points": others}, "", *lines]
    return "\n".join([*lines, "" if seen["gaps"] else _("No source knows of a gap."), ""])


def _tables(file: TechnicalFile) -> dict[str, bytes]:
    found = {}
    for one in file.filed:
        tables = [table for part in one.parts for table in part.tables if table.count]
        for place, table in enumerate(tables, 1):
            out = io.StringIO(newline="")
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(table.columns)
            writer.writerows(table.rows())
            found[f"{one.asked.key}-{place}.csv"] = out.getvalue().encode()
    return found


def _documents(tenant: int, file: TechnicalFile) -> tuple[dict[str, bytes], list[tuple[Filed, str, str]]]:
    """(files by name, what is left out: its point, why in words, its hash): not kept here, erased, or no room."""
    wanted: dict[str, list[tuple[Filed, str]]] = {}
    for one in file.filed:
        for each in (each for part in one.parts for each in part.documents if each.sha256):
            wanted.setdefault(each.sha256, []).append((one, each.name))
    found, left, room = {}, [], DOCUMENTS_BYTES_MAX
    kept = evidence.known_hashes(tenant, sorted(wanted)) if wanted else set()
    for sha256, places in sorted(wanted.items(), key=lambda one: (one[0], one[1][-1][1])):
        content, why = b"", ""
        if sha256 not in kept:
            why = _("it is not kept here")
        elif len(found) >= DOCUMENTS_MAX:
            why = _("there is no room for it")
        else:
            try:
                content = b"".join(evidence.open_evidence(tenant, sha256))
            except AsbuiltError:
                why = _("it was erased, or cannot be opened")
            if len(content) > room:
                why = _("there is no room for it")
        if why:
            said = _("%(name)s (SHA-256 %(sha256)s) is not in this package: %(why)s.")
            each = {(one.asked.key, name): one for one, name in places}
            left += [
                (one, said % {"name": name, "sha256": sha256, "why": why}, sha256) for (_key, name), one in each.items()
            ]
            continue
        room -= len(content)
        found[f"document-{sha256[:12]}-{_UNFIT.sub('_', places[-1][1])[-60:]}"] = content
    return found, left


def _proofs(tenant: int, file: TechnicalFile) -> dict[str, bytes]:
    """A certificate of every statement about the product, of its points alone where it was asked for in part; none where there is none."""
    rows = statement_facts(tenant, [about_product(file.product)])
    if file.beside:
        held = {one.asked.key for one in file.filed}
        rows = [row for row in rows if _point_of(row) in held]
    return {"proofs.json": proofs.certificate(tenant, {"kind": "technical file", "product": file.product}, rows)} if rows else {}  # fmt: skip


def _point_of(row: FactRow) -> str:
    """The point that a statement about a product is shown under; empty where it is under none (a baseline is a document of its own)."""
    said = dict(zip(FILED.columns, row.values, strict=True))
    if said["kind"] == POINT:
        return said["name"]
    return {TEXT: INFORMATION, CHECKED: INFORMATION, REVISION: REVISIONS}.get(said["kind"], "")


def statement_facts(tenant: int, about: list[str]) -> list[FactRow]:
    """The facts of every line about these."""
    sql = f'SELECT entry, "row" FROM compliance_filing WHERE tenant = %s AND {reading.any_of("about", "text")} ORDER BY entry, "row"'
    places = reading.fetch(sql, (tenant, reading.list_param(sorted(about))))
    return [fact_row(tenant, entry, FILED.name, row) for entry, row in places]
