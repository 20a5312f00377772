"""Sealed bytes: opened by the holder of the key alone; by RFC 9180 written out here, so that another program can."""

import hashlib
import hmac
import json
import random

import pytest
import signers
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from asbuilt.kernel import sealing
from asbuilt.kernel.errors import AsbuiltError, Invalid, Tampered

IMAGE = b"firmware " * 4000


def p256_key():
    private = ec.generate_private_key(ec.SECP256R1())
    return sealing.SealingKey.from_pem(
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    )


@pytest.mark.parametrize("key", [sealing.SealingKey.new(), p256_key()], ids=["x25519", "p256"])
def test_the_holder_opens_it_and_nobody_else(key):
    made = sealing.seal(IMAGE, key.public, sealing.IMAGE)
    assert IMAGE[:40] not in made
    assert made != sealing.seal(IMAGE, key.public, sealing.IMAGE)
    assert sealing.SealingKey.from_pem(key.to_pem()).open(made, sealing.IMAGE) == IMAGE
    for other in (sealing.SealingKey.new(), p256_key()):
        with pytest.raises(Tampered) as refused:
            other.open(made, sealing.IMAGE)
        assert refused.value.code == "kernel.sealed_for_another"
    with pytest.raises(Tampered):
        key.open(made, sealing.IMAGE_KEY)


def labeled_extract(suite, salt, label, ikm):
    return hmac.digest(salt, b"HPKE-v1" + suite + label + ikm, "sha256")


def labeled_expand(suite, prk, label, info, length):
    text, block, made = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, b"", b""
    for number in range(1, 3):
        block = hmac.digest(prk, block + text + bytes([number]), "sha256")
        made += block
    return made[:length]


def test_the_format_is_rfc_9180():
    """RFC 9180, 4.1 and 5.1, word for word: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, mode base."""
    key = sealing.SealingKey.new()
    made = sealing.seal(IMAGE, key.public, sealing.IMAGE)
    length = int.from_bytes(made[17:21], "big")
    header, rest = json.loads(made[21 : 21 + length]), made[21 + length :]
    assert header == {
        "kem": "x25519", "key_id": key.public.key_id, "length": 36000, "purpose": "image",
        "sha256": hashlib.sha256(IMAGE).hexdigest(),
    }  # fmt: skip
    info, ephemeral, sealed = made[: 21 + length], rest[:32], rest[32:]
    private = load_pem_private_key(key.to_pem().encode(), None)
    assert isinstance(private, X25519PrivateKey)
    shared = private.exchange(X25519PublicKey.from_public_bytes(ephemeral))
    kem = b"KEM" + bytes.fromhex("0020")
    prk = labeled_extract(kem, b"", b"eae_prk", shared)
    secret = labeled_expand(kem, prk, b"shared_secret", ephemeral + key.public.raw, 32)
    suite = b"HPKE" + bytes.fromhex("002000010002")
    context = b"\0" + labeled_extract(suite, b"", b"psk_id_hash", b"") + labeled_extract(suite, b"", b"info_hash", info)
    prk = labeled_extract(suite, secret, b"secret", b"")
    aead_key, nonce = (
        labeled_expand(suite, prk, b"key", context, 32),
        labeled_expand(suite, prk, b"base_nonce", context, 12),
    )
    assert AESGCM(aead_key).decrypt(nonce, sealed, b"") == IMAGE


def test_ten_thousand_mutations_are_refused_by_name():
    key, chance = sealing.SealingKey.new(), random.Random(3)
    made = sealing.seal(b"a short image", key.public, sealing.IMAGE)
    for _ in range(10_000):
        broken = bytearray(made)
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        with pytest.raises(AsbuiltError) as refused:
            key.open(bytes(broken), sealing.IMAGE)
        assert refused.value.code.startswith("kernel.")


@pytest.mark.parametrize("made", [b"", b"asbuilt-sealed/1\n", b"asbuilt-sealed/1\n\xff\xff\xff\xff{}", b"PK\3\4" * 9])
def test_what_is_no_sealed_file(made):
    with pytest.raises(Invalid) as refused:
        sealing.parse(made)
    assert refused.value.code == "kernel.sealed_malformed"


def test_nothing_is_sealed_for_a_key_that_signs():
    for signer in signers.RELEASERS[:2]:
        with pytest.raises(Invalid) as refused:
            sealing.seal(IMAGE, signer.public, sealing.IMAGE)
        assert refused.value.code == "kernel.sealing_key_unfit"
    with pytest.raises(Invalid):
        sealing.SealingKey.from_pem("no key")
    with pytest.raises(Invalid) as refused:
        sealing.seal(b"", sealing.SealingKey.new().public, sealing.IMAGE)
    assert refused.value.code == "kernel.sealed_size"
