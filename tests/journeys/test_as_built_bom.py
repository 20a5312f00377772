"""A brand owner gets the as-built BOM of one unit of the example: what stands where is counted again from the CSV files alone, the official
schema takes it, BSI TR-03183-2 is met as far as the facts go, and what it cannot say is listed."""

import json
from collections import defaultdict

import jsonschema_rs
import pytest
from independent_count import Axis, instant, table

SERIAL = "10842"


def local_system():
    from asbuilt.access.actor import local_system
    from asbuilt.access.queries import tenant_of_slug

    return local_system(tenant_of_slug("main").number)


def counted(axis: Axis, unit: int) -> dict[tuple[str, str], tuple[frozenset, bool]]:
    """(BOM line, position) of a unit -> (packages that may stand there, whether the record is sure of one of them)."""
    order = axis.orders[axis.rows[unit]["order"]]
    found: dict[tuple[str, str], list] = {}
    for row in table("bom"):
        if (row["product"], row["revision"], row["bom_version"]) == (
            order["product"],
            order["revision"],
            order["bom_version"],
        ):
            for position in row["refdes"].split() or [f"#{row['line']}"]:
                found[row["line"], position] = []
    line_of = {position: line for line, position in found}
    for row in table("materials"):
        if unit in axis.span(row):
            for position in row["refdes"].split():
                found[line_of[position], position].append((row["package"], row["certainty"]))
    for row in sorted(table("replacements"), key=lambda row: instant(row["happened_at"])):
        if axis.place[row["serial"]] == unit:
            found[line_of[row["refdes"]], row["refdes"]] = [(row["installed_package"], "certain")]
    return {
        key: (frozenset(p for p, _ in said), any(sure == "certain" for _, sure in said)) for key, said in found.items()
    }


@pytest.fixture
def document(example, tmp_path):
    """The BOM as a stranger has it: signed, checked, and read again from its bytes."""
    from asbuilt.formats.sbom.read import read_sbom
    from asbuilt.kernel.certificates import check_bom
    from asbuilt.ledger import keyring, sequencing
    from asbuilt.questions.boms.signed import bom_file

    actor = local_system()
    origin = sequencing.head(actor.tenant)[0]
    keys = {"record_keys": [keyring.record_public(origin)], "log_vkeys": keyring.vkeys(origin)}
    checked = check_bom(bom_file(actor, "unit", SERIAL).content, **keys)
    assert checked.entries
    return checked.bom, read_sbom(checked.bom)


def test_what_stands_where_is_what_the_files_say(document):
    _, read = document
    axis = Axis()
    unit = axis.place[SERIAL]
    inside = [child for child, parent in axis.parents.items() if parent == unit]
    units = {
        one.ref: one
        for one in (read.subject, *read.components)
        if one.kind == "device" and not one.ref.startswith("part:")
    }
    serial_of = {ref: dict(one.properties)["cdx:device:serialNumber"] for ref, one in units.items()}
    assert set(serial_of.values()) == {axis.rows[one]["serial"] for one in (unit, *inside)} and len(inside) == 2
    lots = {row["package"]: row for row in table("lots")}
    said = defaultdict(dict)
    for one in read.components:
        if one.ref.startswith("part:"):
            told = dict(one.properties)
            parent = one.parent or read.subject.ref
            packages = {told["asbuilt:package"]} if "asbuilt:package" in told else {
                json.loads(value)["package"] for name, value in one.properties if name == "asbuilt:candidate" and value != "unknown"}  # fmt: skip
            for position in told["cdx:device:location"].split():
                said[serial_of[parent]][told["asbuilt:line"], position] = (
                    frozenset(packages),
                    told["asbuilt:certainty"],
                )
            if len(packages) == 1:
                (row,) = [lots[package] for package in packages]
                known = dict(one.more_identifiers)
                assert (one.maker, known["mpn"], known.get("lot", "")) == (
                    row["manufacturer"],
                    row["mpn"],
                    row["lot_code"],
                )
    for each in (unit, *inside):
        expected = {
            key: (packages, "certain" if len(packages) == 1 and sure else "possible" if packages else "unrecorded")
            for key, (packages, sure) in counted(axis, each).items()
        }
        assert said[axis.rows[each]["serial"]] == expected


def test_the_images_are_those_of_the_last_records(document):
    _, read = document
    images = {one.name: (one.version, dict(one.hashes)["SHA-256"]) for one in read.components if one.kind == "firmware"}
    known = {(row["product"], row["role"], row["version"]): row["sha256"] for row in table("firmware")}
    axis = Axis()
    records = [
        row
        for row in table("programming")
        if row["serial"] and axis.place[row["serial"]] == axis.place[SERIAL] and row["result"] == "pass"
    ]
    last = max(records, key=lambda row: instant(row["happened_at"]))
    assert images["EG-200 app"] == (last["version"], known["EG-200", "app", last["version"]])
    assert (
        all(known[(*name.split(" "), version)] == digest for name, (version, digest) in images.items())
        and len(images) == 3
    )


@pytest.mark.parametrize("kind_code", [("unit", SERIAL), ("order", "WO-1042"), ("shipment", "S-0311")], ids="-".join)
def test_the_official_schemas_take_it(example, shared_data, kind_code):
    from asbuilt.formats.sbom.writing import write_sbom
    from asbuilt.questions.boms.assembling import as_built_bom

    bom = as_built_bom(local_system(), *kind_code)
    spdx = jsonschema_rs.validator_for(
        json.loads((shared_data / "schemas/spdx/spdx-3.0.1.schema.json").read_text()), offline=True
    )
    assert spdx.is_valid(json.loads(write_sbom(bom.document, "spdx-3.0.1")))
    from asbuilt.formats.sbom.read import read_sbom

    for form in ("cyclonedx-1.6", "cyclonedx-1.7"):  # reading checks the schema first
        read = read_sbom(write_sbom(bom.document, form))
        assert len(read.components) == len(bom.document.components)
        assert {one.ref for one in read.components} == {one.ref for one in bom.document.components}


def test_bsi_is_met_as_far_as_the_facts_go_and_the_gaps_are_listed(document):
    from asbuilt.formats.sbom.quality import evaluate

    content, read = document
    found = {one.key: one for one in evaluate(read, "bsi").fields}
    assert {key for key, one in found.items() if one.need == "required" and one.state == "met"} == {
        "format", "vulnerabilities", "sbom.timestamp", "c.name",
    }  # fmt: skip
    # three boards and three images have versions, the 92 groups of parts have none; a maker's name stands where a maker is known
    assert (found["c.version"].met, found["c.version"].of) == (6, 98)
    # of hardware nobody asks for a file: three images are asked, and the example's releases say nothing of their files
    assert {
        key: one.of for key, one in found.items() if key in ("c.hash", "c.filename", "c.executable")
    } == dict.fromkeys(("c.hash", "c.filename", "c.executable"), 3)
    gaps = [value for name, value in read.subject.properties if name == "asbuilt:gap"]
    assert gaps == [
        "At EG-200 #20 one of several stands on 1 units; the candidates are named.",
        "EG-200 app 2.3.1 has no SBOM: what is in it is not listed.",
        "MB-200 boot 1.0 has no SBOM: what is in it is not listed.",
        "RB-50 radio 1.7.9 has no SBOM: what is in it is not listed.",
    ]  # fmt: skip
    assert b"compliant" not in content
