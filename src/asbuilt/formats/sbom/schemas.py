"""The official schemas, out of the locked packages that carry them; none is copied into this project, none comes by network.

    CycloneDX 1.2-1.7 JSON and XSD    cyclonedx-python-lib, cyclonedx/schema/_res
    SPDX 2.2, 2.3 and 3.0 JSON        lib4sbom, lib4sbom/schemas/spdx

Only the files are read: neither package is imported, so none of their code runs. A schema is compiled once a process.
"""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import jsonschema_rs

from asbuilt.formats.sbom.refusing import Wrongs, pointer

CYCLONEDX_JSON = ("1.2", "1.3", "1.4", "1.5", "1.6", "1.7")
SPDX_JSON = {"2.2": "2.2-schema.json", "2.3": "2.3-schema.json", "3.0.1": "3.0-schema.json"}
_SHARED = ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json", "cryptography-defs.SNAPSHOT.schema.json")
# a name of the schema can stand in many branches; the branch that was meant is told, the rest is noise
_ERRORS_MAX = 200


@cache
def folder(package: str) -> Path:
    """Where a package lies, without importing it."""
    return Path(find_spec(package).submodule_search_locations[0])


def cyclonedx_folder() -> Path:
    """The folder of CycloneDX's schemas."""
    return folder("cyclonedx") / "schema" / "_res"


def _read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def cyclonedx(version: str) -> jsonschema_rs.Validator:
    """The validator of a CycloneDX version; of 1.2 and 1.3 the strict schema, as the JSON of those versions allows no more."""
    place = cyclonedx_folder()
    strict = "-strict" if version in ("1.2", "1.3") else ""
    schema = _read(place / f"bom-{version}{strict}.SNAPSHOT.schema.json")
    base = "http://cyclonedx.org/schema/"
    resources = []
    for name in _SHARED:
        found = _read(place / name)
        resources += [(found.get("$id") or base + name, found), (base + name, found)]
        resources.append((base + name.replace(".SNAPSHOT", ""), found))
    registry = jsonschema_rs.Registry(resources)
    return jsonschema_rs.validator_for(schema, registry=registry, validate_formats=True, offline=True)


@cache
def spdx_schema(version: str) -> dict:
    """The schema of an SPDX version's JSON.

    That of 2.2 comes out of its package stricter than the specification published it (2.2.1): what only the package demands is
    not demanded here, so that no valid file is refused.
    """
    found = _read(folder("lib4sbom") / "schemas" / "spdx" / SPDX_JSON[version])
    if version == "2.2":
        parts = found["properties"]
        for rules, more in (
            (parts["creationInfo"], {"creators"}),
            (parts["files"]["items"], {"checksums", "licenseInfoInFiles"}),
            (parts["snippets"]["items"], {"ranges"}),
        ):
            rules["required"] = [name for name in rules["required"] if name not in more]
    return found


@cache
def spdx(version: str) -> jsonschema_rs.Validator:
    """The validator of an SPDX version's JSON."""
    return jsonschema_rs.validator_for(spdx_schema(version), validate_formats=True, offline=True)


def check(validator: jsonschema_rs.Validator, document, lines: dict[str, int] | None = None) -> None:
    """Invalid with the places where the document breaks its schema; `lines` tells the line of a part by its pointer."""
    if validator.is_valid(document):
        return
    wrongs = Wrongs()
    for number, error in enumerate(validator.iter_errors(document)):
        if number >= _ERRORS_MAX:
            break
        place, reason = _told(error)
        wrongs.add(place, reason, line=_line(place, lines) if lines else None)
    wrongs.raise_if_any()


def _told(error) -> tuple[str, str]:
    """Place and reason of an error; of alternatives the deepest one, which is where the writer went wrong."""
    kind = error.kind
    branches = getattr(kind, "context", None) or ()
    inner = [one for branch in branches for one in branch]
    if inner:
        deepest = max(inner, key=lambda one: len(one.instance_path))
        if len(deepest.instance_path) > len(error.instance_path):
            return _told(deepest)
    reason = error.message
    if len(reason) > 300:  # the message repeats what stands there, which may be a whole tree
        reason = f"does not fit the schema ({kind.name if hasattr(kind, 'name') else type(kind).__name__})"
    return pointer(error.instance_path), reason


def _line(place: str, lines: dict[str, int]) -> int | None:
    """The line of the nearest part around a place."""
    while place:
        if place in lines:
            return lines[place]
        place = place.rpartition("/")[0]
    return None
