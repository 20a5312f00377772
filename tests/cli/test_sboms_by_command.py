"""`asbuilt sbom`: check without a home, add, show, diff, gaps, find; exit codes and documents."""

import json

import pytest

GOOD = {
    "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
    "components": [
        {"type": "library", "bom-ref": "a", "name": "mbedtls", "version": "2.28.7", "purl": "pkg:generic/mbedtls@2.28.7"},
        {"type": "library", "bom-ref": "b", "name": "lwip", "version": "2.1.3"},
    ],
}  # fmt: skip


@pytest.fixture
def files(tmp_path):
    """good.json, newer.json, bad.json (a component without a name)."""
    (tmp_path / "good.json").write_text(json.dumps(GOOD))
    newer = json.loads(json.dumps(GOOD).replace("2.28.7", "2.28.8"))
    (tmp_path / "newer.json").write_text(json.dumps(newer))
    (tmp_path / "bad.json").write_text(json.dumps({**GOOD, "components": [{"type": "library"}]}))
    return tmp_path


@pytest.fixture
def product(load):
    load(
        {
            "parts": [{"part": "R", "description": "", "mpn": "", "manufacturer": "", "lifecycle": "", "msl": ""}],
            "bom": [{"product": "W", "revision": "A", "bom_version": "1", "line": "1", "part": "R", "quantity": "1", "refdes": "R1"}],
        }
    )  # fmt: skip


def test_check_needs_no_home_and_stores_nothing(asbuilt_unopened, empty_home, files):
    good = asbuilt_unopened("sbom", "check", files / "good.json", "--format", "json")
    assert good.code == 0 and good.document["components"] == 2 and good.document["format"] == "cyclonedx"
    bad = asbuilt_unopened("sbom", "check", files / "bad.json", "--format", "json")
    assert bad.code == 2 and bad.document["code"] == "sbom.not_by_the_schema" and "/components/0" in bad.out
    assert asbuilt_unopened("sbom", "check", files / "none.json").code == 3
    assert not list(empty_home.folder.rglob("*"))


def test_an_sbom_by_command(asbuilt, product, files):
    added = asbuilt("sbom", "add", files / "good.json", "--product", "W", "--revision", "A", "--format", "json")
    assert added.code == 0 and added.document["of"] == "W revision A" and added.document["place"] == 1
    again = asbuilt("sbom", "add", files / "good.json", "--product", "W", "--revision", "A")
    assert again.code == 4 and "components.sbom_is_current" in again.err
    newer = asbuilt(
        "sbom", "add", files / "newer.json", "--product", "W", "--revision", "A", "--format", "json"
    ).document
    listed = asbuilt("sbom", "show", "--format", "json").document["sboms"]
    assert [one["ulid"] for one in listed] == [newer["ulid"]]
    shown = asbuilt("sbom", "show", newer["ulid"][:12], "--format", "json").document
    assert [one["name"] for one in shown["listed"]] == ["mbedtls", "lwip"] and len(shown["others"]) == 1
    changed = asbuilt("sbom", "diff", newer["ulid"], "--format", "json").document
    assert [(one["name"], one["what"]) for one in changed["changed"]] == [("mbedtls", ["version", "purl"])]
    assert "2.28.8" in asbuilt("sbom", "diff", newer["ulid"]).out
    found = asbuilt("sbom", "find", "MBEDTLS").out
    assert "2.28.8" in found and "2.28.7" not in found and "W revision A" in found
    assert asbuilt("sbom", "gaps", "--format", "json").document == {"gaps": []}
    assert asbuilt("ledger", "verify").code == 0


@pytest.mark.parametrize(
    "arguments, code",
    [
        (("--product", "W"), 2), (("--product", "X", "--version", "1"), 3), (("--product", "W", "--revision", "Z"), 3),
        (("--part", "R", "--lot", "L"), 0), (("--image", "ab"), 2), (("--image", "ab" * 32), 3),
    ],
)  # fmt: skip
def test_what_it_is_of_decides_the_exit(asbuilt, product, files, arguments, code):
    assert asbuilt("sbom", "add", files / "good.json", *arguments).code == code


def test_a_refused_file_is_told_with_its_place(asbuilt, product, files):
    said = asbuilt("sbom", "add", files / "bad.json", "--product", "W", "--revision", "A")
    assert said.code == 2 and "/components/0" in said.err and '"name"' in said.err
    assert asbuilt("sbom", "show", "01ZZZZZZ").code == 3


def test_a_file_of_200_megabytes_is_refused_in_words_and_not_read(asbuilt_unopened, tmp_path):
    with open(tmp_path / "huge.json", "wb") as stream:
        stream.write(b'{"bomFormat": "CycloneDX"')
        stream.truncate(200_000_000)
    found = asbuilt_unopened("sbom", "check", tmp_path / "huge.json")
    assert found.code == 2 and "has more than 67,108,864 bytes" in found.err


def test_with_what_a_release_was_built_by_command(asbuilt, product, load, files):
    load({"firmware": [{"product": "W", "version": "1.0.0", "role": "app", "image": "", "sha256": "ab" * 32, "revisions": "A",
                        "released_at": "2027-03-01T00:00:00Z", "security_relevant": "false"}]})  # fmt: skip
    (files / ".config").write_text("# U-Boot 2024.01 Configuration\nCONFIG_ARM=y\n# CONFIG_FS_SQUASHFS is not set\n")
    of = ("--product", "W", "--version", "1.0.0")
    assert "kconfig of u-boot, config" in asbuilt("sbom", "built-with", files / ".config", *of).err
    assert asbuilt("sbom", "built-with", files / ".config", *of).code == 4  # it counts already
    assert asbuilt("sbom", "built-with", files / "good.json", *of).code == 2
    assert asbuilt("sbom", "builds", "--product", "W", "--version", "9", "--format", "json").code == 3
    (one,) = asbuilt("sbom", "builds", *of, "--format", "json").document["builds"]
    assert (one["kind"], one["project"], one["name"], one["counts"]) == ("kconfig", "u-boot", "config", True)
    assert asbuilt("ledger", "verify").code == 0


def test_an_image_binds_by_command_and_by_the_documents_own_hash(asbuilt, product, load, files):
    release = {"product": "W", "version": "1.0.0", "role": "", "image": "", "sha256": "ab" * 32, "revisions": "A", "released_at": "", "security_relevant": "false"}  # fmt: skip
    load({"firmware": [release]})
    main = {"type": "firmware", "name": "app", "hashes": [{"alg": "SHA-256", "content": "ab" * 32}]}
    (files / "own.json").write_text(json.dumps({**GOOD, "metadata": {"component": main}}))
    by_image = asbuilt("sbom", "add", files / "good.json", "--image", "ab" * 32, "--format", "json").document
    assert (by_image["of"], by_image["image"], by_image["bound_by"]) == ("W app 1.0.0", "ab" * 32, "image")
    own = asbuilt("sbom", "add", files / "own.json")
    assert own.code == 0 and "named by the document's own hash" in own.err
    by_name = asbuilt("sbom", "add", files / "newer.json", "--product", "W", "--version", "1.0.0", "--format", "json").document  # fmt: skip
    assert by_name["bound_by"] == "name"
    (files / "other.json").write_text((files / "own.json").read_text().replace("ab" * 32, "cd" * 32))
    refused = asbuilt("sbom", "add", files / "other.json", "--product", "W", "--version", "1.0.0")
    assert refused.code == 2 and "components.document_of_another" in refused.err and "no release has" in refused.err
    assert asbuilt("sbom", "add", files / "good.json", "--part", "R", "--image", "ab" * 32).code == 2
