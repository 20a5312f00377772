"""Checking certificates and frozen answers: whoever changes a field and can even sign the envelope again is refused.

The certificate is built here from the page (log.md, section 1), with hashlib and rfc8785 alone.
"""

import base64
import copy
import hashlib
import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.kernel import certificates, commitments, envelope, keys, notes
from asbuilt.kernel.errors import AsbuiltError

ORIGIN = "asbuilt.example/log/01JQTENANT"
LOG_SECRET, RECORD_SECRET = hashlib.sha256(b"log").digest(), hashlib.sha256(b"record").digest()
LOG_KEYS = [notes.parse_vkey(notes.format_vkey(ORIGIN, keys.public_of(LOG_SECRET)))]
RECORD_KEYS = [keys.PublicKey(keys.ED25519, keys.public_of(RECORD_SECRET))]
SHAPE, ROWS, ENTRIES, SHOWN, ROW = "production.unit/1", 300, 11, 6, 299
SALT, SECRET = hashlib.sha256(b"salt").digest(), hashlib.sha256(b"secret").digest()


def b64(raw):
    return base64.b64encode(raw).decode()


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def log_of(naive, log=ORIGIN, change=None):
    """The texts of a log's entries; entry SHOWN commits to 300 rows and a hidden operator."""
    rows = [rfc8785.dumps([244 + at, f"SN{at:06}", "WO-006"]) for at in range(ROWS)]
    nonces = hashlib.shake_128(SECRET).digest(16 * ROWS)
    leaves = [nonces[16 * at : 16 * at + 16] + row for at, row in enumerate(rows)]
    entry = {
        "actor": "person:1",
        "at": "2027-03-15T08:00:00.000000Z",
        "evidence": [],
        "facts": {},
        "hidden": {"operator": sha(b"\2", SALT, rfc8785.dumps(["01J", "operator", "Zoë"])).hex()},
        "id": "01J",
        "key": "k",
        "log": log,
        "rows": {SHAPE: {"blind": sha(SECRET).hex(), "count": ROWS, "root": naive.root(leaves).hex()}},
        "type": "production.units_planned",
        "v": 1,
    }
    texts = [rfc8785.dumps({"id": str(at), "log": log}) for at in range(ENTRIES)]
    texts[SHOWN] = change(entry) if change else rfc8785.dumps(entry)
    return texts, leaves, rows


def payload_of(naive, texts, leaves, rows, origin=ORIGIN):
    shown = {
        "index": SHOWN,
        "leaf": texts[SHOWN].decode(),
        "proof": [b64(node) for node in naive.path(SHOWN, texts)],
        "rows": [
            {
                "shape": SHAPE,
                "index": ROW,
                "nonce": b64(leaves[ROW][:16]),
                "row": rows[ROW].decode(),
                "fact": "0" * 16,
                "proof": [b64(node) for node in naive.path(ROW, leaves)],
            }
        ],
        "hidden": [{"path": "operator", "salt": b64(SALT), "value": "Zoë"}],
    }
    other = {"index": 9, "leaf": texts[9].decode(), "proof": [b64(node) for node in naive.path(9, texts)]}
    return {
        "format": "asbuilt.unit-certificate/1",
        "unit": {"serial": "SN000299"},
        "checkpoint": notes.sign_checkpoint(origin, ENTRIES, naive.root(texts), LOG_SECRET),
        "entries": [shown, other],
    }


def check(payload, secret=RECORD_SECRET, kind=certificates.CERTIFICATE_TYPE, log_vkeys=LOG_KEYS):
    document = envelope.sign(kind, json.dumps(payload).encode(), secret)
    return certificates.check_certificate(document, record_keys=RECORD_KEYS, log_vkeys=log_vkeys)


def refusal(*arguments, **named):
    with pytest.raises(AsbuiltError) as refused:
        check(*arguments, **named)
    return refused.value


@pytest.fixture(scope="module")
def payload(naive):
    return payload_of(naive, *log_of(naive))


