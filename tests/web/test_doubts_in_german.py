"""Doubts about SBOMs, which are recorded in English, in the language of the page."""

import ast
import json
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from test_sboms_pages import added, product, text  # noqa: F401

pytestmark = pytest.mark.once

SOURCE = Path(__file__).parents[2] / "src" / "asbuilt"
READERS = [*sorted((SOURCE / "formats" / "sbom").glob("*.py")), SOURCE / "designed" / "components" / "checking.py"]


def _template(node: ast.AST) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in parts)


def sentences() -> dict[str, str]:
    """Every sentence beside a place in the readers of SBOMs, with {} for its values -> the module."""
    found = {}
    for file in READERS:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            pairs = [node.elts[1]] if isinstance(node, ast.Tuple) and len(node.elts) == 2 else []
            pairs += [value for key, value in zip(node.keys, node.values, strict=True) if getattr(key, "value", "") == "what"] if isinstance(node, ast.Dict) else []  # fmt: skip
            for value in pairs:
                if (
                    isinstance(value, ast.JoinedStr | ast.Constant)
                    and _template(value).endswith(".")
                    and " " in _template(value)
                ):
                    found[_template(value)] = file.name
    return found


def test_every_doubt_that_a_reader_writes_is_known_to_the_page():
    from asbuilt.doors.web.doubt_words import SENTENCES

    known = {re.sub(r"\{\w+\}", "{}", one) for one in SENTENCES}
    written = {re.sub(r"The \{\} \{\} \{\}\.", "The purl {} {}.", one) for one in sentences()}
    assert len(written) > 10 and written - known == set() and known - written == set()


def test_every_fault_of_a_name_is_known_to_the_page():
    from django.utils.translation import override

    from asbuilt.doors.web.doubt_words import FAULTS, sbom_doubt_word
    from asbuilt.formats.sbom.identifiers import cpe_fault, purl_fault

    wrong = ("cpe:/x:y", "cpe", "cpe:2.3:a:b", "cpe:2.3:x" + ":*" * 10, "cpe:2.3:a:b$c" + ":*" * 9)
    found = {*map(cpe_fault, wrong), purl_fault("pkg:a/b%"), purl_fault("nothing")}
    assert len(found) == len(FAULTS) and all(found)
    with override("de"):
        assert [one for one in found if one in sbom_doubt_word(f"The CPE x {one}.")] == []


def test_the_page_of_an_sbom_says_its_doubts_in_german(product, signed_in):  # noqa: F811
    component = {"type": "library", "bom-ref": "a", "name": "a", "purl": "pkg:a/b%", "cpe": "cpe:2.3:a:b"}
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [component], "metadata": {"timestamp": "2099-01-01T00:00:00Z"},
        "dependencies": [{"ref": "a", "dependsOn": ["gone"]}],
    }  # fmt: skip
    client = signed_in("psirt")
    address = added(client, SimpleUploadedFile("a.json", json.dumps(document).encode()))
    page = text(client.get(address, headers={"accept-language": "de"}))
    for said in (
        "Die purl pkg:a/b% hat ein %, das nichts maskiert.", "Die CPE cpe:2.3:a:b hat 4 Teile, CPE 2.3 hat 13.",
        "Der Verweis gone führt im Dokument nirgendwohin.", "2099-01-01T00:00:00+00:00 liegt später, als die Uhr hier zeigt.",
    ):  # fmt: skip
        assert said in page, page[page.find("gemeint") :][:900]
    assert "The reference" not in page and "The purl" not in page
    assert "The reference gone leads nowhere in the document." in text(client.get(address))
    assert "The reference gone leads nowhere" in client.get(f"/api/v1{address.rstrip(chr(47))}").content.decode()


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("The document lists no component.", "Das Dokument führt keine Komponente."),
        ("1,200 more places are like these.", "Weitere 1,200 Stellen sind wie diese."),
        (
            "2099-01-01T00:00:00+00:00 lies ahead of the clock here.",
            "2099-01-01T00:00:00+00:00 liegt später, als die Uhr hier zeigt.",
        ),
        ("The CPE is no CPE name is no CPE name.", "Die CPE is no CPE name ist kein CPE-Name."),
        ("The tag {fault} is none of the specification.", "Das Tag {fault} kennt die Spezifikation nicht."),
        ("Something else.", "Something else."),
    ],
)
def test_values_stay_and_words_do_not(english, german):
    from django.utils.translation import override

    from asbuilt.doors.web.doubt_words import sbom_doubt_word

    with override("de"):
        assert sbom_doubt_word(english) == german
    with override("en"):
        assert sbom_doubt_word(english) == english
