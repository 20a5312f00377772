"""SBOMs written in our forms: judged by the official schemas, read back by our reader and by other people's libraries."""

import json
from datetime import UTC, datetime

import pytest
from sbom_schemas import wrongs

from asbuilt.formats.sbom.model import SbomComponent, SbomDocument
from asbuilt.formats.sbom.read import read_sbom
from asbuilt.formats.sbom.writing import FORMS, write_sbom
from asbuilt.kernel.errors import Invalid

AT = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)
URN = "urn:uuid:12345678-1234-5234-9234-123456789abc"
SHA512 = "ab" * 64


def everything() -> SbomDocument:
    """A document with every field, and with texts that no format likes."""
    board = SbomComponent(
        "board", kind="device", name="MB-200", version="A", maker="Halden", contacts=("psirt@halden.example", "https://halden.example"),
        properties=(("cdx:device:serialNumber", "10842"), ("asbuilt:gap", "At <#20> & \"R1\" nothing")),
    )  # fmt: skip
    chip = SbomComponent(
        "U1 #1", "", "device", name="STM32", maker="ST", supplier="Häusler & Söhne", more_identifiers=(("mpn", "STM32G0"), ("lot", "L1"), ("sku", "IC-7")),
    )  # fmt: skip
    image = SbomComponent(
        "fw", "U1 #1", "firmware", name="app", version="2.0", hashes=(("SHA-256", "cd" * 32), ("SHA-512", SHA512), ("odd", "zz")),
        file_name="app.bin", executable="executable", archive="no archive", structured="unstructured",
        references=(("distribution", "https://x.example/app.bin", (("SHA-512", SHA512),)), ("strange", "https://y.example", ())),
    )  # fmt: skip
    library = SbomComponent(
        "lib", "fw", "library", "org.mbed", "mbedtls", "2.28.3", purl="pkg:generic/mbedtls@2.28.3", cpe="cpe:2.3:a:arm:mbed_tls:2.28.3:*:*:*:*:*:*:*",
        swid="tag-1", licences=("Apache-2.0 OR GPL-2.0-or-later", "Own terms"), declared=("Own terms",), concluded=("Apache-2.0 OR GPL-2.0-or-later",),
        copyright="© Arm", description="TLS", scope="required", pedigree=(("patch", "CVE-2024-1"),),
        more_identifiers=(
            ("swhid", "swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2"), ("purl", "pkg:github/mbed-tls/mbedtls@v2.28.3"),
            ("cpe", "cpe:2.3:a:trustedfirmware:mbed_tls:2.28.3:*:*:*:*:*:*:*"),
        ),
    )  # fmt: skip
    odd = SbomComponent("odd", kind="sculpture", name="x", licences=("MIT",), cpe="not a cpe")
    return SbomDocument(
        "cyclonedx", "1.6", "json", URN, "7", AT, ("Ostwerk",), ("Asbuilt 2026.11.0",), "post-build", board, (chip, image, library, odd),
        (("board", ("U1 #1", "gone")), ("fw", ("lib",)), ("lib", ())), (("board", "incomplete"), ("fw", "complete"), ("lib", "unknown")),
        contacts=("sbom@ostwerk.example",),
    )  # fmt: skip


def bare() -> SbomDocument:
    return SbomDocument("cyclonedx", "1.6", "json", "", created_at=AT, components=(SbomComponent("a", name="a"),))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("document", [everything(), bare()], ids=["everything", "bare"])
def test_the_official_schema_takes_it(form, document, shared_data):
    assert wrongs(shared_data, write_sbom(document, form), form) == []


def test_the_judge_is_no_yes_man(shared_data):
    for form in ("cyclonedx-1.6", "cyclonedx-1.7"):
        said = json.loads(write_sbom(everything(), form))
        said["components"][0]["type"] = "sculpture"
        assert wrongs(shared_data, json.dumps(said).encode(), form)
    graph = json.loads(write_sbom(everything(), "spdx-3.0.1"))
    graph["@graph"][0]["created"] = "yesterday"
    assert wrongs(shared_data, json.dumps(graph).encode(), "spdx-3.0.1")
    text = write_sbom(everything(), "cyclonedx-1.6-xml").replace(b'type="device"', b'type="sculpture"')
    assert wrongs(shared_data, text, "cyclonedx-1.6-xml")


