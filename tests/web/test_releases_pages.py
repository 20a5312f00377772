"""Releases, Release, Matrix, Comparison: the pages, their forms, who sees them, in English and German."""

import re
from html import unescape

import pytest
import signers
from django.core.files.uploadedfile import SimpleUploadedFile

pytestmark = pytest.mark.once

HERE = "/releases/of/MB/app/7.1.0/"
IMAGE = b"\x7fIMAGE" * 300


def text(answer) -> str:
    page = re.sub(r"<[^>]*>", " ", answer.content.decode().partition('<main id="main"')[2])
    return " ".join(unescape(page).split())


@pytest.fixture
def product(load):
    load({
        "parts": [{"part": "R", "description": "", "mpn": "", "manufacturer": "", "lifecycle": "", "msl": ""}],
        "bom": [{"product": "MB", "revision": "A", "bom_version": "1", "line": "1", "part": "R", "quantity": "1", "refdes": "R1"}],
    })  # fmt: skip


def trusted(signer):
    store = signers.store()
    file = SimpleUploadedFile("trust.json", signers.store_file(store))
    return signer.send("/releases/trust/", {"document": file, "pin": store.sha256})


def draft(client, version="7.1.0", **more):
    said = {"product": "MB", "role": "app", "version": version, "revisions": "A", "change_log": "Closes the port",
            "security_relevant": "true", "image": SimpleUploadedFile("app.bin", IMAGE), **more}  # fmt: skip
    return client.send("/releases/", said)


def signed(client):
    import base64
    import json

    from asbuilt.kernel import releases

    document = json.loads(client.get(HERE + "statement/").content)
    made = signers.signed(releases.PAYLOAD_TYPE, base64.b64decode(document["payload"]), signers.RELEASERS[:2])
    return SimpleUploadedFile("signed.json", made)


def test_a_release_on_the_pages(product, signed_in):
    rolf, eva = signed_in("release_signer"), signed_in("engineer")
    assert "No trust store is set." in text(rolf.get("/releases/"))
    assert trusted(rolf).status_code == 302
    page = text(rolf.get("/releases/"))
    assert "trust store, version 1, epoch 0" in page and "signs releases 2" in page
    answer = draft(eva)
    assert answer.status_code == 302 and answer["Location"] == HERE
    page = text(eva.get(HERE))
    assert (
        "draft" in page and "Nobody signed it yet." in page and "kept, encrypted" in page and "Release it" not in page
    )
    assert "Release it" in text(rolf.get(HERE))
    refused = rolf.send(HERE + "release/", {})
    assert refused.status_code == 409 and "0 of the 2 holders needed signed" in text(refused)
    assert rolf.send(HERE + "signatures/", {"envelope": signed(rolf)}).status_code == 302
    page = text(rolf.get(HERE))
    assert "release 1" in page and "release 2" in page
    assert rolf.send(HERE + "release/", {}).status_code == 302
    answer = eva.get(HERE)
    assert "Which units run it, at which customers" in text(answer)
    assert (
        b"/ask/?q=firmware%3Aapp/7.1.0%20product%3AMB" in answer.content or b"?q=firmware%3Aapp/7.1.0" in answer.content
    )
    assert eva.send(HERE + "withdraw/", {"reason": "x"}).status_code == 403
    assert rolf.send(HERE + "withdraw/", {"reason": "hangs"}).status_code == 302
    page = text(eva.get(HERE))
    assert "withdrawn" in page and "hangs" in page and "Withdraw it" not in page


