"""CycloneDX documents with vulnerabilities (VEX, VDR, or an SBOM that carries some), JSON and XML, 1.4 to 1.7.

One document is one record. `affects` names components of the same document, whose purl, CPE, hashes and name become
criteria; a BOM-Link to another document is one of its own, resolved where SBOMs are known. Versions: those of `affects`, else the component's.
Source: CycloneDX 1.7, `vulnerabilities`; `analysis.state` as in its enumeration.
"""

from collections.abc import Iterator

from asbuilt.formats import xml_elements
from asbuilt.formats.advisory.cells import branch, branches, fit, listed, number, text, urls, when, word, words
from asbuilt.formats.advisory.names import cpe_key, cve_name, name_key, purl_at, purl_ecosystem, purl_key
from asbuilt.formats.advisory.records import (
    AFFECTED,
    FIXED,
    NOT_AFFECTED,
    UNDER_INVESTIGATION,
    UNKNOWN,
    Advisory,
    Criterion,
    RecordBroken,
    Score,
    Statement,
    VersionRange,
)
from asbuilt.formats.advisory.scores import vector_version
from asbuilt.formats.advisory.version_words import ranges_in
from asbuilt.formats.bom_links import read_link

DEPTH_MAX = 60
STATES = {
    "resolved": FIXED, "resolved_with_pedigree": FIXED, "exploitable": AFFECTED, "in_triage": UNDER_INVESTIGATION,
    "false_positive": NOT_AFFECTED, "not_affected": NOT_AFFECTED,
}  # fmt: skip
VERSION_STATES = {"affected": AFFECTED, "unaffected": NOT_AFFECTED, "unknown": UNKNOWN}
_LISTS = {
    "vulnerabilities",
    "components",
    "ratings",
    "cwes",
    "advisories",
    "references",
    "affects",
    "versions",
    "hashes",
}
_METHODS = {"CVSSv2": "2.0", "CVSSv3": "3.0", "CVSSv31": "3.1", "CVSSv4": "4.0", "SSVC": "ssvc"}


def identity(record: dict) -> str:
    """The document's serial number, "" without one; its version is left out."""
    found = record.get("serialNumber")
    if isinstance(found, str) and found:
        return fit(found)[:300]
    return ""


def read(record: dict) -> list[Advisory]:
    """What the document says, once for each vulnerability; RecordBroken where it carries none or cannot be read."""
    if record.get("bomFormat", "CycloneDX") != "CycloneDX":
        raise RecordBroken("bomFormat", "is not CycloneDX")
    if not listed(record, "vulnerabilities"):
        raise RecordBroken("vulnerabilities", "are none in this document")
    components: dict[str, dict] = {}
    _components(record, components, 0)
    metadata = branch(record, "metadata")
    if metadata.get("component") is not None:
        _component(branch(metadata, "component"), components, 0)
    notes: list[str] = []
    at = when(metadata, "timestamp", notes)
    name = identity(record)
    return [_advisory(one, name, n, at, components, notes) for n, one in enumerate(branches(record, "vulnerabilities"))]


def _components(node: dict, found: dict[str, dict], depth: int) -> None:
    if depth > DEPTH_MAX:
        raise RecordBroken("components", f"are nested deeper than {DEPTH_MAX}")
    for component in branches(node, "components"):
        _component(component, found, depth)


def _component(component: dict, found: dict[str, dict], depth: int) -> None:
    reference = word(component, "bom-ref") or word(component, "purl", 4_000)
    if reference:
        found.setdefault(reference, component)
    _components(component, found, depth + 1)


def _advisory(
    one: dict, record: str, n: int, at: int | None, components: dict[str, dict], notes: list[str]
) -> Advisory:
    mine = list(notes)
    own = word(one, "id", 300)
    others = [word(reference, "id", 300) for reference in branches(one, "references")]
    vulnerability = next(filter(None, map(cve_name, (own, *others))), "") or own or f"{record}#{n}"
    analysis = branch(one, "analysis")
    state = word(analysis, "state")
    status = STATES.get(state, UNKNOWN) if analysis else AFFECTED
    if state and state not in STATES:
        mine.append(f"analysis/state: {state[:40]} is not known")
    criteria: dict[Criterion, None] = {}
    products: list[tuple[str, str]] = []
    for affected in branches(one, "affects"):
        reference = word(affected, "ref", 4_000)
        component = components.get(reference)
        if component is None:
            products.append(("bom", reference))
            criteria |= dict.fromkeys(_linked(reference, affected, status, mine))
            continue
        names = list(_names(component))
        purl, spoken_of = word(component, "purl", 4_000), _ranges(affected, component, status, mine)
        version = _one_version(spoken_of, status)
        at_version = {"purl": purl_at(purl, version), "name": f" {version}" if version else ""}
        for kind, key, cpe in names:
            products.append((kind, cpe or (at_version["purl"] if kind == "purl" else key + at_version.get(kind, ""))))
        of_release = {"purl": purl_ecosystem(purl)}
        for its, ranges in spoken_of:
            criteria |= dict.fromkeys(
                Criterion(kind, key, ranges, cpe, status=its, ecosystem=of_release.get(kind, ""))
                for kind, key, cpe in names
            )
    statement = Statement(
        status,
        word(analysis, "justification"),
        text(analysis, "detail"),
        " ".join(filter(None, (text(one, "recommendation"), *words(analysis, "response")))),
        tuple(dict.fromkeys(products)),
        when(analysis, "lastUpdated", mine) or at,
    )
    return Advisory(
        record or f"{vulnerability}#{n}",
        vulnerability,
        aliases=tuple(dict.fromkeys(alias for alias in (own, *others) if alias and alias != vulnerability)),
        published_at=when(one, "published", mine),
        modified_at=when(one, "updated", mine) or at,
        withdrawn_at=when(one, "rejected", mine),
        text=text(one, "description"),
        references=urls(one, "advisories"),
        cwes=tuple(f"CWE-{found}" for found in listed(one, "cwes") if str(found).isdigit() and len(str(found)) < 7),
        scores=tuple(_scores(one)),
        criteria=tuple(criteria),
        statements=(statement,) if analysis else (),
        notes=tuple(mine),
        source=word(branch(one, "source"), "name"),
    )