def test_a_certificate_holds(payload):
    found = check(payload)
    assert found.unit == {"serial": "SN000299"}
    assert (found.checkpoint.origin, found.checkpoint.size) == (ORIGIN, ENTRIES)
    first, second = found.entries
    assert (first.index, first.entry["id"], second.index, second.rows, second.hidden) == (SHOWN, "01J", 9, (), {})
    assert first.rows == (certificates.CheckedRow(SHAPE, ROW, (543, "SN000299", "WO-006")),)
    assert first.hidden == {"operator": "Zoë"}
    assert "unaltered" in found.proves and "left out" in found.cannot_prove


def changed(payload, *path, to):
    """A copy with the field at this path replaced; `to` may be a function of the old value."""
    other = copy.deepcopy(payload)
    place = other
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to(place[path[-1]]) if callable(to) else to
    return other


FIRST, FIRST_ROW, HIDDEN = ("entries", 0), ("entries", 0, "rows", 0), ("entries", 0, "hidden", 0)
AN_OTHER_HASH = b64(sha(b"other"))
CHANGES = [
    ((*FIRST, "leaf"), lambda text: text.replace("person:1", "person:2"), "ledger.certificate_entry_changed"),
    ((*FIRST, "leaf"), lambda text: text + " ", "ledger.certificate_entry_changed"),
    ((*FIRST, "index"), 5, "ledger.certificate_entry_changed"),
    ((*FIRST, "index"), ENTRIES, "ledger.certificate_entry_index"),
    ((*FIRST, "index"), -1, "ledger.certificate_entry_index"),
    ((*FIRST, "index"), 10, "ledger.certificate_entry_proof_length"),
    ((*FIRST, "index"), True, "kernel.certificate_malformed"),
    ((*FIRST, "proof"), lambda proof: proof[:-1], "ledger.certificate_entry_proof_length"),
    ((*FIRST, "proof"), lambda proof: [*proof, AN_OTHER_HASH], "ledger.certificate_entry_proof_length"),
    ((*FIRST, "proof"), lambda proof: [AN_OTHER_HASH, *proof[1:]], "ledger.certificate_entry_changed"),
    ((*FIRST, "proof"), lambda proof: ["AA==", *proof[1:]], "kernel.certificate_malformed"),
    ((*FIRST, "proof"), lambda proof: [AN_OTHER_HASH] * 64, "kernel.certificate_malformed"),
    ((*FIRST_ROW, "row"), lambda text: text.replace("WO-006", "WO-007"), "ledger.certificate_row_changed"),
    ((*FIRST_ROW, "row"), lambda text: text.replace(",", ", "), "ledger.certificate_row_changed"),
    ((*FIRST_ROW, "index"), 298, "ledger.certificate_row_changed"),
    ((*FIRST_ROW, "index"), 0, "ledger.certificate_row_proof_length"),
    ((*FIRST_ROW, "index"), ROWS, "ledger.certificate_row_index"),
    ((*FIRST_ROW, "nonce"), b64(bytes(16)), "ledger.certificate_row_changed"),
    ((*FIRST_ROW, "nonce"), b64(bytes(15)), "kernel.certificate_malformed"),
    ((*FIRST_ROW, "shape"), "production.unit/2", "ledger.certificate_row_unknown"),
    ((*FIRST_ROW, "proof"), lambda proof: proof[:-1], "ledger.certificate_row_proof_length"),
    ((*FIRST_ROW, "proof"), lambda proof: [*proof[:-1], AN_OTHER_HASH], "ledger.certificate_row_changed"),
    ((*HIDDEN, "value"), "Zoe", "ledger.certificate_hidden_changed"),
    ((*HIDDEN, "salt"), b64(bytes(32)), "ledger.certificate_hidden_changed"),
    ((*HIDDEN, "salt"), "!", "kernel.certificate_malformed"),
    ((*HIDDEN, "path"), "buyer", "ledger.certificate_hidden_unknown"),
    (("checkpoint",), lambda note: note.replace("\n11\n", "\n12\n"), "ledger.checkpoint_signature"),
    (("checkpoint",), lambda note: note.replace(ORIGIN, ORIGIN + "/2"), "ledger.checkpoint_signer_unknown"),
    (("checkpoint",), lambda note: note.split("\n\n")[0] + "\n", "kernel.note_malformed"),
    (("format",), "asbuilt.unit-certificate/2", "kernel.document_format"),
    (("unit",), {}, "kernel.certificate_malformed"),
    (("unit",), "SN000299", "kernel.certificate_malformed"),
    (("entries",), None, "kernel.certificate_malformed"),
    (("entries",), lambda entries: entries[::-1], "kernel.certificate_malformed"),
    (("entries",), lambda entries: [entries[0], entries[0]], "kernel.certificate_malformed"),
    ((*FIRST, "rows"), lambda rows: rows * 2, "kernel.certificate_malformed"),
    ((*FIRST, "hidden"), lambda hidden: hidden * 2, "kernel.certificate_malformed"),
]


