"""Every SBOM of the shared data: the valid ones are taken in, the invalid ones are refused with a place.

The verdicts are the specifications' own (`valid-…`, `invalid-…`) for CycloneDX, and the official schemas of
`shared/data/schemas` for SPDX. What is taken in against a schema stands in `TOLERATED`, with the reason that the reader gives.
"""

import json
from collections import Counter
from pathlib import Path

import jsonschema_rs
import pytest
from lxml import etree

from asbuilt.formats.sbom.read import read_sbom
from asbuilt.kernel.errors import Invalid

BY_23 = "Leaves out licences or copyright that SPDX 2.2 asks for; by SPDX 2.3 it is complete."
SPELT = "Categories of references are spelt as in another version than 2.3."
PREFIXES = "Names prefixes beside the context of SPDX; identifiers stand as they are written."


def taken(path: Path):
    """The document, or the refusal."""
    try:
        return read_sbom(path.read_bytes())
    except Invalid as refusal:
        return refusal


def with_place(refusal) -> bool:
    """Whether a refusal says where: a JSON pointer, a line, an XPath."""
    place = str(refusal.facts.get("place", ""))
    return place.startswith(("/", "line ")) and bool(refusal.remedy)


def test_every_vector_of_cyclonedx_is_judged_as_its_name_says(shared_data, capsys):
    found, wrong = Counter(), []
    for path in sorted((shared_data / "cyclonedx-vectors").glob("*/*")):
        valid, one = path.name.startswith("valid"), taken(path)
        found[path.suffix, valid] += 1
        if isinstance(one, Invalid) == valid or (isinstance(one, Invalid) and not with_place(one)):
            wrong.append((path.name, str(one)[:200]))
    with capsys.disabled():
        print(f"\nCycloneDX vectors (suffix, valid) -> files: {dict(found)}")
    assert not wrong
    # counted in the folder: 1.3 to 1.7
    assert sum(found.values()) == 359 and sum(count for (_, valid), count in found.items() if valid) == 224


def official(shared_data, version: str) -> jsonschema_rs.Validator:
    name = {"2.2": "spdx-2.2.1", "2.3": "spdx-2.3", "3.0.1": "spdx-3.0.1"}[version]
    schema = json.loads((shared_data / "schemas" / "spdx" / f"{name}.schema.json").read_text())
    return jsonschema_rs.validator_for(schema, validate_formats=True, offline=True)


BOTH_SPELLINGS = "example9_appbomination.spdx.json"
"""2.2 with `PACKAGE-MANAGER`, as the tag-value form of 2.2 writes it; the schema of 2.2.1 knows the other spelling only."""
TOLERATED = {"sbom-source.spdx.json": PREFIXES}


def spdx_json(shared_data) -> list[Path]:
    places = ("spdx/2.x", "spdx/2.x-formats", "spdx/2.x-invalid", "spdx/3.0", "spdx/ntia-min-elements", "spdx/real-world",
              "sbom-real/spdx", "sbom-firmware/linux-kernel-spdx3", "sbom-firmware/yocto-spdx3-fragments",
              "sbom-firmware/zephyr-west-spdx3")  # fmt: skip
    return [path for place in places for path in sorted((shared_data / place).glob("*.json*"))]


def test_every_spdx_json_is_judged_as_the_official_schema_does(shared_data, capsys):
    """The schemas out of the locked package give the verdicts of those that the specification publishes."""
    found, wrong = Counter(), []
    for path in spdx_json(shared_data):
        document = json.loads(path.read_text())
        version = "3.0.1" if "@context" in document or "@graph" in document else document["spdxVersion"][5:]
        valid, one = official(shared_data, version).is_valid(document), taken(path)
        refused = isinstance(one, Invalid)
        found["valid" if valid else "invalid", "refused" if refused else "taken"] += 1
        if refused and not with_place(one):
            wrong.append((path.name, "no place"))
        elif path.name == BOTH_SPELLINGS:
            assert not refused and not valid
        elif refused == valid and TOLERATED.get(path.name) not in {what for _, what in getattr(one, "doubts", ())}:
            wrong.append((path.name, str(one)[:200]))
    with capsys.disabled():
        print(f"\nSPDX JSON (official verdict, ours) -> files: {dict(found)}")
    assert not wrong
    assert found["valid", "refused"] == 0


# file -> components without the subject, the name of the subject; counted by hand in the files
FIRMWARE = {
    "freertos-spdx22/coreMQTT_2024-05-06_59c8c4c.spdx": (1, None),
    "zephyr-west-spdx22/build.spdx.tag": (52, "zephyr_final"),
    "zephyr-west-spdx3/zephyr.jsonld": (65, None),
}


