"""Adding an SBOM: bound, kept byte for byte, superseded, refused."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest
from components.conftest import IMAGE_SHA256, LWIP, MBEDTLS, cyclonedx

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Refused


def names(actor, sbom) -> list[tuple[str, str]]:
    from asbuilt.designed.components import queries

    return [(one.package.name, one.package.version) for one in queries.each_component(actor.tenant, sbom.number)]


def test_the_bytes_stay_as_they_came(add, actor):
    from asbuilt.ledger import evidence

    content = b"\xef\xbb\xbf \n" + cyclonedx(MBEDTLS) + b"\n\n"
    made = add(content)
    assert made.sha256 == sha256(content).hexdigest()
    assert b"".join(evidence.open_evidence(actor.tenant, made.sha256)) == content


def test_components_are_listed_in_the_order_of_the_document(add, actor):
    assert names(actor, add(cyclonedx(MBEDTLS, LWIP))) == [("mbedtls", "2.28.7"), ("lwIP", "2.1.3")]


def test_a_later_one_supersedes_and_the_earlier_stays(add, actor):
    from asbuilt.designed.components import queries

    first, second = add(cyclonedx(MBEDTLS)), add(cyclonedx(LWIP))
    assert [one.ulid for one in queries.current_sboms(actor.tenant)] == [second.ulid]
    found = queries.documents_of_release(actor.tenant, "WIDGET", "app", "2.3.1")
    assert [(one.ulid, one.place) for one in found] == [(second.ulid, 2), (first.ulid, 1)]
    assert queries.current_sboms(actor.tenant, as_of=first.entry)[0].ulid == first.ulid


def test_release_revision_and_part_are_three_bindings(add, actor):
    from asbuilt.designed.components import queries

    content = cyclonedx(MBEDTLS)
    for of in (
        {"product": "WIDGET", "version": "2.3.1"},
        {"product": "WIDGET", "revision": "B"},
        {"part": "MOD"},
        {"part": "MOD", "lot": "L7"},
    ):
        add(content, **of)
    assert [one.binding.name for one in queries.current_sboms(actor.tenant)] == [
        "WIDGET app 2.3.1", "WIDGET revision B", "MOD", "MOD lot L7",
    ]  # fmt: skip


def test_an_image_names_its_release(add, actor):
    from asbuilt.designed.components.bindings import of_image

    assert of_image(actor.tenant, IMAGE_SHA256).name == "WIDGET app 2.3.1"
    with pytest.raises(NotFound) as missing:
        of_image(actor.tenant, "ef" * 32)
    assert missing.value.code == "components.image_unknown"
    with pytest.raises(Invalid):
        of_image(actor.tenant, "ab")


@pytest.mark.parametrize(
    "of, code",
    [
        ({"product": "WIDGTE", "version": "2.3.1"}, "catalog.product_unknown"),
        ({"product": "WIDGET", "version": "9"}, "firmware.release_unknown"),
        ({"product": "WIDGET", "role": "boot", "version": "2.3.1"}, "firmware.release_unknown"),
        ({"product": "WIDGET", "revision": "Z"}, "catalog.revision_unknown"),
        ({"part": "NO"}, "catalog.part_unknown"),
    ],
)
def test_a_binding_to_nothing_is_not_found(add, of, code):
    with pytest.raises(NotFound) as refused:
        add(cyclonedx(MBEDTLS), **of)
    assert refused.value.code == code and refused.value.remedy


@pytest.mark.parametrize(
    "of",
    [
        {"product": "WIDGET"},
        {"product": "WIDGET", "version": "2.3.1", "revision": "B"},
        {"product": "WIDGET", "version": "2.3.1", "part": "MOD"},
        {"product": "WIDGET", "revision": "B", "lot": "L"},
        {"product": "WIDGET", "role": "app", "revision": "B"},
    ],
)
def test_an_sbom_is_of_one_thing(add, of):
    with pytest.raises(Invalid) as refused:
        add(cyclonedx(MBEDTLS), **of)
    assert refused.value.code == "components.binding_unclear"


def test_the_same_bytes_are_not_added_twice_in_a_row(add):
    add(cyclonedx(MBEDTLS))
    with pytest.raises(Refused) as refused:
        add(cyclonedx(MBEDTLS))
    assert refused.value.code == "components.sbom_is_current"
    add(cyclonedx(LWIP))
    assert add(cyclonedx(MBEDTLS)).place == 3


def test_the_same_request_twice_is_one_sbom(add):
    first = add(cyclonedx(MBEDTLS), request_key="k1")
    assert add(cyclonedx(MBEDTLS), request_key="k1").ulid == first.ulid
    with pytest.raises(Conflict):
        add(cyclonedx(LWIP), request_key="k1")


def test_a_refused_file_leaves_nothing(add, actor):
    from asbuilt.designed.components import queries
    from asbuilt.ledger import evidence

    content = cyclonedx({"version": "1"})  # a component without a name
    with pytest.raises(Invalid) as refused:
        add(content)
    assert refused.value.code == "sbom.not_by_the_schema"
    assert refused.value.rows[0].column == "/components/0"
    assert not queries.current_sboms(actor.tenant)
    assert not queries.distinct_package_versions(actor.tenant)
    assert not evidence.known_hashes(actor.tenant, [sha256(content).hexdigest()])


def test_one_package_version_however_often_it_is_listed(add, actor):
    from asbuilt.designed.components import queries

    add(cyclonedx(MBEDTLS, LWIP))
    add(cyclonedx({**MBEDTLS, "type": "firmware"}), product="WIDGET", version="2.4.0")
    found = queries.distinct_package_versions(actor.tenant)
    assert [one.name for one in found] == ["mbedtls", "lwIP"]
    places = queries.places_of(actor.tenant, [found[0].number])
    assert [one.binding.version for one in places] == ["2.3.1", "2.4.0"] and all(one.release for one in places)


def test_places_are_those_of_current_sboms(add, actor):
    from asbuilt.designed.components import queries

    add(cyclonedx(MBEDTLS))
    add(cyclonedx(LWIP))
    (mbedtls,) = queries.components_matching(actor.tenant, "MBEDTLS")
    assert queries.places_of(actor.tenant, [mbedtls.number]) == []


def test_a_stranger_gets_not_found_and_the_wrong_role_not_allowed(add, actor):
    made = add(cyclonedx(MBEDTLS))
    from asbuilt.designed.components import queries, telling

    with pytest.raises(NotFound):
        queries.sbom_named(actor.tenant + 1, made.ulid)
    with pytest.raises(NotFound):
        telling.sbom_seen(replace(actor, party=1), made.ulid)
    with pytest.raises(NotAllowed):
        add(cyclonedx(LWIP), who=replace(actor, rights=frozenset()))


def test_the_subject_is_component_zero_and_edges_are_kept(add, actor):
    from asbuilt.designed.components import queries

    content = cyclonedx(
        MBEDTLS,
        LWIP,
        metadata={"component": {"type": "firmware", "bom-ref": "app", "name": "app", "version": "2.3.1"}},
        dependencies=[{"ref": "app", "dependsOn": ["mbedtls", "lwip"]}, {"ref": "lwip", "dependsOn": ["mbedtls"]}],
    )
    made = add(content)
    assert names(actor, made) == [("app", "2.3.1"), ("mbedtls", "2.28.7"), ("lwIP", "2.1.3")]
    assert queries.dependencies_of(actor.tenant, made.number) == [(0, 1), (0, 2), (2, 1)]


def test_what_the_header_says_is_kept(add):
    content = cyclonedx(
        MBEDTLS,
        serialNumber="urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        metadata={
            "timestamp": "2027-03-01T10:00:00.123456789Z",
            "authors": [{"name": "Ada"}],
            "lifecycles": [{"phase": "build"}],
        },
        vulnerabilities=[{"id": "CVE-2024-1"}],
        annotations=[],
    )
    said = json.loads(json.dumps(add(content).document))
    assert said["identity"].endswith("9b79") and said["authors"] == ["Ada"] and said["lifecycle"] == "build"
    assert said["created_at"] == "2027-03-01T10:00:00.123456+00:00"
    assert said["vulnerabilities"] == 1 and said["unread"] == ["annotations"]


def test_a_date_ahead_of_the_clock_is_a_doubt(add):
    from asbuilt.designed.components import telling

    for at, ahead in (("2999-01-01T00:00:00Z", True), ("2020-01-01T00:00:00+14:00", False)):
        said = telling.told(add(cyclonedx(MBEDTLS, metadata={"timestamp": at})), current=True)
        assert bool([one for one in said["doubts"] if "ahead of the clock" in one["what"]]) == ahead


def test_a_document_without_components_is_taken_with_a_doubt(add):
    made = add(cyclonedx())
    assert made.components == 0 and made.document["doubts"] == [["/", "The document lists no component."]]
