"""An SBOM of firmware is of one image: named by release, by SHA-256 or by the document; refused of another; not inherited."""

import pytest
from components.conftest import IMAGE_SHA256, LWIP, MBEDTLS, cyclonedx

from asbuilt.kernel.errors import Invalid, NotFound, Refused

OTHER_SHA256 = "cd" * 32
NOBODYS = "ef" * 32
RELEASE = {"product": "WIDGET", "version": "2.3.1"}


def naming(digest: str, *components: dict) -> bytes:
    """A document whose main component says this SHA-256."""
    hashes = [{"alg": "SHA-1", "content": "0" * 40}, {"alg": "SHA-256", "content": digest}]
    main = {"type": "firmware", "bom-ref": "main", "name": "app", "version": "1", "hashes": hashes}
    return cyclonedx(*components, metadata={"component": main})


def test_whoever_names_the_image_it_is_kept_with_who_did(of_image):
    by_name = of_image(cyclonedx(MBEDTLS), **RELEASE)
    by_image = of_image(cyclonedx(LWIP), image=IMAGE_SHA256)
    by_both = of_image(cyclonedx(MBEDTLS, LWIP), image=IMAGE_SHA256, **RELEASE)
    by_document = of_image(naming(IMAGE_SHA256, MBEDTLS))
    confirmed = of_image(naming(IMAGE_SHA256, LWIP), **RELEASE)
    every = (by_name, by_image, by_both, by_document, confirmed)
    assert {(one.binding.name, one.image) for one in every} == {("WIDGET app 2.3.1", IMAGE_SHA256)}
    assert [one.bound_by for one in every] == ["name", "image", "image", "document", "document"]
    assert [one.place for one in every] == [1, 2, 3, 4, 5]


def test_a_revision_and_a_part_have_no_image(of_image):
    for of in ({"product": "WIDGET", "revision": "B"}, {"part": "MOD"}):
        made = of_image(naming(NOBODYS, MBEDTLS), **of)
        assert (made.image, made.bound_by) == ("", "")
        with pytest.raises(Invalid) as refused:
            of_image(cyclonedx(LWIP), image=IMAGE_SHA256, **of)
        assert refused.value.code == "components.image_of_no_release" and refused.value.remedy


@pytest.mark.parametrize(
    "content, image, of, code, words",
    [
        (naming(OTHER_SHA256, MBEDTLS), "", RELEASE, "components.document_of_another", "WIDGET app 2.4.0"),
        (naming(NOBODYS, MBEDTLS), "", RELEASE, "components.document_of_another", "no release"),
        (naming(OTHER_SHA256, MBEDTLS), IMAGE_SHA256, {}, "components.document_of_another", "WIDGET app 2.4.0"),
        (cyclonedx(MBEDTLS), OTHER_SHA256, RELEASE, "components.image_of_another", "WIDGET app 2.4.0"),
        (cyclonedx(MBEDTLS), NOBODYS, RELEASE, "components.image_of_another", "no release"),
        (naming(NOBODYS, MBEDTLS), "", {}, "components.image_unknown", "no release"),
        (cyclonedx(MBEDTLS), NOBODYS, {}, "components.image_unknown", "No release"),
        (cyclonedx(MBEDTLS), "ab", RELEASE, "tables.cell_not_hex", "64 hex"),
        (cyclonedx(MBEDTLS), "", {}, "components.binding_unclear", "Nothing names"),
    ],
)
def test_another_image_is_refused_with_where_and_what_to_do(of_image, actor, content, image, of, code, words):
    from asbuilt.designed.components import queries

    with pytest.raises((Invalid, NotFound)) as refused:
        of_image(content, image=image, **of)
    assert refused.value.code == code and refused.value.remedy
    assert words in refused.value.message
    assert not queries.current_sboms(actor.tenant)


def test_a_later_release_of_the_same_name_with_another_image_does_not_inherit(of_image, actor):
    from asbuilt.built.exchange.correcting import correct_fact
    from asbuilt.designed.components import queries, telling
    from asbuilt.ledger.facts import all_facts, fact_id
    from asbuilt.questions.exposure.reach import unlisted
    from asbuilt.questions.genealogy.evaluating.view import View

    first = of_image(cyclonedx(MBEDTLS), **RELEASE)
    entry = first.entry
    assert [gap["version"] for gap in telling.gaps_seen(actor) if gap["kind"] == "release"] == ["2.4.0"]
    shape = "firmware.release/1"
    (fact,) = [one for one in all_facts(actor.tenant, shape) if "2.3.1" in one.values]
    name = fact_id(actor.tenant, fact.entry, shape, fact.row)
    said = {"reason": "another build", "person": "045", "decided_at": 1_800_000_000_000_000}
    correct_fact(actor, name, {"sha256": NOBODYS}, **said)
    gaps = [(gap["gap"], gap["version"]) for gap in telling.gaps_seen(actor) if gap["kind"] == "release"]
    assert gaps == [("other_image", "2.3.1"), ("no_sbom", "2.4.0")]
    assert queries.documents_of_release(actor.tenant, "WIDGET", "app", "2.3.1") == []
    (mbedtls,) = queries.components_matching(actor.tenant, "mbedtls")
    assert [one.release for one in queries.places_of(actor.tenant, [mbedtls.number])] == [None]
    assert len(unlisted(View(actor))) == 2 and len(unlisted(View(actor, entry))) == 1
    again = of_image(cyclonedx(MBEDTLS), **RELEASE)  # the same bytes, of the image that it has now
    assert again.image == NOBODYS and again.place == 2
    assert [gap["version"] for gap in telling.gaps_seen(actor) if gap["kind"] == "release"] == ["2.4.0"]
    with pytest.raises(Refused):
        of_image(cyclonedx(MBEDTLS), **RELEASE)


def test_what_lacks_an_sbom_is_read_in_as_many_statements_for_six_releases_as_for_two(
    of_image, load, actor, monkeypatch
):
    from asbuilt.designed.components.gaps import missing_sboms
    from asbuilt.storage import reading

    sent, fetch = [], reading.fetch
    monkeypatch.setattr(reading, "fetch", lambda sql, params=(): sent.append(sql) or fetch(sql, params))

    def asked() -> int:
        sent.clear()
        assert not [gap for gap in missing_sboms(actor.tenant) if gap.kind == "other_image"]
        return len(sent)

    of_image(cyclonedx(MBEDTLS), **RELEASE)
    before = asked()
    more = [f"3.{n}.0" for n in range(4)]
    released = {"product": "WIDGET", "role": "app", "revisions": "", "released_at": "2026-01-01T00:00:00Z", "security_relevant": "false"}  # fmt: skip
    load(
        {"firmware": [{**released, "version": one, "image": "", "sha256": one[2] * 64} for one in more]}, folder="more"
    )
    for one in more:
        of_image(cyclonedx({**MBEDTLS, "version": one}), product="WIDGET", role="app", version=one)
    assert before and asked() == before
