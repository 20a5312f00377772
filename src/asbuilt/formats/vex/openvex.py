"""A VEX document as OpenVEX.

Standard: OpenVEX specification 0.2.0. Products without a purl are named by an IRI of the author's own namespace; what it has no field for
(CVSS, the names of products) is left out. A part is a subcomponent of its product. The specification has no identifier for single units:
they are an IRI of their own, and `status_notes` names them and what could not be said.
"""

import json
from collections.abc import Iterable

from asbuilt.formats.percent_encoding import encoded
from asbuilt.formats.vex.statements import VexComponent, VexDocument, VexProduct, VexStatement, refuse_empty

CONTEXT = "https://openvex.dev/ns/v0.2.0"


def write_openvex(document: VexDocument) -> bytes:
    """The document as UTF-8 JSON. Invalid where it says nothing."""
    refuse_empty(document)
    products = {product.key: product for product in document.products}
    said = {
        "@context": CONTEXT,
        "@id": f"{document.namespace.rstrip('/')}/vex/{encoded(document.identity)}",
        "author": document.author,
        "timestamp": document.issued_at,
        "last_updated": document.changed_at,
        "version": document.version,
        "tooling": "Asbuilt",
        "statements": [_statement(document, products, one) for one in document.statements],
    }
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def _statement(document: VexDocument, products: dict[str, VexProduct], one: VexStatement) -> dict:
    vulnerability: dict = {"name": one.vulnerability}
    if one.text:
        vulnerability["description"] = one.text
    if one.aliases:
        vulnerability["aliases"] = sorted(set(one.aliases))
    said = {
        "vulnerability": vulnerability,
        "timestamp": one.decided_at,
        "products": [_product(document, products[key], one.components) for key in one.products],
        "status": one.status,
        "status_notes": " ".join([*_units(products[key] for key in one.products), *document.gaps]),
        "justification": one.justification,
        "impact_statement": one.impact,
        "action_statement": one.action,
    }
    return {name: value for name, value in said.items() if value}


def _units(products: Iterable[VexProduct]) -> list[str]:
    return [
        f"Units of {one.within}{f' meant by {one.question}' if one.question else ''}: {', '.join(one.serials) or one.version}."
        for one in products
        if one.question or one.serials
    ]


def _product(document: VexDocument, product: VexProduct, components: tuple[VexComponent, ...]) -> dict:
    name = product.purl or _iri(document, "products", product.within if product.part else product.key)
    said: dict = {"@id": name}
    identifiers = {kind: text for kind, text in (("purl", product.purl), ("cpe23", product.cpe)) if text}
    if identifiers:
        said["identifiers"] = identifiers
    if product.sha256:
        said["hashes"] = {"sha-256": product.sha256}
    within = [_component(document, one) for one in dict.fromkeys(components)]
    if product.part:
        within.insert(0, {"@id": _iri(document, "parts", product.part)})
    if within:
        said["subcomponents"] = within
    return said


def _component(document: VexDocument, one: VexComponent) -> dict:
    said: dict = {"@id": one.purl or _iri(document, "components", f"{one.name}@{one.version}")}
    identifiers = {kind: text for kind, text in (("purl", one.purl), ("cpe23", one.cpe)) if text}
    return {**said, "identifiers": identifiers} if identifiers else said


def _iri(document: VexDocument, kind: str, key: str) -> str:
    return f"{document.namespace.rstrip('/')}/{kind}/{encoded(key, '@/')}"
