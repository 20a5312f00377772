"""A VEX document before it is written: who says what about which vulnerability in which products.

Statuses and justifications are the words of OpenVEX 0.2.0, which CSAF 2.0 shares; CycloneDX has its own (`cyclonedx`).
"""

from dataclasses import dataclass

from asbuilt.kernel.errors import Invalid

NOT_AFFECTED, AFFECTED, FIXED, UNDER_INVESTIGATION = "not_affected", "affected", "fixed", "under_investigation"
STATUSES = (NOT_AFFECTED, AFFECTED, FIXED, UNDER_INVESTIGATION)
JUSTIFICATIONS = (
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
)
FORMATS = ("openvex", "csaf", "cyclonedx")


@dataclass(frozen=True, slots=True)
class VexProduct:
    """A firmware release, hardware revision or part that statements speak of; `key` is its id inside the document. What it has no
    value for is empty. `sha256` is that of the image, `purl` and `cpe` as written. `serials` are
    the units meant and `question` what means them, `models` the MPNs of a part, `within` the product that the units or the part are of,
    `part` the part's own number."""

    key: str
    maker: str
    name: str
    version: str
    purl: str = ""
    cpe: str = ""
    sha256: str = ""
    hardware: bool = False
    serials: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    question: str = ""
    within: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class VexComponent:
    """The component of a product through which the vulnerability could come in."""

    name: str
    version: str
    purl: str = ""
    cpe: str = ""


@dataclass(frozen=True, slots=True)
class VexStatement:
    """One decision about one vulnerability. Instants are ISO 8601 in UTC; `vector` a CVSS vector or empty; `text` describes the
    vulnerability."""

    key: str
    vulnerability: str
    text: str
    status: str
    justification: str
    impact: str
    action: str
    products: tuple[str, ...]
    decided_at: str
    components: tuple[VexComponent, ...] = ()
    aliases: tuple[str, ...] = ()
    vector: str = ""


@dataclass(frozen=True, slots=True)
class VexDocument:
    """Statements of one author: `identity` names the document for good, `version` counts its issues from 1, `namespace` is the author's
    own URL, `gaps` what could not be said in it."""

    identity: str
    version: int
    author: str
    namespace: str
    title: str
    issued_at: str
    changed_at: str
    products: tuple[VexProduct, ...]
    statements: tuple[VexStatement, ...]
    gaps: tuple[str, ...] = ()


def lacking(status: str, justification: str, impact: str, action: str) -> tuple[str, str, str] | None:
    """(field, what is wrong, what to do) of a statement that its status does not carry; None where it does.

    Standard: OpenVEX 0.2.0 (status, justification, impact_statement, action_statement); CSAF 2.0, 4.5.
    """
    if status not in STATUSES:
        return "status", f"{status[:40]!a} is no status", f"One of {', '.join(STATUSES)}."
    if justification and justification not in JUSTIFICATIONS:
        return "justification", f"{justification[:60]!a} is no justification", f"One of {', '.join(JUSTIFICATIONS)}."
    if status == NOT_AFFECTED and not (justification or impact):
        return "justification", "is empty, and nothing is affected", "Give a justification, or say in impact why not."
    if status != NOT_AFFECTED and justification:
        return "justification", f"is of not_affected only, the status is {status}", "Empty it."
    if status == AFFECTED and not action:
        return "action", "is empty, and products are affected", "Say what is done, or what users do."
    return None


def refuse_empty(document: VexDocument) -> None:
    """Raise Invalid where a document would say nothing."""
    if not document.statements:
        said = "No statement stands for these products."
        raise Invalid("vulnerability.vex_empty", said, {}, "Decide about a finding first.")