@pytest.mark.parametrize(("path", "to", "code"), CHANGES)
def test_a_changed_field_is_refused_with_its_own_code(payload, path, to, code):
    refused = refusal(changed(payload, *path, to=to))
    assert refused.code == code
    assert refused.exit_code == (7 if code.startswith("ledger.") else 2)


def test_other_signers_are_refused(payload, naive):
    assert refusal(payload, secret=LOG_SECRET).code == "ledger.envelope_signature"
    assert refusal(payload, kind=certificates.ANSWER_TYPE).code == "kernel.document_type"
    stranger = notes.sign_checkpoint(
        ORIGIN, ENTRIES, notes.verify_checkpoint(payload["checkpoint"], LOG_KEYS).root, SALT
    )
    assert refusal(payload | {"checkpoint": stranger}).code == "ledger.checkpoint_signer_unknown"
    document = envelope.sign(certificates.CERTIFICATE_TYPE, json.dumps(payload).encode(), RECORD_SECRET)
    tampered = json.loads(document)
    tampered["payload"] = b64(base64.b64decode(tampered["payload"]).replace(b"SN000299", b"SN000298"))
    with pytest.raises(AsbuiltError) as refused:
        certificates.check_certificate(json.dumps(tampered).encode(), record_keys=RECORD_KEYS, log_vkeys=LOG_KEYS)
    assert refused.value.code == "ledger.envelope_signature"


@given(st.data())
def test_no_changed_byte_of_the_document_passes(naive, payload, data):
    document = envelope.sign(certificates.CERTIFICATE_TYPE, json.dumps(payload).encode(), RECORD_SECRET)
    first = document.index(b'"payload":"') + 11
    at = data.draw(st.integers(first, document.index(b'","payloadType') - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != document[at]))
    with pytest.raises(AsbuiltError):
        certificates.check_certificate(
            document[:at] + bytes([byte]) + document[at + 1 :], record_keys=RECORD_KEYS, log_vkeys=LOG_KEYS
        )


def doubled_key(entry):
    return rfc8785.dumps(entry).replace(b'"v":1', b'"v":2,"v":1')


@pytest.mark.parametrize(
    ("log", "change", "code"),
    [
        ("asbuilt.example/log/01JOTHER", None, "ledger.certificate_other_log"),
        (ORIGIN + "/2", None, "ledger.certificate_other_log"),
        (ORIGIN, doubled_key, "ledger.certificate_entry_not_canonical"),
        (ORIGIN, lambda entry: rfc8785.dumps(entry) + b"\n", "ledger.certificate_entry_not_canonical"),
        (ORIGIN, lambda entry: rfc8785.dumps(entry | {"rows": []}), "ledger.certificate_row_unknown"),
        (
            ORIGIN,
            lambda entry: rfc8785.dumps(entry | {"rows": {SHAPE: {"root": "x"}}}),
            "ledger.certificate_row_unknown",
        ),
        (ORIGIN, lambda entry: rfc8785.dumps(entry | {"hidden": 1}), "ledger.certificate_hidden_unknown"),
    ],
)
def test_an_entry_that_the_log_took_in_a_bad_form_is_refused(naive, log, change, code):
    assert refusal(payload_of(naive, *log_of(naive, log, change))).code == code


