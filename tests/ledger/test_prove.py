"""Proofs and certificates: checked with public keys alone; nothing of the neighbours in them."""

import base64
import json

import pytest
from rows_by_hand import id_of, text_of

from asbuilt.kernel import certificates, merkle, notes
from asbuilt.kernel.errors import Invalid, NotFound, Tampered, Unavailable


@pytest.fixture
def keys(actor):
    from asbuilt.ledger import keyring, origins

    origin = origins.origin(actor.tenant)
    return {"record_keys": [keyring.record_public(origin)], "log_vkeys": keyring.vkeys(origin)}


def sequence(actor):
    from asbuilt.ledger import sequencing

    sequencing.sequence(actor.tenant)


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 511, 600])
def test_every_row_near_a_border_has_a_proof(actor, record, count):
    from asbuilt.ledger import proofs
    from asbuilt.storage import reading

    entry = record(units=range(1, count + 1))
    body = json.loads(reading.fetch_one("SELECT body FROM ledger_entry WHERE number = %s", (entry.number,))[0])
    said = body["rows"]["test.unit/1"]
    assert said["count"] == count
    for row in {0, 1, 254, 255, 256, 257, 509, 511, 512, count - 1} & set(range(count)):
        shown = proofs.fact_proof(actor.tenant, entry.number, "test.unit/1", row)
        assert shown["row"] == f'[{row + 1},"SN{row + 1:06}"]'
        assert shown["fact"] == id_of("units", f"SN{row + 1:06}").hex()
        leaf = merkle.leaf_hash(base64.b64decode(shown["nonce"]) + shown["row"].encode())
        path = [base64.b64decode(node) for node in shown["proof"]]
        assert merkle.verify_inclusion(leaf, row, count, path, bytes.fromhex(said["root"]))


def test_a_certificate_holds_with_public_keys_alone(actor, record, keys):
    from asbuilt.ledger import facts, proofs

    record(units=range(1, 301), runs=[(1, 200, "REEL-1"), (200, 301, "REEL-2")])
    record(units=range(301, 400), runs=[(301, 400, "REEL-3")])
    sequence(actor)
    shown = list(facts.facts_of_units(actor.tenant, 250, 251))
    document = proofs.certificate(actor.tenant, {"serial": "SN000250"}, shown)
    checked = certificates.check_certificate(document, **keys)
    assert checked.unit == {"serial": "SN000250"}
    assert [(row.shape, row.cells) for entry in checked.entries for row in entry.rows] == [
        ("test.run/1", (200, 301, "REEL-2")),
        ("test.unit/1", (250, "SN000250")),
    ]
    text = base64.b64decode(json.loads(document)["payload"]).decode()
    assert "SN000249" not in text and "REEL-1" not in text and "REEL-3" not in text


def test_a_changed_certificate_is_refused(actor, record, keys):
    from asbuilt.ledger import facts, proofs

    record(units=range(1, 10))
    sequence(actor)
    document = proofs.certificate(actor.tenant, {"serial": "x"}, list(facts.facts_of_units(actor.tenant, 3, 4)))
    said = json.loads(document)
    payload = base64.b64decode(said["payload"]).replace(b"SN000003", b"SN000004")
    said["payload"] = base64.b64encode(payload).decode()
    with pytest.raises(Tampered):
        certificates.check_certificate(json.dumps(said).encode(), **keys)


def test_an_entry_without_a_place_has_no_certificate_yet(actor, record):
    from asbuilt.ledger import facts, proofs

    record(units=range(1, 4))
    shown = list(facts.facts_of_units(actor.tenant, 1, 2))
    with pytest.raises(Unavailable):
        proofs.certificate(actor.tenant, {"serial": "x"}, shown)
    with pytest.raises(NotFound):
        proofs.entry_proof(actor.tenant, 99)


