"""Drafts, signatures, releases, the matrix and the check of the archive over the API; who may, and what a stranger finds."""

import json

import signers
from django.core.files.uploadedfile import SimpleUploadedFile

from asbuilt.kernel import sealing
from asbuilt.kernel.keys import public_to_pem

JSON = "application/json"
HERE = "/api/v1/firmware-releases/A-LAMP/app/7.1.0"
IMAGE = b"\x7fIMAGE" + bytes(range(256)) * 9


def post(client, address, said, key=None):
    return client.post(address, said, JSON, headers={"Idempotency-Key": key} if key else {})


def draft(client, key=None, **more):
    said = {"product": "A-LAMP", "role": "app", "version": "7.1.0", "revisions": "B", "change_log": "Closes the port",
            "security_relevant": "true", "built_by": "ci 9", "image": SimpleUploadedFile("app.bin", IMAGE), **more}  # fmt: skip
    return client.post("/api/v1/firmware-releases", said, headers={"Idempotency-Key": key} if key else {})


def trusted(rolf):
    store = signers.store()
    said = {"document": json.loads(signers.store_file(store)), "pin": store.sha256}
    answer = post(rolf, "/api/v1/trust-stores", said)
    assert answer.status_code == 201, answer.content
    return store


def signed(client, people=None):
    from asbuilt.kernel import releases

    document = json.loads(client.get(HERE + "/statement").content)
    import base64

    payload = base64.b64decode(document["payload"])
    return json.loads(signers.signed(releases.PAYLOAD_TYPE, payload, people or signers.RELEASERS[:2]))


def test_from_draft_to_withdrawn(cast):
    rolf, eva, olga, anna = (cast.program(who) for who in ("rolf", "eva", "olga", "anna"))
    trusted(rolf)
    assert draft(anna).status_code == 403
    made = draft(eva, "d1")
    assert made.status_code == 201, made.content
    assert made.json()["state"] == "draft" and made.json()["length"] == len(IMAGE)
    assert draft(eva, "d1").json() == made.json()
    assert draft(eva, "d2").status_code == 409
    assert post(eva, HERE + "/signatures", signed(eva)).status_code == 403
    assert post(rolf, HERE + "/release", {}).json()["code"] == "firmware.signatures_missing"
    assert (
        post(rolf, HERE + "/signatures", signed(rolf, [signers.ISSUER])).json()["code"]
        == "firmware.signature_not_counted"
    )
    answer = post(rolf, HERE + "/signatures", signed(rolf))
    assert answer.status_code == 201 and len(answer.json()["signatures"]) == 2
    assert post(eva, HERE + "/release", {}).status_code == 403
    assert post(rolf, HERE + "/release", {}, "r1").json()["state"] == "released"
    assert post(rolf, HERE + "/release", {}, "r1").status_code == 201
    assert post(rolf, HERE + "/release", {}).json()["code"] == "firmware.release_state"
    listed = anna.get("/api/v1/firmware-releases", {"product": "A-LAMP"}).json()["releases"]
    assert [one["version"] for one in listed] == ["7.1.0"]
    lines = anna.get("/api/v1/firmware-matrix", {"product": "A-LAMP"}).json()["lines"]
    assert ("B", "7.1.0", "released", True) in {
        (one["revision"], one["version"], one["state"], one["signed"]) for one in lines
    }
    verified = olga.get("/api/v1/firmware-archive/verification").json()
    assert (verified["holds"], verified["releases"], verified["signatures"], verified["images"]) == (True, 1, 2, 1)
    assert olga.get("/api/v1/firmware-archive/verification", {"at": "2020-01-01"}).json()["releases"] == 0
    assert olga.get("/api/v1/firmware-archive/verification", {"at": "soon"}).status_code == 422
    station = sealing.SealingKey.new()
    said = {"public_key": public_to_pem(station.public)}
    assert post(eva, HERE + "/sealed-image", said).status_code == 403
    sealed = post(rolf, HERE + "/sealed-image", said)
    assert station.open(sealed.content, sealing.IMAGE) == IMAGE
    gone = post(rolf, HERE + "/withdraw", {"reason": "hangs"}).json()
    assert (gone["state"], gone["withdrawn_reason"]) == ("withdrawn", "hangs")
    assert anna.get("/api/v1/ask", {"question": gone["question"]}).status_code == 200
    assert post(rolf, HERE + "/sealed-image", said).json()["code"] == "firmware.release_withdrawn"


def test_two_releases_compared(cast):
    rolf, eva = cast.program("rolf"), cast.program("eva")
    trusted(rolf)
    draft(eva)
    assert draft(eva, version="7.2.0", security_relevant="false", change_log="New menu").status_code == 201
    found = eva.get("/api/v1/firmware-comparison", {"product": "A-LAMP", "first": "7.2.0", "second": "7.1.0"}).json()
    assert (found["older"], found["newer"], found["same_image"], found["security_relevant"]) == (
        "7.1.0",
        "7.2.0",
        True,
        False,
    )
    assert [one["change_log"] for one in found["changes"]] == ["New menu"]


