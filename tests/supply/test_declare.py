"""Papers of suppliers: kept as evidence, who said so, until when; provenance checked where its signature or chain allows."""

import hashlib
import json

import pytest

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed

PDF = b"%PDF-1.7 certificate of conformity"


@pytest.fixture
def declare(actor, catalogue):
    from asbuilt.built.supply.actions.declaring import declare

    return lambda by=None, **said: declare(by or actor, **said)


@pytest.fixture
def papers(actor):
    from asbuilt.built.supply.declarations import declarations
    from asbuilt.designed.parties.queries import numbers_by_name

    def of(supplier: str = "", **said):
        number = numbers_by_name(actor.tenant).get(supplier)
        return declarations(actor.tenant, supplier=number, **said)

    return of


def test_a_certificate_is_kept_byte_for_byte(declare, papers, actor, tmp_path):
    from asbuilt.built.exchange.exporting import export_folder
    from asbuilt.ledger.evidence import evidence_row, open_evidence
    from asbuilt.ledger.verifying import verify

    declare(
        kind="coc",
        supplier="DIGI",
        delivery="DN-1",
        said_by="QA",
        valid_until="2029-01-01",
        content=PDF,
        name="c/../coc.pdf",
    )
    (row,) = papers("DIGI", delivery="DN-1")
    digest = hashlib.sha256(PDF).hexdigest()
    assert (row.kind, row.sha256, row.said_by, row.valid_until, row.finding) == (
        "coc",
        digest,
        "QA",
        "2029-01-01",
        "pdf",
    )
    assert b"".join(open_evidence(actor.tenant, digest)) == PDF
    assert evidence_row(actor.tenant, digest).evidence_class == "traceability"
    export_folder(actor, tmp_path / "out")
    assert (tmp_path / "out" / row.file).read_bytes() == PDF
    assert verify(actor.tenant).as_json()["findings"] == []


def test_an_authorisation_says_who_said_so_and_until_when(declare, papers):
    declare(
        kind="authorisation",
        supplier="DIGI",
        manufacturer="Microchip",
        said_by="Microchip, list of 2027",
        valid_until="2028-01-01",
    )
    (row,) = papers("DIGI", kind="authorisation")
    assert (row.manufacturer, row.said_by, row.valid_until, row.sha256) == (
        "Microchip",
        "Microchip, list of 2027",
        "2028-01-01",
        "",
    )


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (b"<html><script>alert(1)</script>", "text"),
        (b"\x89PNG\r\n\x1a\nx", "png"),
        (b'{"a": 1}', "json"),
        (b"\x00\x01", "other"),
    ],
)
def test_a_file_is_told_by_its_content_never_by_its_name(declare, papers, content, finding):
    declare(kind="sbom", supplier="DIGI", content=content, name="sbom.pdf")
    assert papers("DIGI")[0].finding == finding


def test_a_signed_provenance_file_is_checked_against_the_suppliers_key(declare, papers):
    from asbuilt.kernel import envelope, keys

    private = bytes(range(32))
    signed = envelope.sign("application/vnd.provenance", b'{"lot": "A1"}', private)
    declare(kind="provenance", supplier="DIGI", content=signed, name="p.json")
    assert papers("DIGI")[0].finding.startswith("unchecked: signed")
    public = keys.PublicKey(keys.ED25519, keys.public_of(private))
    declare(kind="key", supplier="DIGI", content=keys.public_to_pem(public).encode(), name="key.pem")
    declare(kind="provenance", supplier="DIGI", content=signed, name="p.json", delivery="DN-2")
    assert papers("DIGI", delivery="DN-2")[0].finding == f"fine: signed with the supplier's key {public.key_id}"
    # another supplier's key is none of theirs
    declare(kind="provenance", supplier="TME", content=signed, name="p.json")
    assert papers("TME")[0].finding.startswith("unchecked")
    changed = signed.replace(b"eyJsb3Qi", b"eyJsb3Qj")
    declare(kind="provenance", supplier="DIGI", content=changed, name="p.json", delivery="DN-3")
    assert papers("DIGI", delivery="DN-3")[0].finding.startswith("broken")


def chained(count: int) -> list[bytes]:
    lines, before = [], ""
    for n in range(count):
        line = json.dumps({"n": n, "prev": before}).encode()
        lines.append(line)
        before = hashlib.sha256(line).hexdigest()
    return lines


@pytest.mark.parametrize(
    ("lines", "finding"),
    [
        (chained(4), "fine: the chain of 4 records holds"),
        (chained(4)[:2] + chained(4)[3:], "broken: the chain breaks at record 3"),
        (
            [chained(3)[0], chained(3)[1].replace(b'"n": 1', b'"n": 7'), chained(3)[2]],
            "broken: the chain breaks at record 3",
        ),
        (chained(1), "unchecked"),
        ([b'{"a": 1}', b'{"b": 2}'], "unchecked"),
        ([b"no json"], "unchecked"),
        ([b"[" * 100_000 + b"]" * 100_000], "unchecked"),
        ([b'{"a":' * 100_000 + b"1" + b"}" * 100_000], "unchecked"),
    ],
)
def test_a_hash_chained_file_is_checked_link_by_link(declare, papers, lines, finding):
    declare(kind="provenance", supplier="DIGI", content=b"\n".join(lines), name="chain.jsonl")
    assert papers("DIGI")[0].finding.startswith(finding)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"kind": "coc", "supplier": "DIGI"}, "supply.file_missing"),
        ({"kind": "coc", "supplier": "DIGI", "content": b""}, "supply.file_empty"),
        ({"kind": "key", "supplier": "DIGI", "content": b"no key"}, "kernel.key_unreadable"),
        ({"kind": "coc", "supplier": "NOBODY", "content": PDF}, "parties.unknown"),
        ({"kind": "coc", "content": PDF}, "tables.cell_empty"),
        ({"kind": "ce", "supplier": "DIGI", "part": "U-9"}, "catalog.part_unknown"),
        ({"kind": "ce", "supplier": "DIGI", "valid_until": "never"}, "supply.day_wrong"),
        ({"kind": "gossip", "supplier": "DIGI", "content": PDF}, "tables.cell_not_a_word"),
    ],
)
def test_a_wrong_paper_is_refused(declare, papers, said, code):
    with pytest.raises(Invalid) as refusal:
        declare(**said)
    assert refusal.value.code == code
    assert papers() == []


def test_a_file_beyond_the_limit_is_refused(declare, monkeypatch):
    from asbuilt.built.supply import files

    monkeypatch.setattr(files, "FILE_BYTES_MAX", 100)
    with pytest.raises(Invalid) as refusal:
        declare(kind="coc", supplier="DIGI", content=PDF * 10)
    assert refusal.value.code == "supply.file_too_large"


def test_who_may_and_twice(declare, person, stranger, papers):
    said = {
        "kind": "coc",
        "supplier": "DIGI",
        "content": PDF,
        "request_key": "d-1",
        "happened_at": 1_803_859_200_000_000,
    }
    assert declare(**said).entry == declare(**said).entry
    with pytest.raises(Conflict):
        declare(**{**said, "content": PDF + b"2"})
    declare(by=person("operator"), kind="ce", supplier="DIGI")
    with pytest.raises(NotAllowed):
        declare(by=person("auditor"), kind="ce", supplier="DIGI")
    with pytest.raises(Invalid):
        declare(by=stranger, kind="ce", supplier="DIGI")
    assert len(papers("DIGI")) == 2
