"""SBOMs that mean harm, or went wrong: refused with the place in bounded time and memory, or taken in with a doubt.

`ASBUILT_SOAK=1` reads 5,000 mutated documents of each kind, `ASBUILT_SBOM_MUTATIONS` as many as it says.
"""

import json
import subprocess
import sys
import time
import tracemalloc

import pytest
from sbom_mutations import KINDS, SEED, mutations
from soak import drawn

from asbuilt.formats.sbom.limits import Limits
from asbuilt.formats.sbom.model import SbomDocument
from asbuilt.formats.sbom.read import read_sbom
from asbuilt.kernel.errors import Invalid

MUTATIONS = drawn(120, "ASBUILT_SBOM_MUTATIONS")
SMALL = Limits(bytes=1 << 20, nesting=100, components=1_000, dependencies=5_000)


def refusal(content: bytes, limits: Limits | None = None) -> Invalid:
    with pytest.raises(Invalid) as refused:
        read_sbom(content, limits=limits)
    assert refused.value.facts["place"] and refused.value.remedy
    return refused.value


def cyclonedx(**more) -> bytes:
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, **more}).encode()


def spdx2(packages: list, **more) -> dict:
    return {
        "SPDXID": "SPDXRef-DOCUMENT", "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "name": "d",
        "documentNamespace": "https://example.com/d", "creationInfo": {"created": "2027-01-01T00:00:00Z", "creators": ["Tool: t"]},
        "packages": packages, **more,
    }  # fmt: skip


# ---- mutations


@pytest.mark.parametrize("kind", KINDS)
def test_no_mutated_document_does_harm(kind, shared_data, capsys):
    """Each is taken in or refused as Invalid with a place: nothing else, none over a second."""
    taken, slowest = 0, 0.0
    for made in mutations(shared_data, kind, MUTATIONS):
        began = time.perf_counter()
        try:
            one = read_sbom(made, limits=SMALL)
            assert isinstance(one, SbomDocument)
            assert len({each.ref for each in one.components}) == len(one.components)
            assert "\0" not in repr(one)
            taken += 1
        except Invalid as refused:
            assert refused.facts["place"] and refused.remedy and len(str(refused)) < 1_000, kind
        slowest = max(slowest, time.perf_counter() - began)
    with capsys.disabled():
        print(f"\n{kind}: {MUTATIONS} mutated with seed {SEED}, {taken} taken in, slowest {slowest * 1000:.0f} ms")
    assert slowest < 2


# ---- size, depth, number


def test_a_file_of_200_megabytes_is_not_opened():
    content = b'{"bomFormat": "CycloneDX", ' + b" " * 200_000_000
    tracemalloc.start()
    assert refusal(content).code == "sbom.too_large"
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("levels", [101, 900, 5_000, 200_000])
def test_deep_json_is_refused(levels):
    """The parser stops at 1,024 levels itself and says so in its own words; once its words were not known and it was "no JSON"."""
    nested = b"[" * levels + b"]" * levels
    head = b'{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"x":'
    refused = refusal(head + nested + b"}")
    assert refused.code == "sbom.nested_too_deep" and "side by side" in refused.remedy
    # the object is a level, so the 1,024th bracket of the list is one too many: the column is the one behind it
    assert refused.facts["place"] == ("/" if levels < 1_024 else f"line 1, column {len(head) + 1_024 + 1}")


def test_a_hundred_levels_are_read():
    one = {"type": "library", "name": "inmost"}
    for _ in range(40):
        one = {"type": "library", "name": "n", "components": [one]}
    made = read_sbom(cyclonedx(components=[one]))
    assert len(made.components) == 41 and made.components[-1].name == "inmost"
    assert made.components[-1].parent == made.components[-2].ref


@pytest.mark.parametrize("levels", [101, 300, 20_000])
def test_deep_xml_is_refused(levels):
    inside = b"<a>" * levels + b"</a>" * levels
    content = b'<bom xmlns="http://cyclonedx.org/schema/bom/1.6">' + inside + b"</bom>"
    assert refusal(content).code in ("sbom.nested_too_deep", "sbom.not_xml")


def test_deep_yaml_is_refused():
    assert refusal(b"spdxVersion: SPDX-2.3\nx: " + b"[" * 200 + b"]" * 200).code == "sbom.nested_too_deep"


