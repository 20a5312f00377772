"""Signed notes, verifier keys, checkpoints and proof texts, against the values their authors published."""

import base64
import json

import pytest

from asbuilt.kernel import keys, notes
from asbuilt.kernel.errors import AsbuiltError, Invalid, Tampered

ORIGIN = "asbuilt.example/log/01JQTENANT"
SECRET = bytes(range(32))
VKEY = notes.parse_vkey(notes.format_vkey(ORIGIN, keys.public_of(SECRET)))


def cases_of(shared_data, name):
    return json.loads((shared_data / f"crypto/note/{name}.json").read_text())["cases"]


def refusal(call, *arguments):
    with pytest.raises(AsbuiltError) as refused:
        call(*arguments)
    return refused.value


def test_published_notes(shared_data):
    cases = cases_of(shared_data, "notes")
    assert len(cases) == 18
    for case in cases:
        note = base64.b64decode(case["note_base64"]) if "note_base64" in case else case["note"]
        vkeys = [notes.parse_vkey(text) for text in case["vkeys"]]
        if case["valid"] is False:
            refusal(notes.verify, note, vkeys)
            continue
        if case["valid"]:
            text, signers = notes.verify(note, vkeys)
            assert note.startswith(text + "\n—")
            assert set(signers) == {vkey.name for vkey in vkeys}
        else:
            text = notes.parse_note(note).text
            assert refusal(notes.verify, note, []).code == "ledger.checkpoint_signer_unknown"
        if "size" in case:
            assert notes.parse_checkpoint(text).size == case["size"]
        if case["id"] == "c2sp-signed-note-two-empty-lines":
            assert text.endswith("sole:\n\ned è subito sera.\n")


def test_published_keys(shared_data):
    for case in cases_of(shared_data, "keys"):
        if case.get("valid") is False:
            assert refusal(notes.parse_vkey, case["vkey"]).code == "kernel.vkey_malformed"
        elif "skey" in case:
            secret = base64.b64decode(case["skey"].split("+", 4)[4])[1:]
            name = case["vkey"].split("+")[0]
            assert notes.format_vkey(name, keys.public_of(secret)) == case["vkey"]
            assert notes.sign_note(case["text"], name, secret) == case["signed_note"]
        elif "vkey" in case:
            assert notes.parse_vkey(case["vkey"]).name == "PeterNeumann"


def test_every_part_of_a_vkey_and_every_raised_byte_is_refused(shared_data):
    good = cases_of(shared_data, "keys")[0]["vkey"]
    parts = {good[first:until] for first in range(len(good)) for until in range(first, len(good) + 1)} - {good}
    raised = {good[:at] + chr(ord(good[at]) + 1) + good[at + 1 :] for at in range(len(good))}
    for text in parts | raised:
        with pytest.raises(Invalid):
            notes.parse_vkey(text)


def test_published_checkpoint_bodies(shared_data):
    cases = cases_of(shared_data, "checkpoint-bodies")
    assert len(cases) == 10
    # the source takes a root of any length; ours has 32 bytes, so its three valid bodies are refused for that alone
    for case in cases:
        refused = refusal(notes.parse_checkpoint, case["body"])
        assert refused.code == "kernel.checkpoint_malformed"
        assert case["valid"] == ("bytes instead of 32" in refused.message)
        if case["valid"]:
            lines = case["body"].split("\n")
            lines[2] = base64.b64encode(bytes(32)).decode()
            found = notes.parse_checkpoint("\n".join(lines))
            assert (found.origin, found.size) == (lines[0], int(lines[1]))
            assert list(found.extensions) == case.get("extension", [])


def test_published_proof_texts(shared_data):
    cases = cases_of(shared_data, "tlog-proof")
    assert len(cases) == 10
    for case in cases:
        if not case["valid"]:
            assert refusal(notes.parse_proof, case["text"]).code == "kernel.proof_malformed"
            continue
        index, proof, checkpoint, extra = notes.parse_proof(case["text"])
        assert index == case["index"]
        assert [base64.b64encode(node).decode() for node in proof] == case["hashes"]
        assert checkpoint == case.get("checkpoint", checkpoint)
        assert (extra or b"").decode() == case.get("extra", "")
        assert notes.format_proof(index, proof, checkpoint, extra) == case["text"]


