"""A signed as-built BOM is checked with two public keys: what it proves, and that each byte counts."""

import json
from base64 import b64decode, b64encode

import pytest

from asbuilt.kernel.errors import Invalid, Tampered


@pytest.fixture
def keys(actor):
    from asbuilt.ledger import keyring, sequencing

    origin = sequencing.head(actor.tenant)[0]
    return {"record_keys": [keyring.record_public(origin)], "log_vkeys": keyring.vkeys(origin)}


@pytest.fixture
def signed(floor, actor):
    from asbuilt.questions.boms.signed import bom_file

    return bom_file(actor, "unit", "S0007").content


def test_the_document_comes_out_as_it_was_signed_with_its_entries(signed, actor, keys):
    from asbuilt.kernel.certificates import check_bom
    from asbuilt.ledger.facts import all_facts
    from asbuilt.questions.boms.signed import bom_file

    found = check_bom(signed, **keys)
    assert found.bom == bom_file(actor, "unit", "S0007", signed=False).content
    assert {name: found.about[name] for name in ("kind", "code", "reader", "units", "entries_left_out")} == {
        "kind": "unit", "code": "S0007", "reader": "house", "units": 1, "entries_left_out": 0,
    }  # fmt: skip
    # material, replacements and programming went in as three files: three entries, and nothing of the tests or shipments
    shapes = ("production.material/1", "production.replacement/1", "programming.record/1")
    recorded = {row.entry for shape in shapes for row in _facts(actor, shape, all_facts)}
    assert {one.index + 1 for one in found.entries} == recorded and len(recorded) == 3
    assert found.checkpoint.size > max(recorded)


def _facts(actor, start: str, all_facts):
    from asbuilt.ledger.shapes import REGISTRY

    names = [name for name in REGISTRY if name.partition("/")[0] == start.partition("/")[0]]
    assert names, start
    return [row for name in names for row in all_facts(actor.tenant, name)]


def test_every_changed_byte_is_found(signed, keys):
    from asbuilt.kernel.certificates import check_bom

    for place in range(0, len(signed), 97):
        changed = bytearray(signed)
        changed[place] ^= 1
        with pytest.raises((Tampered, Invalid)):
            check_bom(bytes(changed), **keys)


def test_another_bom_beside_the_same_signature_or_another_kind_of_document(signed, actor, keys):
    from asbuilt.kernel.certificates import BOM_TYPE, check_bom, check_certificate
    from asbuilt.ledger import proofs, sequencing

    payload = json.loads(b64decode(json.loads(signed)["payload"]))
    exchanged = json.loads(signed)
    exchanged["payload"] = b64encode(json.dumps({**payload, "bom": "{}"}).encode()).decode()
    with pytest.raises(Tampered):
        check_bom(json.dumps(exchanged).encode(), **keys)
    origin = sequencing.head(actor.tenant)[0]
    for change, code in (
        ({"bom": "{}"}, "kernel.bom_changed"),
        ({"format": "asbuilt.as-built-bom/9"}, "kernel.document_format"),
    ):
        with pytest.raises((Tampered, Invalid)) as refused:
            check_bom(proofs.signed_document(origin, BOM_TYPE, {**payload, **change}), **keys)
        assert refused.value.code == code
    entries = [dict(payload["entries"][0], index=payload["entries"][0]["index"] + 1)]
    with pytest.raises(Tampered):
        check_bom(proofs.signed_document(origin, BOM_TYPE, {**payload, "entries": entries}), **keys)
    with pytest.raises(Invalid) as other:
        check_certificate(signed, **keys)
    assert other.value.code == "kernel.document_type"


def test_a_strangers_key_does_not_count(signed, keys, stranger):
    from asbuilt.kernel.certificates import check_bom
    from asbuilt.ledger import keyring, sequencing

    theirs = keyring.record_public(sequencing.head(stranger.tenant)[0])
    with pytest.raises(Tampered):
        check_bom(signed, record_keys=[theirs], log_vkeys=keys["log_vkeys"])


def test_no_row_of_the_record_stands_in_a_customers_file(floor, actor):
    """The entries show hashes only: a lot that the customer is not told must not come out by its proof."""
    from asbuilt.questions.boms.signed import bom_file

    payload = b64decode(json.loads(bom_file(actor, "shipment", "SH", reader="customer").content)["payload"]).decode()
    said = json.loads(payload)
    assert said["about"]["units"] == 10 and len(said["entries"]) == 3
    for hidden in ("Secret Supplies", "S0001", "S0100", "Other Brand"):
        assert hidden not in payload, hidden
    # proofs are base64, in which two letters may meet by chance
    assert "LS" not in said["bom"] and "LS" not in "".join(one["leaf"] for one in said["entries"])


def test_what_is_too_long_is_not_signed(floor, actor, monkeypatch):
    from asbuilt.questions.boms import signed

    monkeypatch.setattr(signed, "SIGNED_BYTES_MAX", 1000)
    with pytest.raises(Invalid) as refused:
        signed.bom_file(actor, "unit", "S0007")
    assert refused.value.code == "question.bom_too_long"
    assert signed.bom_file(actor, "unit", "S0007", signed=False).content
