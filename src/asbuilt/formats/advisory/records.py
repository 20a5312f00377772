"""What one record of any feed says of one vulnerability: the form that matching reads.

Instants are UTC microseconds (kernel.instants), None where the record has none. Nothing is judged here: a range stands as
the record gives it. Sources: OSV schema 1.7, NVD API 2.0, CVE record format 5.2, CSAF 2.0 and 2.1, OpenVEX 0.2,
CycloneDX 1.4 to 1.7.
"""

from dataclasses import dataclass, field

OSV, NVD, CVE5, KEV, EPSS, EUVD = "osv", "nvd", "cve5", "kev", "epss", "euvd"
CSAF, OPENVEX, CYCLONEDX, OWN = "csaf", "openvex", "cyclonedx", "own"
KINDS = (OSV, NVD, CVE5, KEV, EPSS, EUVD, CSAF, OPENVEX, CYCLONEDX, OWN)
MARKING = (KEV, EPSS)
"""Kinds that say more of vulnerabilities which others found in something: by themselves they find nothing."""
AFFECTED, FIXED, NOT_AFFECTED = "affected", "fixed", "not_affected"
UNDER_INVESTIGATION, UNKNOWN = "under_investigation", "unknown"


@dataclass(frozen=True, slots=True)
class VersionRange:
    """Versions from `low` to `high`, "" is open; `exact` alone names one version. All of it "": every version.

    `scheme` is how the record wants versions compared: semver deb apk pypi rpm maven npm gem golang generic git …; "" leaves
    it to the package. With scheme git, low and high are commits; several fixes stand in `high` with blanks between:
    whoever has one of them is out of the range.
    """

    scheme: str = ""
    low: str = ""
    low_included: bool = True
    high: str = ""
    high_included: bool = False
    exact: str = ""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that the record speaks of, and which versions of it.

    kind   key
    purl   the purl without version, qualifiers, subpath: `pkg:generic/mbedtls`; `cpe` where the record gives one beside it
    cpe    `part:vendor:product`, unescaped, lower case; the whole name in `cpe`
    name   `vendor/product`, lower case, as the record writes them (CVE 5, CSAF, EUVD, KEV; `/product` where it names no
           vendor); for the table of aliases
    git    a repository's address, normalised (`names.repository_key`)
    hash   `SHA-256:hex`
    bom    a BOM-Link in its one spelling (formats.bom_links)
    part   `MAKER/MPN`, upper case
    mask   `MAKER/PATTERN`, upper case: a model number with wildcards (formats.matching.masks)

    No range at all (`ranges` empty) means that the record names the thing without saying which versions: unsure, not safe.
    `node` is the place in a tree, "" outside of one. `vulnerable` False: only the surroundings of an AND (NVD).
    `ecosystem` is OSV's, with its release (`Debian:12`); `lots`, `date_codes`, `silicon_revisions` narrow hardware; `serials` whatever it is, to
    single pieces (they may hold wildcards).
    """

    kind: str
    key: str
    ranges: tuple[VersionRange, ...] = ()
    cpe: str = ""
    node: str = ""
    vulnerable: bool = True
    status: str = AFFECTED
    lots: tuple[str, ...] = ()
    date_codes: tuple[str, ...] = ()
    silicon_revisions: tuple[str, ...] = ()
    ecosystem: str = ""
    serials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """An applicability tree: AND or OR over its children, each a Tree or the place of a criterion in `Advisory.criteria`."""

    operator: str
    negate: bool
    children: tuple["Tree | int", ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A CVSS (or SSVC) score: who gave it, version `2.0` `3.0` `3.1` `4.0` `ssvc`, vector, base score as written or None."""

    source: str
    version: str
    vector: str
    base: float | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A VEX statement: status, justification, impact, action, and the products as (purl cpe hash name git part, value);
    `within` are the components of these products that it speaks of, where it names them."""

    status: str
    justification: str = ""
    impact: str = ""
    action: str = ""
    products: tuple[tuple[str, str], ...] = ()
    at: int | None = None
    within: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Advisory:
    """What a record says of one vulnerability. `trees` are alternatives: one that holds is enough. `notes`: what of the
    record could not be read or is doubtful, in words. `files`: (product, source file) that the flaw is in;
    `named`: (product, module or routine, its name), as the record says them."""

    record: str
    vulnerability: str
    aliases: tuple[str, ...] = ()
    published_at: int | None = None
    modified_at: int | None = None
    withdrawn_at: int | None = None
    title: str = ""
    text: str = ""
    references: tuple[str, ...] = ()
    cwes: tuple[str, ...] = ()
    scores: tuple[Score, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    trees: tuple[Tree, ...] = ()
    exploited: bool | None = None
    exploited_since: int | None = None
    epss: tuple[float, float] | None = None
    statements: tuple[Statement, ...] = ()
    notes: tuple[str, ...] = ()
    source: str = ""
    files: tuple[tuple[str, str], ...] = ()
    named: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A record that could not be read: its id where one was found, its place in the document, and why."""

    record: str
    place: str
    reason: str
    raw: bytes = field(default=b"", repr=False)


class RecordBroken(Exception):
    """Raised inside the readers: where in the record (JSON pointer) and why."""

    def __init__(self, place: str, reason: str):
        super().__init__(f"{place}: {reason}" if place else reason)
        self.place, self.reason = place, reason
