"""An advisory before it is written: a plain description, which a case or a file fills in.

Words are those of CSAF 2.0: statuses (known_affected, known_not_affected, fixed, under_investigation …), categories of notes,
remediations and threats. Instants are RFC 3339 text; keys are the product ids of the document. What has no value is empty.
"""

from dataclasses import dataclass

ADVISORY, VEX, INFORMATIONAL = "advisory", "vex", "informational"
KINDS = {ADVISORY: "csaf_security_advisory", VEX: "csaf_vex", INFORMATIONAL: "csaf_informational_advisory"}


@dataclass(frozen=True, slots=True)
class SerialRange:
    """Serial numbers from `first` to `last`, both included, in the order printed on labels: same prefix, as many digits."""

    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Product:
    """A firmware version, a hardware revision or a stretch of units. `version` is one version, or a range as vers has it
    (`vers:semver/<2.3.2`)."""

    key: str
    name: str
    version: str
    maker: str
    hardware: bool = False
    model_numbers: tuple[str, ...] = ()
    serial_ranges: tuple[SerialRange, ...] = ()
    purl: str = ""
    cpe: str = ""
    sha256: str = ""
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class Installed:
    """A firmware version as it runs on a hardware revision or a stretch of units; statuses may name its `key`."""

    key: str
    firmware: str
    hardware: str


@dataclass(frozen=True, slots=True)
class Note:
    """A text for readers; `category` is description, details, faq, general, legal_disclaimer, other or summary."""

    category: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where more stands; `category` is external, or self for the document's own address."""

    url: str
    summary: str
    category: str = "external"


@dataclass(frozen=True, slots=True)
class Revision:
    """One issue of the document; the first is number 1."""

    number: int
    date: str
    summary: str


@dataclass(frozen=True, slots=True)
class Status:
    """What is said of these products, such as known_affected."""

    status: str
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Justification:
    """Why these products are not affected, as a VEX label, such as component_not_present."""

    label: str
    products: tuple[str, ...]
    date: str = ""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What is done or to be done; `category` is mitigation, no_fix_planned, none_available, vendor_fix or workaround."""

    category: str
    text: str
    products: tuple[str, ...]
    url: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Threat:
    """What is known of the danger; `category` is exploit_status, impact or target_set."""

    category: str
    text: str
    products: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """A CVSS 3.0, 3.1 or 4.0 vector and the products that it speaks of."""

    vector: str
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """`name` is a CVE number or an identity of `system`; `cwe` a number such as CWE-787."""

    name: str
    notes: tuple[Note, ...] = ()
    statuses: tuple[Status, ...] = ()
    title: str = ""
    system: str = "Publisher"
    cwe: str = ""
    discovered_at: str = ""
    released_at: str = ""
    justifications: tuple[Justification, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    threats: tuple[Threat, ...] = ()
    scores: tuple[Score, ...] = ()
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Advisory:
    """A document: `kind` is advisory, vex or informational, `status` draft, interim or final, `tlp` a label of TLP 1 (WHITE is public),
    `identity` names it for good, `namespace` is the publisher's own URL."""

    kind: str
    identity: str
    title: str
    publisher: str
    namespace: str
    revisions: tuple[Revision, ...]
    status: str = "final"
    tlp: str = "WHITE"
    language: str = "en"
    contact: str = ""
    notes: tuple[Note, ...] = ()
    references: tuple[Reference, ...] = ()
    products: tuple[Product, ...] = ()
    installed: tuple[Installed, ...] = ()
    vulnerabilities: tuple[Vulnerability, ...] = ()