def test_after_a_restore_the_entries_of_the_earlier_origin_still_count(naive):
    later = ORIGIN + "/2"
    vkeys = [notes.parse_vkey(notes.format_vkey(later, keys.public_of(LOG_SECRET)))]
    payload = payload_of(naive, *log_of(naive), origin=later)
    assert check(payload, log_vkeys=vkeys).entries[0].entry["log"] == ORIGIN
    assert refusal(payload).code == "ledger.checkpoint_signer_unknown"


@pytest.mark.parametrize(
    ("log", "origin", "same"),
    [
        ("a/log/T", "a/log/T", True),
        ("a/log/T", "a/log/T/3", True),
        ("a/log/T/2", "a/log/T/3", True),
        ("a/log/T/3", "a/log/T/2", False),
        ("a/log/T/2", "a/log/T", False),
        ("a/log/T", "a/log/TT/2", False),
        ("a/log/T", "b/log/T/2", False),
        ("a/log/T", "a/log/T/1", False),
        ("a", "a/2", False),
    ],
)
def test_which_origins_are_one_log(log, origin, same):
    assert certificates.same_log(log, origin) is same


def check_answer(payload):
    document = envelope.sign(certificates.ANSWER_TYPE, json.dumps(payload).encode(), RECORD_SECRET)
    return certificates.check_answer(document, record_keys=RECORD_KEYS, log_vkeys=LOG_KEYS)


def test_a_frozen_answer_holds_and_names_its_own_checkpoint():
    root = sha(b"root")
    answer = {"question": "lot:X", "elapsed_ms": 3.1, "checkpoint": {"size": 7, "root": root.hex()}}
    payload = {
        "format": "asbuilt.answer/1",
        "answer": answer,
        "checkpoint": notes.sign_checkpoint(ORIGIN, 7, root, LOG_SECRET),
    }
    found = check_answer(payload)
    assert (found.answer, found.checkpoint.root) == (answer, root)
    assert certificates.check_checkpoint(payload["checkpoint"], log_vkeys=LOG_KEYS).size == 7
    for named in ({"size": 8, "root": root.hex()}, {"size": 7, "root": sha(b"").hex()}):
        with pytest.raises(AsbuiltError) as refused:
            check_answer(changed(payload, "answer", "checkpoint", to=named))
        assert refused.value.code == "ledger.answer_checkpoint_differs"


@pytest.mark.parametrize("document", [b"", b"{}", b"[]", b"\xff", b"[" * 10_000, b"PK\x03\x04", b'{"payload":1}'])
def test_what_is_no_document_at_all_is_invalid(document):
    for call in (certificates.check_certificate, certificates.check_answer):
        with pytest.raises(AsbuiltError) as refused:
            call(document, record_keys=RECORD_KEYS, log_vkeys=LOG_KEYS)
        assert refused.value.exit_code == 2


def test_commitments_are_the_written_ones():
    texts = [b'["a"]', b'["b"]', b'["c"]']
    stream = hashlib.shake_128(SECRET).digest(48)
    assert commitments.nonces(SECRET, 3) == stream == commitments.nonces(SECRET, 9)[:48]
    row_by_row = commitments.NonceStream(SECRET)
    assert row_by_row.take(1) + row_by_row.take(0) + row_by_row.take(2) == stream
    expected = [sha(b"\0", stream[16 * at : 16 * at + 16], text) for at, text in enumerate(texts)]
    assert commitments.row_leaves(stream, 0, texts) == expected
    assert commitments.row_leaves(stream, 1, texts[1:]) == expected[1:]
    assert commitments.row_leaf(stream[:16], texts[0]) == expected[0]
    assert commitments.blind(SECRET) == sha(SECRET)
    assert commitments.hidden_hash(SALT, "e", "p", "ü") == sha(b"\2", SALT, '["e","p","ü"]'.encode())
    for call in (
        lambda: commitments.nonces(b"short", 1),
        lambda: commitments.NonceStream(b"short"),
        lambda: commitments.row_leaves(stream, 1, texts),
        lambda: commitments.row_leaf(b"short", b""),
        lambda: commitments.hidden_hash(b"short", "e", "p", "v"),
    ):
        with pytest.raises(ValueError):
            call()
