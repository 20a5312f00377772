"""CycloneDX 1.6 XML: the tree of the JSON writer, with the elements in the order that the XSD wants.

Characters that XML 1.0 cannot hold are written as U+FFFD.
"""

import re
import xml.etree.ElementTree as ET

from asbuilt.formats.sbom.cyclonedx_writing import tree
from asbuilt.formats.sbom.model import SbomDocument

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(document: SbomDocument, spec: str) -> bytes:
    """The document as CycloneDX XML of this version."""
    said = tree(document, spec)
    root = ET.Element("bom", {"xmlns": f"http://cyclonedx.org/schema/bom/{spec}", "version": str(said["version"])})
    if "serialNumber" in said:
        root.set("serialNumber", said["serialNumber"])
    _metadata(ET.SubElement(root, "metadata"), said["metadata"])
    _components(root, said["components"])
    listed = ET.SubElement(root, "dependencies")
    for one in said["dependencies"]:
        found = ET.SubElement(listed, "dependency", {"ref": _clean(one["ref"])})
        for ref in one.get("dependsOn", ()):
            ET.SubElement(found, "dependency", {"ref": _clean(ref)})
    if "compositions" in said:
        _compositions(ET.SubElement(root, "compositions"), said["compositions"])
    ET.indent(root, " ")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="utf-8") + b"\n"


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _text(into: ET.Element, name: str, said: dict, key: str | None = None) -> None:
    if (key or name) in said:
        ET.SubElement(into, name).text = _clean(said[key or name])


def _metadata(into: ET.Element, said: dict) -> None:
    _text(into, "timestamp", said)
    if "lifecycles" in said:
        for one in said["lifecycles"]:
            found = ET.SubElement(ET.SubElement(into, "lifecycles"), "lifecycle")
            _text(found, "phase", one)
            _text(found, "name", one)
    if "tools" in said:
        _components(ET.SubElement(into, "tools"), said["tools"]["components"])
    if "authors" in said:
        authors = ET.SubElement(into, "authors")
        for one in said["authors"]:
            _text(ET.SubElement(authors, "author"), "name", one)
    if "component" in said:
        _component(into, said["component"])
    if "manufacturer" in said:
        _organisation(into, "manufacturer", said["manufacturer"])


def _organisation(into: ET.Element, name: str, said: dict) -> None:
    found = ET.SubElement(into, name)
    _text(found, "name", said)
    for url in said.get("url", ()):
        ET.SubElement(found, "url").text = _clean(url)
    for contact in said.get("contact", ()):
        _text(ET.SubElement(found, "contact"), "email", contact)


def _components(into: ET.Element, listed: list[dict]) -> None:
    """All of them and those inside, without recursion."""
    todo = [(ET.SubElement(into, "components"), listed)]
    while todo:
        above, ones = todo.pop()
        for one in ones:
            found = _component(above, one)
            if "components" in one:
                todo.append((ET.SubElement(found, "components"), one["components"]))
            if "evidence" in one:  # in the order of the schema, behind the components inside
                _identities(ET.SubElement(found, "evidence"), one["evidence"]["identity"])


def _identities(into: ET.Element, listed: list[dict]) -> None:
    for one in listed:
        found = ET.SubElement(into, "identity")
        for name in ("field", "concludedValue"):
            ET.SubElement(found, name).text = _clean(one[name])


def _component(into: ET.Element, said: dict) -> ET.Element:
    found = ET.SubElement(into, "component", {"type": said["type"]})
    if "bom-ref" in said:
        found.set("bom-ref", _clean(said["bom-ref"]))
    for name in ("supplier", "manufacturer"):
        if name in said:
            _organisation(found, name, said[name])
    for name in ("group", "name", "version", "description", "scope"):
        _text(found, name, said)
    if "hashes" in said:
        _hashes(found, said["hashes"])
    if "licenses" in said:
        _licences(ET.SubElement(found, "licenses"), said["licenses"])
    for name in ("copyright", "cpe", "purl"):
        _text(found, name, said)
    for name in ("omniborId", "swhid"):
        for value in said.get(name, ()):
            ET.SubElement(found, name).text = _clean(value)
    if "swid" in said:
        ET.SubElement(found, "swid", {name: _clean(value) for name, value in said["swid"].items()})
    if "pedigree" in said:
        _text(ET.SubElement(found, "pedigree"), "notes", said["pedigree"])
    if "externalReferences" in said:
        listed = ET.SubElement(found, "externalReferences")
        for one in said["externalReferences"]:
            reference = ET.SubElement(listed, "reference", {"type": one["type"]})
            _text(reference, "url", one)
            _text(reference, "comment", one)
            if "hashes" in one:
                _hashes(reference, one["hashes"])
    if "properties" in said:
        listed = ET.SubElement(found, "properties")
        for one in said["properties"]:
            ET.SubElement(listed, "property", {"name": _clean(one["name"])}).text = _clean(one["value"])
    return found


def _hashes(into: ET.Element, listed: list[dict]) -> None:
    hashes = ET.SubElement(into, "hashes")
    for one in listed:
        ET.SubElement(hashes, "hash", {"alg": one["alg"]}).text = one["content"]


def _licences(into: ET.Element, listed: list[dict]) -> None:
    for one in listed:
        said = one.get("license", one)
        kind = {"acknowledgement": said["acknowledgement"]} if "acknowledgement" in said else {}
        if "expression" in one:
            ET.SubElement(into, "expression", kind).text = _clean(one["expression"])
        else:
            ET.SubElement(ET.SubElement(into, "license", kind), "name").text = _clean(said["name"])


def _compositions(into: ET.Element, listed: list[dict]) -> None:
    for one in listed:
        found = ET.SubElement(into, "composition")
        ET.SubElement(found, "aggregate").text = one["aggregate"]
        for name, each in (("assemblies", "assembly"), ("dependencies", "dependency")):
            refs = ET.SubElement(found, name)
            for ref in one[name]:
                ET.SubElement(refs, each, {"ref": _clean(ref)})
