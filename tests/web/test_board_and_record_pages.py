"""Board map and record level on the pages of unit, order and product: a real board, without a line of script."""

import re
from xml.etree import ElementTree

import pytest
import real_board

pytestmark = pytest.mark.once

GERMAN = {"HTTP_ACCEPT_LANGUAGE": "de"}


@pytest.fixture
def one(load, actor, shared_data, signed_in):
    real_board.build(load, actor, shared_data)
    return signed_in("engineer")


def page(client, address, **more) -> str:
    answer = client.get(address, **more)
    assert answer.status_code == 200
    return answer.content.decode()


def drawings(text: str) -> list:
    """The drawings of the sides, read as XML."""
    return [ElementTree.fromstring(svg) for svg in re.findall(r'<svg class="pic board-pic".*?</svg>', text, re.DOTALL)]


def part(text: str, refdes: str):
    """(link or group, its rectangle) of a component."""
    for svg in drawings(text):
        for found in svg:
            title = found.find("title")
            if title is not None and title.text.startswith(f"{refdes}:"):
                return found, found.find("rect")
    raise AssertionError(f"{refdes} is not drawn")


def middle(text: str, refdes: str) -> float:
    box = part(text, refdes)[1]
    return float(box.get("x")) + float(box.get("width")) / 2


def test_both_sides_with_every_component_and_a_title(one):
    text = page(one, "/unit/G001/")
    top, bottom = drawings(text)
    counts = [sum(found.find("title") is not None for found in svg) for svg in (top, bottom)]
    assert counts == [156, 76]  # of 232 in pos.csv, 76 say bottom
    assert "style=" not in re.search(r'id="board".*?</section>', text, re.DOTALL)[0]
    link, _ = part(text, "U1")
    assert f'id="{link.get("href").removeprefix("#")}"' in text


def test_the_bottom_is_mirrored(one):
    """pos.csv: C1 of the bottom at 65.4 mm, C2 at 65.9; seen from below C2 lies to the left. On top U1 at 69.85 is left of U30 at 83.7."""
    text = page(one, "/unit/G001/")
    assert middle(text, "C2") < middle(text, "C1") and middle(text, "U1") < middle(text, "U30")
    scale = (middle(text, "U30") - middle(text, "U1")) / (83.7 - 69.85)
    assert middle(text, "C1") - middle(text, "C2") == pytest.approx(0.5 * scale, abs=0.1)


@pytest.mark.parametrize(
    ("unit", "view", "refdes", "css", "said"),
    [
        ("G011", "lot", "C2", "b-maybe", "possible"),
        ("G011", "certainty", "C2", "b-maybe", "possible"),
        ("G012", "certainty", "U1", "la", "certain"),
        ("G035", "certainty", "R12", "b-none", "unrecorded"),
        ("G035", "lot", "R12", "b-none", "unrecorded"),
        ("G005", "replaced", "U1", "lb", "replaced"),
        ("G004", "replaced", "U1", "lx", "certain"),
        ("G007", "defect", "U1", "ld", "BRIDGE"),
        ("G007", "defect", "C3", "lx", "certain"),
    ],
)
def test_views_of_a_unit(one, unit, view, refdes, css, said):
    found, box = part(page(one, f"/unit/{unit}/?map={view}"), refdes)
    assert css in box.get("class").split() and said in found.find("title").text


def test_views_of_an_order_count_units(one):
    found, box = part(page(one, "/order/WO-G/"), "C2")
    assert "b-maybe" in box.get("class") and "38 certain, 2 possible, 0 unrecorded" in found.find("title").text
    found, box = part(page(one, "/order/WO-G/"), "R12")
    assert "b-none" in box.get("class") and "30 certain, 0 possible, 10 unrecorded" in found.find("title").text
    assert "lb" in part(page(one, "/order/WO-G/?map=lots"), "C2")[1].get("class").split()  # two lots
    assert "la" in part(page(one, "/order/WO-G/?map=lots"), "C1")[1].get("class").split()  # one
    assert "replaced on 1" in part(page(one, "/order/WO-G/?map=replaced"), "U1")[0].find("title").text
    assert "BRIDGE 1" in part(page(one, "/order/WO-G/?map=defect"), "U1")[0].find("title").text


def test_zoom_is_a_link_and_keeps_the_rest(one):
    text = page(one, "/unit/G001/?map=certainty&side=top&zoom=4&at=U19&as_of=2099-01-01")
    (top,) = drawings(text)
    x, y, width, height = map(float, top.get("viewBox").split())
    box = part(text, "U19")[1]
    assert width == 250 and x < float(box.get("x")) < x + width and y < float(box.get("y")) < y + height
    assert "b-at" in box.get("class")
    links = re.findall(r'<a href="([^"]*)" aria-label="Zoom out"', text)
    assert "map=certainty" in links[0] and "as_of=2099-01-01" in links[0] and "zoom=2" in links[0]


@pytest.mark.parametrize(
    "asked", ["map=none&zoom=3&side=left", "zoom=-1", "x=1e9&y=nan&zoom=2&side=top", "at=NOTHING&zoom=16&side=bottom"]
)
def test_an_address_that_asks_for_nonsense_shows_the_board(one, asked):
    assert drawings(page(one, f"/unit/G001/?{asked}"))


def test_without_a_placement(load, actor, shared_data, signed_in):
    file = shared_data / "ems" / "boms" / "dev" / "glasgow-revC3" / "pos.csv"
    real_board.build(load, actor, shared_data, placed=False)
    one = signed_in("engineer")
    assert "no board can be drawn" in page(one, "/unit/G001/") and not drawings(page(one, "/order/WO-G/"))
    content = file.read_bytes()
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = {"revision": "C3", "file": SimpleUploadedFile("pos.csv", content)}
    done = one.send("/product/GLASGOW/placement/", sent).content.decode()
    assert "pos.csv of KiCad: 232 components are recorded." in done and "not in the BOM" in done
    assert len(drawings(page(one, "/order/WO-G/"))) == 2
    wrong = one.send(
        "/product/GLASGOW/placement/", {"revision": "C3", "file": SimpleUploadedFile("x.csv", b"a;b\n1;2\n")}
    )
    assert wrong.status_code == 422 and "header" in wrong.content.decode()


def test_record_level_on_the_pages(one):
    sent = {"revision": "C3", "material": "M4", "process": "", "agreed_in": "QP-12"}
    assert one.send("/product/GLASGOW/record-demand/", sent)["Location"] == "/product/GLASGOW/"
    text = page(one, "/order/WO-G/")
    # R12's line is silent on units 31 to 40, C2's spliced at 11 and 12
    assert "12 units short of M4" in text and "QP-12" in text
    assert (
        "on 10 units of WO-G: no package is recorded" in text
        and "on 2 units of WO-G: reel change not resolved: PK-" in text
    )
    assert "M4 demanded" in page(one, "/unit/G001/") and "short of M4" in page(one, "/unit/G035/")
    whole = page(one, "/product/GLASGOW/record/")
    assert "/order/WO-G/#record" in whole and "12 units short of M4" in whole
    assert "compliant" not in (text + whole).casefold()
    assert one.get("/product/NONE/record/").status_code == 404


def test_in_german(one):
    text = page(one, "/order/WO-G/", **GERMAN)
    assert "Bestückungsplan" in text and "auf 10 Einheiten von WO-G: kein Gebinde ist erfasst" in text
    assert "38 sicher, 2 möglich" in text and "Güte der Aufzeichnung" in text
