"""Keys in a real PKCS#11 token (SoftHSM2): ECDSA P-256 signatures of releases, and the key-encryption key of images."""

import pytest
import signers
from hardware_token import MODULE, PIN, uri

from asbuilt.kernel import envelope, releases, trust
from asbuilt.kernel.errors import Invalid, Unavailable
from asbuilt.tokens.keys import TokenKey


class InToken:
    """A signer whose key is in the token."""

    holder = "release 4"

    def __init__(self, folder):
        self.key = TokenKey(uri(folder, "release"))
        self.public = self.key.public()
        self.sign = self.key.sign


def test_a_token_signs_a_release(token):
    who = InToken(token)
    first = signers.store()
    keys = {**first.keys, who.public.key_id: signers.key_of(who)}
    role = trust.Role(first.roles["release-signer"].keys | {who.public.key_id}, 2)
    store = signers.store(keys=keys, roles={**first.roles, "release-signer": role})
    document = signers.release_file(signers.statement(b"image"), [who, signers.RELEASERS[0]])
    _, signed, found = releases.check(document, store, signers.AT)
    assert {key.holder for key in found} == {"release 4", "release 1"}
    assert len(envelope.parse(document).signatures[0][1]) == 64
    assert not who.public.verify(b"another message", who.sign(b"a message"))


def test_the_key_of_images_is_in_the_token(token, released, actor, home, monkeypatch):
    from asbuilt.designed.firmware import images

    monkeypatch.setenv("ASBUILT_IMAGE_KEY", uri(token, "images"))
    found = released()
    assert images.open_image(actor.tenant, found.statement.sha256).startswith(b"\x7fASBUILT")
    assert images.kept_image(actor.tenant, found.statement.sha256).wrapped_by == "pkcs11:token=firm;object=images"
    assert list(home.keys.rglob("image.key")) == []
    monkeypatch.delenv("ASBUILT_IMAGE_KEY")
    with pytest.raises(Unavailable):
        images.open_image(actor.tenant, found.statement.sha256)


def test_what_a_token_refuses(token, tmp_path):
    (tmp_path / "wrong").write_text("0000")
    base = f"pkcs11:token=firm;object=release?module-path={MODULE}"
    for name in (
        f"{base}&pin-source={tmp_path / 'wrong'}",
        f"{base}&pin-source={tmp_path / 'missing'}",
        uri(token, "nobody"),
        uri(token, "release").replace("token=firm", "token=other"),
        uri(token, "release").replace(MODULE, "/no/such.so"),
    ):
        with pytest.raises(Unavailable) as refused:
            TokenKey(name).sign(b"x")
        assert refused.value.code == "tokens.unusable"
        assert PIN not in str(refused.value) and "0000" not in str(refused.value)


def test_a_pin_stands_in_no_uri():
    for name in (
        f"pkcs11:object=x;pin-value=1?module-path={MODULE}",
        f"pkcs11:object=x?module-path={MODULE}&pin-value=1",
    ):
        with pytest.raises(Invalid) as refused:
            TokenKey(name)
        assert refused.value.code == "tokens.pin_shown"
    with pytest.raises(Invalid) as refused:
        TokenKey("pkcs11:token=firm")
    assert refused.value.code == "tokens.uri"


def test_a_token_that_is_away_leaves_nothing_behind(token, add, actor, home, monkeypatch):
    from asbuilt.designed.firmware.register import registered

    before = sorted(home.folder.rglob("blobs/??/*"))
    monkeypatch.setenv("ASBUILT_IMAGE_KEY", uri(token, "nobody"))
    with pytest.raises(Unavailable):
        add()
    assert registered(actor.tenant) == []
    assert sorted(home.folder.rglob("blobs/??/*")) == before
    monkeypatch.delenv("ASBUILT_IMAGE_KEY")
    assert add().state == "draft"