@pytest.mark.parametrize("name", FIRMWARE)
def test_sboms_of_firmware_list_what_the_files_list(name, shared_data):
    one = taken(shared_data / "sbom-firmware" / name)
    text = (shared_data / "sbom-firmware" / name).read_text()
    packages = text.count("\nPackageName:") + text.count('"software_Package"')
    subject = 1 if one.subject else 0
    assert len(one.components) + subject == packages


def test_every_sbom_of_firmware_is_taken_in(shared_data, capsys):
    found = {}
    for place in ("freertos-spdx22", "zephyr-west-spdx22", "zephyr-west-spdx3", "linux-kernel-spdx3"):
        for path in sorted((shared_data / "sbom-firmware" / place).iterdir()):
            found[path.name] = taken(path)
    refused = [name for name, one in found.items() if isinstance(one, Invalid)]
    with capsys.disabled():
        print(f"\nSBOMs of firmware: {len(found)} files, {len(refused)} refused")
    assert len(found) == 17 and not refused
    # FreeRTOS leaves out licences that 2.2 asks for, with or without `FilesAnalyzed: True`
    assert {what for name, one in found.items() if "." in name for _, what in one.doubts} <= {BY_23, PREFIXES}


def test_one_document_in_five_forms_gives_the_same(shared_data):
    """The specification's example of 2.3 in JSON, YAML, tag-value, XML and RDF."""
    found = {}
    for path in sorted((shared_data / "spdx" / "2.x-formats").iterdir()):
        one = taken(path)
        found[one.serialisation] = (
            one.identity,
            sorted(
                (each.name, each.version, each.purl, each.cpe, each.supplier, each.hashes) for each in one.components
            ),
            sorted((ref, tuple(sorted(on))) for ref, on in one.dependencies),
        )
    assert set(found) == {"json", "yaml", "tag-value", "xml", "rdf"}
    for form, said in found.items():
        assert said[0] == found["json"][0], form
        assert [each[:5] for each in said[1]] == [each[:5] for each in found["json"][1]], form


def test_swid_tags_are_read(shared_data, capsys):
    found = {path.name: taken(path) for path in sorted((shared_data / "swid").glob("*.xml"))}
    assert len(found) == 11 and not [one for one in found.values() if isinstance(one, Invalid)]
    made = found["swid_test.xml"]
    assert (made.subject.name, made.subject.version, made.subject.maker) == ("INFUSION", "1.0", "ACME")
    # ten links, three of them to the same tag
    assert len(made.components) == 8
    assert ("gnu-glibc", "v2.11.1") in {(one.name, one.version) for one in made.components}


def test_json_and_the_xml_that_another_tool_makes_of_it_give_the_same(shared_data):
    """Each valid JSON vector that CycloneDX's own library can rewrite as XML: components with all they are known by."""
    from cyclonedx.model.bom import Bom
    from cyclonedx.output.xml import XmlV1Dot6
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.xml import XmlValidator

    compared = 0
    for path in sorted((shared_data / "cyclonedx-vectors" / "1.6").glob("valid-*.json")):
        try:
            rewritten = XmlV1Dot6(Bom.from_json(json.loads(path.read_text()))).output_as_string()
        except Exception:
            continue  # a hole of the library's own model (reference, part C)
        if XmlValidator(SchemaVersion.V1_6).validate_str(rewritten) is not None:
            continue  # it wrote what it does not take back itself
        first, second = taken(path), read_sbom(rewritten.encode())
        said = [
            sorted(
                (
                    each.name,
                    each.version,
                    each.group,
                    each.purl,
                    each.cpe,
                    sorted(each.hashes),
                    sorted(each.licences),
                    each.copyright,
                )
                for each in one.components
            )
            for one in (first, second)
        ]
        assert said[0] == said[1], path.name
        assert {ref: set(on) for ref, on in first.dependencies if on} == {
            ref: set(on) for ref, on in second.dependencies if on
        }
        compared += bool(first.components)
    assert compared > 10


def test_what_the_xml_of_cyclonedx_says_is_read_by_its_own_count(shared_data):
    path = shared_data / "sbom-real" / "cyclonedx" / "laravel-7.12.0_bom.1.4.xml"
    one = taken(path)
    components = etree.parse(path).getroot().findall("{*}components/{*}component")
    assert [each.name for each in one.components] == [each.findtext("{*}name") for each in components]
    assert [each.purl for each in one.components] == [each.findtext("{*}purl") or "" for each in components]
