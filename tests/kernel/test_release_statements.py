"""Release statements: what is signed about an image, who must sign, and what is refused."""

import json
import random

import pytest
import signers

from asbuilt.kernel import envelope, releases
from asbuilt.kernel.canonical import canonical_bytes
from asbuilt.kernel.errors import AsbuiltError, Invalid, Tampered

IMAGE = bytes(range(256)) * 5
STORE = signers.store()
BOOT = releases.BootSignature("mcuboot-ed25519", "imgtool", "2.5.0", "ab" * 32, "cd" * 32, "2.3.1+0", 17039361)
STATEMENT = signers.statement(IMAGE, boot=BOOT)
FILE = signers.release_file(STATEMENT)


def test_the_statement_is_an_in_toto_statement():
    said = json.loads(STATEMENT.payload)
    assert said["_type"] == "https://in-toto.io/Statement/v1"
    assert said["predicateType"] == "https://asbuilt.example/release/v1"
    assert said["subject"][0]["name"] == "WIDGET/app/2.3.1"
    # sha256sum and sha512sum of the bytes 00..ff five times over
    assert said["subject"][0]["digest"]["sha256"] == "d414b085826eb06778483ba35564dc849e643359f69ed9747878ba6e54985bed"
    assert said["subject"][0]["digest"]["sha512"].startswith("c93f55ccf2fa8c82699ff9b58afe3591")
    assert said["predicate"]["length"] == 1280
    assert said["predicate"]["boot"]["security_counter"] == 17039361
    assert releases.parse(STATEMENT.payload) == STATEMENT


@pytest.mark.parametrize("people", [signers.RELEASERS[:2], signers.RELEASERS[1:], signers.RELEASERS])
def test_enough_signers_of_both_kinds_of_key(people):
    found, _, who = releases.check(signers.release_file(STATEMENT, people), STORE, signers.AT)
    assert found == STATEMENT
    assert {key.holder for key in who} == {signer.holder for signer in people}


@pytest.mark.parametrize("people", [signers.RELEASERS[:1], [signers.ISSUER, signers.RELEASERS[0]], signers.ROOTS])
def test_too_few_or_the_wrong_signers(people):
    with pytest.raises(Tampered) as refused:
        releases.check(signers.release_file(STATEMENT, people), STORE, signers.AT)
    assert refused.value.code == "ledger.trust_threshold"


def test_the_image_is_the_one_that_was_released():
    releases.check_image(STATEMENT, IMAGE)
    for other in (IMAGE[:-1], IMAGE + b"\0", b"\1" + IMAGE[1:]):
        with pytest.raises(Tampered) as refused:
            releases.check_image(STATEMENT, other)
        assert refused.value.code == "firmware.image_changed"


def test_another_type_of_document_is_no_release():
    made = signers.signed("application/vnd.asbuilt.permit+json;v=1", STATEMENT.payload, signers.RELEASERS)
    with pytest.raises(Invalid) as refused:
        releases.check(made, STORE, signers.AT)
    assert refused.value.code == "kernel.release_malformed"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda of: of["predicate"].update(allowed=1), "its predicate has"),
        (lambda of: of["predicate"].update(role="os"), "role is one of"),
        (lambda of: of["predicate"].update(length=0), "length"),
        (lambda of: of["predicate"].update(length=True), "length"),
        (lambda of: of["predicate"].update(security_relevant=1), "security_relevant"),
        (lambda of: of["predicate"].update(version="2.3.2"), "its subject is called"),
        (lambda of: of["predicate"].update(created_at="2026"), "a time is wrong"),
        (lambda of: of["predicate"].update(supported_until="soon"), "a time is wrong"),
        (lambda of: of["predicate"]["boot"].update(key_sha256="x"), "digests of boot"),
        (lambda of: of["predicate"]["boot"].update(security_counter=-1), "security_counter"),
        (lambda of: of["predicate"].update(device_encrypted={"scheme": "x"}), "device_encrypted"),
        (lambda of: of["predicate"].update(revisions=[""]), "revision"),
        (lambda of: of["subject"].append(of["subject"][0]), "one subject"),
        (lambda of: of["subject"][0]["digest"].pop("sha512"), "SHA-256 and SHA-512"),
        (lambda of: of.update(predicateType="https://slsa.dev/provenance/v1"), "predicateType"),
        (lambda of: of.update(_type="https://in-toto.io/Statement/v0.1"), "_type"),
    ],
)
def test_what_is_no_release_statement(change, reason):
    said = json.loads(STATEMENT.payload)
    change(said)
    with pytest.raises(Invalid) as refused:
        releases.parse(canonical_bytes(said))
    assert refused.value.code == "kernel.release_malformed"
    assert reason in refused.value.message


def test_a_statement_may_carry_what_in_toto_adds():
    said = {**json.loads(STATEMENT.payload), "note": "of a later in-toto"}
    assert releases.parse(canonical_bytes(said)) == STATEMENT


def test_an_image_encrypted_for_the_device_names_both_digests():
    inside = releases.DeviceEncrypted("mcuboot-enc-x25519", "ef" * 32)
    made = signers.statement(IMAGE, device_encrypted=inside)
    found, *_ = releases.check(signers.release_file(made), STORE, signers.AT)
    assert (found.device_encrypted.clear_sha256, found.sha256) == ("ef" * 32, releases.digests(IMAGE)[0])


def test_a_provenance_is_read_and_not_judged():
    said = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "app.bin", "digest": {"sha256": STATEMENT.sha256}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {"buildType": "https://build.example/make/v1"},
            "runDetails": {"builder": {"id": "https://build.example/runner/7"}},
        },
    }
    bare = json.dumps(said).encode()
    wrapped = envelope.sign("application/vnd.in-toto+json", bare, signers.Ed25519("a stranger").private)
    for document in (bare, wrapped):
        found = releases.parse_provenance(document, STATEMENT.sha256)
        assert (found.builder, found.build_type) == ("https://build.example/runner/7", "https://build.example/make/v1")
    with pytest.raises(Invalid) as refused:
        releases.parse_provenance(bare, "0" * 64)
    assert refused.value.code == "kernel.provenance_malformed"


def test_ten_thousand_mutated_envelopes_are_refused_by_name():
    chance = random.Random(7)
    for _ in range(10_000):
        broken = bytearray(FILE)
        for _ in range(chance.choice((1, 1, 2, 5))):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            found, *_ = releases.check(bytes(broken), STORE, signers.AT)
        except AsbuiltError as refused:
            assert refused.code.startswith(("kernel.", "ledger.")) and refused.message
        else:
            assert found == STATEMENT
