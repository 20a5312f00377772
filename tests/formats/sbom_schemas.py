"""The official schemas of the shared data, and the readers of other people, as judges of what we write."""

import json
from functools import cache
from pathlib import Path

import jsonschema_rs

_SHARED = ("spdx.schema.json", "jsf-0.82.schema.json", "cryptography-defs.schema.json")


@cache
def cyclonedx(folder: Path, version: str) -> jsonschema_rs.Validator:
    read = lambda name: json.loads((folder / "schemas/cyclonedx" / name).read_text())  # noqa: E731
    base, resources = "http://cyclonedx.org/schema/", []
    for name in _SHARED:
        found = read(name)
        resources += [(found.get("$id") or base + name, found), (base + name, found)]
        resources.append((base + name.replace(".schema", ".SNAPSHOT.schema"), found))
    registry = jsonschema_rs.Registry(resources)
    return jsonschema_rs.validator_for(
        read(f"bom-{version}.schema.json"), registry=registry, validate_formats=True, offline=True
    )


@cache
def spdx3(folder: Path) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(json.loads((folder / "schemas/spdx/spdx-3.0.1.schema.json").read_text()), offline=True)  # fmt: skip


@cache
def cyclonedx_xsd(folder: Path, version: str):
    from lxml import etree

    class Beside(etree.Resolver):
        def resolve(self, url, _id, context):
            return self.resolve_filename(str(folder / "schemas/cyclonedx/spdx.xsd"), context) if "spdx" in url else None

    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Beside())
    return etree.XMLSchema(etree.parse(str(folder / f"schemas/cyclonedx/bom-{version}.xsd"), parser))


def wrongs(folder: Path, content: bytes, form: str) -> list[str]:
    """What the official schema of the form says against the document."""
    if form.endswith("-xml"):
        from lxml import etree

        schema = cyclonedx_xsd(folder, "1.6")
        schema.validate(etree.fromstring(content))
        return [str(error) for error in schema.error_log]
    schema = spdx3(folder) if form.startswith("spdx") else cyclonedx(folder, form.removeprefix("cyclonedx-"))
    return [f"{error.instance_path}: {error.message[:200]}" for error in schema.iter_errors(json.loads(content))]
