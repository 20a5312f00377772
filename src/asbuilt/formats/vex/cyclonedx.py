"""A VEX document as CycloneDX 1.6: components for the products, vulnerabilities with their analysis, no dependency of anything.

Units are a component whose properties name them, a part is a device with its MPNs; what is left out stands in the metadata.

Standard: ECMA-424 (CycloneDX 1.6), vulnerabilities. Its states and justifications are others than OpenVEX's: the words chosen stand in
`detail` beside the statement, so nothing is lost.
"""

import json

from asbuilt.formats.cvss_vectors import rate
from asbuilt.formats.vex.statements import VexDocument, VexProduct, VexStatement, refuse_empty

STATES = {
    "not_affected": "not_affected",
    "affected": "exploitable",
    "fixed": "resolved",
    "under_investigation": "in_triage",
}
JUSTIFIED = {
    "component_not_present": "code_not_present",
    "vulnerable_code_not_present": "code_not_present",
    "vulnerable_code_not_in_execute_path": "code_not_reachable",
    "vulnerable_code_cannot_be_controlled_by_adversary": "requires_environment",
    "inline_mitigations_already_exist": "protected_by_mitigating_control",
}
TAKEN_OVER = {
    "code_not_present": "vulnerable_code_not_present",
    "code_not_reachable": "vulnerable_code_not_in_execute_path",
    "requires_configuration": "vulnerable_code_cannot_be_controlled_by_adversary",
    "requires_dependency": "vulnerable_code_cannot_be_controlled_by_adversary",
    "requires_environment": "vulnerable_code_cannot_be_controlled_by_adversary",
    "protected_by_compiler": "inline_mitigations_already_exist",
    "protected_at_runtime": "inline_mitigations_already_exist",
    "protected_at_perimeter": "inline_mitigations_already_exist",
    "protected_by_mitigating_control": "inline_mitigations_already_exist",
}
"""CycloneDX's justifications in OpenVEX's words, which decisions have."""
METHODS = {"3.0": "CVSSv3", "3.1": "CVSSv31", "4.0": "CVSSv4"}


def as_decided(justification: str, detail: str) -> tuple[str, str]:
    """Justification and impact of a statement, as a decision says them: in OpenVEX's words, the very ones where `detail` begins with them, as
    written here. A justification that is OpenVEX's already stays."""
    first, colon, rest = detail.partition(": ")
    if justification in TAKEN_OVER and JUSTIFIED.get(first) == justification:
        return first, rest if colon else ""
    return TAKEN_OVER.get(justification, justification), detail


def write_cyclonedx_vex(document: VexDocument, *, serial_number: str) -> bytes:
    """The document as UTF-8 JSON; `serial_number` is a UUID that names it for good. Invalid where it says nothing."""
    refuse_empty(document)
    said = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial_number}",
        "version": document.version,
        "metadata": {
            "timestamp": document.changed_at,
            "tools": {"components": [{"type": "application", "name": "Asbuilt"}]},
            "manufacturer": {"name": document.author, "url": [document.namespace]},
            **_left_out(document),
        },
        "components": [_component(one) for one in document.products],
        "vulnerabilities": [_vulnerability(document, one) for one in document.statements],
    }
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def _left_out(document: VexDocument) -> dict:
    said = [{"name": "asbuilt:gap", "value": text} for text in document.gaps]
    return {"properties": said} if said else {}


def _component(product: VexProduct) -> dict:
    said = {
        "bom-ref": product.key,
        "type": "device" if product.hardware else "firmware",
        "name": product.name,
        "version": product.version,
        "purl": product.purl,
        "cpe": product.cpe,
    }
    if product.maker:
        said["manufacturer"] = {"name": product.maker}
    if product.sha256:
        said["hashes"] = [{"alg": "SHA-256", "content": product.sha256}]
    named = [("asbuilt:unit", one) for one in product.serials] + [("asbuilt:mpn", one) for one in product.models]
    named += [("asbuilt:units", product.question), ("asbuilt:part", product.part), ("asbuilt:product", product.within)]
    said["properties"] = [{"name": name, "value": value} for name, value in named if value]
    return {name: value for name, value in said.items() if value}


def _vulnerability(document: VexDocument, one: VexStatement) -> dict:
    words = [one.justification, one.impact, one.action if one.status != "affected" else ""]
    analysis = {"state": STATES[one.status], "detail": ": ".join(word for word in words if word)}
    if one.justification:
        analysis["justification"] = JUSTIFIED[one.justification]
    analysis |= {"firstIssued": one.decided_at, "lastUpdated": one.decided_at}
    said: dict = {
        "bom-ref": one.key,
        "id": one.vulnerability,
        "description": one.text,
        "analysis": {name: value for name, value in analysis.items() if value},
        "affects": [{"ref": key} for key in one.products],
    }
    if one.status == "affected":
        said["recommendation"] = one.action
    if one.vector:
        rating = rate(one.vector)
        said["ratings"] = [
            {
                "source": {"name": document.author},
                "score": rating.score,
                "severity": rating.severity,
                "method": METHODS[rating.version],
                "vector": one.vector,
            }
        ]
    return {name: value for name, value in said.items() if value}