@pytest.mark.parametrize("form", ["cyclonedx-1.6", "cyclonedx-1.7", "cyclonedx-1.6-xml"])
def test_our_reader_reads_back_what_was_said(form):
    """But for what CycloneDX has no words for: a hash of an odd algorithm, a CPE that is none, a kind of its own, a dangling edge."""
    given, read = everything(), read_sbom(write_sbom(everything(), form))
    assert (read.identity, read.document_version, read.created_at) == (URN, "7", AT)
    assert (read.authors, read.tools, read.lifecycle, read.contacts) == (
        ("Ostwerk",), ("Asbuilt 2026.11.0",), "post-build", ("sbom@ostwerk.example",),
    )  # fmt: skip
    assert read.subject.contacts == given.subject.contacts
    found = {one.ref: one for one in read.components}
    for one in given.components[:3]:
        back = found[one.ref]
        for name in ("parent", "kind", "group", "name", "version", "maker", "supplier", "purl", "cpe", "swid", "copyright", "scope", "file_name",
                     "executable", "archive", "structured", "references", "declared", "concluded"):  # fmt: skip
            assert getattr(back, name) == getattr(one, name), (one.ref, name)
    assert set(found["U1 #1"].more_identifiers) >= {("mpn", "STM32G0"), ("lot", "L1"), ("sku", "IC-7")}
    assert set(found["lib"].more_identifiers) >= set(given.components[2].more_identifiers)
    assert (
        found["fw"].hashes == (("SHA-256", "cd" * 32), ("SHA-512", SHA512))
        and ("asbuilt:hash:odd", "zz") in found["fw"].properties
    )
    assert ("asbuilt:identifier:cpe", "not a cpe") in found["odd"].properties and found["odd"].kind == "library"
    assert dict(read.dependencies) == {"board": ("U1 #1",), "fw": ("lib",), "lib": ()}
    assert dict(read.completeness) == {"board": "incomplete", "fw": "complete", "lib": "unknown"}


def test_our_reader_reads_back_spdx():
    """But for a scope, a hash of a reference, and an acknowledgement of a licence that nobody acknowledged: there it is a declared one."""
    given, read = everything(), read_sbom(write_sbom(everything(), "spdx-3.0.1"))
    assert (read.authors, read.tools, read.lifecycle, read.contacts, read.created_at) == (
        ("Ostwerk",), ("Asbuilt 2026.11.0",), "build", ("sbom@ostwerk.example",), AT,
    )  # fmt: skip
    assert read.doubts == () and read.unread == ()
    found = {one.name.rpartition("/")[2]: one for one in (read.subject, *read.components)}
    refs = {one.ref: name for name, one in found.items()}
    names = {one.ref: one.name for one in (given.subject, *given.components)}
    for one in (given.subject, *given.components[:3]):
        back = found[one.name]
        for name in ("version", "maker", "supplier", "purl", "cpe", "swid", "copyright", "file_name", "executable", "archive", "structured", "declared",
                     "concluded", "contacts", "properties"):  # fmt: skip
            assert getattr(back, name) == getattr(one, name), (one.ref, name)
        assert (refs.get(back.parent, ""), back.kind) == (names.get(one.parent, ""), one.kind)
        assert [pair[:2] for pair in back.references] == [pair[:2] for pair in one.references]
    assert set(found["mbedtls"].more_identifiers) == set(given.components[2].more_identifiers)
    assert set(found["STM32"].more_identifiers) == {("mpn", "STM32G0"), ("lot", "L1"), ("sku", "IC-7")}
    assert {(refs[ref], tuple(refs[to] for to in on)) for ref, on in read.dependencies} == {
        ("MB-200", ("STM32",)),
        ("app", ("mbedtls",)),
    }


