"""CycloneDX 1.6 and 1.7 JSON out of the one form (ECMA-424; the official schema judges it in the tests).

A licence text that is no SPDX id or expression is written as a name; identifiers, hashes and notes that the format has no
field for become properties. `tree` gives the JSON as Python values: the XML writer walks the same tree.
"""

import json
import re
from datetime import UTC, datetime

from asbuilt.formats.sbom.model import SbomComponent, SbomDocument

KINDS = (
    "application", "framework", "library", "container", "platform", "operating-system", "device", "device-driver", "firmware",
    "file", "machine-learning-model", "data", "cryptographic-asset",
)  # fmt: skip
ALGORITHMS = (
    "MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512", "SHA3-256", "SHA3-384", "SHA3-512", "BLAKE2b-256", "BLAKE2b-384",
    "BLAKE2b-512", "BLAKE3",
)  # fmt: skip
REFERENCES = (
    "vcs", "issue-tracker", "website", "advisories", "bom", "mailing-list", "social", "chat", "documentation", "support",
    "source-distribution", "distribution", "distribution-intake", "license", "build-meta", "build-system", "release-notes",
    "security-contact", "model-card", "log", "configuration", "evidence", "formulation", "attestation", "threat-model",
    "adversary-model", "risk-assessment", "vulnerability-assertion", "exploitability-statement", "pentest-report",
    "static-analysis-report", "dynamic-analysis-report", "runtime-analysis-report", "component-analysis-report",
    "maturity-report", "certification-report", "codified-infrastructure", "quality-metrics", "poam", "electronic-signature",
    "digital-signature", "rfc-9116",
)  # fmt: skip
PHASES = ("design", "pre-build", "build", "post-build", "operations", "discovery", "decommission")
AGGREGATES = (
    "complete", "incomplete", "incomplete_first_party_only", "incomplete_first_party_proprietary_only",
    "incomplete_first_party_opensource_only", "incomplete_third_party_only", "incomplete_third_party_proprietary_only",
    "incomplete_third_party_opensource_only", "unknown", "not_specified",
)  # fmt: skip
BSI = (("file_name", "filename"), ("executable", "executable"), ("archive", "archive"), ("structured", "structured"))
OWN_PROPERTIES = {"sku": "cdx:device:sku", "lot": "cdx:device:lotNumber", "mpn": "asbuilt:mpn"}
"""Identifiers of hardware that stand as properties: CycloneDX's device taxonomy where it has the name."""
_HEX_LENGTHS = (32, 40, 64, 96, 128)
_CPE = re.compile(r"([cC][pP][eE]:/|cpe:2\.3:)").match
_LICENCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*").fullmatch
_URN = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch


def write(document: SbomDocument, spec: str) -> bytes:
    """The document as CycloneDX JSON of this version."""
    return json.dumps(tree(document, spec), ensure_ascii=False, indent=1).encode() + b"\n"


def tree(document: SbomDocument, spec: str) -> dict:
    """The document as the JSON's values."""
    said: dict = {
        "$schema": f"http://cyclonedx.org/schema/bom-{spec}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": spec,
    }
    if _URN(document.identity):
        said["serialNumber"] = document.identity
    said["version"] = int(document.document_version) if document.document_version.isdecimal() else 1
    said["metadata"] = _metadata(document)
    inside: dict[str, list[SbomComponent]] = {}
    refs = {one.ref for one in document.components}
    subject = document.subject.ref if document.subject else ""
    for one in document.components:
        if one.ref == subject:
            continue
        parent = one.parent if one.parent in refs and one.parent != subject else ""
        inside.setdefault(parent, []).append(one)
    said["components"] = _nested(inside, "")
    known = refs | {subject} - {""}
    said["dependencies"] = [
        {"ref": ref, **({"dependsOn": targets} if targets else {})}
        for ref, asked in document.dependencies
        if ref in known and (targets := list(dict.fromkeys(one for one in asked if one in known))) is not None
    ]
    if compositions := _compositions(document, known):
        said["compositions"] = compositions
    return said


def _nested(inside: dict[str, list[SbomComponent]], parent: str) -> list[dict]:
    """The components under this ref with theirs, without recursion: an assembly may be deep."""
    written: dict[str, dict] = {}
    top: list[dict] = []
    todo: list[tuple[str, list[dict]]] = [(parent, top)]
    while todo:
        above, into = todo.pop()
        for one in inside.get(above, ()):
            if one.ref in written:
                continue
            written[one.ref] = component(one)
            into.append(written[one.ref])
            if inside.get(one.ref):
                written[one.ref]["components"] = []
                todo.append((one.ref, written[one.ref]["components"]))
    return top


def _metadata(document: SbomDocument) -> dict:
    said: dict = {}
    if document.created_at is not None:
        said["timestamp"] = instant(document.created_at)
    if document.lifecycle in PHASES:
        said["lifecycles"] = [{"phase": document.lifecycle}]
    elif document.lifecycle:
        said["lifecycles"] = [{"name": document.lifecycle}]
    if document.tools:
        said["tools"] = {"components": [{"type": "application", **tool(text)} for text in document.tools]}
    if document.authors[1:]:
        said["authors"] = [{"name": name} for name in document.authors[1:]]
    if document.subject:
        said["component"] = component(document.subject)
    if document.authors:
        said["manufacturer"] = organisation(document.authors[0], document.contacts)
    return said


