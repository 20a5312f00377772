"""The page of a vulnerability on the example factory in a real browser: the numbers of the journey, the path as a picture, a decision by keyboard;
axe finds nothing at 1280 and 390.

The picture of the documentation is this very page:  ASBUILT_PICTURES=docs/pictures script/test tests/browser/test_look_at_exposure.py
"""

import pytest
from test_look_at_the_pages import PASSWORD, WIDTHS, chromium, faults, served, signed_in  # noqa: F401
from test_refuse_at_packing import picture
from vulnerable_example import FOLDER, add_sboms_here, take_feeds_here

CVE = "CVE-2025-27810"  # in the mbed TLS of EG-200 2.3.1 and of both versions of the radio


@pytest.fixture
def example(home, actor):
    """The example factory with its SBOMs and feeds."""
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.designed.vulnerability.matching.evaluating import catch_up

    import_folder(actor, FOLDER.parent / "factory")
    add_sboms_here(actor)
    take_feeds_here(actor)
    catch_up(actor)


@pytest.fixture
def psirt(example, served, chromium):  # noqa: F811
    """A page of somebody of product security."""
    from asbuilt.access.actions import accept_link, first_link, invite

    first = accept_link(first_link(), name="Ada Lis", login="ada", password=PASSWORD)
    accept_link(invite(first, name="Cara Sec", roles=["psirt"])[1], name="Cara Sec", login="cara", password=PASSWORD)
    context, page = signed_in(chromium, served, "cara")
    yield page
    context.close()


def rows(page, heading: str) -> list[list[str]]:
    """The cells of the table under a heading."""
    section = page.locator("section", has=page.get_by_role("heading", name=heading, exact=True))
    return [[cell.strip() for cell in row.locator("th, td").all_inner_texts()] for row in section.locator("tbody tr").all()]  # fmt: skip


def test_the_path_to_customers_and_a_decision_by_keyboard(psirt, actor):
    from asbuilt.questions.exposure.exposure import exposure

    said, found = [], []
    psirt.on("console", lambda line: said.append(line.text) if "Security Policy" in line.text else None)
    here = f"/exposure/{CVE}/"
    for page in ("/vulnerabilities/", "/components/?name=mbedtls", here):
        psirt.goto(page)
        found += faults(psirt)
    for width, height in WIDTHS:
        psirt.set_viewport_size({"width": width, "height": height})
        picture(psirt, "exposure")
    assert (found, said) == ([], [])
    told = exposure(actor, CVE)
    # as README's story a says of the gateways; every radio runs 1.7.9 or 1.8.0
    assert rows(psirt, "Countries") == [["DE", "3,000", "0", "0"], ["PL", "720", "0", "0"], ["NL", "480", "0", "0"], ["FR", "260", "0", "0"]]  # fmt: skip
    ways = [(row[0], row[1], row[3], row[4], row[5]) for row in rows(psirt, "How it comes in")]
    assert ways == [
        ("EG-200 app 2.3.1", "mbedtls 2.28.8", "open", "5,001", "0"),
        ("RB-50 radio 1.8.0", "mbedtls 3.6.0", "open", "3,298", "4"),
        ("RB-50 radio 1.7.9", "mbedtls 3.5.2", "open", "1,948", "4"),
        ("EG-200 app 2.3.0", "mbedtls 2.28.7", "open", "0", "0"),
    ]
    assert [hop.place for hop in told.hops] == [way[0] for way in ways]
    assert len(told.answer.affected.certain) == 10_251 and "10,251" in psirt.inner_text("main")
    assert "5,250 finished units, as customers hold them" in psirt.inner_text("main")
    _decide(psirt)
    assert "Taken out by decisions: 5,001." in psirt.inner_text("main")
    (closed,) = [row for row in rows(psirt, "How it comes in") if row[3].startswith("closed")]
    assert closed[0] == "EG-200 app 2.3.1" and "VEX-1" in closed[3]
    assert "Handshakes use static memory" in psirt.inner_text("main")


def _decide(page) -> None:
    """Not affected, for EG-200 2.3.1, by keyboard."""
    for label, words in (
        ("It is", "not affected"),
        ("Product, of a release or a hardware revision", "EG-200"),
        ("Release", "2.3.1"),
        ("Not affected because", "vulnerable code cannot"),
        ("In words, why not", "Handshakes use static memory"),
    ):
        page.get_by_label(label, exact=True).focus()
        page.keyboard.type(words)
    with page.expect_navigation():
        page.keyboard.press("Enter")