MANY = {
    # kind: what stands before, the part that is repeated, between two of them, after; with the limit that it breaks
    "components of CycloneDX JSON": (b'{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[', b'{"type":"library","name":"n"}', b",", b"]}", 100_000),
    "components of tools": (b'{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"tools":{"components":[', b'{"type":"library","name":"n"}', b",", b"]}}}", 100_000),
    "components under an escaped name": (b'{"bomFormat":"CycloneDX","specVersion":"1.6","\\u0063omponents":[', b"{}", b",", b"]}", 100_000),
    "components of CycloneDX XML": (b'<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"><components>', b'<component type="library"><name>n</name></component>', b"", b"</components></bom>", 100_000),
    "packages of SPDX JSON": (b'{"spdxVersion":"SPDX-2.3","packages":[', b'{"SPDXID":"SPDXRef-1","name":"n","downloadLocation":"NONE"}', b",", b"]}", 100_000),
    "packages of tag-value": (b"SPDXVersion: SPDX-2.3\n", b"PackageName: n\n", b"", b"", 100_000),
    "packages of YAML": (b"spdxVersion: SPDX-2.3\npackages:\n", b"- name: n\n  downloadLocation: NONE\n", b"", b"", 100_000),
    "empty lists": (b'{"bomFormat":"CycloneDX","x":[', b"[[],[],[],[],[],[]]", b",", b"]}", 5_000_000),
    "numbers": (b'{"bomFormat":"CycloneDX","x":[', b"777,777,777,777,777,777", b",", b"]}", 5_000_000),
    "elements": (b'<bom xmlns="http://cyclonedx.org/schema/bom/1.6">', b"<a/><a/><a/>", b"", b"</bom>", 2_000_000),
}  # fmt: skip
CHILD = """
import json, resource, sys, time
from asbuilt.formats.sbom.read import read_sbom
from asbuilt.kernel.errors import Invalid
content = sys.stdin.buffer.read()
before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
try:
    said = ["taken in", {}]
    read_sbom(content)
except Invalid as refused:
    said = [refused.code, refused.facts]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([*said, (peak - before) / 1024, time.perf_counter() - began]))
"""


@pytest.mark.parametrize("kind", MANY)
def test_a_million_of_anything_is_refused_before_it_stands_in_memory(kind):
    """In a process of its own, whose peak grows by next to nothing: 30 to 60 MB of text were 0.5 to 1.7 GB of objects."""
    before, one, between, after, most = MANY[kind]
    count = 950_000 if len(one) > 55 else 1_000_000
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=before + between.join([one] * count) + after,
        capture_output=True,
        check=True,
    )
    code, facts, megabytes, seconds = json.loads(done.stdout)
    assert code == "sbom.too_large" and facts["most"] == most < facts["count"] and facts["place"]
    assert megabytes < 40 and seconds < 10


def test_a_file_with_a_million_commas_in_its_text_is_taken_in():
    licence = ",".join(["words"] * 1_000_000) + ' {"components":[{},{}]} [[[' + "," * 5_000_000
    made = read_sbom(cyclonedx(components=[{"type": "library", "name": "n", "description": licence}]))
    assert len(made.components) == 1 and made.components[0].description == licence


def test_a_large_file_within_the_limits_is_counted_and_taken_in():
    """100 components in 100: just as many as the limit, each with properties, so that the file is walked."""
    limits = Limits(components=100)
    listed = [
        {"type": "library", "name": f"n{n}", "properties": [{"name": "a", "value": "{[,"}] * 3} for n in range(100)
    ]
    assert len(read_sbom(cyclonedx(components=listed), limits=limits).components) == 100
    refused = refusal(cyclonedx(components=[*listed, listed[0]]), limits)
    assert refused.code == "sbom.too_large" and refused.facts["count"] == 101


def test_a_million_components_inside_one_another_are_counted_too():
    inside = [
        {"type": "library", "name": f"n{n}", "components": [{"type": "library", "name": f"m{m}"} for m in range(50)]}
        for n in range(50)
    ]
    assert refusal(cyclonedx(components=inside), SMALL).code == "sbom.too_large"


def test_too_many_edges_are_refused():
    listed = [{"ref": f"r{n}", "dependsOn": [f"r{m}" for m in range(80)]} for n in range(80)]
    assert refusal(cyclonedx(dependencies=listed), SMALL).facts["place"].startswith("/dependencies/")


# ---- entities, aliases, references that grow


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><bom xmlns="http://cyclonedx.org/schema/bom/1.6">&c;</bom>'
)