def instant(moment: datetime) -> str:
    """An instant in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def tool(text: str) -> dict[str, str]:
    """Name and version of a tool written as one text."""
    name, blank, version = text.rpartition(" ")
    if blank and re.search(r"\d", version):
        return {"name": name, "version": version}
    return {"name": text}


def organisation(name: str, contacts: tuple[str, ...] = ()) -> dict:
    """A company with its e-mail addresses and URLs."""
    said: dict = {"name": name} if name else {}
    urls = [one for one in contacts if "://" in one]
    mails = [one for one in contacts if "@" in one and "://" not in one]
    if urls:
        said["url"] = urls
    if mails:
        said["contact"] = [{"email": mail} for mail in mails]
    return said


def component(one: SbomComponent) -> dict:
    """A component without those inside it."""
    properties = list(one.properties)
    said: dict = {"type": one.kind if one.kind in KINDS else "library", "bom-ref": one.ref}
    if one.supplier:
        said["supplier"] = {"name": one.supplier}
    if one.maker or one.contacts:
        said["manufacturer"] = organisation(one.maker, one.contacts)
    if one.group:
        said["group"] = one.group
    said["name"] = one.name
    for name, value in (("version", one.version), ("description", one.description)):
        if value:
            said[name] = value
    if one.scope in ("required", "optional", "excluded"):
        said["scope"] = one.scope
    if hashes := _hashes(one.hashes):
        said["hashes"] = hashes
    if licences := _licences(one):
        said["licenses"] = licences
    if one.copyright:
        said["copyright"] = one.copyright
    if _CPE(one.cpe):
        said["cpe"] = one.cpe
    elif one.cpe:
        properties.append(("asbuilt:identifier:cpe", one.cpe))
    if one.purl:
        said["purl"] = one.purl
    _further_identifiers(one, said, properties)
    if one.swid:
        said["swid"] = {"tagId": one.swid, "name": one.name or one.swid}
    if one.pedigree:
        said["pedigree"] = {"notes": "\n".join(f"{kind}: {text}" for kind, text in one.pedigree)}
    if one.references:
        said["externalReferences"] = [_reference(*reference) for reference in one.references]
    for attribute, name in BSI:
        if value := getattr(one, attribute):
            properties.append((f"bsi:component:{name}", value))
    if properties:
        said["properties"] = [{"name": name, "value": value} for name, value in dict.fromkeys(properties)]
    return said


def _further_identifiers(one: SbomComponent, said: dict, properties: list[tuple[str, str]]) -> None:
    for kind, value in one.more_identifiers:
        if kind == "gitoid":
            said.setdefault("omniborId", []).append(value)
        elif kind == "swhid":
            said.setdefault("swhid", []).append(value)
        elif kind == "purl" or (kind == "cpe" and _CPE(value)):
            # the format has one place for each; what else it was found to be stands in its evidence
            said.setdefault("evidence", {}).setdefault("identity", []).append({"field": kind, "concludedValue": value})
        else:
            properties.append((OWN_PROPERTIES.get(kind, f"asbuilt:identifier:{kind}"), value))
    for algorithm, value in one.hashes:
        if not _is_hash(algorithm, value):
            properties.append((f"asbuilt:hash:{algorithm}", value))


def _is_hash(algorithm: str, value: str) -> bool:
    return algorithm in ALGORITHMS and len(value) in _HEX_LENGTHS and re.fullmatch(r"[0-9a-fA-F]+", value) is not None


def _hashes(hashes) -> list[dict]:
    return [{"alg": algorithm, "content": value} for algorithm, value in hashes if _is_hash(algorithm, value)]


def _reference(kind: str, url: str, hashes) -> dict:
    said: dict = {"type": kind if kind in REFERENCES else "other", "url": url}
    if kind not in (*REFERENCES, "other"):
        said["comment"] = kind
    if found := _hashes(hashes):
        said["hashes"] = found
    return said


def _licences(one: SbomComponent) -> list[dict]:
    """One expression alone, else each by its name: the format admits no mixture (1.6)."""
    plain = [text for text in one.licences if text not in one.concluded and text not in one.declared]
    said = [
        *(("", text) for text in plain),
        *(("declared", text) for text in one.declared),
        *(("concluded", text) for text in one.concluded),
    ]
    found = []
    for acknowledged, text in said:
        kind = {"acknowledgement": acknowledged} if acknowledged else {}
        if len(said) == 1 and is_expression(text):
            found.append({"expression": text, **kind})
        else:
            found.append({"license": {"name": text, **kind}})
    return found


def is_expression(text: str) -> bool:
    """Whether this can be an SPDX licence expression: ids, WITH, AND, OR, parentheses."""
    words = text.replace("(", " ").replace(")", " ").split()
    if not words or text.count("(") != text.count(")") or text.upper() in ("NOASSERTION", "NONE"):
        return False
    joined = words[1::2]
    return (
        len(words) % 2 == 1
        and all(word in ("AND", "OR", "WITH") for word in joined)
        and all(_LICENCE_ID(word) for word in words[::2])
    )


def _compositions(document: SbomDocument, known: set[str]) -> list[dict]:
    found: dict[str, list[str]] = {}
    for ref, said in document.completeness:
        if ref in known:
            found.setdefault(said if said in AGGREGATES else "not_specified", []).append(ref)
    return [
        {"aggregate": said, "assemblies": list(dict.fromkeys(refs)), "dependencies": list(dict.fromkeys(refs))}
        for said, refs in found.items()
    ]
