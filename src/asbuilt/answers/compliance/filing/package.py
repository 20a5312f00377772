"""The technical file as one signed ZIP: its text, every table whole, the documents it rests on, and proofs of what people stated.

    technical_package(actor, "EG-200")   -> the ZIP (kernel.shipment_packages), which `asbuilt verify` checks without a database

`file.json` is the file, gaps first; `gaps.txt` says them in lines; `…​.csv` are the tables; `document-…` are SBOMs and what people filed, as long as there is
room, and one that is left out is named in the manifest; `proofs.json` is a certificate of every statement with its way into the log. Nothing is filled.
"""

import csv
import io
import json
import re

from django.utils.translation import gettext as _

from asbuilt.access.actor import Actor
from asbuilt.access.rights import EVIDENCE_READ, FILING_READ
from asbuilt.answers.compliance.filing.events import FILED
from asbuilt.answers.compliance.filing.parts import about_product
from asbuilt.answers.compliance.filing.stating import no_party
from asbuilt.answers.compliance.filing.technical_file import TechnicalFile, completeness, technical_file, told
from asbuilt.kernel import envelope
from asbuilt.kernel import shipment_packages as packages
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.ledger import evidence, keyring, proofs, sequencing
from asbuilt.ledger.facts import FactRow, fact_row
from asbuilt.storage import reading

DOCUMENTS_BYTES_MAX = 128 * 1024**2
DOCUMENTS_MAX = 500
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


def technical_package(actor: Actor, product: str) -> bytes:
    """The signed package of the file as the record shows it now. NotFound: no such product, or the reader is a party's person."""
    no_party(actor, product)
    actor.require(FILING_READ)
    actor.require(EVIDENCE_READ)
    sequencing.sequence(actor.tenant)  # what was said last has its place in the log
    with reading.snapshot():
        file = technical_file(actor, product)
        origin, _size, _root, note = sequencing.head(actor.tenant)
        seen = told(file)
        documents, left = _documents(actor.tenant, file)
        files = {
            "file.json": json.dumps(seen, ensure_ascii=False, indent=1).encode(), "gaps.txt": gaps_text(seen).encode(),
            **_tables(file), **documents, **_proofs(actor.tenant, product),
        }  # fmt: skip
        said = {
            "product": file.product, "made_at": seen["made_at"], "rule_set": seen["rule_set"], "completeness": completeness(file),
            "gaps": len(seen["gaps"]), "left_out": left, "checkpoint": note,
        }  # fmt: skip
    private = keyring.record_private(origin)
    return packages.build(
        said, files, lambda manifest: envelope.sign(packages.TECHNICAL_FILE.type, manifest, private),
        packages.TECHNICAL_FILE,
    )  # fmt: skip


def gaps_text(seen: dict) -> str:
    """The gaps as plain lines, the first thing to read."""
    lines = [seen["words"], "", *(f"{one['point']} {one['name']}: {one['gap']}" for one in seen["gaps"])]
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


def _documents(tenant: int, file: TechnicalFile) -> tuple[dict[str, bytes], list[str]]:
    """(files by name, hashes that are left out): not kept here, erased, or no room."""
    wanted = {each.sha256: each.name for one in file.filed for part in one.parts for each in part.documents if each.sha256}  # fmt: skip
    found, left, room = {}, [], DOCUMENTS_BYTES_MAX
    kept = evidence.known_hashes(tenant, sorted(wanted)) if wanted else set()
    for sha256, name in sorted(wanted.items()):
        if sha256 not in kept or len(found) >= DOCUMENTS_MAX:
            left.append(sha256)
            continue
        try:
            content = b"".join(evidence.open_evidence(tenant, sha256))
        except AsbuiltError:
            left.append(sha256)
            continue
        if len(content) > room:
            left.append(sha256)
            continue
        room -= len(content)
        found[f"document-{sha256[:12]}-{_UNFIT.sub('_', name)[-60:]}"] = content
    return found, left


def _proofs(tenant: int, product: str) -> dict[str, bytes]:
    """A certificate of every statement about the product; none where there is none."""
    rows = statement_facts(tenant, [about_product(product)])
    return {"proofs.json": proofs.certificate(tenant, {"kind": "technical file", "product": product}, rows)} if rows else {}  # fmt: skip


def statement_facts(tenant: int, about: list[str]) -> list[FactRow]:
    """The facts of every line about these."""
    sql = f'SELECT entry, "row" FROM compliance_filing WHERE tenant = %s AND {reading.any_of("about", "text")} ORDER BY entry, "row"'
    places = reading.fetch(sql, (tenant, reading.list_param(sorted(about))))
    return [fact_row(tenant, entry, FILED.name, row) for entry, row in places]