def test_the_matrix_its_table_and_a_comparison(product, signed_in):
    rolf, eva = signed_in("release_signer"), signed_in("engineer")
    trusted(rolf)
    draft(eva)
    draft(eva, "7.2.0", change_log="New menu", security_relevant="false")
    page = text(eva.get("/releases/matrix/"))
    assert "7.1.0" in page and "7.2.0" in page and "Nothing is wrong with it." in page
    table = eva.get("/releases/matrix.csv").content.decode().splitlines()
    assert table[0].startswith("product,revision,role,version,state") and len(table) == 3
    assert table[1].startswith("MB,A,app,7.")
    page = text(eva.get("/releases/compare/", {"product": "MB", "role": "app", "first": "7.2.0", "second": "7.1.0"}))
    assert "MB: 7.1.0 to 7.2.0" in page and "New menu" in page and "Both are the same bytes." in page
    assert eva.get("/releases/compare/", {"product": "MB", "first": "1", "second": "2"}).status_code == 404


def test_a_matrix_with_faults_does_not_say_that_the_log_is_broken(product, load, signed_in):
    """The page's own faults stood under the name of the log's: base.html counted them and broke."""
    row = {"product": "MB", "version": "1.0.0", "role": "", "image": "", "sha256": "a" * 64, "revisions": "",
           "released_at": "2026-01-01T00:00:00Z", "security_relevant": "false"}  # fmt: skip
    load({"firmware": [row]}, "history")
    page = text(signed_in("engineer").get("/releases/matrix/"))
    assert "Names no hardware revision." in page and "The newest release has no signatures." in page
    assert "history, unsigned" in page and "The log does not fit." not in page


def test_what_a_form_is_refused_for(product, signed_in):
    rolf, eva = signed_in("release_signer"), signed_in("engineer")
    answer = draft(eva)
    assert answer.status_code == 409 and "No trust store says whose signatures count." in text(answer)
    trusted(rolf)
    answer = eva.send("/releases/", {"product": "MB", "role": "app", "version": "1"})
    assert answer.status_code == 422 and "No image was chosen." in text(answer)
    answer = draft(eva, revisions="Z")
    assert answer.status_code == 404 and 'value="7.1.0"' in answer.content.decode()
    broken = SimpleUploadedFile("trust.json", b"{}")
    assert rolf.send("/releases/trust/", {"document": broken}).status_code == 422
    assert eva.send("/releases/trust/", {}).status_code == 403


def test_a_party_has_no_such_page(product, signed_in):
    rolf = signed_in("release_signer")
    trusted(rolf)
    operator = signed_in("operator")
    page = operator.get("/releases/")
    assert page.status_code == 200 and "Add a draft" not in text(page) and "Set the next version" not in text(page)


def test_in_german(product, signed_in):
    rolf, eva = signed_in("release_signer"), signed_in("engineer")
    trusted(rolf)
    draft(eva)
    for address, words in (
        ("/releases/", ("Freigaben", "Entwurf")),
        (HERE, ("Was unterschrieben wurde", "Noch niemand hat unterschrieben.")),
        ("/releases/matrix/", ("Matrix", "Hardware-Revision")),
    ):
        page = text(eva.get(address, headers={"Accept-Language": "de"}))
        for word in words:
            assert word in page, (address, word)