@pytest.mark.parametrize(
    "content",
    [
        LAUGHS,
        LAUGHS.replace(b'<?xml version="1.0"?>', b'<?xml version="1.0"?><!-- before --><?pi x?>\n'),
        LAUGHS.decode().encode("utf-16"),
        b'<!DOCTYPE bom SYSTEM "file:///etc/passwd"><bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>',
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><SoftwareIdentity name="&e;"/>',
    ],
)
def test_a_document_type_is_refused(content):
    assert refusal(content).code == "sbom.document_type"


@pytest.mark.parametrize("encoding", ["UTF-7", "EBCDIC-CP-BE", "UTF-32", "x"])
def test_an_encoding_that_can_hide_a_document_type_is_refused(encoding):
    content = f'<?xml version="1.0" encoding="{encoding}"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>'.encode()
    assert refusal(content).code == "sbom.not_xml"


def test_a_doctype_in_a_text_is_a_text():
    content = (
        b'<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components><component type="library"><name>'
        b"<![CDATA[<!DOCTYPE x>]]></name></component></components></bom>"
    )
    assert read_sbom(content).components[0].name == "<!DOCTYPE x>"


def test_yaml_aliases_are_refused():
    laughs = b"a: &a [x, x]\nb: &b [*a, *a]\nspdxVersion: SPDX-2.3\n"
    assert refusal(laughs).code == "sbom.yaml_alias" and "line 1" in refusal(laughs).message


RDF = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:spdx="http://spdx.org/rdf/terms#">'
    b'<spdx:SpdxDocument rdf:about="https://example.com/d#SPDXRef-DOCUMENT"><spdx:specVersion>SPDX-2.3</spdx:specVersion>'
    b'</spdx:SpdxDocument><spdx:Package rdf:about="https://example.com/d#SPDXRef-P"><spdx:licenseConcluded '
    b'rdf:nodeID="s0"/></spdx:Package>%s</rdf:RDF>'
)


def licence_set(number: int, *members: int) -> bytes:
    inside = b"".join(b'<spdx:member rdf:nodeID="s%d"/>' % one for one in members)
    return b'<spdx:ConjunctiveLicenseSet rdf:nodeID="s%d">%s</spdx:ConjunctiveLicenseSet>' % (number, inside)


def test_rdf_licences_made_of_themselves_are_refused():
    assert refusal(RDF % licence_set(0, 0)).code == "sbom.references_grow"


def test_rdf_sets_of_sets_do_not_grow():
    sets = b"".join(licence_set(n, n + 1, n + 1) for n in range(40)) + licence_set(40, 41)
    began = time.perf_counter()
    assert refusal(RDF % sets).code == "sbom.references_grow"
    assert time.perf_counter() - began < 2


# ---- references, circles, names, dates


def test_doubled_and_dangling_references_are_doubts():
    twice = [{"type": "library", "name": name, "bom-ref": "r"} for name in ("a", "b")]
    one = read_sbom(cyclonedx(components=twice, dependencies=[{"ref": "r", "dependsOn": ["gone"]}]))
    assert [each.name for each in one.components] == ["a", "b"]
    assert one.components[0].ref == "r" and one.components[1].ref not in ("r", "")
    assert [place for place, _ in one.doubts] == ["/components/1", "/dependencies/0/dependsOn/0"]


def test_a_thousand_dangling_references_are_named_a_hundred_times():
    listed = [{"type": "library", "name": "n"}]
    one = read_sbom(cyclonedx(components=listed, dependencies=[{"ref": f"gone{n}"} for n in range(1_000)]))
    assert len(one.doubts) == 101 and one.doubts[-1] == ("/", "900 more places are like these.")


def test_circles_are_read():
    listed = [{"type": "library", "name": name, "bom-ref": name} for name in "abc"]
    edges = [{"ref": a, "dependsOn": [b]} for a, b in ("ab", "bc", "ca", "aa")]
    one = read_sbom(cyclonedx(components=listed, dependencies=edges))
    assert one.dependencies == (("a", ("b",)), ("b", ("c",)), ("c", ("a",)), ("a", ("a",)))


