"""A VEX document as CSAF 2.0, profile VEX.

Standard: OASIS CSAF 2.0 (ISO/IEC 20153:2025), 4.5 profile 5 and the mandatory tests of 6.1. CSAF 2.0 has no field for CVSS 4.0: such a
vector stands as a note. Units stand by their serial numbers, a part by its MPNs and as a component of the product. The file belongs under `file_name`, as requirement 2 of section 7.1 has it.
"""

import json
import re

from asbuilt.formats.cvss_vectors import csaf_score, rate
from asbuilt.formats.vex.statements import (
    AFFECTED,
    NOT_AFFECTED,
    VexDocument,
    VexProduct,
    VexStatement,
    refuse_empty,
)

GROUPS = {
    "not_affected": "known_not_affected",
    "affected": "known_affected",
    "fixed": "fixed",
    "under_investigation": "under_investigation",
}
_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}").fullmatch


def write_csaf_vex(document: VexDocument) -> bytes:
    """The document as UTF-8 JSON. Invalid where it says nothing."""
    refuse_empty(document)
    by_vulnerability: dict[str, list[VexStatement]] = {}
    for one in document.statements:
        by_vulnerability.setdefault(one.vulnerability, []).append(one)
    said = {
        "document": _head(document),
        "product_tree": _tree(document.products),
        "vulnerabilities": [_vulnerability(name, mine) for name, mine in by_vulnerability.items()],
    }
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def file_name(document: VexDocument) -> str:
    """How the file is called: the tracking id in small letters, everything but letters, digits, + and - as one _."""
    return re.sub(r"[^+\-a-z0-9]+", "_", document.identity.lower()) + ".json"


def _head(document: VexDocument) -> dict:
    history = [{"date": document.issued_at, "number": "1", "summary": "First issue."}]
    if document.version > 1:
        history.append({"date": document.changed_at, "number": str(document.version), "summary": "Decisions changed."})
    for number in range(2, document.version):  # one number a version, without a gap
        history.insert(
            -1, {"date": document.issued_at, "number": str(number), "summary": "Superseded by the current issue."}
        )
    gaps = [{"category": "other", "title": "What this document leaves out", "text": text} for text in document.gaps]
    return {
        **({"notes": gaps} if gaps else {}),
        "category": "csaf_vex",
        "csaf_version": "2.0",
        "distribution": {"tlp": {"label": "WHITE"}},
        "publisher": {"category": "vendor", "name": document.author, "namespace": document.namespace},
        "title": document.title,
        "tracking": {
            "id": document.identity,
            "status": "final",
            "version": str(document.version),
            "initial_release_date": document.issued_at,
            "current_release_date": history[-1]["date"],
            "revision_history": history,
            "generator": {"engine": {"name": "Asbuilt"}},
        },
    }


def _tree(products: tuple[VexProduct, ...]) -> dict:
    """The branches; a part is related to the product that has it, under the id that statements name."""
    said: dict = {"branches": _branches(tuple(one for one in products if not one.part))}
    parts = [one for one in products if one.part]
    if not parts:
        return {name: value for name, value in said.items() if value}
    whole = {one.within: f"{one.within}@any" for one in parts}
    said["branches"] += [
        _leaf(one.maker, one.name, _part_id(one), {"model_numbers": list(one.models)}) for one in parts
    ]
    said["full_product_names"] = [{"product_id": key, "name": product} for product, key in whole.items()]
    said["relationships"] = [
        {
            "category": "default_component_of",
            "product_reference": _part_id(one),
            "relates_to_product_reference": whole[one.within],
            "full_product_name": {"product_id": one.key, "name": f"{one.part} in {one.within}"},
        }
        for one in parts
    ]
    return said


def _part_id(one: VexProduct) -> str:
    return f"part-{one.part}"


def _leaf(maker: str, name: str, key: str, identifiers: dict) -> dict:
    product: dict = {"product_id": key, "name": f"{maker} {name}".strip()}
    if kept := {field: value for field, value in identifiers.items() if value}:
        product["product_identification_helper"] = kept
    return {
        "category": "vendor",
        "name": maker,
        "branches": [{"category": "product_name", "name": name, "product": product}],
    }


def _branches(products: tuple[VexProduct, ...]) -> list[dict]:
    makers: dict[str, dict[str, list[VexProduct]]] = {}
    for product in products:
        makers.setdefault(product.maker, {}).setdefault(product.name, []).append(product)
    return [
        {
            "category": "vendor",
            "name": maker,
            "branches": [
                {"category": "product_name", "name": name, "branches": [_version(one) for one in versions]}
                for name, versions in named.items()
            ],
        }
        for maker, named in makers.items()
    ]


def _version(product: VexProduct) -> dict:
    named: dict = {kind: text for kind, text in (("purl", product.purl), ("cpe", product.cpe)) if text}
    if product.sha256:
        hashed = {"file_hashes": [{"algorithm": "sha256", "value": product.sha256}], "filename": product.key}
        named["hashes"] = [hashed]
    if product.serials:
        # * and ? are wildcards there, a backslash takes their meaning away (CSAF 2.0, 3.1.3.3.6)
        named["serial_numbers"] = [re.sub(r"([*?\\])", r"\\\1", one) for one in product.serials]
    said: dict = {"product_id": product.key, "name": f"{product.maker} {product.name} {product.version}".strip()}
    if named:
        said["product_identification_helper"] = named
    return {"category": "product_version", "name": product.version, "product": said}


def _vulnerability(name: str, statements: list[VexStatement]) -> dict:
    said: dict = {"cve": name} if _CVE(name) else {"ids": [{"system_name": "Vulnerability", "text": name}]}
    text = next((one.text for one in statements if one.text), "") or f"See {name}."
    said["notes"] = [{"category": "description", "text": text}]
    status: dict[str, list[str]] = {}
    flags, threats, remedies, scores = [], [], [], []
    for one in statements:
        keys = list(one.products)
        status.setdefault(GROUPS[one.status], []).extend(
            key for key in keys if key not in status.get(GROUPS[one.status], ())
        )
        if one.status == NOT_AFFECTED and one.justification:
            flags.append({"label": one.justification, "date": one.decided_at, "product_ids": keys})
        if one.status == NOT_AFFECTED and one.impact:
            threats.append({"category": "impact", "details": one.impact, "product_ids": keys})
        if one.status == AFFECTED:
            remedies.append({"category": "mitigation", "details": one.action, "product_ids": keys})
        elif one.action:
            category = "vendor_fix" if one.status == "fixed" else "mitigation"
            remedies.append({"category": category, "details": one.action, "product_ids": keys})
        if one.vector:
            score = csaf_score(rate(one.vector))
            if score is None:
                said["notes"].append({"category": "other", "title": "CVSS", "text": one.vector})
            elif one.status != NOT_AFFECTED:
                scores.append({"products": keys, **score})
    said["product_status"] = status
    for field, value in (("flags", flags), ("threats", threats), ("remediations", remedies), ("scores", scores)):
        if value:
            said[field] = value
    return said
