"""firmware.csv: releases, their order, their images, what is refused where. Expectations: design, sections 6 and 7."""

from hashlib import sha256

import pytest

A, B, C = (sha256(name).hexdigest() for name in (b"a", b"b", b"c"))
RELEASES = f"""
MB-1,2.9.0,app,app-2.9.0.bin,{A},A;B,2027-01-01T10:00:00.000000Z,false
MB-1,2.10.0,,,{B},A B,2027-02-01T10:00:00.000000Z,true
MB-1,2.10.0-rc.1,app,,{C},,,false
MB-1,1.0,boot,,{A},,2027-03-01T10:00:00.000000Z,false
MB-1,0.9,boot,,{B},,2027-04-01T10:00:00.000000Z,false
"""


@pytest.fixture
def intake(home, take):
    from asbuilt.designed.catalog.intake import BomIntake, PartsIntake
    from asbuilt.designed.firmware.intake import ReleasesIntake

    take(PartsIntake, "R,,,,,")
    take(BomIntake, "MB-1,A,1,1,R,1,R1\nMB-1,B,1,1,R,1,R1\nMB-2,rev 1,1,1,R,1,R1\nMB-2,C,1,1,R,1,R1")
    return ReleasesIntake


@pytest.fixture
def product(intake, actor):
    from asbuilt.designed.catalog.queries import product_number

    return product_number(actor.tenant, "MB-1")


def test_releases_are_found(intake, take, actor, product):
    from asbuilt.designed.firmware.queries import ReleaseFinder, releases_of_image, releases_of_version

    said = take(intake, RELEASES)
    assert (said.stored, said.wrong, said.warnings) == (5, [], [])
    finder = ReleaseFinder(actor.tenant)
    (found,) = finder.find(product, "2.10.0", None, None)
    assert (found.product, found.role, found.sha256) == (product, "app", bytes.fromhex(B))
    assert finder.find(product, "2.10.0", bytes.fromhex(B), "app") == [found]
    assert finder.find(product, "2.10.0", bytes.fromhex(A), None) == finder.find(product, "2.10.0", None, "boot") == []
    assert finder.find(product, "9", None, None) == [] and "2.9.0" in finder.nearest(product, "2.9.1")
    assert [row.role for row in releases_of_image(actor.tenant, bytes.fromhex(A))] == ["app", "boot"]
    assert [row.version for row in releases_of_version(actor.tenant, "1.0")] == ["1.0"]


def test_semver_stands_in_its_order_and_other_versions_by_date(intake, take, actor, product):
    from asbuilt.designed.firmware.queries import ReleaseFinder, ranks

    said = take(intake, RELEASES)
    finder = ReleaseFinder(actor.tenant)
    place = {
        version: finder.find(product, version, None, None)[0].number for version in ("2.9.0", "2.10.0-rc.1", "2.10.0")
    }
    assert ranks(actor.tenant, product, "app") == {place["2.9.0"]: 1, place["2.10.0-rc.1"]: 2, place["2.10.0"]: 3}
    boot = {version: finder.find(product, version, None, "boot")[0].number for version in ("1.0", "0.9")}
    assert ranks(actor.tenant, product, "boot") == {boot["1.0"]: 1, boot["0.9"]: 2}
    assert ranks(actor.tenant, product, "boot", as_of=said.entry - 1) == ranks(actor.tenant, product, "x") == {}


@pytest.mark.parametrize(
    ("releases", "places"),
    [
        ([(1, "1.0.0+a", 9), (2, "1.0.0+b", 1), (3, "1.0.1", 0)], {1: 1, 2: 1, 3: 2}),
        ([(1, "v2", 20), (2, "v1", 10)], {2: 1, 1: 2}),
        ([(1, "v2", None), (2, "v1", None)], {1: 1, 2: 2}),
        ([(1, "v1", 10), (2, "v2", None), (3, "v3", 5)], {3: 1, 1: 2, 2: 3}),
        ([(1, "v1", 10), (2, "v2", 10)], {1: 1, 2: 2}),
        ([], {}),
    ],
)
def test_the_release_order(releases, places):
    from asbuilt.designed.firmware.queries import ranks_of

    assert ranks_of(releases) == places


@pytest.mark.parametrize("chunk", [1, 1000])
def test_again_and_otherwise(intake, take, chunk):
    take(intake, RELEASES)
    said = take(intake, RELEASES, chunk)
    assert (said.stored, said.known, said.wrong, said.contradictions) == (0, 5, [], [])
    said = take(intake, RELEASES.replace("2.10.0,,", "2.10.0,app,"), chunk)
    assert (said.stored, said.known, said.contradictions) == (0, 5, [])
    said = take(intake, f"MB-1,2.10.0,app,,{C},,,false\nMB-1,2.10.0,boot,,{C},,,false", chunk)
    assert [(line, column) for line, column, _ in said.contradictions] == [(2, "version")]
    said = take(intake, f"MB-1,3.0.0,app,,{C},,,false\nMB-1,3.0.0,,,{C},,,false", chunk)
    assert [entry[:3] for entry in said.wrong] == [(3, "version", "firmware.release_doubled")]


@pytest.mark.parametrize(
    ("row", "column", "code", "said"),
    [
        (f"MB-3,1.0.0,app,,{A},,,false", "product", "catalog.product_unknown", "MB-1"),
        (f"MB-1,1.0.0,app,,{A},A;C,,false", "revisions", "catalog.revision_unknown", "revision C"),
        (f"MB-1,1.0.0,app,,{A},A D,,false", "revisions", "catalog.revision_unknown", "revision D"),
        (f"MB-1,{'1' * 121},app,,{A},,,false", "version", "tables.cell_too_long", "120"),
    ],
)
def test_a_wrong_row_is_named(intake, take, row, column, code, said):
    taken = take(intake, row)
    assert [entry[:3] for entry in taken.wrong] == [(2, column, code)]
    assert said in taken.wrong[0][3]


def test_a_revision_code_may_hold_a_blank(intake, take):
    assert take(intake, f"MB-2,1.0.0,app,,{A},rev 1;C,,false").stored == 1


def test_an_image_must_be_the_one_that_the_row_names(intake, take):
    images = {"a.bin": b"a", "b.bin": b"b"}.get
    assert take(intake, f"MB-1,1.0.0,app,a.bin,{A},,,false", images=images).warnings == []
    said = take(intake, f"MB-1,1.0.1,app,b.bin,{A},,,false", images=images)
    assert [entry[:3] for entry in said.wrong] == [(2, "sha256", "firmware.image_differs")]
    assert A in said.wrong[0][3] and B in said.wrong[0][3]
    said = take(intake, f"MB-1,1.0.1,app,c.bin,{A},,,false", images=images)
    assert said.stored == 1 and said.warnings[0].startswith("firmware.csv line 2: ")
    assert take(intake, f"MB-1,1.0.2,app,c.bin,{A},,,false").warnings == []