def test_every_head_of_the_published_log_is_signed_again_byte_by_byte(shared_data):
    folder = shared_data / "crypto/tiles"
    log = json.loads((folder / "log16.json").read_text())
    vkey = notes.parse_vkey(log["vkey"])
    secret = base64.b64decode(log["skey"].split("+", 4)[4])[1:]
    for size in range(16):
        text = (folder / f"log16/checkpoint.{size}").read_text()
        found = notes.verify_checkpoint(text, [vkey])
        assert (found.origin, found.size) == ("example.com/log/testdata", size)
        assert notes.sign_checkpoint(found.origin, size, found.root, secret) == text


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("\n300\n", "\n0300\n", "kernel.checkpoint_malformed"),
        ("\n300\n", f"\n{2**63}\n", "kernel.checkpoint_malformed"),
        ("\n300\n", "\n+300\n", "kernel.checkpoint_malformed"),
        ("\n300\n", "\n٣٠٠\n", "kernel.checkpoint_malformed"),
        # the same 32 bytes, spelled with a stray bit at the end
        ("AA=\n", "AB=\n", "kernel.checkpoint_malformed"),
        ("AAAA=\n", "=\n", "kernel.checkpoint_malformed"),
        (ORIGIN + "\n", "\n", "kernel.checkpoint_malformed"),
        ("\n300\n", "\n\n300\n", "kernel.checkpoint_malformed"),
    ],
)
def test_a_malformed_head_is_refused_even_when_signed(old, new, code):
    text = notes.checkpoint_text(ORIGIN, 300, bytes(32))
    assert old in text
    assert (
        refusal(notes.verify_checkpoint, notes.sign_note(text.replace(old, new, 1), ORIGIN, SECRET), [VKEY]).code
        == code
    )


def test_changed_and_foreign_heads_are_refused():
    note = notes.sign_checkpoint(ORIGIN, 300, bytes(32), SECRET)
    assert notes.verify_checkpoint(note, [VKEY]).signers == (ORIGIN,)
    with pytest.raises(Tampered) as refused:
        notes.verify_checkpoint(note.replace("\n300\n", "\n299\n"), [VKEY])
    assert refused.value.code == "ledger.checkpoint_signature"
    stranger = notes.parse_vkey(notes.format_vkey(ORIGIN, keys.public_of(bytes(32))))
    assert refusal(notes.verify_checkpoint, note, [stranger]).code == "ledger.checkpoint_signer_unknown"
    witness = notes.parse_vkey(notes.format_vkey("witness.example", keys.public_of(SECRET)))
    other = notes.sign_note(notes.checkpoint_text(ORIGIN, 300, bytes(32)), "witness.example", SECRET)
    assert refusal(notes.verify_checkpoint, other, [witness, VKEY]).code == "ledger.checkpoint_origin"
    both = note + other.rpartition("\n\n")[2]
    assert notes.verify_checkpoint(both, [VKEY]).signers == (ORIGIN,)
    assert notes.verify_checkpoint(both, [VKEY, witness]).signers == (ORIGIN, "witness.example")


def test_a_bad_signature_of_a_known_key_refuses_beside_a_good_one():
    note = notes.sign_checkpoint(ORIGIN, 300, bytes(32), SECRET)
    bad = base64.b64encode(VKEY.key_id + bytes(64)).decode()
    assert refusal(notes.verify, f"{note}— {ORIGIN} {bad}\n", [VKEY]).code == "ledger.checkpoint_signature"
    unknown = base64.b64encode(bytes(68)).decode()
    assert notes.verify(f"{note}— {ORIGIN} {unknown}\n", [VKEY])[1] == (ORIGIN,)


def test_the_writer_refuses_what_the_reader_would():
    for origin, size, root in (("a b", 1, bytes(32)), ("a+b", 1, bytes(32)), ("a", -1, bytes(32)), ("a", 1, b"")):
        with pytest.raises(ValueError):
            notes.sign_checkpoint(origin, size, root, SECRET)
