"""Trust store: one role a key, thresholds of different holders, versions that follow each other, terms and revocations."""

import base64
import dataclasses
import json
import random

import pytest
import signers

from asbuilt.kernel import envelope, keys, trust
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import AsbuiltError, Invalid, Refused, Tampered

FIRST = signers.store()
FILE = signers.store_file(FIRST)


def later(**changes):
    said = {"version": 2, "previous": FIRST.sha256, "issued_at": signers.AT + signers.DAY, "epoch": 1}
    return signers.store(**{**said, **changes})


def malformed(said):
    with pytest.raises(Invalid) as refused:
        trust.parse(canonical_bytes(said))
    assert refused.value.code == "kernel.trust_malformed"
    return refused.value.message


def test_the_document_is_the_one_that_is_described():
    said = json.loads(FIRST.payload)
    assert sorted(said) == [
        "epoch", "issued_at", "keys", "previous", "revoked", "roles", "schema", "store", "version",
    ]  # fmt: skip
    assert said["issued_at"] == "2026-11-01T08:00:00.000000Z"
    assert said["roles"]["release-signer"]["threshold"] == 2
    assert len(said["keys"]) == 9
    first = next(key for key in said["keys"] if key["holder"] == "root 1")
    assert base64.b64decode(first["public"]) == signers.ROOTS[0].public.raw
    assert trust.parse(FIRST.payload) == FIRST


def test_the_first_version_is_trusted_by_its_hash():
    assert trust.open_first(FILE, FIRST.sha256) == FIRST
    with pytest.raises(Tampered) as refused:
        trust.open_first(FILE, "0" * 64)
    assert refused.value.code == "ledger.trust_not_pinned"
    with pytest.raises(Tampered) as refused:
        trust.open_first(signers.store_file(FIRST, signers.ROOTS[:1]), FIRST.sha256)
    assert refused.value.code == "ledger.trust_threshold"


def test_a_version_follows_by_the_old_roots_and_its_own():
    new_root = signers.P256("root 4")
    known = {**FIRST.keys, new_root.public.key_id: signers.key_of(new_root)}
    del known[signers.ROOTS[0].public.key_id]
    ids = (signers.ROOTS[1].public.key_id, signers.ROOTS[2].public.key_id, new_root.public.key_id)
    second = later(keys=known, roles={**FIRST.roles, "root": trust.Role(frozenset(ids), 3)})
    old, new = signers.ROOTS[1:], [new_root]
    opened = trust.open_chain([FILE, signers.store_file(second, [*old, *new])], FIRST.sha256)
    assert [store.version for store in opened] == [1, 2]
    for too_few in (old, new, [signers.ROOTS[0], new_root]):
        with pytest.raises(Tampered) as refused:
            trust.open_next(signers.store_file(second, too_few), FIRST)
        assert refused.value.code == "ledger.trust_threshold"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"version": 3}, "ledger.trust_chain"),
        ({"previous": "0" * 64}, "ledger.trust_chain"),
        ({"store": "other"}, "ledger.trust_chain"),
        ({"issued_at": signers.AT - 1}, "ledger.trust_rolled_back"),
    ],
)
def test_a_version_that_does_not_follow(changes, code):
    with pytest.raises(Tampered) as refused:
        trust.open_next(signers.store_file(later(**changes)), FIRST)
    assert refused.value.code == code


def test_a_revocation_is_never_taken_back():
    key = signers.RELEASERS[0].public.key_id
    second = later(revoked={key: trust.Revocation(key, 1, signers.AT, "lost")})
    opened = trust.open_next(signers.store_file(second), FIRST)
    third = later(version=3, previous=second.sha256, issued_at=signers.AT + 2 * signers.DAY)
    with pytest.raises(Tampered) as refused:
        trust.open_next(signers.store_file(third), opened)
    assert refused.value.code == "ledger.trust_rolled_back"
    lower = later(version=3, previous=second.sha256, issued_at=signers.AT + 2 * signers.DAY, epoch=0)
    with pytest.raises(Tampered):
        trust.open_next(signers.store_file(lower), opened)


def test_a_signature_counts_by_when_it_was_made():
    one, two = signers.RELEASERS[:2]
    known = {
        **FIRST.keys,
        one.public.key_id: signers.key_of(one, from_at=signers.AT, until_at=signers.AT + signers.DAY),
    }
    revoked = {two.public.key_id: trust.Revocation(two.public.key_id, 0, signers.AT + 10, "stolen")}
    store = signers.store(keys=known, revoked=revoked)
    signed = envelope.parse(signers.signed("text/plain", b"x", [one, two]))
    assert len(trust.check(store, trust.RELEASE_SIGNER, signed, signers.AT)) == 2
    assert len(trust.check(store, trust.RELEASE_SIGNER, signed, signers.AT + 9)) == 2
    for at in (signers.AT - 1, signers.AT + 10, signers.AT + signers.DAY):
        with pytest.raises(Tampered):
            trust.check(store, trust.RELEASE_SIGNER, signed, at)


