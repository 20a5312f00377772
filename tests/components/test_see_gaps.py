"""What has no SBOM, or one that is older than what it is of."""

from components.conftest import LWIP, MBEDTLS, cyclonedx

from asbuilt.designed.components import telling


def seen(actor) -> list[tuple[str, str]]:
    return [(gap["gap"], gap["of"]) for gap in telling.gaps_seen(actor)]


def test_releases_and_revisions_without_one_are_gaps(widget, actor):
    assert seen(actor) == [
        ("no_sbom", "WIDGET app 2.3.1"), ("no_sbom", "WIDGET app 2.4.0"), ("no_sbom", "WIDGET revision B"),
        ("no_sbom", "WIDGET revision C"),
    ]  # fmt: skip


def test_a_gap_closes_with_an_sbom(add, actor):
    add(cyclonedx(MBEDTLS))
    add(cyclonedx(MBEDTLS), product="WIDGET", revision="B")
    assert seen(actor) == [("no_sbom", "WIDGET app 2.4.0"), ("no_sbom", "WIDGET revision C")]


def test_a_bom_version_after_the_sbom_opens_the_gap_again(add, actor, load):
    add(cyclonedx(MBEDTLS), product="WIDGET", revision="B")
    line = {
        "product": "WIDGET",
        "revision": "B",
        "bom_version": "2",
        "line": "1",
        "part": "R",
        "quantity": "2",
        "refdes": "R1 R2",
    }
    load({"bom": [line]}, folder="eco")
    assert ("bom_changed", "WIDGET revision B") in seen(actor)
    add(cyclonedx(LWIP), product="WIDGET", revision="B")
    assert ("bom_changed", "WIDGET revision B") not in seen(actor)