@pytest.mark.parametrize("form", ["cyclonedx-1.6", "cyclonedx-1.6-xml", "cyclonedx-1.7"])
def test_cyclonedx_python_lib_counts_the_same(form):
    from cyclonedx.model.bom import Bom

    content = write_sbom(everything(), form)
    if form.endswith("-xml"):
        from xml.etree import ElementTree

        bom = Bom.from_xml(ElementTree.fromstring(content))
    else:
        bom = Bom.from_json(json.loads(content))
    listed = {}
    waiting = list(bom.components)
    while waiting:
        one = waiting.pop()
        listed[one.bom_ref.value] = one
        waiting += one.components
    assert (
        set(listed) == {"U1 #1", "fw", "lib", "odd"} and listed["lib"].purl.to_string() == "pkg:generic/mbedtls@2.28.3"
    )
    assert str(bom.serial_number) == URN.removeprefix("urn:uuid:") and bom.version == 7
    assert {prop.name for prop in listed["U1 #1"].properties} >= {
        "cdx:device:lotNumber",
        "asbuilt:mpn",
        "cdx:device:sku",
    }


def test_lib4sbom_finds_the_packages_of_the_plain_json():
    from lib4sbom.parser import SBOMParser

    parser = SBOMParser()
    parser.parse_string(write_sbom(everything(), "cyclonedx-1.6").decode())
    found = {(one["name"], one.get("version")) for one in parser.get_packages()}
    assert found == {("STM32", None), ("app", "2.0"), ("mbedtls", "2.28.3"), ("x", None)}


def test_spdx_says_the_same_in_its_own_words():
    graph = json.loads(write_sbom(everything(), "spdx-3.0.1"))["@graph"]
    packages = {one["spdxId"].rpartition("#")[2]: one for one in graph if one["type"] == "software_Package"}
    assert set(packages) == {"board", "U1%20%231", "fw", "lib", "odd"}
    assert (
        packages["lib"]["software_packageUrl"] == "pkg:generic/mbedtls@2.28.3"
        and packages["board"]["software_primaryPurpose"] == "device"
    )
    assert {(one["algorithm"], one["hashValue"]) for one in packages["fw"]["verifiedUsing"]} >= {
        ("sha512", SHA512),
        ("sha256", "cd" * 32),
    }
    told = {
        one["extension_cdxPropName"]: one["extension_cdxPropValue"]
        for one in packages["U1%20%231"]["extension"][0]["extension_cdxProperty"]
    }
    assert told == {"asbuilt:mpn": "STM32G0", "cdx:device:lotNumber": "L1", "cdx:device:sku": "IC-7"}
    related = {
        (one["from"].rpartition("#")[2], one["relationshipType"], tuple(to.rpartition("#")[2] for to in one["to"]), one.get("completeness"))
        for one in graph if one["type"] == "Relationship" and "License" not in one["relationshipType"]
    }  # fmt: skip
    assert related == {
        ("U1%20%231", "contains", ("fw",), None), ("fw", "contains", ("lib",), "complete"), ("board", "dependsOn", ("U1%20%231",), "incomplete"),
        ("fw", "dependsOn", ("lib",), "complete"),
    }  # fmt: skip
    ids = [one["spdxId"] for one in graph if "spdxId" in one]
    assert len(ids) == len(set(ids))
    licences = {
        one.get("simplelicensing_licenseExpression") or one.get("simplelicensing_licenseText")
        for one in graph
        if one["type"].startswith("simplelicensing")
    }
    assert licences == {"Apache-2.0 OR GPL-2.0-or-later", "Own terms", "MIT"}


def test_a_deep_assembly_is_written_without_recursion(shared_data):
    chain = tuple(SbomComponent(f"c{n}", f"c{n - 1}" if n else "", "device", name=f"c{n}") for n in range(90))
    document = SbomDocument("cyclonedx", "1.6", "json", URN, created_at=AT, components=chain)
    for form in ("cyclonedx-1.6", "cyclonedx-1.6-xml", "spdx-3.0.1"):
        assert wrongs(shared_data, write_sbom(document, form), form) == []


def test_what_is_not_written():
    with pytest.raises(Invalid) as form:
        write_sbom(bare(), "cyclonedx-1.5")
    assert form.value.code == "sbom.form_unknown" and "spdx-3.0.1" in form.value.remedy
    with pytest.raises(Invalid) as undated:
        write_sbom(SbomDocument("cyclonedx", "1.6", "json", ""), "spdx-3.0.1")
    assert undated.value.code == "sbom.no_instant"