def _linked(reference: str, affected: dict, status: str, notes: list[str]) -> Iterator[Criterion]:
    """What is said of a component of another document, by its BOM-Link; without versions it is the one that stands there."""
    link = read_link(reference)
    if not link:
        notes.append(f"affects: {reference[:200]} names no component of this document")
        return
    for its, ranges in _ranges(affected, {}, status, notes):
        yield Criterion("bom", link, ranges or (VersionRange(),), status=its)


def _names(component: dict) -> Iterator[tuple[str, str, str]]:
    purl = purl_key(word(component, "purl", 4_000))
    if purl:
        yield "purl", purl, ""
    cpe = word(component, "cpe")
    if cpe_key(cpe):
        yield "cpe", cpe_key(cpe), cpe
    for one in branches(component, "hashes"):
        if word(one, "content"):
            yield "hash", f"{word(one, 'alg').upper()}:{word(one, 'content').lower()}", ""
    supplier = word(branch(component, "supplier"), "name") or word(component, "group") or word(component, "publisher")
    key = name_key(supplier, word(component, "name"))
    if key:
        yield "name", key, ""


def _ranges(
    affected: dict, component: dict, status: str, notes: list[str]
) -> list[tuple[str, tuple[VersionRange, ...]]]:
    """By status: the versions that `affects` names, else the component's own."""
    said: dict[str, list[VersionRange]] = {}
    for one in branches(affected, "versions"):
        its = VERSION_STATES.get(word(one, "status") or "affected", UNKNOWN)
        its = status if its == AFFECTED else its
        found = (
            (VersionRange(exact=word(one, "version")),)
            if one.get("version")
            else ranges_in(word(one, "range", 4_000), notes)
        )
        said.setdefault(its, []).extend(found)
    if said:
        return [(its, tuple(dict.fromkeys(ranges))) for its, ranges in said.items()]
    version = word(component, "version")
    return [(status, (VersionRange(exact=version),) if version else ())]


def _one_version(spoken_of: list[tuple[str, tuple[VersionRange, ...]]], status: str) -> str:
    """The one version of which the status is said; "" where it is said of several."""
    ranges = [each for its, ranges in spoken_of if its == status for each in ranges]
    return ranges[0].exact if len(ranges) == 1 else ""


def _scores(one: dict) -> Iterator[Score]:
    for rating in branches(one, "ratings"):
        vector, base = word(rating, "vector"), number(rating, "score", 0, 10)
        version = _METHODS.get(word(rating, "method"), "") or vector_version(vector)
        if version and (vector or base is not None):
            yield Score(word(branch(rating, "source"), "name"), version, vector, base)


def from_xml(raw: bytes) -> dict:
    """An XML document as its JSON would be, as far as it is read here; RecordBroken where it is not XML that we take."""
    try:
        root = xml_elements.elements_of(raw)
    except xml_elements.XmlRefused as refused:
        raise RecordBroken(f"line {refused.line}", refused.reason) from None
    if root.name != "bom":
        raise RecordBroken("", "is no CycloneDX document")
    found = _element(root)
    return {**found, "bomFormat": "CycloneDX"} if isinstance(found, dict) else {}


def _element(element: xml_elements.Element) -> object:
    if element.name == "analysis":
        made = {child.name: _element(child) for child in element.children}
        responses = element.find("responses")
        return {**made, "response": [child.text.strip() for child in responses.children] if responses else []}
    if element.name in _LISTS:
        return [_entry(child) for child in element.children]
    if element.name == "hash":
        return {"alg": element.get("alg"), "content": element.text.strip()}
    if element.children or element.attributes:
        made = {name: value for name, value in element.attributes.items() if ":" not in name}
        made |= {child.name: _element(child) for child in element.children}
        return made if made else element.text.strip()
    return element.text.strip()


def _entry(child: xml_elements.Element) -> object:
    found = _element(child)
    return int(found) if child.name == "cwe" and isinstance(found, str) and found.isdigit() else found
