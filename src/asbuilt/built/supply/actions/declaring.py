"""Papers of suppliers and makers as evidence: certificates of conformity, authorisations, declarations, SBOMs, provenance.

    declare(actor, kind="coc", supplier="DIGI", delivery="DN-1", said_by="Digi QA", content=pdf, name="coc.pdf")
    declare(actor, kind="authorisation", supplier="DIGI", manufacturer="Microchip", said_by="Microchip", valid_until="2028-01-01")

Who said it and until when it holds stand beside the file; the file is kept byte for byte. A provenance file is checked as far
as its signature or chain allows, and the finding is recorded with it, good or bad: the log anchors that the supplier said so.
"""

from hashlib import sha256

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import PACKAGE_RECEIVE
from asbuilt.built.supply import events
from asbuilt.built.supply.actions.stating import Stated, moment, state
from asbuilt.built.supply.declarations import supplier_keys
from asbuilt.built.supply.files import kind_of, refuse_file, safe_name
from asbuilt.built.supply.provenance import check_provenance
from asbuilt.designed.parties.queries import numbers_by_name
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.keys import public_from_pem
from asbuilt.ledger.recording import Entry

KINDS = ("coc", "authorisation", "ce", "doc", "sbom", "updates", "provenance", "key", "other")
WITHOUT_FILE = frozenset({"authorisation", "ce", "updates", "other"})


def declare(
    actor: Actor,
    *,
    kind: str,
    supplier: str = "",
    manufacturer: str = "",
    delivery: str = "",
    part: str = "",
    said_by: str = "",
    valid_until: str = "",
    content: bytes | None = None,
    name: str = "file",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> Stated:
    """The paper is in the record. Invalid: a file is missing, empty, too large, or a key is none; a name is not known."""
    actor.require(PACKAGE_RECEIVE)
    files = []
    if content is not None:
        refuse_file(content, name)
        files.append((safe_name(name), content))
    elif kind not in WITHOUT_FILE:
        raise Invalid(
            "supply.file_missing",
            f"A declaration of kind {kind[:20]} needs its file.",
            {"kind": kind[:20]},
            "Add the file.",
        )
    if kind == "key" and content is not None:
        public_from_pem(content.decode("ascii", "replace"))
    digest = sha256(content).hexdigest() if content is not None else ""
    cells = {
        "supplier": supplier, "delivery": delivery, "part": part, "manufacturer": manufacturer, "kind": kind,
        "file": f"files/{digest[:16]}-{safe_name(name)}" if digest else "", "sha256": digest, "said_by": said_by,
        "valid_until": valid_until,
    }  # fmt: skip

    def rows(entry: Entry):
        finding = "" if content is None else _finding(entry.tenant, kind, supplier, content)
        return {
            "declarations": [
                {**cells, "finding": finding, "operator": badge(actor), "happened_at": moment(happened_at)}
            ]
        }

    return state(
        actor, events.DECLARED, {**cells, "happened_at": happened_at}, rows, files=files, request_key=request_key
    )


def _finding(tenant: int, kind: str, supplier: str, content: bytes) -> str:
    if kind != "provenance":
        return kind_of(content)
    number = numbers_by_name(tenant).get(supplier)
    checked = check_provenance(content, supplier_keys(tenant, number))
    return f"{checked.state}: {checked.finding}"
