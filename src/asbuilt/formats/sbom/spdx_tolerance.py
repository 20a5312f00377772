"""The schema of SPDX 2, and the two deviations that real tools have and that are taken in with a doubt.

- A 2.2 document that leaves out what 2.3 made optional (licences and copyright) and is complete by the schema of 2.3.
- `PACKAGE_MANAGER` and `PERSISTENT_ID`, which the schema of 2.2 writes so and that of 2.3 with a hyphen, each in the other.
"""

from asbuilt.formats.sbom import schemas

_CATEGORIES = {"PACKAGE_MANAGER": "PACKAGE-MANAGER", "PERSISTENT_ID": "PERSISTENT-ID"}
_SPELT = {"2.3": _CATEGORIES, "2.2": {new: old for old, new in _CATEGORIES.items()}}


def check(document: dict, version: str, lines: dict[str, int] | None, doubts: list[tuple[str, str]]) -> None:
    """Invalid with the places where the document breaks its schema; what is let pass is added to the doubts."""
    validator = schemas.spdx(version)
    if validator.is_valid(document):
        return
    if spell(document, version):
        doubts.append(("/packages", f"Categories of references are spelt as in another version than {version}."))
        if validator.is_valid(document):
            return
    if version == "2.2":
        spell(document, "2.3")
        if schemas.spdx("2.3").is_valid(document):
            doubts.append(("/", "Leaves out licences or copyright that SPDX 2.2 asks for; by SPDX 2.3 it is complete."))
            return
        spell(document, "2.2")
    schemas.check(validator, document, lines)


def spell(document: dict, version: str) -> bool:
    """Write the categories as the schema of a version does; whether any changed. The bytes stay as they are."""
    changed, spelt = False, _SPELT.get(version, {})
    packages = document.get("packages")
    for package in packages if isinstance(packages, list) else ():
        listed = package.get("externalRefs") if isinstance(package, dict) else None
        for one in listed if isinstance(listed, list) else ():
            category = one.get("referenceCategory") if isinstance(one, dict) else None
            if isinstance(category, str) and category in spelt:
                one["referenceCategory"] = spelt[category]
                changed = True
    return changed
