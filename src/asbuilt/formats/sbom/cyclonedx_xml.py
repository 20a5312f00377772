"""CycloneDX 1.2-1.7 XML -> the names of its JSON, as far as the reader looks.

The document passed its XSD before. What the reader does not look at becomes its name with nothing behind it, so that `unread`
names it as for JSON. Elements of other namespaces are extensions: named and passed over.
"""

from collections.abc import Callable, Iterator

from lxml import etree

NAMESPACE = "http://cyclonedx.org/schema/bom/"
MARK = True
"""Stands for what is there and not looked at."""


def version_of(root) -> str | None:
    """The version of a CycloneDX document by its namespace; None where it is another one's."""
    name = etree.QName(root)
    if name.localname != "bom" or not (name.namespace or "").startswith(NAMESPACE):
        return None
    return name.namespace.removeprefix(NAMESPACE)


def as_json(root) -> dict:
    """The document in the names of JSON."""
    found = {"specVersion": version_of(root), "version": root.get("version") or "1"}
    if root.get("serialNumber"):
        found["serialNumber"] = root.get("serialNumber")
    for name, child in _children(root):
        form = _DOCUMENT.get(name)
        found[name] = form(child) if form else MARK
    return found


def _children(element):
    for child in element:
        tag = child.tag
        if isinstance(tag, str):
            namespace, _, name = tag.rpartition("}")
            yield (name if namespace[1:].startswith(NAMESPACE) else f"{namespace[1:]}#{name}"), child


def _text(element) -> str:
    return (element.text or "").strip()


def _fields(element, forms: dict[str, Callable], found: dict | None = None) -> dict:
    found = {} if found is None else found
    for name, child in _children(element):
        form = forms.get(name)
        found[name] = form(child) if form else MARK
    return found


def _listed(form: Callable) -> Callable:
    return lambda element: [form(child) for _, child in _children(element)]


def _listed_once(form: Callable) -> Callable:
    """As `_listed`, read when it is walked, which is once, and letting go of each element: a long list would stand in memory twice."""

    def each(element) -> Iterator:
        for _, child in _children(element):
            yield form(child)
            child.clear()

    return each


def _named(element) -> dict:
    """An organisation or a person; an organisation has several addresses and contacts."""
    found = _fields(element, {"name": _text, "email": _text, "url": _text})
    urls = [_text(child) for name, child in _children(element) if name == "url"]
    contacts = [_fields(child, {"email": _text}) for name, child in _children(element) if name == "contact"]
    return {**found, "url": urls, "contact": contacts}


def _hash(element) -> dict:
    return {"alg": element.get("alg"), "content": _text(element)}


def _licences(element) -> list[dict]:
    found = []
    for name, child in _children(element):
        if name == "expression":
            found.append({"expression": _text(child), "acknowledgement": child.get("acknowledgement")})
        elif name == "license":
            said = {"acknowledgement": child.get("acknowledgement")}
            found.append({"license": _fields(child, {"id": _text, "name": _text}, said)})
        elif name == "expression-detailed":
            found.append({"expression": child.get("expression") or "", "acknowledgement": child.get("acknowledgement")})
    return found


def _property(element) -> dict:
    return {"name": element.get("name"), "value": _text(element)}


def _tool(element) -> dict:
    return _fields(element, {"vendor": _text, "name": _text, "version": _text})


def _tools(element):
    """A list up to 1.4; components and services from 1.5 on."""
    found = {"components": [], "services": []}
    old = []
    for name, child in _children(element):
        if name == "tool":
            old.append(_tool(child))
        elif name in found:
            found[name] += [_tool(each) for _, each in _children(child)]
    return old or found


def _lifecycle(element) -> dict:
    return _fields(element, {"phase": _text, "name": _text})


def _reference(element) -> dict:
    return _fields(element, {"url": _text, "comment": _text, "hashes": _listed(_hash)}, {"type": element.get("type")})


def _pedigree(element) -> dict:
    commit = {"uid": _text, "url": _text, "message": _text}
    resolved = {"id": _text, "name": _text}
    patch = {
        "diff": lambda one: _fields(one, {"url": _text}),
        "resolves": _listed(lambda one: _fields(one, resolved)),
    }
    forms = {
        "ancestors": _listed(_component), "descendants": _listed(_component), "variants": _listed(_component),
        "commits": _listed(lambda one: _fields(one, commit)),
        "patches": _listed(lambda one: _fields(one, patch, {"type": one.get("type")})),
        "notes": _text,
    }  # fmt: skip
    return _fields(element, forms)


def _evidence(element) -> dict:
    identities = [
        _fields(
            child,
            {"field": _text, "concludedValue": _text, "methods": _listed(lambda one: _fields(one, {"value": _text}))},
        )
        for name, child in _children(element)
        if name == "identity"
    ]
    return {"identity": identities}


def _component(element) -> dict:
    found = {"type": element.get("type") or ""}
    if element.get("bom-ref"):
        found["bom-ref"] = element.get("bom-ref")
    for name, child in _children(element):
        if name in ("omniborId", "swhid"):
            found.setdefault(name, []).append(_text(child))
            continue
        form = _COMPONENT.get(name)
        found[name] = form(child) if form else MARK
    return found


def _dependency(element) -> dict:
    on, provided = [], []
    for name, child in _children(element):
        (provided if name == "provides" else on).append(child.get("ref"))
    return {"ref": element.get("ref"), "dependsOn": on}


def _composition(element) -> dict:
    refs = _listed(lambda one: one.get("ref"))
    return _fields(element, {"aggregate": _text, "assemblies": refs, "dependencies": refs})


def _service(element) -> dict:
    return {"bom-ref": element.get("bom-ref"), "services": [
        _service(each) for name, child in _children(element) if name == "services" for _, each in _children(child)
    ]}  # fmt: skip


_COMPONENT = {
    "supplier": _named, "manufacturer": _named, "author": _text, "authors": _listed(_named), "publisher": _text,
    "group": _text, "name": _text, "version": _text, "description": _text, "scope": _text, "hashes": _listed(_hash),
    "licenses": _licences, "copyright": _text, "cpe": _text, "purl": _text,
    "swid": lambda one: {"tagId": one.get("tagId")}, "pedigree": _pedigree, "components": _listed(_component),
    "properties": _listed(_property), "externalReferences": _listed(_reference), "evidence": _evidence,
}  # fmt: skip
_METADATA = {
    "timestamp": _text, "lifecycles": _listed(_lifecycle), "tools": _tools, "authors": _listed(_named),
    "component": _component, "manufacture": _named, "manufacturer": _named,
}  # fmt: skip
_DOCUMENT = {
    "metadata": lambda one: _fields(one, _METADATA), "components": _listed_once(_component),
    "dependencies": _listed_once(_dependency), "compositions": _listed(_composition), "vulnerabilities": _listed(lambda one: MARK), "services": _listed(_service),
}  # fmt: skip
