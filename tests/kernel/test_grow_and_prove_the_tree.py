"""The tree and its proofs, against published values and against RFC 6962's recursive definition."""

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.kernel import canonical, envelope, keys, merkle, notes
from asbuilt.kernel.errors import AsbuiltError


def b64(text):
    return base64.b64decode(text or "")


def test_published_inclusion_proofs(shared_data):
    cases = json.loads((shared_data / "crypto/merkle/inclusion.json").read_text())["cases"]
    assert len(cases) == 63
    for case in cases:
        proof = [b64(node) for node in case["proof"] or []]
        got = merkle.verify_inclusion(
            b64(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, b64(case["root"])
        )
        assert got is not case["wantErr"], case["source"]


def test_published_consistency_proofs(shared_data):
    cases = json.loads((shared_data / "crypto/merkle/consistency.json").read_text())["cases"]
    assert len(cases) == 66
    stricter = 0
    for case in cases:
        proof = [b64(node) for node in case["proof"] or []]
        old, new = b64(case["root1"]), b64(case["root2"])
        got = merkle.verify_consistency(case["size1"], case["size2"], proof, old, new)
        if len(old) != 32 or len(new) != 32:
            # the one published case that compares roots of another length: a root has 32 bytes here
            stricter += not case["wantErr"]
            assert got is False
        else:
            assert got is not case["wantErr"], case["source"]
    assert stricter == 1


def test_published_tree_of_eight(shared_data):
    tree = json.loads((shared_data / "crypto/merkle/tree8.json").read_text())
    inputs = [bytes.fromhex(text) for text in tree["leaf_inputs_hex"]]
    levels = [[bytes.fromhex(node) for node in level] for level in tree["complete_nodes_by_level_hex"]]
    assert [merkle.leaf_hash(leaf) for leaf in inputs] == levels[0]
    for below, level in zip(levels, levels[1:], strict=False):
        assert [merkle.node_hash(*below[at : at + 2]) for at in range(0, len(below), 2)] == level
    roots = next(value for name, value in tree.items() if name.startswith("root"))
    frontier = merkle.Frontier()
    for size, expected in enumerate(roots):
        assert frontier.root().hex() == merkle.root(levels[0][:size]).hex() == expected
        if size < 8:
            frontier.append(levels[0][size])


def test_published_rekor_entries(shared_data):
    cases = json.loads((shared_data / "crypto/merkle/rekor-entries.json").read_text())["cases"]
    assert len(cases) == 18
    for case in cases:
        name = case["source"].rsplit("/", 1)[1]
        assert rekor_verdict(case) == REKOR_VERDICTS.get(name, "holds" if case["expect"] == "pass" else None), name


# what is wrong with the failing bundles, from their own descriptions; two faults lie outside the log's part
REKOR_VERDICTS = {
    "checkpoint-wrong-roothash_fail": "other root",
    "dsse-invalid-sig_fail": "holds",
    "dsse-mismatch-sig_fail": "holds",
    "invalid-checkpoint-signature_fail": "holds",
    "invalid-inclusion-proof_fail": "wrong proof",
    "rekor2-checkpoint-missing-origin_fail": "malformed",
    "rekor2-checkpoint-missing-root-hash_fail": "malformed",
    "rekor2-checkpoint-missing-size_fail": "malformed",
    "rekor2-checkpoint-no-matching-signature_fail": "ledger.checkpoint_signer_unknown",
    "rekor2-dsse-invalid-sig_fail": "holds",
    "rekor2-dsse-mismatch-envelope_fail": "holds",
    "rekor2-no-inclusion-proof_fail": "no proof",
}


def rekor_verdict(case):
    given = case["inclusionProof"]
    if not given:
        return "no proof"
    leaf = merkle.leaf_hash(b64(case["canonicalizedBody"]))
    index, size = int(given["logIndex"]), int(given["treeSize"])
    proof = [b64(node) for node in given["hashes"]]
    if not merkle.verify_inclusion(leaf, index, size, proof, b64(given["rootHash"])):
        return "wrong proof"
    if "checkpoint" not in given:
        return "no checkpoint"
    note = given["checkpoint"]["envelope"]
    try:
        checkpoint = notes.parse_checkpoint(notes.parse_note(note).text)
    except AsbuiltError:
        return "malformed"
    if (checkpoint.size, checkpoint.root) != (size, b64(given["rootHash"])):
        return "other root"
    for log in case.get("trusted_tlogs") or []:
        spki = b64(log["publicKey"]["rawBytes"])
        if len(spki) == 44:
            name = log["baseUrl"].removeprefix("https://")
            trusted = notes.VerifierKey(name, notes.key_id(name, spki[12:]), spki[12:])
            try:
                assert notes.verify_checkpoint(note, [trusted]).size == size
                return "holds"
            except AsbuiltError as refusal:
                found = refusal.code
    return found if case.get("trusted_tlogs") else "holds"


@given(st.integers(0, 700), st.data())
def test_every_way_of_building_gives_the_defined_root(naive, size, data):
    leaves = naive.leaves_of(size)
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    expected = naive.root(leaves)
    frontier, rows = merkle.Frontier(), merkle.RowTree()
    for leaf in hashes:
        frontier.append(leaf)
    at = 0
    while at < size:
        step = data.draw(st.integers(1, 400))
        rows.append_many(hashes[at : at + step])
        at += step
    assert merkle.root(hashes) == frontier.root() == rows.root() == expected
    blocks = b"".join(naive.root(leaves[at : at + 256]) for at in range(0, size // 256 * 256, 256))
    assert merkle.root_and_nodes8(iter(hashes)) == (size, expected, blocks)
    assert (frontier.size, rows.count, rows.nodes8) == (size, size, blocks)


@given(st.integers(1, 300), st.data())
def test_proofs_are_the_defined_ones_and_hold_only_as_they_are(naive, size, data):
    leaves = naive.leaves_of(size)
    hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
    root = naive.root(leaves)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    path, proof = naive.path(index, leaves), naive.subproof(old, leaves, True)
    old_root = naive.root(leaves[:old])
    assert merkle.inclusion_proof(hashes, index) == path
    assert merkle.proof_length(index, size) == len(path)
    assert merkle.consistency_proof(hashes, old) == proof
    assert merkle.verify_inclusion(hashes[index], index, size, path, root)
    assert merkle.verify_consistency(old, size, proof, old_root, root)
    other = data.draw(st.integers(0, size - 1).filter(lambda at: at != index)) if size > 1 else size
    assert not merkle.verify_inclusion(hashes[index], other, size, path, root)
    for wrong in (path + [root], path[:-1] if path else [root]):
        assert not merkle.verify_inclusion(hashes[index], index, size, wrong, root)
    for wrong in (proof + [root], proof[:-1] if proof else [root]):
        assert not merkle.verify_consistency(old, size, wrong, old_root, root)
    for place in range(len(proof)):
        flipped = [*proof[:place], hashlib.sha256(proof[place]).digest(), *proof[place + 1 :]]
        assert not merkle.verify_consistency(old, size, flipped, old_root, root)


def test_a_consistency_proof_from_nothing_is_refused():
    assert not merkle.verify_consistency(0, 1, [], merkle.EMPTY_ROOT, merkle.leaf_hash(b""))
    assert not merkle.verify_consistency(0, 0, [], merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)
    with pytest.raises(ValueError):
        merkle.consistency_proof([merkle.leaf_hash(b"")], 0)


@given(st.integers(1, 1100), st.data())
def test_a_row_is_proved_from_its_block_and_the_last_one(naive, count, data):
    hashes = [merkle.leaf_hash(leaf) for leaf in naive.leaves_of(count)]
    _, root, nodes8 = merkle.root_and_nodes8(hashes)
    index = data.draw(st.integers(0, count - 1) | st.integers(max(0, count - 3), count - 1))
    block, last = hashes[index // 256 * 256 :][:256], hashes[count // 256 * 256 :]
    proof = merkle.row_proof(index, count, nodes8, block, last)
    assert merkle.verify_inclusion(hashes[index], index, count, proof, root)
    with pytest.raises(ValueError):
        merkle.row_proof(index, count, nodes8, block, [*last, root])


def test_published_signatures(shared_data):
    folder = shared_data / "crypto/signatures"
    for case in json.loads((folder / "rfc8032-ed25519.json").read_text())["cases"]:
        secret, public, message, signature = (
            bytes.fromhex(case[f"{name}_hex"]) for name in ("secret", "public", "message", "signature")
        )
        assert keys.public_of(secret) == public
        assert keys.sign_ed25519(secret, message) == signature
        assert keys.verify_ed25519(public, message, signature)
    for name, count, verify, field in (
        ("ed25519_test", 108, keys.verify_ed25519, "pk"),
        ("ecdsa_secp256r1_sha256_p1363_test", 189, keys.verify_p256, "uncompressed"),
    ):
        groups = json.loads((folder / f"wycheproof/{name}.json").read_text())["testGroups"]
        seen = 0
        for group in groups:
            public = bytes.fromhex(group["publicKey"][field])
            for case in group["tests"]:
                got = verify(public, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
                assert got is (case["result"] == "valid"), (name, case["tcId"])
                seen += 1
        assert seen == count


def test_published_envelope(shared_data):
    case = json.loads((shared_data / "crypto/dsse/protocol-example.json").read_text())
    point = b"\x04" + int(case["key"]["x"]).to_bytes(32, "big") + int(case["key"]["y"]).to_bytes(32, "big")
    key = keys.PublicKey(keys.P256, point)
    assert envelope.pae(case["payloadType"], case["payload_utf8"].encode()).decode() == case["pae"]
    found = envelope.parse(json.dumps(case["envelope"]).encode())
    assert envelope.verify(found, [key]) == case["payload_utf8"].encode()
    stranger = keys.PublicKey(keys.ED25519, keys.public_of(bytes(32)))
    with pytest.raises(AsbuiltError) as refused:
        envelope.verify(found, [stranger])
    assert refused.value.code == "ledger.envelope_signature"
    doubled = case["envelope"] | {"signatures": [{"keyid": "k", "sig": "AA=="}] * 2}
    with pytest.raises(AsbuiltError) as refused:
        envelope.parse(json.dumps(doubled).encode())
    assert refused.value.code == "kernel.envelope_malformed"


@given(st.binary(max_size=200), st.text(max_size=30).filter(lambda text: text.isprintable()))
def test_an_envelope_comes_back_and_no_changed_byte_passes(payload, kind):
    secret = hashlib.sha256(payload).digest()
    key = keys.public_from_pem(keys.public_to_pem(keys.PublicKey(keys.ED25519, keys.public_of(secret))))
    assert keys.private_from_pem(keys.private_to_pem(secret)) == secret
    found = envelope.parse(envelope.sign(kind, payload, secret))
    assert (found.payload_type, envelope.verify(found, [key])) == (kind, payload)
    for changed in (
        envelope.Envelope(kind + "x", payload, found.signatures),
        envelope.Envelope(kind, payload + b"x", found.signatures),
    ):
        with pytest.raises(AsbuiltError):
            envelope.verify(changed, [key])


def test_in_toto_statements_travel_in_an_envelope_unchanged(shared_data):
    statements = json.loads((shared_data / "crypto/in-toto/statements.json").read_text())["examples"]
    assert statements
    secret = hashlib.sha256(b"statements").digest()
    key = keys.PublicKey(keys.ED25519, keys.public_of(secret))
    for statement in statements:
        raw = canonical.canonical_bytes(statement["document"])
        found = envelope.parse(envelope.sign("application/vnd.in-toto+json", raw, secret))
        assert canonical.parse_strict(envelope.verify(found, [key])) == statement["document"]
