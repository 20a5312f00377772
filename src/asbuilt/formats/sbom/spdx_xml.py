"""SPDX 2.2 and 2.3 XML, which repeats the names of the JSON -> those names, by the types that the JSON schema gives them."""

from lxml import etree

from asbuilt.formats.sbom.schemas import spdx_schema

_KINDS = {"string": str, "boolean": lambda text: {"true": True, "false": False}.get(text.lower(), text)}


def is_spdx(root) -> bool:
    """Whether the root is that of SPDX's XML."""
    return etree.QName(root).localname == "Document" and root.find("spdxVersion") is not None


def parse(root) -> tuple[dict, dict[str, int]]:
    """The document and the lines of the parts of its lists by JSON pointer."""
    version = (root.findtext("spdxVersion") or "").strip().removeprefix("SPDX-")
    lines: dict[str, int] = {}
    return _object(root, spdx_schema(version if version in ("2.2", "2.3") else "2.3"), "", lines), lines


def _object(element, rule: dict, pointer: str, lines: dict[str, int]) -> dict:
    found: dict = {}
    rules = rule.get("properties", {})
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name = etree.QName(child).localname
        of = rules.get(name, {})
        if of.get("type") == "array":
            listed = found.setdefault(name, [])
            place = f"{pointer}/{name}/{len(listed)}"
            lines[place] = child.sourceline
            listed.append(_value(child, of.get("items", {}), place, lines))
        else:
            found[name] = _value(child, of, f"{pointer}/{name}", lines)
    return found


def _value(element, rule: dict, pointer: str, lines: dict[str, int]):
    if rule.get("type") == "object" or len(element):
        return _object(element, rule, pointer, lines)
    text = element.text or ""
    if rule.get("type") == "integer":
        return int(text) if text.strip().isdigit() and len(text) < 20 else text
    return _KINDS.get(rule.get("type", ""), str)(text.strip() if rule.get("type") == "boolean" else text)