def test_a_stranger_and_a_brand_find_nothing(cast):
    rolf, eva = cast.program("rolf"), cast.program("eva")
    trusted(rolf)
    draft(eva)
    for who in ("dan", "brand_a_reader"):
        client = cast.program(who)
        for address in (HERE, HERE + "/statement"):
            assert client.get(address).status_code == 404, who
        said = {"product": "A-LAMP", "first": "7.1.0", "second": "7.1.0"}
        assert client.get("/api/v1/firmware-comparison", said).status_code == 404
        for verb, body in (("signatures", signed(eva)), ("release", {}), ("withdraw", {"reason": "x"})):
            assert post(client, f"{HERE}/{verb}", body).status_code == 404, (who, verb)
    assert cast.program("dan").get("/api/v1/firmware-releases").json() == {"releases": []}
    assert cast.program("brand_a_reader").get("/api/v1/trust-stores").status_code == 404
    assert cast.program(None).get(HERE).status_code == 401


def test_a_boot_signature_that_fails_keeps_nothing(cast):
    rolf, eva = cast.program("rolf"), cast.program("eva")
    trusted(rolf)
    answer = draft(eva, boot="mcuboot", boot_key=public_to_pem(signers.RELEASERS[0].public))
    assert answer.json()["code"] == "firmware.boot_signature_refused"
    assert eva.get(HERE).status_code == 404


def test_a_withdrawn_image_is_not_released_again_and_nothing_walks_around_the_gate(cast):
    rolf, eva = cast.program("rolf"), cast.program("eva")
    trusted(rolf)
    draft(eva)
    post(rolf, HERE + "/signatures", signed(rolf))
    post(rolf, HERE + "/release", {})
    post(rolf, HERE + "/withdraw", {"reason": "hangs"})
    assert draft(eva, version="7.2.0").status_code == 201
    there = HERE.replace("7.1.0", "7.2.0")
    import base64

    from asbuilt.kernel import releases

    document = json.loads(rolf.get(there + "/statement").content)
    made = signers.signed(releases.PAYLOAD_TYPE, base64.b64decode(document["payload"]), signers.RELEASERS[:2])
    assert post(rolf, there + "/signatures", json.loads(made)).status_code == 201
    refused = post(rolf, there + "/release", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "gate.image_withdrawn")
    assert rolf.get(there).json()["state"] == "draft"


def test_provenance_as_it_came_and_images_sealed_anew(cast):
    from hashlib import sha256

    from asbuilt.kernel import trust

    rolf, eva, olga = (cast.program(who) for who in ("rolf", "eva", "olga"))
    first = trusted(rolf)
    said = {
        "_type": "https://in-toto.io/Statement/v1", "subject": [{"digest": {"sha256": sha256(IMAGE).hexdigest()}}],
        "predicateType": "https://slsa.dev/provenance/v1", "predicate": {},
    }  # fmt: skip
    content = json.dumps(said).encode()
    assert draft(eva, provenance=SimpleUploadedFile("p.json", content)).status_code == 201
    assert olga.get(HERE + "/provenance").content == content
    draft(eva, version="7.2.0")
    missing = olga.get(HERE.replace("7.1.0", "7.2.0") + "/provenance")
    assert (missing.status_code, missing.json()["code"]) == (404, "firmware.provenance_none")
    safe = sealing.SealingKey.new().public
    kept = {key_id: key for key_id, key in first.keys.items() if key_id != signers.RECOVERY.public.key_id}
    second = signers.store(
        version=2, previous=first.sha256, issued_at=signers.AT + 1, epoch=1,
        keys={**kept, safe.key_id: trust.TrustKey(safe, "second safe")},
        roles={**first.roles, "recovery": trust.Role(frozenset([safe.key_id]), 1)},
    )  # fmt: skip
    assert post(rolf, "/api/v1/trust-stores", {"document": json.loads(signers.store_file(second))}).status_code == 201
    here = "/api/v1/firmware-archive/resealing"
    assert post(eva, here, {}).status_code == 403
    assert post(rolf, here, {}).json() == {"sealed": 1, "known": 0, "keys": [safe.key_id]}
    assert post(rolf, here, {}).json() == {"sealed": 0, "known": 1, "keys": [safe.key_id]}


def test_with_what_a_release_was_built_over_the_api(cast):
    eva, rolf = cast.program("eva"), cast.program("rolf")
    trusted(rolf)
    assert draft(eva).status_code == 201
    here, of = "/api/v1/build-configurations", {"product": "A-LAMP", "version": "7.1.0"}

    def added(content: bytes, key: str, **more):
        said = {**of, "file": SimpleUploadedFile(".config", content), **more}
        return eva.post(here, said, headers={"Idempotency-Key": key})

    config = b"# Linux/arm64 6.1.55 Kernel Configuration\nCONFIG_BT=y\n"
    made = added(config, "a")
    assert made.status_code == 201 and (made.json()["kind"], made.json()["project"]) == ("kconfig", "linux")
    assert added(config, "a").json() == made.json()
    assert added(config + b"CONFIG_CAN=y\n", "a").status_code == 409
    assert added(b"\0", "b").json()["code"] == "build.not_text"
    assert added(config, "c", version="9.9.9").status_code == 404
    (one,) = rolf.get(here, of).json()["builds"]
    assert one == made.json() and one["counts"]
    assert cast.program("olga").post(here, of).status_code in (403, 422)