def test_the_provenance_of_a_build_is_shown_and_given_as_it_came(product, signed_in):
    import json
    from hashlib import sha256

    rolf, eva = signed_in("release_signer"), signed_in("engineer")
    trusted(rolf)
    said = {
        "_type": "https://in-toto.io/Statement/v1", "subject": [{"digest": {"sha256": sha256(IMAGE).hexdigest()}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {"buildDefinition": {"buildType": "https://build.example/make@v1"},
                      "runDetails": {"builder": {"id": "https://ci.example/runner/7"}}},
    }  # fmt: skip
    content = json.dumps(said, indent=1).encode()
    assert draft(eva, provenance=SimpleUploadedFile("p.json", content)).status_code == 302
    page = text(eva.get(HERE))
    assert "https://ci.example/runner/7" in page and "https://build.example/make@v1" in page and "not judged" in page
    assert eva.get(HERE + "provenance/").content == content
    draft(eva, "7.2.0")
    assert "SLSA" not in text(eva.get(HERE.replace("7.1.0", "7.2.0")))
    assert eva.get(HERE.replace("7.1.0", "7.2.0") + "provenance/").status_code == 404


def test_images_for_older_recovery_keys_are_sealed_anew_on_the_page(product, signed_in):
    from asbuilt.kernel import trust
    from asbuilt.kernel.sealing import SealingKey

    rolf, eva = signed_in("release_signer"), signed_in("engineer")
    trusted(rolf)
    draft(eva)
    assert "other recovery keys" not in text(eva.get("/releases/"))
    first, safe = signers.store(), SealingKey.new().public
    keys = {**first.keys, safe.key_id: trust.TrustKey(safe, "second safe")}
    roles = {**first.roles, "recovery": trust.Role(frozenset([signers.RECOVERY.public.key_id, safe.key_id]), 1)}
    second = signers.store(version=2, previous=first.sha256, issued_at=signers.AT + 1, epoch=1, keys=keys, roles=roles)
    file = SimpleUploadedFile("trust.json", signers.store_file(second))
    assert rolf.send("/releases/trust/", {"document": file}).status_code == 302
    assert "1 image is sealed for other recovery keys." in text(eva.get("/releases/"))
    assert "Seal them anew" not in text(eva.get("/releases/"))
    assert eva.send("/releases/reseal/").status_code == 403
    assert rolf.send("/releases/reseal/").status_code == 302
    assert "other recovery keys" not in text(rolf.get("/releases/"))


def test_a_comparison_asks_which_units_run_each_release(product, signed_in):
    rolf, eva = signed_in("release_signer"), signed_in("engineer")
    trusted(rolf)
    draft(eva)
    draft(eva, "7.2.0", image=SimpleUploadedFile("b.bin", b"newer"))
    said = {"product": "MB", "role": "app", "first": "7.1.0", "second": "7.2.0"}
    assert "which units run" not in text(eva.get("/releases/compare/", said))
    rolf.send(HERE + "signatures/", {"envelope": signed(rolf)})
    assert rolf.send(HERE + "release/", {}).status_code == 302
    from asbuilt.access.actor import local_system
    from asbuilt.answers.gate import releasing
    from asbuilt.designed.firmware import actions, register

    found = register.release(1, "MB", "app", "7.2.0")
    of = {"product": "MB", "role": "app", "version": "7.2.0"}
    actions.sign_release(local_system(1), **of, document=signers.release_file(found.statement))
    releasing.release(local_system(1), **of)
    answer = eva.get("/releases/compare/", said)
    assert "which units run 7.2.0" in text(answer) and b"?q=firmware%3Aapp/7.2.0" in answer.content


def test_with_what_a_release_was_built_on_its_page(product, signed_in):
    rolf, eva, auditor = signed_in("release_signer"), signed_in("engineer"), signed_in("auditor")
    assert trusted(rolf).status_code == 302 and draft(eva).status_code == 302
    page = text(eva.get(HERE))
    assert "What it was built with" in page and "Nothing was said." in page
    assert "Add it" in page and "Add it" not in text(auditor.get(HERE))
    missing = eva.send(HERE + "builds/", {})
    assert missing.status_code == 422 and "No file was chosen." in text(missing)
    wrong = eva.send(HERE + "builds/", {"file": SimpleUploadedFile(".config", b"CONFIG_A=y\nno line of it\n")})
    assert wrong.status_code == 422 and "build.not_kconfig" in text(wrong)
    config = b"# Linux/arm64 6.1.55 Kernel Configuration\n# CONFIG_BT is not set\n"
    assert eva.send(HERE + "builds/", {"file": SimpleUploadedFile("kernel.config", config)}).status_code == 302
    later = config + b"CONFIG_CAN=y\n"
    assert eva.send(HERE + "builds/", {"file": SimpleUploadedFile("kernel2.config", later)}).status_code == 302
    page = text(auditor.get(HERE))
    assert "kernel.config" in page and "kernel2.config" in page and "linux" in page and page.count("overtaken") == 1