def test_a_tlog_proof_text(actor, record, keys):
    from asbuilt.ledger import proofs
    from asbuilt.storage import reading

    for n in range(5):
        record(said={"n": n})
    sequence(actor)
    index, path, note, _ = notes.parse_proof(proofs.tlog_proof(actor.tenant, 3))
    head = notes.verify_checkpoint(note, keys["log_vkeys"])
    body = reading.fetch_one("SELECT body FROM ledger_entry WHERE number = 3")[0].encode()
    assert merkle.verify_inclusion(merkle.leaf_hash(body), index, head.size, path, head.root)


def test_facts_of_units_in_the_order_of_recording(actor, record):
    from asbuilt.ledger import facts

    record(units=range(1, 6), runs=[(1, 3, "A"), (3, 6, "B")])
    record(runs=[(2, 4, "C"), (5, 6, "D")])
    found = [(fact.entry, fact.values) for fact in facts.facts_of_units(actor.tenant, 3, 4)]
    assert found == [(1, (3, 6, "B")), (1, (3, "SN000003")), (2, (2, 4, "C"))]


@pytest.mark.parametrize(
    ("shape", "columns", "values", "units"),
    [
        ("test.units_a/1", ("a", "unit"), ("x", 7), [(7, 8)]),
        ("test.units_b/1", ("first_unit", "until_unit"), (3, 9), [(3, 9)]),
        ("test.units_c/1", ("order", "quantity", "first_unit"), ("W", "40", 11), [(11, 51)]),
        ("test.units_d/1", ("parent", "child"), (5, 2), [(5, 6), (2, 3)]),
        ("test.units_e/1", ("party",), ("P",), []),
        ("test.units_f/1", ("unit",), (None,), []),
    ],
)
def test_which_units_a_fact_speaks_of(shape, columns, values, units):
    from asbuilt.ledger.facts import units_of
    from asbuilt.ledger.shapes import REGISTRY, Shape

    if shape not in REGISTRY:
        Shape(shape, 910 + ord(shape[-3]), columns)
    assert units_of(shape, values) == units


def test_a_fact_is_found_by_its_id(actor, record):
    from asbuilt.ledger import facts

    record(units=range(1, 300), runs=[(1, 300, "R")])
    many = facts.find_fact(actor.tenant, id_of("units", "SN000277").hex())
    assert (many.entry, many.shape, many.row, many.text) == (1, "test.unit/1", 276, text_of((277, "SN000277")))
    few = facts.find_fact(actor.tenant, id_of("runs", "1", "300", "R").hex())
    assert few.values == (1, 300, "R")
    with pytest.raises(NotFound):
        facts.find_fact(actor.tenant, "0123456789abcdef")
    with pytest.raises(Invalid):
        facts.find_fact(actor.tenant, "SN000277")


def test_ids_are_compared_at_their_borders_only(actor, record):
    """Eight bytes that lie across two ids are no id."""
    from asbuilt.ledger import facts

    record(units=range(1, 20))
    across = id_of("units", "SN000001")[4:] + id_of("units", "SN000002")[:4]
    with pytest.raises(NotFound):
        facts.find_fact(actor.tenant, across.hex())


def test_withdrawn_facts_and_spans_do_not_stand(actor, record):
    from asbuilt.ledger import facts
    from asbuilt.ledger.recording import recording
    from asbuilt.ledger.withdrawals import Withdrawn, withdraw_facts

    record(runs=[(1, 11, "A"), (1, 11, "B"), (1, 11, "C")])
    known = list(facts.all_facts(actor.tenant, "test.run/1"))
    with recording(actor, "test.withdrawn") as entry:
        withdraw_facts(
            entry,
            [
                Withdrawn(known[0], id_of("runs", "1", "11", "A").hex(), 0, 0, "typo", None, None, b"x" * 8),
                Withdrawn(known[1], id_of("runs", "1", "11", "B").hex(), 4, 6, "typo", None, None, b"y" * 8),
            ],
        )
    stand = [(fact.values[2], spans) for fact, spans in facts.standing(actor.tenant, known)]
    assert stand == [("B", [(1, 4), (6, 11)]), ("C", [(1, 11)])]
    before = [fact.values[2] for fact, _ in facts.standing(actor.tenant, known, as_of=1)]
    assert before == ["A", "B", "C"]
