"""`sbom export`: the SBOM of a release in our forms, with and without a kept one."""

import json

import pytest
from bom_floor import APP
from test_describe_a_unit import SBOM, add_sbom

from asbuilt.kernel.errors import Invalid, NotFound


def exported(actor, form="cyclonedx-1.6", **more):
    from asbuilt.questions.boms.release import release_sbom

    asked = {"product": "board", "version": "2.0", "form": form, **more}
    return release_sbom(actor, **asked)


def test_the_image_of_the_register_over_what_the_kept_file_lists(floor, actor):
    kept = {**SBOM, "vulnerabilities": [{"id": "CVE-2024-1"}]}
    add_sbom(actor, kept)
    said = json.loads(exported(actor).content)
    top = said["metadata"]["component"]
    assert (top["type"], top["name"], top["version"]) == ("firmware", "board", "2.0")
    assert top["hashes"] == [{"alg": "SHA-256", "content": APP}] and top["licenses"] == [{"expression": "MIT"}]
    told = {one["name"]: one["value"] for one in top["properties"]}
    from hashlib import sha256

    assert told["asbuilt:sbom_sha256"] == sha256(json.dumps(kept).encode()).hexdigest()
    assert told["asbuilt:named_in_sbom"] == "board-app 2.0"
    assert [(one["name"], one["version"]) for one in said["components"]] == [("mbedtls", "2.28.3"), ("lwip", "2.1.2")]
    assert said["dependencies"] == [{"ref": "fw", "dependsOn": ["part:1"]}, {"ref": "part:1", "dependsOn": ["lwip"]}]
    assert "vulnerabilities" not in said and "CVE" not in json.dumps(said)
    assert said["metadata"]["manufacturer"] == {"name": "Our Works"}
    graph = json.loads(exported(actor, "spdx-3.0.1").content)["@graph"]
    assert {one["name"] for one in graph if one["type"] == "software_Package"} == {"board", "mbedtls", "lwip"}


def test_a_release_without_an_sbom_says_so(floor, actor):
    said = json.loads(exported(actor).content)
    assert said["components"] == []
    assert {"name": "asbuilt:gap", "value": "The release has no SBOM: what is in it is not listed."} in said[
        "metadata"
    ]["component"]["properties"]
    assert said["compositions"][0]["aggregate"] == "unknown"


def test_signed_it_holds(floor, actor):
    from asbuilt.kernel.certificates import check_bom
    from asbuilt.ledger import keyring, sequencing

    add_sbom(actor, SBOM)
    origin = sequencing.head(actor.tenant)[0]
    keys = {"record_keys": [keyring.record_public(origin)], "log_vkeys": keyring.vkeys(origin)}
    found = check_bom(exported(actor, signed=True).content, **keys)
    assert found.about["kind"] == "release" and len(found.entries) == 1 and b"mbedtls" in found.bom


def test_who_gets_none(floor, actor, reader, stranger):
    for who, more in ((reader("BRAND"), {}), (stranger, {}), (actor, {"version": "9.9"}), (actor, {"role": "radio"})):
        with pytest.raises(NotFound):
            exported(who, **more)
    with pytest.raises(Invalid) as refused:
        exported(actor, "swid")
    assert refused.value.code == "sbom.form_unknown"
