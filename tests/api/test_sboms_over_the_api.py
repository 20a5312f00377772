"""SBOMs over the API: bound to a release by name, by its image or by the document; to a revision and to a part; who gets what."""

import json

from cast import factory
from django.core.files.uploadedfile import SimpleUploadedFile

SBOMS = "/api/v1/sboms"
(RELEASE,) = (one for one in factory()["firmware"] if one["product"] == "A-LAMP")
IMAGE = RELEASE["sha256"]


def document(*components: str, image: str = "") -> SimpleUploadedFile:
    main = {"type": "firmware", "name": "app", "hashes": [{"alg": "SHA-256", "content": image}]} if image else None
    said = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": [{"type": "library", "name": name, "version": "1"} for name in components]}  # fmt: skip
    return SimpleUploadedFile(
        "s.json", json.dumps({**said, **({"metadata": {"component": main}} if main else {})}).encode()
    )


def test_each_binding_and_each_refusal(cast):
    cara = cast.program("cara")

    def added(status: int, file, **of):
        answer = cara.post(SBOMS, {"file": file, **of})
        assert answer.status_code == status, answer.content
        return answer.json()

    release = {"product": "A-LAMP", "version": "1.4.0"}
    ways = [
        (document("a"), release, "A-LAMP app 1.4.0", IMAGE, "name"), (document("b"), {"image": IMAGE}, "A-LAMP app 1.4.0", IMAGE, "image"),
        (document("c", image=IMAGE), {}, "A-LAMP app 1.4.0", IMAGE, "document"), (document("d"), {"product": "A-LAMP", "revision": "B"}, "A-LAMP revision B", "", ""),
        (document("e"), {"part": "P-LED"}, "P-LED", "", ""), (document("f"), {"part": "P-LED", "lot": "L1"}, "P-LED lot L1", "", ""),
    ]  # fmt: skip
    for file, of, name, image, bound_by in ways:
        made = added(201, file, **of)
        assert (made["of"], made["image"], made["bound_by"]) == (name, image, bound_by)
        assert cara.get(f"{SBOMS}/{made['ulid']}").json()["bound_by"] == bound_by
    assert added(422, document("g", image="cd" * 32), **release)["code"] == "components.document_of_another"
    assert added(422, document("g"), image="cd" * 32, **release)["code"] == "components.image_of_another"
    assert added(404, document("g"), image="cd" * 32)["code"] == "components.image_unknown"
    assert added(422, document("g"), image=IMAGE, part="P-LED")["code"] == "components.image_of_no_release"
    assert added(422, document("g"))["code"] == "components.binding_unclear"
    listed = cara.get(SBOMS).json()
    assert {one["of"] for one in listed["sboms"]} == {"A-LAMP app 1.4.0", "A-LAMP revision B", "P-LED", "P-LED lot L1"}
    (used,) = cara.get("/api/v1/components?name=e").json()["components"]
    # twelve lamps carry the LED, ten of them were shipped (cast.factory)
    assert (used["units"], used["in_field"]) == ({"certain": 12, "possible": 0, "unrecorded": 0}, 10)