@pytest.mark.parametrize(
    "named, wrong",
    [
        ({"purl": "pkg:generic/a%2@1"}, True), ({"purl": "generic/a@1"}, True), ({"purl": "pkg:"}, True),
        ({"purl": "pkg:generic/mbedtls@2.28.7"}, False), ({"purl": "pkg:github/FreeRTOS/FreeRTOS-Kernel@11"}, False),
        ({"cpe": "cpe:2.3:a:arm:mbed_tls:2.28.7:*:*:*:*:*:*:*"}, False), ({"cpe": "cpe:/a:arm:mbed_tls:2.28.7"}, False),
        ({"cpe": r"cpe:2.3:a:acme:a\:b:1\.0:*:*:*:*:*:*:*"}, False), ({"cpe": "cpe:2.3:a:acme:x"}, True),
        ({"cpe": "cpe:2.3:x:acme:b:1:*:*:*:*:*:*:*"}, True), ({"cpe": "cpe:2.3:a:ac me:b:1:*:*:*:*:*:*:*"}, True),
        ({"cpe": "acme"}, True), ({"cpe": "cpe:2.3:*:busybox:busybox:1.36:*:*:*:*:*:*:*"}, False),
    ],
)  # fmt: skip
def test_wrong_identifiers_are_doubts_and_stay_as_written(named, wrong):
    """1.3: its schema lets any text be a purl or CPE."""
    content = json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.3",
            "version": 1,
            "components": [{"type": "library", "name": "n", "version": "1", **named}],
        }
    )
    try:
        one = read_sbom(content.encode())
    except Invalid as refused:  # where the schema has a pattern it is the schema that refuses
        assert wrong and "/components/0/" in refused.message
        return
    assert bool(one.doubts) == wrong
    assert named.items() <= {"purl": one.components[0].purl, "cpe": one.components[0].cpe}.items()


def test_a_nul_in_a_text_is_no_nul_any_more():
    """PostgreSQL takes none; the bytes keep it."""
    content = cyclonedx(components=[{"type": "library", "name": "a\0b", "description": "back\\\\slash \\u0000 spelt"}])
    one = read_sbom(content).components[0]
    assert one.name == "a\ufffdb" and "back\\\\slash \\u0000 spelt" in one.description


def test_a_version_number_of_yaml_stays_a_text(shared_data):
    content = (shared_data / KINDS["SPDX YAML"]).read_text().replace('versionInfo: "2.11.1"', "versionInfo: 1.10")
    assert "1.10" in {one.version for one in read_sbom(content.encode()).components}


@pytest.mark.parametrize(
    "content, code",
    [
        (b"", "sbom.empty"), (b"  \n", "sbom.empty"), (b"hello", "sbom.format_unknown"), (b"{}", "sbom.format_unknown"),
        (b"[1, 2]", "sbom.format_unknown"), (b"{", "sbom.not_json"), (b"<a>", "sbom.not_xml"), (b"<a/>", "sbom.format_unknown"),
        (b'{"bomFormat": "CycloneDX", "specVersion": "9.9"}', "sbom.version_unknown"),
        (b"SPDXVersion: SPDX-2.1\n", "sbom.version_unknown"), (b"SPDXVersion: SPDX-2.3\nnothing here\n", "sbom.not_a_tag"),
        (b"SPDXVersion: SPDX-2.3\nPackageVersion: 1\n", "sbom.tag_misplaced"),
        (b"SPDXVersion: SPDX-2.3\nDocumentComment: <text>for ever\n", "sbom.text_open"),
        (b"SPDXVersion: SPDX-2.3\nDocumentName: a\nDocumentName: b\n", "sbom.tag_doubled"),
        (b"SPDXVersion: SPDX-2.3\nRelationship: a b\n", "sbom.tag_malformed"),
        (b"SPDXVersion: \xff\n", "sbom.not_utf8"),
        (b'<bom xmlns="http://cyclonedx.org/schema/bom/0.9"/>', "sbom.version_unknown"),
        (b"\x00\x01\x02", "sbom.format_unknown"),
    ],
)  # fmt: skip
def test_what_is_no_sbom_is_refused_by_name(content, code):
    assert refusal(content).code == code


def test_places_are_lines_in_tag_value_and_yaml():
    tagged = "SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: d\n" \
        "DocumentNamespace: https://e.org/d\nCreator: Tool: t\nCreated: 2027-01-01T00:00:00Z\n\nPackageName: p\nSPDXID: SPDXRef-p\n"  # fmt: skip
    assert "line 9, /packages/0" in refusal(tagged.encode()).message
    document = spdx2([{"SPDXID": "SPDXRef-p", "name": "p"}])
    import yaml

    text = yaml.safe_dump(document, sort_keys=False)
    line = next(number for number, said in enumerate(text.splitlines(), 1) if "SPDXRef-p" in said)
    assert f"line {line}, /packages/0" in refusal(text.encode()).message


def test_xml_is_refused_by_line_and_path():
    content = b'<?xml version="1.0"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.6">\n<components>\n<component type="library"/>\n</components></bom>'
    refused = refusal(content)
    assert refused.rows[0].line == 4 and refused.rows[0].column.startswith("/")