def test_a_key_has_one_role():
    for role, people in (("release-signer", [signers.ISSUER]), ("permit-issuer", signers.RELEASERS[:2])):
        signed = envelope.parse(signers.signed("text/plain", b"x", people))
        with pytest.raises(Tampered) as refused:
            trust.check(FIRST, role, signed, signers.AT)
        assert refused.value.facts["signed_by"] == []
    said = json.loads(FIRST.payload)
    said["roles"]["permit-issuer"]["keys"].append(signers.BRAND.public.key_id)
    assert "a key has one role" in malformed(said)


def test_two_keys_of_one_holder_are_one():
    one, two = signers.Ed25519("release 1"), signers.P256("release 2")
    known = {**FIRST.keys, two.public.key_id: trust.TrustKey(two.public, "release 1")}
    signed = envelope.parse(signers.signed("text/plain", b"x", [one, two]))
    with pytest.raises(Tampered) as refused:
        trust.check(signers.store(keys=known), trust.RELEASE_SIGNER, signed, signers.AT)
    assert refused.value.code == "ledger.trust_threshold"
    assert refused.value.message.startswith("1 of the 2 holders needed")


def test_a_false_hint_does_not_help():
    one = signers.RELEASERS[0]
    message = envelope.pae("text/plain", b"x")
    made = envelope.Envelope(
        "text/plain",
        b"x",
        ((one.public.key_id, one.sign(message)), (signers.RELEASERS[1].public.key_id, one.sign(message))),
    )
    with pytest.raises(Tampered):
        trust.check(FIRST, trust.RELEASE_SIGNER, made, signers.AT)


def test_a_role_without_keys():
    signed = envelope.parse(signers.signed("text/plain", b"x", [signers.ISSUER]))
    with pytest.raises(Refused) as refused:
        trust.check(FIRST, trust.STATION, signed, signers.AT)
    assert refused.value.code == "ledger.trust_role_unknown"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda said: said.update(extra=1), "exactly the fields"),
        (lambda said: said.update(schema=2), "schema"),
        (lambda said: said.update(version=0), "version"),
        (lambda said: said.update(epoch=-1), "epoch"),
        (lambda said: said.update(previous="0" * 64), "previous"),
        (lambda said: said["keys"].append(said["keys"][0]), "stands twice"),
        (lambda said: said["keys"][0].update(key_id="0" * 16), "another id"),
        (lambda said: said["keys"][0].update(public="AAAA"), "not one of its algorithm"),
        (lambda said: said["keys"][0].update(algorithm="rsa"), "not one of its algorithm"),
        (lambda said: said["roles"].pop("root"), "with root"),
        (lambda said: said["roles"].pop("permit-issuer"), "each key has a role"),
        (lambda said: said["roles"]["root"].update(threshold=4), "threshold"),
        (lambda said: said["roles"]["root"].update(threshold=0), "threshold"),
        (lambda said: said["roles"]["recovery"]["keys"].clear(), "recovery has keys"),
        (lambda said: said["roles"].update(boss={"keys": [], "threshold": 1}), "roles are"),
        (lambda said: said.update(issued_at="yesterday"), "an instant is wrong"),
        (
            lambda said: said["revoked"].append(
                {"epoch": 1, "from_at": said["issued_at"], "key_id": said["keys"][0]["key_id"], "reason": ""}
            ),
            "not after the store's",
        ),
    ],
)
def test_what_is_no_trust_store(change, reason):
    said = json.loads(FIRST.payload)
    change(said)
    assert reason in malformed(said)


def test_a_signing_key_does_not_recover():
    ids = trust.Role(frozenset([signers.ISSUER.public.key_id]), 1)
    swapped = trust.Role(frozenset([signers.RECOVERY.public.key_id]), 1)
    said = json.loads(signers.store(roles={**FIRST.roles, "recovery": ids, "permit-issuer": swapped}).payload)
    assert "keys of" in malformed(said)


def test_another_spelling_is_refused():
    with pytest.raises(Invalid):
        trust.parse(json.dumps(json.loads(FIRST.payload), indent=1).encode())


def test_ten_thousand_mutated_stores_are_refused_by_name():
    chance = random.Random(5)
    second = signers.store_file(later())
    for _ in range(10_000):
        broken = bytearray(second)
        for _ in range(chance.choice((1, 1, 2, 5))):
            at = chance.randrange(len(broken))
            broken[at] ^= 1 << chance.randrange(8)
        try:
            opened = trust.open_next(bytes(broken), FIRST)
        except AsbuiltError as refused:
            assert refused.code.startswith(("kernel.", "ledger.")) and refused.message
        else:  # a changed hint, a blank or a field that nobody reads changes nothing of what is signed
            assert opened == later()


def test_only_keys_that_sign_verify():
    key = dataclasses.replace(signers.RELEASERS[1].public, algorithm=keys.ECDH_P256)
    assert not key.verify(b"x", signers.RELEASERS[1].sign(b"x"))
    assert signers.RELEASERS[1].public.verify(b"x", signers.RELEASERS[1].sign(b"x"))
